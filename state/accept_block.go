package state

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"
)

// block changes the members of a collection that has a line or more for each.
func (e *splicer) block(c *collection) {
	for i := 0; i < c.count(); i++ {
		if !c.gone[i] {
			continue
		}
		from, to := e.extent(c.spot, i, c.comments)
		if from != e.lineStart(from) { // behind the hyphen of a list
			for i+1 < c.count() && c.gone[i+1] {
				i++
			}
			if i+1 == c.count() {
				e.lose()
				return
			}
			to = e.start(c.node.Content[(i+1)*c.width()])
		} else if c.comments && from > 0 && to < len(e.text) && e.isBlank(e.lineStart(from-1), from) && e.isBlank(to, e.nextLine(to)) {
			from = e.lineStart(from - 1) // one of the blank lines around it
		}
		e.splice(from, to, "")
	}
	if len(c.more) > 0 {
		e.append(c)
	}
}

// extent is the lines of a member of a block collection, with the comments
// directly above if they are asked for; of one that stands behind something
// else in its line, without that.
func (e *splicer) extent(s *spot, i int, comments bool) (from, to int) {
	width := (&collection{spot: s}).width()
	last := s.node.Content[i*width+width-1]
	at := e.dash(s, e.start(s.node.Content[i*width]))
	from, to = e.lineStart(at), e.nextLine(e.end(last, s.node.Column-1))
	if !e.isBlank(from, at) {
		return at, to
	}
	for indent := at - from; comments && from > 0; {
		above := e.lineStart(from - 1)
		rest := strings.TrimLeft(string(e.text[above:from]), " ")
		if !strings.HasPrefix(rest, "#") || from-above-len(rest) != indent {
			break
		}
		from = above
	}
	return from, to
}

// append writes members behind the last one.
func (e *splicer) append(c *collection) {
	last := c.count() - 1
	_, at := e.extent(c.spot, last, false)
	text := e.lines(c, c.node.Column-1, e.spaced(c))
	if at == len(e.text) && e.lineStart(at) != at { // a file without a line break at its end
		text = strings.TrimSuffix(text, "\n")
		if !c.gone[last] {
			text = "\n" + text
		}
	}
	e.splice(at, at, strings.ReplaceAll(text, "\n", e.lineBreak(at)))
}

// spaced tells whether blank lines stand between the entries of a file, or
// between its sections.
func (e *splicer) spaced(c *collection) bool {
	if c.depth() > 1 || c.count() < 2 {
		return false
	}
	from, _ := e.extent(c.spot, c.count()-1, true)
	return from > 0 && e.isBlank(e.lineStart(from-1), from)
}

// lines are the new members of a block collection, each ended by a line
// break, as the exporter lays them out.
func (e *splicer) lines(c *collection, indent int, spaced bool) string {
	var b strings.Builder
	for i := 0; i < len(c.more); i += c.width() {
		if spaced {
			b.WriteString("\n")
		}
		member := &yaml.Node{Kind: c.node.Kind, Content: c.more[i : i+c.width()]}
		e.layOut(c, member, indent)
		for line := range strings.Lines(encoded(member, c.step())) {
			b.WriteString(strings.Repeat(" ", indent) + line)
		}
	}
	return b.String()
}

// layOut decides what of a new member stands on one line.
func (e *splicer) layOut(c *collection, member *yaml.Node, indent int) {
	value := member.Content[len(member.Content)-1]
	switch {
	case c.up == nil && value.Kind == yaml.MappingNode: // users or groups
		layoutEntries(value)
	case c.width() == 2:
		layout(value, indent+flowWidth(member.Content[0])+len(": "), indent)
	case value.Kind == yaml.MappingNode && c.count() > 0 && c.node.Content[c.count()-1].Style&yaml.FlowStyle == 0:
		for i := 1; i < len(value.Content); i += 2 {
			flow(value.Content[i])
		}
	default:
		flow(value)
	}
}

// step is by how much what is inside of an entry of this file is indented.
func (c *collection) step() int {
	top := c.spot
	for top.up != nil {
		top = top.up
	}
	for _, n := range top.node.Content {
		if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && n.Column > top.node.Column {
			return n.Column - top.node.Column
		}
	}
	return len("  ")
}

// encoded is a node as YAML, in which each level is indented by a step.
func encoded(n *yaml.Node, step int) string {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(step)
	if e.Encode(n) != nil || e.Close() != nil {
		return ""
	}
	return string(escapeHidden(b.Bytes()))
}

// inline is a node in one line.
func inline(n *yaml.Node) string {
	flow(n)
	line := mapping()
	put(line, "k", n)
	return strings.TrimPrefix(strings.TrimSuffix(encoded(line, 2), "\n"), "k: ")
}

// set writes another value in place of one, in its style where that can hold
// it.
func (e *splicer) set(s *spot, want *yaml.Node) {
	have := s.node
	if have.Kind != yaml.ScalarNode || want.Kind != yaml.ScalarNode || want.Tag != "!!str" {
		e.instead(s, inline(want))
		return
	}
	switch {
	case have.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		e.setText(s, want)
	case have.Style&yaml.SingleQuotedStyle != 0 && !strings.ContainsFunc(want.Value, isInvisible):
		e.instead(s, "'"+strings.ReplaceAll(want.Value, "'", "''")+"'")
	case have.Style&yaml.DoubleQuotedStyle != 0:
		quoted := *want
		quoted.Style = yaml.DoubleQuotedStyle
		e.instead(s, inline(&quoted))
	default:
		e.instead(s, inline(want))
	}
}

// setText writes another value in place of a literal or folded one. A folded
// one of several lines becomes literal.
func (e *splicer) setText(s *spot, want *yaml.Node) {
	at := e.start(s.node)
	b := e.blockOf(at, s.indent())
	hidden := func(r rune) bool { return r != '\n' && isInvisible(r) }
	if b.end < b.first || strings.ContainsAny(b.header, "123456789") || strings.ContainsFunc(want.Value, hidden) {
		e.instead(s, inline(want))
		return
	}
	lines := strings.Split(want.Value, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = strings.Repeat(" ", b.indent) + line
		}
	}
	if len(lines) > 1 && b.header[0] == '>' {
		e.splice(at, at+1, "|")
	}
	e.splice(b.first, b.end, strings.Join(lines, e.lineBreak(b.first)))
}
