package state

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// differences edits the entry of a person or group who is in file and live.
func (a *acceptor) differences(t *target) error {
	before := len(a.out.Done)
	for values := a.drifted(t); len(values) > 0; {
		end := 1
		for end < len(values) && values[end].Field == values[0].Field {
			end++
		}
		if err := a.field(t.want, schema.Of(values[0].Field), values[:end]); err != nil {
			return err
		}
		values = values[end:]
	}
	if t.field == nil {
		if err := a.memberships(t); err != nil {
			return err
		}
	}
	if len(a.out.Done) == before {
		a.same(t)
	}
	return nil
}

// same notes that there is nothing to accept, and why.
func (a *acceptor) same(t *target) {
	o, name := &a.Objects[t.want], a.pairs.nameOf(t)
	if old := a.live.Objects[t.live].Name; t.whole() && o.Key != a.live.Objects[t.live].Key {
		a.nothing("%s %q: nothing to accept; that it was %s stays for apply", t.kind, name, old)
		return
	}
	managed := slices.ContainsFunc(o.Values, func(v schema.Value) bool {
		return t.field != nil && v.Field == t.field.ID && (t.part == "" || v.Part == t.part || v.Part == "")
	})
	switch {
	case t.field != nil && !managed:
		a.nothing("%s %q: the file says nothing of %s: nothing to accept", t.kind, name, t.what())
	case t.whole():
		a.nothing("%s %q: nothing to accept", t.kind, name)
	default:
		a.nothing("%s %q: nothing to accept for %s", t.kind, name, t.what())
	}
}

// what is what of an object is named.
func (t *target) what() string {
	word := memberships(t.kind)
	if t.field != nil {
		word = t.field.Name
	}
	if t.part != "" {
		return word + "." + t.part
	}
	return word
}

// drifted are the live values of what the file wants otherwise: the empty
// text for a part that live does not have, else Unset.
func (a *acceptor) drifted(t *target) (values []schema.Value) {
	want, live := &a.Objects[t.want], &a.live.Objects[t.live]
	for _, v := range want.Values {
		f := schema.Of(v.Field)
		if f.Key || t.edges || t.field != nil && t.field != f || f.ID == schema.State && a.silent(t) {
			continue
		}
		if f.Type == schema.ByType && v.Part == "" { // none but those that are named
			for _, have := range live.Values {
				if _, named := want.Get(f.ID, have.Part); have.Field == f.ID && (!named || have.Part == "") {
					values = append(values, have)
				}
			}
			continue
		}
		have := v
		have.Text, _ = live.Get(v.Field, v.Part)
		if have.Text == "" && v.Part == "" {
			have.Text = f.Unset
		}
		if !a.agrees(f, have.Text, v.Text) {
			values = append(values, have)
		}
	}
	return slices.DeleteFunc(values, func(v schema.Value) bool { return t.field != nil && t.part != "" && v.Part != t.part })
}

// silent tells whether the dates of a person want nothing of the state that
// live has.
func (a *acceptor) silent(t *target) bool {
	now, _ := a.live.Objects[t.live].Get(schema.State, "")
	return a.due.Intents[t.want].Silent(now)
}

// agrees tells whether a live and a desired text mean the same.
func (a *acceptor) agrees(f *schema.Field, live, want string) bool {
	if f.Type != schema.Ref || want == "" {
		return schema.Equal(f.ID, live, want)
	}
	m, _, ok := a.pairs.Person(want)
	return ok && m.Live >= 0 && a.live.Objects[m.Live].Key == live
}

// field writes live values of a field, or of some of its parts, at an entry.
func (a *acceptor) field(i int, f *schema.Field, values []schema.Value) error {
	o, at := &a.Objects[i], a.of(i)
	a.touch(o, f)
	for _, v := range values {
		a.did(o, at.src.name, "%s", v.Name())
	}
	if old, _ := o.Get(f.ID, ""); old != "" && (f.ID == schema.Email || f.ID == schema.EmployeeIdentifier) {
		a.former[Fold(old)] = i
	}
	own := at.child(f.Name)
	if own != nil && f.Wrap != "" && own.child(f.Wrap) != nil {
		own = own.child(f.Wrap)
	}
	m := merger{a.on(at.src), f.Kind == schema.User}
	switch {
	case f.ID == schema.State && values[0].Text == "":
		return cannotAccept("", "JumpCloud says no state of %q", o.Name)
	case f.ID == schema.State:
		m.state(at.spot, values[0].Text)
		return nil
	case f.Type == schema.ByType && own == nil:
		values = a.allParts(o, f, values)
	}
	n, err := a.node(o, f, values)
	if err == nil && n == nil && own == nil {
		err = cannotAccept("take it out of defaults, or write it at the people who have it", "%s of %s %q: JumpCloud has none, the file cannot say so, and defaults give one", f.Name, o.Kind, o.Name)
	}
	if err == nil {
		m.write(at.spot, own, n, f, values)
	}
	return err
}

