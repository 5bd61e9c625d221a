package state

import (
	"slices"

	"rollcall/schema"
)

// Detail is what is read of a live object besides its record in the list.
type Detail uint8

const (
	MembersOf    Detail = 1 << iota // all members of a group
	MemberCount                     // how many members a group has
	GroupRecord                     // a group by id, with the fields that the list omits
	GroupsOfUser                    // all groups of a user
)

// needs are what is read besides the lists.
type needs struct {
	groups []Detail // of live Objects, by index
	people []int    // the live users whose groups are read, by index
}

// needsOf is what the plan of o.Desired needs to know about live, and
// o.More asks for; without both every group is needed whole.
func needsOf(live *Live, o ReadOptions) needs {
	d := o.Desired
	n := needs{groups: make([]Detail, len(live.Objects))}
	if d == nil && o.More != nil {
		n.more(live, o.More)
		return n
	}
	if d == nil {
		_, first := live.OfKind(schema.Group)
		for l := first; l < len(live.Objects); l++ {
			n.groups[l] = MembersOf | GroupRecord
		}
		return n
	}
	p := Pair(d, live)
	named := p.named()
	for i, l := range p.Live {
		switch o := &d.Objects[i]; {
		case l < 0 || d.Policy.Ignores(&live.Objects[l]):
		case o.Kind == schema.Group:
			n.groups[l] = p.groupNeed(i, int(l), named[l])
		case d.needsGroups(i, &live.Objects[l]):
			n.people = append(n.people, int(l))
		}
	}
	n.undeclared(p, named)
	if p.deletes() {
		n.protected(p)
	}
	if o.More != nil {
		n.more(live, o.More)
	}
	return n
}

// more adds what is asked for besides.
func (n *needs) more(live *Live, asked func(*Object) Detail) {
	for l := range live.Objects {
		switch o := &live.Objects[l]; {
		case o.Kind == schema.Group:
			n.groups[l] |= asked(o) &^ GroupsOfUser
		case asked(o)&GroupsOfUser != 0 && !slices.Contains(n.people, l):
			n.people = append(n.people, l)
		}
	}
}

// named marks the live groups of which the file names a member.
func (p *Pairs) named() []bool {
	marks := make([]bool, len(p.live.Objects))
	for i, e := range p.want.Edges {
		if i > 0 && e.Group == p.want.Edges[i-1].Group {
			continue
		}
		if m, ok := p.Group(e.Group); ok && m.Live >= 0 {
			marks[m.Live] = true
		}
	}
	return marks
}

// undeclared adds the live groups that the file gives members without
// declaring them.
func (n *needs) undeclared(p *Pairs, named []bool) {
	for l, is := range named {
		if is && p.Desired[l] < 0 && !p.live.Facts[l].Dynamic && !p.want.Policy.Ignores(&p.live.Objects[l]) {
			n.groups[l] |= MembersOf
		}
	}
}

// deletes tells whether the plan may delete a person.
func (p *Pairs) deletes() bool {
	users, first := p.live.OfKind(schema.User)
	for j := range users {
		i := p.Desired[first+j]
		switch now, _ := users[j].Get(schema.State, ""); {
		case now == Activated:
		case i >= 0 && p.want.Intents[i].Absent:
			return true
		case i < 0 && p.want.Policy.UnlistedUsers == "delete" && !p.want.Policy.Ignores(&users[j]) && p.want.Policy.InScope(&users[j]):
			return true
		}
	}
	return false
}

// protected adds the protected groups, which the end of a member may empty.
func (n *needs) protected(p *Pairs) {
	_, first := p.live.OfKind(schema.Group)
	for l := first; l < len(p.live.Objects); l++ {
		if p.protects(l) && !p.live.Facts[l].Dynamic {
			n.groups[l] |= MembersOf
		}
	}
}

// protects tells whether a live group is protected, under its name or the
// one that the file gives it.
func (p *Pairs) protects(l int) bool {
	i, names := p.Desired[l], p.want.Policy.Protect
	return names.Group(p.live.Objects[l].Name) || i >= 0 && names.Group(p.want.Objects[i].Name)
}

// countsOf are the groups whose members must be counted after what needsOf
// asks for was read: those out of which `groups: []` takes so many people
// that a limit may not let it, or which are protected and must not be emptied.
func countsOf(live *Live, d *Desired) needs {
	n := needs{groups: make([]Detail, len(live.Objects))}
	if !slices.ContainsFunc(d.Intents, func(in Intent) bool { return in.NoGroups }) {
		return n
	}
	p := Pair(d, live)
	lost := map[string]int{}
	for _, e := range live.Edges {
		if l := live.Find(schema.User, e.User); l >= 0 && p.bare(l) {
			lost[e.Group]++
		}
	}
	for key, people := range lost {
		l := live.Find(schema.Group, key)
		known := live.Facts[l].MembersRead || live.Facts[l].Members > 0
		if known || d.Policy.Ignores(&live.Objects[l]) || p.Dynamic(p.ofLive(l)) {
			continue
		}
		if people > d.Policy.freelyLost() || p.protects(l) {
			n.groups[l] = MemberCount
		}
	}
	return n
}

// bare tells whether the file wants live user l in no group.
func (p *Pairs) bare(l int) bool {
	i := p.Desired[l]
	return i >= 0 && p.want.Intents[i].NoGroups && !p.want.Intents[i].Absent
}

// freelyLost is how many people any group may lose under the limit
// shrink_group, however many members it has: without a written limit half of
// a group of five.
func (p *Policy) freelyLost() int {
	const half = 2
	if l, written := p.Limits["shrink_group"]; written {
		return min(l.Min, half)
	}
	return half
}

// groupNeed is what is read of live group l for entry i, of which the file
// names members or not. Of a dynamic group nothing is done about members, but
// a new rule may take all of them out, which a limit counts.
func (p *Pairs) groupNeed(i, l int, named bool) Detail {
	o, in := &p.want.Objects[i], &p.want.Intents[i]
	if in.Absent {
		return MemberCount
	}
	var n Detail
	if slices.ContainsFunc(o.Values, func(v schema.Value) bool { return schema.Of(v.Field).ListOmits }) {
		n |= GroupRecord
	}
	dynamic := p.live.Facts[l].Dynamic
	change := changesRule(o, &p.live.Objects[l])
	switch {
	case !p.Dynamic(Match{Desired: i, Live: l}) && (in.Exact || in.NoMembers || named):
		n |= MembersOf
	case change && dynamic:
		n |= MemberCount
	case change:
		n |= MembersOf
	}
	return n
}

// changesRule tells whether a group's entry changes who its rule takes in.
func changesRule(want, live *Object) bool {
	return slices.ContainsFunc(want.Values, func(v schema.Value) bool {
		f := schema.Of(v.Field)
		if f.Hazard != schema.RuleChange {
			return false
		}
		old, ok := live.Get(v.Field, v.Part)
		if !ok {
			old = f.Unset
		}
		return !schema.Equal(v.Field, old, v.Text)
	})
}

// needsGroups tells whether all groups of the live person o matter for
// entry i: the person is to be in none, or gets back in with them.
func (d *Desired) needsGroups(i int, o *Object) bool {
	if d.Intents[i].Absent {
		return false
	}
	now, _ := o.Get(schema.State, "")
	want, _ := d.Objects[i].Get(schema.State, "")
	return d.Intents[i].NoGroups || now == Suspended && want == Activated
}
