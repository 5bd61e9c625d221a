package plan

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// holdBack takes a change out of the plan and shows it as held.
func (d *differ) holdBack(n int, reason, allow string) {
	c := d.changes[n]
	c.Reason, c.Needs, c.Origin = reason, nil, Unknown
	d.out.Held = append(d.out.Held, Held{c, allow})
	d.drop(n)
}

// drop marks a change as one that is not made; order leaves it out.
func (d *differ) drop(n int) {
	if d.dropped == nil {
		d.dropped = map[int]bool{}
	}
	d.dropped[n] = true
	c := &d.changes[n]
	for k, m := range d.made {
		if m == n && k.action == c.Action {
			delete(d.made, k)
		}
	}
}

// reactivations makes the memberships that end come before people get back
// in, and says which groups they will have.
func (d *differ) reactivations() {
	for n := range d.changes {
		if d.changes[n].Action != Reactivate {
			continue
		}
		c := &d.changes[n]
		for m := range d.changes {
			if d.changes[m].Action == Remove && d.changes[m].To.ID == c.Object.ID {
				c.Needs = append(c.Needs, m)
			}
		}
		c.Reason = "will be in " + d.groupsAfter(c.Object)
	}
}

// groupsAfter names the groups that a live person will be in.
func (d *differ) groupsAfter(who Name) string {
	key := state.Fold(who.Name)
	var names []string
	for _, e := range d.live.Edges {
		if e.User == key && !d.removed[e] {
			names = append(names, e.Group)
		}
	}
	for n := range d.changes {
		if c := &d.changes[n]; c.Action == Add && c.To.ID == who.ID {
			names = append(names, c.Object.Name)
		}
	}
	if len(names) == 0 {
		return "no group"
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// hold takes the activation of suspended people out of the plan unless it
// is allowed: somebody may have suspended them in an emergency.
func (d *differ) hold() {
	var back []int
	for n := range d.changes {
		if d.changes[n].Action == Reactivate {
			back = append(back, n)
		}
	}
	if len(back) <= d.allowed("reactivate_users") {
		return
	}
	allow := fmt.Sprintf("reactivate_users=%d", len(back))
	for _, n := range back {
		d.holdState(n, allow)
	}
}

// holdState holds the reactivation of one change and leaves its other
// fields in the plan as an update.
func (d *differ) holdState(n int, allow string) {
	c := &d.changes[n]
	isState := func(x Delta) bool { return x.Field == schema.State }
	held := *c
	held.Fields = []Delta{c.Fields[slices.IndexFunc(c.Fields, isState)]}
	held.Keep, held.Needs, held.Hazards = nil, nil, nil
	held.Reason = "suspended in JumpCloud; would get back in and " + c.Reason
	d.out.Held = append(d.out.Held, Held{held, allow})

	c.Fields = slices.DeleteFunc(slices.Clone(c.Fields), isState)
	c.Action, c.Needs, c.Reason = Update, slices.DeleteFunc(c.Needs, func(m int) bool { return d.changes[m].Action == Remove }), ""
	if len(c.Fields) == 0 {
		d.drop(n)
	}
}

// protect refuses what policy.protect and links to administrators forbid,
// and holds it where only a policy about the unlisted asks for it.
func (d *differ) protect() {
	losing := d.emptied()
	for n := range d.changes {
		c := &d.changes[n]
		name, what := d.harm(c, losing)
		if what == "" || d.dropped[n] || d.allowedName("protected", name) {
			continue
		}
		if d.byPolicy(c) {
			d.holdBack(n, "protected", "protected="+name)
			continue
		}
		d.refuse("protected="+name, "%s is protected, and the plan would %s", name, what)
	}
}

// byPolicy tells whether only policy.unlisted_users asks for a change.
func (d *differ) byPolicy(c *Change) bool {
	if c.Object.Kind != schema.User || c.Action != Suspend && c.Action != Delete {
		return false
	}
	l := d.live.Find(schema.User, state.Fold(c.Object.Name))
	return l >= 0 && d.twin[l] < 0
}

// harm is what a change does to a protected object, "" if nothing.
func (d *differ) harm(c *Change, losing map[string]bool) (name, what string) {
	name = c.Object.Name
	if !d.protected(c.Object) {
		return name, ""
	}
	switch {
	case c.Action == Suspend:
		return name, "suspend them"
	case c.Action == Delete:
		return name, "delete it"
	case c.Action == Add:
		return name, "add " + c.To.Name + " to it"
	case c.Action == Remove && losing[c.Object.ID]:
		return name, "empty it"
	case c.Action == Create:
		return name, ""
	}
	for _, delta := range c.Fields {
		if h := schema.Of(delta.Field).Hazard; h == schema.Takeover || h == schema.RuleChange {
			return name, "change its " + delta.Name()
		}
	}
	return name, ""
}

func (d *differ) protected(n Name) bool {
	if n.Kind == schema.Group {
		return d.want.Policy.Protect.Group(n.Name)
	}
	if d.want.Policy.Protect.User(n.Name) {
		return true
	}
	l := d.live.Find(schema.User, state.Fold(n.Name))
	return l >= 0 && d.live.Facts[l].Admin
}

// emptied are the ids of live groups that the plan leaves without a member.
func (d *differ) emptied() map[string]bool {
	left := map[string]int{}
	for _, e := range d.live.Edges {
		left[e.Group]++
	}
	for e := range d.removed {
		left[e.Group]--
	}
	ids := map[string]bool{}
	groups, first := d.live.OfKind(schema.Group)
	for j := range groups {
		if left[groups[j].Key] <= 0 && d.live.Facts[first+j].MembersRead {
			ids[groups[j].ID] = true
		}
	}
	return ids
}
