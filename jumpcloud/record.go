package jumpcloud

import (
	"bytes"
	"cmp"
	"encoding/json"
)

// Record is one JSON object as it came: raw values by name.
type Record map[string]json.RawMessage

// ID is the record's "_id" (V1) or "id" (V2), "" if it has none.
func (r Record) ID() string { return cmp.Or(r.Text("_id"), r.Text("id")) }

// Text is a string member; "" if it is absent, null or no string.
func (r Record) Text(name string) string { return unquoted(r[name]) }

// TextIn is a string member of an object that is a member; "" if either is
// absent, null or something else. The object is as JumpCloud sent it.
func (r Record) TextIn(object, name string) (text string) {
	if begin(r[object]) != '{' {
		return ""
	}
	for quoted, value := range members(r[object]) {
		if string(quoted[1:len(quoted)-1]) == name {
			text = unquoted(value)
		}
	}
	return text
}

// Entries are copies of the entries of an array that is a member; nil if it
// is absent, null, empty or something else. The array is as JumpCloud sent it.
func (r Record) Entries(name string) (entries [][]byte) {
	if begin(r[name]) != '[' {
		return nil
	}
	for entry := range elements(r[name]) {
		entries = append(entries, bytes.Clone(entry))
	}
	return entries
}

// Bool is a boolean member; false if it is absent, null or no boolean.
func (r Record) Bool(name string) bool { return string(r[name]) == "true" }
