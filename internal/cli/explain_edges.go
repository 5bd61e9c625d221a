package cli

import (
	"maps"
	"slices"
	"text/tabwriter"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
	"rollcall/state"
)

// edges are a line for each membership of file or live.
func (x *explained) edges(w *tabwriter.Writer) {
	title := "member"
	if x.kind == schema.User {
		title = "group"
	}
	rows := map[string]*edgeRow{}
	row := func(name string) *edgeRow {
		if rows[name] == nil {
			rows[name] = &edgeRow{}
		}
		return rows[name]
	}
	for i, e := range x.s.desired.Edges {
		if other, ok := x.other(e, x.want, &x.s.desired.Org); ok {
			row(other).want, row(other).pos = true, at(x.s.desired.Pos.Edges, i)
		}
	}
	if x.live >= 0 {
		for _, e := range x.s.live.Edges {
			if other, ok := x.other(e, x.live, &x.s.live.Org); ok {
				row(other).live = true
			}
		}
	}
	x.planned(row)
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		r := rows[name]
		x.line(w, r.mark(), title, nameIf(r.want, name), nameIf(r.live, name), r.pos)
	}
}

// planned marks the memberships that the plan changes.
func (x *explained) planned(row func(name string) *edgeRow) {
	for i := range x.org.Changes {
		c := &x.org.Changes[i]
		self, other := c.Object, c.To
		if x.kind == schema.User {
			self, other = c.To, c.Object
		}
		if c.To.Name == "" || !x.is(self) {
			continue
		}
		if other.Kind == schema.User {
			other.Name = state.Fold(other.Name)
		}
		row(other.Name).action = c.Action
	}
}

// other is the far end of a membership of this object.
func (x *explained) other(e state.Edge, index int, o *state.Org) (name string, ok bool) {
	if index < 0 {
		return "", false
	}
	key := o.Objects[index].Key
	if x.kind == schema.User {
		return e.Group, e.User == key
	}
	return e.User, e.Group == key
}

// edgeRow is a membership on both sides, and what the plan does to it.
type edgeRow struct {
	want, live bool
	action     plan.Action
	pos        state.Pos
}

func (r *edgeRow) mark() string {
	switch r.action {
	case plan.Add:
		return "+"
	case plan.Remove:
		return "-"
	}
	return " "
}

// nameIf is a name on the side that has it.
func nameIf(has bool, name string) string {
	if has {
		return report.Clean(name)
	}
	return "-"
}
