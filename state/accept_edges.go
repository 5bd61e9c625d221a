package state

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// membership is a group and a user by who they are, whatever the names that
// files and live have for them.
type membership struct{ group, user string }

// who tells an object of file or live from all others.
func who(m Match) string {
	if m.Live >= 0 {
		return "live " + strconv.Itoa(m.Live)
	}
	return "desired " + strconv.Itoa(m.Desired)
}

// groupOf and userOf find what a name in the files means; of a name that means
// nobody there is only the name.
func (a *acceptor) groupOf(name string) (m Match, id string) {
	name = strings.TrimSpace(name)
	if m, ok := a.pairs.Group(name); ok {
		return m, who(m)
	}
	return Match{Desired: -1, Live: -1}, "nothing " + name
}

func (a *acceptor) userOf(name string) (m Match, id string) {
	name = strings.TrimSpace(name)
	if m, several, ok := a.pairs.Person(name); ok && !several {
		return m, who(m)
	}
	return Match{Desired: -1, Live: -1}, "nobody " + Fold(name)
}

// memberships makes the files say the memberships of a target that live has:
// what live does not have goes wherever it is written, unless its last day is
// over and the files say so, what an exact group or
// a person with `groups: []` has besides comes.
func (a *acceptor) memberships(t *target) error {
	self := who(Match{Desired: t.want, Live: t.live})
	for i, e := range a.Edges {
		m := a.said[i]
		if a.over[m.membership] || !t.names(self, m.membership, e.Group, e.User) {
			continue
		}
		has, err := a.isMember(t, m.g, m.u, e)
		if err == nil && !has {
			err = a.end(t, m.membership, i)
		}
		if err != nil {
			return err
		}
	}
	for _, e := range a.live.Edges {
		if t.kind == schema.User && a.live.Objects[t.live].Key != e.User || t.kind == schema.Group && a.live.Objects[t.live].Key != e.Group {
			continue
		}
		g, u := a.live.Find(schema.Group, e.Group), a.live.Find(schema.User, e.User)
		if g < 0 || u < 0 {
			continue
		}
		mg, mu := a.pairs.ofLive(g), a.pairs.ofLive(u)
		m := membership{who(mg), who(mu)}
		if t.names(self, m, e.Group, e.User) && !a.wanted[m] && a.unwanted(mg, mu) {
			a.begin(t, m, mg, mu)
		}
	}
	return nil
}

// saidEdge is a membership of the files with both ends found.
type saidEdge struct {
	g, u Match
	membership
}

// names tells whether a membership is one that a target is about.
func (t *target) names(self string, m membership, group, user string) bool {
	if t.kind == schema.User {
		return m.user == self && (t.part == "" || t.part == group)
	}
	return m.group == self && (t.part == "" || Fold(t.part) == Fold(user))
}

// isMember tells whether live has a membership of the files. What a rule
// makes no file may say.
func (a *acceptor) isMember(t *target, g, u Match, e Edge) (bool, error) {
	switch {
	case g.Live < 0 || u.Live < 0:
		return false, nil
	case a.pairs.Dynamic(g), t.kind == schema.Group && t.whole() && a.live.Facts[g.Live].Dynamic:
		return false, nil
	}
	_, has := slices.BinarySearchFunc(a.live.Edges, Edge{a.live.Objects[g.Live].Key, a.live.Objects[u.Live].Key}, CompareEdges)
	if !has && !a.live.Facts[g.Live].MembersRead && !a.live.Facts[u.Live].GroupsRead {
		return false, cannotAccept("", "whether %s is in %q is not known: its members were not read", e.User, e.Group)
	}
	return has, nil
}

// unwanted tells whether a live membership that the files do not name is one
// that they want to end.
func (a *acceptor) unwanted(g, u Match) bool {
	switch {
	case a.pairs.Dynamic(g), a.leftAlone(g.Live), a.leftAlone(u.Live):
		return false
	case g.Desired >= 0 && a.Intents[g.Desired].Absent, u.Desired >= 0 && a.Intents[u.Desired].Absent:
		return false
	case u.Desired >= 0 && a.Intents[u.Desired].NoGroups:
		return true
	case g.Desired < 0 || !a.Intents[g.Desired].Exact:
		return false
	}
	return u.Desired >= 0 || a.Policy.InScope(&a.live.Objects[u.Live])
}

