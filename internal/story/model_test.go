package story_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rollcall/jumpcloud/sandbox"
	"rollcall/schema"
	"rollcall/state"
)

// model is what may happen to an organization by a file. It knows the file
// and what was live before and is after, but nothing of a plan.
type model struct {
	base          *state.Desired // nil for none
	file          *state.Desired
	before, after side
	entries       map[string]int // id -> entry of the file
}

// side is an organization at one time.
type side struct {
	users, groups map[string]record // by id
	ids           map[string]string // folded usernames -> ids
}

// record is the members of a user or group, each as JSON.
type record map[string]string

func (r record) text(name string) (s string) {
	_ = json.Unmarshal([]byte(r[name]), &s) // not a text: ""
	return s
}

// untouched checks that what the file does not name is byte for byte as it
// was, that groups have the members that they should, and that nobody was
// created, suspended, let in or deleted without a cause in the file.
func untouched(t tb, file *state.Desired, before, after *sandbox.Organization) {
	t.Helper()
	untouchedSince(t, nil, file, before, after)
}

// untouchedSince takes what the base wanted for another cause.
func untouchedSince(t tb, base, file *state.Desired, before, after *sandbox.Organization) {
	t.Helper()
	base, file = base.On(today), file.On(today)
	m := &model{base: base, file: file, before: sideOf(t, before), after: sideOf(t, after), entries: map[string]int{}}
	m.match()
	for id, old := range m.before.users {
		m.user(t, id, old)
	}
	for id, old := range m.before.groups {
		m.group(t, id, old)
	}
	for id, now := range m.after.users {
		if i := file.Find(schema.User, state.Fold(now.text("username"))); m.before.users[id] == nil && (i < 0 || file.Intents[i].Absent) {
			t.Errorf("%s was created without being in the file", now.text("username"))
		}
	}
	for id, now := range m.after.groups {
		if i := file.Find(schema.Group, now.text("name")); m.before.groups[id] == nil && (i < 0 || file.Intents[i].Absent) {
			t.Errorf("group %s was created without being in the file", now.text("name"))
		}
	}
}

func sideOf(t tb, o *sandbox.Organization) side {
	s := side{map[string]record{}, map[string]record{}, map[string]string{}}
	for _, u := range o.Users {
		r := recordOf(t, u)
		s.users[r.text("_id")] = r
		s.ids[state.Fold(r.text("username"))] = r.text("_id")
	}
	for _, g := range o.Groups {
		r := recordOf(t, g)
		s.groups[r.text("id")] = r
	}
	return s
}

func recordOf(t tb, object map[string]any) record {
	r := record{}
	for name, v := range object {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		r[name] = string(b)
	}
	return r
}

// match finds the entries of live objects: by name, else by a former one.
func (m *model) match() {
	for _, former := range []bool{false, true} {
		for id, r := range m.before.users {
			m.pair(id, schema.User, state.Fold(r.text("username")), former)
		}
		for id, r := range m.before.groups {
			m.pair(id, schema.Group, r.text("name"), former)
		}
	}
}

func (m *model) pair(id string, k schema.Kind, key string, former bool) {
	for i := range m.file.Objects {
		o := &m.file.Objects[i]
		if o.Kind == k && (!former && o.Key == key || former && slices.Contains(m.file.Intents[i].Was, key) && !m.paired(i)) {
			m.entries[id] = i
		}
	}
}

func (m *model) paired(i int) bool {
	for _, j := range m.entries {
		if i == j {
			return true
		}
	}
	return false
}

// entry is the entry of a live object, -1 for none.
func (m *model) entry(id string) int {
	if i, ok := m.entries[id]; ok {
		return i
	}
	return -1
}

func (m *model) user(t tb, id string, old record) {
	name, i, now := old.text("username"), m.entry(id), m.after.users[id]
	if now == nil {
		if !m.mayDelete(i, old) {
			t.Errorf("%s was deleted without a cause", name)
		}
		return
	}
	m.state(t, i, old, now)
	free := map[string]bool{}
	for _, f := range []string{"state", "suspended", "activated"} {
		free[f] = old["state"] != now["state"] // which has been checked
	}
	if m.reassigned(old) {
		free["manager"] = true
	}
	if i >= 0 {
		m.named(free, i)
		m.parts(t, i, old, now)
	}
	compare(t, name, old, now, free)
}

