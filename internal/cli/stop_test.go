package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

// gated is a server before a sandbox that answers writes itself once it is
// let go on.
func gated(t *testing.T, status int) gate {
	s := startSandbox(t, keyedState)
	g := gate{held: make(chan struct{}), proceed: make(chan struct{})}
	var once sync.Once
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/api/systemusers" {
			once.Do(func() { close(g.held) })
			<-g.proceed
			http.Error(w, `{"message":"no"}`, status)
			return
		}
		s.server.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	g.url = front.URL
	return g
}

// An interrupt before anything was written is exit code 3.
func TestInterruptThatWroteNothing(t *testing.T) {
	t.Parallel()
	g := gated(t, http.StatusForbidden)
	file := writeText(t, "rollcall.yaml", twoPeople)
	p := start(t, []string{"JUMPCLOUD_API_KEY=jca_test", "JUMPCLOUD_API_URL=" + g.url}, "apply", file, "--yes", "--format", "json")
	<-g.held
	p.interrupt()
	p.until(p.stderr, "stopping after what is in flight")
	close(g.proceed)
	p.until(p.stdout, `^\{"status":"failed",.*"error":"POST /api/systemusers: 403: no"\}$`)
	p.until(p.stdout, `^\{"status":"blocked",.*"error":"needs create user ann"\}$`)
	p.until(p.stderr, "rollcall: interrupted; nothing was written")
	if code := p.end(); code != exitRefused {
		t.Errorf("exit code %d, want 3", code)
	}
}

// Killed in the middle, the journal tells what was in flight, and the next
// run says so and finishes.
func TestJournalAfterAKill(t *testing.T) {
	t.Parallel()
	g := holdWrites(t, keyedState)
	file, journal := writeText(t, "rollcall.yaml", twoPeople), filepath.Join(t.TempDir(), "audit.jsonl")
	p := start(t, []string{"JUMPCLOUD_API_KEY=jca_test", "JUMPCLOUD_API_URL=" + g.url}, "apply", file, "--yes", "--journal", journal)
	<-g.held
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.end()
	read := func() *journalLog {
		f, err := os.Open(journal)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return mustRead(t, f)
	}
	open := read().inFlight()
	if len(open) != 1 || open[0].text() != "create user ann in Bright Kelp" {
		t.Errorf("in flight: %+v", open)
	}
	close(g.proceed)
	env := map[string]string{"JUMPCLOUD_API_KEY": "jca_test", "JUMPCLOUD_API_URL": g.url}
	got := runMain(env, "apply", file, "--yes", "--journal", journal)
	if got.code != exitOK || !strings.Contains(got.errOut, "did not end: whether it made this is not known: create user ann in Bright Kelp") {
		t.Errorf("the next run: %+v", got)
	}
	log := read()
	if last := log.Entries[len(log.Entries)-1]; last.Event != eventTotal || last.Totals.Done == 0 || log.Cut != 0 {
		t.Errorf("the last line is %+v, %d cut", last, log.Cut)
	}
}

// twoOrgs are two organizations of one key, five people each.
const (
	orgA, orgB = "5f3c0a1b9d2e4c0001a7b9e1", "5f3c0a1b9d2e4c0001a7b9e2"
	twoOrgs    = `{"organizations":[{"id":"` + orgA + `","name":"Bright Kelp","users":[` + fivePeople + `]},{"id":"` + orgB + `","name":"Dark Kelp","users":[` + fivePeople + `]}],"keys":[{"key":"jca_test","organizations":["*"]}],
		"faults":{"rules":[{"method":"PUT","from":4,"status":401}]}}`
	fivePeople = `{"username":"a","email":"a@x.example"},{"username":"b","email":"b@x.example"},{"username":"c","email":"c@x.example"},{"username":"d","email":"d@x.example"},{"username":"e","email":"e@x.example"}`
	fiveTitles = "users: {a: {jobTitle: x}, b: {jobTitle: x}, c: {jobTitle: x}, d: {jobTitle: x}, e: {jobTitle: x}}\n"
)

// A key that is revoked in the middle stops all organizations that it is
// used for: what was done and what was not is told of each.
func TestRevokedKeyStopsAllOrganizations(t *testing.T) {
	t.Parallel()
	server := startSandbox(t, twoOrgs)
	file := writeText(t, "rollcall.yaml", "version: 1\norg: {id: "+orgA+"}\n"+fiveTitles+"---\nversion: 1\norg: {id: "+orgB+"}\n"+fiveTitles)
	env := map[string]string{"JUMPCLOUD_API_KEY": "jca_test", "JUMPCLOUD_API_URL": server.url}
	got := runMain(env, "apply", file, "--yes", "--format", "json", "--parallel", "1")
	if got.code != exitPartial {
		t.Errorf("exit code %d, want 4", got.code)
	}
	statuses := map[string]int{}
	for line := range strings.Lines(got.out) {
		var e struct{ Status, Error string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		statuses[e.Status]++
		if (e.Error == "") != (e.Status == "done") || e.Status == "skipped" && !strings.Contains(e.Error, "not begun: ") && !strings.Contains(e.Error, "not sent, ") {
			t.Errorf("%s: %q", e.Status, e.Error)
		}
	}
	if statuses["done"] != 3 || statuses["failed"] != 1 || statuses["skipped"] != 6 || len(statuses) != 3 {
		t.Errorf("statuses %v, want 3 done, 1 failed, 6 skipped", statuses)
	}
	for _, text := range []string{"Bright Kelp, Dark Kelp: stopped: PUT", "what was written is not verified"} {
		if !strings.Contains(got.errOut, text) {
			t.Errorf("standard error does not say %q:\n%s", text, got.errOut)
		}
	}
	written := slices.DeleteFunc(server.server.Requests(), func(r sandbox.Request) bool { return r.Method != http.MethodPut })
	if len(written) != 4 {
		t.Errorf("%d PUTs, want 4", len(written))
	}
}
