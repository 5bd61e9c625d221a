package plan

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// tombstone plans the end of a live object that the file declares absent.
func (d *differ) tombstone(i int) {
	o, l := &d.want.Objects[i], int(d.pair[i])
	live := &d.live.Objects[l]
	if d.opt.NoRemovals {
		d.leftOut("delete", live.Name)
		return
	}
	if o.ID != "" && o.ID != live.ID && !d.opt.Offline {
		d.refuse("", "%s %q has id %s, and the file allows only %s to be deleted", o.Kind, live.Name, live.ID, o.ID)
		return
	}
	if now, _ := live.Get(schema.State, ""); o.Kind == schema.User && now == activated {
		d.refuse("", "user %q is active and is not deleted: write state: suspended first, and ensure: absent in a later change", live.Name)
		return
	}
	d.delete(l, "ensure: absent", d.intentPos(i).Absent)
	if o.Kind == schema.User && o.ID == "" && !d.opt.Offline {
		d.note(state.Note, d.intentPos(i).Absent, "%s is deleted by name; so that it can never be another person of that name, write %s", live.Name, d.tombstoneLine(i, live))
	}
}

// tombstoneLine is the entry of a person with the id that may be deleted.
func (d *differ) tombstoneLine(i int, live *state.Object) string {
	line := yamlText(d.want.Objects[i].Name) + ": {ensure: absent, id: " + yamlText(live.ID)
	if to := d.want.Intents[i].ReportsTo; to != nil {
		line += ", reports_to: " + cmp.Or(yamlText(to.Text), "null")
	}
	return line + "}"
}

