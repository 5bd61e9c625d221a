package plan

import (
	"fmt"
	"maps"
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
		for _, h := range d.takings(n) {
			for _, l := range held[h] {
				d.take(n, h, l)
			}
		}
	}
	for n := range d.changes {
		if c := &d.changes[n]; c.Action == Create && c.Object.Kind == schema.User && !d.dropped[n] {
			d.newcomer(n, held)
		}
	}
}

// takings are the values that change n gives an object: those that must be
// unique, and of a person to be created those that identify.
func (d *differ) takings(n int) (hs []holding) {
	c := &d.changes[n]
	if d.dropped[n] {
		return nil
	}
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
		for _, h := range d.takings(n) {
			all[h] = true
		}
	}
	return all
}

// holders finds the live objects that have the values that changes take, in
// the same field.
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
	end, allow := fmt.Sprintf("change it there first, or delete that %s in an earlier change", o.Kind), ""
	if held := d.heldDelete(l); held != nil {
		end, allow = "the delete that would free it is held: "+held.Reason, held.Allow
	}
	d.refuse(allow, "%s %q cannot have %s %s: %s has it and keeps it; %s",
		c.Object.Kind, c.Object.Name, schema.Of(h.field).Name, shown(h), o.Name, end)
}

// heldDelete is the held delete of a live object, nil if there is none.
func (d *differ) heldDelete(l int) *Held {
	i := slices.IndexFunc(d.out.Held, func(h Held) bool { return h.Action == Delete && h.Object == d.liveName(l) })
	if i < 0 {
		return nil
	}
	return &d.out.Held[i]
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
	for _, n := range d.changesOf(d.liveName(l)) {
		c := &d.changes[n]
		if d.dropped[n] {
			continue
		}
		if c.Action == Delete || slices.ContainsFunc(c.Fields, func(x Delta) bool { return x.Field == h.field && folded(h.field, x.Text) != h }) {
			return n, true
		}
	}
	return 0, false
}

// departing tells whether a live person is to be deleted or is not in the
// file, so that a newcomer may be the same person under another name. Those
// whom policy ignores are nobody's former self.
func (d *differ) departing(l int) bool {
	if d.live.Objects[l].Kind != schema.User || d.ignored(l) {
		return false
	}
	return d.twin[l] < 0 || d.want.Intents[d.twin[l]].Absent
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
	fields, kept := map[int][]string{}, []string(nil) // by live person
	for _, h := range d.takings(n) {
		f := schema.Of(h.field)
		if !f.Identifies {
			continue
		}
		for _, l := range held[h] {
			o := &d.live.Objects[l]
			if !d.departing(l) || o.ID == c.Object.ID {
				continue
			}
			fields[l] = append(fields[l], f.Name)
			if _, free := d.frees(h, l); f.Unique && !free {
				kept = append(kept, fmt.Sprintf("%q with another %s", o.Name, f.Name))
			}
		}
	}
	if len(fields) == 0 {
		d.namesake(c)
		return
	}
	d.refuseNewcomer(c, fields, kept)
}

// refuseNewcomer says what a person to be created has of live people, and the
// ways out. Kept is what JumpCloud would refuse of somebody else.
func (d *differ) refuseNewcomer(c *Change, fields map[int][]string, kept []string) {
	people := slices.Sorted(maps.Keys(fields))
	same, was := make([]string, len(people)), make([]string, len(people))
	for i, l := range people {
		name := d.live.Objects[l].Name
		same[i], was[i] = fmt.Sprintf("the %s of %q", and(fields[l]), name), "was: "+yamlText(name)
	}
	are, otherwise := "who is live", "new: true if not"
	if len(people) > 1 {
		are = "who are live"
	}
	if len(kept) > 0 { // JumpCloud takes it once
		otherwise = "if not list " + and(kept) + " in an earlier change"
	}
	d.refuse("", "%q has %s, %s: %s if it is the same person, %s, or correct the name", c.Object.Name, and(same), are, strings.Join(was, " or "), otherwise)
}

// and joins words as a sentence does: a, b and c.
func and(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// namesake warns of a departing person with the same first and last name.
func (d *differ) namesake(c *Change) {
	i := d.want.Find(schema.User, state.Fold(c.Object.Name))
	name := fullName(&d.want.Objects[i])
	if name[0] == "" || name[1] == "" {
		return
	}
	for _, l := range d.peopleNamed(name) {
		if other := d.live.Objects[l].Name; d.departing(l) {
			d.note(state.Warning, d.objectPos(i), "%s is to be created and has the name of %s, who is live and not in the file: write was: %s if it is the same person, new: true if not",
				c.Object.Name, other, other)
		}
	}
}

func fullName(o *state.Object) (name [2]string) {
	name[0], _ = o.Get(schema.Firstname, "")
	name[1], _ = o.Get(schema.Lastname, "")
	return name
}

// peopleNamed are the live users with a first and last name.
func (d *differ) peopleNamed(name [2]string) []int {
	if d.namesakes == nil {
		d.namesakes = map[[2]string][]int{}
		users, first := d.live.OfKind(schema.User)
		for j := range users {
			name := fullName(&users[j])
			d.namesakes[name] = append(d.namesakes[name], first+j)
		}
	}
	return d.namesakes[name]
}
