package plan

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// summarize counts the changes and finds who is left without a group.
func (d *differ) summarize() {
	if !d.opt.Offline { // who knows in which other groups they are
		d.lastGroups()
	}
	d.leftReports()
	d.chart()
	for n := range d.out.Changes {
		d.out.Summary.add(&d.out.Changes[n])
	}
	if !d.opt.Offline {
		d.out.Summary.Verify = d.looks()
	}
}

// add counts one change.
func (s *Summary) add(c *Change) {
	s.count(c)
	if c.Action == Activate && c.Mail != "none" {
		s.Mails++
	}
	s.Requests += requests(c)
}

func (s *Summary) count(c *Change) {
	counts := &s.Users
	if c.Object.Kind == schema.Group {
		counts = &s.Groups
	}
	switch c.Action {
	case Create:
		counts.Create++
	case Update:
		counts.Update++
	case Activate:
		counts.Activate++
	case Reactivate:
		counts.Reactivate++
	case Suspend:
		counts.Suspend++
	case Delete:
		counts.Delete++
	case Add:
		s.Added++
	case Remove:
		s.Removed++
	}
}

// requests is how many requests a change costs: one, and a look before what
// locks somebody out, cannot be undone or replaces a whole group.
func requests(c *Change) int {
	group := c.Object.Kind == schema.Group
	if c.Action == Suspend || c.Action == Delete || c.Action == Update && group {
		return 2
	}
	return 1
}

// lastGroups marks the removals that leave somebody in no group, where all
// groups of that person were read, and names those of whom nobody knows.
func (d *differ) lastGroups() {
	left := map[string]int{} // user id -> groups after the plan
	for n := range d.out.Changes {
		if c := &d.out.Changes[n]; c.Action == Remove {
			left[c.To.ID] = 0
		}
	}
	if len(left) == 0 {
		return
	}
	for _, e := range d.live.Edges {
		if l := d.live.Find(schema.User, e.User); l >= 0 && d.stays(e) {
			d.countGroup(left, d.live.Objects[l].ID)
		}
	}
	for n := range d.out.Changes {
		if c := &d.out.Changes[n]; c.Action == Add {
			d.countGroup(left, c.To.ID)
		}
	}
	d.markLast(left)
}

func (d *differ) markLast(left map[string]int) {
	all := d.allGroupsRead()
	var unknown []string
	for n := range d.out.Changes {
		c := &d.out.Changes[n]
		switch {
		case c.Action != Remove || left[c.To.ID] > 0 || slices.Contains(c.Hazards, schema.LastGroup): // a saved plan knew
		case all || d.groupsRead(c.To):
			c.Hazards = append(c.Hazards, schema.LastGroup)
		default:
			unknown = append(unknown, c.To.Name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		d.note(state.Note, state.Pos{}, "whether this is the last group of %s is not known: not all groups were read", some(slices.Compact(unknown)))
	}
}

// some is a list of names, cut to a few.
func some(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func (d *differ) countGroup(left map[string]int, id string) {
	if _, ok := left[id]; ok {
		left[id]++
	}
}

func (d *differ) allGroupsRead() bool {
	_, first := d.live.OfKind(schema.Group)
	for l := first; l < len(d.live.Objects); l++ {
		if !d.live.Facts[l].MembersRead {
			return false
		}
	}
	return true
}

func (d *differ) groupsRead(who Name) bool {
	l := d.live.Find(schema.User, who.key())
	return l >= 0 && d.live.Facts[l].GroupsRead
}

// leftReports names, at each suspension, the people who keep the suspended
// one as their manager.
func (d *differ) leftReports() {
	at := map[string]int{} // key of a suspended person -> change
	bosses := map[string]string{}
	for n := range d.out.Changes {
		c := &d.out.Changes[n]
		if c.Action == Suspend {
			at[c.Object.key()] = n
		}
		for _, f := range c.Fields {
			if f.Field == schema.Manager {
				bosses[c.Object.key()] = state.Fold(f.Text)
			}
		}
	}
	if len(at) == 0 {
		return
	}
	users, _ := d.live.OfKind(schema.User)
	for j := range users {
		if _, moves := bosses[users[j].Key]; !moves {
			boss, _ := users[j].Get(schema.Manager, "")
			bosses[users[j].Key] = boss
		}
	}
	for who, boss := range bosses {
		if n, ok := at[boss]; ok {
			d.out.Changes[n].Reports = append(d.out.Changes[n].Reports, who)
		}
	}
	for _, n := range at {
		slices.Sort(d.out.Changes[n].Reports)
	}
}
