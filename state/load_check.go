package state

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
)

// check finds what is wrong between the entries of an organization, and
// resolves the people whom they name.
func (a *assembly) check() {
	for _, e := range a.entries {
		a.checkName(e)
		a.checkWas(e)
	}
	a.checkUnique()
	a.managers()
	a.memberships()
}

// checkName finds names that cannot be, and those that policy ignores.
func (a *assembly) checkName(e *draft) {
	p := &a.d.Policy
	ignored := e.Kind == schema.User && p.Ignore.User(e.Name) || e.Kind == schema.Group && p.Ignore.Group(e.Name)
	if ignored {
		a.errorf(e.at, "%s %q is ignored by policy.ignore and cannot be in the file", e.Kind, e.Name)
	}
	if e.Name == "" {
		a.errorf(e.at, "a %s has no name", e.Kind)
	}
	if e.Kind == schema.Group || e.intent.Absent {
		return
	}
	switch why := BadUsername(e.Name); {
	case why == "":
		if len(e.Name) > 30 {
			a.add(Warning, e.at, "", "username %q has %d characters; macOS and Linux take 30, Windows 20", e.Name, len(e.Name))
		}
	case len(e.intent.Was) > 0:
		a.errorf(e.at, "user %q cannot have this name: %s", e.Name, why)
	default:
		a.doubt(e.at, "", "user %q can only be somebody who exists: %s", e.Name, why)
	}
}

// checkWas finds former names that are still in the file, or claimed twice.
func (a *assembly) checkWas(e *draft) {
	for _, was := range e.intent.Was {
		at := a.back(e.ipos.Was, e)
		if other := a.byKey[objectKey{e.Kind, was}]; other == e {
			a.errorf(at, "%s %q was %q: that is its name now", e.Kind, e.Name, was)
		} else if other != nil {
			a.errorf(at, "%s %q was %q, who is in the file too, at %s", e.Kind, e.Name, was, other.at)
		}
		k := objectKey{e.Kind + 2, was} // claims stand beside the objects
		if other := a.byKey[k]; other != nil {
			a.errorf(at, "%s %q and %q both were %q", e.Kind, other.Name, e.Name, was)
		}
		a.byKey[k] = e
	}
}

// back is the place of a position, for messages.
func (a *assembly) back(pos Pos, e *draft) place {
	for src, i := range a.files {
		if i == pos.File {
			return lineOf(src, int(pos.Line), int(pos.Column))
		}
	}
	return e.at
}

// checkUnique finds people who share what only one can have.
func (a *assembly) checkUnique() {
	for _, row := range []struct {
		field schema.FieldID
		grade Severity
	}{{schema.Email, Error}, {schema.EmployeeIdentifier, Error}, {schema.UnixUID, Warning}} {
		first := map[string]*draft{}
		for _, e := range a.entries {
			if e.Kind != schema.User {
				continue
			}
			text, pos := e.find(row.field)
			if text == "" {
				continue
			}
			if other := first[Fold(text)]; other != nil {
				_, there := other.find(row.field)
				a.add(row.grade, a.back(pos, e), "", "%s of %s is that of %s too, at %s",
					schema.Of(row.field).Name, e.Name, other.Name, a.back(there, other))
				continue
			}
			first[Fold(text)] = e
		}
	}
}

// find is the text of a field and its position.
func (e *draft) find(f schema.FieldID) (string, Pos) {
	for i, v := range e.Values {
		if v.Field == f {
			return v.Text, e.pos[i]
		}
	}
	return "", Pos{}
}

// person is the entry that a username, e-mail or employeeIdentifier names;
// several is set if it is more than one.
func (a *assembly) person(text string) (e *draft, several bool) {
	text = Fold(strings.TrimSpace(text))
	if e := a.byKey[objectKey{schema.User, text}]; e != nil {
		return e, false
	}
	found := a.names[text]
	for _, other := range found {
		if other != found[0] {
			return nil, true
		}
	}
	if len(found) == 0 {
		return nil, false
	}
	return found[0], false
}

// managers resolves managers to keys, and finds circles.
func (a *assembly) managers() {
	above := map[*draft]*draft{}
	for _, e := range a.entries {
		if text, _ := e.find(schema.Manager); e.Kind == schema.User && text != "" {
			if boss := a.managerOf(e, text); boss != nil {
				above[e] = boss
			}
		}
	}
	a.circles(above)
}

// managerOf is the entry of a person's manager, nil if the file has none.
func (a *assembly) managerOf(e *draft, text string) *draft {
	boss, several := a.person(text)
	i := slices.IndexFunc(e.Values, func(v schema.Value) bool { return v.Field == schema.Manager })
	switch {
	case several:
		a.errorf(e.manager, "manager %q of %s names several people: write the username", text, e.Name)
	case boss == nil && hexID.MatchString(text):
		a.errorf(e.manager, "manager of %s is an id; write a username, e-mail or employeeIdentifier", e.Name)
	case boss == nil:
		e.Values[i].Text = Fold(text)
		a.doubt(e.manager, a.near(text, a.usernames), "manager %q of %s is not in the file; JumpCloud will be asked", text, e.Name)
	case boss.intent.Absent:
		a.errorf(e.manager, "manager %q of %s is to be deleted, at %s: give them another manager", text, e.Name, boss.at)
	case boss == e:
		a.errorf(e.manager, "%s is their own manager: write null for nobody", e.Name)
	default:
		e.Values[i].Text = boss.Key
		return boss
	}
	return nil
}

func (a *assembly) usernames() (names []string) {
	for _, e := range a.entries {
		if e.Kind == schema.User {
			names = append(names, e.Name)
		}
	}
	return names
}

// circles finds people who are their own manager through others. Each
// circle is told once, at the first of its people by name.
func (a *assembly) circles(above map[*draft]*draft) {
	const open, closed = 1, 2
	mark := map[*draft]int{}
	for _, start := range a.byName() {
		var path []*draft
		e := start
		for e != nil && mark[e] == 0 {
			mark[e] = open
			path = append(path, e)
			e = above[e]
		}
		if e != nil && mark[e] == open {
			a.circle(path[slices.Index(path, e):])
		}
		for _, p := range path {
			mark[p] = closed
		}
	}
}

func (a *assembly) byName() []*draft {
	list := slices.Clone(a.entries)
	slices.SortFunc(list, func(x, y *draft) int { return strings.Compare(x.Key, y.Key) })
	return list
}

func (a *assembly) circle(people []*draft) {
	var b strings.Builder
	for _, e := range people {
		fmt.Fprintf(&b, "%s (%s) -> ", e.Name, e.manager)
	}
	a.errorf(people[0].manager, "managers form a circle: %s%s", b.String(), people[0].Name)
}