// leftAlone tells whether a live object is never touched.
func (a *acceptor) leftAlone(l int) bool {
	return len(a.live.Facts[l].Twins) > 0 || a.Policy.Ignores(&a.live.Objects[l])
}

// end takes a membership of the files, the i-th, out of them, wherever it is
// written.
func (a *acceptor) end(t *target, m membership, i int) error {
	if a.ends[m] {
		return nil
	}
	a.ends[m] = true
	e := a.Edges[i]
	if at := a.Pos.Edges[i]; at.File > 0 && isTable(a.Pos.Files[at.File-1]) {
		return cannotAccept("take it out where the table comes from", "%s is not in %q, but %s puts them there", e.User, e.Group, a.place(at))
	}
	for j := range a.Objects {
		o := &a.Objects[j]
		switch _, id := a.self(j); {
		case a.Intents[j].Absent:
		case o.Kind == schema.User && id == m.user:
			if err := a.inDefaults(j, m, e); err != nil {
				return err
			}
			a.take(j, func(name string) bool { _, id := a.groupOf(name); return id == m.group })
		case o.Kind == schema.Group && id == m.group:
			a.take(j, func(name string) bool { _, id := a.userOf(name); return id == m.user })
		}
	}
	a.saysEdge(t, e, "not in %s", "without %s")
	return nil
}

// self is who an entry is.
func (a *acceptor) self(j int) (Match, string) {
	m := Match{Desired: j, Live: int(a.pairs.Live[j])}
	return m, who(m)
}

// take takes names out of the list of memberships of an entry.
func (a *acceptor) take(j int, is func(name string) bool) {
	at := a.of(j)
	if at == nil {
		return // a source has the person, and YAML says nothing
	}
	for _, item := range at.child(memberships(a.Objects[j].Kind)).items() {
		if is(value(nameIn(item.node))) {
			a.touch(&a.Objects[j], nil)
			a.on(at.src).drop(item)
		}
	}
}

// nameIn is the node of a list of memberships that has the name: the item, or
// its group if it has a last day.
func nameIn(item *yaml.Node) *yaml.Node {
	if item.Kind == yaml.MappingNode {
		return child(item, "group")
	}
	return item
}

// saysEdge records an accepted membership, in the words of the target's side.
func (a *acceptor) saysEdge(t *target, e Edge, ofUser, ofGroup string) {
	file := a.Pos.Files[0]
	if t.want >= 0 && a.of(t.want) != nil {
		file = a.of(t.want).src.name
	}
	o := &Object{Kind: t.kind, Name: a.pairs.nameOf(t)}
	o.Key = keyOf(o.Kind, o.Name)
	if t.kind == schema.User {
		a.did(o, file, ofUser, e.Group)
	} else {
		a.did(o, file, ofGroup, e.User)
	}
}

// inDefaults refuses a membership that ends and that defaults give.
func (a *acceptor) inDefaults(j int, m membership, e Edge) error {
	at, o := a.of(j), &a.Objects[j]
	if at == nil || a.Intents[j].NoGroups {
		return nil
	}
	for _, common := range at.common {
		for _, item := range groupNames(child(common.node, "groups")) {
			if _, id := a.groupOf(strings.ReplaceAll(item.Value, usernamePlaceholder, o.Name)); id == m.group {
				return cannotAccept("take the group out of defaults and write it at the people who are in it; of somebody who is in no group at all, write groups: []",
					"%s is not in %q, but defaults at %s put everybody there", o.Name, e.Group, place{common.src, item})
			}
		}
	}
	return nil
}

// groupNames are the nodes of a list of memberships that have the names.
func groupNames(list *yaml.Node) (names []*yaml.Node) {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	for _, item := range list.Content {
		if name := nameIn(item); name != nil && name.Kind == yaml.ScalarNode {
			names = append(names, name)
		}
	}
	return names
}

