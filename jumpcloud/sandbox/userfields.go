package sandbox

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Shapes that several fields have.
var (
	word      = shape{kind: text, max: 1024}
	anyText   = shape{kind: text}
	flag      = shape{kind: boolean}
	number    = shape{kind: integer, min: 1}
	date      = shape{kind: text, null: true}
	anything  = shape{kind: object, null: true}
	phone     = entry("type", "number")
	address   = entry("type", "poBox", "extendedAddress", "streetAddress", "locality", "region", "postalCode", "country")
	sshKey    = shape{kind: object, members: texts("name", "public_key"), required: []string{"name", "public_key"}}
	attribute = shape{kind: object, members: map[string]shape{"name": anyText, "value": word}, required: []string{"name", "value"}}
	relation  = shape{kind: object, members: texts("type", "value")}
	recovery  = shape{kind: object, members: texts("address"), required: []string{"address"}}
	authority = shape{kind: object, null: true, members: map[string]shape{"name": {kind: text, enum: []string{"ActiveDirectory"}}, "id": anyText}}
	factor    = shape{kind: object, members: map[string]shape{"configured": flag, "exclusion": flag, "exclusionUntil": anyText, "exclusionDays": number}}
	lock      = shape{kind: object, members: map[string]shape{
		"field": {kind: text, enum: strings.Fields("addresses company costCenter department description displayname email employeeIdentifier employeeType firstname jobTitle lastname location middlename password phoneNumbers sudo username")},
		"type":  {kind: text, enum: []string{"active_directory", "federated_identity_provider", "scim"}},
		"id":    {kind: text, max: 24},
	}}
)

// texts are members that are strings of at most 1024 characters.
func texts(names ...string) map[string]shape {
	m := make(map[string]shape, len(names))
	for _, n := range names {
		m[n] = word
	}
	return m
}

// entry is an array entry of strings.
func entry(names ...string) shape { return shape{kind: object, members: texts(names...)} }

// listOf is an array of entries.
func listOf(s shape) shape { return shape{kind: list, items: &s} }

// served is an array of entries as a state file has them: with members that
// the server made.
func served(s shape, made ...string) *shape {
	members := texts(made...)
	for name, m := range s.members {
		members[name] = m
	}
	return &shape{kind: list, items: &shape{kind: object, members: members, required: s.required}}
}

