package apply_test

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/apply"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
)

// crowd is an organization of n activated people, user i with id personID(i).
func crowd(n int) sandbox.State {
	st := kelp()
	for i := range n {
		name := fmt.Sprintf("user%d", i)
		st.Organizations[0].Users = append(st.Organizations[0].Users, sandbox.User{"_id": personID(i), "username": name, "email": name + "@kelp.example", "state": "ACTIVATED"})
	}
	return st
}

// notBegun is a change that was not begun because of an interrupt.
const notBegun = "skipped: not begun: interrupted"

func personID(i int) string { return fmt.Sprintf("62%022x", i) }

func person(i int) plan.Name { return user(fmt.Sprintf("user%d", i), personID(i)) }

// anyChange is a change of person i.
func anyChange(t *rapid.T, i int) plan.Change {
	switch rapid.IntRange(0, 3).Draw(t, "action") {
	case 0:
		return suspend(person(i))
	case 1:
		return plan.Change{Action: plan.Add, Object: group("Data", dataID), To: person(i)}
	case 2:
		return newUser(fmt.Sprintf("new%d", i))
	}
	return to(plan.Update, person(i), set(schema.JobTitle, "", "x"))
}

// refuser refuses the changes of some people, and remembers in which order
// changes came.
type refuser struct {
	refused map[int]bool

	mu    sync.Mutex
	begun []int
}

// who is the change that a request is for.
func who(r *http.Request, body string) (n int, ok bool) {
	if r.Method == http.MethodGet {
		return 0, false
	}
	text := path.Base(r.URL.Path) + body
	if _, err := fmt.Sscanf(text[strings.LastIndex(text, "62")+2:], "%x", &n); strings.Contains(text, "62000") && err == nil {
		return n, true
	}
	i := strings.Index(text, `"username":"new`)
	_, err := fmt.Sscanf(text[i+len(`"username":"new`):], "%d", &n)
	return n, i >= 0 && err == nil
}

func (f *refuser) before(r *http.Request) *sandbox.Fault {
	n, ok := who(r, bodyOf(r))
	if !ok {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun = append(f.begun, n)
	if f.refused[n] {
		return &sandbox.Fault{Status: http.StatusBadRequest, Body: `{"message":"no"}`}
	}
	return nil
}

// Random plans with random refusals.
func TestRunBlocksWhatNeedsAFailedChangeAndNothingElse(t *testing.T) {
	t.Parallel()
	const most = 16
	st := crowd(most)
	rapid.Check(t, func(rt *rapid.T) {
		f := &refuser{refused: map[int]bool{}}
		w := newWorld(t, st, sandbox.Options{Before: f.before})
		p := &plan.Org{ID: orgID}
		for i := range rapid.IntRange(1, most).Draw(rt, "changes") {
			c := anyChange(rt, i)
			for m := range i {
				if rapid.IntRange(0, 4).Draw(rt, "need") == 0 {
					c.Needs = append(c.Needs, m)
				}
			}
			f.refused[i] = rapid.IntRange(0, 5).Draw(rt, "refused") == 0
			p.Changes = append(p.Changes, c)
		}
		var events []int
		result, err := apply.Run(t.Context(), w.client, p, apply.Options{
			Parallel: rapid.IntRange(0, 5).Draw(rt, "parallel"),
			Event:    func(n int, _ apply.Outcome) { events = append(events, n) },
		})
		if err != nil {
			rt.Fatal(err)
		}
		checkOutcomes(rt, p, f, result)
		checkRequests(rt, p, result, w, f)
		slices.Sort(events)
		if want := indexes(len(p.Changes)); !slices.Equal(events, want) {
			rt.Fatalf("events of %v, want one of each of %v", events, want)
		}
	})
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// checkOutcomes checks that each change failed if it was refused, was
// blocked by its first need that was not made, and was done otherwise.
func checkOutcomes(t *rapid.T, p *plan.Org, f *refuser, result *apply.Result) {
	written := 0
	for n, c := range p.Changes {
		want := apply.Outcome{Status: apply.Done}
		if f.refused[n] {
			want.Status = apply.Failed
		}
		for _, m := range slices.Backward(c.Needs) {
			if result.Changes[m].Status != apply.Done {
				want = apply.Outcome{Status: apply.Blocked, BlockedBy: m}
			}
		}
		got := result.Changes[n]
		if want.Status == apply.Done {
			written++
		}
		if got.Status != want.Status || got.BlockedBy != want.BlockedBy || (got.Err != nil) != (want.Status == apply.Failed) {
			t.Fatalf("change %d is %+v, want %+v", n, got, want)
		}
	}
	if result.Written != written || result.Count(apply.Done) != written {
		t.Fatalf("written %d, done %d, want %d", result.Written, result.Count(apply.Done), written)
	}
}

// checkRequests checks that what was begun cost what the formula says, and
// that nothing was begun twice or before its needs were.
func checkRequests(t *rapid.T, p *plan.Org, result *apply.Result, w *world, f *refuser) {
	var begun []plan.Change
	for n, o := range result.Changes {
		if o.Status != apply.Blocked {
			begun = append(begun, p.Changes[n])
		}
	}
	looks := 0 // after a refused create, by list and by search
	for n, c := range p.Changes {
		if c.Action == plan.Create && result.Changes[n].Status == apply.Failed {
			looks += 2
		}
	}
	if got, want := len(w.sent), formula(begun)+looks; got != want {
		t.Fatalf("%d requests, the formula says %d: %q", got, want, w.sent)
	}
	at := map[int]int{}
	for i, n := range f.begun {
		if _, twice := at[n]; twice {
			t.Fatalf("change %d was sent twice", n)
		}
		at[n] = i
	}
	if len(at) != len(begun) {
		t.Fatalf("%d changes were sent, %d were begun", len(at), len(begun))
	}
	for n := range at {
		for _, m := range p.Changes[n].Needs {
			if before, sent := at[m]; !sent || before > at[n] {
				t.Fatalf("change %d was sent before %d, which it needs", n, m)
			}
		}
	}
}

func TestRunStartsWhatStandsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, crowd(6), sandbox.Options{})
	update := func(i int, needs ...int) plan.Change {
		return after(to(plan.Update, person(i), set(schema.JobTitle, "", "x")), needs...)
	}
	w.run(t, update(0), update(1, 0), update(2), update(3, 1), update(4, 0), update(5))
	var order []string
	for _, line := range w.sent {
		order = append(order, strings.Fields(line)[1][len("/api/systemusers/"):])
	}
	if d := cmp.Diff([]string{personID(0), personID(1), personID(2), personID(3), personID(4), personID(5)}, order); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
}