// write makes an entry say a node for values of a field, which it has as own
// or not, or with a nil node nothing.
func (m merger) write(at, own *spot, n *yaml.Node, f *schema.Field, values []schema.Value) {
	switch {
	case n == nil:
		m.drop(own)
	case own == nil:
		m.add(at, textNode(f.Name), n)
	case f.Type == schema.ByType && own.node.Kind == yaml.SequenceNode:
		m.byType(own, f, values)
	case f.Type == schema.Map && own.node.Kind == yaml.MappingNode:
		m.parts(own, n)
	default:
		m.become(own, n)
	}
}

// state writes the state of a person, which an entry may have as suspended.
func (m merger) state(at *spot, text string) {
	own, alias := at.child("state"), at.child("suspended")
	want := textNode(strings.ToLower(text))
	switch {
	case own == nil && alias != nil && text != Staged:
		m.set(alias, plainNode(strconv.FormatBool(text == Suspended)))
		return
	case own != nil:
		m.set(own, want)
	default:
		m.add(at, textNode("state"), want)
	}
	if alias != nil {
		m.drop(alias)
	}
}

// parts writes some names of a mapping and leaves the others.
func (m merger) parts(s *spot, want *yaml.Node) {
	for i := 0; i+1 < len(want.Content); i += 2 {
		if own := s.child(want.Content[i].Value); own != nil {
			m.become(own, want.Content[i+1])
		} else {
			m.add(s, want.Content[i], want.Content[i+1])
		}
	}
}

// allParts are all parts of an array that an entry has from defaults, some of
// them with other values: written at the entry, an array replaces that of
// defaults.
func (a *acceptor) allParts(o *Object, f *schema.Field, values []schema.Value) []schema.Value {
	all := slices.Clone(values)
	for _, v := range o.Values {
		if v.Field == f.ID && v.Part != "" && !slices.ContainsFunc(values, func(x schema.Value) bool { return x.Part == v.Part }) {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, schema.Compare)
	return all
}

// node is what a file writes for values of a field, nil if it cannot say
// that there is none.
func (a *acceptor) node(o *Object, f *schema.Field, values []schema.Value) (*yaml.Node, error) {
	if f.Type == schema.Ref && values[0].Text != "" {
		return a.person(o, f, values[0].Text)
	}
	n, means := written(f, values)
	switch {
	case n != nil && isNull(n) && !reads(f, n, means):
		return nil, nil
	case n == nil || !isNull(n) && !fits(f, n) || !reads(f, n, means):
		return nil, cannotAccept("change it in JumpCloud, or take it out of the file", cannotHold+" (of %s %q)", f.Name, o.Kind, o.Name)
	}
	return n, nil
}

// written is the node of live values and what it means in a file: null, or
// an empty list, is what live does not have.
func written(f *schema.Field, values []schema.Value) (n *yaml.Node, means []schema.Value) {
	switch {
	case f.Type == schema.ByType:
		n = sequence()
	case f.Type != schema.Map && values[0].Text == "":
		return plainNode("null"), values
	}
	for _, v := range values {
		switch {
		case v.Text != "":
			n = withValue(n, f, v)
		case f.Type == schema.Map:
			n = withRemoved(n, f, v.Part)
		default:
			continue // the entry of an array goes
		}
		if means = append(means, v); n == nil {
			return nil, nil
		}
	}
	if len(means) == 0 {
		means = []schema.Value{{Field: f.ID, Text: f.Unset}}
	}
	return n, means
}

// person is the name of a live person, for a field that refers to one.
func (a *acceptor) person(o *Object, f *schema.Field, key string) (*yaml.Node, error) {
	l := a.live.Find(schema.User, key)
	t := &target{kind: schema.User, want: -1, live: l}
	if l < 0 {
		return nil, cannotAccept("write null, or somebody else", "%s of %s %q: JumpCloud names somebody who is not there", f.Name, o.Kind, o.Name)
	}
	if t.want = int(a.pairs.Desired[l]); t.want < 0 {
		if err := a.pairs.touchable(t); err != nil {
			return nil, cannotAccept(fmt.Sprintf("name somebody else, or take %s out of the entry", f.Name), "%s of %s %q: %v", f.Name, o.Kind, o.Name, err)
		}
	}
	return textNode(a.pairs.nameOf(t)), nil
}
