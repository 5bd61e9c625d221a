package schema

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

// Check tells what is wrong with the shape of a YAML document, a fragment if
// it is one without version: unknown and duplicate keys, lists and mappings
// in each other's place, missing keys, words that are none of the known
// ones, and what rollcall's YAML does not have (anchors, aliases, tags,
// merge keys). All problems are errors, sorted by line and column. The
// scalars of fields are FromYAML's to judge, and what names refer to is
// state's.
//
// The document schema decides, over the tree converted to JSON values. A
// person's entry that has the shape of one before is not converted again.
func Check(doc *yaml.Node, fragment bool) []NodeProblem {
	root := doc
	if doc.Kind == yaml.DocumentNode {
		if len(doc.Content) != 1 {
			return []NodeProblem{{Node: doc, Severity: Error, Text: "the document is empty"}}
		}
		root = doc.Content[0]
	}
	c := checker{shapes: compiledShapes(), seen: map[string]struct{}{}, index: map[*yaml.Node]map[string]int{}}
	c.syntax(root)
	c.entries(root)
	c.skeleton(root, fragment)
	slices.SortStableFunc(c.problems, func(a, b NodeProblem) int {
		return cmp.Or(a.Node.Line-b.Node.Line, a.Node.Column-b.Node.Column, strings.Compare(a.Text, b.Text))
	})
	return slices.CompactFunc(c.problems, func(a, b NodeProblem) bool { return a.Node == b.Node && a.Text == b.Text })
}

// checker gathers the problems of one document.
type checker struct {
	*shapes
	hidden   []*yaml.Node        // mappings that are checked apart
	seen     map[string]struct{} // shapes of entries of one section that are fine
	buf      []byte
	index    map[*yaml.Node]map[string]int // of large mappings: the last place of a key
	guesses  int                           // unknown keys for which a near one was searched
	problems []NodeProblem
}

func (c *checker) errorf(n *yaml.Node, format string, args ...any) {
	c.problems = append(c.problems, NodeProblem{Node: n, Severity: Error, Text: fmt.Sprintf(format, args...)})
}

// syntax finds what YAML has and rollcall does not take.
func (c *checker) syntax(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		c.errorf(n, "aliases (*%s) are not taken: write the value out, or use defaults", name(n.Value))
		return
	case n.Anchor != "":
		c.errorf(n, "anchors (&%s) are not taken: remove it; what many have in common belongs in defaults", name(n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		c.errorf(n, "tags (%s) are not taken: remove it; quotes make a text of anything", name(n.Tag))
	}
	if n.Kind == yaml.MappingNode {
		c.keys(n)
	}
	for _, m := range n.Content {
		c.syntax(m)
	}
}

const fewKeys = 24 // up to here comparing all keys is faster than a map

// keys finds keys that are no texts, and those that are there twice.
func (c *checker) keys(n *yaml.Node) {
	var first map[string]*yaml.Node
	if len(n.Content) > 2*fewKeys {
		first = make(map[string]*yaml.Node, len(n.Content)/2)
	}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind == yaml.AliasNode:
		case key.Kind != yaml.ScalarNode:
			c.errorf(key, "a key must be a text")
		case key.Tag == mergeTag:
			c.errorf(key, "merge keys (<<) are not taken: use defaults")
		case nothingOf(key) == nearNull && key.Value == "":
			c.errorf(key, "a key is missing in front of the colon")
		case nothingOf(key) == nearNull:
			c.errorf(key, "%s is no key: put it in quotes if it is a name", key.Value)
		default:
			if twin := twin(n, i, first); twin != nil {
				c.errorf(key, "%s is already written at line %d: keep one of the two", name(key.Value), twin.Line)
			}
		}
	}
}

// twin is the key before the one at i that is the same, nil if there is
// none. It looks in first, which it fills, or in the keys before if that is nil.
func twin(n *yaml.Node, i int, first map[string]*yaml.Node) *yaml.Node {
	key := n.Content[i]
	if first != nil {
		if t := first[key.Value]; t != nil {
			return t
		}
		first[key.Value] = key
		return nil
	}
	for j := 0; j < i; j += 2 {
		if n.Content[j].Value == key.Value && n.Content[j].Kind == yaml.ScalarNode {
			return n.Content[j]
		}
	}
	return nil
}

