package story_test

import (
	"strings"

	"rollcall/jumpcloud/sandbox"
	"rollcall/schema"
)

const kelpID = "5f3c0a1b9d2e4c0001a7b9e1"

// somebody is a person of a random organization, with what is live of them
// and what the file says. People are in a row in which managers come first,
// so that nobody ever manages themselves through others.
type somebody struct {
	name  string // the live username, or the one of a person to be created
	live  sandbox.User
	state string // live, "" of a person to be created
	has   map[schema.FieldID]value

	entry  map[string]any // of the file, nil if there is none
	called string         // the name in the file
	absent bool
	bare   bool // groups: []
	groups []string
	until  map[string]string // the last day of a membership of groups
}

// isLive tells whether somebody exists.
func (s *somebody) isLive() bool { return s.state != "" }

// listed tells whether the file has an entry that keeps somebody.
func (s *somebody) listed() bool { return s.entry != nil && !s.absent }

// band is a group of a random organization.
type band struct {
	name    string
	live    sandbox.Group // nil if it is to be created
	dynamic bool
	has     map[schema.FieldID]value

	entry   map[string]any
	called  string
	absent  bool
	members []string
}

// random is an organization and a file about it.
type random struct {
	people   []*somebody
	services []string // live people whom the file ignores
	bands    []*band
	template bool   // an e-mail by defaults
	lets     string // the state by defaults, "" for none
	policy   map[string]any
}

// organization draws an organization; its file is still empty.
func (m *maker) organization() *random {
	r := &random{}
	for _, name := range []string{"ada", "Ben.B", "cyd", "dee-d", "Eli", "fay_f", "gus", "hal"}[:m.int(1, 8, "people")] {
		s := &somebody{name: name, called: name}
		if m.chance(75, "lives") {
			m.bring(s)
		}
		r.people = append(r.people, s)
	}
	if m.chance(40, "service accounts") {
		r.services = []string{"svc-a", "svc-b"}
	}
	for i, s := range r.people {
		if boss := m.boss(r, i); s.isLive() && boss != nil && boss.isLive() && m.chance(60, "has a manager") {
			s.live["manager"] = boss.name
		}
	}
	for _, name := range []string{"All", "Data & Co", "ops", "Rule: 7", "x"}[:m.int(0, 5, "groups")] {
		r.bands = append(r.bands, m.band(r, name))
	}
	return r
}

// bring makes somebody live.
func (m *maker) bring(s *somebody) {
	s.state = pick(m, "state", "ACTIVATED", "ACTIVATED", "ACTIVATED", "STAGED", "SUSPENDED")
	s.live = sandbox.User{"username": s.name, "email": strings.ToLower(s.name) + "@kelp.example", "state": s.state}
	s.has = m.fields(schema.User, s.live)
	if m.chance(15, "locked") {
		s.live["restrictedFields"] = []any{map[string]any{"field": pick(m, "lock", "jobTitle", "phoneNumbers", "email", "sudo", "username", "password"), "type": "scim"}}
	}
}

// boss is somebody who comes before the i-th in the row, nil for nobody.
func (m *maker) boss(r *random, i int) *somebody {
	if i == 0 {
		return nil
	}
	return r.people[m.int(0, i-1, "manager")]
}

func (m *maker) band(r *random, name string) *band {
	b := &band{name: name, called: name}
	if m.chance(25, "is new") {
		return b
	}
	b.live = sandbox.Group{"name": name}
	b.has = m.fields(schema.Group, b.live)
	if b.dynamic = m.chance(20, "is dynamic"); b.dynamic {
		b.live["membershipMethod"] = pick(m, "method", "DYNAMIC_AUTOMATED", "DYNAMIC_REVIEW_REQUIRED")
		b.live["memberQuery"] = m.value(schema.Of(schema.MemberQuery)).recorded
	}
	var members []any
	for _, s := range some(m, 40, "members", r.people) {
		if s.isLive() {
			members = append(members, s.name)
		}
	}
	for _, name := range some(m, 40, "members", r.services) {
		members = append(members, name)
	}
	b.live["members"] = members
	return b
}

// state is the organization as the sandbox has it.
func (r *random) state() sandbox.State {
	o := sandbox.Organization{ID: kelpID, Name: "Bright Kelp"}
	for _, s := range r.people {
		if s.isLive() {
			o.Users = append(o.Users, s.live)
		}
	}
	for _, name := range r.services {
		o.Users = append(o.Users, sandbox.User{"username": name, "email": name + "@kelp.example", "state": "ACTIVATED", "description": "runs by itself"})
	}
	for _, b := range r.bands {
		if b.live != nil {
			o.Groups = append(o.Groups, b.live)
		}
	}
	return sandbox.State{Organizations: []sandbox.Organization{o}}
}
