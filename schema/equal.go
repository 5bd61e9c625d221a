package schema

import (
	"encoding/json"
	"strings"
)

// Equal tells whether two canonical texts of a field, or of one part of it,
// mean the same: equal texts do, and texts that differ only in outer white
// space, which a file cannot say; of an Object with Compare only those
// members count, and a missing one is as good as false.
func Equal(id FieldID, a, b string) bool {
	if a == b {
		return true
	}
	f := Of(id)
	switch {
	case f.Type == String:
		return strings.TrimSpace(a) == strings.TrimSpace(b)
	case f.Compare != nil:
		return f.compared(a) == f.compared(b)
	}
	return false
}

// compared is the canonical JSON of the members of an Object that count.
func (f *Field) compared(t string) string {
	var object map[string]any
	if t != "" && json.Unmarshal([]byte(t), &object) != nil {
		return t
	}
	counted := map[string]any{}
	for _, name := range f.Compare {
		if v := object[name]; v != false && !empty(v) {
			counted[name] = v
		}
	}
	return encode(counted)
}
