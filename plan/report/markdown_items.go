package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
)

// item is one thing that must be looked at: it is told in few words if need
// be, and left out only if the others before it have taken all room.
type item struct {
	kind        itemKind
	long, short string
}

type itemKind uint8

const (
	refusal itemKind = iota
	heldBack
	lookAt // weaker policy, a hazard or conflict, or drift that locks somebody out or lets somebody in
)

// itemTitle is the title of a list of items.
func (m *markdown) itemTitle(k itemKind) string {
	switch k {
	case refusal:
		return "Refused: apply would write nothing to this organization"
	case heldBack:
		return heldTitle(m.options.Drift)
	}
	return "Look at these first"
}

// advised adds what to do to a sentence.
func advised(text, hint string) string {
	if hint == "" {
		return text
	}
	return text + " (hint: " + prose(hint, proseMax) + ")"
}

// addItems finds what must be looked at.
func (m *markdown) addItems(s *section) {
	for _, r := range refusals(s.org) {
		long, short := advised(opener(r.Reason, proseMax), r.Hint), opener(r.Reason, shortMax)
		s.items = append(s.items, item{refusal, m.passing(long, r.Org, r.Allow), m.passing(short, r.Org, r.Allow)})
	}
	if s.org.Read.Incomplete != "" {
		text := "incomplete read: " + s.org.Read.Incomplete
		s.items = append(s.items, item{refusal, prose(text, proseMax), prose(text, shortMax)})
	}
	org := cmp.Or(s.org.ID, s.org.Name)
	for i := range s.view.held {
		b := &s.view.held[i]
		long, short := subjectOf(b, nameMax)+": "+prose(b.verbs[0], proseMax), subjectOf(b, shortMax)+": "+prose(b.verbs[0], shortMax)
		s.items = append(s.items, item{heldBack, m.passing(long, org, b.allow), m.passing(short, org, b.allow)})
	}
	for _, what := range s.view.loosened {
		s.items = append(s.items, item{lookAt, "**policy** " + prose(what, proseMax), "**policy** " + prose(what, shortMax)})
	}
	for _, blocks := range [][]block{s.own(), s.view.drift} {
		for i := range blocks {
			if b := &blocks[i]; b.alarms() {
				s.items = append(s.items, item{lookAt, look(b), glance(b)})
			}
		}
	}
}

// alarms tells whether a block must be looked at. Of what the revision
// does, losses stand at the top of its table; drift is folded.
func (b *block) alarms() bool {
	access := b.rank <= suspends || b.rank == endangers && len(b.verbs) > 0
	return len(b.hazards)+len(b.conflicts) > 0 || b.drift && access
}

// subjectOf is whom a block is about.
func subjectOf(b *block, most int) string {
	name := code(cut(b.names[0], most))
	if b.kind == schema.Group {
		return "group " + name
	}
	return name
}

// look says what is to be looked at in a block.
func look(b *block) string {
	var parts []string
	for _, verb := range b.verbs {
		parts = append(parts, prose(verb, proseMax))
	}
	for _, h := range b.hazards {
		parts = append(parts, "**"+string(h)+"**: "+b.risk(h))
	}
	for _, c := range b.conflicts {
		parts = append(parts, disputed(c, valueMax))
	}
	for _, d := range b.deltas {
		if slices.Contains(b.hazards, schema.Of(d.field).Hazard) {
			parts = append(parts, difference(d))
		}
	}
	return subjectOf(b, nameMax) + b.blame() + ": " + strings.Join(parts, "; ")
}

// blame says of drift that it is.
func (b *block) blame() string {
	if b.drift {
		return " (drift, not from this change)"
	}
	return ""
}

// glance is look in few words.
func glance(b *block) string {
	var parts []string
	if b.drift && len(b.verbs) > 0 {
		parts = append(parts, prose(b.verbs[0], shortMax))
	}
	for _, h := range b.hazards {
		parts = append(parts, string(h))
	}
	const most = 3
	for i, c := range b.conflicts {
		if i < most {
			parts = append(parts, disputed(c, shortMax/4))
		}
	}
	if n := len(b.conflicts) - most; n > 0 {
		parts = append(parts, count(n, "more conflict"))
	}
	return subjectOf(b, shortMax) + b.blame() + ": " + strings.Join(parts, ", ")
}

// disputed shows all values of a conflict.
func disputed(c conflict, most int) string {
	if c.file == "" {
		return "**conflict** " + prose(c.what, proseMax)
	}
	show := func(text string) string { return shown(text, most) }
	return "**conflict** " + prose(c.what, nameMax) + ": base " + show(c.base) + ", live " + show(c.live) + ", file " + show(c.file)
}

// shown is a value that is clean already.
func shown(text string, most int) string {
	if text == nothing {
		return nothing
	}
	return code(cut(text, most))
}

// difference is a value that changes, in words.
func difference(d delta) string {
	name := prose(d.name, nameMax)
	switch {
	case d.old == "" && d.new == "":
		return name
	case d.entry && d.sign == add:
		return name + " gets " + shown(d.new, valueMax)
	case d.entry:
		return name + " loses " + shown(d.new, valueMax)
	case d.old != "":
		return name + " " + shown(d.old, valueMax) + arrow + shown(d.new, valueMax)
	case d.sign == add:
		return name + " " + nothing + arrow + shown(d.new, valueMax)
	}
	return name + " " + prose(d.new, valueMax) // a password and where it comes from
}

// itemLists are the lists of what must be looked at, by kind; in short all
// in one, with the number of those that do not fit.
func (m *markdown) itemLists(b *strings.Builder, s *section) {
	if s.detail >= short {
		var lines []string
		for i, it := range s.items {
			if s.detail == cutting && i == s.shown {
				lines = append(lines, fmt.Sprintf("**%d more**: %s", len(s.items)-i, m.elsewhere()))
				break
			}
			lines = append(lines, it.short)
		}
		m.itemList(b, lookAt, lines)
		return
	}
	for _, k := range []itemKind{refusal, heldBack, lookAt} {
		var lines []string
		for _, it := range s.items {
			if it.kind == k {
				lines = append(lines, it.long)
			}
		}
		m.itemList(b, k, lines)
	}
}

func (m *markdown) itemList(b *strings.Builder, k itemKind, lines []string) {
	if len(lines) > 0 {
		b.WriteString("**" + m.itemTitle(k) + "**\n\n" + bullets(lines))
	}
}
