package apply_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/apply"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// first answers the first requests of one method whose path or body holds a
// text, one fault each, nil for none; what comes after is served.
func first(method, text string, faults ...*sandbox.Fault) func(*http.Request) *sandbox.Fault {
	var mu sync.Mutex
	return func(r *http.Request) *sandbox.Fault {
		if on(method, text, sandbox.Fault{})(r) == nil {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if len(faults) == 0 {
			return nil
		}
		f := faults[0]
		faults = faults[1:]
		return f
	}
}

// always is a fault as often as anybody could ask.
func always(f sandbox.Fault) (faults []*sandbox.Fault) {
	for range 100 {
		faults = append(faults, &f)
	}
	return faults
}

// brief is what was sent, without queries and bodies: a look for eve is
// "GET users" and "POST search".
func (w *world) brief(t testing.TB) (lines []string) {
	t.Helper()
	short := strings.NewReplacer("/api/systemusers", "users", "/api/search/systemusers", "search", "/api/v2/usergroups", "groups", "/api/v2/users", "users")
	for _, line := range w.named(t) {
		method, rest, _ := strings.Cut(line, " ")
		path, _, _ := strings.Cut(rest, " ")
		path, _, _ = strings.Cut(path, "?")
		lines = append(lines, method+" "+short.Replace(path))
	}
	return lines
}

// clock is a clock that only sleeping moves.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	naps []time.Duration
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.naps = append(c.naps, d)
	return nil
}

func seconds(all ...int) (naps []time.Duration) {
	for _, n := range all {
		naps = append(naps, time.Duration(n)*time.Second)
	}
	return naps
}

// settling is one change with an outcome that the answer does not tell.
type settling struct {
	name    string
	o       sandbox.Options
	garbled string // the answer to the first POST
	change  plan.Change
	want    string
	sent    []string // in brief
	naps    []time.Duration
	written int
	twins   int // users or groups with the name afterwards
}

