package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/jumpcloud/sandbox"
)

const fleetSize = 120

// client is the name of one of many organizations: two have the same, and one
// needs care wherever it is printed.
func client(i int) string {
	switch i {
	case 40, 41:
		return "Twin & Son"
	case 42:
		return "A | `b` <i>@c \u202e"
	}
	return fmt.Sprintf("Client %03d", i)
}

// fleet is many organizations, and a folder with a file for each.
type fleet struct {
	sandbox *sandbox.Server
	url     string
	dir     string
	env     map[string]string
}

// fleetOf makes one. Every tenth organization has something to change; seven
// fail, in five ways, three of them by one key; one has a user whom its file
// does not name, and one does not take what is written.
func fleetOf(t *testing.T) *fleet {
	t.Helper()
	live := sandbox.State{Keys: []sandbox.Key{{Key: "the-key-of-all", Organizations: []string{"*"}}}}
	dir := t.TempDir()
	for i := 1; i <= fleetSize; i++ {
		org := sandbox.Organization{ID: fmt.Sprintf("%024x", i), Name: client(i), Users: []sandbox.User{
			{"username": "ada", "email": "ada@kelp.example", "state": "ACTIVATED", "jobTitle": "CEO"},
			{"username": "bo", "email": "bo@kelp.example", "state": "ACTIVATED"},
		}}
		name, key, title := client(i), "", "CEO"
		if i%10 == 0 {
			title = "Founder"
		}
		switch i {
		case 17:
			key = ", api_key: {env: KEY_017}" // is not set
		case 34, 35, 36:
			key = ", api_key: {env: KEY_034}" // is refused
		case 51:
			name = "Client 051 Ltd" // has another name in JumpCloud
		case 77:
			org.Users = append(org.Users, sandbox.User{"username": "cy", "email": "cy@kelp.example"})
		}
		live.Organizations = append(live.Organizations, org)
		text := fmt.Sprintf("version: 1\norg: {id: %024x, name: %q%s}\nusers:\n  ada: {jobTitle: %s}\n  bo: {}\n", i, name, key, title)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.yaml", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := sandbox.New(live, sandbox.Options{Now: func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }, Faults: &sandbox.Faults{Rules: []sandbox.Rule{
		{Org: client(68), Path: "/api/systemusers", Fault: sandbox.Fault{Total: 7}},    // says that there are more
		{Org: client(85), Path: "/api/systemusers", Fault: sandbox.Fault{Status: 500}}, // has a bad day
		{Org: client(100), Method: "PUT", Fault: sandbox.Fault{Status: 400}},
	}}})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &fleet{s, server.URL, dir, map[string]string{"JUMPCLOUD_API_KEY": "the-key-of-all", "KEY_034": "a-key-of-nobody"}}
}

// rollcall runs a command on the whole fleet.
func (f *fleet) rollcall(args ...string) outcome {
	var out, errOut strings.Builder
	args = append(args, f.dir, "--api-url", f.url, "--rate", "1000000")
	sleepless := func(context.Context, time.Duration) error { return nil }
	code := MainSleeping(args, strings.NewReader(""), &out, &errOut, func(name string) string { return f.env[name] }, sleepless)
	clean := strings.NewReplacer(f.url, "URL", f.dir, "FOLDER", time.Now().UTC().Format(time.DateOnly), "TODAY")
	return outcome{code, clean.Replace(out.String()), clean.Replace(errOut.String())}
}

// requests counts those of an organization, of all for "".
func (f *fleet) requests(org string, is func(sandbox.Request) bool) (n int) {
	for _, r := range f.sandbox.Requests() {
		if (org == "" || r.Org == org) && is(r) {
			n++
		}
	}
	return n
}

func isWrite(r sandbox.Request) bool {
	return r.Method != "GET" && !strings.HasPrefix(r.Path, "/api/search/") && r.Status < 300
}

// golden compares an outcome with the file that it was the last time.
func (f *fleet) golden(t *testing.T, name string, got outcome) {
	t.Helper()
	text := fmt.Sprintf("exit code %d\n== standard output\n%s== standard error\n%s", got.code, got.out, got.errOut)
	file := filepath.Join("testdata", "fleet", name)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), text); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// TestFleet plans, applies and plans again: whatever fails of a few stops none
