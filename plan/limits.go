package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/schema"
	"rollcall/state"
)

// limit is a row of the table of limits.
type limit struct {
	name    string
	ceiling state.Limit // the default
	loss    bool        // takes something away: never more than half of what there is
	growth  bool        // no limit in an organization without users
	of      base
}

// base is what a limit's percentage is of.
type base uint8

const (
	ofUsers base = iota
	ofGroups
	ofMemberships
)

// limitTable has the limits of an organization with their defaults.
var limitTable = [...]limit{
	{name: "suspend_users", ceiling: state.Limit{Min: 3, Percent: 5, Max: 50}, loss: true},
	{name: "delete_users", ceiling: state.Limit{Min: 1, Percent: 1, Max: 5}, loss: true},
	{name: "delete_groups", ceiling: state.Limit{Min: 1, Max: 1}, loss: true, of: ofGroups},
	{name: "remove_members", ceiling: state.Limit{Min: 10, Percent: 5, Max: 500}, loss: true, of: ofMemberships},
	{name: "create_users", ceiling: state.Limit{Min: 50, Percent: 20, Max: 500}, growth: true},
	{name: "activate_users", ceiling: state.Limit{Min: 50, Percent: 20, Max: 500}, growth: true},
	{name: "mails", ceiling: state.Limit{Min: 50, Percent: 20, Max: 500}, growth: true},
	{name: "reset_passwords", ceiling: state.Limit{Min: 3, Max: 3}},
}

// Limits for any one group, spent by the members it loses or gains.
const (
	shrinkGroup    = "shrink_group"
	addMembers     = "add_members"
	smallestShrunk = 5  // a smaller group may lose any part of its members
	fewMemberships = 10 // below, half of all memberships is no measure
)

var addCeiling = state.Limit{Min: 20, Percent: 50, Max: 500}

// spending is what a plan spends, by limit and for the limits of one group
// by group.
type spending struct {
	total   map[string]int
	lost    map[string]int // group id -> members
	gained  map[string]int
	suspect map[string]int // group name -> members that a delete or a new rule may take out
}

// limits counts what the plan spends and refuses what is over a limit.
func (d *differ) limits() {
	if d.opt.Offline {
		return
	}
	s := d.spend()
	for i := range limitTable {
		row := &limitTable[i]
		of := d.measure(row.of)
		u := LimitUse{Name: row.name, Count: s.total[row.name], Of: of, Limit: d.ceiling(row, of)}
		d.use(u, row.name)
	}
	d.groupLimits(shrinkGroup, s.lost, d.shrinkUse)
	d.groupLimits(addMembers, s.gained, d.addUse)
	d.wholeGroups(s.suspect)
}

// use records what a limit allows and refuses what is over it.
func (d *differ) use(u LimitUse, name string) {
	if u.Limit != NoLimit {
		u.Limit = max(u.Limit, d.allowed(name))
		u.Exceeded = u.Count > u.Limit
	}
	d.out.Limits = append(d.out.Limits, u)
	if !u.Exceeded {
		return
	}
	object := ""
	if u.Object != "" {
		object = fmt.Sprintf(" of group %q", u.Object)
	}
	d.refuse(fmt.Sprintf("%s=%d", name, u.Count), "limit %s%s: the plan has %d of %d, allowed are %d", name, object, u.Count, u.Of, u.Limit)
}

// spend counts the changes against the limits and names them in Spends.
func (d *differ) spend() spending {
	s := spending{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}}
	for n := range d.out.Changes {
		c := &d.out.Changes[n]
		for _, name := range spends(c) {
			s.total[name]++
			c.Spends = append(c.Spends, name)
		}
		switch {
		case c.Action == Remove:
			s.lost[c.Object.ID]++
		case c.Action == Add && c.Object.ID != "":
			s.gained[c.Object.ID]++
		case endsMembers(c):
			members := d.liveMembers(c.Object)
			s.total["remove_members"] += members
			s.suspect[c.Object.Name] = members
			c.Spends = append(c.Spends, "remove_members")
		}
	}
	return s
}

