package cli

import (
	"fmt"
	"slices"

	"rollcall/apply"
	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
	"rollcall/state"
)

// staysStaged says of an activation that was not made that running again does
// not make it, "" if it does: a person who was created in this run exists from
// now on, and whoever exists is let in only by what the file writes at the
// person. A saved plan goes on where it ended.
func (t *task) staysStaged(n int, o apply.Outcome) string {
	c := &t.org.Changes[n]
	if c.Action != plan.Activate || c.Object.ID != "" || o.Status == apply.Done || t.saved != nil || !t.created(c) {
		return ""
	}
	i := t.desired.Find(schema.User, state.Fold(c.Object.Name))
	if i < 0 {
		return ""
	}
	if _, written := t.desired.Objects[i].Get(schema.State, ""); written {
		return ""
	}
	return fmt.Sprintf("; running again does not activate them: write state: activated at %s (%s)", report.Clean(c.Object.Name), report.Clean(t.entry(c)))
}

// entry is where the entry of the person of a change is, or is to be: a row of a
// source is none.
func (t *task) entry(c *plan.Change) string {
	d := t.desired
	isRow := slices.ContainsFunc(d.Sources, func(s state.Source) bool { return s.File == c.Source.File })
	if !isRow || d.Pos.Org.File < 1 {
		return t.source(c)
	}
	return "below users in " + d.Pos.Files[d.Pos.Org.File-1]
}

// created tells whether the person whom a change needs was created.
func (t *task) created(c *plan.Change) bool {
	for _, m := range c.Needs {
		if t.org.Changes[m].Action == plan.Create && t.result.Changes[m].Status == apply.Done {
			return true
		}
	}
	return false
}

// source is the file and line that ask for a change.
func (t *task) source(c *plan.Change) string {
	if c.Source.File == "" {
		return "in the file"
	}
	return fmt.Sprintf("%s:%d", c.Source.File, c.Source.Line)
}
