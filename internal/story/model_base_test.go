package story_test

import (
	"path/filepath"
	"slices"

	"rollcall/schema"
	"rollcall/state"
)

// lockOut is what policy says of somebody who is not in the file: of those
// whom the base named the stricter of two policies.
func (m *model) lockOut(old record) string {
	p := &m.file.Policy
	says := []string{"report"}
	if p.Ignore.User(old.text("username")) {
		return "ignore"
	}
	if m.inScope(old) {
		says = append(says, p.UnlistedUsers)
	}
	if m.dropped(old) {
		says = append(says, p.DroppedUsers)
	}
	for _, worst := range []string{"delete", "suspend"} {
		if slices.Contains(says, worst) {
			return worst
		}
	}
	return "report"
}

// dropped tells whether the base named somebody of whom the file has no entry,
// though it still reads where that stood.
func (m *model) dropped(old record) bool {
	if m.base == nil {
		return false
	}
	b := m.inBase(schema.User, state.Fold(old.text("username")))
	return b >= 0 && !m.base.Intents[b].Absent && m.stillRead(m.base.Pos.Objects[b])
}

// inBase is the entry of the base for a live object, -1 for none.
func (m *model) inBase(k schema.Kind, key string) int {
	if b := m.base.Find(k, key); b >= 0 {
		return b
	}
	return slices.IndexFunc(m.base.Objects, func(o state.Object) bool {
		b := m.base.Find(o.Kind, o.Key)
		return o.Kind == k && slices.Contains(m.base.Intents[b].Was, key)
	})
}

// stillRead tells whether a file of the base is one of those of the file.
func (m *model) stillRead(at state.Pos) bool {
	name := filepath.Clean(m.base.Pos.Files[at.File-1])
	return slices.ContainsFunc(m.file.Pos.Files, func(now string) bool { return filepath.Clean(now) == name })
}

// gaveUp tells whether the base wanted a membership which the file does not
// want any more, though it still has the entry that wrote it.
func (m *model) gaveUp(id string, group int, name string) bool {
	if m.base == nil {
		return false
	}
	person := m.entry(id)
	for n, e := range m.base.Edges {
		if !m.isGroup(e.Group, group, name) || !m.isPerson(e.User, id, person) || !m.stillRead(m.base.Pos.Edges[n]) {
			continue
		}
		atUser := m.base.Sides[n]&state.AtUser != 0 && person >= 0 && !m.file.Intents[person].Absent
		atGroup := m.base.Sides[n]&state.AtGroup != 0 && group >= 0 && !m.file.Intents[group].Absent
		if atUser || atGroup {
			return true
		}
	}
	return person >= 0 && !m.file.Intents[person].Absent && slices.ContainsFunc(m.base.Ended, func(u state.Until) bool {
		return m.isGroup(u.Group, group, name) && m.isPerson(u.User, id, person) && m.stillRead(u.Pos)
	})
}

// isGroup tells whether a name in the base is that of a group with an entry
// in the file, or with none and a live name.
func (m *model) isGroup(was string, group int, name string) bool {
	names := []string{name}
	if group >= 0 {
		names = append(names, m.file.Objects[group].Key)
		names = append(names, m.file.Intents[group].Was...)
	}
	return m.sameThing(schema.Group, was, names)
}

func (m *model) isPerson(was, id string, person int) bool {
	r := m.before.users[id]
	names := []string{state.Fold(r.text("username")), r.text("email"), state.Fold(r.text("employeeIdentifier"))}
	if person >= 0 {
		names = append(names, m.file.Objects[person].Key)
		names = append(names, m.file.Intents[person].Was...)
	}
	return m.sameThing(schema.User, was, names)
}

// sameThing tells whether a name in the base, or a former one of its entry,
// is one of the names of today.
func (m *model) sameThing(k schema.Kind, was string, names []string) bool {
	all := []string{was}
	if b := m.base.Find(k, was); b >= 0 {
		all = append(all, m.base.Intents[b].Was...)
	}
	return slices.ContainsFunc(all, func(name string) bool { return slices.Contains(names, name) })
}
