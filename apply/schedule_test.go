package apply

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/plan"
	"rollcall/schema"
)

// graph is a random plan of changes that need earlier ones; some write to
// the same few people.
func graph(t *rapid.T) *plan.Org {
	n := rapid.IntRange(0, 30).Draw(t, "changes")
	p := &plan.Org{Changes: make([]plan.Change, n)}
	for i := range p.Changes {
		c := &p.Changes[i]
		c.Object = plan.Name{Kind: schema.Group, Name: "g"}
		if rapid.IntRange(0, 2).Draw(t, "user") == 0 {
			c.Object = plan.Name{Kind: schema.User, ID: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id")}
		}
		for m := range i {
			if rapid.IntRange(0, 5).Draw(t, "need") == 0 {
				c.Needs = append(c.Needs, m)
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

// Changes are begun and settled in any order and fail at random.
func TestScheduleBlocksWhatNeedsAFailedChangeAndNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := graph(t)
		s, err := newSchedule(p)
		if err != nil {
			t.Fatal(err)
		}
		done, failed, blocked := map[int]bool{}, map[int]bool{}, map[int]bool{}
		var running []int
		for s.ready.Len() > 0 || len(running) > 0 {
			if s.ready.Len() > 0 && (len(running) == 0 || rapid.Bool().Draw(t, "start")) {
				n := s.next()
				checkStart(t, p, n, done, running)
				running = append(running, n)
				continue
			}
			i := rapid.IntRange(0, len(running)-1).Draw(t, "settles")
			n := running[i]
			running = slices.Delete(running, i, i+1)
			made := rapid.IntRange(0, 4).Draw(t, "fails") > 0
			done[n], failed[n] = made, !made
			for _, b := range s.settle(n, made) {
				if blocked[b.n] {
					t.Fatalf("change %d is blocked twice", b.n)
				}
				blocked[b.n] = true
				if first := firstLost(p, b.n, failed, blocked); b.by != first {
					t.Fatalf("change %d is said to be blocked by %d, its first need that was not made is %d", b.n, b.by, first)
				}
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

// checkStart checks that all needs of a change are done, and that nothing
// else is written to the same person meanwhile.
func checkStart(t *rapid.T, p *plan.Org, n int, done map[int]bool, running []int) {
	c := &p.Changes[n]
	for _, m := range c.Needs {
		if !done[m] {
			t.Fatalf("change %d is handed out before %d, which it needs, is done", n, m)
		}
	}
	for _, m := range running {
		if c.Object.Kind == schema.User && p.Changes[m].Object == c.Object {
			t.Fatalf("changes %d and %d of one person are made at once", m, n)
		}
	}
}

func firstLost(p *plan.Org, n int, failed, blocked map[int]bool) int {
	for _, m := range p.Changes[n].Needs {
		if failed[m] || blocked[m] {
			return m
		}
	}
	return -1
}

func TestScheduleHandsOutTheFirstReadyChange(t *testing.T) {
	t.Parallel()
	group := plan.Name{Kind: schema.Group, Name: "g"}
	ann, eve, EVE := plan.Name{Name: "ann", ID: "1"}, plan.Name{Name: "eve"}, plan.Name{Name: "EVE"}
	p := &plan.Org{Changes: []plan.Change{{Object: group}, {Object: group, Needs: []int{0}}, {Object: ann}, {Object: eve}, {Object: ann, Needs: []int{1}}, {Object: EVE}, {Object: group}}}
	s, err := newSchedule(p)
	if err != nil {
		t.Fatal(err)
	}
	var waves [][]int // what is ready together
	for s.ready.Len() > 0 {
		var wave []int
		for s.ready.Len() > 0 {
			wave = append(wave, s.next())
		}
		for _, n := range wave {
			s.settle(n, n != 3) // that eve's first change fails does not block the second
		}
		waves = append(waves, wave)
	}
	if d := cmp.Diff([][]int{{0, 2, 3, 6}, {1, 5}, {4}}, waves); d != "" {
		t.Errorf("waves (-want +got):\n%s", d)
	}
}

func TestScheduleRefusesNeedsThatComeLater(t *testing.T) {
	t.Parallel()
	for _, needs := range [][]int{{1}, {0}, {-1}, {7}} {
		if _, err := newSchedule(&plan.Org{Changes: []plan.Change{{Needs: needs}, {}}}); err == nil {
			t.Errorf("needs %v: no error", needs)
		}
	}
}
