package state

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// newcomer writes an entry for a live person or group that no file has, as
// export would, at the end of the document.
func (a *acceptor) newcomer(t *target) error {
	o := &a.live.Objects[t.live]
	if !t.whole() {
		return cannotAccept(fmt.Sprintf("accept %s:%s as a whole", t.kind, o.Name), "%s %q is in no file", t.kind, o.Name)
	}
	for i := range a.Objects {
		if a.pairs.Live[i] < 0 && !a.Intents[i].Absent && a.maybeRenamed(i, t.live) {
			return a.renamed(i, t.live)
		}
	}
	if why := unfit(o, &a.live.Facts[t.live]); why != "" {
		return cannotAccept("", "%s %q cannot be in a file: %s", t.kind, o.Name, why)
	}
	a.addEntries(t.kind, a.entryOf(t.live))
	o = &Object{Kind: o.Kind, Key: keyOf(o.Kind, o.Name), Name: o.Name}
	a.touchAll(o)
	a.did(o, a.doc.src.name, addedEntry)
	return nil
}

// ofSource writes an entry for somebody whom only a source has, so that what
// live has can be written there: YAML wins over sources.
func (a *acceptor) ofSource(t *target) error {
	name := a.pairs.nameOf(t)
	switch {
	case t.live < 0:
		return cannotAccept("the row goes where the table comes from", "%s is not in JumpCloud, but in %s", name, a.place(a.Pos.Objects[t.want]))
	case len(a.drifted(t)) == 0:
		return a.differences(t)
	}
	entry := mapping()
	entry.Style = yaml.FlowStyle
	entries := mapping()
	put(entries, name, entry)
	a.addEntries(t.kind, entries)
	key := objectKey{t.kind, a.Objects[t.want].Key}
	a.touched.add(key)
	a.busy[key] = nil
	return nil
}

// addEntries adds entries at the end of the document.
func (a *acceptor) addEntries(k schema.Kind, entries *yaml.Node) {
	e, root := a.on(a.doc.src), &spot{node: a.doc.root}
	if home := root.child(k.String() + "s"); home != nil {
		e.add(home, entries.Content...)
	} else {
		e.addSection(root, k, entries)
	}
}

// addSection adds users or groups to a document that has none, or adds to
// those that were added.
func (e *splicer) addSection(root *spot, k schema.Kind, entries *yaml.Node) {
	c := e.of(root)
	for i := 0; i+1 < len(c.more); i += 2 {
		if c.more[i].Value == k.String()+"s" {
			c.more[i+1].Content = append(c.more[i+1].Content, entries.Content...)
			return
		}
	}
	e.add(root, textNode(k.String()+"s"), entries)
}

// entryOf is the key and the entry that export writes for a live object,
// without what policy.ignore takes out of files.
func (a *acceptor) entryOf(l int) *yaml.Node {
	live := *a.live
	live.Objects = slices.Clone(a.live.Objects)
	o := &live.Objects[l]
	if key, _ := o.Get(schema.Manager, ""); key != "" {
		if m := live.Find(schema.User, key); m >= 0 && a.leftAlone(m) {
			o.Values = slices.DeleteFunc(slices.Clone(o.Values), func(v schema.Value) bool { return v.Field == schema.Manager })
		}
	}
	live.Edges = slices.DeleteFunc(slices.Clone(a.live.Edges), func(e Edge) bool {
		return o.Kind != schema.User || e.User != o.Key || !a.names(e.Group)
	})
	x := newExporter(&live, ExportOptions{})
	key := textNode(o.Name)
	entries := mapping()
	entries.Content = append(entries.Content, key, x.entry(l))
	for _, line := range x.left {
		leave(key, line)
	}
	version, section := mapping(), mapping()
	put(version, "version", plainNode("1"))
	put(section, o.Kind.String()+"s", entries)
	prune([]*yaml.Node{version, section})
	return entries
}

// names tells whether the files may name a live group at a person.
func (a *acceptor) names(group string) bool {
	l := a.live.Find(schema.Group, group)
	if l < 0 || a.leftAlone(l) {
		return false
	}
	m := a.pairs.ofLive(l)
	return !a.pairs.Dynamic(m) && (m.Desired < 0 || !a.Intents[m.Desired].Absent)
}