// mayDelete tells whether the file says that somebody is to be deleted, who
// is not active.
func (m *model) mayDelete(i int, old record) bool {
	if old.text("state") == "ACTIVATED" {
		return false
	}
	if i >= 0 {
		return m.file.Intents[i].Absent
	}
	return m.lockOut(old) == "delete"
}

// inScope knows filters for equality alone, which is what these tests use.
func (m *model) inScope(old record) bool {
	return !slices.ContainsFunc(m.file.Policy.Scope, func(f state.Filter) bool { return old.text(f.Field) != f.Value })
}

// state checks that a state changes only as the person's entry or policy says.
func (m *model) state(t tb, i int, old, now record) {
	was, is := old.text("state"), now.text("state")
	if was == is {
		return
	}
	want := ""
	if i >= 0 {
		want = m.wantedState(i, was)
	} else if p := m.lockOut(old); (p == "suspend" || p == "delete") && was == "ACTIVATED" {
		want = "SUSPENDED"
	}
	if is != want {
		t.Errorf("%s was %s and is %s, the file says %q", old.text("username"), was, is, want)
	}
}

// wantedState is the state that an entry gives somebody who is in one: dates
// suspend whoever is in, and let in whoever is staged, and nobody else.
func (m *model) wantedState(i int, was string) string {
	want, _ := m.file.Objects[i].Get(schema.State, "")
	switch in := &m.file.Intents[i]; {
	case in.Due == state.Ended && was != "ACTIVATED", in.Due == state.Started && was != "STAGED":
		return in.Undated
	}
	return want
}

// reassigned tells whether a manager may change because the old one is to
// be deleted.
func (m *model) reassigned(old record) bool {
	i := m.entry(old.text("manager"))
	return i >= 0 && m.file.Intents[i].Absent && m.file.Intents[i].ReportsTo != nil
}

// named frees the members that an entry writes, and what JumpCloud changes
// with them.
func (m *model) named(free map[string]bool, i int) {
	o := &m.file.Objects[i]
	for _, v := range o.Values {
		if f := schema.Of(v.Field); f.ID != schema.State {
			free[f.Name] = true
		}
		if v.Field == schema.EnableUserPortalMultifactor {
			free["mfa"] = true // switching it off ends an exclusion (facts.md section 3)
		}
	}
	if len(m.file.Intents[i].Was) > 0 {
		free["username"], free["name"] = true, true
	}
	if !m.file.Intents[i].Password.From.IsZero() {
		free["password_date"], free["activated"] = true, true
	}
}

// parts checks the entries of arrays and maps that the file does not name.
func (m *model) parts(t tb, i int, old, now record) {
	o := &m.file.Objects[i]
	for _, f := range schema.Fields(o.Kind) {
		if f.Type != schema.ByType && f.Type != schema.Map {
			continue
		}
		if _, whole := o.Get(f.ID, ""); whole {
			continue // [] or null: nothing is left to others
		}
		was, is := entriesOf(old[f.Name]), entriesOf(now[f.Name])
		for part, text := range was {
			if _, named := o.Get(f.ID, part); !named && is[part] != text {
				t.Errorf("%s.%s of %s was %s and is %s", f.Name, part, o.Name, text, is[part])
			}
		}
	}
}

