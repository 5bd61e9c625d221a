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
	for n := range d.changes {
		if d.changes[n].Action != Reactivate || d.dropped[n] {
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

// stays tells whether a live membership is there after the plan, as far as
// its group is concerned.
func (d *differ) stays(e state.Edge) bool {
	_, deleted := d.done(schema.Group, e.Group, Delete)
	return !deleted && !d.removed[e]
}

// groupsAfter names the groups that a live person will be in.
func (d *differ) groupsAfter(who Name) string {
	key := state.Fold(who.Name)
	var names []string
	for _, e := range d.live.Edges {
		if e.User == key && d.stays(e) {
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
	c.Hazards = unique(d.hazards(schema.User, c.Fields))
	c.Action, c.Needs, c.Reason = Update, slices.DeleteFunc(c.Needs, func(m int) bool { return d.changes[m].Action == Remove }), ""
	if len(c.Fields) == 0 {
		d.drop(n)
	}
}
