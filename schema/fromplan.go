package schema

import (
	"encoding/json"
	"fmt"
	"strings"
)

// FromPlan is the value that a plan prints as raw under a name such as
// jobTitle or attributes.badge: the way back of JSON and Name. Its text is
// canonical if the plan's was.
func FromPlan(k Kind, name string, raw json.RawMessage) (Value, error) {
	field, part, _ := strings.Cut(name, ".")
	f := Lookup(k, field)
	if f == nil {
		return Value{}, fmt.Errorf("a %s has no field %q", k, name)
	}
	v := Value{Field: f.ID, Part: part}
	if isNull(raw) {
		if f.Type != ByType && f.Type != Map {
			v.Text = f.Unset
		}
		return v, nil
	}
	var err error
	if v.Text, err = f.textFromPlan(raw); err != nil {
		return Value{}, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// textFromPlan is the canonical text of a value that is set.
func (f *Field) textFromPlan(raw json.RawMessage) (string, error) {
	v, err := decode(raw)
	if err != nil {
		return "", err
	}
	switch f.Type {
	case ByType:
		return f.partFromPlan(v)
	case Bool, Int:
		if _, text := v.(string); text {
			return "", fmt.Errorf("%s is no value of it", raw)
		}
		return scalar(v)
	case Map, List, Object:
		return encode(v), nil
	}
	text, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s is no text", raw)
	}
	return text, nil
}

// partFromPlan is the array of entries that partJSON has made readable.
func (f *Field) partFromPlan(v any) (string, error) {
	switch v := v.(type) {
	case []any:
		return encode(v), nil
	case map[string]any:
		return encode([]any{v}), nil
	case string:
		if len(f.Members) == 1 {
			return encode([]any{map[string]any{f.Members[0]: v}}), nil
		}
	}
	return "", fmt.Errorf("%s is no entry of it", encode(v))
}
