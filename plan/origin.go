package plan

import (
	"slices"

	"rollcall/schema"
	"rollcall/state"
)

// originOrder is which origin a change has of those of its fields: the first.
var originOrder = []Origin{Conflict, Changed, Dropped, Date, Drift, Unknown}

// trace says of a change and its fields who caused them.
func (d *differ) trace(c *Change) {
	c.Origin = Unknown
	for i := range c.Fields {
		c.Fields[i].Origin = Unknown
	}
	d.traceAll(c)
	d.traceDates(c)
}

// traceAll is trace without dates.
func (d *differ) traceAll(c *Change) {
	switch {
	case d.past == nil:
	case c.Action == Add:
		d.traceAdd(c)
	case c.Action == Remove:
		c.Origin = d.removeOrigin(c)
	case c.Action == Delete:
		c.Origin = d.deleteOrigin(c)
	default:
		d.traceFields(c)
	}
}

// entry is the desired object of a change, -1 if the file does not name it,
// and the object of the base, -1 if that does not.
func (d *differ) entry(n Name) (i, b int) {
	i, b = d.want.Find(n.Kind, n.key()), -1
	if l := d.live.Find(n.Kind, n.key()); l >= 0 && n.ID != "" {
		i, b = int(d.twin[l]), int(d.past.pairs.Desired[l])
	}
	if i >= 0 {
		b = int(d.past.of[i])
	}
	return i, b
}

// traceAdd tells a membership that live lost from one that the file adds.
func (d *differ) traceAdd(c *Change) {
	c.Origin = Changed
	if _, had := d.past.edges[state.Edge{Group: c.Object.key(), User: c.To.key()}]; had {
		c.Origin, c.Reason = Drift, "re-grants: the file had it before, and JumpCloud lost it"
	}
}

// removeOrigin tells a membership that the file gave up from one that came
// to live behind the back of a file that owns all of them.
func (d *differ) removeOrigin(c *Change) Origin {
	if _, had := d.past.edges[state.Edge{Group: c.Object.key(), User: c.To.key()}]; had {
		return Dropped
	}
	_, group := d.entry(c.Object)
	_, user := d.entry(c.To)
	if group >= 0 && d.past.Intents[group].Exact || user >= 0 && d.past.Intents[user].NoGroups {
		return Drift
	}
	return Changed
}

func (d *differ) deleteOrigin(c *Change) Origin {
	i, b := d.entry(c.Object)
	switch {
	case i >= 0 && (b < 0 || !d.past.Intents[b].Absent):
		return Changed
	case i < 0:
		return d.lockOutOrigin(c, b)
	}
	return Drift
}

// lockOutOrigin tells whether somebody whom the file does not name left it,
// came to live behind its back, or is locked out by a policy of this revision
// alone; b is who they were in the base, -1 for nobody.
func (d *differ) lockOutOrigin(c *Change, b int) Origin {
	l := d.live.Find(schema.User, c.Object.key())
	was := &d.past.Policy
	switch {
	case b >= 0 && !d.past.Intents[b].Absent:
		return Dropped
	case was.Ignores(&d.live.Objects[l]) || !was.InScope(&d.live.Objects[l]) || d.ladder(l, was.UnlistedUsers) != c.Action:
		return Changed
	}
	return Drift
}

func (d *differ) traceFields(c *Change) {
	i, b := d.entry(c.Object)
	if b >= 0 && (d.past.Intents[b].Absent || c.Object.ID == "" && d.past.Intents[b].Due == state.Ended) {
		b = -1 // the base only said that it must not be
	}
	for n := range c.Fields {
		f := &c.Fields[n]
		switch {
		case i < 0 && f.Field == schema.Manager:
			f.Origin = Changed // who gets the reports of somebody to be deleted
		case i < 0:
			f.Origin = d.lockOutOrigin(c, b)
		case c.Object.ID == "" && b >= 0:
			f.Origin = Drift // live lost the whole object
		case c.Object.ID == "" || b < 0:
			f.Origin = Changed
		default:
			d.traceField(f, i, b)
		}
	}
	switch c.Origin = originOf(c.Fields); {
	case len(c.Fields) > 0:
	case b >= 0:
		c.Origin = Drift
	default:
		c.Origin = Changed
	}
}

// traceField compares the base's, the live and the wanted value of a field.
func (d *differ) traceField(f *Delta, i, b int) {
	was, managed := d.valueBefore(f, i, b)
	switch {
	case !managed:
		f.Origin = Changed
	case d.sameText(f.Field, was, f.Text):
		f.Origin = Drift
	case d.sameText(f.Field, was, f.Old):
		f.Origin = Changed
	default:
		f.Origin, f.Base = Conflict, d.called(f.Field, was)
	}
}

// called is a text of the base as plans show it: a person by their name.
func (d *differ) called(f schema.FieldID, text string) string {
	if schema.Of(f).Type != schema.Ref || text == "" {
		return text
	}
	if m, _, ok := d.pairs.Person(text); ok {
		return d.nameOf(m).Name
	}
	return text
}

// valueBefore is the text that the base wanted a field or part to have, and
// whether it managed it. A name is what the object's entry was called.
func (d *differ) valueBefore(f *Delta, i, b int) (text string, managed bool) {
	o, field := &d.past.Objects[b], schema.Of(f.Field)
	switch {
	case field.Key:
		return o.Name, true
	case field.Type == schema.Secret:
		was, now := d.past.Intents[b].Password, d.want.Intents[i].Password
		return was.From.String(), secret(was.From) == secret(now.From) && was.Since.Equal(now.Since)
	case field.Type == schema.Ref:
		text, managed = o.Get(f.Field, "")
		if m, _, ok := d.past.pairs.Person(text); ok && text != "" {
			text = d.keyNow(m, text)
		}
		return text, managed
	}
	if text, managed = o.Get(f.Field, f.Part); managed || f.Part == "" {
		return text, managed
	}
	whole, ok := o.Get(f.Field, "")
	return "", ok && whole == "[]" // no other parts than those that are named
}

// sameText tells whether two texts mean the same; a manager may be written
// by any of the person's names.
func (d *differ) sameText(f schema.FieldID, a, b string) bool {
	switch field := schema.Of(f); {
	case field.Type == schema.Ref:
		return d.personKey(a) == d.personKey(b)
	case field.Key && field.Kind == schema.User:
		return state.Fold(a) == state.Fold(b)
	default:
		return schema.Equal(f, a, b)
	}
}

func (d *differ) personKey(text string) string {
	if m, _, ok := d.pairs.Person(text); ok && text != "" {
		return d.keyOf(m)
	}
	return state.Fold(text)
}

// originOf is the origin of a change with fields.
func originOf(fields []Delta) Origin {
	for _, o := range originOrder {
		if slices.ContainsFunc(fields, func(f Delta) bool { return f.Origin == o }) {
			return o
		}
	}
	return Unknown
}
