package apply_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/apply"
	"rollcall/jumpcloud"
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

func TestCreateUserWithUnknownOutcome(t *testing.T) {
	t.Parallel()
	const post, get, search = "POST users", "GET users", "POST search"
	patient := []string{get, search, get, search, get, search, get, search}
	eve := newUser("eve", set(schema.JobTitle, "", "CFO"))
	fault := func(faults ...*sandbox.Fault) sandbox.Options {
		return sandbox.Options{Before: first(http.MethodPost, `"username":"eve"`, faults...)}
	}
	tests := []settling{
		{name: "500, not made", o: fault(oops), want: "done", sent: join([]string{post}, patient, []string{post}), naps: seconds(1, 2, 4), written: 1, twins: 1},
		{name: "connection lost, not made", o: fault(lost), want: "done", sent: join([]string{post}, patient, []string{post}), naps: seconds(1, 2, 4), written: 1, twins: 1},
		{name: "504, made", o: fault(late), want: "done", sent: []string{post, get}, written: 1, twins: 1},
		{name: "connection lost, made", o: fault(lostOut), want: "done", sent: []string{post, get}, written: 1, twins: 1},
		{name: "answer cut, made", garbled: `{"_id":`, want: "done", sent: []string{post, get}, written: 1, twins: 1},
		{name: "a page instead of an answer, made", garbled: "<html>maintenance</html>", want: "done", sent: []string{post, get}, written: 1, twins: 1},
		{name: "answer without an id, made", o: fault(nameless), want: "done", sent: []string{post, get}, written: 1, twins: 1},
		{name: "made, and seen after a while", o: sandbox.Options{ListDelay: 3 * time.Second, Before: fault(late).Before}, want: "done",
			sent: []string{post, get, search, get, search, get}, naps: seconds(1, 2), written: 1, twins: 1},
		{name: "made, and seen only after the second POST", o: sandbox.Options{ListDelay: 10 * time.Second, Before: fault(late).Before}, want: "done",
			sent: join([]string{post}, patient, []string{post, get, search, get, search, get}), naps: seconds(1, 2, 4, 1, 2), written: 1, twins: 1},
		{name: "never seen", o: sandbox.Options{ListDelay: time.Hour, Before: fault(late).Before},
			want: `failed: POST /api/systemusers: 400: User already exists: another user has this username; whether JumpCloud has made it is not known (user "eve" is not found): run again, which looks first`,
			sent: join([]string{post}, patient, []string{post}, patient), naps: seconds(1, 2, 4, 1, 2, 4), twins: 1},
		{name: "lost twice, made the second time", o: fault(lost, lostOut), want: "done", sent: join([]string{post}, patient, []string{post, get}), naps: seconds(1, 2, 4), written: 1, twins: 1},
		{name: "lost twice, not made", o: fault(lost, lost, lost),
			want: `failed: POST /api/systemusers: unexpected EOF; whether JumpCloud has made it is not known (user "eve" is not found): run again, which looks first`,
			sent: join([]string{post}, patient, []string{post}, patient), naps: seconds(1, 2, 4, 1, 2, 4)},
	}
	for _, test := range tests {
		test.change = eve
		t.Run(test.name, test.run)
	}
}

func join(lists ...[]string) (all []string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// With an unsure POST the record must be ours.
func TestCreateFindsSomebodyElse(t *testing.T) {
	elsewhere := func(r *http.Request) *sandbox.Fault {
		if on(http.MethodPost, `"username":"max"`, sandbox.Fault{})(r) == nil {
			return nil
		}
		return &sandbox.Fault{Status: 502, Body: `{"message":"gateway"}`}
	}
	test := settling{
		o: sandbox.Options{Before: elsewhere}, change: to(plan.Create, user("max", ""), set(schema.Email, "", "other@kelp.example")), twins: 1,
		want: `failed: POST /api/systemusers: 502: gateway; JumpCloud has a user "max" with another e-mail, who is not the one to be created: look who that is, then plan again`,
		sent: []string{"POST users", "GET users"},
	}
	test.run(t)
}

// A look that fails leaves the outcome unknown.
func TestCreateThatCannotBeLookedUp(t *testing.T) {
	noScope := &sandbox.Fault{Status: 403, Body: `{"message":"no scope"}`}
	post := first(http.MethodPost, `"username":"eve"`, lostOut)
	test := settling{
		o: sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
			if r.Method == http.MethodGet {
				return noScope
			}
			return post(r)
		}},
		change: newUser("eve"), twins: 1, sent: []string{"POST users", "GET users"},
		want: "failed: POST /api/systemusers: unexpected EOF; whether JumpCloud has made it is not known (GET /api/systemusers: 403: no scope): run again, which looks first",
	}
	test.run(t)
}

