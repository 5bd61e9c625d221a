package report

import (
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
)

// byCause parts the changes of an organization by who caused them: the file,
// a date or nobody knows who; and somebody in JumpCloud. A change that
// carries values of both becomes one of each. Needs mean nothing in them.
func byCause(changes []plan.Change) (own, drift []plan.Change) {
	for i := range changes {
		switch c := &changes[i]; {
		case isMixed(c):
			own, drift = append(own, part(c, false)), append(drift, part(c, true))
		case isDrift(c):
			drift = append(drift, *c)
		default:
			own = append(own, *c)
		}
	}
	return own, drift
}

// isMixed tells whether a change of a live object carries drift beside
// something else.
func isMixed(c *plan.Change) bool {
	if c.Action != plan.Update && c.Action != plan.Suspend && c.Action != plan.Reactivate {
		return false
	}
	n := 0
	for _, d := range c.Fields {
		if d.Origin == plan.Drift {
			n++
		}
	}
	return n > 0 && n < len(c.Fields)
}

func isDrift(c *plan.Change) bool { return c.Origin == plan.Drift }

// isDated tells whether a change is made because a date has come, be it with
// others.
func isDated(c plan.Change) bool { return slices.Contains(originsOf(&c), plan.Date) }

// isAsked tells whether a change is made not only because a date has come.
func isAsked(c plan.Change) bool {
	return slices.ContainsFunc(originsOf(&c), func(o plan.Origin) bool { return o != plan.Date })
}

// yours is what is not drift, by who causes it, in a plan with a base.
func (v *view) yours() string {
	switch {
	case !v.dated:
		return "Your change"
	case v.asked:
		return "Your change and dates"
	}
	return "Dates"
}

// byDate are the changes that are made because a date has come.
func byDate(changes []plan.Change) (all []plan.Change) {
	for i := range changes {
		if isDated(changes[i]) {
			all = append(all, changes[i])
		}
	}
	return all
}

// part is the drift of a mixed change, or what else it carries.
func part(c *plan.Change, drift bool) plan.Change {
	p := *c
	p.Needs, p.Fields, p.Hazards = nil, nil, nil
	for _, d := range c.Fields {
		if drift == (d.Origin == plan.Drift) {
			p.Fields = append(p.Fields, d)
		}
	}
	for _, h := range c.Hazards {
		if threatens(h, p.Fields) || !threatens(h, c.Fields) {
			p.Hazards = append(p.Hazards, h)
		}
	}
	switch _, state := field(&p, schema.State); {
	case c.Action != plan.Update && !state:
		p.Action, p.Reason = plan.Update, ""
	case c.Action == plan.Update && drift:
		p.Reason = ""
	}
	if drift {
		p.Origin = plan.Drift
	} else if isDrift(c) {
		p.Origin = plan.Unknown // the one that comes after drift
	}
	return p
}

// threatens tells whether a hazard is that of one of the fields.
func threatens(h schema.Hazard, fields []plan.Delta) bool {
	return slices.ContainsFunc(fields, func(d plan.Delta) bool { return schema.Of(d.Field).Hazard == h })
}

// effects are what changes do. Requests are not counted.
type effects struct {
	plan.Summary
	values, managers int // of live objects
}

func effectsOf(changes []plan.Change) (e effects) {
	e.addAll(changes)
	return e
}

func (e *effects) addAll(changes []plan.Change) {
	for i := range changes {
		e.add(&changes[i])
	}
}

func (e *effects) add(c *plan.Change) {
	counts := &e.Users
	if c.Object.Kind == schema.Group {
		counts = &e.Groups
	}
	switch c.Action {
	case plan.Create:
		counts.Create++
	case plan.Update:
		counts.Update++
	case plan.Activate:
		counts.Activate++
	case plan.Reactivate:
		counts.Reactivate++
	case plan.Suspend:
		counts.Suspend++
	case plan.Delete:
		counts.Delete++
	case plan.Add:
		e.Added++
	case plan.Remove:
		e.Removed++
	}
	if c.Action == plan.Activate && c.Mail != "none" {
		e.Mails++
	}
	if c.Action != plan.Create && c.Action != plan.Activate {
		e.addValues(c.Fields)
	}
}

func (e *effects) addValues(fields []plan.Delta) {
	for _, d := range fields {
		if d.Field != schema.State {
			e.values++
		}
		if d.Field == schema.Manager {
			e.managers++
		}
	}
}

// dated says what dates do.
func (e effects) dated() string { return strings.Join(e.kinds("added", "removed"), "; ") }

// drifted says what setting drift back does.
func (e effects) drifted() string {
	var parts []string
	if e.values > 0 {
		parts = append(parts, count(e.values, "value")+" set back")
	}
	e.Users.Update, e.Groups.Update = 0, 0 // told as values
	return strings.Join(append(parts, e.kinds("re-granted", "ended")...), "; ")
}

// kinds are what is done by kind of thing, without those to which nothing
// is done; memberships are added and removed, or however that is called.
func (e effects) kinds(added, removed string) (kinds []string) {
	for _, k := range []struct {
		name    string
		tallies []tally
	}{
		{"people", tallies(e.Users)},
		{"groups", tallies(e.Groups)},
		{"memberships", []tally{{e.Added, added}, {e.Removed, removed}}},
	} {
		if parts := counted(k.tallies); parts != "" {
			kinds = append(kinds, k.name+" "+parts)
		}
	}
	return kinds
}
