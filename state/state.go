// Package state is the model of an organization and how to get it: Load
// reads the desired state from files, Read the live state from JumpCloud,
// Export writes live state as a file.
package state

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/schema"
)

// Canonical texts of a person's state.
const (
	Staged    = "STAGED"
	Activated = "ACTIVATED"
	Suspended = "SUSPENDED"
)

// Org is one organization. Base, live and desired state hold the same Org.
type Org struct {
	ID, Name, Region string
	Objects          []Object // sorted by kind, then Key; no two the same
	Edges            []Edge   // sorted, each once
}

// Object is a user or a group.
type Object struct {
	Kind   schema.Kind
	Key    string         // a user's Fold(Name), a group's Name: what identifies it in this state
	Name   string         // as written or as live
	ID     string         // JumpCloud's id; "" in desired state, but for the id of a tombstone
	Values []schema.Value // sorted by schema.Compare; a missing field is unmanaged (desired, base) or unset (live)
}

// Edge is a membership: the Key of a group and the Key of a user. In
// desired state either may name an object that only live has, in live state
// User may be "#" and the id of somebody who was not read.
type Edge struct{ Group, User string }

// Desired is what a document of a file wants of one organization.
type Desired struct {
	Org
	Intents    []Intent // of Objects, by index
	Sides      []Sides  // of Edges, by index: where each is written
	Untils     []Until  // those of Edges that have a last day, sorted
	Ended      []Until  // of On: memberships whose last day is over and which must not be, sorted
	Policy     Policy
	Credential Credential
	Timezone   *time.Location // never nil
	Pos        Positions
	Sources    []Source  // the CSV files that the document takes people from
	Notes      []Problem // warnings and notes of the document's load; errors are Load's error
	unbound    *unbound  // how it was loaded, if it has sources whose people are not known yet; else nil
}

// Intent is what only a file says about an object.
type Intent struct {
	Was       []string // users: folded former usernames; groups: former names
	New       bool     // users: not the same person as a live one with the same e-mail
	Absent    bool     // ensure: absent
	ReportsTo *Written // users, with Absent: who the reports go to; Text "" is null: nobody; nil: not written

	CreateState     string   // users: canonical state at creation, from person or defaults; "" is STAGED
	SourceState     string   // users: canonical state that a source says, which is only how somebody is created; "" if none does
	ActivationEmail string   // users: "send" (also ""), "none" or an address
	Password        Password // users: zero if there is none
	NoGroups        bool     // users: groups: [] written out
	Start, End      string   // users: the first and the last day, 2026-12-31; "" for none
	Due             Due      // users, of On: what Start and End say of the day
	Undated         string   // users, of On: canonical state that the person has without Due; "" if none is written

	Exact     bool // groups: members not in the file are removed
	NoMembers bool // groups: members: [] written out
}

// Source is a CSV file that a document takes people from.
type Source struct {
	File      string // as Positions names it
	Key       string // what people are found by, as plans name it: employeeIdentifier, attributes.badge
	People    int    // in it, those who are skipped included
	MayShrink string // "", a number or a percentage: 3%
	Pos       Pos    // in the document

	Skipped []Skipped // of whom nothing is made, by reason
}

// Skipped are the people, or the rows that say nothing of whom they are about,
// that a source leaves out for one reason.
type Skipped struct {
	Why    string // no e-mail
	People int
	Rows   int // without a key
}

// Until is a membership and its last day.
type Until struct {
	Edge
	Day string // 2026-12-31
	Pos Pos    // of the day
}

// Sides say at which ends of a membership a file writes it.
type Sides uint8

const (
	AtUser  Sides = 1 << iota // groups of the person, or of defaults
	AtGroup                   // members of the group
)

// Written is a text with the place that wrote it.
type Written struct {
	Text string
	Pos  Pos
}

// Password is where a person's password comes from. It is never the password.
type Password struct {
	From  Reference
	Since time.Time // set again when the live password is older; zero: only at create
}

// Reference is a place that holds a secret: exactly one of the three is set.
type Reference struct {
	Env     string   `json:"env,omitempty" yaml:"env,omitempty"`
	File    string   `json:"file,omitempty" yaml:"file,omitempty"` // from the working directory, as File names in Positions
	Command []string `json:"command,omitempty" yaml:"command,omitempty"`
}

// String is the reference as plans show it: env:NAME, file:PATH, command:PROGRAM.
func (r Reference) String() string {
	switch {
	case r.Env != "":
		return "env:" + r.Env
	case r.File != "":
		return "file:" + r.File
	case len(r.Command) > 0:
		return "command:" + r.Command[0]
	}
	return ""
}

// IsZero tells whether nothing is referred to.
func (r Reference) IsZero() bool { return r.Env == "" && r.File == "" && len(r.Command) == 0 }

// Credential refers to what signs in to JumpCloud: an API key or a service
// account. The zero value is {env: JUMPCLOUD_API_KEY}.
type Credential struct {
	APIKey                 Reference
	ClientID, ClientSecret Reference
}

// Policy is a document's policy with its defaults filled in.
type Policy struct {
	UnlistedUsers  string // ignore, report, suspend or delete
	DroppedUsers   string // report, suspend or delete
	UnlistedGroups string // ignore or report
	Scope          []Filter
	Ignore         Names
	Protect        Names
	Limits         map[string]Limit // the limits that are written; defaults are plan's
	Allow          []Allow
}

