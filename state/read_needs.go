package state

import (
	"slices"
	"strings"

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
	people []int  // the live users whose groups are read, by index
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
	pairs := pairLive(live, d)
	for i, l := range pairs {
		switch o := &d.Objects[i]; {
		case l < 0:
		case o.Kind == schema.Group && !d.Policy.Ignore.Group(live.Objects[l].Name):
			n.groups[l] = d.groupNeed(i, live, l)
		case o.Kind == schema.User && !d.Policy.Ignore.User(live.Objects[l].Name) && d.needsGroups(i, &live.Objects[l]):
			n.people = append(n.people, l)
		}
	}
	n.undeclared(live, d)
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

// undeclared adds the live groups that the file gives members without
// declaring them.
func (n *needs) undeclared(live *Live, d *Desired) {
	for i, e := range d.Edges {
		if i > 0 && e.Group == d.Edges[i-1].Group || d.Find(schema.Group, e.Group) >= 0 {
			continue
		}
		l := live.Find(schema.Group, e.Group)
		if l >= 0 && !live.Facts[l].Dynamic && !d.Policy.Ignore.Group(e.Group) {
			n.groups[l] |= MembersOf
		}
	}
}

// groupNeed is what is read of live group l for entry i. Of a dynamic group
// nothing is done about members, but a new rule may take all of them out,
// which a limit counts.
func (d *Desired) groupNeed(i int, live *Live, l int) Detail {
	o, in := &d.Objects[i], &d.Intents[i]
	if in.Absent {
		return MemberCount
	}
	var n Detail
	if slices.ContainsFunc(o.Values, func(v schema.Value) bool { return schema.Of(v.Field).ListOmits }) {
		n |= GroupRecord
	}
	dynamic := live.Facts[l].Dynamic
	becomes := dynamic
	if method, ok := o.Get(schema.MembershipMethod, ""); ok {
		becomes = strings.HasPrefix(method, "DYNAMIC")
	}
	change := changesRule(o, &live.Objects[l])
	switch {
	case !becomes && (in.Exact || in.NoMembers || d.givesMembers(o.Key)):
		n |= MembersOf
	case change && dynamic:
		n |= MemberCount
	case change:
		n |= MembersOf
	}
	return n
}

// givesMembers tells whether the file names a member of a group.
func (d *Desired) givesMembers(group string) bool {
	i, _ := slices.BinarySearchFunc(d.Edges, group, func(e Edge, group string) int { return strings.Compare(e.Group, group) })
	return i < len(d.Edges) && d.Edges[i].Group == group
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
	return d.Intents[i].NoGroups || now == stateSuspended && want == stateActivated
}

// pairLive finds the live object of each desired one: the one of its name,
// else one with a former name that no other entry has; -1 for none.
func pairLive(live *Live, d *Desired) []int {
	pairs := make([]int, len(d.Objects))
	taken := map[int]bool{}
	for i := range d.Objects {
		pairs[i] = live.Find(d.Objects[i].Kind, d.Objects[i].Key)
		taken[pairs[i]] = true
	}
	for i := range pairs {
		for _, was := range d.Intents[i].Was {
			if l := live.Find(d.Objects[i].Kind, was); pairs[i] < 0 && l >= 0 && !taken[l] {
				pairs[i], taken[l] = l, true
			}
		}
	}
	return pairs
}
