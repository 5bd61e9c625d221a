package plan

import (
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// mergeEdges are the memberships of the file by the names that its groups
// have there: a group that the file renames may be written by the name that
// it had.
func (d *differ) mergeEdges() {
	d.edges, d.at = d.want.Edges, d.want.Pos.Edges
	renamed := map[string]string{}
	for i, e := range d.want.Edges {
		if i > 0 && e.Group == d.want.Edges[i-1].Group {
			continue
		}
		if m, ok := d.pairs.Group(e.Group); ok && m.Former {
			renamed[e.Group] = d.want.Objects[m.Desired].Key
			d.note(state.Note, at(d.want.Pos.Edges, i), "group %q is a former name: write %s", e.Group, renamed[e.Group])
		}
	}
	if len(renamed) > 0 {
		d.renameEdges(renamed)
	}
}

func (d *differ) renameEdges(renamed map[string]string) {
	type edge struct {
		state.Edge
		at state.Pos
	}
	all := make([]edge, len(d.want.Edges))
	for i, e := range d.want.Edges {
		if name := renamed[e.Group]; name != "" {
			e.Group = name
		}
		all[i] = edge{e, at(d.want.Pos.Edges, i)}
	}
	slices.SortStableFunc(all, func(a, b edge) int { return state.CompareEdges(a.Edge, b.Edge) })
	all = slices.CompactFunc(all, func(a, b edge) bool { return a.Edge == b.Edge })
	d.edges, d.at = make([]state.Edge, len(all)), make([]state.Pos, len(all))
	for i, e := range all {
		d.edges[i], d.at[i] = e.Edge, e.at
	}
}

// memberships plans who joins and who leaves groups, a group at a time.
func (d *differ) memberships() {
	d.checkBare()
	for _, key := range d.memberGroups() {
		d.groupMembers(key)
	}
	d.strip()
}

// memberGroups are the groups of the file that have members there or may
// lose some: the keys that the file uses, sorted.
func (d *differ) memberGroups() (keys []string) {
	for i, e := range d.edges {
		if i == 0 || e.Group != d.edges[i-1].Group {
			keys = append(keys, e.Group)
		}
	}
	groups, first := d.want.OfKind(schema.Group)
	for j := range groups {
		if !d.want.Intents[first+j].Absent {
			keys = append(keys, groups[j].Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// group is a group while its memberships are compared.
type group struct {
	key     string // in the file
	desired int    // -1 if the file does not declare it
	live    int    // -1 if it is to be created
	name    Name
}

// liveKey is the key by which live edges name the group.
func (d *differ) liveKey(g group) string {
	if g.live >= 0 {
		return d.live.Objects[g.live].Key
	}
	return g.key
}

func (d *differ) groupMembers(key string) {
	from, to := edgesOf(d.edges, key)
	g, ok := d.findGroup(key, at(d.at, from))
	if !ok {
		return
	}
	if d.pairs.Dynamic(state.Match{Desired: g.desired, Live: g.live}) {
		if from < to {
			d.problem(at(d.at, from), "take the members out of the file, or write membershipMethod: STATIC",
				"group %q is dynamic, its rule makes the members: %s", g.name.Name, d.rule(g.desired, g.live))
		}
		return
	}
	missing, extra := d.compareMembers(g, from, to)
	for _, i := range missing {
		d.join(g, i)
	}
	d.leave(g, to-from, extra)
}

// edgesOf is the run of a group's edges.
func edgesOf(edges []state.Edge, group string) (from, to int) {
	compare := func(e state.Edge, key string) int { return strings.Compare(e.Group, key) }
	from, _ = slices.BinarySearchFunc(edges, group, compare)
	to = from
	for to < len(edges) && edges[to].Group == group {
		to++
	}
	return from, to
}

// findGroup is the group that the file names by key.
func (d *differ) findGroup(key string, pos state.Pos) (g group, ok bool) {
	g = group{key: key, desired: d.want.Find(schema.Group, key), live: -1}
	if g.desired >= 0 {
		g.live, g.name = int(d.pair[g.desired]), d.name(g.desired)
		return g, true
	}
	if g.live = d.live.Find(schema.Group, key); g.live < 0 {
		d.problem(pos, d.near(key, schema.Group), "group %q is neither declared in the file nor in JumpCloud", key)
		return g, false
	}
	if why, hint := d.untouchable(g.live); why != "" {
		d.problem(pos, hint, "group %q is %s", key, why)
		return g, false
	}
	g.name = d.liveName(g.live)
	return g, true
}

// compareMembers are the desired edges that live does not have, and the
// live ones that the file does not name. People are compared as persons: a
// renamed one, or one written by e-mail, is found under the live name.
func (d *differ) compareMembers(g group, from, to int) (missing []int, extra []state.Edge) {
	lfrom, lto := edgesOf(d.live.Edges, d.liveKey(g))
	want, live := d.edges[from:to], d.live.Edges[lfrom:lto]
	i, j := 0, 0
	for i < len(want) || j < len(live) {
		switch {
		case j == len(live) || i < len(want) && want[i].User < live[j].User:
			missing = append(missing, from+i)
			i++
		case i == len(want) || live[j].User < want[i].User:
			extra = append(extra, live[j])
			j++
		default:
			i, j = i+1, j+1
		}
	}
	if len(missing) == 0 {
		return nil, extra
	}
	return d.samePeople(g, missing, extra)
}

// samePeople takes out of both lists the people who are live members under
// another name than the file's, and names nobody twice.
func (d *differ) samePeople(g group, missing []int, extra []state.Edge) ([]int, []state.Edge) {
	members := map[string]bool{} // by key: wanted, live or not
	left := missing[:0]
	for _, i := range missing {
		p, _, ok := d.pairs.Person(d.edges[i].User)
		if !ok {
			left = append(left, i)
			continue
		}
		d.formerly(p, at(d.at, i), "member %q of group %q", d.edges[i].User, g.name.Name)
		key := d.keyOf(p)
		_, live := slices.BinarySearchFunc(d.live.Edges, state.Edge{Group: d.liveKey(g), User: key}, state.CompareEdges)
		if !live && !members[key] {
			left = append(left, i)
		}
		members[key] = true
	}
	extra = slices.DeleteFunc(extra, func(e state.Edge) bool { return members[e.User] })
	return left, extra
}

// join plans that somebody becomes a member.
func (d *differ) join(g group, i int) {
	e, pos := d.edges[i], at(d.at, i)
	p, several, ok := d.pairs.Person(e.User)
	switch {
	case several:
		d.problem(pos, d.whoever(e.User), "member %q of group %q names several people in JumpCloud", e.User, g.name.Name)
		return
	case !ok:
		d.problem(pos, d.nearUser(e.User), "member %q of group %q is neither in the file nor in JumpCloud", e.User, g.name.Name)
		return
	case p.Live >= 0 && d.ignored(p.Live):
		why, hint := d.untouchable(p.Live)
		d.problem(pos, hint, "member %q of group %q is %s", e.User, g.name.Name, why)
		return
	case p.Desired >= 0 && d.neverIn(p.Desired):
		return
	case d.gone(p):
		d.problem(pos, "take them out of the group", "member %q of group %q is to be deleted (ensure: absent)", e.User, g.name.Name)
		return
	}
	last := d.lastDays[state.Edge{Group: d.liveKey(g), User: d.keyOf(p)}]
	n := d.add(Change{Action: Add, Object: g.name, To: d.nameOf(p), Until: last.Day, Source: d.source(pos)})
	d.need(n, schema.User, d.keyOf(p), Create)
	d.need(n, schema.Group, d.liveKey(g), Create)
	d.needStatic(n, g.live)
}

// needStatic makes a membership wait until live group l, if there is one,
// is no longer dynamic: until then its rule makes the members.
func (d *differ) needStatic(n, l int) {
	if l >= 0 && d.live.Facts[l].Dynamic {
		d.need(n, schema.Group, d.live.Objects[l].Key, Update)
	}
}

// leave plans that those whom the file does not name leave an exact group,
// and lists them for any other. Whoever is to be deleted leaves with that.
func (d *differ) leave(g group, desired int, extra []state.Edge) {
	extra = slices.DeleteFunc(extra, func(e state.Edge) bool { return !d.removable(e.User) || d.endsByDate[e] })
	if len(extra) == 0 || !d.live.Facts[g.live].MembersRead {
		return
	}
	if extra = d.deferLeave(g, desired, extra); len(extra) == 0 {
		return
	}
	if g.desired < 0 || !d.want.Intents[g.desired].Exact {
		d.out.Unlisted.Memberships = append(d.out.Unlisted.Memberships, extra...)
		return
	}
	if desired == 0 && !d.opt.NoRemovals && !d.want.Intents[g.desired].NoMembers {
		d.refuse("", "group %q is exact and the file gives it no member, but %d are live: write members: [] to empty it", g.name.Name, len(extra))
	}
	pos := d.intentPos(g.desired).Exact
	if pos == (state.Pos{}) {
		pos = d.objectPos(g.desired)
	}
	for _, e := range extra {
		d.remove(g.live, e, "the group is exact, and the file does not name them for it", pos)
	}
}

// deferred are memberships that end with the members.
type deferred struct {
	group   group
	desired int // members whom the file gives the group
	edges   []state.Edge
}

// deferLeave puts aside the memberships of people who are to be deleted, and
// is the others.
func (d *differ) deferLeave(g group, desired int, edges []state.Edge) (others []state.Edge) {
	var gone []state.Edge
	for _, e := range edges {
		if _, deleted := d.done(schema.User, e.User, Delete); deleted {
			gone = append(gone, e)
		} else {
			others = append(others, e)
		}
	}
	if len(gone) > 0 {
		d.deferred = append(d.deferred, deferred{g, desired, gone})
	}
	return others
}

// leaveAlive looks again at the memberships of people who were to be deleted
// and are not, and is true if there are any.
func (d *differ) leaveAlive() (some bool) {
	all, drops := d.deferred, d.deferredDrops
	d.deferred, d.deferredDrops = nil, nil
	for _, e := range drops {
		before := len(d.changes)
		d.dropEdge(e)
		some = some || len(d.changes) > before
	}
	for _, x := range all {
		before := len(d.changes) + len(d.out.Unlisted.Memberships)
		d.leave(x.group, x.desired, x.edges)
		some = some || len(d.changes)+len(d.out.Unlisted.Memberships) > before
	}
	slices.SortFunc(d.out.Unlisted.Memberships, state.CompareEdges)
	d.out.Unlisted.Memberships = slices.DeleteFunc(d.out.Unlisted.Memberships, func(e state.Edge) bool { return d.removed[e] })
	return some
}

// removable tells whether an edge to a user may be removed: never to one
// who was not read, is ignored or is neither listed nor in scope.
func (d *differ) removable(user string) bool {
	l := d.live.Find(schema.User, user)
	if l < 0 || d.ignored(l) {
		return false
	}
	return d.twin[l] >= 0 || d.inScope(l)
}

func (d *differ) remove(group int, e state.Edge, reason string, pos state.Pos) {
	c := Change{Action: Remove, Object: d.liveName(group), To: d.liveName(d.live.Find(schema.User, e.User)), Reason: reason, Source: d.source(pos)}
	if d.newlyExact(group) {
		c.Hazards = []schema.Hazard{schema.NewlyExact}
	}
	if d.removed[e] {
		return // of an exact group and of a person with no groups at once
	}
	if d.removed == nil {
		d.removed = map[state.Edge]bool{}
	}
	d.removed[e] = true
	d.needStatic(d.add(c), group)
}

// checkBare finds groups that name somebody who is to be in none, by a name
// that only live knows to be theirs.
func (d *differ) checkBare() {
	bare := d.bare()
	if len(bare) == 0 {
		return
	}
	for n, e := range d.edges {
		if d.want.Find(schema.User, e.User) >= 0 {
			continue // Load has looked
		}
		m, _, ok := d.pairs.Person(e.User)
		if !ok || m.Live < 0 {
			continue
		}
		if i, is := bare[d.live.Objects[m.Live].Key]; is {
			d.problem(at(d.at, n), "take one of them out", "group %q names %s (%s), whose groups: [] says: in no group", e.Group, d.want.Objects[i].Name, e.User)
		}
	}
}

// bare are the live people whom the file wants in no group, by live key.
func (d *differ) bare() map[string]int {
	bare := map[string]int{}
	users, first := d.want.OfKind(schema.User)
	for j := range users {
		if in := &d.want.Intents[first+j]; in.NoGroups && !in.Absent && d.pair[first+j] >= 0 {
			bare[d.key(first+j)] = first + j
		}
	}
	return bare
}

// strip plans that people with `groups: []` leave every static group.
func (d *differ) strip() {
	bare := d.bare()
	if len(bare) == 0 {
		return
	}
	for _, e := range d.live.Edges {
		if i, ok := bare[e.User]; ok {
			d.stripFrom(i, e)
		}
	}
}

func (d *differ) stripFrom(i int, e state.Edge) {
	l := d.live.Find(schema.Group, e.Group)
	if l < 0 || d.ignored(l) {
		return
	}
	if _, deleted := d.done(schema.Group, e.Group, Delete); deleted {
		return
	}
	if d.pairs.Dynamic(state.Match{Desired: int(d.twin[l]), Live: l}) {
		d.note(state.Note, d.intentPos(i).NoGroups, "%s stays in dynamic group %s, whose rule makes the members", d.want.Objects[i].Name, e.Group)
		return
	}
	d.remove(l, e, "groups: []", d.intentPos(i).NoGroups)
}
