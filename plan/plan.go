// Package plan compares what is wanted with what is live. Diff is pure: it
// does no I/O and reads no clock; a Plan is plain data that apply executes
// and report prints.
package plan

import (
	"fmt"
	"time"

	"rollcall/schema"
	"rollcall/state"
)

// Plan is what a run would do: one Org a document.
type Plan struct {
	AsOf      string // the day it was made for, 2026-11-23
	AsOfGiven bool   // somebody asked for that day: it need not be the one on which it was made
	Base      string // the base revision, "" for none
	Tool      string // rollcall and its version
	Digest    string // sha256: and hex, over Orgs' digests
	Shard     string // which of several parts of the organizations it is about: 1/4; "" for all
	Orgs      []Org
	Refused   []Refusal

	Created time.Time // when it was made; zero if nobody asks
	Allow   []Allow   // the --allow that it was made with
}

// Org is the plan of one organization.
type Org struct {
	ID, Name, Region string
	AsOf             string // the day in the organization's timezone, "" for the run's
	Timezone         string // in which the organization has its days, such as Europe/Berlin; "" is UTC
	Digest           string // sha256: and hex, over what apply would send
	Read             Read
	Offline          bool     // two revisions were compared: nothing was read, and objects have no ids
	Changes          []Change // in the order of apply
	Held             []Held
	Summary          Summary
	Limits           []LimitUse
	Unlisted         Unlisted
	Dropped          []string // users of the base that the file no longer has
	Loosened         []string // what of policy the revision weakens against its base, a sentence each
	Notes            []Note
	Refused          []Refusal // why apply refuses this organization; empty if it does not
	Error            string    // why there is no plan; "" if there is one
	ErrorKind        ErrorKind // of what kind Error is; "" if nobody said
	ErrorHint        string    // what to do about Error; "" if nobody knows
	Lines            []Line    // who reports to whom: the people concerned and the managers above them; nil if only Changes tell

	Policy     state.Policy     // by which Recheck limits and protects again
	Credential state.Credential // references to what signs in; zero is the environment's
}

// Line is to whom a person reports before and after the plan.
type Line struct {
	User     string // the live name; of a person to be created, the wanted one
	Old, New string // live or wanted usernames of managers, "" for nobody
}

// ErrorKind sorts the reasons why an organization has no plan, for whoever
// handles many of them.
type ErrorKind string

const (
	NoCredential ErrorKind = "credential"   // a variable or file that a credential comes from is missing or empty
	Unauthorized ErrorKind = "unauthorized" // JumpCloud refuses the credential
	Forbidden    ErrorKind = "forbidden"    // the credential has no right to do this, or the address is blocked
	WrongOrg     ErrorKind = "organization" // the organization is not visible, or another one than the file says
	BadInput     ErrorKind = "input"        // the file cannot be meant as it is
	Unreachable  ErrorKind = "network"      // there was no connection, or no whole answer in time
	ServerError  ErrorKind = "server"       // JumpCloud answered with an error
	OtherError   ErrorKind = "other"
)

// Read says how much was read.
type Read struct {
	Users, Groups, Memberships int
	Incomplete                 string // why the read cannot be trusted, "" if complete
}

// Action is what a change does.
type Action string

const (
	Create     Action = "create"
	Update     Action = "update"
	Activate   Action = "activate"   // user: staged to activated; sends the mail
	Reactivate Action = "reactivate" // user: suspended to activated
	Suspend    Action = "suspend"    // user
	Delete     Action = "delete"
	Add        Action = "add"    // membership: Object is the group, To the user
	Remove     Action = "remove" // membership
)

// Origin says who caused a change.
type Origin string

const (
	Conflict Origin = "conflict" // file and live changed the same thing
	Changed  Origin = "change"   // the file changed
	Dropped  Origin = "dropped"  // the file no longer names it
	Date     Origin = "date"     // a date has come
	Drift    Origin = "drift"    // live changed
	Unknown  Origin = "unknown"  // there is no base to tell
)

