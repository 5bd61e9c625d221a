package state

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// merger makes nodes of a file say what others say, with as few changes as
// that takes.
type merger struct {
	*splicer
	texts bool // all scalars but bools are texts, whatever they look like; a null member is none
}

// become makes the value at a spot say what want says.
func (m merger) become(s *spot, want *yaml.Node) {
	have := s.node
	switch {
	case m.same(have, want):
	case !m.texts && have.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0: // the line break at its end counts
		m.instead(s, inline(want))
	case have.Kind != want.Kind || have.Kind == yaml.ScalarNode || len(want.Content) == 0:
		m.set(s, want)
	case have.Kind == yaml.MappingNode:
		m.mapping(s, want)
	default:
		m.list(s, s.items(), want.Content)
	}
}

// same tells whether two nodes say the same.
func (m merger) same(a, b *yaml.Node) bool {
	switch {
	case a.Kind != b.Kind:
		return false
	case a.Kind == yaml.ScalarNode && m.texts:
		return strings.TrimSpace(a.Value) == strings.TrimSpace(b.Value) && isNull(a) == isNull(b)
	case a.Kind == yaml.ScalarNode:
		return a.Value == b.Value && m.isText(a) == m.isText(b)
	case a.Kind == yaml.SequenceNode:
		return slices.EqualFunc(a.Content, b.Content, m.same)
	}
	return m.covers(a, b) && m.covers(b, a)
}

// isText tells whether a scalar of JSON is a text.
func (m merger) isText(n *yaml.Node) bool {
	if n.Style&quotedStyle != 0 {
		return true
	}
	switch n.Tag {
	case "!!int", "!!float", "!!bool", "!!null", "":
		return false
	}
	return true
}

// covers tells whether b has all members of a.
func (m merger) covers(a, b *yaml.Node) bool {
	list := pairs(a)
	for i := 0; i+1 < len(list); i += 2 {
		other := child(b, list[i].Value)
		switch {
		case m.texts && isNull(list[i+1]):
		case other == nil || !m.same(list[i+1], other):
			return false
		}
	}
	return true
}

// mapping gives a mapping the members of another, and no others.
func (m merger) mapping(s *spot, want *yaml.Node) {
	list := pairs(want)
	for i := 0; i+1 < len(list); i += 2 {
		if own := s.child(list[i].Value); own != nil {
			m.become(own, list[i+1])
		} else {
			m.add(s, list[i], list[i+1])
		}
	}
	list = pairs(s.node)
	for i := 0; i+1 < len(list); i += 2 {
		if child(want, list[i].Value) == nil && !(m.texts && isNull(list[i+1])) {
			m.drop(s.item(i + 1))
		}
	}
}

// list makes members of a list say what others say, in turn. Where order
// means nothing, those that say one of it already stay.
func (m merger) list(s *spot, have []*spot, want []*yaml.Node) {
	have, want = slices.Clone(have), slices.Clone(want)
	if m.texts {
		have = slices.DeleteFunc(have, func(h *spot) bool {
			i := slices.IndexFunc(want, func(w *yaml.Node) bool { return m.same(h.node, w) })
			if i >= 0 {
				want = slices.Delete(want, i, i+1)
			}
			return i >= 0
		})
	}
	for i, h := range have {
		if i < len(want) {
			m.become(h, want[i])
		} else {
			m.drop(h)
		}
	}
	for _, w := range want[min(len(have), len(want)):] {
		m.add(s, w)
	}
}

// byType makes the entries of some types of an array say what live says;
// others stay.
func (m merger) byType(s *spot, f *schema.Field, values []schema.Value) {
	for _, v := range values {
		var have []*spot
		for _, item := range s.items() {
			if strings.TrimSpace(value(child(item.node, "type"))) == v.Part {
				have = append(have, item)
			}
		}
		var want []*yaml.Node
		if v.Text != "" {
			want = withEntries(nil, f, v).Content
		}
		m.list(s, have, want)
	}
}
