package plan

import (
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
	return func(o *state.Object) state.Detail {
		if o.Kind == schema.Group && (named[o.Key] || desired.Policy.DroppedUsers == "delete" && protects(both, o)) {
			return state.MembersOf
		}
		return 0
	}
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
