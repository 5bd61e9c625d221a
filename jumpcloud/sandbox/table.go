package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// kind is a JSON type.
type kind uint8

const (
	text kind = iota
	boolean
	integer
	list
	object
	fraction // above 0, at most 1
)

var kindNames = [...]string{"a string", "a boolean", "an integer", "an array", "an object", "a number above 0 and at most 1"}

// shape is what a JSON value must be.
type shape struct {
	kind     kind
	null     bool             // null is allowed too
	max, min int              // characters of a text, least integer; 0: no rule
	enum     []string         // of a text
	items    *shape           // of a list
	members  map[string]shape // of an object; nil: any
	required []string         // of an object
	open     bool             // an object may have other members
}

// check tells what is wrong with a decoded value, "" if nothing is. at is
// how messages call the value.
func (s *shape) check(at string, v any) string {
	if v == nil && s.null {
		return ""
	}
	switch v := v.(type) {
	case string:
		return s.checkText(at, v)
	case bool:
		return s.want(at, boolean)
	case float64:
		return s.checkNumber(at, v)
	case []any:
		return s.checkList(at, v)
	case map[string]any:
		return s.checkObject(at, v)
	}
	return fmt.Sprintf("%s must be %s", at, kindNames[s.kind])
}

// checkJSON is check for JSON. Texts and what null is allowed for, which is
// most of a state file, are not decoded for it.
func (s *shape) checkJSON(at string, raw json.RawMessage) string {
	switch {
	case s.null && string(raw) == "null":
		return ""
	case s.kind == text && raw[0] == '"':
		return s.checkText(at, stringOf(raw))
	case s.kind == boolean && (string(raw) == "true" || string(raw) == "false"):
		return ""
	}
	return s.check(at, decode(raw))
}

// want says that a value of kind k stands at a place.
func (s *shape) want(at string, k kind) string {
	if s.kind == k {
		return ""
	}
	return fmt.Sprintf("%s must be %s", at, kindNames[s.kind])
}

// checkText checks a string.
func (s *shape) checkText(at, v string) string {
	if p := s.want(at, text); p != "" {
		return p
	}
	if s.max > 0 && utf8.RuneCountInString(v) > s.max {
		return fmt.Sprintf("%s is longer than %d characters", at, s.max)
	}
	if s.enum != nil && !slices.Contains(s.enum, v) {
		return fmt.Sprintf("%s must be one of %v", at, s.enum)
	}
	return ""
}

// checkNumber checks a number.
func (s *shape) checkNumber(at string, v float64) string {
	if s.kind == fraction && v > 0 && v <= 1 {
		return ""
	}
	if s.kind != integer || v != math.Trunc(v) {
		return fmt.Sprintf("%s must be %s", at, kindNames[s.kind])
	}
	if v < float64(s.min) {
		return fmt.Sprintf("%s must be at least %d", at, s.min)
	}
	return ""
}

// checkList checks an array.
func (s *shape) checkList(at string, v []any) string {
	if p := s.want(at, list); p != "" || s.items == nil {
		return p
	}
	for i, item := range v {
		if p := s.items.check(fmt.Sprintf("%s[%d]", at, i), item); p != "" {
			return p
		}
	}
	return ""
}

// checkObject checks an object.
func (s *shape) checkObject(at string, v map[string]any) string {
	if p := s.want(at, object); p != "" || s.members == nil {
		return p
	}
	for _, name := range s.required {
		if _, ok := v[name]; !ok {
			return fmt.Sprintf("%s.%s is required", at, name)
		}
	}
	for _, name := range sortedKeys(v) {
		member, known := s.members[name]
		if !known && !s.open {
			return fmt.Sprintf("%s.%s is not allowed", at, name)
		}
		if !known {
			continue
		}
		if p := member.check(at+"."+name, v[name]); p != "" {
			return p
		}
	}
	return ""
}

// sortedKeys are the keys of a map, sorted.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// field is a row of a table: one member of a kind of record.
type field struct {
	name  string
	shape shape
	unset string // what a fresh record has, as JSON; "" is absent
	post  bool   // a POST may carry it
	put   bool   // a PUT may carry it
	file  *shape // what a state file may have instead; nil: shape

	// store makes of a checked value what is kept: nil is absent. Without it
	// the value is kept as it is.
	store func(w *writing, raw json.RawMessage) (json.RawMessage, *answer)
}

// table is a kind of record: its fields in the order of its JSON.
type table struct {
	fields []field
	index  map[string]int
	keys   [][]byte // `"name":` of each field
	unset  []json.RawMessage
}

// newTable completes the rows.
func newTable(fields []field) *table {
	t := &table{fields: fields, index: make(map[string]int, len(fields))}
	for i, f := range fields {
		t.index[f.name] = i
		t.keys = append(t.keys, append(mustJSON(f.name), ':'))
		var unset json.RawMessage
		if f.unset != "" {
			unset = json.RawMessage(f.unset)
		}
		t.unset = append(t.unset, unset)
	}
	return t
}

// record is one object: a value for each field of its table, nil if absent.
// The bytes of a value are never changed, only replaced.
type record struct {
	table  *table
	values []json.RawMessage
}

// fresh is a record with nothing set.
func (t *table) fresh() record { return record{t, slices.Clone(t.unset)} }

// clone is a record that can be changed without changing this one.
func (r record) clone() record { return record{r.table, slices.Clone(r.values)} }

// get is the value of a field, nil if it is absent.
func (r record) get(name string) json.RawMessage { return r.values[r.table.index[name]] }

// set replaces the value of a field.
func (r record) set(name string, raw json.RawMessage) { r.values[r.table.index[name]] = raw }

// setText replaces the value of a field by a string.
func (r record) setText(name, s string) { r.set(name, mustJSON(s)) }

// text is the string of a field, "" if it is absent or null.
func (r record) text(name string) string { return stringOf(r.get(name)) }

// is tells whether a field is true.
func (r record) is(name string) bool { return string(r.get(name)) == "true" }

// stringOf is the string that a JSON value is, "" if it is not one.
func stringOf(raw json.RawMessage) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var s string
	json.Unmarshal(raw, &s) // the value was checked when it was stored
	return s
}

// appendJSON appends the record as JSON. only, if not nil, says which fields
// to write; sparse leaves out what a fresh record has too.
func (r record) appendJSON(dst []byte, only []bool, sparse bool) []byte {
	dst = append(dst, '{')
	start := len(dst)
	for i, raw := range r.values {
		if raw == nil || only != nil && !only[i] || sparse && string(raw) == r.table.fields[i].unset {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(dst, r.table.keys[i]...)
		dst = append(dst, raw...)
	}
	return append(dst, '}')
}

// compact is a JSON value without white space.
func compact(raw json.RawMessage) json.RawMessage {
	if !bytes.ContainsAny(raw, " \t\r\n") {
		return raw
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return raw
	}
	return b.Bytes()
}

// decode is a JSON value of any type; callers have JSON that parsed before.
func decode(raw json.RawMessage) any {
	var v any
	json.Unmarshal(raw, &v)
	return v
}