// entriesOf are the entries of an array by type or name, or the members of
// an object, without the ids that JumpCloud makes anew.
func entriesOf(raw string) map[string]string {
	parts := map[string]string{}
	var list []map[string]any
	var object map[string]any
	switch {
	case json.Unmarshal([]byte(raw), &list) == nil:
		for _, e := range list {
			delete(e, "id")
		}
		slices.SortFunc(list, func(a, b map[string]any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, e := range list {
			b, _ := json.Marshal(e)
			parts[text(e, "type", "name")] += string(b)
		}
	case json.Unmarshal([]byte(raw), &object) == nil:
		for name, v := range object {
			b, _ := json.Marshal(v)
			parts[name] = string(b)
		}
	}
	return parts
}

func compare(t tb, name string, old, now record, free map[string]bool) {
	for member, text := range old {
		if !free[member] && now[member] != text {
			t.Errorf("%s of %s was %s and is %s", member, name, text, now[member])
		}
	}
	for member, text := range now {
		if _, had := old[member]; !had && !free[member] {
			t.Errorf("%s of %s was not there and is %s", member, name, text)
		}
	}
}

func (m *model) group(t tb, id string, old record) {
	i, now := m.entry(id), m.after.groups[id]
	if now == nil {
		if i < 0 || !m.file.Intents[i].Absent {
			t.Errorf("group %s was deleted without a cause", old.text("name"))
		}
		return
	}
	free := map[string]bool{"members": true}
	if i >= 0 {
		m.named(free, i)
		m.parts(t, i, old, now)
	}
	compare(t, old.text("name"), old, now, free)
	if free["membershipMethod"] || free["memberQuery"] {
		return // another rule makes other members
	}
	want, got := m.members(id, old, i), membersOf(m.after, now)
	if !slices.Equal(want, got) {
		t.Errorf("members of %s are %v, want %v", old.text("name"), m.called(got), m.called(want))
	}
}

// membersOf are the ids of a group's members, sorted.
func membersOf(s side, group record) []string {
	var names, ids []string
	_ = json.Unmarshal([]byte(group["members"]), &names) // none: no names
	for _, name := range names {
		id := s.ids[state.Fold(name)]
		if id == "" {
			id = name // of somebody who is not there any more
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// members are those whom a live group should have.
func (m *model) members(id string, old record, i int) (want []string) {
	dynamic := strings.HasPrefix(old.text("membershipMethod"), "DYNAMIC")
	key := old.text("name")
	if i >= 0 {
		key = m.file.Objects[i].Key
	}
	wanted := map[string]bool{}
	for _, e := range m.file.Edges {
		if e.Group == key || e.Group == old.text("name") || i >= 0 && slices.Contains(m.file.Intents[i].Was, e.Group) {
			if who := m.person(e.User); !m.over(who, i, old.text("name")) {
				wanted[who] = true
			}
		}
	}
	for _, member := range membersOf(m.before, old) {
		if m.after.users[member] != nil && (dynamic || wanted[member] || !m.leaves(member, i, key)) {
			wanted[member] = true
		}
	}
	delete(wanted, "") // of people who are not created after all
	for member := range wanted {
		want = append(want, member)
	}
	slices.Sort(want)
	return want
}

// leaves tells whether a live member whom the file does not name in a
// static group must leave it.
func (m *model) leaves(id string, group int, name string) bool {
	r, i := m.before.users[id], m.entry(id)
	if m.file.Policy.Ignore.User(r.text("username")) || m.file.Policy.Ignore.Group(name) {
		return false
	}
	switch {
	case i < 0 && !m.inScope(r):
		return false
	case m.over(id, group, name):
		return true
	case i >= 0 && m.file.Intents[i].NoGroups, m.gaveUp(id, group, name):
		return true
	}
	return group >= 0 && m.file.Intents[group].Exact
}

// over tells whether the last day of a membership is over.
func (m *model) over(id string, group int, name string) bool {
	return slices.ContainsFunc(m.file.Ended, func(u state.Until) bool {
		same := u.Group == name || group >= 0 && (u.Group == m.file.Objects[group].Key || slices.Contains(m.file.Intents[group].Was, u.Group))
		return same && m.person(u.User) == id
	})
}

// person is the id of somebody whom the file names: an entry, or somebody
// live by username, e-mail or employeeIdentifier.
func (m *model) person(name string) string {
	if i := m.file.Find(schema.User, name); i >= 0 {
		for id, j := range m.entries {
			if i == j {
				return id
			}
		}
		return m.after.ids[name]
	}
	for id, r := range m.before.users {
		if slices.Contains([]string{state.Fold(r.text("username")), r.text("email"), state.Fold(r.text("employeeIdentifier"))}, name) {
			return id
		}
	}
	return name
}

func (m *model) called(ids []string) []string {
	names := slices.Clone(ids)
	for i, id := range ids {
		if r := m.after.users[id]; r != nil {
			names[i] = r.text("username")
		}
	}
	return names
}