// entries checks the entries of users, groups and defaults one by one and
// hides them from skeleton.
func (c *checker) entries(root *yaml.Node) {
	defaults := member(root, "defaults")
	for kind, section := range []string{"users", "groups"} {
		clear(c.seen)
		if n := member(root, section); n != nil && n.Kind == yaml.MappingNode {
			c.hidden = append(c.hidden, n)
			for i := 0; i+1 < len(n.Content); i += 2 {
				if isKey(n.Content[i]) {
					c.entry(place{key: n.Content[i], node: n.Content[i+1], schema: c.shapes.entries[kind], field: fieldOf(Kind(kind))})
				}
			}
		}
		if defaults == nil {
			continue
		}
		if n := member(defaults, Kind(kind).String()); n != nil && n.Kind == yaml.MappingNode {
			c.validate(place{node: n, schema: c.defaults[kind], field: fieldOf(Kind(kind))})
			c.hidden = append(c.hidden, n)
		}
	}
}

const manyShapes = 4096 // shapes that are remembered

// entry checks an entry, unless one of the same shape was fine.
func (c *checker) entry(p place) {
	c.buf = appendEntry(c.buf[:0], p)
	if _, ok := c.seen[string(c.buf)]; ok {
		return
	}
	if c.validate(p) && len(c.seen) < manyShapes {
		c.seen[string(c.buf)] = struct{}{}
	}
}

// skeleton checks the document without its entries.
func (c *checker) skeleton(root *yaml.Node, fragment bool) {
	s := c.document
	if fragment {
		s = c.fragment
	}
	c.validate(place{node: root, schema: s})
}

// place is a node with the schema that it has to meet.
type place struct {
	key    *yaml.Node // nil in a list and at the top
	node   *yaml.Node
	schema *jsonschema.Schema
	field  func(name string) *Field // of an entry: the field of a key, nil for other keys
	list   string                   // in a list: its name
}

// fieldOf finds the fields whose scalars are FromYAML's.
func fieldOf(k Kind) func(string) *Field {
	return func(name string) *Field {
		if f := Lookup(k, name); f != nil && f.Type != Secret && !f.Key {
			return f
		}
		return nil
	}
}

// validate checks one place against its schema, and whether it is fine.
func (c *checker) validate(p place) bool {
	err := p.schema.Validate(c.value(p.node, resolve(p.schema)))
	if err == nil {
		return true
	}
	before := len(c.problems)
	if invalid, ok := err.(*jsonschema.ValidationError); ok {
		c.report(p, invalid)
	} else {
		c.errorf(p.node, "%v", err)
	}
	return len(c.problems) == before
}

// report explains the causes of an error, at their places.
func (c *checker) report(p place, e *jsonschema.ValidationError) {
	for _, cause := range e.Causes {
		c.report(p, cause)
	}
	if len(e.Causes) > 0 {
		return
	}
	path := pointer(e.InstanceLocation)
	at, ok := c.walk(p, path)
	if !ok || at.foreign() || p.left(path, at.node, keyword(e)) {
		return
	}
	c.explain(at, keyword(e))
}

// pointer is the path of a JSON pointer as jsonschema writes it.
func pointer(location string) []string {
	if location == "" {
		return nil
	}
	path := strings.Split(strings.TrimPrefix(location, "/"), "/")
	for i, token := range path {
		if plain, err := url.PathUnescape(token); err == nil {
			token = plain
		}
		path[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	}
	return path
}

// keyword is the word of the schema that was not met.
func keyword(e *jsonschema.ValidationError) string {
	path := strings.Split(e.KeywordLocation, "/")
	if len(path) > 2 && path[len(path)-3] == "dependentRequired" {
		return "required"
	}
	return path[len(path)-1]
}