// of the others, is told once, and is told the same however many are read at
// once.
func TestFleet(t *testing.T) {
	t.Parallel()
	f := fleetOf(t)
	one := f.rollcall("plan", "--orgs-parallel", "1")
	f.golden(t, "plan.txt", one)
	read := func(sandbox.Request) bool { return true }
	if n := f.requests(fmt.Sprintf("%024x", 1), read); n != 2 {
		t.Errorf("%d requests to read an organization, want 2: users and groups", n)
	}
	if n := f.requests("", func(r sandbox.Request) bool { return r.Path == "/api/organizations" }); n != 3 {
		t.Errorf("%d requests to list organizations, want 3: two pages, and one that is refused", n)
	}
	for _, i := range []int{17, 34, 35, 36, 51} {
		if n := f.requests(fmt.Sprintf("%024x", i), read); n != 0 {
			t.Errorf("%d requests to %s, which cannot be read", n, client(i))
		}
	}
	if d := cmp.Diff(one, f.rollcall("plan", "--orgs-parallel", "16"), cmp.AllowUnexported(outcome{})); d != "" {
		t.Errorf("one at a time and sixteen at once differ:\n%s", d)
	}
	f.golden(t, "plan.md", f.rollcall("plan", "--format", "markdown", "--quiet"))
	f.golden(t, "drift.txt", f.rollcall("drift"))
	if n := f.requests("", isWrite); n > 0 {
		t.Fatalf("planning wrote %d times", n)
	}
	f.golden(t, "apply.txt", f.rollcall("apply", "--yes"))
	if n := f.requests("", isWrite); n != 11 {
		t.Errorf("apply wrote %d times, want 11", n)
	}
	if again := f.rollcall("apply", "--yes"); f.requests("", isWrite) != 11 || again.code != exitError {
		t.Errorf("apply again: exit code %d, and %d writes in all", again.code, f.requests("", isWrite))
	}
}

// TestFleetAsData proves what a program reads of many organizations.
func TestFleetAsData(t *testing.T) {
	t.Parallel()
	f := fleetOf(t)
	type org struct{ Name, Kind, Hint string }
	var p struct {
		Fleet struct{ Organizations, To_change, Unchanged, Refused, Failed, Changes int }
		Orgs  []struct {
			Name, Error string
			Kind        string `json:"error_kind"`
			Hint        string `json:"error_hint"`
		}
	}
	if err := json.Unmarshal([]byte(f.rollcall("plan", "--format", "json").out), &p); err != nil {
		t.Fatal(err)
	}
	if s := p.Fleet; s.Organizations != 120 || s.To_change != 12 || s.Unchanged != 101 || s.Refused != 1 || s.Failed != 6 || s.Changes != 12 {
		t.Errorf("fleet: %+v", s)
	}
	var failed []org
	for _, o := range p.Orgs {
		if (o.Error == "") != (o.Kind == "") {
			t.Errorf("%s: error %q of kind %q", o.Name, o.Error, o.Kind)
		}
		if o.Error != "" {
			failed = append(failed, org{o.Name, o.Kind, o.Hint})
		}
	}
	key := "check env:KEY_034, and org.region: a key works in one region only (us, eu or in)"
	if d := cmp.Diff([]org{
		{"Client 017", "credential", "export KEY_017=..."}, {"Client 034", "unauthorized", key}, {"Client 035", "unauthorized", key}, {"Client 036", "unauthorized", key},
		{"Client 051 Ltd", "organization", "correct org.id or org.name"}, {"Client 085", "server", "JumpCloud has a failure: run again later; the other organizations go on"},
	}, failed); d != "" {
		t.Errorf("organizations without a plan (-want +got):\n%s", d)
	}
}

// TestNamesakes proves that a name which several organizations have chooses
// none of them, and an id does.
func TestNamesakes(t *testing.T) {
	t.Parallel()
	f := fleetOf(t)
	id := fmt.Sprintf("%024x", 40)
	for _, args := range [][]string{
		{"plan", "--org", client(40)}, {"plan", "--allow", client(40) + ":suspend_users=9"}, {"validate", "--org", client(40)},
	} {
		if got := f.rollcall(args...); got.code != exitUsage || !strings.Contains(got.errOut, "2 organizations are named") || !strings.Contains(got.errOut, id+" or ") {
			t.Errorf("%q: exit code %d, %s", args, got.code, got.errOut)
		}
	}
	for _, args := range [][]string{{"plan", "--org", id}, {"plan", "--org", id, "--allow", id + ":suspend_users=9"}} {
		if got := f.rollcall(args...); got.code != exitOK || !strings.Contains(got.out, "Organization "+client(40)+" ("+id+")") {
			t.Errorf("%q: exit code %d, %s%s", args, got.code, got.out, got.errOut)
		}
	}
}

