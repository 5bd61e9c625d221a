package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// decode is a JSON text as Go values; numbers keep their digits. Only a
// Decoder keeps them, and most texts have none and need none.
func decode(raw []byte) (v any, err error) {
	if !hasNumber(raw) {
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("decode JSON: %w", err)
		}
		return v, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("decode JSON: more than one value")
	}
	return v, nil
}

// hasNumber tells whether there is a digit outside of strings.
func hasNumber(raw []byte) bool {
	quoted := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\':
			i++
		case !quoted && '0' <= c && c <= '9':
			return true
		}
	}
	return false
}

// encode is the canonical JSON of Go values made of decode's types: keys
// sorted, no white space, no escapes that JSON does not ask for.
func encode(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("schema: a value that decode cannot make: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// quote is the canonical JSON string of a text.
func quote(s string) string { return encode(s) }

// text is the text of a JSON scalar, "" of null. Of the forms that almost
// all have, a string without escapes, true, false and a number of digits, it
// is cut out.
func text(raw json.RawMessage) (string, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case string(raw) == "true":
		return "true", nil
	case string(raw) == "false":
		return "false", nil
	case digits(raw):
		return string(raw), nil
	}
	if n := len(raw); n >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && bytes.IndexByte(raw[1:], '"') == n-2 && utf8.Valid(raw) {
		return string(raw[1 : n-1]), nil
	}
	v, err := decode(raw)
	if err != nil {
		return "", err
	}
	return scalar(v)
}

// digits tells whether raw is a number of decimal digits alone.
func digits(raw []byte) bool {
	for _, c := range raw {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(raw) > 0 && (raw[0] != '0' || len(raw) == 1)
}

// scalar is the text of a decoded JSON scalar, "" of null.
func scalar(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return encode(v), nil
	case json.Number:
		return v.String(), nil
	}
	return "", fmt.Errorf("an %s where a text belongs", jsonKind(v))
}

func jsonKind(v any) string {
	if _, ok := v.([]any); ok {
		return "array"
	}
	return "object"
}

// unset tells whether raw says that there is nothing: it is absent, null,
// "", [] or {}.
func unset(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", `""`, "[]", "{}":
		return true
	}
	return false
}

// empty is unset for decoded values; a text of white space is empty too.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// entry is a decoded entry of an array in canonical form: without the
// members that the server adds and those that are empty, texts trimmed.
// members are those it may have, nil for all but server ids of none.
func entry(v any, members []string) any {
	if s, ok := v.(string); ok {
		return strings.TrimSpace(s)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	kept := make(map[string]any, len(object))
	for name, value := range object {
		if empty(value) || members != nil && !slices.Contains(members, name) {
			continue
		}
		kept[name] = entry(value, nil)
	}
	return kept
}

// sortedArray is the canonical JSON array of entries in canonical JSON,
// sorted, each once.
func sortedArray(entries []string) string {
	slices.Sort(entries)
	return "[" + strings.Join(slices.Compact(entries), ",") + "]"
}
