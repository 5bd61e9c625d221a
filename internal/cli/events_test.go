package cli

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/apply"
	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// orgOf is an organization whose plan creates people.
func orgOf(name string, people ...string) *task {
	t := &task{session: &session{desired: &state.Desired{Org: state.Org{Name: name}}}, org: &plan.Org{}}
	for _, person := range people {
		t.org.Changes = append(t.org.Changes, plan.Change{Action: plan.Create, Object: plan.Name{Kind: schema.User, Name: person}})
	}
	return t
}

// told is what events print on both streams of outcomes that come in some
// order: pairs of a task and a change, of which -1 is its end.
func told(format string, tasks []*task, outcomes [][]apply.Outcome, order [][2]int) (out, errOut string) {
	var stdout, stderr bytes.Buffer
	r := &run{Global: &Global{}, out: newSink(&stdout), err: &stderr}
	e := r.newEvents(&applyCmd{Format: format}, tasks, nil)
	for _, at := range order {
		if at[1] < 0 {
			e.end(at[0])
		} else {
			e.add(at[0], at[1], outcomes[at[0]][at[1]])
		}
	}
	_ = r.out.Flush() // into memory
	return stdout.String(), stderr.String()
}

// What is printed follows the plans, in whatever order changes end.
func TestEventsComeInTheOrderOfThePlans(t *testing.T) {
	t.Parallel()
	tasks := []*task{orgOf("Bright Kelp", "ann", "bob", "cy", "dee"), orgOf("Dark Kelp"), orgOf("Red Kelp", "eve"), orgOf("Sea Kelp", "fay")}
	tasks[2].failed = errors.New("a plan that cannot be executed has no outcomes")
	done := apply.Outcome{Status: apply.Done}
	outcomes := [][]apply.Outcome{
		{done, {Status: apply.Failed, Err: errors.New("400: no")}, {Status: apply.Blocked, BlockedBy: 1}, {Status: apply.Skipped, Err: errors.New("not begun: interrupted")}},
		nil, nil, {done},
	}
	const text = "done     Bright Kelp: create user ann\nfailed   Bright Kelp: create user bob\ndone     Sea Kelp: create user fay\n"
	var first string
	for seed := range uint64(50) {
		order := shuffledOrder(seed)
		if out, errOut := told("text", tasks, outcomes, order); out != "" || errOut != text {
			t.Fatalf("order %v: %q and (-want +got):\n%s", order, out, cmp.Diff(text, errOut))
		}
		out, errOut := told("json", tasks, outcomes, order)
		if first == "" {
			first = out
		}
		if n := strings.Count(out, `{"status":"skipped",`); n != 1 {
			t.Fatalf("%d changes are skipped, want 1:\n%s", n, out)
		}
		if out != first || errOut != "" || strings.Count(out, "\n") != 5 {
			t.Fatalf("order %v: %q and (-want +got):\n%s", order, errOut, cmp.Diff(first, out))
		}
	}
}

// shuffledOrder is an order of the outcomes of the test above in which each
// task ends last.
func shuffledOrder(seed uint64) (order [][2]int) {
	left := [][]int{{0, 1, 2, 3, -1}, {-1}, {-1}, {0, -1}}
	r := rand.New(rand.NewPCG(seed, 1))
	r.Shuffle(4, func(i, j int) { left[0][i], left[0][j] = left[0][j], left[0][i] })
	for len(order) < 9 {
		if i := r.IntN(len(left)); len(left[i]) > 0 {
			order = append(order, [2]int{i, left[i][0]})
			left[i] = left[i][1:]
		}
	}
	return order
}

// One organization alone is not named in each line.
func TestEventsOfOneOrganization(t *testing.T) {
	t.Parallel()
	tasks := []*task{orgOf("Bright Kelp", "ann", "bob")}
	done := []apply.Outcome{{Status: apply.Done}, {Status: apply.Done}}
	_, got := told("text", tasks, [][]apply.Outcome{done}, [][2]int{{0, 1}})
	if got != "" {
		t.Errorf("before the first change has ended: %q", got)
	}
	_, got = told("text", tasks, [][]apply.Outcome{done}, [][2]int{{0, 1}, {0, 0}})
	if want := "done     create user ann\ndone     create user bob\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What to do about failed changes is said once, below them.
func TestFailedChangesHaveOneHint(t *testing.T) {
	t.Parallel()
	tk := orgOf("Bright Kelp", "ann", "bob", "eve")
	forbidden := &jumpcloud.Error{Method: "POST", Path: "/api/systemusers", Status: 403, Message: "Forbidden"}
	tk.result = &apply.Result{Changes: []apply.Outcome{
		{Status: apply.Failed, Err: forbidden}, {Status: apply.Failed, Err: forbidden}, {Status: apply.Failed, Err: errors.New("400: no")},
	}}
	var b bytes.Buffer
	tellLeft(&b, tk)
	if got := b.String(); strings.Count(got, "hint:") != 1 || !strings.HasSuffix(got, "  hint: "+hintOf(forbidden)+"\n") {
		t.Errorf("got\n%s", got)
	}
}

// Of many changes that were not begun the first few are named.
func TestSkippedChangesAreCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ people, lines int }{{20, 20}, {21, 6}, {300, 6}} {
		var people []string
		for i := range c.people {
			people = append(people, fmt.Sprintf("p%03d", i))
		}
		tk := orgOf("Bright Kelp", append(people, "last")...)
		tk.result = &apply.Result{}
		for range c.people {
			tk.result.Changes = append(tk.result.Changes, apply.Outcome{Status: apply.Skipped, Err: errors.New("not begun")})
		}
		tk.result.Changes = append(tk.result.Changes, apply.Outcome{Status: apply.Failed, Err: errors.New("400: no")})
		var b bytes.Buffer
		tellLeft(&b, tk)
		more := fmt.Sprintf("  skipped  %d more changes\n", c.people-5)
		got := b.String()
		if strings.Count(got, "\n") != c.lines+1 || c.people > 20 != strings.HasSuffix(got, more) || !strings.Contains(got, "  failed  create user last: 400: no\n") {
			t.Errorf("%d skipped:\n%s", c.people, got)
		}
	}
}

// A plan that cannot be applied is a line of its organization, others are none.
func TestEventOfFailed(t *testing.T) {
	t.Parallel()
	failed := orgOf("Bright Kelp", "ann")
	failed.org.ID, failed.failed = "5f3c", hinted("plan again", "a need comes late")
	var b bytes.Buffer
	r := &run{Global: &Global{}, out: newSink(&b)}
	r.eventOfFailed(failed)
	r.eventOfFailed(orgOf("Dark Kelp", "bob"))
	_ = r.out.Flush() // into memory
	want := `{"status":"failed","org":{"id":"5f3c","name":""},"change":null,"error_hint":"plan again","error":"a need comes late"}` + "\n"
	if d := cmp.Diff(want, b.String()); d != "" || failed.org.Error != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
