package apply_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/apply"
	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
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
		{name: "made, and seen after a while", o: fault(lateFor(late, 3*time.Second)), want: "done",
			sent: []string{post, get, search, get, search, get}, naps: seconds(1, 2), written: 1, twins: 1},
		{name: "made, and seen half a minute later", o: fault(lateFor(late, 30*time.Second)), want: "done",
			sent: join([]string{post}, patient, []string{post}, patient, []string{get, search, get}), naps: seconds(1, 2, 4, 1, 2, 4, 8, 16), written: 1, twins: 1},
		{name: "made by another run, and seen later", o: fault(lateFor(&sandbox.Fault{Status: 400, Body: `{"message":"User already exists"}`, After: true}, 5*time.Second)), want: "done", sent: []string{post, get, search, get, search, get, search, get}, naps: seconds(1, 2, 4), twins: 1},
		{name: "never seen", o: fault(lateFor(late, time.Hour)),
			want: `failed: POST /api/systemusers: 400: User already exists: another user has this username; whether JumpCloud has made it is not known (user "eve" is not found): run again, which looks first`,
			sent: join([]string{post}, patient, []string{post}, patient, []string{get, search, get, search}), naps: seconds(1, 2, 4, 1, 2, 4, 8, 16), twins: 1},
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

// lateFor is a fault after which lists show what was created so much later.
func lateFor(f *sandbox.Fault, d time.Duration) *sandbox.Fault {
	l := *f
	l.Late = sandbox.Duration(d)
	return &l
}

// appearing are options with which lists show what was created so much later.
func appearing(d time.Duration) sandbox.Options {
	return sandbox.Options{Faults: sandbox.Always(sandbox.Fault{Late: sandbox.Duration(d)})}
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
			sent: []string{post, get, search}},
		{name: "refused for another reason", change: existing("eve", "eve@kelp.example", part(schema.Attributes, "a b", "", `"1"`)),
			want: "failed: POST /api/systemusers: 400: Attribute names may not contain spaces", sent: []string{post, get, search}},
		{name: "group, the same", change: to(plan.Create, group("Data", ""), set(schema.GroupDescription, "", "Dashboards"), part(schema.GroupAttributes, "sambaEnabled", "", "true")),
			want: "done", sent: []string{"POST groups", "GET groups", data}, twins: 1},
		{name: "group with other values", change: to(plan.Create, group("Data", ""), part(schema.GroupAttributes, "sambaEnabled", "", "false")),
			want: `stale: group "Data" was created meanwhile, with another attributes.sambaEnabled; plan again`, sent: []string{"POST groups", "GET groups", data}, twins: 1},
		{name: "group in other letters", o: sandbox.Options{FoldGroupNames: true}, change: to(plan.Create, group("DATA", "")),
			want: `failed: POST /api/v2/usergroups: 409: Already Exists; JumpCloud has a group "Data"`,
			sent: join([]string{"POST groups"}, twice("GET groups", 1))},
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