// gone takes out the entry of a person or group whom somebody deleted, and
// what names it in groups and members.
func (a *acceptor) gone(t *target) error {
	o, at := &a.Objects[t.want], a.of(t.want)
	if !t.whole() {
		return cannotAccept(fmt.Sprintf("accept %s:%s as a whole to take out its entry", t.kind, o.Name), "%s %q is not in JumpCloud", t.kind, o.Name)
	}
	for l := range a.live.Objects {
		if a.pairs.Desired[l] < 0 && a.maybeRenamed(t.want, l) {
			return a.renamed(t.want, l)
		}
	}
	_, self := a.self(t.want)
	for i, said := range a.said {
		if t.kind == schema.User && said.user == self {
			a.takeMember(said.membership)
		} else if t.kind == schema.Group && said.group == self {
			if err := a.end(t, said.membership, i); err != nil {
				return err
			}
		}
	}
	e := a.on(at.src)
	e.changes = slices.DeleteFunc(e.changes, func(c *collection) bool { return c.within(at.spot) })
	e.drop(at.spot).comments = true
	a.touchAll(o)
	a.removed = append(a.removed, o)
	a.out.Done = slices.DeleteFunc(a.out.Done, func(d Accepted) bool { return d.Kind == o.Kind && d.Name == o.Name })
	a.did(o, at.src.name, removedEntry)
	return nil
}

// takeMember takes a person out of the members of a group; what the person's
// own entry says goes with it.
func (a *acceptor) takeMember(m membership) {
	a.ends[m] = true
	for j := range a.Objects {
		if _, id := a.self(j); a.Objects[j].Kind == schema.Group && id == m.group {
			a.take(j, func(name string) bool { _, id := a.userOf(name); return id == m.user })
		}
	}
}

// within tells whether a spot is another or below it.
func (s *spot) within(top *spot) bool {
	for ; s != nil; s = s.up {
		if s.node == top.node {
			return true
		}
	}
	return false
}

// maybeRenamed tells whether entry i, which live does not have, and live
// object l, which no file has, may be one.
func (a *acceptor) maybeRenamed(i, l int) bool {
	want, live := &a.Objects[i], &a.live.Objects[l]
	if want.Kind != live.Kind {
		return false
	}
	for _, f := range []schema.FieldID{schema.Email, schema.EmployeeIdentifier, schema.GroupEmail} {
		text, _ := want.Get(f, "")
		if have, _ := live.Get(f, ""); text != "" && Fold(text) == Fold(have) {
			return true
		}
	}
	return want.Kind == schema.Group && strings.EqualFold(want.Name, live.Name)
}

func (a *acceptor) renamed(i, l int) error {
	o, name := &a.Objects[i], a.live.Objects[l].Name
	return cannotAccept(fmt.Sprintf("if it was renamed in JumpCloud, change the key at %s to %s, and accept again", a.place(a.Pos.Objects[i]), name),
		"%s %q is in the file and not in JumpCloud, and %q, who is in no file, has the same e-mail, number or name", o.Kind, o.Name, name)
}

// mentions refuses to take out somebody whom the files still name as a
// manager or as the heir of reports.
func (a *acceptor) mentions() error {
	for _, gone := range a.removed {
		for i := range a.Objects {
			text, _ := a.Objects[i].Get(schema.Manager, "")
			what := "manager"
			if to := a.Intents[i].ReportsTo; to != nil {
				text, what = to.Text, "reports_to"
			}
			if gone.Kind == schema.User && text != "" && gone.isNamed(text) {
				return cannotAccept(fmt.Sprintf("accept user:%s.manager too, or write somebody else", a.Objects[i].Name),
					"%s is not in JumpCloud, and still the %s of %s in the file", gone.Name, what, a.Objects[i].Name)
			}
		}
	}
	return nil
}

// isNamed tells whether a text names an object: a person by username, e-mail
// or number.
func (o *Object) isNamed(text string) bool {
	if o.Kind == schema.Group {
		return o.Key == text
	}
	email, _ := o.Get(schema.Email, "")
	number, _ := o.Get(schema.EmployeeIdentifier, "")
	return text != "" && slices.Contains([]string{o.Key, Fold(email), Fold(number)}, Fold(text))
}
