package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// State is everything a sandbox holds, in the form of its file. A file may
// be written by hand: ids and all fields of a record but a user's username
// and email and a group's name may be left out, and are filled in the same
// way each time it is read.
type State struct {
	Organizations   []Organization   `json:"organizations"`
	Keys            []Key            `json:"keys,omitempty"`
	ServiceAccounts []ServiceAccount `json:"service_accounts,omitempty"`
	Provider        *Provider        `json:"provider,omitempty"`
	Mails           []Mail           `json:"mails,omitempty"`
	Faults          *Faults          `json:"faults,omitempty"` // where Options have none
}

// Organization is one organization of a State.
type Organization struct {
	ID       string    `json:"id,omitempty"` // made from the name if it is left out
	Name     string    `json:"name"`
	LogoURL  string    `json:"logoUrl,omitempty"`
	Created  string    `json:"created,omitempty"` // RFC 3339
	Settings *Settings `json:"settings,omitempty"`
	Users    []User    `json:"users,omitempty"`
	Groups   []Group   `json:"groups,omitempty"`
	Deleted  []string  `json:"deleted,omitempty"` // ids of users that once were
}

// User is a record of GET /api/systemusers/{id}. manager may also be a
// username. One member is the sandbox's own: "bindings", the number of
// devices and other resources the person is bound to.
type User map[string]any

// Group is a record of GET /api/v2/usergroups/{id} with two members of the
// sandbox's own: "members", usernames or user ids, and "associations",
// objects of "type" and "id".
type Group map[string]any

// Settings are the organization's settings that the sandbox follows, under
// JumpCloud's names (openapi-v1.json, organizationsettings).
type Settings struct {
	NewSystemUserStateDefaults *StateDefaults  `json:"newSystemUserStateDefaults,omitempty"`
	SystemUserDefaults         *UserDefaults   `json:"systemUserDefaults,omitempty"`
	PasswordPolicy             *PasswordPolicy `json:"passwordPolicy,omitempty"`
}

// StateDefaults say in which state a user is created when the request does
// not: ACTIVATED (also "") or STAGED.
type StateDefaults struct {
	ManualEntry string `json:"manualEntry,omitempty"`
}

// UserDefaults are given to each new user.
type UserDefaults struct {
	RestrictedFields []RestrictedField `json:"restrictedFields,omitempty"`
}

// RestrictedField is a field of a user that another system owns.
type RestrictedField struct {
	Field string `json:"field"`
	Type  string `json:"type"` // active_directory, federated_identity_provider or scim
	ID    string `json:"id,omitempty"`
}

// PasswordPolicy is what passwords must be. 0 is no rule.
type PasswordPolicy struct {
	MinLength int `json:"minLength,omitempty"`
}

// Key is an API key.
type Key struct {
	Key           string   `json:"key"`
	Organizations []string `json:"organizations"` // ids or names; "*" is all, and makes it multi-tenant, as two or more do
}

// ServiceAccount signs in with OAuth2 client credentials.
type ServiceAccount struct {
	ClientID      string   `json:"client_id"`
	ClientSecret  string   `json:"client_secret"`
	Organizations []string `json:"organizations"` // as of Key
}

// Provider is the managed service provider of the organizations.
type Provider struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	Type string `json:"type,omitempty"` // MSP (also "") or OU
}

// Mail is a mail that JumpCloud would have sent.
type Mail struct {
	Organization string `json:"organization"` // its id
	To           string `json:"to"`
	Kind         string `json:"kind"` // welcome or activation
	User         string `json:"user"` // username
}

// Organization finds an organization by id or name, nil if there is none.
func (st State) Organization(name string) *Organization {
	for i := range st.Organizations {
		if o := &st.Organizations[i]; o.ID == name || o.Name == name {
			return o
		}
	}
	return nil
}

// User finds a user by username, without case; nil if there is none.
func (o Organization) User(username string) User {
	i := slices.IndexFunc(o.Users, func(u User) bool {
		name, _ := u["username"].(string)
		return strings.EqualFold(name, username)
	})
	if i < 0 {
		return nil
	}
	return o.Users[i]
}

// Group finds a group by name; nil if there is none.
func (o Organization) Group(name string) Group {
	i := slices.IndexFunc(o.Groups, func(g Group) bool { return g["name"] == name })
	if i < 0 {
		return nil
	}
	return o.Groups[i]
}

// Members are the usernames of a group's members, sorted; the id of one who
// was deleted.
func (g Group) Members() []string {
	var names []string
	list, _ := g["members"].([]any)
	for _, m := range list {
		if name, ok := m.(string); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// ParseState reads a state file's bytes and checks that a server could be
// made of them. The State has only what is written.
func ParseState(raw []byte) (State, error) {
	if _, err := parse(raw, &Options{}); err != nil {
		return State{}, err
	}
	return decodeState(raw)
}

// decodeState reads a state without looking into its records.
func decodeState(raw []byte) (State, error) {
	var st State
	err := decodeStrict(raw, &st)
	return st, err
}

// decodeStrict decodes one JSON document and nothing after it. Errors name
// the line, and unknown members are errors.
func decodeStrict(raw []byte, into any) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return fmt.Errorf("the file is empty: a state begins with {\"organizations\": [")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		err = fmt.Errorf("more than one JSON document")
	}
	if err == nil {
		return nil
	}
	line := 1 + bytes.Count(raw[:min(int(errorOffset(err, d)), len(raw))], []byte("\n"))
	return fmt.Errorf("line %d: %w", line, err)
}

// errorOffset is where in the input a decoding error is.
func errorOffset(err error, d *json.Decoder) int64 {
	switch e := err.(type) {
	case *json.SyntaxError:
		return e.Offset
	case *json.UnmarshalTypeError:
		return e.Offset
	}
	return d.InputOffset()
}