func (s *settling) run(t *testing.T) {
	t.Parallel()
	c := newClock()
	s.o.Now = c.Now
	w := newWorld(t, kelp(), s.o)
	w.garble = func(r *http.Request) (body string) {
		if r.Method == http.MethodPost {
			body, s.garbled = s.garbled, ""
		}
		return body
	}
	result := w.runWith(t, apply.Options{Parallel: 1, Secret: secret, Sleep: c.Sleep, Live: dated()}, s.change)
	if d := cmp.Diff([]string{s.want}, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if d := cmp.Diff(s.sent, w.brief(t)); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	if d := cmp.Diff(s.naps, c.naps); d != "" {
		t.Errorf("waits (-want +got):\n%s", d)
	}
	if result.Written != s.written {
		t.Errorf("written %d, want %d", result.Written, s.written)
	}
	if s.change.Action == plan.Create {
		s.created(t, w, result)
	}
}

// created checks that there is one object with the name, and that its id is
// told.
func (s *settling) created(t *testing.T, w *world, result *apply.Result) {
	t.Helper()
	var ids []string
	org := w.Snapshot().Organizations[0]
	for _, u := range org.Users {
		if s.change.Object.Kind == schema.User && strings.EqualFold(u["username"].(string), s.change.Object.Name) {
			ids = append(ids, u["_id"].(string))
		}
	}
	for _, g := range org.Groups {
		if s.change.Object.Kind == schema.Group && g["name"] == s.change.Object.Name {
			ids = append(ids, g["id"].(string))
		}
	}
	if len(ids) != s.twins {
		t.Errorf("%d have the name, want %d", len(ids), s.twins)
	}
	if got := result.Changes[0].ID; s.want == "done" && (len(ids) != 1 || got != ids[0]) {
		t.Errorf("the outcome has the id %q, those of the name are %q", got, ids)
	}
}

// dated is what was read of kelp for the plan: Ann's password is from 2020,
// max has none.
func dated() *state.Live {
	live := &state.Live{}
	for _, u := range []struct {
		name, id string
		date     time.Time
	}{{"Ann", annID, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}, {"max", maxID, time.Time{}}} {
		live.Objects = append(live.Objects, state.Object{Kind: schema.User, Key: state.Fold(u.name), Name: u.name, ID: u.id})
		live.Facts = append(live.Facts, state.Fact{PasswordDate: u.date})
	}
	return live
}

var (
	oops     = &sandbox.Fault{Status: 500, Body: `{"message":"oops"}`}
	late     = &sandbox.Fault{Status: 504, Body: `{"message":"late"}`, After: true}
	lost     = &sandbox.Fault{Drop: true}
	lostOut  = &sandbox.Fault{Drop: true, After: true}
	nameless = &sandbox.Fault{Status: 200, Body: `{"username":"eve"}`, After: true}
)

// Writes that are safe to repeat and were repeated in vain, then looked for.
func TestWriteWithUnknownOutcome(t *testing.T) {
	t.Parallel()
	const notMade = "; a look shows that JumpCloud has not made it"
	ann, max := user("Ann", annID), user("max", maxID)
	put, get := "PUT users/"+annID, "GET users/"+annID
	five := func(line string) []string { return append(twice(line, 2), line) }
	down := always(sandbox.Fault{Status: 503, Body: `{"message":"down"}`})
	downAfter := always(sandbox.Fault{Status: 503, Body: `{"message":"down"}`, After: true})
	fault := func(method string, faults []*sandbox.Fault) sandbox.Options {
		return sandbox.Options{Before: first(method, "", faults...)}
	}
	members, memberOf := "POST groups/"+dataID+"/members", "GET users/"+maxID+"/memberof"
	add := plan.Change{Action: plan.Add, Object: group("Data", dataID), To: max}
	remove := plan.Change{Action: plan.Remove, Object: group("Data", dataID), To: ann}
	describe := to(plan.Update, group("Data", dataID), set(schema.GroupDescription, "Dashboards", "All"))
	tests := []settling{
		{name: "update, made", o: fault(http.MethodPut, downAfter), change: to(plan.Update, ann, set(schema.JobTitle, "CEO", "CTO"), manager("max", maxID)), want: "done", sent: join(five(put), []string{get}), written: 1},
		{name: "update, not made", o: fault(http.MethodPut, down), change: to(plan.Update, ann, set(schema.JobTitle, "CEO", "CTO")),
			want: "failed: PUT /api/systemusers/" + annID + ": 503: down" + notMade, sent: join(five(put), []string{get})},
		{name: "rename, made", o: fault(http.MethodPut, downAfter), change: to(plan.Update, ann, set(schema.Username, "Ann", "Anna")), want: "done", sent: join(five(put), []string{get}), written: 1},
		{name: "suspension, made", o: fault(http.MethodPut, downAfter), change: suspend(ann), want: "done", sent: join([]string{get}, five(put), []string{get}), written: 1},
		{name: "group, made", o: fault(http.MethodPut, downAfter), change: describe, want: "done",
			sent: join([]string{"GET groups/" + dataID}, five("PUT groups/"+dataID), []string{"GET groups/" + dataID}), written: 1},
		{name: "group, not made", o: fault(http.MethodPut, down), change: describe, want: "failed: PUT /api/v2/usergroups/" + dataID + ": 503: down" + notMade,
			sent: join([]string{"GET groups/" + dataID}, five("PUT groups/"+dataID), []string{"GET groups/" + dataID})},
		{name: "deletion, not made", o: fault(http.MethodDelete, down), change: to(plan.Delete, user("sue", sueID)), want: "failed: DELETE /api/systemusers/" + sueID + ": 503: down" + notMade,
			sent: join([]string{"GET users/" + sueID}, five("DELETE users/"+sueID), []string{"GET users/" + sueID})},
		{name: "deletion, made", o: fault(http.MethodDelete, downAfter), change: to(plan.Delete, user("sue", sueID)), want: "done",
			sent: join([]string{"GET users/" + sueID}, five("DELETE users/"+sueID), []string{"GET users/" + sueID}), written: 1},
		{name: "activation, made", o: fault(http.MethodPost, downAfter), change: plan.Change{Action: plan.Activate, Object: user("bob", bobID)}, want: "done",
			sent: join(five("POST users/"+bobID+"/state/activate"), []string{"GET users/" + bobID}), written: 1},
		{name: "activation, not made", o: fault(http.MethodPost, down), change: plan.Change{Action: plan.Activate, Object: user("bob", bobID)},
			want: "failed: POST /api/systemusers/" + bobID + "/state/activate: 503: down" + notMade, sent: join(five("POST users/"+bobID+"/state/activate"), []string{"GET users/" + bobID})},
		{name: "member added, made", o: fault(http.MethodPost, downAfter), change: add, want: "done", sent: join(five(members), []string{memberOf}), written: 1},
		{name: "member added, not made", o: fault(http.MethodPost, down), change: add, want: "failed: POST /api/v2/usergroups/" + dataID + "/members: 503: down" + notMade, sent: join(five(members), []string{memberOf})},
		{name: "member removed, made", o: fault(http.MethodPost, downAfter), change: remove, want: "done", sent: join(five(members), []string{"GET users/" + annID + "/memberof"}), written: 1},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

// A PUT with a password is never repeated blindly: a password history would
// refuse the second one.
func TestPasswordWithUnknownOutcome(t *testing.T) {
	t.Parallel()
	put, get := "PUT users/"+annID, "GET users/"+annID
	fault := func(faults ...*sandbox.Fault) sandbox.Options {
		return sandbox.Options{Before: first(http.MethodPut, "", faults...)}
	}
	change := to(plan.Update, user("Ann", annID), password("ANN"), set(schema.JobTitle, "CEO", "CTO"))
	const unknown = "; whether JumpCloud has made it is not known (JumpCloud gives no date of the password): run again, which looks first"
	failed := "failed: PUT /api/systemusers/" + annID
	tests := []settling{
		{name: "made", o: fault(late), want: "done", sent: []string{put, get}, written: 1},
		{name: "not made, sent again", o: fault(oops), want: "done", sent: []string{put, get, put}, written: 1},
		{name: "not made twice", o: fault(oops, oops, oops), want: failed + ": 500: oops; a look shows that JumpCloud has not made it", sent: []string{put, get, put, get}},
		{name: "not made, then refused", o: fault(oops, &sandbox.Fault{Status: 400, Body: `{"message":"passwordHistory"}`}), want: failed + ": 400: passwordHistory", sent: []string{put, get, put}},
		{name: "no date to judge by", o: sandbox.Options{KeepPasswordDate: true, Before: fault(late).Before}, want: failed + ": 504: late" + unknown, sent: []string{put, get}},
	}
	for _, test := range tests {
		test.change = change
		t.Run(test.name, test.run)
	}
	t.Run("nothing was read for the plan", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, kelp(), fault(late))
		result := w.run(t, change)
		if d := cmp.Diff([]string{failed + ": 504: late" + unknown}, told(result)); d != "" {
			t.Errorf("outcomes (-want +got):\n%s", d)
		}
	})
}

// What JumpCloud knows late about memberships is no failure; what is gone is
// said.
func TestMembershipThatIsSeenLate(t *testing.T) {
	t.Parallel()
	members, memberOf := "POST groups/"+dataID+"/members", "GET users/"+maxID+"/memberof"
	add := plan.Change{Action: plan.Add, Object: group("Data", dataID), To: user("max", maxID)}
	notFound := &sandbox.Fault{Status: 404, Body: `{"message":"Not Found"}`}
	exists := &sandbox.Fault{Status: 409, Body: `{"message":"Already Exists"}`}
	none := &sandbox.Fault{Status: 200, Header: http.Header{"X-Total-Count": {"0"}, "Content-Type": {"application/json"}}, Body: "[]"}
	both := []string{"GET groups/" + dataID, "GET users/" + maxID}
	tests := []settling{
		{name: "add: the graph does not know the user yet", o: sandbox.Options{Before: first(http.MethodPost, "", notFound, notFound)}, change: add, want: "done",
			sent: join([]string{members}, both, []string{members}, both, []string{members}), naps: seconds(1, 2), written: 1},
		{name: "add: never known", o: sandbox.Options{Before: first(http.MethodPost, "", always(*notFound)...)}, change: add,
			want: "failed: POST /api/v2/usergroups/" + dataID + "/members: 404: Not Found",
			sent: join([]string{members}, both, []string{members}, both, []string{members}, both, []string{members}), naps: seconds(1, 2, 4)},
		{name: "add: a member already, and seen late", o: sandbox.Options{Before: sequence(exists, none, exists, nil)}, change: plan.Change{Action: plan.Add, Object: group("Data", dataID), To: user("Ann", annID)}, want: "done",
			sent: []string{members, "GET users/" + annID + "/memberof", members, "GET users/" + annID + "/memberof"}, naps: seconds(1), written: 1},
		{name: "add: the group is gone", change: plan.Change{Action: plan.Add, Object: group("Old", noID), To: user("max", maxID)},
			want: `stale: group "Old" is not in JumpCloud any more; plan again`, sent: []string{"POST groups/" + noID + "/members", "GET groups/" + noID}},
		{name: "remove: no member any more", change: plan.Change{Action: plan.Remove, Object: group("Data", dataID), To: user("max", maxID)}, want: "done",
			sent: []string{members, memberOf}, written: 1},
		{name: "remove: the group is gone", change: plan.Change{Action: plan.Remove, Object: group("Old", noID), To: user("max", maxID)}, want: "done",
			sent: []string{"POST groups/" + noID + "/members", memberOf}, written: 1},
		{name: "remove: still shown as a member for a while", o: sandbox.Options{Before: sequence(notFound, nil, nil, nil)}, change: plan.Change{Action: plan.Remove, Object: group("Data", dataID), To: user("Ann", annID)}, want: "done",
			sent: []string{members, "GET users/" + annID + "/memberof", "GET groups/" + dataID, "GET users/" + annID, members}, naps: seconds(1), written: 1},
		{name: "remove: the user is gone", change: plan.Change{Action: plan.Remove, Object: group("Data", dataID), To: user("joe", noID)},
			want: `stale: user "joe" is not in JumpCloud any more; plan again`,
			sent: []string{members, "GET users/" + noID + "/memberof", "GET groups/" + dataID, "GET users/" + noID}},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

// sequence answers the first requests whatever they are, nil serves one.
func sequence(faults ...*sandbox.Fault) func(*http.Request) *sandbox.Fault {
	var mu sync.Mutex
	return func(*http.Request) *sandbox.Fault {
		mu.Lock()
		defer mu.Unlock()
		if len(faults) == 0 {
			return nil
		}
		f := faults[0]
		faults = faults[1:]
		return f
	}
}
