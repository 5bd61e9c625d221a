package schema

import (
	"encoding/json"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// json is a node as JSON of decode's types, and whether it is any: plain
// true, false, null and decimal numbers are what they say, all else is text
// as it is written (00123, NO, 1e3). A member at a path of Field.Texts is
// text always.
func (d *decoder) json(n *yaml.Node, path string) (any, bool) {
	switch n.Kind {
	case yaml.ScalarNode:
		return d.jsonScalar(n, path)
	case yaml.SequenceNode:
		items, ok := make([]any, len(n.Content)), true
		for i, item := range n.Content {
			v, fine := d.json(item, path)
			items[i], ok = v, ok && fine
		}
		return items, ok
	case yaml.MappingNode:
		object, ok := make(map[string]any, len(n.Content)/2), true
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			v, fine := d.json(n.Content[i+1], join(path, key.Value))
			object[key.Value], ok = v, ok && fine && key.Kind == yaml.ScalarNode
		}
		return object, ok
	}
	return nil, false
}

// join is the path of a member.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (d *decoder) jsonScalar(n *yaml.Node, path string) (any, bool) {
	switch nothingOf(n) {
	case null:
		return nil, true
	case nearNull:
		d.errorf(n, "%s has nothing behind it: write null or a value", join(d.f.Name, path))
		return nil, false
	}
	plain := n.Style&quoted == 0 && !slices.Contains(d.f.Texts, path)
	switch {
	case plain && (n.Value == "true" || n.Value == "false"):
		return n.Value == "true", true
	case plain && isNumber(n.Value):
		return json.Number(n.Value), true
	}
	return n.Value, true
}

// isNumber tells whether a text is a decimal number as JSON writes it,
// without an exponent and of a size that all readers of JSON keep.
func isNumber(s string) bool {
	const digits = 15
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	switch {
	case len(whole)+len(fraction) > digits, whole == "", point && fraction == "":
		return false
	case len(whole) > 1 && whole[0] == '0', strings.Trim(whole+fraction, "0123456789") != "":
		return false
	}
	return true
}
