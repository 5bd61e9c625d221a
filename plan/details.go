package plan

import (
	"slices"

	"rollcall/schema"
	"rollcall/state"
)

// BaseDetails is what Diff needs to know of live because of a base, besides
// what it needs because of the file: for state.ReadOptions.More. Without a
// base it is nil.
func BaseDetails(base, desired *state.Desired) func(*state.Object) state.Detail {
	if base == nil {
		return nil
	}
	named := map[string]bool{} // groups of which a membership may be dropped, by any name
	for _, e := range base.Edges {
		named[e.Group] = true
	}
	both := []*state.Desired{base, desired}
	for range both { // a group may have another name since, in either
		for _, d := range both {
			alias(d, named)
		}
	}
	counted := countedBy(base, desired)
	return func(o *state.Object) state.Detail {
		switch {
		case o.Kind != schema.Group:
			return 0
		case named[o.Key] || desired.Policy.DroppedUsers == "delete" && protects(both, o):
			return state.MembersOf
		case counted(o):
			return state.MemberCount
		}
		return 0
	}
}

// countedBy tells of which groups the members must be counted because of the
// base's policy, when the file wants people in no group: those that only the
// base protects, and all if it limited what a group may lose.
func countedBy(base, desired *state.Desired) func(*state.Object) bool {
	if !slices.ContainsFunc(desired.Intents, func(in state.Intent) bool { return in.NoGroups }) {
		return func(*state.Object) bool { return false }
	}
	was, limited := base.Policy.Limits[shrinkGroup]
	now, still := desired.Policy.Limits[shrinkGroup]
	all := limited && (!still || was.Min < now.Min)
	return func(o *state.Object) bool { return all || base.Policy.Protect.Group(o.Name) }
}

// alias adds all names of the groups of a file of which one is in the set.
func alias(d *state.Desired, names map[string]bool) {
	groups, first := d.OfKind(schema.Group)
	for j := range groups {
		all := append([]string{groups[j].Key}, d.Intents[first+j].Was...)
		for _, name := range all {
			if names[name] {
				for _, name := range all {
					names[name] = true
				}
				break
			}
		}
	}
}

// protects tells whether a revision protects a live group. Deleting somebody
// may empty it.
func protects(revisions []*state.Desired, o *state.Object) bool {
	for _, d := range revisions {
		if d.Policy.Protect.Group(o.Name) {
			return true
		}
	}
	return false
}
