package plan

import (
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// withoutRemovals leaves out, under NoRemovals, what takes something away,
// and all that cannot be done without it. A suspended person's other fields
// stay in the plan.
func (d *differ) withoutRemovals() {
	if !d.opt.NoRemovals {
		return
	}
	for n := range d.changes {
		switch c := &d.changes[n]; {
		case d.dropped[n]:
		case c.Action == Suspend:
			d.keepActive(n)
		case c.Action == Delete:
			d.leaveOut(n)
		case c.Action == Remove:
			delete(d.removed, state.Edge{Group: c.Object.key(), User: c.To.key()})
			d.leaveOut(n)
		}
	}
	d.dropDependents("wait")
	for _, action := range []string{"suspend", "delete", "remove", "wait"} {
		d.tellLeftOut(action, "--no-removals")
	}
}

// dropDependents leaves out what needs a change that is left out.
func (d *differ) dropDependents(as string) {
	for again := true; again; {
		again = false
		for n := range d.changes {
			if !d.dropped[n] && d.needsDropped(n) {
				d.drop(n)
				d.leftOut(as, describe(&d.changes[n]))
				again = true
			}
		}
	}
}

// keepActive makes an update of a suspension.
func (d *differ) keepActive(n int) {
	c := &d.changes[n]
	rest := slices.DeleteFunc(slices.Clone(c.Fields), func(f Delta) bool { return f.Field == schema.State })
	if len(rest) == 0 {
		d.leaveOut(n)
		return
	}
	d.leftOut("suspend", c.Object.Name)
	c.Action, c.Reason, c.Fields, c.Hazards, c.Origin = Update, "", rest, unique(d.hazards(schema.User, rest)), originOf(rest)
}

// leaveOut drops a change and remembers it.
func (d *differ) leaveOut(n int) {
	c := &d.changes[n]
	d.drop(n)
	switch c.Action {
	case Suspend, Delete:
		d.leftOut(string(c.Action), c.Object.Name)
	case Remove:
		d.leftOut(string(c.Action), c.To.Name+" from "+c.Object.Name)
	}
}

func (d *differ) leftOut(action, what string) {
	if d.left == nil {
		d.left = map[string][]string{}
	}
	d.left[action] = append(d.left[action], what)
}

// tellLeftOut notes what a flag left out of one kind.
func (d *differ) tellLeftOut(action, flag string) {
	names := d.left[action]
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	what := action
	if action == "wait" {
		what = "not possible without these"
	}
	d.note(state.Note, state.Pos{}, "left out by %s: %s (%d): %s", flag, what, len(names), strings.Join(names, ", "))
}
