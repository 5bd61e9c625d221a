package plan

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// formerly notes that a person is written by a name that they no longer have.
func (d *differ) formerly(m state.Match, at state.Pos, format string, args ...any) {
	if m.Former {
		d.note(state.Note, at, "%s is a former name: write %s", fmt.Sprintf(format, args...), d.want.Objects[m.Desired].Name)
	}
}

// keyOf is the key that a person has among live people, or will have.
func (d *differ) keyOf(m state.Match) string {
	if m.Live >= 0 {
		return d.live.Objects[m.Live].Key
	}
	return d.want.Objects[m.Desired].Key
}

// nameOf is a person as plans name them.
func (d *differ) nameOf(m state.Match) Name {
	if m.Live >= 0 {
		return d.liveName(m.Live)
	}
	return d.name(m.Desired)
}

// gone tells whether the file wants a person deleted.
func (d *differ) gone(m state.Match) bool {
	return m.Desired >= 0 && d.want.Intents[m.Desired].Absent
}

// whoever is a hint how to say who is meant by what several people have.
func (d *differ) whoever(text string) string {
	if d.live.Find(schema.User, state.Fold(text)) >= 0 {
		return "that is a username, and somebody else's employeeIdentifier: write the e-mail"
	}
	return "write the username"
}

// manager resolves what the file writes as the manager of entry i, or as
// another reference to a person, to the key of that person; "" is nobody. It
// reports what is wrong and is then not ok.
func (d *differ) manager(field string, i int, text string, at state.Pos) (key string, ok bool) {
	if text == "" {
		return "", true
	}
	m, several, ok := d.pairs.Person(text)
	name := d.want.Objects[i].Name
	switch {
	case several:
		d.problem(at, d.whoever(text), "%s %q of %s names several people in JumpCloud", field, text, name)
	case !ok:
		d.problem(at, d.nearUser(text), "%s %q of %s is neither in the file nor in JumpCloud", field, text, name)
	case m.Live >= 0 && len(d.live.Facts[m.Live].Twins) > 0:
		why, hint := d.untouchable(m.Live)
		d.problem(at, hint, "%s %q of %s is %s", field, text, name, why)
	case m.Desired >= 0 && d.neverIn(m.Desired):
		d.note(state.Warning, at, "%s %q of %s is not in JumpCloud and is not created: the last day was %s; the %[1]s stays as it is", field, text, name, d.want.Intents[m.Desired].End)
	case d.gone(m):
		d.problem(at, "name somebody else, or null", "%s %q of %s is to be deleted (ensure: absent)", field, text, name)
	case m.Desired == i:
		d.problem(at, "write null for nobody", "%s is their own manager", name)
	default:
		d.formerly(m, at, "%s %q of %s", field, text, name)
		return d.keyOf(m), true
	}
	return "", false
}

// nearUser is a hint with the username nearest to a word.
func (d *differ) nearUser(word string) string {
	if l := d.pairs.Lost(word); l >= 0 {
		return "write " + d.live.Objects[l].Name + ": the file gives them another e-mail or employeeIdentifier"
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
	return schema.DidYouMean(schema.Near(word, names))
}

// managers checks that the plan makes nobody their own manager, directly or
// through others, and warns of those who are already.
func (d *differ) managers() {
	next := map[string]string{}
	for n := range d.changes {
		if d.dropped[n] {
			continue
		}
		for _, f := range d.changes[n].Fields {
			if f.Field == schema.Manager {
				next[state.Fold(d.changes[n].Object.Name)] = state.Fold(f.Text)
			}
		}
	}
	for n := range d.changes {
		if key := state.Fold(d.changes[n].Object.Name); next[key] != "" && d.changes[n].Object.Kind == schema.User {
			d.checkCircle(key, next, d.changes[n].Source)
		}
	}
	d.liveCircles(next)
}

// checkCircle follows the managers of a person as they will be.
func (d *differ) checkCircle(key string, next map[string]string, s Source) {
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

// liveCircles warns of the circles that stay as they are. Each is told once,
// from the first of its people on.
func (d *differ) liveCircles(next map[string]string) {
	users, first := d.live.OfKind(schema.User)
	visit := make([]int32, len(users)) // the walk that came by, from 1
	for j := range users {
		walk, at := int32(j+1), j
		for at >= 0 && visit[at] == 0 {
			visit[at] = walk
			at = d.live.Find(schema.User, managerOf(&users[at], next)) - first
		}
		if at >= 0 && visit[at] == walk {
			d.warnCircle(users[at].Key, next)
		}
	}
}

func (d *differ) warnCircle(start string, next map[string]string) {
	path := []string{start}
	for at := d.managerAfter(start, next); at != start; at = d.managerAfter(at, next) {
		path = append(path, at)
	}
	least := slices.Index(path, slices.Min(path))
	path = slices.Concat(path[least:], path[:least], path[least:least+1])
	d.note(state.Warning, state.Pos{}, "managers form a circle in JumpCloud: %s; give one of them another manager, or null", strings.Join(path, " -> "))
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
	return managerOf(&d.live.Objects[l], next)
}

// managerOf is managerAfter of a live person.
func managerOf(o *state.Object, next map[string]string) string {
	if m, ok := next[o.Key]; ok {
		return m
	}
	m, _ := o.Get(schema.Manager, "")
	if strings.HasPrefix(m, "#") {
		return ""
	}
	return m
}
