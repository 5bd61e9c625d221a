package report

import (
	"cmp"
	"slices"
)

// detail is how much is told of an organization.
type detail uint8

const (
	whole   detail = iota
	brief          // of many people with the same change a few names; notes and what is left alone as numbers
	shapes         // people of whom the same fields change are one row, without the values
	some           // as many rows as fit, drift as numbers
	short          // no rows; a short line for each thing that must be looked at
	cutting        // as many of those lines as fit
)

// fit is the comment in as many words as fit: without the plan as text
// first, then in less and less detail, of the longest organization first.
func (m *markdown) fit() string {
	for _, s := range m.sections {
		m.write(s)
	}
	if comment := m.comment(); characters(comment) <= m.max {
		return comment
	}
	m.text = ""
	for d := brief; d <= cutting && !m.fits(); d++ {
		m.shorten(d)
	}
	m.fill()
	m.drop()
	return m.comment()
}

// fits tells whether the comment fits as it stands.
func (m *markdown) fits() bool { return m.length() <= m.max }

// length is that of the comment, which need not be put together for it.
func (m *markdown) length() int {
	n := characters(m.head()) + len(m.fleetHead()) + len(m.fleetEnd()) + characters(m.unchanged()) + len("\n") + characters(m.text) + characters(m.foot())
	for i, s := range m.sections {
		n += s.length
		if i < m.listed {
			n += s.verdictLength
		}
	}
	return n
}

// write renders an organization in its detail.
func (m *markdown) write(s *section) {
	s.verdict, s.text = m.verdict(s), m.section(s)
	s.length, s.verdictLength = characters(s.text), characters(s.verdict)
}

// shorten tells one organization after the other in less detail, the
// longest first, until the comment fits.
func (m *markdown) shorten(d detail) {
	longest := slices.Clone(m.sections)
	slices.SortStableFunc(longest, func(a, b *section) int { return cmp.Compare(b.length, a.length) })
	total := m.length()
	for _, s := range longest {
		if total <= m.max {
			return
		}
		total -= s.length + s.verdictLength
		s.detail = d
		m.write(s)
		total += s.length + s.verdictLength
	}
}

// fill shows as many rows, and as many lines of what must be looked at, as
// there is room for: refusals of all organizations first, and within an
// organization the worst first.
func (m *markdown) fill() {
	room := m.max - m.length()
	for _, kind := range []itemKind{refusal, heldBack, lookAt} {
		for _, s := range m.sections {
			if s.detail == cutting {
				m.fillItems(s, kind, &room)
			}
		}
	}
	for _, s := range m.sections {
		if s.detail == some {
			m.fillRows(s, &room)
		}
		if s.detail >= some {
			m.write(s)
		}
	}
}

// fillItems takes the items of a kind. Where one did not fit, none of what
// comes after it is shown: the reader sees where it ends.
func (m *markdown) fillItems(s *section, k itemKind, room *int) {
	for s.shown < len(s.items) && s.items[s.shown].kind == k {
		n := characters(bullet(s.items[s.shown].short))
		if n > *room {
			return
		}
		*room -= n
		s.shown++
	}
}

func (m *markdown) fillRows(s *section, room *int) {
	rows := m.rows(s.own(), s.detail)
	*room -= characters(tableHead) + len("\n")
	for _, row := range rows {
		if *room -= characters(row); *room < 0 {
			return
		}
		s.shown++
	}
}

// drop leaves out organizations if not even a few words on each fit: all
// that is said of them apart, then the verdicts of the last.
func (m *markdown) drop() {
	if m.fits() {
		return
	}
	for _, s := range m.sections {
		s.shown = 0
		m.write(s)
		s.text, s.length = "", 0
	}
	m.listed, m.names = m.loud(), 0
	for m.listed > 0 && !m.fits() {
		m.listed--
	}
}

// loud is how many organizations have a verdict of their own.
func (m *markdown) loud() int {
	return len(m.sections) - m.count(quiet)
}

// hidden is how many organizations have one that is not shown.
func (m *markdown) hidden() (n int) {
	for _, s := range m.sections[m.listed:] {
		if m.class(s) != quiet {
			n += len(s.together)
		}
	}
	return n
}

func (m *markdown) count(c class) (n int) {
	for _, s := range m.sections {
		if m.class(s) == c {
			n++
		}
	}
	return n
}
