package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
)

// data is everything a server holds. Only what is inside an org changes.
type data struct {
	o        *Options
	orgs     []*org
	keys     []Key
	accounts []ServiceAccount
	provider Provider
	faults   Faults
}

// org is one organization. mu guards all that follows it.
type org struct {
	o              *Options
	id, name, logo string
	created        string
	settings       *Settings

	mu         sync.RWMutex
	generation int       // counts how often a failed save took writes back
	saved      []byte    // the organization as its file has it; nil after a write
	visible    time.Time // when lists show all that was created
	content
}

// content is what requests change in an organization.
type content struct {
	list       []*user // sorted by id
	byID       map[string]*user
	byName     map[string]*user // by org.fold of the username
	byEmail    map[string]*user
	byEmployee map[string]*user
	reports    map[string]map[*user]bool // by the manager's id
	deleted    map[string]bool           // ids of users that once were
	groups     []*group                  // sorted by id
	groupByID  map[string]*group
	groupNames map[string]*group // by org.foldGroup
	mails      []Mail
	nextUnix   int // the next unix_uid to give away
}

// user is a system user.
type user struct {
	record
	id       string
	groups   []string // ids, sorted
	bindings int
	visible  time.Time // when lists begin to show it
}

// group is a user group.
type group struct {
	record
	id           string
	members      []string // user ids, sorted; those of deleted users too
	associations []association
	visible      time.Time
}

// association binds a group to something that is not a user.
type association struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// firstUnix is the first unix_uid that JumpCloud gives (facts.md section 2).
const firstUnix = 5001

// newOrg is an organization without people.
func newOrg(opts *Options, id, name string) *org {
	return &org{
		o: opts, id: id, name: name,
		content: content{
			byID: map[string]*user{}, byName: map[string]*user{}, byEmail: map[string]*user{}, byEmployee: map[string]*user{},
			reports: map[string]map[*user]bool{}, deleted: map[string]bool{},
			groupByID: map[string]*group{}, groupNames: map[string]*group{}, nextUnix: firstUnix,
		},
	}
}

// minLength is the least length of a password.
func (s *Settings) minLength() int {
	if s == nil || s.PasswordPolicy == nil {
		return 0
	}
	return s.PasswordPolicy.MinLength
}

// createState is the state of a user whose creator names none.
func (s *Settings) createState() string {
	if s == nil || s.NewSystemUserStateDefaults == nil || s.NewSystemUserStateDefaults.ManualEntry == "" {
		return activated
	}
	return s.NewSystemUserStateDefaults.ManualEntry
}

// restrictedFields are locked for each new user.
func (s *Settings) restrictedFields() []RestrictedField {
	if s == nil || s.SystemUserDefaults == nil {
		return nil
	}
	return s.SystemUserDefaults.RestrictedFields
}

// fold is the form in which usernames and e-mails are unique.
func (o *org) fold(s string) string {
	if o.o.CaseSensitiveUsers {
		return s
	}
	return strings.ToLower(s)
}

// foldGroup is the form in which group names are unique.
func (o *org) foldGroup(s string) string {
	if o.o.FoldGroupNames {
		return strings.ToLower(s)
	}
	return s
}

// taken says which unique value of a record another user has, "" if none.
func (o *org) taken(r record, except *user) string {
	for _, u := range []struct {
		field string
		by    map[string]*user
		key   string
	}{
		{"username", o.byName, o.fold(r.text("username"))},
		{"email", o.byEmail, o.fold(r.text("email"))},
		{"employeeIdentifier", o.byEmployee, r.text("employeeIdentifier")},
	} {
		if other := u.by[u.key]; u.key != "" && other != nil && other != except {
			return u.field
		}
	}
	return ""
}

// index enters a user into the maps.
func (o *org) index(u *user) {
	o.byID[u.id] = u
	o.byName[o.fold(u.text("username"))] = u
	o.byEmail[o.fold(u.text("email"))] = u
	if e := u.text("employeeIdentifier"); e != "" {
		o.byEmployee[e] = u
	}
	if m := u.text("manager"); m != "" {
		if o.reports[m] == nil {
			o.reports[m] = map[*user]bool{}
		}
		o.reports[m][u] = true
	}
	if uid := u.number("unix_uid"); uid >= o.nextUnix {
		o.nextUnix = uid + 1
	}
}

