package state

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// spot is a node with the way that leads to it.
type spot struct {
	up   *spot // nil of a document's top node
	node *yaml.Node
	at   int // index in up.node.Content
}

// child is the value of a key of a mapping, nil if there is none.
func (s *spot) child(key string) *spot {
	list := pairs(s.node)
	for i := 0; i+1 < len(list); i += 2 {
		if list[i].Value == key {
			return s.item(i + 1)
		}
	}
	return nil
}

func (s *spot) item(at int) *spot { return &spot{up: s, node: s.node.Content[at], at: at} }

// items are the members of a list.
func (s *spot) items() (all []*spot) {
	if s == nil || s.node.Kind != yaml.SequenceNode {
		return nil
	}
	for i := range s.node.Content {
		all = append(all, s.item(i))
	}
	return all
}

// depth is how far a spot is below the top node.
func (s *spot) depth() int {
	if s.up == nil {
		return 0
	}
	return 1 + s.up.depth()
}

// indent is the column of the block collection that a node is in, -1 for none.
func (s *spot) indent() int {
	if s.up == nil || s.up.node.Style&yaml.FlowStyle != 0 {
		return -1
	}
	return s.up.node.Column - 1
}

// splicer changes some bytes of a file and keeps all others. Changes are
// gathered by the collections that they are in, and made all at once.
type splicer struct {
	*page
	splices []splice
	changes []*collection
}

// splice replaces bytes by a text.
type splice struct {
	from, to int
	text     string
}

// collection is a mapping or list that loses or gains members.
type collection struct {
	*spot
	gone     map[int]bool // by index of the member
	comments bool         // the comments above members go with them
	more     []*yaml.Node // as in Content
}

func newSplicer(text []byte) *splicer { return &splicer{page: newPage(text)} }

// of is the collection at a spot.
func (e *splicer) of(s *spot) *collection {
	for _, c := range e.changes {
		if c.node == s.node {
			return c
		}
	}
	c := &collection{spot: s, gone: map[int]bool{}}
	e.changes = append(e.changes, c)
	return c
}

// width is the number of nodes of a member.
func (c *collection) width() int {
	if c.node.Kind == yaml.MappingNode {
		return 2
	}
	return 1
}

func (c *collection) count() int { return len(c.node.Content) / c.width() }

// left tells whether any member of now stays.
func (c *collection) left() bool { return len(c.gone) < c.count() }

// drop takes a value and its key, or a member of a list, out of a collection.
func (e *splicer) drop(s *spot) *collection {
	c := e.of(s.up)
	c.gone[s.at/c.width()] = true
	return c
}

// add appends nodes to a collection: keys and values in turn, or members of
// a list.
func (e *splicer) add(s *spot, nodes ...*yaml.Node) {
	c := e.of(s)
	c.more = append(c.more, nodes...)
}

func (e *splicer) splice(from, to int, text string) {
	e.splices = append(e.splices, splice{from, to, text})
}

// result is the text with all changes, and whether all could be made.
func (e *splicer) result() ([]byte, bool) {
	slices.SortStableFunc(e.changes, func(a, b *collection) int { return b.depth() - a.depth() }) // what is inside comes first
	for _, c := range e.changes {
		switch {
		case !c.left() && len(c.more) == 0:
			e.instead(c.spot, map[int]string{1: "[]", 2: "{}"}[c.width()])
		case c.node.Style&yaml.FlowStyle != 0:
			e.flow(c)
		default:
			e.block(c)
		}
	}
	slices.SortStableFunc(e.splices, func(a, b splice) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	var out bytes.Buffer
	at := 0
	for _, s := range e.splices {
		if s.from < at || s.to < s.from {
			e.lose()
			break
		}
		out.Write(e.text[at:s.from])
		out.WriteString(s.text)
		at = s.to
	}
	out.Write(e.text[at:])
	return out.Bytes(), !e.lost
}

// lineBreak is the one in front of an offset, else the first of the file.
func (e *splicer) lineBreak(at int) string {
	before := string(e.text[:at])
	if !strings.HasSuffix(before, "\n") && !strings.HasSuffix(before, "\r") {
		before = string(e.text[:e.nextLine(0)])
	}
	switch {
	case strings.HasSuffix(before, "\r\n"):
		return "\r\n"
	case strings.HasSuffix(before, "\r"):
		return "\r"
	}
	return "\n"
}

// instead writes a text in place of a node, in one line.
func (e *splicer) instead(s *spot, text string) {
	from, to := e.start(s.node), e.end(s.node, s.indent())
	switch block := s.node.Style&yaml.FlowStyle == 0 && s.node.Kind != yaml.ScalarNode; {
	case s.node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		b := e.blockOf(from, s.indent())
		e.splice(from, from+len(b.header), text)
		if b.end > b.first {
			e.splice(b.first, e.nextLine(b.end), "")
		}
	case block && s.up != nil && s.up.node.Kind == yaml.MappingNode:
		key := s.up.node.Content[s.at-1]
		colon := e.colon(e.end(key, s.indent()))
		first, _ := e.extent(s, 0, false)
		e.splice(colon, colon, " "+text)
		e.splice(max(first, colon), e.nextLine(to), "")
	case block:
		e.splice(e.dash(s, from), to, text)
	default:
		e.splice(from, to, text)
	}
}

// dash is where a member of a block list begins, with its hyphen, or of a
// mapping with its key.
func (e *splicer) dash(s *spot, at int) int {
	if s.node.Kind != yaml.SequenceNode || s.node.Style&yaml.FlowStyle != 0 {
		return at
	}
	for at > 0 && strings.IndexByte(" \t\r\n", e.text[at-1]) >= 0 {
		at--
	}
	if at == 0 || e.text[at-1] != '-' {
		return e.lose()
	}
	return at - 1
}
