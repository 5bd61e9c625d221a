package state

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// child is the value of a key of a mapping, nil if there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	list := pairs(n)
	for i := 0; i+1 < len(list); i += 2 {
		if list[i].Value == key {
			return list[i+1]
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

// value is the text of a scalar, "" of anything else.
func value(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// isEmptyList tells whether a node is [].
func isEmptyList(n *yaml.Node) bool {
	return n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0
}

const quotedStyle = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// isNull tells whether a node is the plain word null.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style&quotedStyle == 0 && n.Value == "null"
}

// saysNothing tells whether a scalar is what YAML reads as null: the
// schema has refused it where it does not belong.
func saysNothing(n *yaml.Node) bool {
	return n.Kind != yaml.ScalarNode || n.Style&quotedStyle == 0 && slices.Contains([]string{"", "~", "null", "Null", "NULL"}, n.Value)
}
