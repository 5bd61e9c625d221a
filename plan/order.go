package plan

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// order sorts the changes: each behind those that it needs, ties by rank,
// then by name. Changes that need each other in a circle cannot be made
// and are refused with the way out.
func (d *differ) order() {
	d.settleHeld()
	waiting := make([]int, len(d.changes))
	unlocks := make([][]int, len(d.changes))
	q := &queue{changes: d.changes}
	kept := 0
	for n := range d.changes {
		if d.dropped[n] {
			continue
		}
		kept++
		waiting[n] = len(d.changes[n].Needs)
		for _, m := range d.changes[n].Needs {
			unlocks[m] = append(unlocks[m], n)
		}
		if waiting[n] == 0 {
			q.ready = append(q.ready, n)
		}
	}
	heap.Init(q)
	var sorted []int
	for q.Len() > 0 {
		n := heap.Pop(q).(int)
		sorted = append(sorted, n)
		for _, m := range unlocks[n] {
			if waiting[m]--; waiting[m] == 0 {
				heap.Push(q, m)
			}
		}
	}
	if len(sorted) < kept {
		sorted = append(sorted, d.circle(waiting)...)
	}
	d.renumber(sorted)
}

// settleHeld drops the needs of changes that are not made. What cannot be
// done without them was held or refused before.
func (d *differ) settleHeld() {
	for n := range d.changes {
		c := &d.changes[n]
		c.Needs = slices.DeleteFunc(c.Needs, func(m int) bool { return d.dropped[m] })
	}
}

// circle refuses the changes that wait for each other, and is all that
// could not be sorted because of them.
func (d *differ) circle(waiting []int) (rest []int) {
	for n := range d.changes {
		if waiting[n] > 0 && !d.dropped[n] {
			rest = append(rest, n)
		}
	}
	var names []string
	for _, n := range d.members(rest) {
		names = append(names, d.changes[n].Object.Name)
	}
	slices.Sort(names)
	d.refuse("", "%s exchange a value that only one of them can have, or need each other in another way: give one of them a third value first, and the final ones in a later change",
		strings.Join(slices.Compact(names), " and "))
	return rest
}

// members leaves out of rest the changes that only wait for a circle.
func (d *differ) members(rest []int) []int {
	for {
		inside := slices.DeleteFunc(slices.Clone(rest), func(n int) bool {
			return !slices.ContainsFunc(rest, func(m int) bool { return slices.Contains(d.changes[m].Needs, n) })
		})
		if len(inside) == len(rest) {
			return inside
		}
		rest = inside
	}
}

// renumber puts the changes into their order and translates their needs.
func (d *differ) renumber(sorted []int) {
	place := make([]int, len(d.changes))
	for i, n := range sorted {
		place[n] = i
	}
	d.out.Changes = make([]Change, len(sorted))
	for i, n := range sorted {
		c := d.changes[n]
		needs := make([]int, len(c.Needs))
		for k, m := range c.Needs {
			needs[k] = place[m]
		}
		slices.Sort(needs)
		c.Needs = needs
		d.out.Changes[i] = c
	}
	slices.SortFunc(d.out.Held, func(a, b Held) int { return compareChanges(&a.Change, &b.Change) })
}

// queue is the changes that may come next, as a heap.
type queue struct {
	changes []Change
	ready   []int
}

func (q *queue) Len() int { return len(q.ready) }
func (q *queue) Less(i, j int) bool {
	return compareChanges(&q.changes[q.ready[i]], &q.changes[q.ready[j]]) < 0
}
func (q *queue) Swap(i, j int) { q.ready[i], q.ready[j] = q.ready[j], q.ready[i] }
func (q *queue) Push(x any)    { q.ready = append(q.ready, x.(int)) }
func (q *queue) Pop() any {
	last := q.ready[len(q.ready)-1]
	q.ready = q.ready[:len(q.ready)-1]
	return last
}

// compareChanges orders changes that do not need each other.
func compareChanges(a, b *Change) int {
	return cmp.Or(
		rank(a)-rank(b),
		strings.Compare(state.Fold(a.Object.Name), state.Fold(b.Object.Name)),
		strings.Compare(a.Object.Name, b.Object.Name),
		strings.Compare(state.Fold(a.To.Name), state.Fold(b.To.Name)),
		compareFields(a.Fields, b.Fields),
	)
}

// compareFields tells two changes of one person apart: the rename goes first.
func compareFields(a, b []Delta) int {
	return slices.CompareFunc(a, b, func(x, y Delta) int { return schema.Compare(x.Value, y.Value) })
}

// rank is the order of kinds of changes: people are locked out first, and
// nothing is deleted before everything else is done.
func rank(c *Change) int {
	user := c.Object.Kind == schema.User
	switch c.Action {
	case Suspend:
		return 0
	case Create:
		if user {
			return 3
		}
		return 1
	case Update, Reactivate:
		if user {
			return 4
		}
		return 2
	case Activate:
		return 5
	case Add:
		return 6
	case Remove:
		return 7
	}
	if user {
		return 8
	}
	return 9
}
