package schema

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Reference writes the Markdown reference of every key of a desired-state
// file: a table for the document, one for people, one for groups.
func Reference(w io.Writer) error {
	var b bytes.Buffer
	document := documentNode()
	b.WriteString("### The document\n\n| key | value | meaning |\n| --- | --- | --- |\n")
	keyRows(&b, "", document.Properties)
	for _, k := range []Kind{User, Group} {
		fmt.Fprintf(&b, "\n### A %s\n\n| key | value | null | meaning |\n| --- | --- | --- | --- |\n", k)
		for _, p := range document.Defs.get(k.String()).Properties {
			fieldRow(&b, p, Lookup(k, p.name))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// keyRows writes a row for each key, and below it those of a mapping with
// keys of its own.
func keyRows(b *bytes.Buffer, prefix string, keys properties) {
	for _, p := range keys {
		key := prefix + p.name
		row(b, "`"+key+"`", p.node.kind(), p.node.Description)
		switch {
		case strings.HasPrefix(key, "defaults."):
		case p.node.Items != nil && len(p.node.Items.Properties) > 0:
			keyRows(b, key+"[].", p.node.Items.Properties)
		default:
			keyRows(b, key+".", p.node.Properties)
		}
	}
}

// fieldRow writes the row of a key of a person or a group; f is nil of keys
// that are no fields.
func fieldRow(b *bytes.Buffer, p property, f *Field) {
	meaning := p.node.Description
	switch {
	case f == nil:
	case f.Write == Create:
		meaning += " Written only when a " + f.Kind.String() + " is created."
	case f.Write&Create == 0 && f.Write != 0:
		meaning += " Written by a second request when a " + f.Kind.String() + " is created."
	}
	if f != nil && f.NoExport {
		meaning += " Never exported."
	}
	row(b, "`"+p.name+"`", p.node.kind(), p.nullMeaning(f), meaning)
}

// nullMeaning is what the word null does at a key.
func (p property) nullMeaning(f *Field) string {
	switch {
	case f == nil && slices.Contains(p.node.Type, "null"):
		return "nobody"
	case f == nil || !f.canClear():
		return "error"
	case f.Type == Map:
		return "of one name: removes it"
	case f.Type == Bool || f.Type == Enum:
		return "`" + strings.ToLower(f.Unset) + "`"
	case f.Type == ByType:
		return "removes all; of an entry's members: its type"
	case f.Type == List:
		return "removes all"
	}
	return "clears"
}

// row writes a row of a table.
func row(b *bytes.Buffer, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// kind says for people what values a schema takes.
func (n *node) kind() string {
	switch {
	case n.Title != "":
		return n.Title
	case n.Ref == "#/$defs/reference":
		return "`{env: NAME}` or `{file: PATH}`"
	case n.Ref == "#/$defs/password":
		return "`{from: {env: NAME}, since: 2026-12-31}`; from takes env, file or command"
	case n.Const != nil:
		return fmt.Sprintf("`%v`", n.Const)
	case len(n.Enum) > 0:
		return words(n.Enum)
	case len(n.AnyOf) > 0:
		return words(n.AnyOf[0].Enum) + ", in any case"
	case n.Items != nil:
		return n.listKind()
	case slices.Contains(n.Type, "string") && n.MaxLength > 0:
		return fmt.Sprintf("text, at most %d characters", n.MaxLength)
	}
	return n.Type.String()
}

// listKind is the kind of a list: of texts, or of mappings and their members.
func (n *node) listKind() string {
	if len(n.Items.Properties) == 0 {
		return "a list of texts"
	}
	var members []string
	for _, p := range n.Items.Properties {
		members = append(members, p.name)
	}
	return "a list of mappings: " + strings.Join(members, ", ")
}

// words is a list of words as code.
func words(list []string) string { return "`" + strings.Join(list, "`, `") + "`" }