// unindex takes a user out of the maps.
func (o *org) unindex(u *user) {
	delete(o.byID, u.id)
	delete(o.byName, o.fold(u.text("username")))
	delete(o.byEmail, o.fold(u.text("email")))
	delete(o.byEmployee, u.text("employeeIdentifier"))
	delete(o.reports[u.text("manager")], u)
}

// number is the integer of a field, 0 if it has none.
func (r record) number(name string) int {
	var n int
	json.Unmarshal(r.get(name), &n)
	return n
}

// replace gives a user another record.
func (o *org) replace(u *user, r record) {
	o.unindex(u)
	u.record = r
	o.index(u)
}

// insert adds a user to the list; the maps are index's.
func (o *org) insert(u *user) {
	i, _ := slices.BinarySearchFunc(o.list, u.id, func(u *user, id string) int { return strings.Compare(u.id, id) })
	o.list = slices.Insert(o.list, i, u)
	o.index(u)
}

// remove deletes a user with all memberships.
func (o *org) remove(u *user) {
	o.unindex(u)
	i, _ := slices.BinarySearchFunc(o.list, u.id, func(u *user, id string) int { return strings.Compare(u.id, id) })
	o.list = slices.Delete(o.list, i, i+1)
	o.deleted[u.id] = true
	if o.o.DanglingMembers {
		return
	}
	for _, id := range u.groups {
		g := o.groupByID[id]
		g.members = without(g.members, u.id)
	}
}

// insertGroup adds a group.
func (o *org) insertGroup(g *group) {
	i, _ := slices.BinarySearchFunc(o.groups, g.id, func(g *group, id string) int { return strings.Compare(g.id, id) })
	o.groups = slices.Insert(o.groups, i, g)
	o.groupByID[g.id] = g
	o.groupNames[o.foldGroup(g.text("name"))] = g
}

// removeGroup deletes a group with all memberships.
func (o *org) removeGroup(g *group) {
	i, _ := slices.BinarySearchFunc(o.groups, g.id, func(g *group, id string) int { return strings.Compare(g.id, id) })
	o.groups = slices.Delete(o.groups, i, i+1)
	delete(o.groupByID, g.id)
	delete(o.groupNames, o.foldGroup(g.text("name")))
	for _, id := range g.members {
		if u := o.byID[id]; u != nil {
			u.groups = without(u.groups, g.id)
		}
	}
}

// join makes a user a member; it is false if they are one already.
func (o *org) join(g *group, u *user) bool {
	i, found := slices.BinarySearch(g.members, u.id)
	if found {
		return false
	}
	g.members = slices.Insert(g.members, i, u.id)
	j, _ := slices.BinarySearch(u.groups, g.id)
	u.groups = slices.Insert(u.groups, j, g.id)
	return true
}

// leave ends a membership; it is false if there is none.
func (o *org) leave(g *group, u *user) bool {
	if _, found := slices.BinarySearch(g.members, u.id); !found {
		return false
	}
	g.members = without(g.members, u.id)
	u.groups = without(u.groups, g.id)
	return true
}

// without is a sorted list less one element.
func without(sorted []string, s string) []string {
	i, found := slices.BinarySearch(sorted, s)
	if !found {
		return sorted
	}
	return slices.Delete(sorted, i, i+1)
}

// newID is an id that no object of the organization has or had.
func (o *org) newID(now time.Time, kind, name string) string {
	for n := ""; ; n += "+" {
		id := makeID(now, o.id, kind, name+n)
		if o.byID[id] == nil && o.groupByID[id] == nil && !o.deleted[id] {
			return id
		}
	}
}

// mail logs a mail.
func (o *org) mail(to, kind, username string) {
	o.mails = append(o.mails, Mail{Organization: o.id, To: to, Kind: kind, User: username})
}
