package state

import (
	"slices"
	"strings"

	"rollcall/schema"
)

// memberships gathers who belongs to which group, from both sides.
func (a *assembly) memberships() {
	for _, e := range a.entries {
		if e.intent.Absent {
			continue
		}
		if e.Kind == schema.User {
			a.groupsOf(e)
		} else {
			a.membersOf(e)
		}
	}
	slices.SortStableFunc(a.edges, func(x, y edge) int { return CompareEdges(x.Edge, y.Edge) })
	a.edges = slices.CompactFunc(a.edges, func(x, y edge) bool { return x.Edge == y.Edge })
}

// groupsOf adds a person to the groups that the person or defaults name.
func (a *assembly) groupsOf(e *draft) {
	if e.intent.NoGroups {
		return
	}
	for _, at := range e.groups {
		name := strings.TrimSpace(at.node.Value)
		if g := a.byKey[objectKey{schema.Group, name}]; g != nil {
			a.join(g, e, at)
			continue
		}
		if a.d.Policy.Ignore.Group(name) {
			a.errorf(at, "group %q is ignored by policy.ignore and cannot be in the file", name)
			continue
		}
		if hint := a.nearGroup(name); hint != "" {
			a.doubt(at, hint, "group %q of %s is not declared in the file; JumpCloud will be asked", name, e.Name)
		}
		a.edges = append(a.edges, edge{Edge{name, e.Key}, at})
	}
}

// nearGroup is a hint with the declared group nearest to a name.
func (a *assembly) nearGroup(name string) string {
	return a.near(name, func() (names []string) {
		for _, e := range a.entries {
			if e.Kind == schema.Group {
				names = append(names, e.Name)
			}
		}
		return names
	})
}

// membersOf adds the people whom a group names.
func (a *assembly) membersOf(g *draft) {
	for _, at := range g.members {
		e, several := a.person(at.node.Value)
		switch {
		case several:
			a.errorf(at, "member %q of group %q names several people: write the username", at.node.Value, g.Name)
		case e != nil:
			a.join(g, e, at)
		case a.d.Policy.Ignore.User(at.node.Value):
			a.errorf(at, "user %q is ignored by policy.ignore and cannot be in the file", at.node.Value)
		default:
			if hint := a.near(at.node.Value, a.usernames); hint != "" {
				a.doubt(at, hint, "member %q of group %q is not in the file; JumpCloud will be asked", at.node.Value, g.Name)
			}
			a.edges = append(a.edges, edge{Edge{g.Key, Fold(strings.TrimSpace(at.node.Value))}, at})
		}
	}
}

// join adds an edge between two entries, if they can have one.
func (a *assembly) join(g, e *draft, at place) {
	rule, _ := g.find(schema.MemberQuery)
	method, _ := g.find(schema.MembershipMethod)
	switch {
	case g.intent.Absent:
		a.errorf(at, "group %q is to be deleted, at %s, and cannot have members", g.Name, g.at)
	case e.intent.Absent:
		a.errorf(at, "user %q is to be deleted, at %s, and cannot be in group %q", e.Name, e.at, g.Name)
	case e.intent.NoGroups:
		a.errorf(at, "group %q names %s as a member, but groups: [] at %s says that they are in no group", g.Name, e.Name, e.bare)
		a.errorf(e.bare, "groups: [] of %s: group %q names them as a member at %s", e.Name, g.Name, at)
	case strings.HasPrefix(method, "DYNAMIC"):
		a.errorf(at, "group %q is dynamic and takes no members by hand; its rule makes them: %s", g.Name, rule)
	default:
		a.edges = append(a.edges, edge{Edge{g.Key, e.Key}, at})
	}
}
