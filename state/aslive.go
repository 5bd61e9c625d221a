package state

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/schema"
)

// AsLive is a base revision as if it were live and nothing else was: what
// desired would change of it can be told without JumpCloud. Whom either only
// names (as a member, manager or heir, or to be deleted) is there with a name
// and no values, and so is a person's state which the base does not say. Ids
// are made up. A nil base is one that says nothing.
func AsLive(base, desired *Desired) *Live {
	if base == nil {
		base = &Desired{}
	}
	a := &pretended{base: base, desired: desired, bare: map[objectKey]bool{}}
	a.live = &Live{Org: Org{
		ID: cmp.Or(desired.ID, base.ID), Name: cmp.Or(desired.Name, base.Name), Region: cmp.Or(desired.Region, base.Region),
	}}
	for i := range base.Objects {
		if !base.Intents[i].Absent {
			a.object(i)
		}
	}
	a.pairs = Pair(desired, a.live)
	a.named()
	a.values()
	a.finish()
	return a.live
}

// pretended is a live state while it is made of a base.
type pretended struct {
	base, desired *Desired
	live          *Live
	from          []int // of live Objects: the one of the base
	pairs         *Pairs
	bare          map[objectKey]bool // who is only named
}

// object is an object of the base with a made-up id. It has values when it is
// known whom their names mean.
func (a *pretended) object(i int) {
	o := &a.base.Objects[i]
	a.live.Objects = append(a.live.Objects, Object{Kind: o.Kind, Key: o.Key, Name: o.Name, ID: madeUp(o.Kind, o.Key)})
	f := Fact{MembersRead: o.Kind == schema.Group, GroupsRead: o.Kind == schema.User, PasswordDate: a.base.Intents[i].Password.Since}
	if method, ok := o.Get(schema.MembershipMethod, ""); ok {
		f.Dynamic = strings.HasPrefix(method, "DYNAMIC")
	}
	a.live.Facts, a.from = append(a.live.Facts, f), append(a.from, i)
}

func madeUp(k schema.Kind, key string) string { return "base:" + k.String() + ":" + key }

// named finds whom the two revisions only name, and makes the memberships of
// the base.
func (a *pretended) named() {
	over := map[Edge]bool{}
	for _, u := range a.base.Ended {
		over[Edge{a.group(u.Group), a.person(u.User)}] = true
	}
	for _, e := range a.base.Edges {
		if e := (Edge{a.group(e.Group), a.person(e.User)}); !over[e] {
			a.live.Edges = append(a.live.Edges, e)
		}
	}
	for _, e := range a.desired.Edges {
		if _, ok := a.pairs.Group(e.Group); !ok {
			a.name(schema.Group, e.Group)
		}
		a.mentioned(e.User)
	}
	for i := range a.desired.Objects {
		o, in := &a.desired.Objects[i], &a.desired.Intents[i]
		if in.Absent && a.pairs.Live[i] < 0 && !a.wasAbsent(o) {
			a.name(o.Kind, o.Key)
		}
		if boss, _ := o.Get(schema.Manager, ""); boss != "" {
			a.mentioned(boss)
		}
		if in.ReportsTo != nil && in.ReportsTo.Text != "" {
			a.mentioned(in.ReportsTo.Text)
		}
	}
}

// wasAbsent tells whether the base has deleted an object.
func (a *pretended) wasAbsent(o *Object) bool {
	b := a.base.Find(o.Kind, o.Key)
	return b >= 0 && a.base.Intents[b].Absent
}

// mentioned is somebody whom the file names.
func (a *pretended) mentioned(text string) {
	if _, several, ok := a.pairs.Person(text); !ok && !several {
		a.name(schema.User, Fold(text))
	}
}

// name makes somebody be there of whom there is only a name.
func (a *pretended) name(k schema.Kind, key string) string {
	a.bare[objectKey{k, key}] = true
	return key
}

// group is the key of the group that the base means by a name.
func (a *pretended) group(name string) string {
	switch m, ok := a.pairs.Group(name); {
	case ok && m.Live >= 0:
		return a.live.Objects[m.Live].Key
	case ok:
		return a.name(schema.Group, a.desired.Objects[m.Desired].Key)
	}
	return a.name(schema.Group, name)
}

// person is the key of the person whom the base means by a name.
func (a *pretended) person(text string) string {
	m, _, ok := a.pairs.Person(text)
	if !ok {
		m.Live = -1
		m.Desired = a.identified(Fold(text))
		if m.Desired >= 0 {
			m.Live = int(a.pairs.Live[m.Desired])
		}
	}
	switch {
	case m.Live >= 0:
		return a.live.Objects[m.Live].Key
	case m.Desired >= 0:
		return a.name(schema.User, a.desired.Objects[m.Desired].Key)
	}
	return a.name(schema.User, Fold(text))
}

// identified is the only person of the file with an e-mail or
// employeeIdentifier, -1 if there is none.
func (a *pretended) identified(text string) int {
	found := -1
	users, first := a.desired.OfKind(schema.User)
	for j := range users {
		for _, f := range []schema.FieldID{schema.Email, schema.EmployeeIdentifier} {
			if has, ok := users[j].Get(f, ""); ok && Fold(has) == text {
				if found >= 0 && found != first+j {
					return -1
				}
				found = first + j
			}
		}
	}
	return found
}

// values fills in what the base wants its objects to be.
func (a *pretended) values() {
	for l, i := range a.from {
		o := &a.live.Objects[l]
		for _, v := range a.base.Objects[i].Values {
			f := schema.Of(v.Field)
			switch {
			case f.Key || f.Alias || f.Type == schema.Secret || v.Text == "" || v.Part == "" && v.Text == f.Unset:
				continue
			case f.Type == schema.Ref:
				v.Text = a.person(v.Text)
			}
			o.Values = append(o.Values, v)
		}
		created := a.base.Intents[i].CreateState
		if _, says := o.Get(schema.State, ""); !says && created != "" {
			o.Values = append(o.Values, schema.Value{Field: schema.State, Text: created})
			slices.SortFunc(o.Values, schema.Compare)
		}
	}
}

// finish puts those who are only named among the others.
func (a *pretended) finish() {
	live := a.live
	facts := make(map[objectKey]Fact, len(live.Objects))
	for l := range live.Objects {
		facts[objectKey{live.Objects[l].Kind, live.Objects[l].Key}] = live.Facts[l]
	}
	for key := range a.bare {
		live.Objects = append(live.Objects, Object{Kind: key.kind, Key: key.key, Name: key.key, ID: madeUp(key.kind, key.key)})
		facts[key] = Fact{MembersRead: key.kind == schema.Group, GroupsRead: key.kind == schema.User}
	}
	slices.SortFunc(live.Objects, func(x, y Object) int {
		return cmp.Or(int(x.Kind)-int(y.Kind), strings.Compare(x.Key, y.Key))
	})
	live.Facts = live.Facts[:0]
	for l := range live.Objects {
		live.Facts = append(live.Facts, facts[objectKey{live.Objects[l].Kind, live.Objects[l].Key}])
	}
	slices.SortFunc(live.Edges, CompareEdges)
	live.Edges = slices.Compact(live.Edges)
	users, _ := live.OfKind(schema.User)
	live.Totals = Totals{Users: len(users), Groups: len(live.Objects) - len(users), Memberships: len(live.Edges)}
}
