package state

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/state/sheet"
)

// tablePerson is somebody of the sources, of one row or of several.
type tablePerson struct {
	source   *tableSource // of the first row
	key      string
	at       place // of the key in the first row
	keys     []got // by which sources find the person, each aim once
	cells    []got // one for each aim, without groups
	groups   []got
	proposed string // username for somebody new
	name     string // username: of the entry, live, or proposed
	live     int    // index among live objects, -1 for nobody
	by       string // what the row has in common with an entry: username, or a field; "" for none
	written  bool   // there is an entry of YAML
	skipped  string // why nothing is made of the rows, "" if something is
	doubted  bool   // it has been told that they may be somebody else

	now *tablePerson // whose row counts instead, nil for this one
}

// got is what a cell gives.
type got struct {
	aim  *aim
	text string // "" for a blank cell
	src  *tableSource
	row  int
}

// at is the cell as a place: of a pattern the first one.
func (g got) at() place { return g.src.place(g.aim.first(), g.row) }

// node is a node where the cell is.
func (g got) node(kind yaml.Kind, tag, text string) *yaml.Node {
	c := &g.src.sheet.Rows[g.row][g.aim.first()]
	return &yaml.Node{Kind: kind, Tag: tag, Value: text, Line: c.Line, Column: c.Column}
}

// cell is what a person has for an aim; that of nothing has no aim.
func (p *tablePerson) cell(name string) got { return cellOf(p.cells, name) }

func cellOf(cells []got, name string) got {
	for _, g := range cells {
		if g.aim.name == name {
			return g
		}
	}
	return got{}
}

// tablePeople gathers the people of all sources, sorted by key, so that the
// order of rows says nothing.
func (a *assembly) tablePeople() {
	byKey, others := map[[2]string]*tablePerson{}, map[[2]string]*tablePerson{}
	for _, s := range a.tables {
		seen := map[*tablePerson]bool{}
		var row []got
		for r := range s.sheet.Rows {
			row = s.row(r, row[:0])
			key := cellOf(row, s.key.name)
			if key.text == "" {
				s.keyless++
				a.noKey(key)
				continue
			}
			p := byKey[key.identity()]
			if p == nil {
				p = s.known(row, others)
			}
			if p == nil {
				p = &tablePerson{source: s, key: key.text, at: key.at(), live: -1}
				a.people = append(a.people, p)
			}
			byKey[key.identity()], seen[p] = p, true
			p.foundBy(key)
			a.merge(p, row)
		}
		s.people = len(seen)
		s.strangers(a)
		if len(a.tables) == 1 {
			break // nobody is looked for by what another source says
		}
		for _, p := range a.people {
			p.identities(func(id [2]string) { others[id] = p })
		}
	}
	slices.SortFunc(a.people, func(x, y *tablePerson) int {
		return cmp.Or(strings.Compare(Fold(x.key), Fold(y.key)), strings.Compare(x.source.key.name, y.source.key.name))
	})
}

// identity is what a cell says of who somebody is.
func (g got) identity() [2]string { return [2]string{g.aim.name, Fold(g.text)} }

// foundBy notes a key of a person.
func (p *tablePerson) foundBy(key got) {
	if !slices.ContainsFunc(p.keys, func(k got) bool { return k.aim.name == key.aim.name }) {
		p.keys = append(p.keys, key)
	}
}

// known is the person of an earlier source with another key whom a row is
// about, nil for none.
func (s *tableSource) known(row []got, others map[[2]string]*tablePerson) *tablePerson {
	for _, name := range append([]string{s.key.name}, keyFields...) {
		g := cellOf(row, name)
		if g.text == "" {
			continue
		}
		if p := others[g.identity()]; p != nil && !slices.ContainsFunc(p.keys, func(k got) bool { return k.aim.name == s.key.name }) {
			return p
		}
	}
	return nil
}

// identities are all texts of a person by which a source may find people.
func (p *tablePerson) identities(do func([2]string)) {
	for _, g := range p.cells {
		if name := g.aim.name; g.text != "" && (slices.Contains(keyFields, name) || strings.HasPrefix(name, "attributes.")) {
			do(g.identity())
		}
	}
}

// row appends the cells of a row, each with what it is for.
func (s *tableSource) row(r int, row []got) []got {
	for _, t := range s.aims {
		if t.named == nil || s.sheet.Rows[r][t.named.column].Text == t.named.name {
			row = append(row, got{t, s.text(t, r), s, r})
		}
	}
	return row
}

