package state

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// exportWidth is how many columns a line may have before an entry is
// spread over several.
const exportWidth = 120

// valueNode is a field as a file writes it, nil if nothing of it can be
// written, and the values that cannot: those that a file would read as
// something else, or not take.
func valueNode(f *schema.Field, values []schema.Value) (n *yaml.Node, left []schema.Value) {
	var written []schema.Value
	for _, v := range values {
		next := withValue(n, f, v)
		if next == nil || !fits(f, next) || !reads(f, next, append(written, v)) {
			left = append(left, v)
			continue
		}
		n, written = next, append(written, v)
	}
	return n, left
}

// reads tells whether a file's node means the values.
func reads(f *schema.Field, n *yaml.Node, values []schema.Value) bool {
	got, problems := f.FromYAML(n, nil)
	return len(problems) == 0 && slices.EqualFunc(got, values, func(a, b schema.Value) bool {
		return a.Field == b.Field && a.Part == b.Part && schema.Equal(f.ID, a.Text, b.Text)
	})
}

// withValue is the node n of a field with one value more, nil if the value
// cannot be written at all.
func withValue(n *yaml.Node, f *schema.Field, v schema.Value) *yaml.Node {
	switch f.Type {
	case schema.ByType:
		return withEntries(n, f, v)
	case schema.Map:
		next := mapping()
		if n != nil {
			next.Content = slices.Clone(n.Content)
		}
		value := jsonNode(v.Text, nil)
		if value == nil {
			return nil
		}
		put(next, v.Part, value)
		return next
	case schema.List, schema.Object:
		return jsonNode(v.Text, f.Members)
	case schema.Bool, schema.Int:
		return plainNode(v.Text)
	case schema.Enum:
		if f.Kind == schema.User {
			return textNode(strings.ToLower(v.Text))
		}
	}
	return textNode(strings.TrimSpace(v.Text))
}

// withEntries is a list with the entries of one type more.
func withEntries(n *yaml.Node, f *schema.Field, v schema.Value) *yaml.Node {
	next := sequence()
	if n != nil {
		next.Content = slices.Clone(n.Content)
	}
	entries := jsonNode(v.Text, f.Members)
	if v.Part == "" || entries == nil || entries.Kind != yaml.SequenceNode {
		return nil // without a type nobody could change it
	}
	for _, e := range entries.Content {
		e.Content = append([]*yaml.Node{textNode("type"), textNode(v.Part)}, e.Content...)
		next.Content = append(next.Content, e)
	}
	return next
}

// jsonNode is JSON as YAML; members come in the order given, others sorted
// behind them. It is nil for what is no JSON.
func jsonNode(text string, members []string) *yaml.Node {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return anyNode(v, members)
}

func anyNode(v any, members []string) *yaml.Node {
	switch v := v.(type) {
	case map[string]any:
		n := mapping()
		for _, name := range ordered(v, members) {
			put(n, name, anyNode(v[name], nil))
		}
		return n
	case []any:
		n := sequence()
		for _, item := range v {
			n.Content = append(n.Content, anyNode(item, members))
		}
		return n
	case string:
		return textNode(v)
	case json.Number:
		return plainNode(v.String())
	case bool:
		return plainNode(strconv.FormatBool(v))
	}
	return plainNode("null")
}

// ordered is the names of an object, those of members first.
func ordered(object map[string]any, members []string) []string {
	names := slices.DeleteFunc(slices.Clone(members), func(name string) bool {
		_, ok := object[name]
		return !ok
	})
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(members, name) {
			names = append(names, name)
		}
	}
	return names
}

func mapping() *yaml.Node  { return &yaml.Node{Kind: yaml.MappingNode} }
func sequence() *yaml.Node { return &yaml.Node{Kind: yaml.SequenceNode} }

func put(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, textNode(key), value)
}

// plainNode is a number, true, false or null.
func plainNode(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

// textNode is a text, quoted where any reader of YAML, of version 1.1 too,
// might take it for something else.
func textNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if !plainText(text) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// plainText tells whether a text needs no quotes: it begins with a letter,
// is no word that means something, and has no character that might.
func plainText(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	if !unicode.IsLetter(first) || !utf8.ValidString(s) || last == ' ' || last == ':' {
		return false
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		return false
	}
	return !strings.Contains(s, ": ") && !strings.Contains(s, " #") && !strings.ContainsFunc(s, func(r rune) bool {
		return isInvisible(r) || !unicode.IsLetter(r) && !unicode.IsMark(r) && (r < '0' || r > '9') && !strings.ContainsRune(" -_.@/+&'():;=~$%^!?*", r)
	})
}

// layout writes a node on one line where that fits, else its members on
// lines of their own. Used is the width of what stands before it on its
// line, indent that of the line.
func layout(n *yaml.Node, used, indent int) {
	if n.Kind == yaml.ScalarNode {
		return
	}
	if used+flowWidth(n) <= exportWidth {
		n.Style = yaml.FlowStyle
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			layout(item, indent+len("  - "), indent+len("  "))
		}
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		layout(n.Content[i+1], indent+len("  ")+flowWidth(n.Content[i])+len(": "), indent+len("  "))
	}
}

// flowWidth is the width of a node on one line.
func flowWidth(n *yaml.Node) int {
	if n.Kind == yaml.ScalarNode {
		if n.Style&yaml.DoubleQuotedStyle != 0 {
			return utf8.RuneCountInString(strconv.Quote(n.Value))
		}
		return utf8.RuneCountInString(n.Value)
	}
	width := len("{}")
	for i, child := range n.Content {
		width += flowWidth(child)
		if i > 0 {
			width += len(", ") // or ": "
		}
	}
	return width
}

// escapeHidden writes control, format and other characters that cannot be
// seen as YAML escapes. They are inside double quotes, where escapes mean
// the same: textNode writes none of them plain.
func escapeHidden(text []byte) []byte {
	hidden := func(r rune) bool { return r != '\n' && isInvisible(r) }
	if bytes.IndexFunc(text, hidden) < 0 {
		return text
	}
	escaped := make([]byte, 0, len(text)+len(text)/8)
	for _, r := range string(text) {
		if !hidden(r) {
			escaped = utf8.AppendRune(escaped, r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		escaped = append(escaped, quoted[1:len(quoted)-1]...)
	}
	return escaped
}

// printable is a text for a comment: as it is, or quoted with what cannot be
// seen escaped.
func printable(s string) string {
	if strings.ContainsFunc(s, isInvisible) {
		return string(escapeHidden([]byte(strconv.Quote(s))))
	}
	return s
}

// isInvisible tells whether a character cannot be seen; some letters are
// among them.
func isInvisible(r rune) bool {
	return !unicode.IsPrint(r) || r > unicode.MaxASCII && unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}
