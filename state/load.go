package state

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// LoadOptions are how files are read. The zero value is for most.
type LoadOptions struct {
	Strict bool                // what may be right only with live (an unknown manager, ...) is an error
	AsOf   time.Time           // the day of the plan
	Env    func(string) string // environment; only to know which names are in use
}

// Load reads files and folders and is the desired state of the organizations
// that they describe, in the order of paths, file names and documents. What
// is wrong in them is the error, as Problems, all of it at once; warnings and
// notes are returned beside the state and stand in Desired.Notes too.
// Nothing outside the files is asked.
func Load(paths []string, o LoadOptions) ([]*Desired, Problems, error) {
	l := &loader{options: o, files: map[string]*source{}}
	for _, p := range paths {
		l.path(p)
	}
	var all []*Desired
	for i := 0; i < len(l.order); i++ { // documents add the files that they include
		all = append(all, l.documents(l.order[i])...)
	}
	l.lonely()
	l.oneDocumentAnOrganization(all)
	problems := l.sorted()
	if problems.Count(Error) > 0 {
		return nil, nil, problems
	}
	return all, problems, nil
}

// loader reads files, each once, and gathers what is wrong.
type loader struct {
	options  LoadOptions
	files    map[string]*source // by absolute path
	order    []*source
	problems Problems
	hints    int // near misses that were looked for: each reads all names
}

// mostHints bounds the time that bad input takes.
const mostHints = 50

// source is a file.
type source struct {
	name     string // as the user named it
	path     string // absolute
	root     string // the folder that includes do not leave
	text     []byte
	lines    [][]byte // of text; nil until asked for
	docs     []*yaml.Node
	asked    bool // by a path argument, or only by an include
	included bool
	index    int // in loader.order
}

// line is a line of the file, without its end; "" if there is none.
func (s *source) line(n int) string {
	if s.lines == nil {
		s.lines = splitLines(s.text)
	}
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return string(s.lines[n-1])
}

// place is a place in a file that a problem is about.
type place struct {
	src  *source
	node *yaml.Node
}

// String is file:line, as messages name a second place.
func (p place) String() string { return fmt.Sprintf("%s:%d", p.src.name, p.node.Line) }

func (l *loader) add(s Severity, p place, hint, format string, args ...any) {
	l.problem(s, p, false, hint, fmt.Sprintf(format, args...))
}

func (l *loader) errorf(p place, format string, args ...any) { l.add(Error, p, "", format, args...) }

// doubt is a warning, with Strict an error.
func (l *loader) doubt(p place, hint, format string, args ...any) {
	severity := Warning
	if l.options.Strict {
		severity = Error
	}
	l.add(severity, p, hint, format, args...)
}

func (l *loader) problem(s Severity, p place, secret bool, hint, text string) {
	width := utf8.RuneCountInString(p.node.Value)
	if strings.Contains(p.node.Value, "\n") || p.node.Kind != yaml.ScalarNode {
		width = 1
	}
	l.problems = append(l.problems, Problem{
		Severity: s, File: p.src.name, Line: p.node.Line, Column: p.node.Column,
		Text: text, Source: redact(p.src.line(p.node.Line), secret), Width: width, Hint: hint,
	})
}

// nodes records what schema found.
func (l *loader) nodes(src *source, found []schema.NodeProblem) {
	for _, p := range found {
		l.problem(Severity(p.Severity), place{src, p.Node}, p.Secret, p.Hint, p.Text)
	}
}

// secretKeys are followed by what is not printed.
var secretKeys = []string{"password", "api_key", "client_id", "client_secret", "secret", "token"}

