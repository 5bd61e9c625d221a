package story_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rollcall/jumpcloud/sandbox"
)

// essence is a state without ids, dates and mails, which depend on the
// order of requests.
func essence(t tb, s sandbox.State) any {
	t.Helper()
	b, err := json.Marshal(s.Organizations)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	collectIDs(v, names)
	return scrub(v, names)
}

// collectIDs finds which name an id belongs to.
func collectIDs(v any, names map[string]string) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			collectIDs(x, names)
		}
	case map[string]any:
		if id, name := text(v, "_id", "id"), text(v, "username", "name"); id != "" && name != "" {
			names[id] = name
		}
		for _, x := range v {
			collectIDs(x, names)
		}
	}
}

// text is the first member that is a text, "" for none.
func text(object map[string]any, members ...string) string {
	for _, m := range members {
		if s, ok := object[m].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

// inessential are members that depend on when and in which order requests
// come, and not on what they ask for.
var inessential = []string{"created", "create_date", "password_date", "unix_uid", "unix_guid", "mails", "_id", "id"}

func scrub(v any, names map[string]string) any {
	switch v := v.(type) {
	case string:
		if n, ok := names[v]; ok {
			return "id of " + n
		}
	case []any:
		list := []any{}
		for _, x := range v {
			list = append(list, scrub(x, names))
		}
		return sortedByText(list)
	case map[string]any:
		object := map[string]any{}
		for k, x := range v {
			if !slices.Contains(inessential, k) {
				object[k] = scrub(x, names)
			}
		}
		return object
	}
	return v
}

// sortedByText is a list in the order of its entries' texts.
func sortedByText(list []any) []any {
	type entry struct {
		text string
		v    any
	}
	entries := make([]entry, len(list))
	for i, v := range list {
		entries[i] = entry{fmt.Sprint(v), v}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.text, b.text) })
	for i := range entries {
		list[i] = entries[i].v
	}
	return list
}
