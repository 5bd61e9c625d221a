package apply

import (
	"container/heap"
	"fmt"

	"rollcall/plan"
	"rollcall/schema"
)

// schedule hands out changes when all that they need is done, the one that
// stands first in the plan first. Two changes of one person are never handed
// out together, though neither needs the other: JumpCloud promises nothing
// about two writes to one record at once.
type schedule struct {
	waiting []int      // of each change: what it waits for and what has not settled
	waiters [][]waiter // of each change: what waits for it
	lost    []int      // of each change: its first need that was not made, -1 for none
	ready   indexes
}

// waiter is a change that waits for another.
type waiter struct {
	n     int
	needs bool // it cannot be made if the other is not
}

func newSchedule(p *plan.Org) (*schedule, error) {
	s := &schedule{waiting: make([]int, len(p.Changes)), waiters: make([][]waiter, len(p.Changes)), lost: make([]int, len(p.Changes))}
	last := map[person]int{}
	for n := range p.Changes {
		c := &p.Changes[n]
		s.lost[n] = -1
		for _, m := range c.Needs {
			if m < 0 || m >= n {
				return nil, fmt.Errorf("change %d of the plan needs change %d, which does not come before it", n, m)
			}
			s.wait(n, m, true)
		}
		if who, ok := writesTo(c); ok {
			if m, other := last[who]; other {
				s.wait(n, m, false)
			}
			last[who] = n
		}
		if s.waiting[n] == 0 {
			s.ready = append(s.ready, n)
		}
	}
	heap.Init(&s.ready)
	return s, nil
}

func (s *schedule) wait(n, m int, needs bool) {
	s.waiters[m] = append(s.waiters[m], waiter{n, needs})
	s.waiting[n]++
}

// person is whose record a change writes: an id, or the name of somebody
// who is created.
type person struct{ id, name string }

// writesTo is the person whose record a change writes. A membership writes
// none, and a plan has no two changes of one group.
func writesTo(c *plan.Change) (who person, ok bool) {
	if c.Object.Kind != schema.User {
		return person{}, false
	}
	if c.Object.ID != "" {
		return person{id: c.Object.ID}, true
	}
	return person{name: nameOf(c.Object).name}, true
}

// next is the first change that can be made now.
func (s *schedule) next() int { return heap.Pop(&s.ready).(int) }

// block is a change that cannot be made, and the first of its needs that
// was not.
type block struct{ n, by int }

// settle makes ready what waited only for change n, and is all that cannot
// be made because of it. A change is blocked when everything that it waits
// for has settled, so that what is said about it does not depend on timing.
func (s *schedule) settle(n int, made bool) (blocks []block) {
	for _, w := range s.waiters[n] {
		if s.waiting[w.n]--; w.needs && !made && (s.lost[w.n] < 0 || n < s.lost[w.n]) {
			s.lost[w.n] = n
		}
		switch {
		case s.waiting[w.n] > 0:
		case s.lost[w.n] < 0:
			heap.Push(&s.ready, w.n)
		default:
			blocks = append(blocks, block{w.n, s.lost[w.n]})
			blocks = append(blocks, s.settle(w.n, false)...)
		}
	}
	return blocks
}

// indexes is a heap of indexes of changes.
type indexes []int

func (h indexes) Len() int           { return len(h) }
func (h indexes) Less(i, j int) bool { return h[i] < h[j] }
func (h indexes) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *indexes) Push(x any)        { *h = append(*h, x.(int)) }
func (h *indexes) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
