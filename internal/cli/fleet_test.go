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

// client is the name of one of many organizations.
func client(i int) string { return fmt.Sprintf("Client %03d", i) }

// fleetOf is many organizations, and a folder with a file for each. Every
// tenth one has something to change; five fail, each in its own way.
func fleetOf(t *testing.T) (server *httptest.Server, dir string, env map[string]string, written func() int) {
	t.Helper()
	live := sandbox.State{Keys: []sandbox.Key{{Key: "the-key-of-all", Organizations: []string{"*"}}}}
	dir = t.TempDir()
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
		case 34:
			key = ", api_key: {env: KEY_034}" // is refused
		case 51:
			name = "Client 051 Ltd" // has another name in JumpCloud
		}
		live.Organizations = append(live.Organizations, org)
		text := fmt.Sprintf("version: 1\norg: {id: %024x, name: %s%s}\nusers:\n  ada: {jobTitle: %s}\n  bo: {}\n", i, name, key, title)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.yaml", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := sandbox.New(live, sandbox.Options{Now: func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }, Faults: &sandbox.Faults{Rules: []sandbox.Rule{
		{Org: client(68), Path: "/api/systemusers", Fault: sandbox.Fault{Total: 7}},    // says that there are more
		{Org: client(85), Path: "/api/systemusers", Fault: sandbox.Fault{Status: 500}}, // has a bad day
	}}})
	server = httptest.NewServer(s)
	t.Cleanup(server.Close)
	env = map[string]string{"JUMPCLOUD_API_KEY": "the-key-of-all", "KEY_034": "a-key-of-nobody"}
	return server, dir, env, func() (n int) {
		for _, r := range s.Requests() {
			if r.Method != "GET" && !strings.HasPrefix(r.Path, "/api/search/") && r.Status < 300 {
				n++
			}
		}
		return n
	}
}

func TestFleet(t *testing.T) {
	t.Parallel()
	server, dir, env, written := fleetOf(t)
	sleepless := func(context.Context, time.Duration) error { return nil }
	rollcall := func(args ...string) outcome {
		var out, errOut strings.Builder
		args = append(args, "--api-url", server.URL, "--rate", "1000000")
		code := MainSleeping(args, strings.NewReader(""), &out, &errOut, func(name string) string { return env[name] }, sleepless)
		clean := strings.NewReplacer(server.URL, "URL", dir, "FOLDER")
		return outcome{code, clean.Replace(out.String()), clean.Replace(errOut.String())}
	}

	one, many := rollcall("plan", dir, "--orgs-parallel", "1"), rollcall("plan", dir, "--orgs-parallel", "16")
	if d := cmp.Diff([]string{one.out, one.errOut}, []string{many.out, many.errOut}); d != "" {
		t.Errorf("one at a time and sixteen at once differ:\n%s", d)
	}
	if one.code != exitError {
		t.Errorf("plan exits %d", one.code)
	}
	for _, want := range []string{
		"No change in 103 organizations; 206 users, 0 groups, 0 memberships read\n  Client 001, ", ", Client 119\n",
		"Summary of 120 organizations\n", "\n  Client 010          2             1                to change\n",
		"\n  Client 017                                         NO PLAN\n", "\n  Client 068          2                              REFUSED\n", "\n  103 unchanged\n",
		"120 organizations: 12 to change, 103 unchanged, 1 refused, 4 without a plan.\n", "12 changes: people 12 updated.\n",
	} {
		if !strings.Contains(one.out, want) {
			t.Errorf("the plan has no %q:\n%s", want, one.out)
		}
	}
	for _, want := range []string{"KEY_017", "Client 034", "Client 051 Ltd", "500"} {
		if n := strings.Count(one.out+one.errOut, want); n == 0 {
			t.Errorf("nothing is said of %q:\n%s", want, one.errOut)
		}
	}
	if lines := strings.Count(one.out, "\n"); lines > 150 {
		t.Errorf("the plan of 120 organizations has %d lines", lines)
	}

	if md := rollcall("plan", dir, "--format", "markdown"); len(md.out) > 60000 || !strings.Contains(md.out, "120 organizations: 12 to change") {
		t.Errorf("%d characters of Markdown: %.200s", len(md.out), md.out)
	}
	var p struct {
		Fleet struct{ Organizations, Unchanged, Refused, Failed, Changes int }
	}
	if err := json.Unmarshal([]byte(rollcall("plan", dir, "--format", "json").out), &p); err != nil {
		t.Fatal(err)
	}
	if f := p.Fleet; f.Organizations != 120 || f.Unchanged != 103 || f.Refused != 1 || f.Failed != 4 || f.Changes != 12 {
		t.Errorf("fleet in JSON: %+v", f)
	}

	if n := written(); n > 0 {
		t.Fatalf("planning wrote %d times", n)
	}
	done := rollcall("apply", dir, "--yes")
	if n := written(); n != 12 || done.code != exitPartial {
		t.Errorf("apply wrote %d times and exits %d", n, done.code)
	}
	if want := "120 organizations: 12 done, 1 refused, 4 without a plan, 103 unchanged.\n"; !strings.HasSuffix(done.out, want) {
		t.Errorf("apply ends with %q", done.out[max(0, len(done.out)-300):])
	}
	if again := rollcall("apply", dir, "--yes"); written() != 12 || again.code != exitError {
		t.Errorf("apply again: %d writes, exit code %d", written(), again.code)
	}
}

// TestShards proves that shards are all organizations, each once, and that one
// knows nothing of what is wrong in another.
func TestShards(t *testing.T) {
	t.Parallel()
	server, dir, env, _ := fleetOf(t)
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