// Name is an object in a plan: a name for people, an id for machines.
type Name struct {
	Kind schema.Kind
	Name string // the live name; of an object to be created, the wanted one
	ID   string // "" if it is to be created
}

// String is the kind and the name in quotes.
func (n Name) String() string { return fmt.Sprintf("%s %q", n.Kind, n.Name) }

// Change is exactly one request.
type Change struct {
	Action  Action
	Object  Name
	To      Name    // of Add and Remove: the user; else zero
	Fields  []Delta // of Create, Update, Suspend, Reactivate; sorted by field and part
	Needs   []int   // indexes in Changes of what must be done first
	Origin  Origin
	Reason  string // why, when it is not plain from the file: unlisted, reports_to, ...
	Until   string // the last day on which it may be made, 2026-12-31, as a date ends what it gives; "" for none
	Hazards []schema.Hazard
	Source  Source
	Spends  []string // limits that count this change

	Reports []string // of Suspend: usernames of those who keep this person as their manager, sorted

	Mail string        // of Activate: "send", "none" or an address
	Keep []state.Array // live entries of array fields that Fields change in part: the PUT carries them too
}

// Delta is a field's or part's old and new canonical text; "" is unset for
// parts and for all old texts of what is created, Field.Unset for whole fields. The Text of a manager is a username.
type Delta struct {
	schema.Value        // Field, Part and the new Text
	Old          string // the old Text
	Origin       Origin
	Base         string          // of a Conflict: the Text at the base revision, "" for unset or unmanaged; else ""
	Secret       state.Reference // of a password: where it comes from
	Since        time.Time       // of a live person's password: one set at this time or later is as good
	RefID        string          // the id of the user a Ref names; "" if an earlier change creates it
}

// Source is the place in a file that asks for a change; zero if there is none.
type Source struct {
	File         string
	Line, Column int
}

// Held is a change that is not planned without being allowed.
type Held struct {
	Change
	Allow string // the --allow that plans it, for example reactivate_users=1; "" if nothing does
}

// Summary counts the changes.
type Summary struct {
	Users          Counts
	Groups         Counts
	Added, Removed int // memberships
	Mails          int
	Requests       int // that apply will send: one a change, one a look before, not counting verification
	Verify         int // requests that read again what was changed, if JumpCloud shows all of it at once
}

// Counts are changes of one kind by action.
type Counts struct{ Create, Update, Activate, Reactivate, Suspend, Delete int }

// LimitUse is a limit and what the plan spends of it. Name is that of
// policy.limits; Object is the group for limits per group, else "". Limit is
// NoLimit where there is none.
type LimitUse struct {
	Name, Object     string
	Count, Of, Limit int
	Exceeded         bool
}

// NoLimit is the LimitUse.Limit of what is not limited.
const NoLimit = -1

// Refusal is a reason why apply would write nothing to an organization.
type Refusal struct {
	Org    string // its id, or its name without one
	Reason string
	Hint   string // what to do; "" if the reason or Allow says so
	Allow  string // the value of --allow that would let it pass; "" if none would
}

// Unlisted is what live has and the file does not name.
type Unlisted struct {
	Users, Groups []string
	Memberships   []state.Edge // of groups whose members were read
}

// Note is something to know that is not a change.
type Note struct {
	Severity state.Severity
	Text     string
	Source   Source
}

// Options are what a run allows and asks for beyond the file.
type Options struct {
	AsOf  string  // the day, 2026-11-23: dates, policy.allow and accounts of the last days are judged by it
	Allow []Allow // --allow
	Shard string  // the part of the organizations that the run is about: 1/4; "" for all

	Offline     bool // live is state.AsLive: nothing is limited, listed as unlisted or taken for incomplete
	NoRemovals  bool // --no-removals: nobody is suspended or deleted, and no membership or group ends
	OnlyChanges bool // --only change: with a base, nothing of origin drift
}

// Allow is one --allow: a limit's name and number, or protected or group
// and a name. Org restricts it to an organization's name or id.
type Allow struct {
	Org, Name string
	N         int
	Value     string
}
