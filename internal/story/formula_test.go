package story_test

import (
	"slices"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// readFormula is how many requests a read may cost: pages of a hundred
// users, groups and members, and one for each thing that a list omits.
func readFormula(desired *state.Desired, live *state.Live) int {
	n := pages(live.Totals.Users) + pages(live.Totals.Groups)
	groups, first := live.OfKind(schema.Group)
	for j := range groups {
		i := desiredOf(desired, &groups[j])
		switch {
		case live.Facts[first+j].MembersRead:
			n += pages(live.Facts[first+j].Members)
		case i >= 0 && desired.Intents[i].Absent, isCounted(desired, live, first+j):
			n++
		case i >= 0 && live.Facts[first+j].Dynamic && changesRule(&desired.Objects[i], &groups[j]):
			n++
		}
		if i >= 0 && namesOmitted(&desired.Objects[i]) {
			n++
		}
	}
	return n + personReads(desired, live)
}

// baseFormula is what a read costs besides because of a base: groups that it
// protects, or all if it limits what a group may lose, are counted when the
// file wants people in no group.
func baseFormula(base, desired *state.Desired, live *state.Live) (n int) {
	if base == nil || !slices.ContainsFunc(desired.Intents, func(in state.Intent) bool { return in.NoGroups }) {
		return 0
	}
	limit, limited := base.Policy.Limits["shrink_group"]
	now, still := desired.Policy.Limits["shrink_group"]
	groups, first := live.OfKind(schema.Group)
	for j := range groups {
		counted := base.Policy.Protect.Group(groups[j].Name) || limited && (!still || limit.Min < now.Min)
		if counted && !live.Facts[first+j].MembersRead && !isCounted(desired, live, first+j) {
			n++
		}
	}
	return n
}

// isCounted tells whether the members of a group that was not read are
// counted: `groups: []` takes three people or more out of it, or anybody and
// it is protected.
func isCounted(desired *state.Desired, live *state.Live, l int) bool {
	group, lost := &live.Objects[l], 0
	for _, e := range live.Edges {
		u := live.Find(schema.User, e.User)
		if e.Group != group.Key || u < 0 {
			continue
		}
		if i := desiredOf(desired, &live.Objects[u]); i >= 0 && desired.Intents[i].NoGroups {
			lost++
		}
	}
	if live.Facts[l].Dynamic || desired.Policy.Ignore.Group(group.Name) {
		return false
	}
	return lost > 2 || lost > 0 && desired.Policy.Protect.Group(group.Name)
}

func pages(n int) int { return max(1, (n+99)/100) }

// personReads are the lists of one person's groups.
func personReads(desired *state.Desired, live *state.Live) (n int) {
	users, _ := live.OfKind(schema.User)
	for j := range users {
		i := desiredOf(desired, &users[j])
		if i < 0 || desired.Intents[i].Absent {
			continue
		}
		want, _ := desired.Objects[i].Get(schema.State, "")
		now, _ := users[j].Get(schema.State, "")
		if desired.Intents[i].NoGroups || want == "ACTIVATED" && now == "SUSPENDED" {
			n++
		}
	}
	return n
}

// desiredOf is the entry of the file that a live object belongs to, -1 for none.
func desiredOf(desired *state.Desired, live *state.Object) int {
	if i := desired.Find(live.Kind, live.Key); i >= 0 {
		return i
	}
	for i := range desired.Objects {
		if desired.Objects[i].Kind == live.Kind && slices.Contains(desired.Intents[i].Was, live.Key) {
			return i
		}
	}
	return -1
}

func changesRule(want, live *state.Object) bool {
	return slices.ContainsFunc(want.Values, func(v schema.Value) bool {
		old, ok := live.Get(v.Field, v.Part)
		if !ok {
			old = schema.Of(v.Field).Unset
		}
		return schema.Of(v.Field).Hazard == schema.RuleChange && !schema.Equal(v.Field, old, v.Text)
	})
}

func namesOmitted(o *state.Object) bool {
	return slices.ContainsFunc(o.Values, func(v schema.Value) bool { return schema.Of(v.Field).ListOmits })
}

// applyFormula is one request a change, and a look before a suspension, a
// delete and the PUT of a group.
func applyFormula(changes []plan.Change) int {
	n := len(changes)
	for i := range changes {
		c := &changes[i]
		if c.Action == plan.Suspend || c.Action == plan.Delete || c.Action == plan.Update && c.Object.Kind == schema.Group {
			n++
		}
	}
	return n
}

// verifyFormula is what it costs to look at what a plan has done: people and
// groups by id or by their list, memberships by group or by person, whichever
// is fewer. After is the organization as it is then.
func verifyFormula(org *plan.Org, after *state.Live) int {
	users, groups := map[string]bool{}, map[string]bool{} // touched themselves
	members, of := map[string]bool{}, map[string]bool{}   // of memberships
	for i := range org.Changes {
		switch c := &org.Changes[i]; {
		case c.Action == plan.Add || c.Action == plan.Remove:
			members[c.To.Name], of[c.Object.Name] = true, true
		case c.Object.Kind == schema.Group:
			groups[c.Object.Name] = true
		default:
			users[c.Object.Name] = true
		}
	}
	lists := 0
	for name := range of {
		if l := after.Find(schema.Group, name); l >= 0 {
			lists += pages(after.Facts[l].Members)
		} else {
			lists++ // renamed
		}
	}
	return min(len(users), pages(after.Totals.Users)) + min(len(groups), pages(after.Totals.Groups)) + min(len(members), lists)
}
