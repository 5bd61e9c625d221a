package plan

import (
	"slices"

	"rollcall/schema"
)

// onlyChanges leaves out, under OnlyChanges, what the revision did not cause:
// fields and changes of origin drift, and what needs them.
func (d *differ) onlyChanges() {
	if !d.opt.OnlyChanges {
		return
	}
	for n := range d.changes {
		if d.dropped[n] {
			continue
		}
		c := &d.changes[n]
		if len(c.Fields) == 0 {
			if c.Origin == Drift {
				d.drop(n)
				d.leftOut("drift", describe(c))
			}
			continue
		}
		d.onlyFields(n)
	}
	d.dropDependents("drift")
	d.tellLeftOut("drift", "--only change")
}

// onlyFields takes the drift out of a change with fields.
func (d *differ) onlyFields(n int) {
	c := &d.changes[n]
	rest := slices.DeleteFunc(slices.Clone(c.Fields), func(f Delta) bool { return f.Origin == Drift })
	switch {
	case len(rest) == len(c.Fields):
		return
	case len(rest) == 0:
		d.drop(n)
	default:
		c.Fields, c.Origin = rest, originOf(rest)
		if !changes(c, schema.State) && c.Action != Create {
			c.Action = Update
		}
		c.Hazards = unique(d.hazards(c.Object.Kind, rest))
	}
	d.leftOut("drift", describe(c))
}

// describe is a change in a few words, as notes list them.
func describe(c *Change) string {
	switch c.Action {
	case Add:
		return "add " + c.To.Name + " to " + c.Object.Name
	case Remove:
		return "remove " + c.To.Name + " from " + c.Object.Name
	}
	return string(c.Action) + " " + c.Object.Name
}
