package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// defaultKey is the key of a state that has no key for all organizations.
const defaultKey = "jca_sandbox"

// fileState is a State whose records are still JSON.
type fileState struct {
	Organizations   []fileOrg        `json:"organizations"`
	Keys            []Key            `json:"keys"`
	ServiceAccounts []ServiceAccount `json:"service_accounts"`
	Provider        *Provider        `json:"provider"`
	Mails           []Mail           `json:"mails"`
	Faults          json.RawMessage  `json:"faults"`
}

// fileOrg is an Organization whose records are still JSON.
type fileOrg struct {
	ID       string                       `json:"id"`
	Name     string                       `json:"name"`
	LogoURL  string                       `json:"logoUrl"`
	Created  string                       `json:"created"`
	Settings *Settings                    `json:"settings"`
	Users    []map[string]json.RawMessage `json:"users"`
	Groups   []map[string]json.RawMessage `json:"groups"`
	Deleted  []string                     `json:"deleted"`
}

// parse reads a state file's bytes. Errors name what is wrong and where.
func parse(raw []byte, opts *Options) (*data, error) {
	var st fileState
	if err := decodeStrict(raw, &st); err != nil {
		return nil, err
	}
	d := &data{o: opts, accounts: st.ServiceAccounts, keys: st.Keys}
	for i := range st.Organizations {
		o, err := loadOrg(&st.Organizations[i], opts)
		if err != nil {
			return nil, fmt.Errorf("organizations[%d] (%s): %w", i, st.Organizations[i].Name, err)
		}
		if slices.ContainsFunc(d.orgs, func(other *org) bool { return other.id == o.id }) {
			return nil, fmt.Errorf("organizations[%d] (%s): another organization has this id; two of one name need an id each", i, o.name)
		}
		d.orgs = append(d.orgs, o)
	}
	d.provide(st.Provider)
	if err := d.loadMails(st.Mails); err != nil {
		return nil, err
	}
	if err := d.loadFaults(st.Faults); err != nil {
		return nil, err
	}
	return d, d.loadCredentials()
}

// loadFaults keeps what goes wrong as it was written.
func (d *data) loadFaults(raw json.RawMessage) (err error) {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	if d.faults, err = ParseFaults(raw); err == nil {
		err = d.faults.check(d)
	}
	if err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	return nil
}

// org finds an organization by id or name, nil if there is none.
func (d *data) org(name string) *org {
	for _, o := range d.orgs {
		if o.id == name || o.name == name {
			return o
		}
	}
	return nil
}

// provide completes the provider.
func (d *data) provide(p *Provider) {
	if p == nil {
		p = &Provider{Name: "Sandbox"}
	}
	d.provider = *p
	if d.provider.ID == "" {
		d.provider.ID = makeID(epoch, "provider", p.Name)
	}
	if d.provider.Type == "" {
		d.provider.Type = "MSP"
	}
}

// loadMails gives each organization its mails.
func (d *data) loadMails(mails []Mail) error {
	for i, m := range mails {
		o := d.org(m.Organization)
		if o == nil {
			return fmt.Errorf("mails[%d]: there is no organization %q", i, m.Organization)
		}
		m.Organization = o.id
		o.mails = append(o.mails, m)
	}
	return nil
}

// loadCredentials turns names of organizations into ids, and adds the key
// that sees them all.
func (d *data) loadCredentials() error {
	for i, k := range d.keys {
		if k.Key == "" {
			return fmt.Errorf("keys[%d]: key is empty", i)
		}
		if err := d.resolve(k.Organizations); err != nil {
			return fmt.Errorf("keys[%d]: %w", i, err)
		}
	}
	for i, a := range d.accounts {
		if a.ClientID == "" || a.ClientSecret == "" {
			return fmt.Errorf("service_accounts[%d]: client_id or client_secret is empty", i)
		}
		if err := d.resolve(a.Organizations); err != nil {
			return fmt.Errorf("service_accounts[%d]: %w", i, err)
		}
	}
	if !slices.ContainsFunc(d.keys, func(k Key) bool { return slices.Contains(k.Organizations, "*") }) {
		d.keys = append(d.keys, Key{Key: defaultKey, Organizations: []string{"*"}})
	}
	return nil
}

