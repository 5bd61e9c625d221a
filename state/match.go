package state

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"rollcall/schema"
)

// User tells whether a glob of Users matches a username, without case. In a
// glob * is any text, ? one character, and \ takes the next character as it
// is.
func (n Names) User(name string) bool {
	return slices.ContainsFunc(n.Users, func(glob string) bool { return matchGlob(Fold(glob), Fold(name)) })
}

// Group tells whether a glob of Groups matches a group's name.
func (n Names) Group(name string) bool {
	return slices.ContainsFunc(n.Groups, func(glob string) bool { return matchGlob(glob, name) })
}

// Ignores tells whether Ignore names a live object.
func (p *Policy) Ignores(o *Object) bool {
	if o.Kind == schema.User {
		return p.Ignore.User(o.Name)
	}
	return p.Ignore.Group(o.Name)
}

// InScope tells whether a live user may count as unlisted.
func (p *Policy) InScope(o *Object) bool {
	for i := range p.Scope {
		if !p.Scope[i].Match(o) {
			return false
		}
	}
	return true
}

// matchGlob matches in one pass: after a mismatch the last * takes one
// character more.
func matchGlob(glob, name string) bool {
	g, s := []rune(glob), []rune(name)
	i, j, star, from := 0, 0, -1, 0
	for j < len(s) {
		switch {
		case i < len(g) && g[i] == '*':
			star, from = i, j
			i++
		case i < len(g) && matchOne(g, &i, s[j]):
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(g) && g[i] == '*' {
		i++
	}
	return i == len(g)
}

// matchOne matches one character of a glob that is no *, and moves behind
// it if it does.
func matchOne(g []rune, i *int, r rune) bool {
	want, next := g[*i], *i+1
	if want == '?' {
		*i = next
		return true
	}
	if want == '\\' && next < len(g) {
		want, next = g[next], next+1
	}
	if want != r {
		return false
	}
	*i = next
	return true
}

// Match tells whether a live user passes the filter, as JumpCloud's V1
// filters do (facts.md section 2): with case, but for the fields whose
// values have none (e-mails, state, usernames). A field that is not set is
// "", false or its default; a part is named with a dot: attributes.badge.
// $in and $nin take values with | between them, \| is a | in a value. $gt,
// $gte, $lt and $lte compare integer fields as numbers, others as text. A
// field or operator that there is not matches nobody.
func (f Filter) Match(o *Object) bool {
	name, part, _ := strings.Cut(f.Field, ".")
	field := schema.Lookup(o.Kind, name)
	if field == nil {
		return false
	}
	have := fieldText(o, field, part)
	value := func(s string) string { return caseless(field, s) }
	switch f.Operator {
	case "$eq":
		return have == value(f.Value)
	case "$ne":
		return have != value(f.Value)
	case "$in":
		return slices.Contains(splitValues(value(f.Value)), have)
	case "$nin":
		return !slices.Contains(splitValues(value(f.Value)), have)
	case "$sw":
		return strings.HasPrefix(have, value(f.Value))
	}
	return f.inOrder(field, have, value(f.Value))
}

// inOrder is Match of the operators that compare.
func (f Filter) inOrder(field *schema.Field, have, value string) bool {
	order := strings.Compare(have, value)
	if field.Type == schema.Int {
		a, errA := strconv.ParseInt(have, 10, 64)
		b, errB := strconv.ParseInt(value, 10, 64)
		if errA != nil || errB != nil {
			return false
		}
		order = cmp.Compare(a, b)
	}
	switch f.Operator {
	case "$gt":
		return order > 0
	case "$gte":
		return order >= 0
	case "$lt":
		return order < 0
	case "$lte":
		return order <= 0
	}
	return false
}

// fieldText is the text of a field or part that a filter compares.
func fieldText(o *Object, field *schema.Field, part string) string {
	switch {
	case field.Key:
		return caseless(field, o.Name)
	case field.Alias:
		state, _ := o.Get(schema.State, "")
		return strconv.FormatBool(state == Suspended)
	}
	text, ok := o.Get(field.ID, part)
	if !ok && part == "" {
		return field.Unset
	}
	var plain string
	if field.Type == schema.Map && json.Unmarshal([]byte(text), &plain) == nil {
		return plain
	}
	return text
}

// caseless is a text in the form in which a field's values are compared.
func caseless(field *schema.Field, text string) string {
	switch {
	case field.Fold, field.Type == schema.Ref:
		return Fold(text)
	case field.Type == schema.Enum:
		return strings.ToUpper(text)
	}
	return text
}

// splitValues splits at each | that no \ stands before.
func splitValues(text string) (values []string) {
	var value strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == '|':
			i++
			value.WriteByte('|')
		case text[i] == '|':
			values = append(values, value.String())
			value.Reset()
		default:
			value.WriteByte(text[i])
		}
	}
	return append(values, value.String())
}
