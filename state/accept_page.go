package state

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// page is the text of a file, in which nodes are found as bytes. The parser
// says only where a node begins, by lines and characters; where it ends
// follows from its style and its value.
type page struct {
	text  []byte
	lines []int // where each line begins, as YAML counts lines
	lost  bool  // a node was not found where it should be
}

func newPage(text []byte) *page {
	p := &page{text: text, lines: []int{0}}
	for i := 0; i < len(text); {
		n := breakAt(text[i:])
		i += max(n, 1)
		if n > 0 {
			p.lines = append(p.lines, i)
		}
	}
	return p
}

// breaks are what YAML takes for the end of a line, of two that begin alike
// the longer one first.
var breaks = []string{"\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029"}

// breakAt is the length of the line break that a text begins with, 0 if it
// begins with none.
func breakAt(text []byte) int {
	for _, b := range breaks {
		if bytes.HasPrefix(text, []byte(b)) {
			return len(b)
		}
	}
	return 0
}

// start is where a node begins.
func (p *page) start(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(p.lines) {
		return p.lose()
	}
	at := p.lines[n.Line-1]
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(p.text[at:])
		at += size
	}
	return at
}

// lose notes that the text is not what the nodes say. What is found then is
// not used.
func (p *page) lose() int {
	p.lost = true
	return 0
}

// line is the number of the line of an offset, from 0.
func (p *page) line(at int) int { return sort.SearchInts(p.lines, at+1) - 1 }

// lineStart is where the line of an offset begins.
func (p *page) lineStart(at int) int { return p.lines[p.line(at)] }

// nextLine is where the line behind that of an offset begins, or the end of
// the text.
func (p *page) nextLine(at int) int {
	if n := p.line(at) + 1; n < len(p.lines) {
		return p.lines[n]
	}
	return len(p.text)
}

// isBlank tells whether there are only spaces and tabs, and breaks, between
// two offsets.
func (p *page) isBlank(from, to int) bool {
	return from <= to && strings.TrimFunc(string(p.text[from:to]), isYAMLSpace) == ""
}

func isYAMLSpace(r rune) bool {
	return strings.ContainsRune(" \t\n\r\u0085\u2028\u2029", r)
}

// end is where a node ends; of a block of text without the break of its last
// line. Indent is the column, from 0, of the block collection that the node
// is in, -1 for none.
func (p *page) end(n *yaml.Node, indent int) int {
	switch at := p.start(n); {
	case n.Kind == yaml.ScalarNode:
		return p.scalarEnd(n, at, indent)
	case n.Kind != yaml.MappingNode && n.Kind != yaml.SequenceNode:
		return p.lose()
	case n.Style&yaml.FlowStyle != 0:
		return p.flowEnd(n, at)
	case len(n.Content) == 0:
		return p.lose()
	default:
		return p.end(n.Content[len(n.Content)-1], n.Column-1)
	}
}

func (p *page) scalarEnd(n *yaml.Node, at, indent int) int {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return p.quotedEnd(at, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return p.quotedEnd(at, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return p.blockOf(at, indent).end
	}
	return p.plainEnd(at, n.Value)
}

// quotedEnd is the end of a text in quotes.
func (p *page) quotedEnd(at int, quote byte) int {
	if at >= len(p.text) || p.text[at] != quote {
		return p.lose()
	}
	for i := at + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\' && quote == '"':
			i++
		case c == quote && quote == '\'' && i+1 < len(p.text) && p.text[i+1] == quote:
			i++
		case c == quote:
			return i + 1
		}
	}
	return p.lose()
}

// plainEnd is the end of a text without quotes, which has all characters of
// its value in their order, and maybe other white space between them.
func (p *page) plainEnd(at int, value string) int {
	for _, r := range value {
		if isYAMLSpace(r) {
			continue
		}
		for {
			have, size := utf8.DecodeRune(p.text[at:])
			if size == 0 || have != r && !isYAMLSpace(have) {
				return p.lose()
			}
			at += size
			if have == r {
				break
			}
		}
	}
	return at
}

// textBlock is a literal or folded text: the offsets of its header and of its
// lines.
type textBlock struct {
	header string // |, >-, ...
	first  int    // where its first line begins; that of the next node if it has none
	indent int    // of its lines
	end    int
}

// blockOf finds a literal or folded text that begins at an offset, in a
// collection of an indentation.
func (p *page) blockOf(at, indent int) textBlock {
	b := textBlock{first: p.nextLine(at)}
	n := at
	for n < len(p.text) && strings.IndexByte("|>+-0123456789", p.text[n]) >= 0 {
		n++
	}
	b.header, b.end = string(p.text[at:n]), n
	if n == at {
		p.lose()
	}
	if digit := strings.IndexAny(b.header, "123456789"); digit >= 0 {
		b.indent = max(indent, 0) + int(b.header[digit]-'0')
	}
	for line := b.first; line < len(p.text); line = p.nextLine(line) {
		text := strings.TrimRightFunc(string(p.text[line:p.nextLine(line)]), isYAMLSpace)
		wide := len(text) - len(strings.TrimLeft(text, " "))
		switch {
		case text == "":
			continue
		case b.indent == 0 && wide > indent:
			b.indent = wide
		case b.indent == 0 || wide < b.indent:
			return b
		}
		b.end = line + len(text)
	}
	return b
}

// flowEnd is the end of a collection in brackets.
func (p *page) flowEnd(n *yaml.Node, at int) int {
	closing := map[yaml.Kind]string{yaml.MappingNode: "{}", yaml.SequenceNode: "[]"}[n.Kind]
	if at >= len(p.text) || p.text[at] != closing[0] {
		return p.lose() // {a: 1} in a list may come without its brackets
	}
	at++
	if last := len(n.Content) - 1; last >= 0 {
		at = p.end(n.Content[last], -1)
	}
	if at = p.skip(at, ",:"); at < len(p.text) && p.text[at] == closing[1] {
		return at + 1
	}
	return p.lose()
}

// skip is the first offset behind white space, comments, and signs.
func (p *page) skip(at int, signs string) int {
	for at < len(p.text) {
		switch r, size := utf8.DecodeRune(p.text[at:]); {
		case r == '#':
			at = p.nextLine(at)
		case isYAMLSpace(r) || strings.ContainsRune(signs, r):
			at += size
		default:
			return at
		}
	}
	return at
}

// comma is the offset of the comma behind a member in brackets, -1 if there
// is none.
func (p *page) comma(at int) int {
	if at = p.skip(at, ""); at < len(p.text) && p.text[at] == ',' {
		return at
	}
	return -1
}

// colon is the offset behind the colon of a key that ends at an offset.
func (p *page) colon(at int) int {
	if at = p.skip(at, ""); at < len(p.text) && p.text[at] == ':' {
		return at + 1
	}
	return p.lose()
}
