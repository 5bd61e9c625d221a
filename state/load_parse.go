package state

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// parse reads the YAML documents of a file.
func (l *loader) parse(src *source) {
	if l.unreadable(src) || l.conflicts(src) {
		return
	}
	dec := yaml.NewDecoder(bytes.NewReader(src.text))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			src.docs = nil
			l.syntax(src, err)
			return
		}
		if len(doc.Content) == 1 && !isNothing(doc.Content[0]) {
			src.docs = append(src.docs, doc.Content[0])
		}
	}
	if len(src.docs) == 0 {
		l.add(Error, lineOf(src, 1, 1), "a document starts with version: 1", "the file is empty")
	}
}

// isNothing tells whether a document is only comments.
func isNothing(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0
}

// lineOf is a place that is no node.
func lineOf(src *source, line, column int) place {
	return place{src, &yaml.Node{Kind: yaml.MappingNode, Line: line, Column: column}}
}

// unreadable finds what is no text at all.
func (l *loader) unreadable(src *source) bool {
	at := bytes.IndexFunc(src.text, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
	if !utf8.Valid(src.text) {
		if bad := firstInvalid(src.text); at < 0 || bad < at {
			at = bad
		}
	}
	if at < 0 {
		return false
	}
	line := 1 + bytes.Count(src.text[:at], []byte("\n"))
	column := 1 + utf8.RuneCount(src.text[bytes.LastIndexByte(src.text[:at], '\n')+1:at])
	l.problems = append(l.problems, Problem{Severity: Error, File: src.name, Line: line, Column: column,
		Text: "this is not a text file in UTF-8: byte 0x" + strconv.FormatUint(uint64(src.text[at]), 16)})
	return true
}

func firstInvalid(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}

// conflicts finds the markers that a merge left behind.
func (l *loader) conflicts(src *source) (found bool) {
	if !bytes.Contains(src.text, []byte("<<<<<<<")) && !bytes.Contains(src.text, []byte(">>>>>>>")) {
		return false
	}
	for i, line := range splitLines(src.text) {
		if bytes.HasPrefix(line, []byte("<<<<<<< ")) || bytes.HasPrefix(line, []byte(">>>>>>> ")) {
			l.errorf(lineOf(src, i+1, 1), "a merge conflict is not resolved")
			found = true
		}
	}
	return found
}

func splitLines(text []byte) [][]byte {
	lines := bytes.Split(text, []byte("\n"))
	for i := range lines {
		lines[i] = bytes.TrimSuffix(lines[i], []byte("\r"))
	}
	return lines
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax turns an error of the YAML parser into a problem.
func (l *loader) syntax(src *source, err error) {
	line, text := 1, err.Error()
	if m := yamlError.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	if n := tabbed(src); n > 0 {
		l.errorf(lineOf(src, n, 1), "a tab in the indentation: YAML takes only spaces there")
		return
	}
	indent := src.line(line)
	column := 1 + len(indent) - len(strings.TrimLeft(indent, " "))
	l.errorf(lineOf(src, line, column), "this is not YAML: %s", text)
}

// tabbed is the first line that is indented with a tab, 0 if there is none.
func tabbed(src *source) int {
	for i, line := range splitLines(src.text) {
		rest := bytes.TrimLeft(line, " ")
		if len(rest) > 0 && rest[0] == '\t' && len(bytes.TrimSpace(rest)) > 0 {
			return i + 1
		}
	}
	return 0
}
