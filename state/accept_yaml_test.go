package state_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// writer writes a document as YAML in any style.
type writer struct {
	*rapid.T
	plain   bool // without comments
	n       int
	kept    []string          // comments that stay whatever is accepted
	entries map[string]string // as they are written, by user:NAME and group:NAME
}

func (w *writer) pick(n int) int {
	if w.plain {
		return 0
	}
	return rapid.IntRange(0, n-1).Draw(w.T, "style")
}

// comment is one of its own, or none.
func (w *writer) comment(stays bool) string {
	if w.plain || w.pick(3) > 0 {
		return ""
	}
	w.n++
	text := fmt.Sprintf("# comment %d: [x] {y} \"", w.n)
	if stays {
		w.kept = append(w.kept, text)
	}
	return text
}

func (w *writer) trail(stays bool) string {
	if c := w.comment(stays); c != "" {
		return []string{" ", "\t"}[w.pick(2)] + c
	}
	return ""
}

// file is a whole file.
func (w *writer) file(v value) string {
	w.entries = map[string]string{}
	var b strings.Builder
	for i, key := range v.keys {
		if c := w.comment(true); c != "" {
			fmt.Fprintf(&b, "%s\n\n", c)
		}
		switch key {
		case "users", "groups":
			b.WriteString(w.section(key, v.items[i]))
		default:
			b.WriteString(w.pair(key, v.items[i], 0, w.pick(2) == 0))
		}
	}
	text := b.String()
	switch w.pick(4) {
	case 1:
		text = w.everywhere(text, func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })
	case 2:
		text = strings.TrimSuffix(text, "\n")
		for name, entry := range w.entries {
			w.entries[name] = strings.TrimSuffix(entry, "\n")
		}
	case 3:
		text = "\ufeff" + text
	}
	return text
}

// everywhere changes a text and what is remembered of it.
func (w *writer) everywhere(text string, change func(string) string) string {
	for name, entry := range w.entries {
		w.entries[name] = change(entry)
	}
	return change(text)
}

// section is users or groups: a block of entries, or all in brackets.
func (w *writer) section(key string, v value) string {
	if w.pick(6) == 5 {
		return key + ": " + w.flow(v) + w.trail(true) + "\n"
	}
	text := key + ":" + w.trail(true) + "\n"
	indent := 2 + 2*w.pick(2)
	for i, name := range v.keys {
		if w.pick(3) == 2 {
			text += "\n"
		}
		if c := w.comment(false); c != "" {
			text += strings.Repeat(" ", indent) + c + "\n"
		}
		entry := w.pair(name, v.items[i], indent, true)
		w.entries[strings.TrimSuffix(key, "s")+":"+name] = entry
		text += entry
	}
	return text
}

// pair is the lines of a key and its value.
func (w *writer) pair(key string, v value, indent int, block bool) string {
	head := strings.Repeat(" ", indent) + w.scalar(text(key), true) + ":"
	switch {
	case v.keys == nil && !v.list:
		if w.pick(4) == 3 {
			if lines := w.literal(v, indent); lines != "" {
				return head + lines
			}
		}
		return head + " " + w.scalar(v, false) + w.trail(false) + "\n"
	case len(v.items) == 0 || !block || w.pick(2) == 1:
		return head + " " + w.flow(v) + w.trail(false) + "\n"
	}
	return head + w.trail(false) + "\n" + w.block(v, indent+2)
}

// block is the lines of a mapping or list.
func (w *writer) block(v value, indent int) string {
	var b strings.Builder
	for i, item := range v.items {
		if c := w.comment(false); c != "" {
			b.WriteString(strings.Repeat(" ", indent) + c + "\n")
		}
		switch {
		case !v.list:
			b.WriteString(w.pair(v.keys[i], item, indent, true))
		case item.keys != nil && w.pick(2) == 1:
			lines := w.block(item, indent+2)
			if strings.HasPrefix(strings.TrimLeft(lines, " "), "#") {
				lines = strings.Repeat(" ", indent+2) + lines[strings.Index(lines, "\n")+1:][indent+2:]
			}
			b.WriteString(lines[:indent] + "- " + lines[indent+2:])
		default:
			b.WriteString(strings.Repeat(" ", indent) + "- " + w.flow(item) + w.trail(false) + "\n")
		}
	}
	return b.String()
}

// flow is a value in brackets.
func (w *writer) flow(v value) string {
	if v.keys == nil && !v.list {
		return w.scalar(v, true)
	}
	var parts []string
	for i, item := range v.items {
		part := w.flow(item)
		if !v.list {
			part = w.scalar(text(v.keys[i]), true) + ": " + part
		}
		parts = append(parts, part)
	}
	sep := [...]string{", ", ",", " , ", ",\n          "}[w.pick(4)]
	if sep == "," {
		sep = ", "
	}
	open, end := "{", "}"
	if v.list {
		open, end = "[", "]"
	}
	switch space := w.pick(4); {
	case len(parts) == 0:
	case space == 1:
		open, end = open+" ", " "+end
	case space == 2:
		open, end = open+"\n          ", ",\n          "+end
	case space == 3:
		open, end = open+" "+"# in\n          ", " # out\n          "+end
	}
	return open + strings.Join(parts, sep) + end
}

var plainShape = regexp.MustCompile(`^[A-Za-z][A-Za-z. ]*$`)

// scalar is a value on one line, or on two.
func (w *writer) scalar(v value, inBrackets bool) string {
	isPlain := v.plain || plainShape.MatchString(v.text) && !slices.Contains([]string{"null", "true", "yes"}, v.text)
	hidden := strings.ContainsFunc(v.text, func(r rune) bool { return r < ' ' || r == '\u00a0' || r == '\u2028' })
	switch style := w.pick(4); {
	case isPlain && (style < 2 || v.plain):
		if words := strings.Fields(v.text); len(words) > 4 && !inBrackets && style == 1 {
			return strings.Join(words[:2], " ") + "\n            " + strings.Join(words[2:], " ")
		}
		return v.text
	case !hidden && style < 3:
		return "'" + strings.ReplaceAll(v.text, "'", "''") + "'"
	}
	return strconv.Quote(v.text)
}

// literal is a text as a block, "" if it cannot be one.
func (w *writer) literal(v value, indent int) string {
	if v.plain || v.text == "" || strings.ContainsAny(v.text, "\t\u00a0\u2028") || strings.HasPrefix(v.text, " ") || strings.HasSuffix(v.text, " ") {
		return ""
	}
	header := [...]string{"|", "|-", "|+", ">-"}[w.pick(4)]
	if strings.Contains(v.text, "\n") {
		header = "|"
	}
	lines := " " + header + w.trail(false) + "\n"
	for line := range strings.SplitSeq(v.text, "\n") {
		if line != "" {
			lines += strings.Repeat(" ", indent+3) + line
		}
		lines += "\n"
	}
	return lines + []string{"", "\n"}[w.pick(2)]
}
