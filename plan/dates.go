package plan

import (
	"slices"

	"rollcall/schema"
	"rollcall/state"
)

// neverIn tells whether a desired person is not live and is not created,
// because the last day is over.
func (d *differ) neverIn(i int) bool {
	return d.want.Intents[i].Due == state.Ended && d.pair[i] < 0 && !d.want.Intents[i].Absent
}

// tooLateNote tells of the people who are not created.
func (d *differ) tooLateNote() {
	if len(d.tooLate) > 0 {
		d.note(state.Note, state.Pos{}, "not in JumpCloud and not created, as the last day is over: %s", some(d.tooLate))
	}
}

// endEdges takes out of the memberships of the file those whose last day is
// over, by whatever name another place writes the person: a date holds
// wherever else the membership stands.
func (d *differ) endEdges() {
	d.findLastDays()
	if len(d.lastDays) == 0 {
		return
	}
	groups := map[string]bool{} // with a membership that has a last day
	for e := range d.lastDays {
		groups[e.Group] = true
	}
	over, group := map[int]bool{}, ""
	for n, e := range d.edges {
		if n == 0 || e.Group != d.edges[n-1].Group {
			group = d.groupWanted(e.Group)
		}
		if !groups[group] {
			continue
		}
		now := state.Edge{Group: group, User: d.userWanted(e.User)}
		u, dated := d.lastDays[now]
		if dated && e.User != u.User {
			d.note(state.Warning, u.Pos, "the membership of %s in %q ends on %s, although it is written without that day as %s too", u.User, e.Group, u.Day, e.User)
		}
		if d.endsByDate[now] {
			over[n] = true
		}
	}
	d.edges, d.at = without(d.edges, over), without(d.at, over)
}

// findLastDays finds the last days of memberships by the keys of today, the
// earliest where a membership has several.
func (d *differ) findLastDays() {
	d.lastDays = make(map[state.Edge]state.Until, len(d.want.Ended)+len(d.want.Untils))
	take := func(u state.Until) state.Edge {
		e := d.edgeWanted(u.Edge)
		if other, ok := d.lastDays[e]; !ok || u.Day < other.Day {
			d.lastDays[e] = u
		}
		return e
	}
	d.endsByDate = make(map[state.Edge]bool, len(d.want.Ended))
	for _, u := range d.want.Ended {
		d.endsByDate[take(u)] = true
	}
	for _, u := range d.want.Untils {
		take(u)
	}
}

// without is a list without the elements at some indexes.
func without[T any](list []T, at map[int]bool) []T {
	if len(at) == 0 {
		return list
	}
	left := make([]T, 0, len(list))
	for n := range list {
		if !at[n] {
			left = append(left, list[n])
		}
	}
	return left
}

// ended plans the end of the memberships whose last day is over, in groups of
// any kind.
func (d *differ) ended() {
	for _, u := range d.want.Ended {
		e := d.edgeWanted(u.Edge)
		if _, deleted := d.done(schema.User, e.User, Delete); !deleted && d.droppable(e) {
			d.remove(d.live.Find(schema.Group, e.Group), e, "until: "+u.Day, u.Pos)
		}
	}
}

// traceDates says of what only a date causes that a date does: the base has
// it too, or there is none to tell.
func (d *differ) traceDates(c *Change) {
	switch {
	case c.Action == Remove && d.endsByDate[edgeOf(c)]:
		if d.past == nil || d.past.ended[edgeOf(c)] {
			c.Origin = Date
		} else if c.Origin == Drift || c.Origin == Dropped {
			c.Origin = Changed
		}
	case c.Object.ID != "" && d.stateIsDue(c):
		for n := range c.Fields {
			if f := &c.Fields[n]; f.Field == schema.State && (f.Origin == Drift || f.Origin == Unknown) {
				f.Origin = Date
			}
		}
		c.Origin = originOf(c.Fields)
	}
}

// edgeOf is the membership that a change is about, by live keys.
func edgeOf(c *Change) state.Edge { return state.Edge{Group: c.Object.key(), User: c.To.key()} }

// stateIsDue tells whether the state that a change gives a live person comes
// from a date.
func (d *differ) stateIsDue(c *Change) bool {
	if c.Object.Kind != schema.User || !changes(c, schema.State) {
		return false
	}
	l := d.live.Find(schema.User, c.Object.key())
	if l < 0 || d.twin[l] < 0 {
		return false
	}
	in := &d.want.Intents[d.twin[l]]
	return in.Due == state.Started && c.Action == Activate || in.Due == state.Ended && c.Action == Suspend && in.Undated != suspended
}

// emptyingNotes warn of groups all of whose members have a last day: nobody
// will be in them then.
func (d *differ) emptyingNotes() {
	last := map[string][]state.Until{} // by the key of a group of today
	for _, u := range d.want.Untils {
		e := d.edgeWanted(u.Edge)
		last[e.Group] = append(last[e.Group], state.Until{Edge: e, Day: u.Day, Pos: u.Pos})
	}
	if len(last) == 0 {
		return
	}
	after := d.membersAfter(last)
	for _, u := range d.want.Untils {
		group := d.edgeWanted(u.Edge).Group
		untils := last[group]
		delete(last, group)
		members, known := after[group]
		if !known || len(untils) == 0 || !slices.ContainsFunc(untils, func(u state.Until) bool { return members[u.User] }) {
			continue
		}
		d.emptying(group, members, untils)
	}
}

// emptying warns of a group if each of its members has a last day.
func (d *differ) emptying(group string, members map[string]bool, untils []state.Until) {
	var latest state.Until
	for _, u := range untils {
		delete(members, u.User)
		if u.Day > latest.Day {
			latest = u
		}
	}
	if len(members) == 0 {
		d.note(state.Warning, latest.Pos, "%s", state.Emptied(group, latest.Day))
	}
}

// membersAfter are the people whom groups have after the plan, by group; a
// group whose members were not read is not in it.
func (d *differ) membersAfter(groups map[string][]state.Until) map[string]map[string]bool {
	after := map[string]map[string]bool{}
	for group := range groups {
		if l := d.live.Find(schema.Group, group); l < 0 || d.live.Facts[l].MembersRead {
			after[group] = map[string]bool{}
		}
	}
	for _, e := range d.live.Edges {
		if members, asked := after[e.Group]; asked && d.stays(e) {
			members[e.User] = true
		}
	}
	for n := range d.changes {
		c := &d.changes[n]
		if members, asked := after[c.Object.key()]; asked && c.Action == Add && !d.dropped[n] {
			members[c.To.key()] = true
		}
	}
	return after
}
