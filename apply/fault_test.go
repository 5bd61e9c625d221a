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

// When the credential is revoked in the middle, one change says so, and the
// rest is not tried.
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
	)
	for range 6 {
		want = append(want, "skipped: not begun: PUT /api/systemusers/"+personID(2)+": 401: Unauthorized")
	}
	if d := cmp.Diff(want, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if len(w.sent) != 3 || result.Count(apply.Skipped) != 6 || !jumpcloud.IsStatus(result.Stopped, 401) {
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
