package story_test

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// file draws what is wanted of a random organization.
func (m *maker) file(r *random) {
	r.template = m.chance(40, "e-mails by defaults")
	r.lets = pick(m, "state by defaults", "", "", "activated", "suspended")
	r.policy = m.policy(r)
	for i, s := range r.people {
		m.fate(r, i, s)
	}
	for i, s := range r.people {
		switch {
		case s.absent:
			m.inherit(r, i, s)
		case s.entry != nil:
			m.person(r, i, s)
		}
	}
	m.moveEmail(r)
	for _, b := range r.bands {
		m.group(b)
	}
	for _, b := range r.bands {
		m.members(r, b)
	}
}

func (m *maker) policy(r *random) map[string]any {
	p := map[string]any{"unlisted_users": pick(m, "unlisted", "report", "report", "ignore", "suspend", "delete")}
	if len(r.services) > 0 {
		p["ignore"] = map[string]any{"users": []any{"svc-*"}}
	}
	if m.chance(30, "scope") {
		p["scope"] = []any{map[string]any{"field": "department", "operator": "$eq", "value": "Sales"}}
	}
	return p
}

// fate decides whether the file has an entry of somebody, and of what kind.
func (m *maker) fate(r *random, i int, s *somebody) {
	switch {
	case s.isLive() && m.chance(30, "unlisted"):
	case (s.state == "STAGED" || s.state == "SUSPENDED") && m.chance(35, "absent"):
		s.entry, s.absent = map[string]any{"ensure": "absent"}, true
	case s.isLive() && m.chance(15, "renamed"):
		s.called = strings.ToLower(s.name[:1]) + ".new"
		s.entry = map[string]any{"was": pick[any](m, "was", s.name, []any{"long.ago", strings.ToUpper(s.name)})}
	default:
		s.entry = map[string]any{}
	}
}

// inherit gives the reports of somebody who is to be deleted to another.
func (m *maker) inherit(r *random, i int, s *somebody) {
	heir := m.boss(r, i)
	switch {
	case m.chance(5, "forgets the reports"):
	case heir == nil || heir.absent || !heir.isLive() && !heir.listed() || m.chance(40, "nobody inherits"):
		s.entry["reports_to"] = nil
	default:
		s.entry["reports_to"] = m.reference(r, heir)
	}
}

// person fills the entry of somebody who stays or comes.
func (m *maker) person(r *random, i int, s *somebody) {
	if boss := m.boss(r, i); m.chance(40, "manages") {
		s.entry["manager"] = nil
		if boss != nil && !boss.absent && (boss.isLive() || boss.listed()) {
			s.entry["manager"] = m.reference(r, boss)
		}
	}
	m.desire(schema.User, s.has, s.entry)
	if !r.template && (!s.isLive() || m.chance(20, "e-mail")) {
		s.entry["email"] = fmt.Sprintf("%s.%d@Kelp.example", s.called, m.next())
	}
	m.state(s)
	m.dates(s)
	s.bare = s.isLive() && m.chance(15, "in no group")
	if s.bare {
		s.entry["groups"] = []any{}
	}
}

// dates write a first or a last day.
func (m *maker) dates(s *somebody) {
	days := []string{"2026-10-31", "2026-11-22", today, "2026-11-24"}
	first := m.int(0, 9, "first day")
	if first < 2 {
		s.entry["start"] = days[m.int(0, 3, "start")]
	}
	if m.chance(15, "last day") {
		s.entry["end"] = days[m.int(0, 3, "end")]
		if first < 2 {
			s.entry["start"] = days[0]
		}
	}
}

// state writes a state, a password and where the activation mail goes.
func (m *maker) state(s *somebody) {
	switch {
	case s.state == "SUSPENDED" && m.chance(40, "back again"):
		s.entry["state"] = "Activated"
	case m.chance(40, "state"):
		s.entry["state"] = pick(m, "state", "activated", "ACTIVATED", "suspended", "staged")
	}
	if m.chance(20, "mail") {
		s.entry["activation_email"] = pick(m, "mail", "none", "send", "it@kelp.example")
	}
	switch {
	case s.isLive() && m.chance(8, "password"):
		s.entry["password"] = map[string]any{"from": map[string]any{"env": "NEW"}, "since": &yaml.Node{Kind: yaml.ScalarNode, Value: "2026-11-20"}}
	case !s.isLive() && m.chance(25, "password"):
		s.entry["password"] = map[string]any{"from": map[string]any{"env": "FIRST"}}
	}
}

// reference names somebody in one of the ways that a file may.
func (m *maker) reference(r *random, s *somebody) string {
	name := s.name
	if s.entry != nil {
		name = s.called
	}
	ways := []string{name, strings.ToUpper(name)}
	if _, written := s.entry["email"]; s.isLive() && !written && !(r.template && s.entry != nil) {
		ways = append(ways, s.live["email"].(string))
	}
	if id, ok := s.has[schema.EmployeeIdentifier]; ok && s.entry == nil {
		ways = append(ways, id.written.(string))
	}
	return pick(m, "named", ways...)
}