// text is what a row has for an aim.
func (s *tableSource) text(t *aim, r int) (text string) {
	switch {
	case t.from != nil:
		text = s.filled(t.from, r)
	case t.days != nil:
		text = t.days[r]
	default:
		text = s.sheet.Rows[r][t.column].Text
	}
	if t.values == nil || text == "" {
		return text
	}
	if known, ok := t.values[strings.ToLower(text)]; ok {
		return known
	}
	t.unknown[text]++
	return text
}

// place is a cell as a place.
func (s *tableSource) place(column, r int) place {
	c := s.sheet.Rows[r][column]
	return place{s.file, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: c.Text, Line: c.Line, Column: c.Column}}
}

// filled is a pattern for a row; "" if a cell that it needs is blank.
func (s *tableSource) filled(p *pattern, r int) string {
	var b strings.Builder
	for _, part := range p.parts {
		text := part.text
		if part.column >= 0 {
			if text = s.sheet.Rows[r][part.column].Text; text == "" {
				return ""
			}
		}
		b.WriteString(text)
	}
	return b.String()
}

// strangers warns of texts that values does not know, once each.
func (s *tableSource) strangers(a *assembly) {
	for _, t := range s.aims {
		for _, text := range slices.Sorted(maps.Keys(t.unknown)) {
			r := slices.IndexFunc(s.sheet.Rows, func(row []sheet.Cell) bool { return row[t.column].Text == text })
			shown := strconv.Quote(text)
			if t.private() {
				shown = "what is here"
			}
			a.add(Warning, s.place(t.column, r), "", "column %q: %s is not among values and is taken as it is, in %s", s.sheet.Headings[t.column].Text, shown, plural(t.unknown[text], "row"))
		}
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// merge adds a row to a person. Rows of one person may differ in the group, and
// may leave blank what another one says.
func (a *assembly) merge(p *tablePerson, row []got) {
	if p.cells == nil {
		p.cells = make([]got, 0, len(row))
	}
	if a.twoPeople(p, row) {
		return
	}
	for _, g := range row {
		if g.aim.name == "groups" {
			same := func(o got) bool { return o.text == g.text }
			if g.text != "" && !slices.ContainsFunc(p.groups, same) {
				p.groups = append(p.groups, g)
			}
			continue
		}
		i := slices.IndexFunc(p.cells, func(o got) bool { return o.aim.name == g.aim.name })
		switch {
		case i < 0:
			p.cells = append(p.cells, g)
		case p.cells[i].text == "":
			p.cells[i] = g
		case g.text != "" && !g.same(p.cells[i]):
			a.twoValues(p, p.cells[i], g)
		}
	}
}

// twoPeople refuses a row with another name than a row before: what finds people
// is that of two.
func (a *assembly) twoPeople(p *tablePerson, row []got) bool {
	for _, aim := range []string{"firstname", "lastname"} {
		old, g := p.cell(aim), cellOf(row, aim)
		if old.text != "" && g.text != "" && !g.same(old) {
			a.add(Error, g.at(), "give one of them another where the table comes from; if it is one person, write the name in one way",
				"%s is the %s of two people: the name here is not the one at %s", p.key, g.src.key.name, old.at())
			return true
		}
	}
	return false
}

// twoValues refuses a cell that says something else than another one of the
// same person. It shows neither: a log is no place for addresses.
func (a *assembly) twoValues(p *tablePerson, old, g got) {
	if old.src == g.src && old.row == g.row {
		a.add(Error, g.at(), "leave one of them blank, or give it another name", "%s has two values of %s in one row: in %s and in %s", p.key, g.aim.name, old.title(), g.title())
		return
	}
	in := ""
	if g.aim.from == nil {
		in = "in " + g.title() + " "
	}
	a.add(Error, g.at(), "rows of one person may differ in the group only", "%s has two values of %s: %shere, and at %s", p.key, g.aim.name, in, old.at())
}

// same tells whether two cells of one person say the same.
func (g got) same(old got) bool {
	if g.aim.field == nil || g.aim.field.Fold || g.aim.name == g.src.key.name || g.aim.name == "manager" {
		return Fold(g.text) == Fold(old.text)
	}
	return g.text == old.text
}

// title is the column of a cell, or what it is for.
func (g got) title() string {
	if g.aim.from == nil {
		return "column " + strconv.Quote(g.src.sheet.Headings[g.aim.column].Text)
	}
	return g.aim.name
}

// noKey skips a row that says nothing of whom it is about. Where people whom
// no file names are locked out, nobody may be overlooked.
func (a *assembly) noKey(key got) {
	severity := Warning
	for _, policy := range []string{a.d.Policy.UnlistedUsers, a.d.Policy.DroppedUsers} {
		if policy == "suspend" || policy == "delete" {
			severity = Error
		}
	}
	a.add(severity, key.at(), "fill it in where the table comes from", "%s, the key, is blank: the row is skipped", key.title())
}
