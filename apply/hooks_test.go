package apply_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/apply"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
)

// diary is what Before and After were told.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *diary) before(n int, c *plan.Change) error {
	d.note("before %d %s %q to %q", n, c.Action, c.Object.ID, c.To.ID)
	return nil
}

func (d *diary) after(n int, c *plan.Change, o apply.Outcome) error {
	d.note("after %d %s %v", n, o.Status, o.Written)
	return nil
}

// Each change that is begun is told before and after, with all ids and
// before its request is sent; what is never begun is not.
func TestBeforeAndAfter(t *testing.T) {
	t.Parallel()
	var d diary
	w := newWorld(t, kelp(), sandbox.Options{})
	result := w.runWith(t, apply.Options{Parallel: 1, Before: d.before, After: d.after, Sleep: noSleep},
		newUser("eve"), after(plan.Change{Action: plan.Add, Object: group("Data", dataID), To: user("eve", "")}, 0),
		to(plan.Delete, user("max", maxID)), after(to(plan.Delete, group("Rule", ruleID)), 2),
		to(plan.Delete, user("joe", noID)), to(plan.Update, user("nobody", "")),
	)
	eve := w.user("eve")["_id"]
	want := []string{
		`before 0 create "" to ""`, "after 0 done true",
		fmt.Sprintf(`before 1 add %q to %q`, dataID, eve), "after 1 done true",
		fmt.Sprintf(`before 2 delete %q to ""`, maxID), "after 2 stale false",
		fmt.Sprintf(`before 4 delete %q to ""`, noID), "after 4 done false",
	}
	if diff := cmp.Diff(want, d.lines); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if result.Changes[0].ID != eve || result.Written != 2 || result.Stopped != nil {
		t.Errorf("result %+v", result)
	}
}

// What Before refuses is not sent, and nothing new is begun after an error
// of either.
func TestHookThatFails(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	changes := []plan.Change{suspend(person(0)), suspend(person(1)), suspend(person(2)), after(suspend(person(3)), 1), after(suspend(person(4)), 3)}
	const rest = "skipped: not begun: disk full"
	tests := []struct {
		name string
		o    apply.Options
		want []string
		sent int
	}{
		{"before", apply.Options{Before: func(n int, _ *plan.Change) error {
			if n == 1 {
				return full
			}
			return nil
		}}, []string{"done", "failed: not sent: disk full", rest, "blocked by 1", "blocked by 3"}, 2},
		{"after", apply.Options{After: func(n int, _ *plan.Change, _ apply.Outcome) error {
			if n == 1 {
				return full
			}
			return nil
		}}, []string{"done", "done", rest, rest, rest}, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, crowd(5), sandbox.Options{})
			test.o.Parallel = 1
			result := w.runWith(t, test.o, changes...)
			if d := cmp.Diff(test.want, told(result)); d != "" {
				t.Errorf("outcomes (-want +got):\n%s", d)
			}
			if len(w.sent) != test.sent || !errors.Is(result.Stopped, full) {
				t.Errorf("stopped by %v, sent %q", result.Stopped, w.sent)
			}
		})
	}
}

// Hooks of several changes run at once, each pair in its own goroutine.
func TestHooksSideBySide(t *testing.T) {
	t.Parallel()
	const parallel = 4
	var d diary
	var underWay sync.WaitGroup
	underWay.Add(parallel)
	w := newWorld(t, crowd(parallel), sandbox.Options{})
	var changes []plan.Change
	for i := range parallel {
		changes = append(changes, to(plan.Update, person(i), set(schema.JobTitle, "", "x")))
	}
	w.runWith(t, apply.Options{Parallel: parallel, After: d.after, Before: func(int, *plan.Change) error {
		underWay.Done()
		underWay.Wait()
		return nil
	}}, changes...)
	slices.Sort(d.lines)
	if diff := cmp.Diff([]string{"after 0 done true", "after 1 done true", "after 2 done true", "after 3 done true"}, d.lines); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