// redact hides what a line may say after a key that holds a secret.
func redact(line string, secret bool) string {
	at := -1
	lower := strings.ToLower(line)
	for _, key := range secretKeys {
		if i := strings.Index(lower, key); i >= 0 && (at < 0 || i < at) {
			if colon := strings.IndexByte(line[i:], ':'); colon >= 0 {
				at = i + colon + 1
			}
		}
	}
	switch {
	case at >= 0 && strings.TrimSpace(line[at:]) != "":
		return line[:at] + " ***"
	case secret && at < 0:
		return "***"
	}
	return line
}

// near is a hint with the candidate nearest to a word.
func (l *loader) near(word string, candidates func() []string) string {
	if l.hints++; l.hints > mostHints {
		return ""
	}
	if n := schema.Near(word, candidates()); n != "" {
		return "did you mean " + n + "?"
	}
	return ""
}

// sorted is all problems, each once, in the order of files and lines.
func (l *loader) sorted() Problems {
	index := map[string]int{}
	for i, s := range l.order {
		index[s.name] = i
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(index[a.File], index[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(l.problems)
}

// documents assembles the organizations that a file describes.
func (l *loader) documents(src *source) (all []*Desired) {
	for _, doc := range src.docs {
		switch {
		case isDocument(doc):
			all = append(all, l.document(src, doc))
		case src.asked && !src.included && claimsDocument(doc):
			l.nodes(src, schema.Check(doc, false))
		}
	}
	return all
}

// isDocument tells whether a YAML document describes an organization.
func isDocument(doc *yaml.Node) bool { return child(doc, "version") != nil }

// claimsDocument tells whether it was meant to: it is no mapping at all, or
// has what only such a document has.
func claimsDocument(doc *yaml.Node) bool {
	return doc.Kind != yaml.MappingNode || child(doc, "org") != nil || child(doc, "include") != nil || child(doc, "policy") != nil
}

// lonely finds fragments that nobody includes.
func (l *loader) lonely() {
	for _, src := range l.order {
		for _, doc := range src.docs {
			if !src.included && !isDocument(doc) && !claimsDocument(doc) {
				l.add(Error, place{src, doc}, "a document starts with version: 1", "this file has no version, so it is a fragment, and no document includes it")
				break
			}
		}
	}
}

// oneDocumentAnOrganization finds two documents for one organization.
func (l *loader) oneDocumentAnOrganization(all []*Desired) {
	first := map[string]*Desired{}
	for _, d := range all {
		for _, key := range []string{strings.ToLower(d.ID), "name " + strings.ToLower(d.Name)} {
			if key == "" || key == "name " {
				continue
			}
			if other := first[key]; other != nil && (key == strings.ToLower(d.ID) || d.ID == "" || other.ID == "") {
				l.twice(d, other)
				break
			}
			first[key] = d
		}
	}
}

func (l *loader) twice(d, other *Desired) {
	places := []place{l.placeOf(d), l.placeOf(other)}
	for i, p := range places {
		l.errorf(p, "two documents describe organization %s, here and at %s; copied and the id not changed?", cmp.Or(d.ID, d.Name), places[1-i])
	}
}

// placeOf is the place of a document's org.
func (l *loader) placeOf(d *Desired) place {
	name := d.Pos.Files[d.Pos.Org.File-1]
	i := slices.IndexFunc(l.order, func(s *source) bool { return s.name == name })
	return place{l.order[i], &yaml.Node{Kind: yaml.MappingNode, Line: int(d.Pos.Org.Line), Column: int(d.Pos.Org.Column)}}
}

// child is the value of a key of a mapping, nil if there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// pairs are the keys and values of a mapping, in turn; nil if it is none.
func pairs(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	return n.Content
}

// items are the scalars of a list, or the scalar itself.
func items(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	case n.Kind != yaml.SequenceNode:
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.Content), func(c *yaml.Node) bool { return c.Kind != yaml.ScalarNode })
}

// isEmptyList tells whether a node is [].
func isEmptyList(n *yaml.Node) bool {
	return n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0
}

// folder is the folder of a file as the user named it.
func (s *source) folder() string { return filepath.Dir(s.name) }
