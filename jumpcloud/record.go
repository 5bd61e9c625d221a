package jumpcloud

import (
	"cmp"
	"encoding/json"
)

// Record is one JSON object as it came: raw values by name.
type Record map[string]json.RawMessage

// ID is the record's "_id" (V1) or "id" (V2), "" if it has none.
func (r Record) ID() string { return cmp.Or(r.Text("_id"), r.Text("id")) }

// Text is a string member; "" if it is absent, null or no string.
func (r Record) Text(name string) string { return unquoted(r[name]) }

// Bool is a boolean member; false if it is absent, null or no boolean.
func (r Record) Bool(name string) bool { return string(r[name]) == "true" }
