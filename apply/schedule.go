package apply

import (
	"container/heap"
	"fmt"

	"rollcall/plan"
)

// schedule hands out changes when all that they need is done, the one that
// stands first in the plan first.
type schedule struct {
	waiting []int   // of each change: needs that are not done
	unlocks [][]int // of each change: changes that need it
	blocked []bool
	ready   indexes
}

func newSchedule(p *plan.Org) (*schedule, error) {
	s := &schedule{waiting: make([]int, len(p.Changes)), unlocks: make([][]int, len(p.Changes)), blocked: make([]bool, len(p.Changes))}
	for n, c := range p.Changes {
		for _, m := range c.Needs {
			if m < 0 || m >= n {
				return nil, fmt.Errorf("change %d of the plan needs change %d, which does not come before it", n, m)
			}
			s.unlocks[m] = append(s.unlocks[m], n)
		}
		s.waiting[n] = len(c.Needs)
		if len(c.Needs) == 0 {
			s.ready = append(s.ready, n)
		}
	}
	heap.Init(&s.ready)
	return s, nil
}

// next is the first change that can be made now.
func (s *schedule) next() int { return heap.Pop(&s.ready).(int) }

// done makes ready what waited for change n alone.
func (s *schedule) done(n int) {
	for _, m := range s.unlocks[n] {
		if s.waiting[m]--; s.waiting[m] == 0 && !s.blocked[m] {
			heap.Push(&s.ready, m)
		}
	}
}

// block is a change that cannot be made, and the one of its needs that was not.
type block struct{ n, by int }

// failed is all that cannot be made any more because change n was not.
func (s *schedule) failed(n int) (blocks []block) {
	queue := []int{n}
	for len(queue) > 0 {
		by := queue[0]
		queue = queue[1:]
		for _, m := range s.unlocks[by] {
			if !s.blocked[m] {
				s.blocked[m] = true
				blocks = append(blocks, block{m, by})
				queue = append(queue, m)
			}
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
