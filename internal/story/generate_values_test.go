package story_test

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"rollcall/schema"
)

// maker draws random organizations and files about them.
type maker struct {
	*rapid.T
	serial int // makes values that only one object may have
}

// percent is a number from 0 to 99. Rapid's own numbers are small ones most
// of the time, its bits are fair.
var percent = rapid.Custom(func(t *rapid.T) int {
	n := 0
	for range 7 {
		n *= 2
		if rapid.Bool().Draw(t, "bit") {
			n++
		}
	}
	return n * 100 / 128
})

// chance is true so many times of a hundred.
func (m *maker) chance(of int, label string) bool {
	return percent.Draw(m.T, label) >= 100-of
}

func (m *maker) int(low, high int, label string) int {
	return low + percent.Draw(m.T, label)*(high-low+1)/100
}

func pick[T any](m *maker, label string, from ...T) T {
	return from[m.int(0, len(from)-1, label)]
}

// some is a part of a list, in its order.
func some[T any](m *maker, of int, label string, from []T) (list []T) {
	for _, x := range from {
		if m.chance(of, label) {
			list = append(list, x)
		}
	}
	return list
}

func (m *maker) next() int {
	m.serial++
	return m.serial
}

// words are texts that YAML, JSON and comparing could get wrong.
var words = []string{"Sales", "Data", "CEO", "00123", "NO", "null", "~", "1e3", "true", "2026-11-23", "a: b", "- x", "#1", "{x}", "[y]", "Zoë", "O'Shea", `"quoted"`, `back\slash`, "two\nlines", "a\tb", "x y", "@all", "!tag", "*", "&a", "%", "SALES", "\u202e"}

func (m *maker) word(label string) string { return pick(m, label, words...) }

// value is a value as a file has it, and as JumpCloud's record has it.
type value struct{ written, recorded any }

// value draws a value that is not unset.
func (m *maker) value(f *schema.Field) value {
	switch f.Type {
	case schema.Bool:
		v := f.Unset != "true"
		return value{v, v}
	case schema.Int:
		n := 7000 + m.next()
		return value{n, n}
	case schema.ByType:
		return m.byType(f)
	case schema.Map:
		return m.mapping(f)
	case schema.List:
		return m.list(f)
	case schema.Object:
		rule := map[string]any{"queryType": "FilterQuery", "filters": []any{map[string]any{"field": "location", "operator": "eq", "value": m.word(f.Name)}}}
		return value{rule, rule}
	}
	return m.text(f)
}

func (m *maker) text(f *schema.Field) value {
	switch {
	case f.ID == schema.ExternalPasswordExpirationDate:
		text := fmt.Sprintf("2027-01-%02dT00:00:00Z", m.int(1, 31, f.Name))
		return value{text, text}
	case f.Fold:
		text := fmt.Sprintf("%s%d@%s.example", pick(m, f.Name, "a", "Box", "x.y"), m.next(), pick(m, f.Name, "home", "Kelp"))
		if f.Wrap != "" {
			return value{text, map[string]any{f.Wrap: text}}
		}
		return value{text, text}
	case f.Identifies:
		text := fmt.Sprintf("%05d", m.next())
		return value{text, text}
	}
	text := m.word(f.Name)
	return value{text, text}
}

func (m *maker) byType(f *schema.Field) value {
	var list []any
	for _, kind := range some(m, 50, f.Name, []string{"work", "home", "mobile"}) {
		list = append(list, map[string]any{"type": kind, pick(m, f.Name, f.Members...): m.word(f.Name)})
	}
	if len(list) > 0 && m.chance(10, "a second of a type") {
		list = append(list, map[string]any{"type": "work", f.Members[0]: "second"})
	}
	return value{list, list}
}

func (m *maker) mapping(f *schema.Field) value {
	written, recorded := map[string]any{}, []any{}
	if f.Kind == schema.Group {
		for _, name := range some(m, 50, f.Name, []string{"sudo", "sambaEnabled", "ldapGroups"}) {
			written[name] = m.groupAttribute(name)
		}
		return value{written, written}
	}
	for _, name := range some(m, 50, f.Name, []string{"badge", "NO", "007", "tshirt"}) {
		text := m.word(f.Name)
		written[name] = text
		recorded = append(recorded, map[string]any{"name": name, "value": text})
	}
	return value{written, recorded}
}

func (m *maker) groupAttribute(name string) any {
	switch name {
	case "sudo":
		return map[string]any{"enabled": true, "withoutPassword": m.chance(50, name)}
	case "sambaEnabled":
		return m.chance(50, name)
	}
	return []any{map[string]any{"name": m.word(name)}}
}

func (m *maker) list(f *schema.Field) value {
	list := []any{}
	for range m.int(0, 2, f.Name) {
		if len(f.Members) == 0 {
			list = append(list, fmt.Sprint("tag", m.next()))
			continue
		}
		entry := map[string]any{}
		for _, member := range f.Members {
			entry[member] = fmt.Sprint(member, " ", m.next())
		}
		list = append(list, entry)
	}
	return value{list, list}
}

// nothing is a value that clears a field or some of its parts.
func (m *maker) nothing(f *schema.Field) any {
	switch f.Type {
	case schema.ByType:
		return pick[any](m, "nothing", nil, []any{}, []any{map[string]any{"type": "work", f.Members[0]: nil}})
	case schema.Map:
		if f.Kind == schema.Group {
			return map[string]any{"sudo": nil}
		}
		return map[string]any{"badge": nil, "NO": "kept"}
	case schema.List:
		return pick[any](m, "nothing", nil, []any{})
	case schema.String:
		if f.NullClear || f.Wrap != "" {
			return nil
		}
		return pick[any](m, "nothing", nil, "")
	}
	return nil
}

// left are fields that this does not draw: keys and references, which have
// functions of their own, and what JumpCloud changes by itself.
var left = map[schema.FieldID]bool{schema.State: true, schema.Email: true, schema.Manager: true, schema.MFA: true, schema.Activated: true, schema.ExternallyManaged: true, schema.MembershipMethod: true, schema.MemberQuery: true, schema.MemberQueryExemptions: true}

// fieldsOf are the rows of the table that objects of a kind are given.
func fieldsOf(k schema.Kind) []*schema.Field {
	return slices.DeleteFunc(slices.Clone(schema.Fields(k)), func(f *schema.Field) bool {
		return f.Key || f.Alias || f.Type == schema.Secret || left[f.ID]
	})
}

// fields draws a few of the fields of a live record.
func (m *maker) fields(k schema.Kind, record map[string]any) map[schema.FieldID]value {
	drawn := map[schema.FieldID]value{}
	for _, f := range some(m, 25, "live fields", fieldsOf(k)) {
		v := m.value(f)
		drawn[f.ID], record[f.Name] = v, v.recorded
	}
	return drawn
}

// desire draws what a file says of the fields of an object: what is live,
// another value, or nothing.
func (m *maker) desire(k schema.Kind, live map[schema.FieldID]value, entry map[string]any) {
	for _, f := range some(m, 20, "desired fields", fieldsOf(k)) {
		v, is := live[f.ID]
		switch {
		case f.Write&schema.Clear != 0 && m.chance(25, "clears"):
			entry[f.Name] = m.nothing(f)
		case is && m.chance(40, "as it is"):
			entry[f.Name] = v.written
		default:
			entry[f.Name] = m.value(f).written
		}
		if f.Type == schema.Map && len(entry[f.Name].(map[string]any)) == 0 {
			delete(entry, f.Name) // {} says nothing, and is an error
		}
	}
}

// sortedKeys are the names of a map, which is ordered by nothing else.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