// userTable is the table of GET /api/systemusers: fields, order and unset values
// as in the recorded answer of facts.md section 2, what may be written as in
// section 3.
var userTable = newTable([]field{
	{name: "account_locked", shape: flag, unset: "false", post: true, put: true},
	{name: "account_locked_date", shape: date, unset: "null"},
	{name: "activated", shape: flag, unset: "false", post: true},
	{name: "addresses", shape: listOf(address), unset: "[]", post: true, put: true, file: served(address, "id"), store: storeEntries},
	{name: "admin", shape: anything},
	{name: "allow_public_key", shape: flag, unset: "true", post: true, put: true},
	{name: "alternateEmail", shape: anyText, post: true, put: true, store: storeAddress},
	{name: "attributes", shape: listOf(attribute), unset: "[]", post: true, put: true, store: storeAttributes},
	{name: "badLoginAttempts", shape: shape{kind: integer}},
	{name: "company", shape: word, unset: `""`, post: true, put: true},
	{name: "costCenter", shape: word, unset: `""`, post: true, put: true},
	{name: "creationSource", shape: word},
	{name: "delegatedAuthority", shape: authority, post: true, put: true},
	{name: "department", shape: word, unset: `""`, post: true, put: true},
	{name: "description", shape: word, unset: `""`, post: true, put: true},
	{name: "disableDeviceMaxLoginAttempts", shape: flag, unset: "false", post: true, put: true},
	{name: "displayname", shape: word, unset: `""`, post: true, put: true},
	{name: "email", shape: word, post: true, put: true, store: storeEmail},
	{name: "employeeIdentifier", shape: shape{kind: text, null: true, max: 256}, unset: "null", post: true, put: true, store: storeEmployeeIdentifier},
	{name: "employeeType", shape: word, unset: `""`, post: true, put: true},
	{name: "enable_managed_uid", shape: flag, unset: "false", post: true, put: true},
	{name: "enable_user_portal_multifactor", shape: flag, unset: "false", post: true, put: true},
	{name: "external_dn", shape: anyText, unset: `""`, post: true, put: true},
	{name: "external_password_expiration_date", shape: anyText, post: true, put: true},
	{name: "external_source_type", shape: anyText, unset: `""`, post: true, put: true},
	{name: "externally_managed", shape: flag, unset: "false", post: true, put: true},
	{name: "firstname", shape: word, unset: `""`, post: true, put: true},
	{name: "jobTitle", shape: word, unset: `""`, post: true, put: true},
	{name: "lastname", shape: word, unset: `""`, post: true, put: true},
	{name: "ldap_binding_user", shape: flag, unset: "false", post: true, put: true},
	{name: "location", shape: word, unset: `""`, post: true, put: true},
	{name: "managedAppleId", shape: word, post: true, put: true},
	{name: "manager", shape: shape{kind: text, null: true}, post: true, put: true, store: storeManager},
	{name: "mfa", shape: factor, unset: `{"exclusion":false,"configured":false}`, post: true, put: true, store: storeMFA},
	{name: "mfaEnrollment", shape: anything},
	{name: "middlename", shape: word, unset: `""`, post: true, put: true},
	{name: "organization", shape: anyText},
	{name: "password", shape: anyText, post: true, put: true, store: storePassword},
	{name: "password_date", shape: date},
	{name: "password_expiration_date", shape: date},
	{name: "password_never_expires", shape: flag, unset: "false", post: true, put: true},
	{name: "passwordless_sudo", shape: flag, unset: "false", post: true, put: true},
	{name: "phoneNumbers", shape: listOf(phone), unset: "[]", post: true, put: true, file: served(phone, "id"), store: storeEntries},
	{name: "public_key", shape: anyText, post: true, put: true},
	{name: "recoveryEmail", shape: recovery, post: true, put: true, file: &shape{kind: object, members: map[string]shape{"address": word, "verified": flag, "verifiedAt": anyText}}, store: storeRecoveryEmail},
	{name: "relationships", shape: listOf(relation), post: true, put: true, store: storeList},
	{name: "restrictedFields", shape: listOf(lock), post: true, put: true},
	{name: "samba_service_user", shape: flag, unset: "false", post: true, put: true},
	{name: "ssh_keys", shape: listOf(sshKey), unset: "[]", put: true, file: served(sshKey, "_id", "create_date"), store: storeSSHKeys},
	{name: "state", shape: shape{kind: text, enum: []string{"STAGED", "ACTIVATED", "SUSPENDED"}}, post: true, put: true},
	{name: "sudo", shape: flag, unset: "false", post: true, put: true},
	{name: "suspended", shape: flag, unset: "false", post: true, put: true},
	{name: "systemUsername", shape: anyText, unset: `""`},
	{name: "tags", shape: listOf(anyText), post: true, put: true, store: storeList},
	{name: "unix_guid", shape: number, post: true, put: true},
	{name: "unix_uid", shape: number, post: true, put: true},
	{name: "username", shape: word, post: true, put: true, store: storeUsername},
	{name: "created", shape: anyText},
	{name: "password_expired", shape: flag, unset: "false"},
	{name: "totp_enabled", shape: flag, unset: "false"},
	{name: "_id", shape: anyText},
	{name: "id", shape: anyText},
})

// writing is a write to a user that is being made: handlers check and store
// fields in it, and the organization takes it over when all are right.
type writing struct {
	org      *org
	now      time.Time
	create   bool
	detailed bool   // ?fullValidationDetails=password
	user     record // as it will be
	password bool   // a password was written
}

var usernamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*$`)

// storeUsername checks a username (facts.md section 3).
func storeUsername(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	if !usernamePattern.MatchString(stringOf(raw)) {
		return nil, bad("Username must begin with a letter and have only letters, digits, '.', '_' and '-'")
	}
	return raw, nil
}

// storeEmail checks an e-mail and puts it in lower case (facts.md section 15).
func storeEmail(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	if stringOf(raw) == "" {
		return nil, bad("email is not a valid e-mail address")
	}
	return storeAddress(w, raw)
}

// storeAddress is storeEmail for an e-mail that may be empty.
func storeAddress(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	s := stringOf(raw)
	if s != "" && !isEmail(s) {
		return nil, bad("%q is not a valid e-mail address", s)
	}
	if w.org.o.KeepEmailCase {
		return raw, nil
	}
	return mustJSON(strings.ToLower(s)), nil
}

// isEmail tells whether a text could be an e-mail address.
func isEmail(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	return ok && name != "" && host != "" && !strings.ContainsAny(s, " \t\r\n") && !strings.Contains(host, "@")
}

// storeEmployeeIdentifier keeps null for nothing; "" would be a value that
// two people cannot share.
func storeEmployeeIdentifier(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	if string(raw) == `""` {
		return nil, bad("employeeIdentifier must not be empty: null clears it")
	}
	return raw, nil
}

// storeManager checks that the manager exists (facts.md section 15).
func storeManager(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	id := stringOf(raw)
	if string(raw) == "null" || w.org.o.AcceptUnknownManager {
		return raw, nil
	}
	if w.org.byID[id] == nil {
		return nil, bad("manager %q is not a system user", id)
	}
	return raw, nil
}

// storeEntries gives the entries of addresses and phoneNumbers their ids.
func storeEntries(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	entries := splitList(raw)
	if !w.org.o.NoEntryIDs {
		identify(entries, "id", w.user.text("_id"))
	}
	return w.list(entries), nil
}

// storeList keeps an array.
func storeList(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	return w.list(splitList(raw)), nil
}

var attributeName = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// storeAttributes checks the names of custom attributes (facts.md sections 3
// and 10).
func storeAttributes(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	entries := splitList(raw)
	seen := map[string]bool{}
	for _, e := range entries {
		var a struct{ Name, Value string }
		json.Unmarshal(e, &a)
		switch {
		case strings.Contains(a.Name, " "):
			return nil, bad("Attribute names may not contain spaces")
		case !attributeName.MatchString(a.Name):
			return nil, bad("Attribute names may only contain letters and numbers")
		case a.Value == "":
			return nil, bad("Attribute values may not be empty")
		case seen[a.Name]:
			return nil, bad("Attribute names must be unique")
		}
		seen[a.Name] = true
	}
	return w.list(entries), nil
}

// storeSSHKeys gives keys their ids and dates.
func storeSSHKeys(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	entries := splitList(raw)
	identify(entries, "_id", w.user.text("_id"))
	for i, e := range entries {
		entries[i] = withMember(e, "create_date", timestamp(w.now))
	}
	return w.list(entries), nil
}

// storeMFA lays the exclusion over what was there. exclusionDays become a
// date, and configured is a status that no write changes.
func storeMFA(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	var mfa struct {
		Exclusion      bool   `json:"exclusion"`
		Configured     bool   `json:"configured"`
		ExclusionUntil string `json:"exclusionUntil,omitempty"`
	}
	var written struct {
		Exclusion      *bool
		ExclusionUntil *string
		ExclusionDays  int
	}
	json.Unmarshal(w.user.get("mfa"), &mfa)
	json.Unmarshal(raw, &written)
	if written.Exclusion != nil {
		mfa.Exclusion = *written.Exclusion
	}
	if written.ExclusionUntil != nil {
		if _, err := parseTime(*written.ExclusionUntil); err != nil {
			return nil, bad("mfa.exclusionUntil must be a date")
		}
		mfa.ExclusionUntil = *written.ExclusionUntil
	}
	if written.ExclusionDays > 0 {
		mfa.ExclusionUntil = timestamp(w.now.AddDate(0, 0, written.ExclusionDays))
	}
	if !mfa.Exclusion {
		mfa.ExclusionUntil = ""
	}
	return mustJSON(mfa), nil
}

// storePassword notes that there is a password now. The password itself is
// not kept.
func storePassword(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	if p := w.org.checkPassword(stringOf(raw), w.detailed); p != nil {
		return nil, p
	}
	w.password = true
	return nil, nil
}

// checkPassword holds a password against the organization's policy. With
// ?fullValidationDetails=password the answer names the rule (facts.md
// section 10).
func (o *org) checkPassword(password string, detailed bool) *answer {
	rule := ""
	switch {
	case password == "":
		rule = "empty"
	case utf8.RuneCountInString(password) < o.settings.minLength():
		rule = "minLength"
	default:
		return nil
	}
	const message = "Password validation fail"
	if !detailed {
		return bad(message)
	}
	a := encoded(http.StatusBadRequest, map[string]any{
		"code": http.StatusBadRequest, "message": message, "status": statusName(http.StatusBadRequest),
		"details": []any{map[string]any{
			"@type":               "type.googleapis.com/google.rpc.BadRequest",
			"fieldViolationsList": []any{map[string]string{"field": "password", "description": rule}},
		}},
	})
	return &a
}

// storeRecoveryEmail keeps the address; an empty one removes it.
func storeRecoveryEmail(w *writing, raw json.RawMessage) (json.RawMessage, *answer) {
	var e struct {
		Address    string `json:"address"`
		Verified   bool   `json:"verified"`
		VerifiedAt string `json:"verifiedAt,omitempty"`
	}
	json.Unmarshal(raw, &e)
	if e.Address == "" {
		return nil, nil
	}
	if !isEmail(e.Address) {
		return nil, bad("%q is not a valid e-mail address", e.Address)
	}
	if !w.org.o.KeepEmailCase {
		e.Address = strings.ToLower(e.Address)
	}
	return mustJSON(e), nil
}

// list is an array as it comes back: turned around, because JumpCloud keeps
// no order (facts.md section 15).
func (w *writing) list(entries []json.RawMessage) json.RawMessage {
	if !w.org.o.KeepOrder {
		slices.Reverse(entries)
	}
	return joinList(entries)
}

// splitList is a JSON array's entries.
func splitList(raw json.RawMessage) []json.RawMessage {
	var entries []json.RawMessage
	json.Unmarshal(raw, &entries)
	return entries
}

// joinList is a JSON array of entries.
func joinList(entries []json.RawMessage) json.RawMessage {
	size := 2
	for _, e := range entries {
		size += len(e) + 1
	}
	raw := append(make([]byte, 0, size), '[')
	for i, e := range entries {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = append(raw, e...)
	}
	return append(raw, ']')
}

// identify gives entries without an id one made of their owner and content,
// so that the same entry keeps its id.
func identify(entries []json.RawMessage, key, owner string) {
	seen := map[string]int{}
	for i, e := range entries {
		var m map[string]json.RawMessage
		json.Unmarshal(e, &m)
		if _, has := m[key]; has {
			continue
		}
		seen[string(e)]++
		entries[i] = withMember(e, key, makeID(epoch, owner, string(e), strconv.Itoa(seen[string(e)])))
	}
}

// withMember is a JSON object with one more member, first.
func withMember(entry json.RawMessage, name, value string) json.RawMessage {
	raw := append([]byte{'{'}, mustJSON(name)...)
	raw = append(append(raw, ':'), mustJSON(value)...)
	if rest := entry[1:]; string(rest) != "}" {
		return append(append(raw, ','), rest...)
	}
	return append(raw, '}')
}
