package plan

import (
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// chart says to whom the people whom the plan concerns report, before and
// after it, and all who stand above them.
func (d *differ) chart() {
	concerned, after := d.concerned()
	if len(concerned) == 0 {
		return
	}
	seen := map[string]bool{}
	for _, who := range concerned {
		d.climb(who, after, seen)
	}
	slices.SortFunc(d.out.Lines, func(a, b Line) int {
		return strings.Compare(state.Fold(a.User), state.Fold(b.User))
	})
}

// concerned are the keys of people who get another manager, come or lose
// access, and the keys of the managers that the plan writes.
func (d *differ) concerned() (people []string, after map[string]string) {
	after = map[string]string{}
	for n := range d.out.Changes {
		c := &d.out.Changes[n]
		if c.Object.Kind != schema.User {
			continue
		}
		who := c.Object.key()
		moves := c.Action == Create || c.Action == Suspend || c.Action == Delete
		for _, f := range c.Fields {
			if f.Field == schema.Manager {
				after[who], moves = state.Fold(f.Text), true
			}
		}
		if moves {
			people = append(people, who)
		}
	}
	return people, after
}

// climb adds a person and all managers above, as they were and as they will
// be.
func (d *differ) climb(who string, after map[string]string, seen map[string]bool) {
	for next := []string{who}; len(next) > 0; next = next[1:] {
		who := next[0]
		if who == "" || seen[who] {
			continue
		}
		seen[who] = true
		old := ""
		if l := d.live.Find(schema.User, who); l >= 0 {
			old, _ = d.live.Objects[l].Get(schema.Manager, "")
		}
		boss, moves := after[who]
		if !moves {
			boss = old
		}
		d.out.Lines = append(d.out.Lines, Line{User: d.nameOfKey(who), Old: d.nameOfKey(old), New: d.nameOfKey(boss)})
		next = append(next, old, boss)
	}
}

// nameOfKey is how a person is called: by the live name, else the wanted one.
func (d *differ) nameOfKey(key string) string {
	if l := d.live.Find(schema.User, key); l >= 0 {
		return d.live.Objects[l].Name
	}
	if i := d.want.Find(schema.User, key); i >= 0 {
		return d.want.Objects[i].Name
	}
	return key
}
