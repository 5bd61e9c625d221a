package plan

import (
	"fmt"

	"rollcall/schema"
	"rollcall/state"
)

// holdProtected holds what policy.protect and links to administrators forbid
// where only a policy about the unlisted asks for it, and is true if it finds
// anything.
func (d *differ) holdProtected() (some bool) {
	losing := d.losing()
	for n := range d.changes {
		c := &d.changes[n]
		if d.dropped[n] || !d.byPolicy(c) {
			continue
		}
		if all := d.harms(c, losing); len(all) > 0 {
			d.holdBack(n, all[0].held, "protected="+all[0].to.Name)
			some = true
		}
	}
	return some
}

// protect refuses what policy.protect and links to administrators forbid.
func (d *differ) protect() {
	losing := d.losing()
	for n := range d.changes {
		if d.dropped[n] {
			continue
		}
		for _, h := range d.harms(&d.changes[n], losing) {
			d.refuse("protected="+h.to.Name, "%s is protected, and the plan would %s", h.to.Name, h.what)
		}
	}
}

// byPolicy tells whether only policy asks for a change, about people whom the
// file does not name.
func (d *differ) byPolicy(c *Change) bool {
	if c.Object.Kind != schema.User || c.Action != Suspend && c.Action != Delete {
		return false
	}
	l := d.live.Find(schema.User, state.Fold(c.Object.Name))
	return l >= 0 && d.twin[l] < 0
}

// harm is what a change does to a protected person or group.
type harm struct {
	to   Name
	what string // "suspend them": behind "the plan would"
	held string // the reason why the change is held
}

// harms are those of a change that nothing allows.
func (d *differ) harms(c *Change, losing losses) (all []harm) {
	if d.protected(c.Object) {
		if what := harmOf(c, losing); what != "" {
			all = append(all, harm{c.Object, what, "protected"})
		}
	}
	if c.Action == Delete && c.Object.Kind == schema.User {
		for _, g := range losing.by[c.Object.key()] {
			all = append(all, harm{g, "empty it: with " + c.Object.Name + " its last member is deleted", fmt.Sprintf("would empty the protected group %q", g.Name)})
		}
	}
	left := all[:0]
	for _, h := range all {
		if !d.allowedName("protected", h.to.Kind, d.names(h.to)...) {
			left = append(left, h)
		}
	}
	return left
}

// harmOf is what a change does to its object if that is protected, "" if
// nothing.
func harmOf(c *Change, losing losses) string {
	switch {
	case c.Action == Suspend:
		return "suspend them"
	case c.Action == Delete:
		return "delete it"
	case c.Action == Add:
		return "add " + c.To.Name + " to it"
	case c.Action == Remove && losing.ids[c.Object.ID]:
		return "empty it"
	case c.Object.ID == "":
		return "" // created: nobody has anything to lose yet
	case c.Action == Activate && c.Mail != "send" && c.Mail != "none":
		return "send their activation mail to another address"
	}
	for _, delta := range c.Fields {
		f := schema.Of(delta.Field)
		if f.Key {
			return fmt.Sprintf("rename it to %q", delta.Text)
		}
		if f.Hazard == schema.Takeover || f.Hazard == schema.RuleChange {
			return "change its " + delta.Name()
		}
	}
	return ""
}

// protected tells whether policy.protect names an object, by its live name or
// the one that it will have, or whether it is linked to an administrator.
func (d *differ) protected(n Name) bool {
	for _, name := range d.names(n) {
		if n.Kind == schema.Group && d.want.Policy.Protect.Group(name) || n.Kind == schema.User && d.want.Policy.Protect.User(name) {
			return true
		}
	}
	l := d.live.Find(n.Kind, n.key())
	return l >= 0 && d.live.Facts[l].Admin
}

// names are the names of an object: the live one, and the one that the plan
// gives it.
func (d *differ) names(n Name) []string {
	names := []string{n.Name}
	for _, m := range d.changesOf(n) {
		for _, f := range d.changes[m].Fields {
			if schema.Of(f.Field).Key {
				names = append(names, f.Text)
			}
		}
	}
	return names
}

// losses are the groups that the plan leaves without a member.
type losses struct {
	ids map[string]bool   // of live groups
	by  map[string][]Name // keys of users to be deleted -> the protected groups that they leave empty
}

// losing finds the groups that the plan leaves without a member: everybody
// is removed, or deleted.
func (d *differ) losing() losses {
	all := losses{ids: map[string]bool{}}
	if len(d.want.Policy.Protect.Groups) == 0 {
		return all
	}
	deleted := map[string]bool{}
	for n := range d.changes {
		if c := &d.changes[n]; c.Action == Delete && c.Object.Kind == schema.User && !d.dropped[n] {
			deleted[c.Object.key()] = true
		}
	}
	left := map[string]int{}
	for _, e := range d.live.Edges {
		if d.removed[e] || deleted[e.User] {
			left[e.Group]--
		}
	}
	for key, lost := range left {
		if l := d.live.Find(schema.Group, key); d.memberCount(l) == -lost {
			all.ids[d.live.Objects[l].ID] = true
		}
	}
	all.by = d.lastMembers(all.ids, deleted)
	return all
}

// lastMembers are the protected groups, of those that are left empty, by the
// people who are deleted.
func (d *differ) lastMembers(ids, deleted map[string]bool) map[string][]Name {
	by := map[string][]Name{}
	for _, e := range d.live.Edges {
		if !deleted[e.User] {
			continue
		}
		l := d.live.Find(schema.Group, e.Group)
		if g := d.liveName(l); ids[g.ID] && d.protected(g) && !d.live.Facts[l].Dynamic {
			by[e.User] = append(by[e.User], g)
		}
	}
	return by
}

// memberCount is how many members live group l has: those that were read, or the
// server's count where only some were; -1 where nobody knows.
func (d *differ) memberCount(l int) int {
	from, to := edgesOf(d.live.Edges, d.live.Objects[l].Key)
	switch f := &d.live.Facts[l]; {
	case f.MembersRead:
		return to - from
	case f.Members > 0:
		return max(f.Members, to-from)
	}
	return -1
}
