package schema

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// FromYAML appends to dst the canonical values that a file's node gives a
// field, parts sorted, and tells what is wrong (Error: the value is left
// out) or was put right (Note). It decides what text means; that a list is a
// list and an entry has no unknown members is Check's, so of a node that
// Check refuses it may append nothing and say nothing.
//
// The word null is the field's Unset value, of a part the empty text. The
// suspended alias gives a value of its own field: whoever loads a file
// turns it into state. A Secret gives no value.
func (f *Field) FromYAML(n *yaml.Node, dst []Value) ([]Value, []NodeProblem) {
	d := decoder{f: f, values: dst}
	switch f.Type {
	case ByType:
		d.byType(n)
	case Map:
		d.named(n)
	case List:
		d.list(n)
	case Object:
		d.object(n)
	case Secret:
	default:
		d.scalar(n)
	}
	return d.values, d.problems
}

// decoder gathers what a node gives a field.
type decoder struct {
	f        *Field
	values   []Value
	problems []NodeProblem
}

func (d *decoder) add(part, text string) {
	d.values = append(d.values, Value{Field: d.f.ID, Part: part, Text: text})
}

func (d *decoder) errorf(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, NodeProblem{Node: n, Severity: Error, Text: fmt.Sprintf(format, args...)})
}

func (d *decoder) notef(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, NodeProblem{Node: n, Severity: Note, Text: fmt.Sprintf(format, args...)})
}

// nothing says how a scalar node says nothing.
type nothing uint8

const (
	something nothing = iota
	null              // the plain word null
	nearNull          // what YAML reads as null and rollcall does not take: nothing at all, ~, Null, NULL
)

const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// nothingOf tells whether a scalar node says nothing.
func nothingOf(n *yaml.Node) nothing {
	if n.Style&quoted != 0 {
		return something
	}
	switch n.Value {
	case "null":
		return null
	case "", "~", "Null", "NULL":
		return nearNull
	}
	return something
}

// nearNull tells that a value says nothing without the word null.
func (d *decoder) nearNull(n *yaml.Node, name string) {
	said := "has nothing behind it"
	if n.Value != "" {
		said = n.Value + " is not a value"
	}
	if d.f.canClear() {
		d.errorf(n, "%s: %s: write null to clear it, or remove the key to leave it unmanaged", name, said)
		return
	}
	d.errorf(n, "%s: %s: write a value, or remove the key to leave it unmanaged", name, said)
}

// canClear tells whether null may be written.
func (f *Field) canClear() bool {
	return f.Write&Clear != 0 || f.Type == Bool && f.Write != 0
}

// scalar takes a field that is one text.
func (d *decoder) scalar(n *yaml.Node) {
	if d.f.Wrap != "" && n.Kind == yaml.MappingNode {
		if n = member(n, d.f.Wrap); n == nil {
			return
		}
	}
	if n.Kind != yaml.ScalarNode {
		return
	}
	switch nothingOf(n) {
	case null:
		d.clear(n)
	case nearNull:
		d.nearNull(n, d.f.Name)
	default:
		if text, ok := d.parse(n); ok {
			d.add("", text)
		}
	}
}

// member is the value of a mapping's key, nil if it is not there.
func member(n *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// clear takes null and "".
func (d *decoder) clear(n *yaml.Node) {
	if d.f.canClear() {
		d.add("", d.f.Unset)
		return
	}
	d.errorf(n, "%s cannot be cleared: write a value, or remove the key to leave it unmanaged", d.f.Name)
}

// parse is the canonical text of a scalar, and whether it is one.
func (d *decoder) parse(n *yaml.Node) (string, bool) {
	switch d.f.Type {
	case Bool:
		return d.bool(n)
	case Int:
		return d.int(n)
	case Enum:
		return d.enum(n)
	}
	text, ok := d.text(n, d.f.Name)
	if text == "" && ok {
		d.clear(n)
		return "", false
	}
	if d.f.Fold && ok {
		if lower := strings.ToLower(text); lower != text {
			d.notef(n, "%s is kept in lower case", d.f.Name)
			return lower, true
		}
	}
	return text, ok
}

// text is a scalar as it is written, without outer white space, and whether
// it is short enough.
func (d *decoder) text(n *yaml.Node, name string) (string, bool) {
	text := strings.TrimSpace(n.Value)
	switch {
	case text == "" && n.Value != "":
		d.errorf(n, "%s is only white space: write null to clear it, or remove the key to leave it unmanaged", name)
		return "", false
	case len(text) != len(withoutEnd(n)):
		d.notef(n, "%s: the white space around it is left out", name)
	}
	if d.f.Max > 0 && len(text) > d.f.Max && utf8.RuneCountInString(text) > d.f.Max {
		d.errorf(n, "%s has %d characters, JumpCloud takes at most %d", name, utf8.RuneCountInString(text), d.f.Max)
		return "", false
	}
	return text, true
}

// withoutEnd is a scalar without the line break that ends a block of text.
func withoutEnd(n *yaml.Node) string {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return strings.TrimSuffix(n.Value, "\n")
	}
	return n.Value
}

func (d *decoder) bool(n *yaml.Node) (string, bool) {
	if n.Style&quoted == 0 && (n.Value == "true" || n.Value == "false") {
		return n.Value, true
	}
	if word := truth(n.Value); word != "" {
		d.errorf(n, "%s must be true or false: write %s, without quotes", d.f.Name, word)
	} else {
		d.errorf(n, "%s must be true or false", d.f.Name)
	}
	return "", false
}

// truth is the word that a text for true or false should have been, "" of
// any other text.
func truth(s string) string {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "on", "y", "1":
		return "true"
	case "false", "no", "off", "n", "0":
		return "false"
	}
	return ""
}

func (d *decoder) int(n *yaml.Node) (string, bool) {
	v, err := strconv.ParseInt(n.Value, 10, 64)
	switch {
	case err != nil || strconv.FormatInt(v, 10) != n.Value:
		d.errorf(n, "%s must be a whole number in decimal digits", d.f.Name)
	case n.Style&quoted != 0:
		d.errorf(n, "%s must be a number: write %s, without quotes", d.f.Name, n.Value)
	case v < int64(d.f.Min):
		d.errorf(n, "%s must be %d or more", d.f.Name, d.f.Min)
	default:
		return n.Value, true
	}
	return "", false
}

func (d *decoder) enum(n *yaml.Node) (string, bool) {
	text := d.f.enum(strings.TrimSpace(n.Value))
	for _, v := range d.f.Values {
		if v == text {
			return text, true
		}
	}
	p := NodeProblem{Node: n, Severity: Error, Text: fmt.Sprintf("%s must be %s", d.f.Name, strings.ToLower(oneOf(d.f.Values)))}
	p.Hint = DidYouMean(strings.ToLower(nearValue(text, d.f.Values)))
	d.problems = append(d.problems, p)
	return "", false
}

// nearValue is Near, or the first value that begins as word does.
func nearValue(word string, values []string) string {
	if near := Near(word, values); near != "" {
		return near
	}
	const begin = 4
	for _, v := range values {
		if len(word) >= begin && strings.HasPrefix(strings.ToUpper(v), strings.ToUpper(word[:begin])) {
			return v
		}
	}
	return ""
}

// oneOf lists alternatives: a, b or c.
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
