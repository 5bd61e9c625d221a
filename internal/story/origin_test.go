package story_test

import (
	"slices"

	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// firstOrigin is the order in which a change has the origin of its fields.
var firstOrigin = []plan.Origin{plan.Conflict, plan.Changed, plan.Dropped, plan.Date, plan.Drift, plan.Unknown}

// originsAre holds the table of three inputs (base, live, desired) for each
// field of each change, by the files and by what was live alone.
func originsAre(t tb, base, file *state.Desired, live *sandbox.Organization, org *plan.Org) {
	t.Helper()
	base, file = base.On(today), file.On(today)
	m := &model{base: base, file: file, before: sideOf(t, live), after: sideOf(t, live), entries: map[string]int{}}
	m.match()
	for i := range org.Changes {
		m.origin(t, &org.Changes[i])
	}
	for i := range org.Held {
		m.origin(t, &org.Held[i].Change)
	}
}

func (m *model) origin(t tb, c *plan.Change) {
	t.Helper()
	want := plan.Unknown
	var all []plan.Origin
	switch {
	case c.Action == plan.Remove && m.over(c.To.ID, m.entry(c.Object.ID), c.Object.Name):
		if m.base == nil || m.endedInBase(c) {
			all = append(all, plan.Date)
		} else {
			all = append(all, plan.Changed)
		}
	case m.base == nil:
		all = append(all, plan.Unknown)
	case len(c.Fields) == 0:
		all = append(all, m.changeOrigin(c))
	}
	for _, f := range c.Fields {
		of := plan.Unknown
		if m.base != nil {
			of = m.fieldOrigin(t, c, f)
		}
		if (of == plan.Unknown || of == plan.Drift) && m.byDate(c, f) {
			of = plan.Date
		}
		if f.Origin != of {
			t.Errorf("%s %s: %s %q -> %q is of origin %s, want %s", c.Action, c.Object.Name, f.Name(), f.Old, f.Text, f.Origin, of)
		}
		all = append(all, of)
	}
	for _, o := range firstOrigin {
		if slices.Contains(all, o) {
			want = o
			break
		}
	}
	if c.Origin != want {
		t.Errorf("%s %s %s is of origin %s, want %s", c.Action, c.Object.Name, c.To.Name, c.Origin, want)
	}
}

// byDate tells whether a date gives a live person the state of a change.
func (m *model) byDate(c *plan.Change, f plan.Delta) bool {
	file := m.entry(c.Object.ID)
	if f.Field != schema.State || c.Object.ID == "" || file < 0 {
		return false
	}
	in := &m.file.Intents[file]
	return c.Action == plan.Activate && in.Due == state.Started || c.Action == plan.Suspend && in.Due == state.Ended && in.Undated != "SUSPENDED"
}

// endedInBase tells whether the base has a last day for a membership that
// was over, too, wherever else it wrote it.
func (m *model) endedInBase(c *plan.Change) bool {
	group, person := m.entry(c.Object.ID), m.entry(c.To.ID)
	return slices.ContainsFunc(m.base.Ended, func(u state.Until) bool {
		return m.isGroup(u.Group, group, c.Object.Name) && (m.isPerson(u.User, c.To.ID, person) || m.personOfBase(u.User) == c.To.ID)
	})
}

// entriesOf are the entries of file and base for an object of a plan, -1 for
// none. What the base declared absent was none.
func (m *model) entriesOf(n plan.Name) (file, base int) {
	key := n.Name
	if n.Kind == schema.User {
		key = state.Fold(key)
	}
	file = m.entry(n.ID)
	if n.ID == "" {
		file = m.file.Find(n.Kind, key)
	}
	base = -1
	names := []string{}
	if file >= 0 {
		names = append([]string{m.file.Objects[file].Key}, m.file.Intents[file].Was...)
	}
	for _, name := range names {
		if base < 0 {
			base = m.base.Find(n.Kind, name)
		}
	}
	if base < 0 && n.ID != "" {
		base = m.inBase(n.Kind, key)
	}
	return file, base
}

func (m *model) wasAbsent(b int) bool { return b >= 0 && m.base.Intents[b].Absent }

func (m *model) changeOrigin(c *plan.Change) plan.Origin {
	file, base := m.entriesOf(c.Object)
	switch {
	case c.Action == plan.Add && m.baseWanted(c):
		return plan.Drift
	case c.Action == plan.Add:
		return plan.Changed
	case c.Action == plan.Remove && m.baseWanted(c):
		return plan.Dropped
	case c.Action == plan.Remove:
		_, person := m.entriesOf(c.To)
		if base >= 0 && m.base.Intents[base].Exact || person >= 0 && m.base.Intents[person].NoGroups {
			return plan.Drift
		}
		return plan.Changed
	case c.Action == plan.Delete && file >= 0 && m.wasAbsent(base):
		return plan.Drift
	case c.Action == plan.Delete && file >= 0:
		return plan.Changed
	case c.Action == plan.Delete:
		return m.lockOutOrigin(c)
	case base >= 0 && !m.wasAbsent(base): // a group that is created
		return plan.Drift
	}
	return plan.Changed
}

// baseWanted tells whether the base wanted a membership.
func (m *model) baseWanted(c *plan.Change) bool {
	if m.endedInBase(c) {
		return false
	}
	group, _ := m.entriesOf(c.Object)
	person, _ := m.entriesOf(c.To)
	return slices.ContainsFunc(m.base.Edges, func(e state.Edge) bool {
		return m.isGroup(e.Group, group, c.Object.Name) && (m.isPerson(e.User, c.To.ID, person) || c.To.ID != "" && m.personOfBase(e.User) == c.To.ID)
	})
}

// lockOutOrigin is that of what policy does to somebody who is not in the file.
func (m *model) lockOutOrigin(c *plan.Change) plan.Origin {
	old := m.before.users[c.Object.ID]
	if m.dropped(old) {
		return plan.Dropped
	}
	was := &model{file: m.base}
	says := was.lockOut(old)
	if c.Action == plan.Delete && says == "delete" || c.Action == plan.Suspend && (says == "suspend" || says == "delete") {
		return plan.Drift
	}
	return plan.Changed
}

func (m *model) fieldOrigin(t tb, c *plan.Change, f plan.Delta) plan.Origin {
	t.Helper()
	file, base := m.entriesOf(c.Object)
	if m.wasAbsent(base) || base >= 0 && c.Object.ID == "" && m.base.Intents[base].Due == state.Ended {
		base = -1
	}
	switch {
	case file < 0 && f.Field == schema.Manager:
		return plan.Changed
	case file < 0:
		return m.lockOutOrigin(c)
	case c.Object.ID == "" && base >= 0:
		return plan.Drift
	case c.Object.ID == "" || base < 0:
		return plan.Changed
	case f.Field == schema.Password:
		if was, now := m.base.Intents[base].Password, m.file.Intents[file].Password; was.From.String() == now.From.String() && was.Since.Equal(now.Since) {
			return plan.Drift
		}
		return plan.Changed
	}
	was, managed := m.wanted(base, f)
	switch {
	case !managed:
		return plan.Changed
	case m.same(f, was, f.Text):
		return plan.Drift
	case m.same(f, was, f.Old):
		return plan.Changed
	}
	if schema.Of(f.Field).Type != schema.Ref && f.Base != was {
		t.Errorf("%s of %s shows the base as %q, it is %q", f.Name(), c.Object.Name, f.Base, was)
	}
	return plan.Conflict
}

// wanted is what the base wanted a field to be, and whether it wanted anything.
func (m *model) wanted(base int, f plan.Delta) (text string, managed bool) {
	o := &m.base.Objects[base]
	if schema.Of(f.Field).Key {
		return o.Name, true
	}
	if text, managed = o.Get(f.Field, f.Part); managed || f.Part == "" {
		return text, managed
	}
	all, whole := o.Get(f.Field, "")
	return "", whole && all == "[]"
}

// same compares a text of the base with one of the plan.
func (m *model) same(f plan.Delta, was, text string) bool {
	switch field := schema.Of(f.Field); {
	case field.Type == schema.Ref:
		return m.personOfBase(was) == m.personOfPlan(text)
	case field.Key && field.Kind == schema.User:
		return state.Fold(was) == state.Fold(text)
	}
	return schema.Equal(f.Field, was, text)
}

// personOfPlan is whom a username in a plan means: an id, or the name of
// somebody who is to be created.
func (m *model) personOfPlan(name string) string {
	if id := m.before.ids[state.Fold(name)]; id != "" {
		return id
	}
	return state.Fold(name)
}

// personOfBase is the same of a text in the base.
func (m *model) personOfBase(text string) string {
	key := state.Fold(text)
	if b := m.base.Find(schema.User, key); b >= 0 {
		for _, name := range append([]string{key}, m.base.Intents[b].Was...) {
			if id := m.before.ids[name]; id != "" {
				return id
			}
		}
		for i := range m.file.Objects {
			if o := &m.file.Objects[i]; o.Kind == schema.User && (o.Key == key || slices.Contains(m.file.Intents[i].Was, key)) {
				return m.personOfPlan(m.liveName(i))
			}
		}
		return key
	}
	if text == "" {
		return ""
	}
	if id := m.person(key); id != "" {
		return id
	}
	return key
}

// liveName is the live username of an entry of the file, else its own.
func (m *model) liveName(i int) string {
	for id, j := range m.entries {
		if j == i {
			return m.before.users[id].text("username")
		}
	}
	return m.file.Objects[i].Key
}