// spends names the limits that one change counts against.
func spends(c *Change) (names []string) {
	user := c.Object.Kind == schema.User
	switch {
	case c.Action == Suspend:
		names = append(names, "suspend_users")
	case c.Action == Delete && user:
		names = append(names, "delete_users")
	case c.Action == Delete:
		names = append(names, "delete_groups")
	case c.Action == Create && user:
		names = append(names, "create_users")
	case c.Action == Remove:
		names = append(names, "remove_members")
	case c.Action == Activate && c.Mail == "none":
		names = append(names, "activate_users")
	case c.Action == Activate:
		names = append(names, "activate_users", "mails")
	}
	if c.Action != Create && changes(c, schema.Password) {
		names = append(names, "reset_passwords")
	}
	return names
}

// endsMembers tells whether a change may take all members out of a live
// group at once: its end, or another rule.
func endsMembers(c *Change) bool {
	return c.Object.Kind == schema.Group && (c.Action == Delete || slices.Contains(c.Hazards, schema.RuleChange))
}

// liveMembers is how many members a live group has by the server's count.
func (d *differ) liveMembers(group Name) int {
	l := d.live.Find(schema.Group, group.Name)
	if l < 0 {
		return 0
	}
	from, to := edgesOf(d.live.Edges, group.Name)
	return max(d.live.Facts[l].Members, to-from)
}

// membershipCount is how many there are: those that were read, and those that
// the server counts in groups of which only some were.
func (d *differ) membershipCount() int {
	n := len(d.live.Edges)
	groups, first := d.live.OfKind(schema.Group)
	for j := range groups {
		from, to := edgesOf(d.live.Edges, groups[j].Key)
		if from < to {
			n += max(0, d.live.Facts[first+j].Members-(to-from))
		}
	}
	return n
}

func (d *differ) measure(b base) int {
	switch b {
	case ofUsers:
		return d.live.Totals.Users
	case ofGroups:
		return d.live.Totals.Groups
	}
	return max(d.membershipCount(), d.savedMemberships())
}

// ceiling is the number that a row allows, before --allow.
func (d *differ) ceiling(row *limit, of int) int {
	l, written := d.want.Policy.Limits[row.name]
	if !written {
		l = row.ceiling
	}
	n := l.Of(of)
	switch {
	case row.growth && d.live.Totals.Users == 0:
		return NoLimit
	case row.growth:
		return d.promised(row.name, n)
	case row.loss && (row.of != ofMemberships || of >= fewMemberships):
		return min(n, half(of))
	}
	return n
}

// half is the most that a loss may be: half of what there is, at least 1.
func half(of int) int { return max(1, of/2) }

// shrinkUse is how many members live group l has, and how many it may lose:
// a small one any part, others never more than half; 0 and 0 where only single
// memberships of it were read, which do not tell.
func (d *differ) shrinkUse(l int) (of, ceiling int) {
	if d.memberCount(l) < 0 {
		return 0, 0
	}
	of = d.liveMembers(d.liveName(l))
	most := of
	if of >= smallestShrunk {
		most = half(of)
	}
	if written, ok := d.want.Policy.Limits[shrinkGroup]; ok {
		return of, min(written.Of(of), most)
	}
	return of, most
}

// addUse is the organization's users, and how many members live group l may
// gain; 0 and 0 where there are no users and so no limit.
func (d *differ) addUse(l int) (of, ceiling int) {
	of = d.live.Totals.Users
	limit, written := d.want.Policy.Limits[addMembers]
	if !written {
		limit = addCeiling
	}
	ceiling = d.promised(addMembers, limit.Of(of))
	if of == 0 || ceiling == NoLimit || d.savedCreates(d.live.Objects[l].Name) {
		return 0, 0
	}
	return of, ceiling
}

