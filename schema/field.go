// Package schema is the table of what rollcall manages: the kinds of
// JumpCloud objects and their fields. The JSON Schemas, loading, diff,
// request bodies, export and the reference documentation are all made from
// it, so a new field is one new row.
package schema

// Kind is a kind of JumpCloud object that a desired-state file describes.
type Kind uint8

const (
	User  Kind = iota // a system user: /api/systemusers
	Group             // a user group: /api/v2/usergroups
)

// String is the kind as plans and error messages write it.
func (k Kind) String() string { return [...]string{"user", "group"}[k] }

// Type says how a field's values are written, compared and sent.
type Type uint8

const (
	String Type = iota // text; unset is ""
	Bool               // true or false; unset is the field's default
	Int                // decimal; unset is ""
	Enum               // one of Field.Values, canonical in upper case as JumpCloud has it
	Ref                // a user: folded username in a value, id in a request; unset is ""
	ByType             // array of entries managed by their "type": one part a type
	Map                // named entries merged into live: one part a name
	List               // array replaced whole, order without meaning; unset is "[]"
	Object             // JSON object replaced whole; unset is ""
	Secret             // never read back: the text is the reference it comes from
)

// Write says which requests may carry a field. Zero is read-only.
type Write uint8

const (
	Create Write = 1 << iota // POST
	Update                   // PUT
	Clear                    // PUT of the unset value
)

// Hazard names a change that a reviewer must see first.
type Hazard string

const (
	Takeover       Hazard = "takeover"        // hands a person's account to whoever owns the new value
	Sudo           Hazard = "sudo"            // grants administrator rights on devices
	MFAOff         Hazard = "mfa-off"         // takes a second factor away
	RuleChange     Hazard = "rule-change"     // changes who a dynamic group takes in
	NewlyExact     Hazard = "newly-exact"     // the file begins to own a group's whole membership
	LosesBindings  Hazard = "loses-bindings"  // device, application and directory bindings go with it
	MayMoveGroups  Hazard = "may-move-groups" // a dynamic group's rule reads this field
	LastGroup      Hazard = "last-group"      // the person is left in no group
	PolicyLoosened Hazard = "policy-loosened" // the revision weakens protection or limits
)

// FieldID names a row of the table; user fields come first, then group
// fields, each in the order in which plans print them.
type FieldID uint8

const (
	Username FieldID = iota
	Email
	State
	Suspended
	Firstname
	Middlename
	Lastname
	Displayname
	JobTitle
	Department
	CostCenter
	Company
	Location
	Description
	EmployeeIdentifier
	EmployeeType
	Manager
	AlternateEmail
	RecoveryEmail
	ManagedAppleID
	PhoneNumbers
	Addresses
	Attributes
	Relationships
	Tags
	Password
	PasswordNeverExpires
	MFA
	EnableUserPortalMultifactor
	SSHKeys
	PublicKey
	AllowPublicKey
	Sudoer
	PasswordlessSudo
	SambaServiceUser
	LDAPBindingUser
	UnixUID
	UnixGUID
	EnableManagedUID
	DisableDeviceMaxLoginAttempts
	AccountLocked
	Activated
	ExternallyManaged
	ExternalDN
	ExternalSourceType
	ExternalPasswordExpirationDate

	GroupName
	GroupDescription
	GroupEmail
	GroupAttributes
	MembershipMethod
	MemberQuery
	MemberQueryExemptions
	MemberSuggestionsNotify

	fieldCount
)

