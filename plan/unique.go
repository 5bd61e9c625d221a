package plan

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// holding is a text of a field that only one live object may have, or that
// tells who somebody is.
type holding struct {
	field schema.FieldID
	text  string
}

// waits makes changes need the creation of the people they name.
func (d *differ) waits() {
	for _, w := range d.waitsFor {
		d.need(w.change, w.kind, w.key, Create)
	}
}

// uniques orders what takes a unique value behind what frees it, and
// refuses what JumpCloud would refuse: a value that stays with somebody
// else, and two who swap theirs.
func (d *differ) uniques() {
	takers := d.takers()
	if len(takers) == 0 {
		return
	}
	held := d.holders(takers)
	for n := range d.changes {
		for _, h := range takings(&d.changes[n]) {
			for _, l := range held[h] {
				d.take(n, h, l)
			}
		}
	}
	for n := range d.changes {
		if c := &d.changes[n]; c.Action == Create && c.Object.Kind == schema.User {
			d.newcomer(n, held)
		}
	}
}

// takings are the values that a change gives an object: those that must be
// unique, and of a person to be created those that identify.
func takings(c *Change) (hs []holding) {
	if c.Action == Create {
		key := schema.Username
		if c.Object.Kind == schema.Group {
			key = schema.GroupName
		}
		hs = append(hs, folded(key, c.Object.Name))
	}
	for _, delta := range c.Fields {
		if f := schema.Of(delta.Field); delta.Text != "" && (f.Unique || f.Identifies && c.Action == Create) {
			hs = append(hs, folded(f.ID, delta.Text))
		}
	}
	return hs
}

// folded compares people's values without case, and group names with it.
func folded(f schema.FieldID, text string) holding {
	if schema.Of(f).Kind == schema.User {
		text = state.Fold(text)
	}
	return holding{f, text}
}

func (d *differ) takers() map[holding]bool {
	all := map[holding]bool{}
	for n := range d.changes {
		for _, h := range takings(&d.changes[n]) {
			all[h] = true
		}
	}
	return all
}

// holders finds the live objects that have the values that changes take.
// What identifies a person may be an address of any kind.
func (d *differ) holders(takers map[holding]bool) map[holding][]int {
	held := map[holding][]int{}
	hold := func(h holding, l int) {
		if takers[h] {
			held[h] = append(held[h], l)
		}
	}
	for l := range d.live.Objects {
		o := &d.live.Objects[l]
		key := schema.Username
		if o.Kind == schema.Group {
			key = schema.GroupName
		}
		hold(folded(key, o.Name), l)
		for _, v := range o.Values {
			if f := schema.Of(v.Field); f.Unique || f.Identifies {
				hold(folded(v.Field, v.Text), l)
			}
		}
	}
	return held
}

// take checks that change n may have a value that live object l holds.
func (d *differ) take(n int, h holding, l int) {
	c, o := &d.changes[n], &d.live.Objects[l]
	if c.Object.ID == o.ID || !schema.Of(h.field).Unique || d.departing(l) && !d.isNew(c) {
		return // of a newcomer who may be the same person, newcomer speaks
	}
	if m, ok := d.frees(h, l); ok {
		if !slices.Contains(c.Needs, m) {
			c.Needs = append(c.Needs, m)
		}
		return
	}
	d.refuse("", "%s %q cannot have %s %s: %s has it and keeps it; change it there first, or delete that %s in an earlier change",
		c.Object.Kind, c.Object.Name, schema.Of(h.field).Name, shown(h), o.Name, o.Kind)
}

// shown is a value in a refusal; personal ones are not printed.
func shown(h holding) string {
	if schema.Of(h.field).Personal {
		return "as the file gives it"
	}
	return fmt.Sprintf("%q", h.text)
}

// frees is the change that takes a value away from a live object.
func (d *differ) frees(h holding, l int) (n int, ok bool) {
	o := &d.live.Objects[l]
	for n := range d.changes {
		c := &d.changes[n]
		if c.Object.ID != o.ID || c.Object.Kind != o.Kind || c.Action == Add || c.Action == Remove || d.dropped[n] {
			continue
		}
		if c.Action == Delete || slices.ContainsFunc(c.Fields, func(x Delta) bool { return x.Field == h.field && folded(h.field, x.Text) != h }) {
			return n, true
		}
	}
	return 0, false
}

// departing tells whether a live person is to be deleted or is not in the
// file, so that a newcomer may be the same person under another name.
func (d *differ) departing(l int) bool {
	o := &d.live.Objects[l]
	return o.Kind == schema.User && (d.twin[l] < 0 || d.want.Intents[d.twin[l]].Absent)
}

// isNew tells whether the file says of a person to be created that they
// are nobody who is live.
func (d *differ) isNew(c *Change) bool {
	i := d.want.Find(schema.User, state.Fold(c.Object.Name))
	return c.Action != Create || i >= 0 && d.want.Intents[i].New
}

// newcomer refuses to create a person who may be one who is departing.
func (d *differ) newcomer(n int, held map[holding][]int) {
	c := &d.changes[n]
	if d.isNew(c) {
		return
	}
	var same []string
	for _, h := range takings(c) {
		if !schema.Of(h.field).Identifies {
			continue
		}
		for _, l := range held[h] {
			if d.departing(l) && d.live.Objects[l].ID != c.Object.ID {
				same = append(same, fmt.Sprintf("%s of %q", schema.Of(h.field).Name, d.live.Objects[l].Name))
			}
		}
	}
	if len(same) > 0 {
		d.refuse("", "user %q would be created with the %s, who is live: write was: NAME if it is the same person, new: true if not",
			c.Object.Name, strings.Join(same, " and the "))
		return
	}
	d.namesake(c)
}

// namesake warns of a departing person with the same first and last name.
func (d *differ) namesake(c *Change) {
	i := d.want.Find(schema.User, state.Fold(c.Object.Name))
	first, _ := d.want.Objects[i].Get(schema.Firstname, "")
	last, _ := d.want.Objects[i].Get(schema.Lastname, "")
	if first == "" || last == "" {
		return
	}
	users, from := d.live.OfKind(schema.User)
	for j := range users {
		f, _ := users[j].Get(schema.Firstname, "")
		l, _ := users[j].Get(schema.Lastname, "")
		if f == first && l == last && d.departing(from+j) {
			d.note(state.Warning, d.objectPos(i), "%s is to be created and has the name of %s, who is live and not in the file: write was: %s if it is the same person, new: true if not",
				c.Object.Name, users[j].Name, users[j].Name)
		}
	}
}
