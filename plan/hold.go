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
	c.Reason, c.Needs = reason, nil
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
		if d.changes[n].Action == Reactivate && !d.lifts(&d.changes[n]) {
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

// lifts tells whether the file itself suspended a person in the base revision
// and now lets them in again: nothing was done in an emergency.
func (d *differ) lifts(c *Change) bool {
	return slices.ContainsFunc(c.Fields, func(f Delta) bool { return f.Field == schema.State && f.Origin == Changed && d.wasSuspended(c.Object) })
}

func (d *differ) wasSuspended(n Name) bool {
	if d.past == nil {
		return false
	}
	_, b := d.entry(n)
	if b < 0 {
		return false
	}
	was, _ := d.past.Objects[b].Get(schema.State, "")
	return was == suspended
}

// recreations takes out of the plan, unless it is allowed, people whom the
// base has and live has not: somebody deleted them, and a new account is not
// the old one. What needs them waits with them.
func (d *differ) recreations() {
	if d.past == nil {
		return
	}
	var again []int
	for n := range d.changes {
		if c := &d.changes[n]; c.Action == Create && c.Object.Kind == schema.User && !d.dropped[n] && c.Origin == Drift {
			again = append(again, n)
		}
	}
	if len(again) <= d.allowed("recreate_users") {
		return
	}
	why, allow := "was in the base revision and is not in JumpCloud any more; would be created again", fmt.Sprintf("recreate_users=%d", len(again))
	if d.drift { // nothing is to be allowed: apply has no base, and creates them
		why, allow = onlyInFiles, ""
	}
	for _, n := range again {
		d.holdBack(n, why, allow)
	}
	d.holdDependents(allow)
	d.leaveAlive()
}

// onlyInFiles is why drift holds people who are not in JumpCloud: its base is
// no earlier revision, so they may have been deleted there or be new.
const onlyInFiles = "is in the files and not in JumpCloud; apply without --base creates the account"

// needsHeld is why a change waits for somebody who is not created.
const needsHeld = "needs somebody who is held"

// holdDependents holds what needs a person who is not created: of a change of
// somebody else only the manager.
func (d *differ) holdDependents(allow string) {
	for again := true; again; { // what a change needs may stand behind it
		again = false
		for n := range d.changes {
			switch {
			case d.dropped[n] || !d.needsDropped(n):
				continue
			case !d.holdManager(n, allow):
				d.holdBack(n, needsHeld, allow)
			}
			again = true
		}
	}
}

// holdManager holds the manager of a change and leaves the rest in the plan,
// and is false if that is not all that it waits for. Whoever that manager was
// to take the place of cannot be deleted then.
func (d *differ) holdManager(n int, allow string) bool {
	c := &d.changes[n]
	at := slices.IndexFunc(c.Fields, Delta.toBeCreated)
	if at < 0 {
		return false
	}
	boss := d.creationOf(c.Fields[at].Text)
	if slices.ContainsFunc(c.Needs, func(m int) bool { return d.dropped[m] && m != boss }) {
		return false
	}
	held := *c
	held.Action, held.Fields, held.Keep, held.Needs, held.Hazards = Update, []Delta{c.Fields[at]}, nil, nil, nil
	held.Origin, held.Reason = c.Fields[at].Origin, needsHeld
	d.out.Held = append(d.out.Held, Held{held, allow})
	c.Fields = slices.Delete(slices.Clone(c.Fields), at, at+1)
	c.Needs = slices.DeleteFunc(slices.Clone(c.Needs), func(m int) bool { return m == boss })
	c.Origin = originOf(c.Fields)
	if len(c.Fields) == 0 {
		d.drop(n)
	}
	d.withoutManager(n, allow)
	return true
}

// withoutManager holds the deletes that need the manager which change n no
// longer gives; others that need the change do without it.
func (d *differ) withoutManager(n int, allow string) {
	for m := range d.changes {
		c := &d.changes[m]
		switch {
		case d.dropped[m] || !slices.Contains(c.Needs, n):
		case c.Action == Delete:
			d.holdBack(m, needsHeld, allow)
		case d.dropped[n]:
			c.Needs = slices.DeleteFunc(slices.Clone(c.Needs), func(x int) bool { return x == n })
		}
	}
}

// creationOf is the change that creates a person, made or held; -1 if there is
// none.
func (d *differ) creationOf(name string) int {
	return slices.IndexFunc(d.changes, func(c Change) bool {
		return c.Action == Create && c.Object.Kind == schema.User && c.Object.key() == state.Fold(name)
	})
}
func (d *differ) needsDropped(n int) bool {
	return slices.ContainsFunc(d.changes[n].Needs, func(m int) bool { return d.dropped[m] })
}

// holdState holds the reactivation of one change and leaves its other
// fields in the plan as an update.
func (d *differ) holdState(n int, allow string) {
	c := &d.changes[n]
	isState := func(x Delta) bool { return x.Field == schema.State }
	held := *c
	held.Fields = []Delta{c.Fields[slices.IndexFunc(c.Fields, isState)]}
	held.Keep, held.Needs, held.Hazards, held.Origin = nil, nil, nil, held.Fields[0].Origin
	held.Reason = "suspended in JumpCloud; would get back in and " + c.Reason
	d.out.Held = append(d.out.Held, Held{held, allow})

	c.Fields = slices.DeleteFunc(slices.Clone(c.Fields), isState)
	c.Hazards, c.Origin = unique(d.hazards(schema.User, c.Fields)), originOf(c.Fields)
	c.Action, c.Needs, c.Reason = Update, slices.DeleteFunc(c.Needs, func(m int) bool { return d.changes[m].Action == Remove }), ""
	if len(c.Fields) == 0 {
		d.drop(n)
	}
}
