package plan

import (
	"cmp"
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
	k := objectAction{c.Object.Kind, c.Object.key(), c.Action}
	if m, ok := d.made[k]; ok && m == n {
		delete(d.made, k)
	}
}

// key is the key of a plan's object among live ones, or that it will have.
func (n Name) key() string {
	if n.Kind == schema.User {
		return state.Fold(n.Name)
	}
	return n.Name
}

// settle holds, until nothing changes any more, what cannot be done because
// of what is held.
func (d *differ) settle() {
	for again := true; again; {
		again = d.holdProtected()
		again = d.unstick() || again
		again = d.leaveAlive() || again
	}
}

// unstick looks again at the deletes that wait for the end or another manager
// of a report which is held, and is true if it finds others.
func (d *differ) unstick() bool {
	stuck := map[int][]string{}
	for n := range d.changes {
		if d.dropped[n] || d.changes[n].Action != Delete {
			continue
		}
		needs := d.changes[n].Needs
		d.changes[n].Needs = slices.DeleteFunc(slices.Clone(needs), func(m int) bool { return d.dropped[m] })
		for _, m := range needs {
			l := d.live.Find(schema.User, d.changes[m].Object.key())
			if d.dropped[m] && !d.report(n, l, d.changes[n].Object.key()) {
				stuck[n] = append(stuck[n], d.live.Objects[l].Name)
			}
		}
	}
	return d.stuck(stuck)
}

// reactivations makes the memberships that end come before people get back
// in, and says which groups they will have.
func (d *differ) reactivations() {
	removals, groups := map[string][]int{}, map[string][]string{} // by the keys of people
	for n := range d.changes {
		switch c := &d.changes[n]; {
		case d.dropped[n]:
		case c.Action == Reactivate:
			groups[c.Object.key()] = nil
		case c.Action == Remove:
			removals[c.To.key()] = append(removals[c.To.key()], n)
		}
	}
	if len(groups) == 0 {
		return
	}
	d.groupsAfter(groups)
	for n := range d.changes {
		if c := &d.changes[n]; c.Action == Reactivate && !d.dropped[n] {
			c.Needs = append(c.Needs, removals[c.Object.key()]...)
			c.Reason = "will be in " + cmp.Or(strings.Join(groups[c.Object.key()], ", "), "no group")
		}
	}
}

// stays tells whether a live membership is there after the plan, as far as
// its group is concerned.
func (d *differ) stays(e state.Edge) bool {
	_, deleted := d.done(schema.Group, e.Group, Delete)
	return !deleted && !d.removed[e]
}

// groupsAfter fills in the groups that people will be in, by their keys.
func (d *differ) groupsAfter(groups map[string][]string) {
	join := func(user, group string) {
		if _, asked := groups[user]; asked {
			groups[user] = append(groups[user], group)
		}
	}
	for _, e := range d.live.Edges {
		if d.stays(e) {
			join(e.User, e.Group)
		}
	}
	for n := range d.changes {
		if c := &d.changes[n]; c.Action == Add {
			join(c.To.key(), c.Object.Name)
		}
	}
	for _, names := range groups {
		slices.Sort(names)
	}
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
	c.Hazards = unique(d.hazards(schema.User, c.Fields))
	c.Action, c.Needs, c.Reason = Update, slices.DeleteFunc(c.Needs, func(m int) bool { return d.changes[m].Action == Remove }), ""
	if len(c.Fields) == 0 {
		d.drop(n)
	}
}