// Field is one row of the table.
type Field struct {
	ID    FieldID
	Kind  Kind
	Name  string // JumpCloud's own name, the only one
	Type  Type
	Write Write
	Unset string // canonical text of nothing: what null writes and what absent reads as

	Key        bool     // the object's name: written as the entry's key, changed by `was`
	Alias      bool     // read from a file as another field (suspended is state), never a value itself
	Unique     bool     // no two objects of an organization have the same value
	Identifies bool     // a value shared with a departing person means it may be the same person
	Fold       bool     // compared without case, stored lower-case
	Personal   bool     // masked in printed plans
	NullClear  bool     // cleared with JSON null instead of ""
	NoExport   bool     // changes by itself or is deprecated: works when written, never exported
	ListOmits  bool     // the list of objects does not carry it: read by id
	Hazard     Hazard   // what a change of it is, "" for nothing
	HazardAt   string   // the new canonical text that makes it one, "" for any
	HazardIn   string   // of an Object or Map: the member whose JSON HazardAt is: exclusion, or part.member
	Wrap       string   // sent and read as an object with this one member
	Members    []string // of a ByType, List or Object entry: its members, in order; nil for any JSON
	Compare    []string // of an Object: the members that count as a difference; nil for all
	Texts      []string // of a field that holds free JSON: the members, by path without indexes, that are text whatever they look like
	Values     []string // of an Enum: what it may be
	Max        int      // longest text in characters, 0 for none
	Min        int      // smallest Int
	Doc        string   // one sentence for the reference
}

const (
	create      = Create
	full        = Create | Update | Clear
	update      = Update | Clear
	maxText     = 1024 // openapi-v1.json, systemuserput
	maxEmployee = 256  // openapi-v1.json, systemuserput.employeeIdentifier
)

