package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/openapitest"
	"rollcall/jumpcloud/sandbox"
)

// noon is the time of a test's clock.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// api talks to a sandbox. Each answer is held against the official OpenAPI.
type api struct {
	t      *testing.T
	s      *sandbox.Server
	h      http.Handler
	org    string // x-org-id; "" sends none
	header http.Header
}

// small is an organization of a manager, two reports and a group.
func small() sandbox.State {
	return sandbox.State{Organizations: []sandbox.Organization{{
		Name: "Bright Kelp",
		Users: []sandbox.User{
			{"username": "mira", "email": "mira@kelp.example", "employeeIdentifier": "1"},
			{"username": "jon", "email": "jon@kelp.example", "manager": "mira", "department": "Sales"},
			{"username": "ole", "email": "ole@kelp.example", "state": "STAGED", "alternateEmail": "ole@home.example"},
		},
		Groups: []sandbox.Group{
			{"name": "Data", "members": []string{"jon", "mira"}, "attributes": map[string]any{"ldapGroups": []any{map[string]any{"name": "data"}}}},
			{"name": "Rule", "membershipMethod": "DYNAMIC_AUTOMATED", "members": []string{"jon"}},
		},
	}}}
}

// start is an api to a state, in its first organization.
func start(t *testing.T, st sandbox.State, o sandbox.Options) *api {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	return use(t, sandbox.New(st, o))
}

// use is an api to a server.
func use(t *testing.T, s *sandbox.Server) *api {
	t.Helper()
	return &api{
		t: t, s: s, h: openapitest.Responses(t, s), org: s.Snapshot().Organizations[0].ID,
		header: http.Header{"X-Api-Key": {s.Key()}, "Content-Type": {"application/json"}},
	}
}

// call sends a request. The path is under /api, the body a string or a
// value to encode; nil is none.
func (a *api) call(method, path string, body any) *httptest.ResponseRecorder {
	a.t.Helper()
	var r io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(body)
	default:
		raw, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		r = strings.NewReader(string(raw))
	}
	q := httptest.NewRequest(method, "/api"+strings.ReplaceAll(path, " ", "%20"), r)
	q.Header = a.header.Clone()
	if a.org != "" {
		q.Header.Set("x-org-id", a.org)
	}
	w := httptest.NewRecorder()
	a.h.ServeHTTP(w, q)
	return w
}

// get sends a request that must answer a status below 300, and decodes it.
func (a *api) get(method, path string, body any) any {
	a.t.Helper()
	w := a.call(method, path, body)
	if w.Code >= 300 {
		a.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if w.Body.Len() == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	return v
}

// state is the organization as it is now.
func (a *api) state() *sandbox.Organization {
	st := a.s.Snapshot()
	if a.org == "" {
		return &st.Organizations[0]
	}
	return st.Organization(a.org)
}

// user is the path of a user.
func (a *api) user(name string) string {
	a.t.Helper()
	u := a.state().User(name)
	if u == nil {
		a.t.Fatalf("there is no user %q", name)
	}
	return "/systemusers/" + u["_id"].(string)
}

// id is the id of a user.
func (a *api) id(name string) string {
	a.t.Helper()
	return strings.TrimPrefix(a.user(name), "/systemusers/")
}

// group is the path of a group.
func (a *api) group(name string) string {
	a.t.Helper()
	g := a.state().Group(name)
	if g == nil {
		a.t.Fatalf("there is no group %q", name)
	}
	return "/v2/usergroups/" + g["id"].(string)
}

// message is the status and message of an answer: "400 Bad".
func message(w *httptest.ResponseRecorder) string {
	var e struct{ Message string }
	json.Unmarshal(w.Body.Bytes(), &e) // what has no message has none
	return strings.TrimSpace(http.StatusText(w.Code) + " " + e.Message)
}

// names are a member of each record of a list.
func names(list any, member string) []string {
	if m, ok := list.(map[string]any); ok {
		list = m["results"]
	}
	got := []string{}
	for _, r := range list.([]any) {
		got = append(got, r.(map[string]any)[member].(string))
	}
	return got
}

// same fails when two values differ.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	s := sandbox.New(small(), sandbox.Options{})
	url, stop, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest("GET", url+"/api/organizations", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("x-api-key", s.Key())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	same(t, "status", http.StatusOK, answer.StatusCode)
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := stop(); err != nil {
		t.Errorf("stop again: %v", err)
	}
	if _, err := http.DefaultClient.Do(r); err == nil {
		t.Error("the server answers after stop")
	}
}

func TestStartOnATakenPort(t *testing.T) {
	t.Parallel()
	url, stop, err := sandbox.New(small(), sandbox.Options{}).Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if _, _, err := sandbox.New(small(), sandbox.Options{Addr: strings.TrimPrefix(url, "http://")}).Start(); err == nil {
		t.Error("two servers on one port")
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	a.call("GET", "/systemusers?limit=1", nil)
	a.call("PUT", "/systemusers/0", "{}")
	same(t, "requests", []sandbox.Request{
		{Method: "GET", Path: "/api/systemusers", Query: "limit=1", Org: a.org, Status: 200},
		{Method: "PUT", Path: "/api/systemusers/0", Org: a.org, Status: 404},
	}, a.s.Requests())
	a.s.ResetRequests()
	same(t, "after reset", 0, len(a.s.Requests()))
}

func TestSnapshotIsACopy(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	before := a.s.Snapshot()
	before.Organizations[0].User("mira")["jobTitle"] = "changed here"
	a.get("PUT", a.user("jon"), `{"jobTitle":"changed there"}`)
	same(t, "copy", "", before.Organizations[0].User("jon")["jobTitle"])
	same(t, "server", "", a.state().User("mira")["jobTitle"])
}

func TestNewPanicsOnNonsense(t *testing.T) {
	t.Parallel()
	defer func() {
		text, _ := recover().(string)
		if !strings.Contains(text, "name is empty") {
			t.Errorf("panic %q", text)
		}
	}()
	sandbox.New(sandbox.State{Organizations: []sandbox.Organization{{}}}, sandbox.Options{})
}

func TestBodies(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	same(t, "not JSON", "Bad Request The body must be a JSON object", message(a.call("PUT", a.user("mira"), "{")))
	same(t, "an array", "Bad Request The body must be a JSON object", message(a.call("POST", "/systemusers", "[]")))
	same(t, "too large", "Request Entity Too Large The body is larger than 4194304 bytes", message(a.call("PUT", a.user("mira"), strings.Repeat(" ", 5<<20))))
	a.header.Set("Content-Type", "text/plain")
	same(t, "a type", "Unsupported Media Type Content-Type must be application/json", message(a.call("PUT", a.user("mira"), "{}")))
}
