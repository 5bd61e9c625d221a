package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// FromJSON appends to dst the values of a field as JumpCloud sends it. What
// is absent, null, "", [] or {} is unset and appends nothing, and so does
// the field's own Unset value (false, STATIC), so a missing value of a live
// object always reads as Field.Unset. Secrets and aliases (suspended, which
// state says as well) append nothing either. A Ref gives the id as it came.
// Parts come sorted. The error says which field has a JSON type that it
// cannot have; its text holds no value.
func (f *Field) FromJSON(raw json.RawMessage, dst []Value) ([]Value, error) {
	if f.Alias || f.Type == Secret || unset(raw) {
		return dst, nil
	}
	var err error
	switch f.Type {
	case ByType, Map:
		dst, err = f.partsFromJSON(raw, dst)
	default:
		var t string
		if t, err = f.textFromJSON(raw); err == nil && t != f.Unset {
			dst = append(dst, Value{Field: f.ID, Text: t})
		}
	}
	if err != nil {
		return dst, fmt.Errorf("%s field %s: %w", f.Kind, f.Name, err)
	}
	return dst, nil
}

// textFromJSON is the canonical text of a field that has no parts.
func (f *Field) textFromJSON(raw json.RawMessage) (string, error) {
	switch f.Type {
	case List:
		return f.listFromJSON(raw)
	case Object:
		return f.objectFromJSON(raw)
	}
	if f.Wrap != "" {
		raw = unwrap(raw, f.Wrap)
		if unset(raw) {
			return f.Unset, nil
		}
	}
	t, err := text(raw)
	if err != nil {
		return "", err
	}
	return f.liveText(t)
}

// unwrap is the member of an object that carries a Wrap field's text, raw
// itself if it is no object.
func unwrap(raw json.RawMessage, member string) json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return raw
	}
	return object[member]
}

// liveText is the canonical form of a live scalar.
func (f *Field) liveText(t string) (string, error) {
	switch f.Type {
	case Bool:
		if t != "true" && t != "false" {
			return "", fmt.Errorf("neither true nor false")
		}
	case Int:
		n, err := strconv.ParseFloat(t, 64)
		if err != nil || n != float64(int64(n)) {
			return "", fmt.Errorf("not a whole number")
		}
		return strconv.FormatInt(int64(n), 10), nil
	case Enum:
		return f.enum(t), nil
	case String:
		if strings.TrimSpace(t) == "" {
			return f.Unset, nil
		}
		if f.Fold {
			return strings.ToLower(t), nil
		}
	}
	return t, nil
}

// enum is the canonical form of an Enum's text, of one that JumpCloud has
// and the table does not in upper case.
func (f *Field) enum(t string) string {
	t = strings.ToUpper(t)
	if t == "NOTSET" { // openapi-v2.json, GroupMembershipMethodType: as good as STATIC
		return f.Unset
	}
	return t
}

func (f *Field) listFromJSON(raw json.RawMessage) (string, error) {
	entries, err := array(raw)
	if err != nil {
		return "", err
	}
	texts := make([]string, 0, len(entries))
	for _, e := range entries {
		if e = entry(e, f.Members); !empty(e) {
			texts = append(texts, encode(e))
		}
	}
	return sortedArray(texts), nil
}

func array(raw json.RawMessage) ([]any, error) {
	v, err := decode(raw)
	if err != nil {
		return nil, err
	}
	entries, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("not an array")
	}
	return entries, nil
}

func (f *Field) objectFromJSON(raw json.RawMessage) (string, error) {
	v, err := decode(raw)
	if err != nil {
		return "", err
	}
	object, ok := v.(map[string]any)
	if !ok {
		return "", fmt.Errorf("not an object")
	}
	if f.Members != nil {
		object = entry(object, f.Members).(map[string]any)
	}
	if len(object) == 0 {
		return f.Unset, nil
	}
	return encode(object), nil
}

// partsFromJSON appends the parts of a ByType or Map field, sorted.
func (f *Field) partsFromJSON(raw json.RawMessage, dst []Value) ([]Value, error) {
	if f.Kind == Group {
		return f.membersFromJSON(raw, dst)
	}
	entries, err := array(raw)
	if err != nil {
		return dst, err
	}
	parts := map[string][]string{}
	for _, e := range entries {
		object, ok := e.(map[string]any)
		if !ok {
			return dst, fmt.Errorf("an entry is not an object")
		}
		part, t := f.part(object)
		if t != "" {
			parts[part] = append(parts[part], t)
		}
	}
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		dst = append(dst, Value{Field: f.ID, Part: part, Text: f.joinPart(parts[part])})
	}
	return dst, nil
}

// part is the part that an entry of an array belongs to and its canonical
// JSON, "" of an entry that says nothing.
func (f *Field) part(object map[string]any) (part, t string) {
	if f.Type == Map {
		part, _ = object["name"].(string)
		value, _ := scalar(object["value"])
		if value = strings.TrimSpace(value); value == "" || part == "" {
			return part, ""
		}
		return part, quote(value)
	}
	part, _ = object["type"].(string)
	part = strings.TrimSpace(part)
	if e := entry(object, f.Members); !empty(e) {
		return part, encode(e)
	}
	return part, ""
}

// joinPart is the canonical text of a part from its entries.
func (f *Field) joinPart(entries []string) string {
	if f.Type == Map {
		return slices.Min(entries) // a name should be there once
	}
	return sortedArray(entries)
}

// membersFromJSON appends the members of an object that is a Map.
func (f *Field) membersFromJSON(raw json.RawMessage, dst []Value) ([]Value, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return dst, fmt.Errorf("not an object")
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if unset(object[name]) {
			continue
		}
		v, err := decode(object[name])
		if err != nil {
			return dst, err
		}
		dst = append(dst, Value{Field: f.ID, Part: name, Text: encode(v)})
	}
	return dst, nil
}

// isNull tells whether raw is the JSON null.
func isNull(raw []byte) bool { return string(bytes.TrimSpace(raw)) == "null" }
