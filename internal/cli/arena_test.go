package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/jumpcloud/sandbox"
)

// latency is how long the server below takes for a write: long enough for
// others to be under way.
const latency = 2 * time.Millisecond

// bigChanges is how many changes bigStory makes, of all kinds.
const bigChanges = 300

// bigStory is an organization and a file about it.
func bigStory() (live sandbox.State, file string) {
	org := sandbox.Organization{ID: orgA, Name: "Bright Kelp"}
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\norg: {id: %s, name: Bright Kelp}\nusers:\n", orgA)
	add := func(name, state string) {
		org.Users = append(org.Users, sandbox.User{"username": name, "email": name + "@kelp.example", "state": state})
	}
	for i := range 60 {
		name := fmt.Sprintf("u%02d", i)
		add(name, "ACTIVATED")
		switch {
		case i < 40:
			fmt.Fprintf(&b, "  %s: {jobTitle: Engineer, phoneNumbers: [{type: work, number: \"%d\"}]}\n", name, i)
		case i < 50:
			fmt.Fprintf(&b, "  %s: {state: suspended, jobTitle: Leaver}\n", name)
		}
	}
	for _, name := range []string{"s0", "s1"} {
		add(name, "STAGED")
		fmt.Fprintf(&b, "  %s: {ensure: absent, reports_to: null}\n", name)
	}
	for i := range 50 {
		fmt.Fprintf(&b, "  n%02d: {email: n%02d@kelp.example, state: activated, manager: u55, groups: [h0, h1]}\n", i, i)
	}
	members := names("u", 30)
	for i := range 6 {
		org.Groups = append(org.Groups, sandbox.Group{"name": fmt.Sprintf("g%d", i), "members": members[:10]})
	}
	text, _ := json.Marshal(members) // strings: no error
	fmt.Fprintf(&b, "groups:\n  h2: {members: %s}\n", text)
	b.WriteString("  g0: {description: a}\n  g1: {description: b}\n  g2: {description: c}\n  g5: {exact: true, members: []}\n  h0: {}\n  h1: {}\n  h3: {}\n  h4: {}\n")
	return sandbox.State{Organizations: []sandbox.Organization{org}, Keys: []sandbox.Key{{Key: "jca_test", Organizations: []string{"*"}}}}, b.String()
}

// names are n names that begin the same.
func names(begin string, n int) (list []any) {
	for i := range n {
		list = append(list, fmt.Sprintf("%s%02d", begin, i))
	}
	return list
}

// allowBig lets the plan of bigStory pass.
var allowBig = []string{"--allow", "suspend_users=10", "--allow", "delete_users=2", "--allow", "shrink_group=10", "--allow", "remove_members=10"}

// arena is a server in this process before a sandbox. It notes the writes
// that reach it, and may do something when one has come.
type arena struct {
	t      *testing.T
	server *sandbox.Server
	url    string

	hooks
	mu     sync.Mutex
	writes []string  // as nameOf names them, in the order in which they came
	open   int       // connections
	alone  sync.Cond // of mu: open is 0
}

// hooks are called for each write, from 1 on. They may be nil.
type hooks struct {
	arrived  func(n int) (ok bool) // unless ok the write has no effect
	answered func(n int)           // after the effect, before the answer
}

func newArena(t *testing.T, live sandbox.State, h hooks) *arena {
	t.Helper()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return arenaOf(t, sandbox.New(live, sandbox.Options{Now: func() time.Time { return noon }}), h)
}

// arenaOf is one of several ways to a sandbox.
func arenaOf(t *testing.T, s *sandbox.Server, h hooks) *arena {
	t.Helper()
	a := &arena{t: t, hooks: h, server: s}
	a.alone.L = &a.mu
	front := httptest.NewUnstartedServer(a)
	front.Config.ConnState = a.connection
	front.Start()
	t.Cleanup(front.Close)
	a.url = front.URL
	return a
}

// connection counts the connections that are open.
func (a *arena) connection(_ net.Conn, s http.ConnState) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch s {
	case http.StateNew:
		a.open++
	case http.StateClosed:
		a.open--
		a.alone.Broadcast()
	}
}

// wait waits until all connections of a process that was killed are closed:
// what it has sent is then served.
func (a *arena) wait() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.open > 0 {
		a.alone.Wait()
	}
}

