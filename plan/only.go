package plan

import "rollcall/schema"

// onlyChanges leaves out, under OnlyChanges, what the revision did not cause:
// fields and changes of origin drift and date, and what needs them.
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
			if !asked(c.Origin) {
				d.drop(n)
				d.leftOut(string(c.Origin), describe(c))
			}
			continue
		}
		d.onlyFields(n)
	}
	d.dropDependents("wait")
	for _, why := range []string{string(Date), string(Drift), "wait"} {
		d.tellLeftOut(why, "--only change")
	}
}

// asked tells whether the revision causes what is of an origin.
func asked(o Origin) bool { return o != Drift && o != Date }

// onlyFields takes out of a change with fields what the revision did not
// cause.
func (d *differ) onlyFields(n int) {
	c := &d.changes[n]
	what := describe(c)
	var rest, others []Delta
	for _, f := range c.Fields {
		if asked(f.Origin) {
			rest = append(rest, f)
		} else {
			others = append(others, f)
		}
	}
	switch {
	case len(others) == 0:
		return
	case len(rest) == 0:
		d.drop(n)
	default:
		what = fieldNames(others) + " of " + c.Object.Name
		c.Fields, c.Origin = rest, originOf(rest)
		if !changes(c, schema.State) && c.Action != Create {
			c.Action, c.Reason = Update, ""
		}
		c.Hazards = unique(d.hazards(c.Object.Kind, rest))
	}
	d.leftOut(string(originOf(others)), what)
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
