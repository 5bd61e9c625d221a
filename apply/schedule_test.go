package apply

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rollcall/plan"
)

// graph is a random plan of changes that need earlier ones.
func graph(t *rapid.T) *plan.Org {
	n := rapid.IntRange(0, 30).Draw(t, "changes")
	p := &plan.Org{Changes: make([]plan.Change, n)}
	for i := range p.Changes {
		for m := range i {
			if rapid.IntRange(0, 5).Draw(t, "need") == 0 {
				p.Changes[i].Needs = append(p.Changes[i].Needs, m)
			}
		}
	}
	return p
}

// reach is every change that needs one of from, directly or not.
func reach(p *plan.Org, from map[int]bool) map[int]bool {
	reached := map[int]bool{}
	for n, c := range p.Changes {
		if slices.ContainsFunc(c.Needs, func(m int) bool { return from[m] || reached[m] }) {
			reached[n] = true
		}
	}
	return reached
}

func TestScheduleBlocksWhatNeedsAFailedChangeAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := graph(t)
		s, err := newSchedule(p)
		if err != nil {
			t.Fatal(err)
		}
		done, failed, blocked := map[int]bool{}, map[int]bool{}, map[int]bool{}
		for s.ready.Len() > 0 {
			n := s.next()
			for _, m := range p.Changes[n].Needs {
				if !done[m] {
					t.Fatalf("change %d is handed out before %d, which it needs, is done", n, m)
				}
			}
			if rapid.IntRange(0, 4).Draw(t, "fails") > 0 {
				done[n] = true
				s.done(n)
				continue
			}
			failed[n] = true
			for _, b := range s.failed(n) {
				if blocked[b.n] {
					t.Fatalf("change %d is blocked twice", b.n)
				}
				if !failed[b.by] && !blocked[b.by] || !slices.Contains(p.Changes[b.n].Needs, b.by) {
					t.Fatalf("change %d is said to be blocked by %d", b.n, b.by)
				}
				blocked[b.n] = true
			}
		}
		want := reach(p, failed)
		for n := range p.Changes {
			if blocked[n] != want[n] || done[n] == (failed[n] || blocked[n]) {
				t.Fatalf("change %d: done %v, failed %v, blocked %v, want blocked %v", n, done[n], failed[n], blocked[n], want[n])
			}
		}
	})
}

func TestScheduleHandsOutTheFirstReadyChange(t *testing.T) {
	p := &plan.Org{Changes: []plan.Change{{}, {Needs: []int{0}}, {}, {Needs: []int{1}}}}
	s, err := newSchedule(p)
	if err != nil {
		t.Fatal(err)
	}
	var order []int
	for s.ready.Len() > 0 {
		n := s.next()
		order = append(order, n)
		s.done(n)
	}
	if !slices.Equal(order, []int{0, 1, 2, 3}) {
		t.Errorf("order %v", order)
	}
}

func TestScheduleRefusesNeedsThatComeLater(t *testing.T) {
	for _, needs := range [][]int{{1}, {0}, {-1}} {
		if _, err := newSchedule(&plan.Org{Changes: []plan.Change{{Needs: needs}, {}}}); err == nil {
			t.Errorf("needs %v: no error", needs)
		}
	}
}
