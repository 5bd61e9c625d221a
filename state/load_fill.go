package state

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// fill makes an object of its entry and of defaults, the most specific
// first, which wins; entries of attributes and groups add up.
func (a *assembly) fill(e *draft, entry *writer, defaults []*writer) {
	var owner [256]uint8 // of a field: rank of its writer plus one
	list := a.placed[:0]
	take := func(v placed, rank uint8) {
		if o := owner[v.Field]; o == 0 || o == rank+1 || schema.Of(v.Field).Type == schema.Map {
			owner[v.Field] = rank + 1
			list = append(list, v)
		}
	}
	for _, v := range entry.values {
		take(v, 0)
	}
	a.intents(e, entry)
	a.own(e, entry)
	for i, w := range defaults {
		if w == nil {
			continue
		}
		for _, v := range w.values {
			take(v, uint8(i+1))
		}
		for _, t := range w.templates {
			if owner[t.field.ID] == 0 || t.field.Type == schema.Map {
				for _, v := range a.template(e, w, t) {
					take(v, uint8(i+1))
				}
			}
		}
		a.intents(e, w)
	}
	a.placed = list
	a.lay(e, list)
}

// template is the values of a template for one person.
func (a *assembly) template(e *draft, w *writer, t template) (values []placed) {
	var found []schema.NodeProblem
	a.scratch, found = t.field.FromYAML(filled(t.node, e.Name), a.scratch[:0])
	for _, p := range found {
		if p.Severity == schema.Error {
			a.nodes(w.src, []schema.NodeProblem{p})
		}
	}
	for _, v := range a.scratch {
		values = append(values, placed{v, place{w.src, partOf(t.field, t.node, v.Part)}})
	}
	return values
}

// lay lays an object's values out in order, each once, with their places.
func (a *assembly) lay(e *draft, list []placed) {
	compare := func(x, y placed) int { return schema.Compare(x.Value, y.Value) }
	slices.SortStableFunc(list, compare)
	list = slices.CompactFunc(list, func(x, y placed) bool { return compare(x, y) == 0 })
	e.Values, e.from = make([]schema.Value, len(list)), make([]place, len(list))
	for i, v := range list {
		e.Values[i], e.from[i] = v.Value, v.at
		a.value(e, v)
	}
}

// value checks and indexes what is more than its text.
func (a *assembly) value(e *draft, v placed) {
	switch v.Field {
	case schema.Email, schema.AlternateEmail, schema.RecoveryEmail, schema.GroupEmail:
		switch why := BadEmail(v.Text); {
		case v.Text == "" || why == "":
		case v.at.src.sheet != nil && schema.Of(v.Field).Personal: // not for a log
			a.errorf(v.at, "%s is no e-mail address", v.Name())
		default:
			a.errorf(v.at, "%s %q is no e-mail address: %s", v.Name(), v.Text, why)
		}
	}
	if (v.Field == schema.Email || v.Field == schema.EmployeeIdentifier) && v.Text != "" {
		key := Fold(v.Text)
		a.names[key] = append(a.names[key], e)
	}
}

// intents takes over what entries and defaults may say that is no field.
func (a *assembly) intents(e *draft, w *writer) {
	in := &e.intent
	if in.CreateState == "" {
		in.CreateState = w.state
	}
	if w.row && in.SourceState == "" {
		in.SourceState, e.wrote.sourceState = w.state, w.stateAt
	}
	if in.ActivationEmail == "" {
		in.ActivationEmail = w.filled(w.mail, e)
	}
	if w.start != nil && e.wrote.start.node == nil {
		e.wrote.start = place{w.src, w.start}
		in.Start = a.day(e.wrote.start, "start")
	}
	if w.end != nil && e.wrote.end.node == nil {
		e.wrote.end = place{w.src, w.end}
		in.End = a.day(e.wrote.end, "end")
	}
	if w.exact != nil && e.wrote.exact.node == nil {
		in.Exact, e.wrote.exact = w.exact.Value == "true", place{w.src, w.exact}
	}
	if in.NoGroups {
		return
	}
	for _, g := range w.groups {
		if w.filled(g.node.Value, e) != g.node.Value {
			until := a.untils[g.node]
			if g.node = filled(g.node, e.Name); until != nil {
				a.untils[g.node] = until
			}
		}
		e.groups = append(e.groups, g)
	}
}

// filled is a text of defaults with the name of a person in it.
func (w *writer) filled(text string, e *draft) string {
	if !w.common || e.Kind != schema.User {
		return text
	}
	return strings.ReplaceAll(text, usernamePlaceholder, e.Name)
}

