package plan

import (
	"path/filepath"
	"slices"

	"rollcall/schema"
	"rollcall/state"
)

// past is the base revision, seen from the file and from live.
type past struct {
	*state.Desired
	pairs *state.Pairs               // of the base with live
	of    []int32                    // of desired objects: the same one in the base, -1 for none
	now   []int32                    // of objects of the base: the desired one, -1 for none
	ended map[state.Edge]bool        // memberships whose last day was over then too, by the keys that objects have now
	edges map[state.Edge]state.Sides // what the base wanted, by the keys that objects have now
	lost  []bool                     // of Pos.Files: nobody reads the file any more
}

// remember looks at the base, if there is one.
func (d *differ) remember() {
	if d.base == nil {
		return
	}
	p := &past{Desired: d.base, pairs: state.Pair(d.base, d.live), of: nobody(len(d.want.Objects)), now: nobody(len(d.base.Objects))}
	d.past = p
	for i := range d.want.Objects {
		if b := d.before(i); b >= 0 && p.now[b] < 0 {
			p.of[i], p.now[b] = int32(b), int32(i)
		}
	}
	p.edges = make(map[state.Edge]state.Sides, len(p.Edges))
	for n, e := range p.Edges {
		p.edges[d.edgeNow(e)] |= p.Sides[n]
	}
	p.ended = make(map[state.Edge]bool, len(p.Ended))
	for _, u := range p.Ended {
		e := d.edgeNow(u.Edge)
		p.ended[e] = true
		delete(p.edges, e) // another place of the base may write it by another name
	}
	p.lost = make([]bool, len(p.Pos.Files))
	for f, name := range p.Pos.Files {
		p.lost[f] = !slices.ContainsFunc(d.want.Pos.Files, func(now string) bool { return filepath.Clean(now) == filepath.Clean(name) })
	}
}

func nobody(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = -1
	}
	return list
}

// before is the object of the base that a desired one was, -1 for none: of
// its name, of a former name, or of the same live object.
func (d *differ) before(i int) int {
	o := &d.want.Objects[i]
	for _, key := range append([]string{o.Key}, d.want.Intents[i].Was...) {
		if b := d.base.Find(o.Kind, key); b >= 0 {
			return b
		}
	}
	if l := d.pair[i]; l >= 0 {
		return int(d.past.pairs.Desired[l])
	}
	return -1
}

// edgeNow is a membership of the base by the keys of today: the live ones,
// or those that the file gives to who is to be created. A name that meant
// nobody then means whom it means in the file.
func (d *differ) edgeNow(e state.Edge) state.Edge {
	if m, ok := d.past.pairs.Group(e.Group); ok {
		e.Group = d.keyNow(m, e.Group)
	} else if m, ok := d.pairs.Group(e.Group); ok && m.Desired >= 0 {
		e.Group = d.key(m.Desired)
	}
	if m, _, ok := d.past.pairs.Person(e.User); ok {
		e.User = d.keyNow(m, e.User)
	} else if m, _, ok := d.pairs.Person(e.User); ok {
		e.User = d.keyOf(m)
	}
	return e
}

// keyNow is the key of today of what a name of the base means.
func (d *differ) keyNow(m state.Match, name string) string {
	if m.Desired >= 0 {
		if i := d.past.now[m.Desired]; i >= 0 {
			return d.key(int(i))
		}
	}
	if m.Live >= 0 {
		return d.live.Objects[m.Live].Key
	}
	return name
}

// isLost tells whether a place of the base is in a file that is not read any
// more: nothing that stood there counts as dropped.
func (p *past) isLost(at state.Pos) bool { return at.File > 0 && p.lost[at.File-1] }

// dropsUser tells whether the base had a live person whom the file no longer
// has, though it still reads where they stood.
func (d *differ) dropsUser(l int) bool {
	if d.past == nil {
		return false
	}
	b := d.past.pairs.Desired[l]
	return b >= 0 && d.past.now[b] < 0 && !d.past.Intents[b].Absent && !d.past.isLost(at(d.past.Pos.Objects, int(b)))
}

