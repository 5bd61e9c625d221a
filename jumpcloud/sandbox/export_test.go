package sandbox

import (
	"reflect"
	"strings"
)

// Routes are the operations of the sandbox as "METHOD path", for tests
// outside of the package.
func Routes() []string {
	list := make([]string, len(routes))
	for i, rt := range routes {
		list[i] = rt.method + " " + rt.path
	}
	return list
}

// RouteOf is the operation of a request, "" if there is none.
func RouteOf(method, path string) string {
	rt, _ := match(method, path)
	if rt == nil {
		return ""
	}
	return rt.method + " " + rt.path
}

// CheckPreset tells what is wrong with the rules of a preset.
func CheckPreset(name string) error {
	f := Faults{Rules: presetRules(name)}
	return f.check(nil)
}

// PresetRows are the presets as rows of a Markdown table.
func PresetRows() []string {
	var rows []string
	for _, p := range presets {
		rows = append(rows, "| `"+p.name+"` | "+p.about+" |")
	}
	return rows
}

// RuleMembers are the JSON members of a Rule.
func RuleMembers() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Rule]()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Choices are the members of Options that choose how JumpCloud behaves.
func Choices() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Options]()) {
		if k := f.Type.Kind(); k == reflect.Bool || k == reflect.Int || k == reflect.Int64 {
			names = append(names, f.Name)
		}
	}
	return names
}