// A create that is refused because the object is there is done if it has all
// that the plan wants, as after another run of the same plan.
func TestCreateOfWhatIsThere(t *testing.T) {
	t.Parallel()
	const post, get, search = "POST users", "GET users", "POST search"
	existing := func(name, email string, deltas ...plan.Delta) plan.Change {
		return to(plan.Create, user(name, ""), append(deltas, set(schema.Email, "", email))...)
	}
	data := "GET groups/" + dataID
	tests := []settling{
		{name: "user, the same", change: existing("bob", "bob@kelp.example", set(schema.State, "", "STAGED"), password("BOB")), want: "done", sent: []string{post, get}, twins: 1},
		{name: "user in other letters", change: existing("MAX", "max@kelp.example", set(schema.State, "", "ACTIVATED"), manager("Ann", annID)), want: "done", sent: []string{post, get, search}, twins: 1},
		{name: "user with other values", change: existing("ann", "ann@kelp.example", set(schema.JobTitle, "", "CTO"), set(schema.State, "", "STAGED"), manager("max", maxID), part(schema.PhoneNumbers, "work", "", `[{"number":"1"}]`)),
			want: `stale: user "ann" was created meanwhile, with another state, jobTitle, manager; plan again`, sent: []string{post, get, search}, twins: 1},
		{name: "e-mail of somebody else", change: existing("eve", "max@kelp.example"),
			want: `failed: POST /api/systemusers: 400: User already exists: another user has this email; user "max" has this e-mail`,
			sent: []string{post, get, search, get, search, get, search, get, search}, naps: seconds(1, 2, 4)},
		{name: "refused for another reason", change: existing("eve", "eve@kelp.example", part(schema.Attributes, "a b", "", `"1"`)),
			want: "failed: POST /api/systemusers: 400: Attribute names may not contain spaces", sent: []string{post, get, search}},
		{name: "group, the same", change: to(plan.Create, group("Data", ""), set(schema.GroupDescription, "", "Dashboards"), part(schema.GroupAttributes, "sambaEnabled", "", "true")),
			want: "done", sent: []string{"POST groups", "GET groups", data}, twins: 1},
		{name: "group with other values", change: to(plan.Create, group("Data", ""), part(schema.GroupAttributes, "sambaEnabled", "", "false")),
			want: `stale: group "Data" was created meanwhile, with another attributes.sambaEnabled; plan again`, sent: []string{"POST groups", "GET groups", data}, twins: 1},
		{name: "group in other letters", o: sandbox.Options{FoldGroupNames: true}, change: to(plan.Create, group("DATA", "")),
			want: `failed: POST /api/v2/usergroups: 409: Already Exists; JumpCloud has a group "Data"`,
			sent: join([]string{"POST groups"}, twice("GET groups", 4)), naps: seconds(1, 2, 4)},
		{name: "group after a lost answer", o: sandbox.Options{Before: first(http.MethodPost, `"name":"Ops"`, lostOut)}, change: to(plan.Create, group("Ops", "")),
			want: "done", sent: []string{"POST groups", "GET groups"}, written: 1, twins: 1},
		{name: "group after a lost request", o: sandbox.Options{Before: first(http.MethodPost, `"name":"Ops"`, oops)}, change: to(plan.Create, group("Ops", "")),
			want: "done", sent: join([]string{"POST groups"}, twice("GET groups", 4), []string{"POST groups"}), naps: seconds(1, 2, 4), written: 1, twins: 1},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

// twice is a line 2n times.
func twice(line string, n int) (lines []string) {
	for range 2 * n {
		lines = append(lines, line)
	}
	return lines
}

// Two runs of one plan at once: the second finds what the first has made,
// activated even.
func TestCreateByAnotherRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{})
	changes := []plan.Change{newUser("eve", set(schema.State, "", "STAGED")), after(plan.Change{Action: plan.Activate, Object: user("eve", "")}, 0)}
	for run, written := range []int{2, 1} { // an activation answered 409 counts as made
		result := w.run(t, changes...)
		if d := cmp.Diff(done(2), told(result)); d != "" {
			t.Errorf("run %d: outcomes (-want +got):\n%s", run, d)
		}
		if result.Written != written {
			t.Errorf("run %d: written %d, want %d", run, result.Written, written)
		}
	}
	if n := len(w.mails()); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

// An interrupt keeps a second POST from being sent.
func TestInterruptedCreateIsNotSentAgain(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w := newWorld(t, kelp(), sandbox.Options{Before: first(http.MethodPost, `"username":"eve"`, oops)})
	sleep := func(context.Context, time.Duration) error {
		stop()
		return nil
	}
	result, err := apply.Run(ctx, w.client, &plan.Org{ID: orgID, Changes: []plan.Change{newUser("eve"), newUser("joe")}}, apply.Options{Parallel: 1, Sleep: sleep})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`failed: POST /api/systemusers: 500: oops; whether JumpCloud has made it is not known (user "eve" is not found): run again, which looks first`, notBegun}
	if d := cmp.Diff(want, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if got := len(w.sent); got != 1+2*4 {
		t.Errorf("%d requests, want one POST and four looks: %q", got, w.sent)
	}
}

// The credential is blocked between a lost POST and the look for it.
func TestCreateWhenTheCredentialIsBlocked(t *testing.T) {
	t.Parallel()
	post := first(http.MethodPost, `"username":"eve"`, lostOut)
	w := newWorld(t, kelp(), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		if r.Method == http.MethodGet {
			return &sandbox.Fault{Status: 403, Body: `{"message":"Your IP has been blocked due to suspected abuse"}`}
		}
		return post(r)
	}})
	result := w.run(t, newUser("eve"), newUser("joe"))
	want := []string{
		"failed: POST /api/systemusers: unexpected EOF; whether JumpCloud has made it is not known (GET /api/systemusers: 403: Your IP has been blocked due to suspected abuse): run again, which looks first",
		"skipped: not begun: GET /api/systemusers: 403: Your IP has been blocked due to suspected abuse",
	}
	if d := cmp.Diff(want, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
}

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

// A server that never says an id is not asked for the same again and again.
func TestCreateAnsweredWithoutIDAndWithoutList(t *testing.T) {
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
	want := []string{"failed: JumpCloud answered without an id; whether JumpCloud has made it is not known (GET /api/systemusers: 200: read a page of users: no list in it): run again, which looks first", "blocked by 0"}
	if d := cmp.Diff(want, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
}
