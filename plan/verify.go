package plan

import (
	"slices"

	"rollcall/schema"
	"rollcall/state"
)

// looks is how many requests it costs apply to read again what the plan
// changes, if JumpCloud shows all of it at once.
func (d *differ) looks() int {
	m := d.touchedEdges()
	groups, users := state.EdgeReads(m.edges, m.known)
	n := len(users) // of whom nobody is in more groups than a page has
	for _, key := range groups {
		n += state.PagesOf(d.liveMembers(Name{Kind: schema.Group, Name: key}) + m.growth[key])
	}
	for kind, total := range [...]int{schema.User: d.live.Totals.Users, schema.Group: d.live.Totals.Groups} {
		if objects, whole := d.touched(schema.Kind(kind)); objects > 0 {
			n += state.RereadCost(objects, whole, max(total, objects))
		}
	}
	return n
}

// touched is how many objects of a kind the plan changes themselves, and of
// how many that is a field which lists omit.
func (d *differ) touched(k schema.Kind) (objects, whole int) {
	omitted := map[string]bool{} // by key, whether such a field is among the changes
	for n := range d.out.Changes {
		if c := &d.out.Changes[n]; c.To.Name == "" && c.Object.Kind == k {
			key := c.Object.key()
			omitted[key] = omitted[key] || slices.ContainsFunc(c.Fields, func(f Delta) bool { return schema.Of(f.Field).ListOmits })
		}
	}
	for _, is := range omitted {
		if is {
			whole++
		}
	}
	return len(omitted), whole
}

// edgeChanges are the memberships that a plan changes, by the keys of their ends.
type edgeChanges struct {
	edges  []state.IDEdge
	known  map[string]int // members of groups, as far as apply knows them
	growth map[string]int // members that groups gain, less those that they lose
}

// touchedEdges leaves out what ends with a deleted person or group: that is
// not read again.
func (d *differ) touchedEdges() edgeChanges {
	m := edgeChanges{known: map[string]int{}, growth: map[string]int{}}
	for n := range d.out.Changes {
		c := &d.out.Changes[n]
		if c.To.Name == "" {
			continue
		}
		key := c.Object.key()
		if c.Action == Add {
			m.growth[key]++
			m.known[key]++
		} else {
			m.growth[key]--
		}
		_, group := d.done(schema.Group, key, Delete)
		_, user := d.done(schema.User, c.To.key(), Delete)
		if !group && !user {
			m.edges = append(m.edges, state.IDEdge{Group: key, User: c.To.key()})
		}
	}
	for key := range m.growth {
		if l := d.live.Find(schema.Group, key); l >= 0 && d.live.Facts[l].MembersRead {
			m.known[key] += d.live.Facts[l].Members
		}
		if m.known[key] == 0 { // as many as there are people
			m.known[key] = d.live.Totals.Users
		}
	}
	return m
}
