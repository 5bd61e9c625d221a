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
	row := func(key string) *edgeRow {
		if rows[key] == nil {
			rows[key] = &edgeRow{want: "-", live: "-"}
		}
		return rows[key]
	}
	for i, e := range x.s.desired.Edges {
		if written, key, ok := x.wanted(e); ok {
			row(key).want, row(key).pos = report.Clean(written)+x.until(e), at(x.s.desired.Pos.Edges, i)
		}
	}
	if x.live >= 0 {
		for _, e := range x.s.live.Edges {
			if key, ok := x.other(e); ok {
				row(key).live = report.Clean(key)
			}
		}
	}
	x.planned(row)
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		r := rows[key]
		x.line(w, r.mark(), title, r.want, r.live, r.pos)
	}
}

// until is the last day of a membership, in words behind its name.
func (x *explained) until(e state.Edge) string {
	for _, u := range x.s.desired.Untils {
		switch {
		case u.Edge != e:
		case x.day(x.s.desired) > u.Day:
			return " (until " + u.Day + ", over)"
		default:
			return " (until " + u.Day + ")"
		}
	}
	return ""
}

// planned marks the memberships that the plan changes.
func (x *explained) planned(row func(key string) *edgeRow) {
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

// wanted is the far end of a membership of this object in the file: as it is
// written there, and by the key that it has among live ones, or will have.
func (x *explained) wanted(e state.Edge) (written, key string, ok bool) {
	group, user := x.keyOf(schema.Group, e.Group), x.keyOf(schema.User, e.User)
	if x.kind == schema.User {
		return e.Group, group, user == x.selfKey()
	}
	return e.User, user, group == x.selfKey()
}

// other is the far end of a live membership of this object.
func (x *explained) other(e state.Edge) (key string, ok bool) {
	if x.kind == schema.User {
		return e.Group, e.User == x.selfKey()
	}
	return e.User, e.Group == x.selfKey()
}

// selfKey is the key of this object among live ones, or that it will have.
func (x *explained) selfKey() string {
	if x.live >= 0 {
		return x.s.live.Objects[x.live].Key
	}
	return x.s.desired.Objects[x.want].Key
}

// keyOf is the key of whom or what a name of the file means.
func (x *explained) keyOf(k schema.Kind, name string) string {
	if x.pairs == nil {
		return name
	}
	m, ok := x.pairs.Group(name)
	if k == schema.User {
		m, _, ok = x.pairs.Person(name)
	}
	switch {
	case !ok:
		return name
	case m.Live >= 0:
		return x.s.live.Objects[m.Live].Key
	}
	return x.s.desired.Objects[m.Desired].Key
}

// edgeRow is a membership on both sides, and what the plan does to it.
type edgeRow struct {
	want, live string // "-" where there is none
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