// resolve replaces names of organizations by ids.
func (d *data) resolve(names []string) error {
	for i, name := range names {
		if name == "*" {
			continue
		}
		o := d.org(name)
		if o == nil {
			return fmt.Errorf("there is no organization %q", name)
		}
		if name != o.id && slices.ContainsFunc(d.orgs, func(other *org) bool { return other != o && other.name == name }) {
			return fmt.Errorf("several organizations are named %q: write the id of one", name)
		}
		names[i] = o.id
	}
	return nil
}

// loadOrg makes an organization of what its file says.
func loadOrg(f *fileOrg, opts *Options) (*org, error) {
	if f.Name == "" {
		return nil, fmt.Errorf("name is empty")
	}
	if f.ID == "" {
		f.ID = makeID(epoch, "organization", f.Name)
	}
	if !objectID.MatchString(f.ID) {
		return nil, fmt.Errorf("id %q is not 24 hexadecimal digits", f.ID)
	}
	o := newOrg(opts, f.ID, f.Name)
	o.logo, o.settings, o.created = f.LogoURL, f.Settings, f.Created
	if o.created == "" {
		o.created = timestamp(epoch)
	}
	for _, id := range f.Deleted {
		o.deleted[id] = true
	}
	if err := o.loadUsers(f.Users); err != nil {
		return nil, err
	}
	return o, o.loadGroups(f.Groups)
}

// loadUsers adds the users, then resolves their managers and gives those
// without a unix_uid one.
func (o *org) loadUsers(records []map[string]json.RawMessage) error {
	for i, r := range records {
		u, err := o.loadUser(r)
		if err == nil {
			if field := o.taken(u.record, nil); field != "" {
				err = fmt.Errorf("another user has this %s", field)
			} else if o.byID[u.id] != nil || o.deleted[u.id] {
				err = fmt.Errorf("another user has or had the id %s", u.id)
			}
		}
		if err != nil {
			return fmt.Errorf("users[%d] (%s): %w", i, stringOf(r["username"]), err)
		}
		o.list = append(o.list, u)
		o.index(u)
	}
	for i, u := range o.list {
		if err := o.loadManager(u); err != nil {
			return fmt.Errorf("users[%d] (%s): %w", i, u.text("username"), err)
		}
		o.giveUnix(u.record)
		o.index(u)
	}
	slices.SortFunc(o.list, func(a, b *user) int { return strings.Compare(a.id, b.id) })
	return nil
}

// giveUnix gives a record the unix ids that it has not.
func (o *org) giveUnix(r record) {
	for _, name := range []string{"unix_uid", "unix_guid"} {
		if r.get(name) == nil {
			r.set(name, mustJSON(o.nextUnix))
		}
	}
}

// loadUser makes a user of a record.
func (o *org) loadUser(r map[string]json.RawMessage) (*user, error) {
	u := &user{record: userTable.fresh()}
	if raw, ok := r["bindings"]; ok {
		if err := json.Unmarshal(raw, &u.bindings); err != nil {
			return nil, fmt.Errorf("bindings must be a number")
		}
	}
	if err := u.load(r, "bindings"); err != nil {
		return nil, err
	}
	switch {
	case u.get("password") != nil:
		return nil, fmt.Errorf("password is never kept: write password_date to say that there is one")
	case !usernamePattern.MatchString(u.text("username")):
		return nil, fmt.Errorf("username %q is not valid", u.text("username"))
	case !isEmail(u.text("email")):
		return nil, fmt.Errorf("email %q is not valid", u.text("email"))
	}
	if err := loadStateOf(u.record, r); err != nil {
		return nil, err
	}
	return u, o.complete(u)
}

// load takes the members of a JSON object into a record, but for those that
// are the caller's.
func (r record) load(members map[string]json.RawMessage, own ...string) error {
	for _, name := range sortedKeys(members) {
		i, known := r.table.index[name]
		if !known {
			if slices.Contains(own, name) {
				continue
			}
			return fmt.Errorf("unknown field %q", name)
		}
		f, raw := &r.table.fields[i], members[name]
		if string(raw) == f.unset {
			continue
		}
		want := &f.shape
		if f.file != nil {
			want = f.file
		}
		if string(raw) != "null" { // which a server may have anywhere
			if problem := want.checkJSON(name, raw); problem != "" {
				return errors.New(problem)
			}
		}
		r.values[i] = compact(raw)
	}
	return nil
}

