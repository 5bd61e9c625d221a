package schema

import (
	"bytes"
	"encoding/json"
	"slices"
)

// node is a JSON Schema, draft 2020-12, as far as rollcall's own need it.
// Its members are written in this order.
type node struct {
	Schema            string              `json:"$schema,omitempty"`
	ID                string              `json:"$id,omitempty"`
	Ref               string              `json:"$ref,omitempty"`
	Title             string              `json:"title,omitempty"` // of what is no field: what it must be, for messages: "a mapping of usernames"
	Description       string              `json:"description,omitempty"`
	Type              types               `json:"type,omitempty"`
	Const             any                 `json:"const,omitempty"`
	Enum              []string            `json:"enum,omitempty"`
	AnyOf             []*node             `json:"anyOf,omitempty"`
	Pattern           string              `json:"pattern,omitempty"`
	Minimum           *int                `json:"minimum,omitempty"`
	MinLength         int                 `json:"minLength,omitempty"`
	MaxLength         int                 `json:"maxLength,omitempty"`
	MinProperties     int                 `json:"minProperties,omitempty"`
	MaxProperties     int                 `json:"maxProperties,omitempty"`
	Required          []string            `json:"required,omitempty"`
	DependentRequired map[string][]string `json:"dependentRequired,omitempty"`
	Properties        properties          `json:"properties,omitempty"`
	Additional        any                 `json:"additionalProperties,omitempty"` // false or *node
	Items             *node               `json:"items,omitempty"`
	Defs              properties          `json:"$defs,omitempty"`
}

// types are JSON's types that a value may have.
type types []string

// MarshalJSON writes a single type as a string.
func (t types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// String is what the types are called in messages: "text", "a mapping". Of
// those that may be text the others are only other spellings.
func (t types) String() string {
	if slices.Contains(t, "string") {
		t = slices.DeleteFunc(slices.Clone(t), func(s string) bool { return s == "number" || s == "boolean" })
	}
	var words []string
	for _, s := range t {
		if w := typeWords[s]; w != "" {
			words = append(words, w)
		}
	}
	return oneOf(words)
}

var typeWords = map[string]string{"object": "a mapping", "array": "a list", "string": "text", "boolean": "true or false", "integer": "a whole number"}

// properties are named schemas in the order in which people should see them.
type properties []property

type property struct {
	name string
	node *node
}

// MarshalJSON writes an object whose members keep their order.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		raw, err := json.Marshal(m.node)
		if err != nil {
			return nil, err
		}
		b.WriteString(quote(m.name) + ":")
		b.Write(raw)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// get is a property by name, nil if there is none.
func (p properties) get(name string) *node {
	for _, m := range p {
		if m.name == name {
			return m.node
		}
	}
	return nil
}

// indented is the text of a schema file.
func (n *node) indented() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(n)
	return b.Bytes(), err
}

// mapping is a schema of a mapping with these keys and no others.
func mapping(p ...property) *node {
	return &node{Type: []string{"object"}, Properties: p, Additional: false}
}

// mappingOf is a schema of a mapping with any keys.
func mappingOf(value *node) *node { return &node{Type: []string{"object"}, Additional: value} }

// listOf is a schema of a list.
func listOf(item *node) *node { return &node{Type: []string{"array"}, Items: item} }

// plain is a schema of text: of anything that stands in one line without
// quotes, so that 00123 and NO are text to editors too.
func plain() *node { return &node{Type: []string{"string", "number", "boolean"}} }

// oneWord is a schema of a text that is one of words.
func oneWord(words ...string) *node { return &node{Type: []string{"string"}, Enum: words} }

// ref is a schema that is defined elsewhere in the file.
func ref(def string) *node { return &node{Ref: "#/$defs/" + def} }

// boolean and integer are schemas of true or false and of whole numbers
// from least on.
func boolean() *node { return &node{Type: []string{"boolean"}} }

func integer(least int) *node { return &node{Type: []string{"integer"}, Minimum: &least} }

// orNull lets a schema be null too.
func (n *node) orNull() *node {
	n.Type = append(n.Type, "null")
	return n
}

// must says which members have to be there.
func (n *node) must(names ...string) *node {
	n.Required = names
	return n
}

// is names what a value must be, for messages.
func (n *node) is(title string) *node {
	n.Title = title
	return n
}

// doc describes what a schema is for.
func (n *node) doc(text string) *node {
	n.Description = text
	return n
}