// table has one row a field, in FieldID order. Sources: openapi-v1.json
// (systemuserputpost, systemuserput, systemuserreturn), openapi-v2.json
// (UserGroupPost, UserGroupPut, UserGroup), facts.md sections 3 and 7.
var table = [fieldCount]Field{
	Username:                       {Name: "username", Key: true, Unique: true, Fold: true, Write: Create | Update, Max: maxText, Doc: "The name a person signs in with; the key of the entry."},
	Email:                          {Name: "email", Unique: true, Identifies: true, Fold: true, Write: Create | Update, Max: maxText, Hazard: Takeover, Doc: "The work e-mail, unique in the organization; needed to create a person."},
	State:                          {Name: "state", Type: Enum, Values: []string{"STAGED", "ACTIVATED", "SUSPENDED"}, Write: Create | Update, Doc: "Who can log in: staged (not yet), activated, suspended."},
	Suspended:                      {Name: "suspended", Type: Bool, Unset: "false", Alias: true, Doc: "Another way to write state: true is suspended, false is activated."},
	Firstname:                      {Name: "firstname", Write: full, Max: maxText, Doc: "Given name."},
	Middlename:                     {Name: "middlename", Write: full, Max: maxText, Doc: "Middle name."},
	Lastname:                       {Name: "lastname", Write: full, Max: maxText, Doc: "Family name."},
	Displayname:                    {Name: "displayname", Write: full, Max: maxText, Doc: "The name that others see."},
	JobTitle:                       {Name: "jobTitle", Write: full, Max: maxText, Doc: "Job title."},
	Department:                     {Name: "department", Write: full, Max: maxText, Doc: "Department."},
	CostCenter:                     {Name: "costCenter", Write: full, Max: maxText, Doc: "Cost center."},
	Company:                        {Name: "company", Write: full, Max: maxText, Doc: "Company."},
	Location:                       {Name: "location", Write: full, Max: maxText, Doc: "Place of work."},
	Description:                    {Name: "description", Write: full, Max: maxText, Doc: "Free text about the person."},
	EmployeeIdentifier:             {Name: "employeeIdentifier", Unique: true, Identifies: true, Write: full, NullClear: true, Personal: true, Max: maxEmployee, Doc: "Employee number, unique in the organization; text, so 00123 keeps its zeros."},
	EmployeeType:                   {Name: "employeeType", Write: full, Max: maxText, Doc: "Kind of employment."},
	Manager:                        {Name: "manager", Type: Ref, Write: full, NullClear: true, Doc: "The person's manager: a username, e-mail or employeeIdentifier."},
	AlternateEmail:                 {Name: "alternateEmail", Identifies: true, Fold: true, Write: full, Personal: true, Max: maxText, Hazard: Takeover, Doc: "A second address; activation mails go there first."},
	RecoveryEmail:                  {Name: "recoveryEmail", Identifies: true, Fold: true, Write: full, Personal: true, Wrap: "address", Max: maxText, Hazard: Takeover, Doc: "Where a person recovers a lost password."},
	ManagedAppleID:                 {Name: "managedAppleId", Write: full, Max: maxText, Doc: "Managed Apple Account."},
	PhoneNumbers:                   {Name: "phoneNumbers", Type: ByType, Unset: "[]", Write: full, Personal: true, Members: []string{"number"}, Max: maxText, Doc: "Phone numbers, managed by type: mobile, home, work, work_mobile, work_fax."},
	Addresses:                      {Name: "addresses", Type: ByType, Unset: "[]", Write: full, Personal: true, Members: []string{"poBox", "extendedAddress", "streetAddress", "locality", "region", "postalCode", "country"}, Max: maxText, Doc: "Postal addresses, managed by type: work, home."},
	Attributes:                     {Name: "attributes", Type: Map, Write: full, Max: maxText, Doc: "Custom attributes; named ones are managed, null removes one, others stay."},
	Relationships:                  {Name: "relationships", Type: List, Unset: "[]", Write: full, Members: []string{"type", "value"}, Doc: "Relationships as JumpCloud stores them; not the manager."},
	Tags:                           {Name: "tags", Type: List, Unset: "[]", Write: full, NoExport: true, Doc: "Tags from before there were groups; deprecated by JumpCloud."},
	Password:                       {Name: "password", Type: Secret, Write: Create | Update, Hazard: Takeover, Doc: "A reference to a password: from (env, file or command) is used when the person is created; since: DATE sets it again for a person whose password is older."},
	PasswordNeverExpires:           {Name: "password_never_expires", Type: Bool, Unset: "false", Write: full, Doc: "Whether the password is exempt from expiry."},
	MFA:                            {Name: "mfa", Type: Object, Write: Create | Update, NoExport: true, Members: []string{"exclusion", "exclusionUntil", "exclusionDays"}, Compare: []string{"exclusion"}, Texts: []string{"exclusionUntil"}, Hazard: MFAOff, HazardAt: "true", HazardIn: "exclusion", Doc: "Exclusion from multi-factor authentication; its dates move by themselves, so only exclusion is compared."},
	EnableUserPortalMultifactor:    {Name: "enable_user_portal_multifactor", Type: Bool, Unset: "false", Write: full, Hazard: MFAOff, HazardAt: "false", Doc: "Whether the user portal asks for a second factor."},
	SSHKeys:                        {Name: "ssh_keys", Type: List, Unset: "[]", Write: update, Members: []string{"name", "public_key"}, Hazard: Takeover, Doc: "SSH public keys."},
	PublicKey:                      {Name: "public_key", Write: full, Hazard: Takeover, Doc: "The single SSH public key from before ssh_keys."},
	AllowPublicKey:                 {Name: "allow_public_key", Type: Bool, Unset: "true", Write: full, Doc: "Whether SSH keys may be used to sign in; true by default."},
	Sudoer:                         {Name: "sudo", Type: Bool, Unset: "false", Write: full, Hazard: Sudo, HazardAt: "true", Doc: "Administrator on all devices the person is bound to."},
	PasswordlessSudo:               {Name: "passwordless_sudo", Type: Bool, Unset: "false", Write: full, Hazard: Sudo, HazardAt: "true", Doc: "Administrator without being asked for a password."},
	SambaServiceUser:               {Name: "samba_service_user", Type: Bool, Unset: "false", Write: full, Doc: "Whether the person is a Samba service user."},
	LDAPBindingUser:                {Name: "ldap_binding_user", Type: Bool, Unset: "false", Write: full, Doc: "Whether the person may bind to LDAP and search it."},
	UnixUID:                        {Name: "unix_uid", Type: Int, Identifies: true, Write: Create | Update, Min: 1, Doc: "Unix user id; made by JumpCloud when it is not written."},
	UnixGUID:                       {Name: "unix_guid", Type: Int, Write: Create | Update, Min: 1, Doc: "Unix group id; made by JumpCloud when it is not written."},
	EnableManagedUID:               {Name: "enable_managed_uid", Type: Bool, Unset: "false", Write: full, Doc: "Whether unix_uid and unix_guid are enforced on devices."},
	DisableDeviceMaxLoginAttempts:  {Name: "disableDeviceMaxLoginAttempts", Type: Bool, Unset: "false", Write: full, Doc: "Whether failed logins on a device never lock the account."},
	AccountLocked:                  {Name: "account_locked", Type: Bool, Unset: "false", Write: full, NoExport: true, Doc: "Locked after failed logins, which happens by itself; not the same as suspended."},
	Activated:                      {Name: "activated", Type: Bool, Unset: "false", Write: create, NoExport: true, Doc: "Whether the person has finished activation, which happens by itself."},
	ExternallyManaged:              {Name: "externally_managed", Type: Bool, Unset: "false", Write: full, NoExport: true, Doc: "Deprecated by JumpCloud: writing it locks fields again that an administrator had unlocked."},
	ExternalDN:                     {Name: "external_dn", Write: full, NoExport: true, Doc: "Distinguished name in the external directory, kept by its integration."},
	ExternalSourceType:             {Name: "external_source_type", Write: full, NoExport: true, Doc: "Kind of external directory, kept by its integration."},
	ExternalPasswordExpirationDate: {Name: "external_password_expiration_date", Write: full, NoExport: true, Doc: "Password expiry in the external directory, kept by its integration."},

	GroupName:               {Name: "name", Key: true, Unique: true, Write: Create | Update, Doc: "The group's name; the key of the entry."},
	GroupDescription:        {Name: "description", Write: full, Doc: "What the group is for."},
	GroupEmail:              {Name: "email", Fold: true, Write: full, Doc: "E-mail address of the group."},
	GroupAttributes:         {Name: "attributes", Type: Map, Write: full, ListOmits: true, Hazard: Sudo, HazardAt: "true", HazardIn: "sudo.enabled", Texts: []string{"ldapGroups.name", "posixGroups.name", "radius.reply.name", "radius.reply.value"}, Doc: "Attributes of the group (sudo, ldapGroups, posixGroups, radius, sambaEnabled and others); named ones are managed, null removes one, others stay."},
	MembershipMethod:        {Name: "membershipMethod", Type: Enum, Values: []string{"STATIC", "DYNAMIC_REVIEW_REQUIRED", "DYNAMIC_AUTOMATED"}, Unset: "STATIC", Write: full, Hazard: RuleChange, Doc: "How members come to be: by hand or by a rule."},
	MemberQuery:             {Name: "memberQuery", Type: Object, Write: full, Texts: []string{"queryType", "filters.field", "filters.operator", "filters.operation"}, Hazard: RuleChange, Doc: "The rule of a dynamic group."},
	MemberQueryExemptions:   {Name: "memberQueryExemptions", Type: List, Unset: "[]", Write: full, Texts: []string{"id", "type"}, Hazard: RuleChange, Doc: "Users whom the rule leaves alone, as JumpCloud stores them: id and type."},
	MemberSuggestionsNotify: {Name: "memberSuggestionsNotify", Type: Bool, Unset: "false", Write: full, Doc: "Whether administrators are mailed about suggested members."},
}

// Fields are the rows of one kind, in FieldID order. The slice is shared:
// do not change it.
func Fields(k Kind) []*Field { return byKind[k] }

// Of is the row of a field.
func Of(id FieldID) *Field { return &rows[id] }

// Lookup is the row of a kind's field by JumpCloud's name, nil if there is none.
func Lookup(k Kind, name string) *Field { return byName[k][name] }

var rows, byKind, byName = arrange(table)

// arrange completes the rows with what their place in the table says.
func arrange(table [fieldCount]Field) (rows *[fieldCount]Field, kinds [2][]*Field, names [2]map[string]*Field) {
	names = [2]map[string]*Field{{}, {}}
	for i := range table {
		f := &table[i]
		f.ID = FieldID(i)
		if f.ID >= GroupName {
			f.Kind = Group
		}
		kinds[f.Kind] = append(kinds[f.Kind], f)
		names[f.Kind][f.Name] = f
	}
	return &table, kinds, names
}
