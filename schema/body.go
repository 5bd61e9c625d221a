package schema

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// JSON is a value as plans print it: a JSON value, null when unset. A phone
// part is its number, an address part an object, several entries of one
// type are an array, a secret is the text of its reference.
func (v Value) JSON() json.RawMessage {
	f := Of(v.Field)
	if v.Text == "" || v.Text == "[]" {
		return json.RawMessage("null")
	}
	switch f.Type {
	case ByType:
		return partJSON(v.Text, f.Members)
	case Bool, Int, Map, List, Object:
		return json.RawMessage(v.Text)
	}
	return json.RawMessage(quote(v.Text))
}

// partJSON is a part of a ByType field for people: its only entry, and of
// an entry with only one member possible, that.
func partJSON(array string, members []string) json.RawMessage {
	var entries []map[string]json.RawMessage
	if json.Unmarshal([]byte(array), &entries) != nil || len(entries) != 1 {
		return json.RawMessage(array)
	}
	if len(members) == 1 {
		return entries[0][members[0]]
	}
	return json.RawMessage(array[1 : len(array)-1])
}

// Body is a whole field as POST and PUT send it, the unset value as what
// clears it: "", null (NullClear), [] or the default. The text of a Ref must
// be an id already. Wrap is applied. The empty memberQuery is nil: a group
// PUT clears what it leaves out, and JumpCloud's schema has no empty rule.
// Fields with parts have no body of their own: see Array and Merge.
func (v Value) Body() json.RawMessage {
	f := Of(v.Field)
	switch {
	case f.Type == Object && v.Text == "":
		return nil
	case v.Text == "" && (f.NullClear || f.Type == Int):
		return json.RawMessage("null")
	case f.Type == Bool, f.Type == Int, f.Type == List, f.Type == Object:
		return json.RawMessage(v.Text)
	case f.Type == ByType, f.Type == Map && f.Kind == User:
		return Array(v.Field, nil, []Value{v})
	case f.Type == Map:
		return Merge(nil, []Value{v})
	case f.Wrap != "":
		return json.RawMessage(encode(map[string]any{f.Wrap: v.Text}))
	}
	return json.RawMessage(quote(v.Text))
}

// Array is the body of an array field that is managed by part: the live
// entries of keep that belong to none of parts, as they are but without
// server ids, then the entries of parts in order. A part with the empty
// text is removed. Entries of keep that are no objects are left out.
func Array(id FieldID, keep [][]byte, parts []Value) json.RawMessage {
	f := Of(id)
	var entries []string
	for _, raw := range keep {
		if kept, ok := f.keep(raw, parts); ok {
			entries = append(entries, kept)
		}
	}
	for _, v := range parts {
		entries = append(entries, f.entries(v)...)
	}
	return json.RawMessage("[" + strings.Join(entries, ",") + "]")
}

// keep is a live entry as it is sent back, and whether it is.
func (f *Field) keep(raw []byte, parts []Value) (string, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || object == nil {
		return "", false
	}
	part, _ := text(object[f.partName()])
	if f.Type == ByType {
		part = strings.TrimSpace(part)
	}
	if slices.ContainsFunc(parts, func(v Value) bool { return v.Part == part }) {
		return "", false
	}
	delete(object, "id")
	delete(object, "_id")
	maps.DeleteFunc(object, func(_ string, m json.RawMessage) bool { return isNull(m) }) // nulls sent inside are stored as null: facts.md section 3
	return encode(object), true
}

// partName is the member of an entry that says which part it belongs to.
func (f *Field) partName() string {
	if f.Type == Map {
		return "name"
	}
	return "type"
}

// entries are the entries of one part as they are sent.
func (f *Field) entries(v Value) []string {
	if v.Text == "" {
		return nil
	}
	if f.Type == Map {
		return []string{`{"name":` + quote(v.Part) + `,"value":` + v.Text + `}`}
	}
	var objects []map[string]any
	if json.Unmarshal([]byte(v.Text), &objects) != nil {
		return nil
	}
	texts := make([]string, len(objects))
	for i, object := range objects {
		if v.Part != "" {
			object["type"] = v.Part
		}
		texts[i] = encode(object)
	}
	return texts
}

// Merge is the body of an object field that is managed by member (attributes
// of a group): the live object with the members that parts name replaced,
// those with the empty text removed, all others as they are.
func Merge(live json.RawMessage, parts []Value) json.RawMessage {
	object := map[string]json.RawMessage{}
	if !unset(live) && json.Unmarshal(live, &object) != nil {
		object = map[string]json.RawMessage{}
	}
	for _, v := range parts {
		if v.Text == "" {
			delete(object, v.Part)
		} else {
			object[v.Part] = json.RawMessage(v.Text)
		}
	}
	return json.RawMessage(encode(object))
}
