package state

import (
	"maps"
	"slices"
	"strings"

	"rollcall/schema"
)

// memberships gathers who belongs to which group, from both sides.
func (a *assembly) memberships() {
	for _, e := range a.drafts {
		if e.Kind == schema.User {
			a.groupsOf(e)
		} else {
			a.membersOf(e)
		}
	}
	for _, group := range slices.Sorted(maps.Keys(a.edges)) {
		a.edges[group] = a.distinct(a.edges[group])
	}
}

// distinct are the memberships of a group by user, each once. Most are sorted
// already, as people are.
func (a *assembly) distinct(edges []edge) []edge {
	slices.SortStableFunc(edges, func(x, y edge) int { return strings.Compare(x.User, y.User) })
	kept := edges[:0]
	for _, e := range edges {
		if n := len(kept); n > 0 && kept[n-1].User == e.User {
			a.sameEdge(&kept[n-1], e)
		} else {
			kept = append(kept, e)
		}
	}
	return kept
}

// edge records a membership, with its last day if it has one.
func (a *assembly) edge(e edge) {
	if n := a.untils[e.at.node]; n != nil {
		at := place{e.at.src, n}
		if day := a.day(at, "until"); day != "" {
			e.until = &until{day, at}
		}
	}
	a.edges[e.Group] = append(a.edges[e.Group], e)
}

// sameEdge makes one of a membership that is written twice. Dates only
// tighten: one that has a last day ends with it, wherever else it stands.
func (a *assembly) sameEdge(kept *edge, e edge) {
	kept.sides |= e.sides
	one, two := kept.until, e.until
	if one == nil && two == nil || one != nil && two != nil && one.day == two.day {
		return
	}
	other := e.at
	if one == nil || two != nil && two.day < one.day {
		other, kept.until = kept.at, two
	}
	a.add(Warning, kept.until.at, "", "the membership of %s in %q ends on %s, although it is written without that day at %s too", e.User, e.Group, kept.until.day, other)
}

// groupsOf adds a person to the groups that the person or defaults name.
func (a *assembly) groupsOf(e *draft) {
	for _, at := range e.groups {
		name := strings.TrimSpace(at.node.Value)
		g := a.byKey[objectKey{schema.Group, name}]
		switch {
		case g != nil:
			a.join(g, e, at, AtUser)
		case a.ignored(schema.Group, name):
			a.errorf(at, "group %q is ignored by policy.ignore and cannot be in the file", name)
		case hexID.MatchString(name):
			a.errorf(at, "group %q is an id; write the name of the group", name)
		default:
			if hint := a.meant(schema.Group, name); hint != "" {
				a.doubt(at, hint, "group %q is not declared in the file; only JumpCloud can tell whether there is one", name)
			}
			a.edge(edge{Edge: Edge{name, e.Key}, at: at, sides: AtUser})
		}
	}
}

// membersOf adds the people whom a group names.
func (a *assembly) membersOf(g *draft) {
	seen := make(map[string]bool, len(g.members))
	for _, at := range g.members {
		e, ok := a.named("member", at)
		if !ok {
			continue
		}
		key := Fold(strings.TrimSpace(at.node.Value))
		if e != nil {
			key = e.Key
		}
		if seen[key] {
			a.add(Warning, at, "", "member %q is listed twice", at.node.Value)
			continue
		}
		seen[key] = true
		if e != nil {
			a.join(g, e, at, AtGroup)
			continue
		}
		if hint := a.meant(schema.User, key); hint != "" {
			a.doubt(at, hint, "member %q is not in the file; only JumpCloud can tell who it is", at.node.Value)
		}
		if a.takes(g, at) {
			a.edge(edge{Edge: Edge{g.Key, key}, at: at, sides: AtGroup})
		}
	}
}

// join adds an edge between two entries, if they can have one.
func (a *assembly) join(g, e *draft, at place, side Sides) {
	switch {
	case g.intent.Absent:
		a.errorf(at, "group %q is to be deleted (ensure: absent at %s) and cannot have members", g.Name, g.at)
	case e.intent.Absent:
		a.errorf(at, "user %q is to be deleted (ensure: absent at %s) and cannot be in a group", e.Name, e.at)
	case e.intent.NoGroups:
		a.errorf(at, "group %q names %s, whose groups: [] at %s says: in no group", g.Name, e.Name, e.wrote.noGroups)
		a.errorf(e.wrote.noGroups, "groups: [] of %s says: in no group, but group %q names them at %s", e.Name, g.Name, at)
	case a.takes(g, at):
		a.edge(edge{Edge: Edge{g.Key, e.Key}, at: at, sides: side})
	}
}

// takes tells whether a group has members that the file may name, and says
// so if not.
func (a *assembly) takes(g *draft, at place) bool {
	method, _ := g.find(schema.MembershipMethod)
	if !strings.HasPrefix(method, "DYNAMIC") {
		return true
	}
	rule, _ := g.find(schema.MemberQuery)
	if rule != "" {
		rule = ": " + rule
	}
	a.errorf(at, "group %q is dynamic (membershipMethod): its rule makes the members%s", g.Name, rule)
	return false
}
