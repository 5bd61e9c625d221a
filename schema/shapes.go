package schema

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

// shapes is the document schema, compiled.
type shapes struct {
	document, fragment *jsonschema.Schema
	entries, defaults  [2]*jsonschema.Schema // by Kind: of an entry, of its defaults
	places             map[string][]string   // where a key is known: "policy", "a person"
}

// compiledShapes compiles the document schema on first use.
var compiledShapes = sync.OnceValue(func() *shapes {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.ExtractAnnotations = true
	if err := c.AddResource(documentID, bytes.NewReader(Document())); err != nil {
		panic("schema: rollcall.schema.json: " + err.Error()) // checked in and tested
	}
	root := c.MustCompile(documentID)
	defaults := root.Properties["defaults"]
	s := &shapes{
		document: c.MustCompile(documentID + "#/$defs/document"),
		fragment: c.MustCompile(documentID + "#/$defs/fragment"),
		entries:  [2]*jsonschema.Schema{c.MustCompile(documentID + "#/$defs/user"), c.MustCompile(documentID + "#/$defs/group")},
		defaults: [2]*jsonschema.Schema{defaults.Properties["user"], defaults.Properties["group"]},
		places:   map[string][]string{},
	}
	s.place("a person", s.entries[User])
	s.place("a group", s.entries[Group])
	s.place("the document", root)
	for _, section := range []string{"org", "defaults", "policy"} {
		s.place(section, root.Properties[section])
	}
	s.place("policy.limits", root.Properties["policy"].Properties["limits"])
	return s
})

// place records where the keys of a mapping belong.
func (s *shapes) place(where string, mapping *jsonschema.Schema) {
	for key := range mapping.Properties {
		s.places[key] = append(s.places[key], where)
	}
}

// resolve is the schema behind references.
func resolve(s *jsonschema.Schema) *jsonschema.Schema {
	for s != nil && s.Ref != nil {
		s = s.Ref
	}
	return s
}

// child is the schema of a mapping's key, nil if there is none.
func child(s *jsonschema.Schema, key string) *jsonschema.Schema {
	if s == nil {
		return nil
	}
	if c := s.Properties[key]; c != nil {
		return resolve(c)
	}
	c, _ := s.AdditionalProperties.(*jsonschema.Schema)
	return resolve(c)
}

// item is the schema of a list's entries, nil if there is none.
func item(s *jsonschema.Schema) *jsonschema.Schema {
	if s == nil {
		return nil
	}
	return resolve(s.Items2020)
}

// value is a node as the JSON value that its schema asks for: a scalar is
// text where text may stand, whatever it looks like. Hidden mappings are
// empty; an alias is null.
func (c *checker) value(n *yaml.Node, s *jsonschema.Schema) any {
	switch n.Kind {
	case yaml.ScalarNode:
		return scalarValue(n, s)
	case yaml.SequenceNode:
		items := make([]any, len(n.Content))
		for i, e := range n.Content {
			items[i] = c.value(e, item(s))
		}
		return items
	case yaml.MappingNode:
		if slices.Contains(c.hidden, n) {
			return map[string]any{}
		}
		object := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i]; isKey(key) {
				object[key.Value] = c.value(n.Content[i+1], child(s, key.Value))
			}
		}
		return object
	}
	return nil
}

// isKey tells whether a key is one that a schema can know: an ordinary scalar.
func isKey(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag != mergeTag }

const mergeTag = "!!merge"

func scalarValue(n *yaml.Node, s *jsonschema.Schema) any {
	if nothingOf(n) != something {
		return nil
	}
	if s != nil && slices.Contains(s.Types, "string") || n.Style&quoted != 0 {
		return n.Value
	}
	switch {
	case n.Value == "true" || n.Value == "false":
		return n.Value == "true"
	case isNumber(n.Value):
		return json.Number(n.Value)
	}
	return n.Value
}