// plainYAML are texts that need no quotes, wherever they stand.
var plainYAML = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@/-]*( [A-Za-z0-9._@/-]+)*$`)

// yamlText is a text as YAML has it, "" for none.
func yamlText(text string) string {
	if text == "" || plainYAML.MatchString(text) && text != "null" {
		return text
	}
	return fmt.Sprintf("%q", text)
}

func (d *differ) delete(l int, reason string, at state.Pos) int {
	return d.addTo(d.live.Objects[l].Key, Change{
		Action: Delete, Object: d.liveName(l), Reason: reason,
		Hazards: []schema.Hazard{schema.LosesBindings}, Source: d.source(at),
	})
}

// unlisted lists what live has and the file does not name, and plans what
// policy says about it.
func (d *differ) unlisted() {
	users, first := d.live.OfKind(schema.User)
	for j := range users {
		switch l := first + j; {
		case d.twin[l] >= 0 || d.ignored(l):
		case d.dropsUser(l):
			d.droppedUser(l)
		case d.inScope(l) && !d.opt.Offline:
			d.unlistedUser(l)
		}
	}
	if d.want.Policy.UnlistedGroups == "ignore" || d.opt.Offline {
		return
	}
	named := map[string]bool{}
	for _, e := range d.edges {
		named[e.Group] = true
	}
	for _, u := range d.want.Ended {
		named[u.Group] = true
	}
	groups, first := d.live.OfKind(schema.Group)
	for j := range groups {
		if d.twin[first+j] < 0 && !d.ignored(first+j) && !named[groups[j].Key] {
			d.out.Unlisted.Groups = append(d.out.Unlisted.Groups, groups[j].Name)
		}
	}
}

// unlistedUser is what policy says of somebody whom no revision names.
func (d *differ) unlistedUser(l int) {
	o := &d.live.Objects[l]
	policy := d.want.Policy.UnlistedUsers
	if policy == "ignore" {
		return
	}
	d.out.Unlisted.Users = append(d.out.Unlisted.Users, o.Name)
	if d.young(l) && d.ladder(l, policy) != "" {
		d.note(state.Note, state.Pos{}, "%s is not in the file and is left alone: created in the last 7 days", o.Name)
		return
	}
	d.lockOut(l, policy, "not in the file (policy.unlisted_users: "+policy)
}

// droppedUser is what policy says of somebody whom the base revision had: the
// stricter one of what it says of them and of anybody unlisted.
func (d *differ) droppedUser(l int) {
	d.out.Dropped = append(d.out.Dropped, d.live.Objects[l].Name)
	policy, name := d.want.Policy.DroppedUsers, "dropped_users"
	if unlisted := d.want.Policy.UnlistedUsers; d.inScope(l) && slices.Index(ladders, unlisted) > slices.Index(ladders, policy) {
		policy, name = unlisted, "unlisted_users"
	}
	d.lockOut(l, policy, "no longer in the file (policy."+name+": "+policy)
}

// ladders are the policies about people whom the file does not name, from
// the mildest on.
var ladders = []string{"ignore", "report", "suspend", "delete"}

// ladder is what a policy does to a live person: Suspend those who are
// active, with delete Delete others, or "".
func (d *differ) ladder(l int, policy string) Action {
	now, _ := d.live.Objects[l].Get(schema.State, "")
	switch {
	case policy != "suspend" && policy != "delete":
		return ""
	case now == activated || now == "": // offline nobody knows
		return Suspend
	case policy == "delete":
		return Delete
	}
	return ""
}

// lockOut plans what a policy does to a person whom the file does not name;
// why ends within parentheses.
func (d *differ) lockOut(l int, policy, why string) {
	o := &d.live.Objects[l]
	now, _ := o.Get(schema.State, "")
	action := d.ladder(l, policy)
	if action == "" {
		return
	}
	if action == Suspend {
		if policy == "delete" {
			why += "; suspended now, a later run deletes them for good"
		}
		d.addTo(o.Key, Change{Action: Suspend, Object: d.liveName(l), Reason: why + ")",
			Fields: []Delta{{Value: schema.Value{Field: schema.State, Text: suspended}, Old: now}}})
		return
	}
	if d.opt.NoRemovals {
		d.leftOut("delete", o.Name)
		return
	}
	n := d.delete(l, why+")", state.Pos{})
	if as := d.mention(l); as != "" {
		d.holdBack(n, "the file names them as "+as+": list them, or name somebody else there", "")
	}
}

// mention is as what the file names a live person whom it does not list, ""
// if it does not.
func (d *differ) mention(l int) string {
	if d.mentions == nil {
		d.mentions = map[int]string{}
		for _, e := range d.edges {
			d.mentioned(e.User, "member of "+e.Group)
		}
		for i := range d.want.Objects {
			if boss, ok := d.want.Objects[i].Get(schema.Manager, ""); ok {
				d.mentioned(boss, "manager of "+d.want.Objects[i].Name)
			}
			if to := d.want.Intents[i].ReportsTo; to != nil {
				d.mentioned(to.Text, "who gets the reports of "+d.want.Objects[i].Name)
			}
		}
	}
	return d.mentions[l]
}

func (d *differ) mentioned(text, as string) {
	if m, _, ok := d.pairs.Person(text); ok && m.Live >= 0 && d.mentions[m.Live] == "" {
		d.mentions[m.Live] = as
	}
}

// reports plans what becomes of the people whose manager is to be deleted:
// JumpCloud refuses to delete somebody who still manages others.
func (d *differ) reports() {
	leaving := map[string]int{}
	for n := range d.changes {
		if c := &d.changes[n]; c.Action == Delete && c.Object.Kind == schema.User {
			leaving[state.Fold(c.Object.Name)] = n
		}
	}
	if len(leaving) == 0 {
		return
	}
	stuck := map[int][]string{}
	users, first := d.live.OfKind(schema.User)
	for j := range users {
		m, ok := users[j].Get(schema.Manager, "")
		if n, leaves := leaving[m]; ok && leaves && !d.report(n, first+j, m) {
			stuck[n] = append(stuck[n], users[j].Name)
		}
	}
	d.stuck(stuck)
}

// report makes one report of a person who is to be deleted by change n
// free of them, and is false if nothing says how.
func (d *differ) report(n, l int, manager string) bool {
	o := &d.live.Objects[l]
	if _, deleted := d.done(schema.User, o.Key, Delete); deleted {
		d.need(n, schema.User, o.Key, Delete)
		return true
	}
	for _, m := range d.changesOf(d.liveName(l)) {
		if changes(&d.changes[m], schema.Manager) && !d.dropped[m] {
			d.needChange(n, m)
			return true
		}
	}
	to, ok := d.heir(manager)
	if !ok || d.ignored(l) {
		return false
	}
	d.reassign(n, l, manager, to)
	return true
}

// reassign plans a new manager for a report, within the change of the
// report if there is one.
func (d *differ) reassign(n, l int, manager, to string) {
	o := &d.live.Objects[l]
	delta := d.refDelta(schema.Manager, to, manager)
	m, ok := d.done(schema.User, o.Key, Update, Suspend, Reactivate)
	if ok && !(d.changes[m].Action == Suspend && delta.toBeCreated()) {
		c := &d.changes[m]
		c.Fields = append(c.Fields, delta)
		c.Hazards = unique(append(c.Hazards, d.hazards(schema.User, []Delta{delta})...))
		slices.SortFunc(c.Fields, func(a, b Delta) int { return schema.Compare(a.Value, b.Value) })
		d.trace(c)
	} else {
		m = d.addTo(o.Key, Change{Action: Update, Object: d.liveName(l), Fields: []Delta{delta}, Source: d.changes[n].Source,
			Reason: "reports to " + d.changes[n].Object.Name + ", who is to be deleted"})
	}
	d.needManager(m)
	d.needChange(n, m)
}

// heir is the key of the person whom reports_to names for the reports of
// somebody to be deleted; "" is nobody.
func (d *differ) heir(manager string) (key string, ok bool) {
	l := d.live.Find(schema.User, manager)
	if l < 0 || d.twin[l] < 0 {
		return "", false
	}
	to := d.want.Intents[d.twin[l]].ReportsTo
	if to == nil {
		return "", false
	}
	return d.manager("reports_to", int(d.twin[l]), to.Text, to.Pos)
}

func changes(c *Change, f schema.FieldID) bool {
	return slices.ContainsFunc(c.Fields, func(delta Delta) bool { return delta.Field == f })
}

// stuck refuses or holds the deletes of people who still manage others, and
// is true if it holds any.
func (d *differ) stuck(stuck map[int][]string) (held bool) {
	for n := range d.changes {
		names := stuck[n]
		if len(names) == 0 {
			continue
		}
		c := &d.changes[n]
		why := "still manages " + strings.Join(names, ", ")
		if d.byPolicy(c) {
			d.holdBack(n, why, "")
			held = true
			continue
		}
		d.refuse("", "user %q is not deleted: %s; write reports_to: NAME (or null) beside ensure: absent", c.Object.Name, why)
	}
	return held
}
