package state

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// Line is what a file says where it wants values of one field as they are:
// `phoneNumbers: [{type: work, number: "+49301234"}]`. A part or field that is
// unset is null; the text of a manager is a name. It is "" if a file cannot
// say it, or not there: a name is the key of an entry.
func Line(values []schema.Value) string {
	if len(values) == 0 {
		return ""
	}
	f := schema.Of(values[0].Field)
	if f.Key || f.Type == schema.Ref && strings.HasPrefix(values[0].Text, "#") {
		return ""
	}
	n := lineNode(f, values)
	if n == nil {
		return ""
	}
	line := mapping()
	put(line, f.Name, n)
	flow(n)
	var b bytes.Buffer
	if err := encodeYAML(&b, line); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func lineNode(f *schema.Field, values []schema.Value) (n *yaml.Node) {
	if values[0].Part == "" && values[0].Text == "" {
		return plainNode("null")
	}
	for _, v := range values {
		if v.Text == "" {
			n = withRemoved(n, f, v.Part)
		} else {
			n = withValue(n, f, v)
		}
		if n == nil {
			return nil
		}
	}
	return n
}

// withRemoved is the node n of a field with a part more that is removed.
func withRemoved(n *yaml.Node, f *schema.Field, part string) *yaml.Node {
	if f.Type == schema.Map {
		if n == nil {
			n = mapping()
		}
		put(n, part, plainNode("null"))
		return n
	}
	if n == nil {
		n = sequence()
	}
	entry := mapping()
	put(entry, "type", textNode(part))
	put(entry, f.Members[0], plainNode("null"))
	n.Content = append(n.Content, entry)
	return n
}

// flow writes a node on one line.
func flow(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode {
		n.Style = yaml.FlowStyle
	}
}