// TestShards proves that shards are all organizations, each once, and that one
// knows nothing of what is wrong in another.
func TestShards(t *testing.T) {
	t.Parallel()
	f := fleetOf(t)
	dir, env, server := f.dir, f.env, struct{ URL string }{f.url}
	delete(env, "KEY_034")
	var names []string
	for i := 1; i <= 7; i++ {
		var p struct {
			Fleet struct{ Shard string }
			Orgs  []struct{ Name, Error string }
		}
		got := runMain(env, "plan", dir, "--org", client(1), "--org", client(2), "--org", client(17), "--org", client(30), "--org", client(60), "--shard", fmt.Sprintf("%d/3", (i-1)%3+1),
			"--api-url", server.URL, "--rate", "1000000", "--format", "json")
		if err := json.Unmarshal([]byte(got.out), &p); err != nil {
			t.Fatalf("%v: %s", err, got.errOut)
		}
		if want := fmt.Sprintf("%d/3", (i-1)%3+1); p.Fleet.Shard != want {
			t.Errorf("shard %q, want %q", p.Fleet.Shard, want)
		}
		wrong := i%3 == 0 // the third of the five has no key
		if wrong != (got.code == exitError) {
			t.Errorf("shard %d exits %d: %s", i, got.code, got.errOut)
		}
		for _, o := range p.Orgs {
			if i <= 3 {
				names = append(names, o.Name)
			}
		}
	}
	slices.Sort(names)
	if d := cmp.Diff([]string{client(1), client(2), client(17), client(30), client(60)}, names); d != "" {
		t.Errorf("organizations of all shards (-want +got):\n%s", d)
	}
	for command, want := range map[string]outcome{
		"plan":     {exitOK, "No organization, shard 2/2.\n", ""},
		"drift":    {exitOK, "No organization, shard 2/2.\n", ""},
		"validate": {exitOK, "", "rollcall: shard 2/2 is empty: 1 organization for all shards\n"},
		"access":   {exitOK, "", "rollcall: shard 2/2 is empty: 1 organization for all shards\n"},
	} {
		got := runMain(env, command, dir, "--org", client(1), "--shard", "2/2", "--api-url", server.URL)
		if d := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); d != "" {
			t.Errorf("%s of an empty shard (-want +got):\n%s", command, d)
		}
	}
	for _, wrong := range []string{"0/2", "3/2", "a/b", "1", "1/0", "-1/2"} {
		if got := runMain(env, "plan", dir, "--shard="+wrong); got.code != exitUsage || !strings.Contains(got.errOut, "--shard is I/N") {
			t.Errorf("--shard %s exits %d: %s", wrong, got.code, got.errOut)
		}
	}
}

// TestShardIsSaved proves that the saved plan of a shard says which shard it
// is of, and is applied as it is.
func TestShardIsSaved(t *testing.T) {
	t.Parallel()
	f := fleetOf(t)
	saved := filepath.Join(t.TempDir(), "plan.json")
	if got := f.rollcall("plan", "--shard", "10/40", "--out", saved, "--quiet"); got.code != exitOK || !strings.Contains(got.out, "Summary of 3 organizations, shard 10/40\n") {
		t.Fatalf("exit code %d: %s%s", got.code, got.out, got.errOut)
	}
	apply := func(args ...string) outcome {
		return runMain(f.env, append([]string{"apply", "--plan", saved, "--api-url", f.url, "--rate", "1000000"}, args...)...)
	}
	if got := apply("--shard", "10/40"); got.code != exitUsage || !strings.Contains(got.errOut, "leave out --shard") {
		t.Errorf("apply --plan --shard exits %d: %s", got.code, got.errOut)
	}
	if got := apply(); got.code != exitOK || !strings.Contains(got.out, "Applied to 3 organizations, shard 10/40\n") {
		t.Errorf("exit code %d: %s%s", got.code, got.out, got.errOut)
	}
	for i, want := range map[int]int{10: 1, 50: 1, 90: 1, 20: 0, 120: 0} {
		if n := f.requests(fmt.Sprintf("%024x", i), isWrite); n != want {
			t.Errorf("%d writes to %s, want %d", n, client(i), want)
		}
	}
}
