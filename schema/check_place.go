package schema

import (
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

// walk is the place at a path below p, and whether there is one.
func (c *checker) walk(p place, path []string) (place, bool) {
	for _, token := range path {
		s := resolve(p.schema)
		switch p.node.Kind {
		case yaml.MappingNode:
			key, value := c.pair(p.node, token)
			if value == nil {
				return p, false
			}
			p = place{key: key, node: value, schema: child(s, token)}
		case yaml.SequenceNode:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(p.node.Content) {
				return p, false
			}
			p = place{node: p.node.Content[i], schema: item(s), list: p.name()}
		default:
			return p, false
		}
	}
	return p, true
}

// pair is the function pair, for mappings that are searched again and again.
func (c *checker) pair(n *yaml.Node, name string) (key, value *yaml.Node) {
	if len(n.Content) <= 2*fewKeys {
		return pair(n, name)
	}
	if c.index[n] == nil {
		c.index[n] = make(map[string]int, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if isKey(n.Content[i]) {
				c.index[n][n.Content[i].Value] = i
			}
		}
	}
	i, ok := c.index[n][name]
	if !ok {
		return nil, nil
	}
	return n.Content[i], n.Content[i+1]
}

// pair is a key of a mapping and its value, the last one if it is there
// twice, as value sees it; nil if it is not there.
func pair(n *yaml.Node, name string) (key, value *yaml.Node) {
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		if k := n.Content[i]; isKey(k) && k.Value == name {
			return k, n.Content[i+1]
		}
	}
	return nil, nil
}

// name is the name of a place in messages.
func (p place) name() string {
	switch {
	case p.key != nil:
		return name(p.key.Value)
	case p.list != "":
		return "an entry of " + p.list
	}
	return "a document"
}

// name is a name for messages, quoted unless it is plain.
func name(s string) string {
	for _, r := range s {
		if !strconv.IsPrint(r) || r == ' ' || r == '"' || r == ':' || r == ',' {
			return strconv.Quote(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// foreign tells whether syntax has refused the node already, so that its
// shape says nothing.
func (p place) foreign() bool {
	return p.node.Kind == yaml.AliasNode || p.node.Style&yaml.TaggedStyle != 0
}

// left tells whether what is wrong at a path of an entry is FromYAML's to
// say: scalars of a field, but for those inside of free JSON, and a mapping
// of attributes that is empty.
func (p place) left(path []string, n *yaml.Node, keyword string) bool {
	if p.field == nil || len(path) == 0 {
		return false
	}
	f := p.field(path[0])
	switch {
	case f == nil:
		return false
	case n.Kind == yaml.ScalarNode:
		return len(path) == 1 || f.Texts == nil || nothingOf(n) == nearNull
	}
	return keyword == "minProperties" && len(path) == 1
}

// appendEntry appends what decides whether an entry is fine: its keys, its
// mappings and lists, and the scalars that are not left to FromYAML.
func appendEntry(b []byte, p place) []byte {
	if p.node.Kind != yaml.MappingNode {
		return appendShape(b, p.node, false, false)
	}
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		b = appendShape(b, p.node.Content[i], false, false)
		f := p.field(p.node.Content[i].Value)
		b = appendShape(b, p.node.Content[i+1], f != nil, f != nil && f.Texts == nil)
	}
	return b
}

// appendShape appends the shape of a node: with the text of scalars unless
// it is left out here, or below.
func appendShape(b []byte, n *yaml.Node, leave, below bool) []byte {
	switch n.Kind {
	case yaml.ScalarNode:
		if leave {
			return append(b, 's')
		}
		b = strconv.AppendInt(append(b, 't'), int64(len(n.Value)), 10)
		b = append(append(b, byte(n.Style&quoted)), n.Value...)
	case yaml.SequenceNode:
		b = append(b, '[')
		for _, m := range n.Content {
			b = appendShape(b, m, below, below)
		}
		b = append(b, ']')
	case yaml.MappingNode:
		b = append(b, '{')
		for i, m := range n.Content {
			b = appendShape(b, m, below && i%2 == 1, below)
		}
		b = append(b, '}')
	default:
		b = append(b, '*')
	}
	return b
}

// missing are the keys that a mapping has to have and has not.
func (p place) missing() (names []string) {
	for s := p.schema; s != nil; s = s.Ref {
		required := s.Required
		for key, needs := range s.DependentRequired {
			if _, v := pair(p.node, key); v != nil {
				required = append(required[:len(required):len(required)], needs...)
			}
		}
		for _, r := range required {
			if _, v := pair(p.node, r); v == nil && !slices.Contains(names, r) {
				names = append(names, r)
			}
		}
	}
	return names
}

// known are the keys that a mapping may have, sorted.
func known(s *jsonschema.Schema) []string {
	names := make([]string, 0, len(s.Properties))
	for n := range s.Properties {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
