package state

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
)

// person is the entry that a username, else an e-mail or employeeIdentifier
// names; several is set if it is more than one.
func (a *assembly) person(text string) (e *draft, several bool) {
	text = Fold(strings.TrimSpace(text))
	found := a.names[text]
	if e := a.byKey[objectKey{schema.User, text}]; e != nil {
		return e, slices.ContainsFunc(found, func(other *draft) bool { return other != e })
	}
	if len(found) == 0 {
		return nil, false
	}
	if slices.ContainsFunc(found, func(other *draft) bool { return other != found[0] }) {
		return nil, true
	}
	return found[0], false
}

// named is the entry of a person whom the file names as what (manager,
// member, reports_to), nil if only live can tell. Ok is false if it has been
// told that nobody can be meant.
func (a *assembly) named(what string, at place) (e *draft, ok bool) {
	text := strings.TrimSpace(at.node.Value)
	e, several := a.person(text)
	switch {
	case several && e != nil:
		a.errorf(at, "%s %q: that is a username, and somebody else's employeeIdentifier: write the e-mail", what, text)
	case several:
		a.errorf(at, "%s %q: several people have that: write the username", what, text)
	case e != nil:
		return e, true
	case hexID.MatchString(text):
		a.errorf(at, "%s %q is an id; write a username, e-mail or employeeIdentifier", what, text)
	case a.ignored(schema.User, text):
		a.errorf(at, "%s %q is ignored by policy.ignore and cannot be in the file", what, text)
	default:
		return nil, true
	}
	return nil, false
}

// managers resolves managers to keys, and finds circles.
func (a *assembly) managers() {
	above := map[*draft]*draft{}
	for _, e := range a.drafts {
		i := e.index(schema.Manager)
		if i < 0 || e.Values[i].Text == "" {
			continue
		}
		if boss := a.manager(e, i); boss != nil {
			above[e] = boss
		}
	}
	a.circles(above)
}

// manager resolves the manager of a person, the i-th value, and is the
// entry, nil if the file has none.
func (a *assembly) manager(e *draft, i int) *draft {
	at, text := e.from[i], e.Values[i].Text
	if a.byTemplate(at) {
		at.node = filled(at.node, e.Name)
	}
	boss, ok := a.named("manager", at)
	switch {
	case !ok:
	case boss == nil:
		e.Values[i].Text = Fold(text)
		a.doubt(at, a.meant(schema.User, text), "manager %q is not in the file; only JumpCloud can tell who it is", text)
	case boss == e:
		a.add(Error, at, "write manager: null for nobody", "%s is their own manager", e.Name)
	case boss.intent.Absent:
		a.errorf(at, "manager %q of %s is to be deleted (ensure: absent at %s): write another, or null", text, e.Name, boss.at)
	default:
		e.Values[i].Text = boss.Key
		return boss
	}
	return nil
}

// byTemplate tells whether a place is a default with a username to fill in.
func (a *assembly) byTemplate(at place) bool {
	return strings.Contains(at.node.Value, usernamePlaceholder)
}

// circles finds people who are their own manager through others. Each
// circle is told once.
func (a *assembly) circles(above map[*draft]*draft) {
	visit := make(map[*draft]int, len(above)) // the walk that came by, from 1
	for i, start := range a.byName(above) {
		var path []*draft
		e := start
		for e != nil && visit[e] == 0 {
			visit[e] = i + 1
			path = append(path, e)
			e = above[e]
		}
		if e != nil && visit[e] == i+1 {
			a.circle(path[slices.Index(path, e):])
		}
	}
}

// byName are the people who have a manager, by name.
func (a *assembly) byName(above map[*draft]*draft) []*draft {
	list := make([]*draft, 0, len(above))
	for e := range above {
		list = append(list, e)
	}
	slices.SortFunc(list, func(x, y *draft) int { return strings.Compare(x.Key, y.Key) })
	return list
}

func (a *assembly) circle(people []*draft) {
	const most = 20
	var b strings.Builder
	for i, e := range people {
		if i == most {
			fmt.Fprintf(&b, "%d more -> ", len(people)-most)
			break
		}
		_, at := e.find(schema.Manager)
		fmt.Fprintf(&b, "%s (%s) -> ", e.Name, at)
	}
	_, at := people[0].find(schema.Manager)
	a.add(Error, at, "give one of them another manager, or null", "managers form a circle: %s%s", b.String(), people[0].Name)
}

// heirs resolves who gets the reports of people to be deleted.
func (a *assembly) heirs() {
	for _, e := range a.drafts {
		to := e.intent.ReportsTo
		if to == nil || to.Text == "" {
			continue
		}
		heir, ok := a.named("reports_to", e.reportsTo)
		switch {
		case !ok:
		case heir == nil:
			a.doubt(e.reportsTo, a.meant(schema.User, to.Text), "reports_to %q is not in the file; only JumpCloud can tell who it is", to.Text)
		case heir == e:
			a.errorf(e.reportsTo, "%s cannot be the manager of their own reports: write somebody else, or null", e.Name)
		case heir.intent.Absent:
			a.errorf(e.reportsTo, "reports_to %q is to be deleted too, at %s: write somebody else, or null", to.Text, heir.at)
		default:
			to.Text = heir.Key
		}
	}
}