// droppedEdges ends the memberships that the base wrote and the file no
// longer does, while the person or the group that wrote them is still there.
func (d *differ) droppedEdges() {
	if d.past == nil {
		return
	}
	wanted := map[state.Edge]bool{}
	for _, e := range d.edges {
		wanted[d.edgeWanted(e)] = true
	}
	drop := func(was state.Edge, sides state.Sides, at state.Pos) {
		e := d.edgeNow(was)
		switch {
		case wanted[e] || d.removed[e]:
		case d.past.isLost(at) || !d.stillWritten(was, sides):
			d.listEdge(e)
		default:
			d.dropEdge(e)
		}
	}
	for n, was := range d.past.Edges {
		drop(was, d.past.Sides[n], at(d.past.Pos.Edges, n))
	}
	for _, u := range d.past.Ended {
		drop(u.Edge, state.AtUser, u.Pos)
	}
	m := &d.out.Unlisted.Memberships
	*m = slices.DeleteFunc(*m, func(e state.Edge) bool { return d.removed[e] })
	slices.SortFunc(*m, state.CompareEdges)
	*m = slices.Compact(*m)
}

// listEdge lists a live membership that the file has given up with whoever
// wrote it: nobody says that it is to end.
func (d *differ) listEdge(e state.Edge) {
	if d.droppable(e) {
		d.out.Unlisted.Memberships = append(d.out.Unlisted.Memberships, e)
	}
}

// droppable tells whether a membership is live, and no rule makes it.
func (d *differ) droppable(e state.Edge) bool {
	g := d.live.Find(schema.Group, e.Group)
	if g < 0 || d.ignored(g) || !d.removable(e.User) || d.pairs.Dynamic(state.Match{Desired: int(d.twin[g]), Live: g}) {
		return false
	}
	_, isLive := slices.BinarySearchFunc(d.live.Edges, e, state.CompareEdges)
	_, deleted := d.done(schema.Group, e.Group, Delete)
	return isLive && !deleted
}

// newlyExact tells whether the file begins to own the members of a live
// group that the base did not own.
func (d *differ) newlyExact(l int) bool {
	i := d.twin[l]
	if d.past == nil || i < 0 || !d.want.Intents[i].Exact {
		return false
	}
	b := d.past.of[i]
	return b < 0 || !d.past.Intents[b].Exact
}

// edgeWanted is a membership of the file by the keys of today.
func (d *differ) edgeWanted(e state.Edge) state.Edge {
	return state.Edge{Group: d.groupWanted(e.Group), User: d.userWanted(e.User)}
}

func (d *differ) groupWanted(name string) string {
	if m, ok := d.pairs.Group(name); ok && m.Desired >= 0 {
		return d.key(m.Desired)
	}
	return name
}

func (d *differ) userWanted(name string) string {
	if m, _, ok := d.pairs.Person(name); ok {
		return d.keyOf(m)
	}
	return name
}

// stillWritten tells whether the file still has the entry that wrote a
// membership: who left takes theirs out of management.
func (d *differ) stillWritten(was state.Edge, sides state.Sides) bool {
	has := func(k schema.Kind, key string) bool {
		b := d.past.Find(k, key)
		if b < 0 || d.past.now[b] < 0 {
			return false
		}
		return !d.want.Intents[d.past.now[b]].Absent
	}
	return sides&state.AtUser != 0 && has(schema.User, was.User) || sides&state.AtGroup != 0 && has(schema.Group, was.Group)
}

// dropEdge plans the end of a live membership that the file no longer wants,
// unless it ends with the member.
func (d *differ) dropEdge(e state.Edge) {
	if !d.droppable(e) {
		return
	}
	if _, deleted := d.done(schema.User, e.User, Delete); deleted {
		d.deferredDrops = append(d.deferredDrops, e)
		return
	}
	d.remove(d.live.Find(schema.Group, e.Group), e, "no longer in the file", state.Pos{})
}

// vanished refuses to act where none of the people of the base whom the file
// still wants are live: JumpCloud rather did not tell of them. Others may have
// been deleted by an earlier run.
func (d *differ) vanished() {
	if d.past == nil {
		return
	}
	users, first := d.past.OfKind(schema.User)
	people := 0
	for j := range users {
		i := d.past.now[first+j]
		if d.past.Intents[first+j].Absent || i < 0 || d.want.Intents[i].Absent || d.neverIn(int(i)) {
			continue
		}
		if people++; d.past.pairs.Live[first+j] >= 0 || d.pair[i] >= 0 {
			return
		}
	}
	switch {
	case people < 2:
	case d.drift:
		d.refuse("", "none of the %d people of the files is in JumpCloud: the read is taken for incomplete, but not by apply without --base", people)
	default:
		d.refuse("", "none of the %d people whom base and file have is in JumpCloud: the read is taken for incomplete", people)
	}
}