// loadStateOf completes the pair of state and suspended.
func loadStateOf(u record, written map[string]json.RawMessage) error {
	switch {
	case written["state"] == nil && u.is("suspended"):
		u.setText("state", suspended)
	case written["state"] == nil:
		u.setText("state", activated)
	case written["suspended"] == nil:
		u.set("suspended", mustJSON(u.text("state") == suspended))
	case u.is("suspended") != (u.text("state") == suspended):
		return fmt.Errorf("state %s contradicts suspended %v", u.text("state"), u.is("suspended"))
	}
	return nil
}

// complete fills in what a hand-written user leaves out.
func (o *org) complete(u *user) error {
	at := epoch
	if s := u.text("created"); s != "" {
		t, err := parseTime(s)
		if err != nil {
			return fmt.Errorf("created %q is not a time", s)
		}
		at = t
	} else {
		u.setText("created", timestamp(epoch))
	}
	u.id = u.text("_id")
	if u.id == "" {
		u.id = u.text("id")
	}
	if u.id == "" {
		u.id = makeID(at, o.id, "user", strings.ToLower(u.text("username")))
	}
	if !objectID.MatchString(u.id) {
		return fmt.Errorf("id %q is not 24 hexadecimal digits", u.id)
	}
	u.setText("_id", u.id)
	u.setText("id", u.id)
	if u.get("organization") == nil {
		u.setText("organization", o.id)
	}
	for _, name := range []string{"addresses", "phoneNumbers"} {
		entries := splitList(u.get(name))
		identify(entries, "id", u.id)
		u.set(name, joinList(entries))
	}
	keys := splitList(u.get("ssh_keys"))
	identify(keys, "_id", u.id)
	u.set("ssh_keys", joinList(keys))
	return nil
}

// loadManager turns a manager's username into an id. An id of nobody stays:
// JumpCloud may have one.
func (o *org) loadManager(u *user) error {
	m := u.text("manager")
	if m == "" || o.byID[m] != nil {
		return nil
	}
	if boss := o.byName[o.fold(m)]; boss != nil {
		delete(o.reports[m], u)
		u.setText("manager", boss.id)
		return nil
	}
	if !objectID.MatchString(m) {
		return fmt.Errorf("manager %q is nobody's username or id", m)
	}
	return nil
}

// loadGroups adds the groups with their members.
func (o *org) loadGroups(records []map[string]json.RawMessage) error {
	for i, r := range records {
		g, err := o.loadGroup(r)
		if err == nil && (o.groupByID[g.id] != nil || o.groupNames[o.foldGroup(g.text("name"))] != nil) {
			err = fmt.Errorf("another group has this name or id")
		}
		if err == nil {
			o.insertGroup(g)
			err = o.loadMembers(g, r["members"])
		}
		if err != nil {
			return fmt.Errorf("groups[%d] (%s): %w", i, stringOf(r["name"]), err)
		}
	}
	return nil
}

// loadGroup makes a group of a record.
func (o *org) loadGroup(r map[string]json.RawMessage) (*group, error) {
	g := &group{record: groupTable.fresh()}
	if err := g.load(r, "members", "associations"); err != nil {
		return nil, err
	}
	if raw, ok := r["associations"]; ok {
		if err := json.Unmarshal(raw, &g.associations); err != nil {
			return nil, fmt.Errorf("associations must be objects of type and id")
		}
	}
	if g.text("name") == "" {
		return nil, fmt.Errorf("name is empty")
	}
	g.id = g.text("id")
	if g.id == "" {
		g.id = makeID(epoch, o.id, "group", g.text("name"))
	}
	if !objectID.MatchString(g.id) {
		return nil, fmt.Errorf("id %q is not 24 hexadecimal digits", g.id)
	}
	g.setText("id", g.id)
	g.setText("organizationObjectId", o.id)
	return g, nil
}

// loadMembers resolves a group's members: usernames, ids, or ids of users
// that once were.
func (o *org) loadMembers(g *group, raw json.RawMessage) error {
	if raw == nil {
		return nil
	}
	var names []string
	if err := json.Unmarshal(raw, &names); err != nil {
		return fmt.Errorf("members must be usernames or ids")
	}
	for _, name := range names {
		u := o.byID[name]
		if u == nil {
			u = o.byName[o.fold(name)]
		}
		switch {
		case u != nil && o.join(g, u):
		case u != nil:
			return fmt.Errorf("member %q is there twice", name)
		case o.deleted[name]:
			i, _ := slices.BinarySearch(g.members, name)
			g.members = slices.Insert(g.members, i, name)
		default:
			return fmt.Errorf("member %q is nobody's username or id", name)
		}
	}
	return nil
}
