package plan

import "rollcall/schema"

// summarize counts the changes and finds who is left without a group.
func (d *differ) summarize() {
	d.lastGroups()
	s := &d.out.Summary
	for n := range d.out.Changes {
		c := &d.out.Changes[n]
		s.count(c)
		if c.Action == Activate && c.Mail != "none" {
			s.Mails++
		}
		s.Requests += requests(c)
	}
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
// groups of that person were read.
func (d *differ) lastGroups() {
	left := map[string]int{} // user id -> groups after the plan
	for n := range d.out.Changes {
		switch c := &d.out.Changes[n]; c.Action {
		case Remove:
			left[c.To.ID] = 0
		}
	}
	if len(left) == 0 {
		return
	}
	all := d.allGroupsRead()
	for _, e := range d.live.Edges {
		if l := d.live.Find(schema.User, e.User); l >= 0 && !d.removed[e] {
			d.countGroup(left, d.live.Objects[l].ID)
		}
	}
	for n := range d.out.Changes {
		if c := &d.out.Changes[n]; c.Action == Add {
			d.countGroup(left, c.To.ID)
		}
	}
	for n := range d.out.Changes {
		c := &d.out.Changes[n]
		if c.Action == Remove && left[c.To.ID] == 0 && (all || d.groupsRead(c.To)) {
			c.Hazards = append(c.Hazards, schema.LastGroup)
		}
	}
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
	for l := range d.live.Objects {
		if o := &d.live.Objects[l]; o.Kind == schema.User && o.ID == who.ID {
			return d.live.Facts[l].GroupsRead
		}
	}
	return false
}