// Filter is JumpCloud's filter of users: all of a list must hold.
type Filter struct {
	Field    string // JumpCloud's name
	Operator string // $eq $ne $in $nin $gt $gte $lt $lte $sw
	Value    string
	Pos      Pos
}

// Names are globs of user and group names; users are matched without case.
type Names struct{ Users, Groups []string }

// Limit is a ceiling: Min..Percent%..Max, or a plain number where Min and
// Max are the same and Percent is 0.
type Limit struct {
	Min, Max int
	Percent  float64
	Pos      Pos
}

// Of is the ceiling for a total of n: Percent of it, rounded down, at least
// Min and at most Max. Percent counts as the decimal that was written: 9.2%
// of 750 is 69, which floats make 68.99.
func (l Limit) Of(n int) int {
	return min(max(l.share(n), l.Min), l.Max)
}

// share is Percent of n, rounded down.
func (l Limit) share(n int) int {
	percent, ok := new(big.Rat).SetString(strconv.FormatFloat(l.Percent, 'f', -1, 64))
	if !ok {
		return 0 // no number
	}
	part := percent.Mul(percent, big.NewRat(int64(n), 100))
	return int(new(big.Int).Quo(part.Num(), part.Denom()).Int64())
}

// Allow is a reviewed exception: the limit and number of `--allow`, or a
// name for Limit "protected" and "group".
type Allow struct {
	Limit string    // suspend_users, ..., protected, group
	N     int       // of a limit
	Name  string    // of protected and group
	Until time.Time // the last day, zero for no end
	Pos   Pos
}

// Live is what was read from JumpCloud.
type Live struct {
	Org
	Facts      []Fact // of Objects, by index
	Totals     Totals // what the server says there is
	Incomplete string // why the read of users or groups cannot be trusted; "" if complete
	Notes      []string
}

// Totals count what was read, as plans print it.
type Totals struct{ Users, Groups, Memberships int }

// Fact is what is known of a live object besides its values.
type Fact struct {
	Locked       []Lock    // users: fields that another system owns
	Admin        bool      // users: linked to an administrator
	OrgID        string    // users: the organization that the record says it belongs to; "" if it does not
	Created      time.Time // users
	PasswordDate time.Time // users: zero if there is no password or no date
	Arrays       []Array   // users: array fields managed by part that are not empty, as they were read
	Record       []byte    // groups read by id: the record, for the next PUT; nil if only listed

	Twins []string // ids of all live objects that share the name, its own included; nil if none does. None of them is touched

	Dynamic     bool // groups: a rule makes the members
	Members     int  // groups: the server's count; 0 if not asked
	MembersRead bool // groups: Edges holds its members
	Uncounted   bool // groups: MembersRead, but JumpCloud listed and counted none
	GroupsRead  bool // users: Edges holds all groups of this person
}

// unread is how many members of a group are neither people nor ids, if found
// of them are: -1 if JumpCloud does not say how many there are.
func (f *Fact) unread(found int) int {
	if f.Uncounted {
		return -1
	}
	return max(0, f.Members-found)
}

// Lock is a field that JumpCloud's restrictedFields locks.
type Lock struct {
	Field schema.FieldID
	By    string // active_directory, federated_identity_provider, scim
}

// Array is a live array as it was read, a JSON entry each.
type Array struct {
	Field   schema.FieldID
	Entries [][]byte
}

// Pos is a place in a file. The zero Pos is no place.
type Pos struct{ File, Line, Column int32 } // File indexes Positions.Files plus one

// Positions says where things of a Desired are written.
type Positions struct {
	Files   []string    // of the document, itself first, then its fragments; as the user named them
	Org     Pos         // the document's org
	Objects []Pos       // of Objects, by index
	Values  [][]Pos     // of Objects' Values, by index
	Edges   []Pos       // of Edges, by index
	Intents []IntentPos // of Intents, by index
}

// IntentPos are the places of an object's intents, zero where not written.
type IntentPos struct{ Was, Absent, Password, NoGroups, NoMembers, Exact, Start, End, SourceState Pos }

// Fold is the form in which user names and e-mails are compared.
func Fold(s string) string { return strings.ToLower(s) }

// Find is the index of an object, -1 if there is none.
func (o *Org) Find(k schema.Kind, key string) int {
	i, ok := slices.BinarySearchFunc(o.Objects, key, func(x Object, key string) int {
		return cmp.Or(int(x.Kind)-int(k), cmp.Compare(x.Key, key))
	})
	if !ok {
		return -1
	}
	return i
}

// OfKind is the part of Objects that is of one kind, and the index in
// Objects of its first.
func (o *Org) OfKind(k schema.Kind) (objects []Object, first int) {
	first, _ = slices.BinarySearchFunc(o.Objects, k, func(x Object, k schema.Kind) int { return int(x.Kind) - int(k) })
	end, _ := slices.BinarySearchFunc(o.Objects, k+1, func(x Object, k schema.Kind) int { return int(x.Kind) - int(k) })
	return o.Objects[first:end], first
}

// Get is the text of a field or part, and whether it is there.
func (o *Object) Get(f schema.FieldID, part string) (string, bool) {
	i, ok := slices.BinarySearchFunc(o.Values, schema.Value{Field: f, Part: part}, schema.Compare)
	if !ok {
		return "", false
	}
	return o.Values[i].Text, true
}

// CompareEdges orders edges by group, then user.
func CompareEdges(a, b Edge) int {
	return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.User, b.User))
}
