package apply_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/apply"
	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
)

// bodyOf is the body of a request, which stays readable.
func bodyOf(r *http.Request) string {
	b, _ := io.ReadAll(r.Body) // of a test's own making
	r.Body = io.NopCloser(bytes.NewReader(b))
	return string(b)
}

// on answers the requests of one method whose path or body holds a text.
func on(method, text string, f sandbox.Fault) func(*http.Request) *sandbox.Fault {
	return func(r *http.Request) *sandbox.Fault {
		if r.Method == method && strings.Contains(r.URL.Path+bodyOf(r), text) {
			return &f
		}
		return nil
	}
}

// A create that JumpCloud may have made is not sent again, and blocks only
// what needs it.
func TestCreateWithUnknownOutcome(t *testing.T) {
	t.Parallel()
	const unknown = "; whether JumpCloud has made it is not known: run again, which looks first"
	tests := []struct {
		name  string
		fault sandbox.Fault
		made  bool
		want  string
	}{
		{"500", sandbox.Fault{Status: 500, Body: `{"message":"oops"}`}, false, "failed: POST /api/systemusers: 500: oops" + unknown},
		{"504 after it was made", sandbox.Fault{Status: 504, Body: `{"message":"late"}`, After: true}, true, "failed: POST /api/systemusers: 504: late" + unknown},
		{"connection lost", sandbox.Fault{Drop: true}, false, "failed: POST /api/systemusers: unexpected EOF" + unknown},
		{"connection lost after it was made", sandbox.Fault{Drop: true, After: true}, true, "failed: POST /api/systemusers: unexpected EOF" + unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kelp(), sandbox.Options{Before: on(http.MethodPost, `"username":"eve"`, test.fault)})
			result := w.run(t, newUser("eve"), newUser("joe"), after(newUser("kim", manager("eve", "")), 0),
				after(plan.Change{Action: plan.Add, Object: group("Data", dataID), To: user("kim", "")}, 2),
				after(plan.Change{Action: plan.Add, Object: group("Data", dataID), To: user("joe", "")}, 1))
			if d := cmp.Diff([]string{test.want, "done", "blocked by 0", "blocked by 2", "done"}, told(result)); d != "" {
				t.Errorf("outcomes (-want +got):\n%s", d)
			}
			if len(w.sent) != 3 {
				t.Errorf("sent %q, want one request a change that was begun", w.sent)
			}
			if made := w.user("eve") != nil; made != test.made {
				t.Errorf("eve was created: %v", made)
			}
			if result.Written != 2 {
				t.Errorf("written %d, want 2", result.Written)
			}
		})
	}
}

// An answer without an id leaves what needs it without one.
func TestCreateAnsweredWithoutID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{})
	c, err := jumpcloud.New(jumpcloud.Options{URL: "http://127.0.0.1", APIKey: "k", Transport: transport{http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		io.WriteString(rw, `{"username":"eve"}`)
	})}})
	if err != nil {
		t.Fatal(err)
	}
	w.client = c
	result := w.run(t, newUser("eve"), after(plan.Change{Action: plan.Add, Object: group("Data", dataID), To: user("eve", "")}, 0))
	if d := cmp.Diff([]string{"failed: JumpCloud answered without an id; run again, which finds what was created", "blocked by 0"}, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
}

func TestServerThatRepeatsAPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		return &sandbox.Fault{Status: 400, Body: `{"message":` + `"bad: ` + strings.ReplaceAll(bodyOf(r), `"`, `'`) + `"}`}
	}})
	result := w.run(t, newUser("eve", password("EVE")), to(plan.Update, user("Ann", annID), password("ANN")))
	for _, line := range told(result) {
		if !strings.HasPrefix(line, "failed: ") || strings.Contains(line, "horse") {
			t.Errorf("outcome %q: want a failure without the password", line)
		}
	}
}

// A look that fails writes nothing.
func TestLookThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{Before: on(http.MethodGet, "", sandbox.Fault{Status: 403, Body: `{"message":"no scope"}`})})
	result := w.run(t, suspend(user("ann", annID)), to(plan.Delete, user("sue", sueID)), to(plan.Delete, group("Data", dataID)),
		to(plan.Update, group("Rule", ruleID), set(schema.GroupDescription, "", "x")))
	want := []string{
		"failed: read it once more: GET /api/systemusers/" + annID + ": 403: no scope",
		"failed: read it once more: GET /api/systemusers/" + sueID + ": 403: no scope",
		"failed: read it once more: GET /api/v2/usergroups/" + dataID + ": 403: no scope",
		"failed: read it once more: GET /api/v2/usergroups/" + ruleID + ": 403: no scope",
	}
	if d := cmp.Diff(want, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if result.Written != 0 || len(w.sent) != 4 {
		t.Errorf("written %d, sent %q", result.Written, w.sent)
	}
}

// When the credential is revoked in the middle, one change says so and one
// more shows that nothing is sent any more; the rest is not tried.
func TestRunStopsWhenTheCredentialIsRevoked(t *testing.T) {
	t.Parallel()
	var served atomic.Int32
	w := newWorld(t, crowd(9), sandbox.Options{Before: func(*http.Request) *sandbox.Fault {
		if served.Add(1) > 2 {
			return &sandbox.Fault{Status: 401, Body: `{"message":"Unauthorized"}`}
		}
		return nil
	}})
	var changes []plan.Change
	for i := range 9 {
		changes = append(changes, to(plan.Update, person(i), set(schema.JobTitle, "", "x")))
	}
	result := w.run(t, changes...)
	want := append(done(2),
		"failed: PUT /api/systemusers/"+personID(2)+": 401: Unauthorized",
		"failed: PUT /api/systemusers/"+personID(3)+": 401: not sent, because the credential was refused before: Unauthorized",
		"skipped", "skipped", "skipped", "skipped", "skipped")
	if d := cmp.Diff(want, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if len(w.sent) != 3 || result.Count(apply.Skipped) != 5 {
		t.Errorf("sent %q", w.sent)
	}
}

// A second run of the same plan changes nothing but what may be made twice.
func TestRunTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{})
	changes := []plan.Change{
		suspend(user("ann", annID)),
		to(plan.Update, user("max", maxID), set(schema.JobTitle, "", "x")),
		to(plan.Update, group("Data", dataID), set(schema.GroupName, "Data", "Data Team")),
		{Action: plan.Add, Object: group("Data", dataID), To: user("max", maxID)},
		{Action: plan.Remove, Object: group("Data", dataID), To: user("Ann", annID)},
		to(plan.Delete, user("sue", sueID)), to(plan.Delete, group("Rule", ruleID)),
		{Action: plan.Activate, Object: user("bob", bobID)},
	}
	if d := cmp.Diff(done(8), told(w.run(t, changes...))); d != "" {
		t.Errorf("first outcomes (-want +got):\n%s", d)
	}
	before := w.Snapshot()
	if d := cmp.Diff(done(8), told(w.run(t, changes...))); d != "" {
		t.Errorf("second outcomes (-want +got):\n%s", d)
	}
	if d := cmp.Diff(before, w.Snapshot()); d != "" {
		t.Errorf("the second run changed something (-before +after):\n%s", d)
	}
}