// groupLimits records the groups over a limit of one group, or the one that
// comes nearest to it. Use is of what a live group is measured, 0 for none.
func (d *differ) groupLimits(name string, spent map[string]int, use func(l int) (of, ceiling int)) {
	var uses []LimitUse
	groups, first := d.live.OfKind(schema.Group)
	for j := range groups {
		if n := spent[groups[j].ID]; n > 0 {
			if of, ceiling := use(first + j); of > 0 {
				uses = append(uses, LimitUse{Name: name, Object: groups[j].Name, Count: n, Of: of, Limit: ceiling})
			}
		}
	}
	allowed := d.allowed(name)
	slices.SortStableFunc(uses, func(a, b LimitUse) int { // the nearest to its limit first
		return cmp.Or(cmp.Compare(b.Count*max(1, a.Limit), a.Count*max(1, b.Limit)), strings.Compare(a.Object, b.Object))
	})
	worst := 0
	for i, u := range uses {
		if over := u.Count > max(u.Limit, allowed); over || i == 0 {
			worst = max(worst, u.Count)
			d.use(u, name)
		}
	}
	d.mergeAllow(name, worst)
}

// mergeAllow makes the refusals of a limit of any one group name the one
// number that lets all of them pass.
func (d *differ) mergeAllow(name string, worst int) {
	for i := range d.out.Refused {
		if r := &d.out.Refused[i]; strings.HasPrefix(r.Allow, name+"=") {
			r.Allow = fmt.Sprintf("%s=%d", name, worst)
		}
	}
}

// wholeGroups refuses to end or to change the rule of a group that is not
// allowed by name: its members are not shown one by one.
func (d *differ) wholeGroups(members map[string]int) {
	for _, c := range d.out.Changes {
		if !endsMembers(&c) || d.allowedName("group", schema.Group, c.Object.Name) {
			continue
		}
		what := "deleting it"
		if c.Action != Delete {
			what = "changing its rule"
		}
		d.refuse("group="+c.Object.Name, "group %q has %s, and %s may take them all out", c.Object.Name, counted(members[c.Object.Name], "member"), what)
	}
}

// counted is "1 member", "2 members".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// allowed is the number that --allow and policy.allow give a limit, 0 for none.
func (d *differ) allowed(name string) (n int) {
	for _, a := range d.opt.Allow {
		if a.Name == name && d.out.concerns(a) {
			n = max(n, a.N)
		}
	}
	for _, a := range d.want.Policy.Allow {
		if a.Limit == name && d.inForce(a) {
			n = max(n, a.N)
		}
	}
	return n
}

// allowedName tells whether --allow or policy.allow names an object, by any
// of its names; those of users have no case.
func (d *differ) allowedName(limit string, k schema.Kind, names ...string) bool {
	named := func(name string) bool {
		key := Name{Kind: k, Name: name}.key()
		return slices.ContainsFunc(names, func(n string) bool { return Name{Kind: k, Name: n}.key() == key })
	}
	for _, a := range d.opt.Allow {
		if a.Name == limit && d.out.concerns(a) && named(a.Value) {
			return true
		}
	}
	for _, a := range d.want.Policy.Allow {
		if a.Limit == limit && d.inForce(a) && named(a.Name) {
			return true
		}
	}
	return false
}

// concerns tells whether an --allow is for an organization.
func (o *Org) concerns(a Allow) bool {
	return a.Org == "" || a.Org == o.ID || strings.EqualFold(a.Org, o.Name)
}

// inForce tells whether an exception of the file has not run out; one that
// has is noted.
func (d *differ) inForce(a state.Allow) bool {
	if on(a, d.opt.AsOf) {
		return true
	}
	d.note(state.Note, a.Pos, "policy.allow of %s ended on %s and is not in force", a.Limit, a.Until.Format(time.DateOnly))
	return false
}

// on tells whether an exception is in force on a day.
func on(a state.Allow, day string) bool {
	return a.Until.IsZero() || day <= a.Until.Format(time.DateOnly)
}
