package state

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// flow changes the members of a collection in brackets.
func (e *splicer) flow(c *collection) {
	if !c.left() {
		e.fill(c)
		return
	}
	for i := 0; i < c.count(); i++ {
		if !c.gone[i] {
			continue
		}
		first := i
		for i+1 < c.count() && c.gone[i+1] {
			i++
		}
		e.cut(c, first, i)
	}
	if len(c.more) > 0 {
		e.extend(c)
	}
}

// fill writes members where there were none, or where none stays. Empty
// users and groups of a file become a block.
func (e *splicer) fill(c *collection) {
	from, to := e.start(c.node), e.end(c.node, -1)
	if c.depth() == 1 && c.count() == 0 && c.up.node.Style&yaml.FlowStyle == 0 && e.isBlank(from+1, to-1) {
		key := c.up.node.Content[c.at-1]
		e.splice(e.colon(e.end(key, c.indent())), to, "")
		e.under(c, to)
		return
	}
	text := strings.Join(e.members(c), ", ")
	if c.count() == 0 && !e.isBlank(from+1, to-1) { // a comment stays
		e.splice(from+1, from+1, text+" ")
		return
	}
	e.splice(from+1, to-1, text)
}

// under writes members as lines below the key of a collection that ends at
// an offset.
func (e *splicer) under(c *collection, end int) {
	at := e.nextLine(end)
	text := e.lines(c, c.up.node.Column-1+c.step(), false)
	if at == len(e.text) && e.lineStart(at) != at {
		text = "\n" + strings.TrimSuffix(text, "\n")
	}
	e.splice(at, at, strings.ReplaceAll(text, "\n", e.lineBreak(at)))
}

// members are the new members, each in one line.
func (e *splicer) members(c *collection) (texts []string) {
	for i := 0; i < len(c.more); i += c.width() {
		parts := []string{}
		for _, n := range c.more[i : i+c.width()] {
			parts = append(parts, inline(n))
		}
		texts = append(texts, strings.Join(parts, ": "))
	}
	return texts
}

// span is where a member of a collection in brackets begins and ends.
func (e *splicer) span(c *collection, i int) (from, to int) {
	w := c.width()
	return e.start(c.node.Content[i*w]), e.end(c.node.Content[i*w+w-1], -1)
}

// cut takes members out, with a comma each, and with their lines if they
// have lines of their own.
func (e *splicer) cut(c *collection, first, last int) {
	from, _ := e.span(c, first)
	_, to := e.span(c, last)
	comma := e.comma(to)
	switch {
	case e.isBlank(e.lineStart(from), from) && e.endsLine(max(to, comma+1)):
		e.splice(e.lineStart(from), e.nextLine(max(to, comma)), "")
		if comma < 0 && len(c.more) == 0 {
			_, before := e.span(c, first-1)
			if comma := e.comma(before); comma >= 0 {
				e.splice(comma, comma+1, "")
			}
		}
	case first > 0:
		_, before := e.span(c, first-1)
		e.splice(before, to, "")
	default:
		next, _ := e.span(c, last+1)
		e.splice(from, next, "")
	}
}

// endsLine tells whether only a comment follows in the line.
func (e *splicer) endsLine(at int) bool {
	rest := strings.TrimFunc(string(e.text[at:e.nextLine(at)]), isYAMLSpace)
	return rest == "" || strings.HasPrefix(rest, "#")
}

// extend writes members behind the last one that stays: on lines of their
// own if that has one.
func (e *splicer) extend(c *collection) {
	last := c.count() - 1
	for c.gone[last] {
		last--
	}
	from, to := e.span(c, last)
	comma := e.comma(to)
	after := max(to, comma+1)
	line := e.lineStart(from)
	if last < c.count()-1 || !e.isBlank(line, from) || !e.endsLine(after) {
		e.splice(to, to, ", "+strings.Join(e.members(c), ", "))
		return
	}
	end := ""
	if comma < 0 {
		e.splice(to, to, ",")
	} else {
		end = ","
	}
	at := e.nextLine(after)
	lineBreak, indent := e.lineBreak(at), string(e.text[line:from])
	e.splice(at, at, indent+strings.Join(e.members(c), ","+lineBreak+indent)+end+lineBreak)
}