func (a *arena) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		a.server.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // of a process that was killed
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	a.mu.Lock()
	a.writes = append(a.writes, writeOf(r, body))
	n := len(a.writes)
	a.mu.Unlock()
	time.Sleep(latency)
	if a.arrived != nil && !a.arrived(n) {
		return
	}
	a.server.ServeHTTP(w, r)
	if a.answered != nil {
		a.answered(n)
	}
}

// writeOf is a write as nameOf names the entry of a journal.
func writeOf(r *http.Request, body []byte) string {
	var b struct{ Username, Name, Op, ID string }
	_ = json.Unmarshal(body, &b) // a DELETE has none
	parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/api"), "/v2"), "/")
	switch {
	case r.Method == http.MethodDelete:
		return "delete " + parts[2]
	case r.Method == http.MethodPut:
		return "write " + parts[2]
	case len(parts) == 2:
		return "create " + b.Username + b.Name
	case b.Op != "":
		return b.Op + " " + parts[2] + " " + b.ID
	}
	return parts[len(parts)-1] + " " + parts[2]
}

// nameOf is what a line of a journal is about.
func nameOf(e *journalEntry) string {
	switch e.Action {
	case "create":
		return "create " + e.Object.Name
	case "add", "remove":
		return e.Action + " " + e.Object.ID + " " + e.To.ID
	case "update", "suspend", "reactivate":
		return "write " + e.Object.ID
	}
	return e.Action + " " + e.Object.ID
}

// came are the writes that have come so far.
func (a *arena) came() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.writes)
}

// effects is how many writes the sandbox took.
func (a *arena) effects() (n int) {
	for _, r := range a.server.Requests() {
		if r.Method != http.MethodGet && !strings.HasPrefix(r.Path, "/api/search/") && r.Status >= 200 && r.Status < 300 {
			n++
		}
	}
	return n
}

// state is all that is live, without the numbers that follow the order of
// requests.
func (a *arena) state() sandbox.State {
	st := a.server.Snapshot()
	for _, u := range st.Organizations[0].Users {
		delete(u, "unix_uid")
		delete(u, "unix_guid")
	}
	slices.SortFunc(st.Mails, func(x, y sandbox.Mail) int { return strings.Compare(x.User, y.User) })
	return st
}

// is holds that a state is live.
func (a *arena) is(t *testing.T, want sandbox.State) {
	t.Helper()
	got := a.state()
	x, _ := json.Marshal(want) // as below, a state is always JSON
	y, _ := json.Marshal(got)
	if !bytes.Equal(x, y) {
		t.Errorf("live (-want +got):\n%s", cmp.Diff(want, got))
	}
}

// fast is no pace at all.
var fast = []string{"--rate", "1000000"}

// rollcall runs in this process.
func (a *arena) rollcall(args ...string) outcome {
	return runMain(map[string]string{"JUMPCLOUD_API_KEY": "jca_test", "JUMPCLOUD_API_URL": a.url}, append(args, fast...)...)
}

// process starts rollcall in one of its own.
func (a *arena) process(args ...string) *process {
	return start(a.t, []string{"JUMPCLOUD_API_KEY=jca_test", "JUMPCLOUD_API_URL=" + a.url}, append(args, fast...)...)
}

// bigPlan saves the plan of bigStory, and is what is live once it is made.
func bigPlan(t *testing.T) (file, saved string, made sandbox.State) {
	t.Helper()
	live, text := bigStory()
	a := newArena(t, live, hooks{})
	file, saved = writeText(t, "rollcall.yaml", text), filepath.Join(t.TempDir(), "plan.json")
	if got := a.rollcall(append([]string{"plan", file, "--out", saved}, allowBig...)...); got.code != exitOK {
		t.Fatalf("plan: %+v", got)
	}
	got := a.rollcall("apply", "--plan", saved, "--format", "json")
	if n := strings.Count(got.out, `{"status":"done"`); got.code != exitOK || n != bigChanges || a.effects() != bigChanges {
		t.Fatalf("apply: exit code %d, %d changes, %d writes\n%s", got.code, n, a.effects(), got.errOut)
	}
	return file, saved, a.state()
}
