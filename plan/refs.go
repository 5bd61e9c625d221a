package plan

import (
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// index finds people by what identifies them besides the username.
type index struct {
	by   map[string][]int32 // folded e-mail or employeeIdentifier -> live users
	lost map[string]string  // the same that the file replaces -> username
}

// person is somebody a name of the file means: a desired object, a live
// one, or both (-1 for not).
type person struct{ desired, live int }

// lookup finds the person whom a username, e-mail or employeeIdentifier
// names, among the people of the file and of live. Several matches or none
// are not ok.
func (d *differ) lookup(text string) (p person, several, ok bool) {
	text = state.Fold(text)
	if i := d.want.Find(schema.User, text); i >= 0 {
		return person{i, int(d.pair[i])}, false, true
	}
	if l := d.live.Find(schema.User, text); l >= 0 {
		return person{int(d.twin[l]), l}, false, true
	}
	found := d.people().by[text]
	if len(found) != 1 {
		return person{}, len(found) > 1, false
	}
	return person{int(d.twin[found[0]]), int(found[0])}, false, true
}

// people is the index of live people, made when it is first needed.
func (d *differ) people() *index {
	if d.refs != nil {
		return d.refs
	}
	d.refs = &index{map[string][]int32{}, map[string]string{}}
	users, first := d.live.OfKind(schema.User)
	for j := range users {
		for _, f := range []schema.FieldID{schema.Email, schema.EmployeeIdentifier} {
			text, ok := users[j].Get(f, "")
			folded := state.Fold(text)
			switch {
			case !ok || text == "":
			case d.replaces(int(d.twin[first+j]), f, text):
				d.refs.lost[folded] = users[j].Name
			default:
				d.refs.by[folded] = append(d.refs.by[folded], int32(first+j))
			}
		}
	}
	return d.refs
}

// replaces tells whether an entry of the file gives a person another text
// than the live one, by which nobody could find them after the plan.
func (d *differ) replaces(i int, f schema.FieldID, live string) bool {
	if i < 0 {
		return false
	}
	text, ok := d.want.Objects[i].Get(f, "")
	return ok && state.Fold(text) != state.Fold(live)
}

// keyOf is the key that a person has among live people, or will have.
func (d *differ) keyOf(p person) string {
	if p.live >= 0 {
		return d.live.Objects[p.live].Key
	}
	return d.want.Objects[p.desired].Key
}

// nameOf is a person as plans name them.
func (d *differ) nameOf(p person) Name {
	if p.live >= 0 {
		return d.liveName(p.live)
	}
	return d.name(p.desired)
}

// gone tells whether the file wants a person deleted.
func (d *differ) gone(p person) bool {
	return p.desired >= 0 && d.want.Intents[p.desired].Absent
}

// manager resolves what the file writes as a manager to the key of a
// person; "" is nobody. It reports what is wrong and is then not ok.
func (d *differ) manager(i int, text string, at state.Pos) (key string, ok bool) {
	if text == "" {
		return "", true
	}
	p, several, ok := d.lookup(text)
	name := d.want.Objects[i].Name
	switch {
	case several:
		d.problem(at, "write the username", "manager %q of %s names several people in JumpCloud", text, name)
	case !ok:
		d.problem(at, d.nearUser(text), "manager %q of %s is neither in the file nor in JumpCloud", text, name)
	case d.gone(p):
		d.problem(at, "give "+name+" another manager, or null", "manager %q of %s is to be deleted (ensure: absent)", text, name)
	case p.desired == i:
		d.problem(at, "write null for nobody", "%s is their own manager", name)
	default:
		return d.keyOf(p), true
	}
	return "", false
}

// nearUser is a hint with the username nearest to a word.
func (d *differ) nearUser(word string) string {
	if name := d.people().lost[state.Fold(word)]; name != "" {
		return "write " + name + ": the file gives them another e-mail or employeeIdentifier"
	}
	return d.near(word, schema.User)
}

func (d *differ) near(word string, k schema.Kind) string {
	var names []string
	for _, org := range []*state.Org{&d.want.Org, &d.live.Org} {
		objects, _ := org.OfKind(k)
		for i := range objects {
			names = append(names, objects[i].Name)
		}
	}
	if n := schema.Near(word, names); n != "" {
		return "did you mean " + n + "?"
	}
	return ""
}

// managers checks that the plan makes nobody their own manager, directly
// or through others.
func (d *differ) managers() {
	next := map[string]string{}
	for _, c := range d.changes {
		for _, f := range c.Fields {
			if f.Field == schema.Manager {
				next[state.Fold(c.Object.Name)] = state.Fold(f.Text)
			}
		}
	}
	for i := range d.changes {
		if key := state.Fold(d.changes[i].Object.Name); next[key] != "" && d.changes[i].Object.Kind == schema.User {
			d.checkCycle(key, next, d.changes[i].Source)
		}
	}
}

// checkCycle follows the managers of a person as they will be.
func (d *differ) checkCycle(key string, next map[string]string, s Source) {
	seen := map[string]bool{}
	path := []string{key}
	for at := d.managerAfter(key, next); at != ""; at = d.managerAfter(at, next) {
		path = append(path, at)
		if at == key {
			d.problems = append(d.problems, state.Problem{
				Severity: state.Error, File: s.File, Line: s.Line, Column: s.Column,
				Text: "managers would form a circle: " + strings.Join(path, " -> "),
				Hint: "give one of them another manager, or null",
			})
			return
		}
		if seen[at] {
			return // a circle that is live already and that the plan does not touch
		}
		seen[at] = true
	}
}

// managerAfter is the manager whom a person has after the plan.
func (d *differ) managerAfter(key string, next map[string]string) string {
	if m, ok := next[key]; ok {
		return m
	}
	l := d.live.Find(schema.User, key)
	if l < 0 {
		return ""
	}
	m, _ := d.live.Objects[l].Get(schema.Manager, "")
	if strings.HasPrefix(m, "#") {
		return ""
	}
	return m
}
