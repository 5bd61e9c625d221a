package state

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// parse reads the YAML documents of a file.
func (l *loader) parse(src *source) {
	if l.unreadable(src) || l.conflicts(src) {
		return
	}
	docs, err := parseAll(bytes.NewReader(src.text))
	switch {
	case err != nil:
		l.syntax(src, err)
	case len(docs) == 0:
		l.add(Error, lineOf(src, 1, 1), "a document starts with version: 1", "the file is empty")
	default:
		src.docs = docs
		l.tokens(src)
	}
}

// parseAll is the top node of each YAML document that is more than comments.
func parseAll(r io.Reader) (docs []*yaml.Node, err error) {
	dec := yaml.NewDecoder(r)
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, err
		}
		if len(doc.Content) == 1 && !isNothing(doc.Content[0]) {
			docs = append(docs, doc.Content[0])
		}
	}
}

// isNothing tells whether a document is only comments.
func isNothing(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0 && n.Anchor == ""
}

// unreadable finds what is no text at all.
func (l *loader) unreadable(src *source) bool {
	at := slices.IndexFunc(src.text, func(c byte) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' })
	if !utf8.Valid(src.text) {
		if bad := firstInvalid(src.text); at < 0 || bad < at {
			at = bad
		}
	}
	if at < 0 {
		return false
	}
	hint := ""
	if bytes.HasPrefix(src.text, []byte("\xff\xfe")) || bytes.HasPrefix(src.text, []byte("\xfe\xff")) {
		hint = "this looks like UTF-16: save it as UTF-8"
	}
	before := splitLines(src.text[:at])
	column := 1 + utf8.RuneCountInString(before[len(before)-1])
	l.problems = append(l.problems, Problem{Severity: Error, File: src.name, Line: len(before), Column: column, Hint: hint,
		Text: fmt.Sprintf("this is not a text file in UTF-8: byte 0x%02x", src.text[at])})
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

var conflictMark = regexp.MustCompile(`^(<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)( |$)`)

// conflicts finds what a merge left behind.
func (l *loader) conflicts(src *source) bool {
	if !bytes.Contains(src.text, []byte("<<<<<<<")) && !bytes.Contains(src.text, []byte(">>>>>>>")) {
		return false
	}
	var marks []int
	sides := false // a mark that is nothing else in YAML
	for i := range src.count() {
		if m := conflictMark.FindStringSubmatch(src.lines[i]); m != nil {
			marks = append(marks, i+1)
			sides = sides || m[1][0] == '<' || m[1][0] == '>'
		}
	}
	if !sides {
		return false
	}
	for _, line := range marks {
		if line == marks[0] || src.lines[line-1][0] == '<' {
			l.errorf(lineOf(src, line, 1), "a merge conflict is not resolved: keep one of its sides and remove the lines <<<<<<<, ======= and >>>>>>>")
		}
	}
	return true
}