// own takes over what only an entry itself may say.
func (a *assembly) own(e *draft, w *writer) {
	in := &e.intent
	if w.was != nil {
		e.wrote.was = place{w.src, w.was}
		a.former(e, w)
	}
	in.New = e.Kind == schema.User && w.new != nil && w.new.Value == "true"
	if in.New && len(in.Was) > 0 {
		a.errorf(place{w.src, w.new}, "new: true and was exclude each other: was says that it is somebody who is there")
	}
	if w.password != nil {
		a.password(e, w)
	}
	e.members = w.members
	switch {
	case w.bare.node == nil:
	case e.Kind == schema.User:
		in.NoGroups, e.wrote.noGroups, e.groups = true, w.bare, nil
	default:
		in.NoMembers, e.wrote.noMembers = true, w.bare
	}
	if e.Kind == schema.User && w.id != nil {
		a.errorf(place{w.src, w.id}, "id goes only with ensure: absent; a person is named by the username")
	}
	if e.Kind == schema.User && w.reportsTo != nil {
		a.errorf(place{w.src, w.reportsTo}, "reports_to goes only with ensure: absent")
	}
}

// former reads the former names of an object.
func (a *assembly) former(e *draft, w *writer) {
	if isEmptyList(w.was) {
		a.errorf(e.wrote.was, "was is empty: write the former name, or remove the key")
	}
	for _, n := range items(w.was) {
		name := keyOf(e.Kind, a.trimmed(place{w.src, n}))
		switch {
		case saysNothing(n):
		case name == "":
			a.errorf(place{w.src, n}, "was is empty: write the former name, or remove the key")
		case a.ignored(e.Kind, name):
			a.errorf(place{w.src, n}, "%s %q is ignored by policy.ignore and cannot be renamed", e.Kind, name)
		case slices.Contains(e.intent.Was, name):
			a.add(Warning, place{w.src, n}, "", "%q is listed twice", name)
		default:
			e.intent.Was = append(e.intent.Was, name)
		}
	}
}

// tombstone reads an entry that declares an object absent.
func (a *assembly) tombstone(e *draft, w *writer) {
	e.intent.Absent = true
	e.wrote.absent = place{w.src, w.absent}
	for _, key := range w.odd {
		a.errorf(place{w.src, key}, "%s makes no sense beside ensure: absent", key.Value)
	}
	if w.id != nil {
		e.ID = strings.ToLower(w.id.Value)
	}
	if w.reportsTo == nil || e.Kind != schema.User {
		return
	}
	e.reportsTo = place{w.src, w.reportsTo}
	e.intent.ReportsTo = &Written{Pos: a.position(e.reportsTo)}
	switch {
	case isNull(w.reportsTo), w.reportsTo.Kind != yaml.ScalarNode:
	case saysNothing(w.reportsTo):
		a.errorf(e.reportsTo, "reports_to says nothing: write a name, null for nobody, or remove the key to leave the reports alone")
	default:
		e.intent.ReportsTo.Text = Fold(a.trimmed(e.reportsTo))
	}
}

func (a *assembly) password(e *draft, w *writer) {
	from := child(w.password, "from")
	p := &e.intent.Password
	p.From = a.reference(w.src, from)
	e.wrote.password = place{w.src, w.password}
	switch {
	case p.From.Env != "" && a.signIn.env[p.From.Env]:
		a.errorf(place{w.src, from}, "%s signs in to JumpCloud and cannot be the password of a person", p.From.Env)
	case p.From.File != "" && a.signIn.files[resolved(p.From.File)]:
		a.errorf(place{w.src, from}, "this file signs in to JumpCloud and cannot be the password of a person")
	}
	if n := child(w.password, "since"); n != nil {
		p.Since = a.date(place{w.src, n}, "since")
	}
}

var dayShape = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// day reads a day as the text that it is, "" if it is none.
func (a *assembly) day(at place, what string) string {
	if a.date(at, what).IsZero() {
		return ""
	}
	return at.node.Value
}

// date reads a day as midnight in the organization's time zone. What does
// not look like one the schema has refused. The first year is what programs
// write where they have no date.
func (a *assembly) date(at place, what string) time.Time {
	if !dayShape.MatchString(at.node.Value) {
		return time.Time{}
	}
	t, err := time.ParseInLocation(time.DateOnly, at.node.Value, a.d.Timezone)
	if err != nil || t.Year() == 1 {
		a.errorf(at, "%s: there is no day %s", what, at.node.Value)
		return time.Time{}
	}
	return t
}
