package state

import (
	"fmt"
	"maps"
	"slices"

	"rollcall/schema"
)

// Due is what the dates of a person say of a day.
type Due uint8

const (
	NotDated Due = iota
	Waiting      // before the first day: nobody is let in yet
	Started      // from the first day on: whoever is staged is let in
	Ended        // after the last day: whoever is in is suspended, and nobody is created
)

// On is the desired state as its dates make it on a day, 2026-11-26: people
// have the state that is due, and memberships that are over are in Ended
// instead of Edges. Dates only tighten. Without a day or dates it is d itself;
// on the same day again it is the same.
func (d *Desired) On(day string) *Desired {
	if d == nil || day == "" || !d.dated() {
		return d
	}
	c := *d
	c.Objects, c.Intents, c.Pos.Values = slices.Clone(d.Objects), slices.Clone(d.Intents), slices.Clone(d.Pos.Values)
	for i := range c.Objects {
		if in := &c.Intents[i]; in.Start != "" || in.End != "" {
			c.due(i, day)
		}
	}
	c.end(day)
	return &c
}

// dated tells whether anything has a date.
func (d *Desired) dated() bool {
	return len(d.Untils) > 0 || slices.ContainsFunc(d.Intents, func(in Intent) bool { return in.Start != "" || in.End != "" })
}

// due sets what the dates of a person make of their state on a day.
func (d *Desired) due(i int, day string) {
	in, pos := &d.Intents[i], d.intentPos(i)
	if in.Due == NotDated {
		in.Undated, _ = d.Objects[i].Get(schema.State, "")
	}
	switch {
	case in.Absent:
	case in.End != "" && day > in.End:
		in.Due = Ended
		d.setState(i, Suspended, pos.End)
	case in.Undated == Suspended:
	case in.Start != "" && day < in.Start:
		in.Due = Waiting
		if in.CreateState == Activated {
			in.CreateState = Staged
		}
		if in.Undated == Activated {
			d.unsetState(i)
		}
	case in.Start != "":
		in.Due = Started
		if in.CreateState != Suspended {
			in.CreateState = Activated
		}
		d.setState(i, Activated, pos.Start)
	}
}

// Silent tells whether the dates of a person want nothing of the state in which
// they are: they suspend who is in, let in who is staged, and nobody else.
func (in *Intent) Silent(now string) bool {
	switch in.Due {
	case Ended:
		return now != Activated && in.Undated != Suspended
	case Started:
		return now != Staged && in.Undated != Activated
	case Waiting:
		return in.Undated == Activated
	}
	return false
}

// intentPos are the places of an object's intents.
func (d *Desired) intentPos(i int) IntentPos {
	if i < len(d.Pos.Intents) {
		return d.Pos.Intents[i]
	}
	return IntentPos{}
}

// setState gives a person another state, written at a place.
func (d *Desired) setState(i int, text string, at Pos) {
	v, there := d.unsetState(i)
	o := &d.Objects[i]
	if there.Text == text {
		at = there.at
	}
	o.Values = slices.Insert(o.Values, v, schema.Value{Field: schema.State, Text: text})
	if i < len(d.Pos.Values) {
		d.Pos.Values[i] = slices.Insert(d.Pos.Values[i], v, at)
	}
}

// located is a value and its place.
type located struct {
	schema.Value
	at Pos
}

// unsetState takes a person's state out of copies of the values, and is
// where it was or would be, and what it was.
func (d *Desired) unsetState(i int) (v int, was located) {
	o := &d.Objects[i]
	o.Values = slices.Clone(o.Values)
	positions := i < len(d.Pos.Values)
	if positions {
		d.Pos.Values[i] = slices.Clone(d.Pos.Values[i])
	}
	v, there := slices.BinarySearchFunc(o.Values, schema.Value{Field: schema.State}, schema.Compare)
	if !there {
		return v, located{}
	}
	was.Value = o.Values[v]
	o.Values = slices.Delete(o.Values, v, v+1)
	if positions {
		was.at = d.Pos.Values[i][v]
		d.Pos.Values[i] = slices.Delete(d.Pos.Values[i], v, v+1)
	}
	return v, was
}

// end moves the memberships that are over to Ended.
func (d *Desired) end(day string) {
	isOver := func(u Until) bool { return day > u.Day }
	if !slices.ContainsFunc(d.Untils, isOver) {
		return
	}
	over, untils := map[Edge]bool{}, d.Untils
	d.Ended, d.Untils = slices.Clone(d.Ended), nil
	for _, u := range untils {
		if isOver(u) {
			over[u.Edge], d.Ended = true, append(d.Ended, u)
		} else {
			d.Untils = append(d.Untils, u)
		}
	}
	edges, sides, at := d.Edges, d.Sides, d.Pos.Edges
	d.Edges, d.Sides, d.Pos.Edges = nil, nil, nil
	for n, e := range edges {
		if over[e] {
			continue
		}
		d.Edges = append(d.Edges, e)
		if n < len(sides) {
			d.Sides = append(d.Sides, sides[n])
		}
		if n < len(at) {
			d.Pos.Edges = append(d.Pos.Edges, at[n])
		}
	}
}

// Emptying warns of the groups of the files in which, from a day on, everybody
// has a last day, as far as files tell: of a group that they do not declare,
// and of members whom they do not name, only live knows.
func (d *Desired) Emptying(day string) (found Problems) {
	d = d.On(day)
	latest, dated := map[string]Until{}, map[Edge]bool{}
	names := d.groupNames()
	for _, u := range d.Untils {
		dated[u.Edge] = true
		if group, declared := names[u.Group]; declared && u.Day > latest[group].Day {
			latest[group] = u
		}
	}
	for _, e := range d.Edges {
		if !dated[e] {
			delete(latest, names[e.Group])
		}
	}
	for _, group := range slices.Sorted(maps.Keys(latest)) {
		u := latest[group]
		p := Problem{Severity: Warning, Line: int(u.Pos.Line), Column: int(u.Pos.Column), Text: Emptied(group, u.Day)}
		if u.Pos.File > 0 {
			p.File = d.Pos.Files[u.Pos.File-1]
		}
		found = append(found, p)
	}
	return found
}

// groupNames are the groups that the files declare, by the names of today and
// by former ones.
func (d *Desired) groupNames() map[string]string {
	names := map[string]string{}
	groups, first := d.OfKind(schema.Group)
	for j, g := range groups {
		for _, was := range d.Intents[first+j].Was {
			names[was] = g.Key
		}
		names[g.Key] = g.Key
	}
	return names
}

// Emptied is what is said of a group in which everybody has a last day.
func Emptied(group, day string) string {
	return fmt.Sprintf("group %q will have no member from the day after %s on: all of them are written until a day", group, day)
}