// The run is stopped while several requests are under way: they finish,
// nothing else begins.
func TestRunStoppedFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	const parallel, changes = 4, 12
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var underWay sync.WaitGroup
	underWay.Add(parallel)
	w := newWorld(t, crowd(changes), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		underWay.Done()
		underWay.Wait()
		stop()
		if r.Context().Err() != nil {
			t.Error("a request under way was cancelled")
		}
		return nil
	}})
	p := &plan.Org{ID: orgID}
	for i := range changes {
		p.Changes = append(p.Changes, to(plan.Update, person(i), set(schema.JobTitle, "", "x")))
	}
	result, err := apply.Run(ctx, w.client, p, apply.Options{Parallel: parallel})
	if err != nil {
		t.Fatal(err)
	}
	want := append(done(parallel), slices.Repeat([]string{notBegun}, changes-parallel)...)
	if d := cmp.Diff(want, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	for i := range changes {
		if got := w.user(fmt.Sprintf("user%d", i))["jobTitle"] == "x"; got != (i < parallel) {
			t.Errorf("user%d was written: %v", i, got)
		}
	}
}

// After a stop at any point, what needs a failed change is blocked and all
// else that was not begun is skipped.
func TestRunStoppedAfterAnyChange(t *testing.T) {
	t.Parallel()
	changes := []plan.Change{
		to(plan.Update, person(0), set(schema.JobTitle, "", "x")),
		to(plan.Update, user("joe", noID), set(schema.JobTitle, "", "x")), // fails
		to(plan.Update, person(2), set(schema.JobTitle, "", "x")),
		after(to(plan.Update, person(3), set(schema.JobTitle, "", "x")), 2),
		after(to(plan.Update, person(4), set(schema.JobTitle, "", "x")), 1, 3),
		after(to(plan.Update, person(5), set(schema.JobTitle, "", "x")), 4),
	}
	failed := "failed: PUT /api/systemusers/" + noID + ": 404: Not Found"
	want := [][]string{
		{notBegun, notBegun, notBegun, notBegun, notBegun, notBegun},
		{"done", notBegun, notBegun, notBegun, notBegun, notBegun},
		{"done", failed, notBegun, notBegun, "blocked by 1", "blocked by 4"},
		{"done", failed, "done", notBegun, "blocked by 1", "blocked by 4"},
		{"done", failed, "done", "done", "blocked by 1", "blocked by 4"},
	}
	for k := range want {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, crowd(6), sandbox.Options{})
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			if k == 0 {
				stop()
			}
			events := 0
			result, err := apply.Run(ctx, w.client, &plan.Org{ID: orgID, Changes: changes}, apply.Options{Parallel: 1, Event: func(int, apply.Outcome) {
				if events++; events == k {
					stop()
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want[k], told(result)); d != "" {
				t.Errorf("outcomes (-want +got):\n%s", d)
			}
			if events != len(changes) {
				t.Errorf("%d events, want one a change", events)
			}
		})
	}
}

func TestRunOfABrokenPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{})
	if result, err := apply.Run(t.Context(), w.client, &plan.Org{Changes: []plan.Change{after(newUser("eve"), 1), newUser("joe")}}, apply.Options{}); err == nil {
		t.Errorf("needs in a circle: no error but %v", told(result))
	}
	result := w.run(t, plan.Change{Action: plan.Add, Object: group("Data", dataID), To: user("eve", "")},
		to(plan.Update, user("Ann", annID), manager("eve", "")), to(plan.Update, group("Ops", "")), plan.Change{Action: "merge", Object: user("Ann", annID)})
	want := []string{
		`failed: the plan has no id of user "eve", and nothing in it creates one`,
		`failed: manager: the plan has no id of user "eve", and nothing in it creates one`,
		`failed: the plan has no id of group "Ops", and nothing in it creates one`,
		`failed: the plan asks for "merge", which nothing does`,
	}
	if d := cmp.Diff(want, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if len(w.sent) > 0 {
		t.Errorf("sent %q", w.sent)
	}
}

func TestRunOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{})
	if result := w.run(t); len(result.Changes) != 0 || result.Written != 0 || len(w.sent) != 0 {
		t.Errorf("result %+v, sent %q", result, w.sent)
	}
}