// moveEmail gives the e-mail of somebody to somebody else.
func (m *maker) moveEmail(r *random) {
	if r.template || len(r.people) < 2 || !m.chance(25, "an e-mail moves") {
		return
	}
	from := r.people[m.int(0, len(r.people)-1, "from")]
	to := r.people[m.int(0, len(r.people)-1, "to")]
	if from == to || !from.isLive() || !from.listed() || !to.listed() || m.named(r, from.live["email"].(string)) {
		return
	}
	from.entry["email"] = fmt.Sprintf("left.%d@kelp.example", m.next())
	to.entry["email"] = from.live["email"]
}

// named tells whether an entry means somebody by a text.
func (m *maker) named(r *random, text string) bool {
	for _, s := range r.people {
		if s.entry["manager"] == text || s.entry["reports_to"] == text {
			return true
		}
	}
	return false
}

// group fills the entry of a group.
func (m *maker) group(b *band) {
	switch {
	case b.live != nil && m.chance(30, "unlisted"):
		return
	case b.live != nil && m.chance(12, "absent"):
		b.entry, b.absent = map[string]any{"ensure": "absent"}, true
		return
	}
	b.entry = map[string]any{}
	if b.live != nil && m.chance(15, "renamed") {
		b.called = b.name + " (new)"
		b.entry["was"] = b.name
	}
	m.desire(schema.Group, b.has, b.entry)
	m.rule(b)
	if !b.dynamic && m.chance(40, "exact") {
		b.entry["exact"] = true
	}
}

// rule writes the rule of a group: the live one, another, or the first.
func (m *maker) rule(b *band) {
	another := m.value(schema.Of(schema.MemberQuery)).written
	switch {
	case b.dynamic && m.chance(30, "the same rule"):
		b.entry["memberQuery"] = b.live["memberQuery"]
	case b.dynamic && m.chance(30, "another rule"):
		b.entry["memberQuery"] = another
	case b.dynamic && m.chance(20, "becomes static"):
		b.entry["membershipMethod"], b.entry["memberQuery"], b.dynamic = "STATIC", nil, false
	case !b.dynamic && m.chance(8, "becomes dynamic"):
		b.entry["membershipMethod"], b.entry["memberQuery"], b.dynamic = "DYNAMIC_AUTOMATED", another, true
	}
}

// members draws who is to be in a group, from either side.
func (m *maker) members(r *random, b *band) {
	if b.dynamic || b.absent || b.live == nil && b.entry == nil {
		return
	}
	count := 0
	for _, s := range some(m, 40, "wanted members", r.people) {
		switch {
		case s.absent || s.bare || !s.isLive() && !s.listed():
			continue
		case s.listed() && (b.entry == nil || m.chance(50, "at the person")):
			s.groups = append(s.groups, b.called)
			if m.chance(20, "until a day") {
				if s.until == nil {
					s.until = map[string]string{}
				}
				s.until[b.called] = pick(m, "until", "2026-11-22", today, "2027-01-31")
				if b.entry != nil && m.chance(40, "at the group too") {
					b.members = append(b.members, m.reference(r, s))
				}
			}
		case b.entry != nil:
			b.members = append(b.members, m.reference(r, s))
		default:
			continue
		}
		count++
	}
	if b.entry["exact"] == true && count == 0 && m.chance(90, "emptied on purpose") {
		b.entry["members"] = []any{}
	}
}

// dated are the groups of somebody as a file has them.
func (s *somebody) dated() (list []any) {
	for _, group := range s.groups {
		if day := s.until[group]; day != "" {
			list = append(list, map[string]any{"group": group, "until": day})
		} else {
			list = append(list, group)
		}
	}
	return list
}

// yaml is the file.
func (r *random) yaml(t tb) []byte {
	users, groups, defaults := map[string]any{}, map[string]any{}, map[string]any{}
	for _, s := range r.people {
		if s.entry == nil {
			continue
		}
		if len(s.groups) > 0 {
			s.entry["groups"] = s.dated()
		}
		users[s.called] = s.entry
	}
	for _, b := range r.bands {
		if b.entry == nil {
			continue
		}
		if len(b.members) > 0 {
			b.entry["members"] = b.members
		}
		groups[b.called] = b.entry
	}
	user := map[string]any{}
	if r.template {
		user["email"] = "{username}@kelp.example"
	}
	if r.lets != "" {
		user["state"] = r.lets
	}
	if len(user) > 0 {
		defaults["user"] = user
	}
	doc := map[string]any{"version": 1, "org": map[string]any{"id": kelpID, "name": "Bright Kelp"}, "policy": r.policy}
	for name, part := range map[string]map[string]any{"users": users, "groups": groups, "defaults": defaults} {
		if len(part) > 0 {
			doc[name] = part
		}
	}
	b, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