// begin writes a membership that only live has: at the group's members if it
// has some, else at the person's groups.
func (a *acceptor) begin(t *target, m membership, g, u Match) {
	if _, isNew := a.busy[objectKey{schema.User, a.live.Objects[u.Live].Key}]; a.begins[m] || isNew && u.Desired < 0 {
		return
	}
	a.begins[m] = true
	group := a.pairs.nameOf(&target{want: g.Desired, live: g.Live})
	user := a.pairs.nameOf(&target{want: u.Desired, live: u.Live})
	bare := u.Desired >= 0 && a.Intents[u.Desired].NoGroups
	some := g.Desired >= 0 && len(a.of(g.Desired).child("members").items()) > 0
	if u.Desired >= 0 && a.of(u.Desired) != nil && (bare || !some) {
		a.give(u.Desired, group)
	} else {
		a.give(g.Desired, user)
	}
	a.saysEdge(t, Edge{group, user}, "in %s", "with %s")
}

// give adds a name to the list of memberships of an entry.
func (a *acceptor) give(j int, name string) {
	o, at := &a.Objects[j], a.of(j)
	key, e := memberships(o.Kind), a.on(at.src)
	a.touch(o, nil)
	if own := at.child(key); own != nil {
		e.add(own, textNode(name))
		return
	}
	list := a.lists[at.node]
	if list == nil {
		list = sequence()
		a.lists[at.node] = list
		e.add(at.spot, textNode(key), list)
	}
	list.Content = append(list.Content, textNode(name))
}

// rename writes the username where the files name a person by an e-mail or
// number that goes.
func (a *acceptor) rename() {
	if len(a.former) == 0 {
		return
	}
	for j := range a.Objects {
		o, at := &a.Objects[j], a.of(j)
		fields, busy := a.busy[objectKey{o.Kind, o.Key}]
		switch {
		case at == nil, busy && fields == nil:
		case o.Kind == schema.Group:
			for _, item := range at.child("members").items() {
				a.renameAt(at.src, item)
			}
		default:
			if !fields[schema.Manager] {
				a.renameAt(at.src, at.child("manager"))
			}
			a.renameAt(at.src, at.child("reports_to"))
		}
	}
}

func (a *acceptor) renameAt(src *source, s *spot) {
	if s == nil || a.edits[src].isGone(s) {
		return
	}
	text := strings.TrimSpace(value(s.node))
	if i, is := a.former[Fold(text)]; is && a.Find(schema.User, Fold(text)) < 0 {
		a.on(src).set(s, textNode(a.Objects[i].Name))
	}
}

// isGone tells whether a member of a list is taken out.
func (e *splicer) isGone(s *spot) bool {
	return e != nil && slices.ContainsFunc(e.changes, func(c *collection) bool { return c.node == s.up.node && c.gone[s.at/c.width()] })
}

// tidy takes out the key of a list of memberships of which nothing stays: []
// would say that there must be none. That is right for the members of an
// exact group that has no others.
func (a *acceptor) tidy() {
	for j := range a.Objects {
		o := &a.Objects[j]
		at := a.of(j)
		if _, is := a.touched[objectKey{o.Kind, o.Key}]; !is || at == nil || a.edits[at.src] == nil {
			continue
		}
		own := at.child(memberships(o.Kind))
		if own == nil || own.node.Kind != yaml.SequenceNode || o.Kind == schema.Group && a.Intents[j].Exact && !a.hasOthers(j) {
			continue
		}
		a.on(at.src).dropEmpty(own)
	}
}

// hasOthers tells whether a group has a member in the files that stays or
// comes.
func (a *acceptor) hasOthers(j int) bool {
	_, self := a.self(j)
	for m := range a.begins {
		if m.group == self {
			return true
		}
	}
	return slices.ContainsFunc(a.said, func(s saidEdge) bool { return s.group == self && !a.ends[s.membership] })
}

// dropEmpty takes out a collection, with its key, of which all members are
// taken out.
func (e *splicer) dropEmpty(s *spot) {
	i := slices.IndexFunc(e.changes, func(c *collection) bool { return c.node == s.node })
	if i < 0 || e.changes[i].left() || len(e.changes[i].more) > 0 {
		return
	}
	e.changes = slices.Delete(e.changes, i, i+1)
	e.drop(s)
}
