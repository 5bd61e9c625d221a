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
	at       place          // of the key in the first row
	keys     []got          // by which sources find the person, each aim once
	cells    map[string]got // by the names of aims, without groups
	groups   []got
	proposed string // username for somebody new
	name     string // username: of the entry, live, or proposed
	live     int    // index among live objects, -1 for nobody
	written  bool   // there is an entry of YAML
	skipped  string // why nothing is made of the rows, "" if something is
}

// got is what a cell gives.
type got struct {
	aim  *aim
	text string // "" for a blank cell
	at   place
	src  *tableSource
}

// tablePeople gathers the people of all sources, sorted by key, so that the
// order of rows says nothing.
func (a *assembly) tablePeople() {
	byKey, others := map[[2]string]*tablePerson{}, map[[2]string]*tablePerson{}
	for _, s := range a.tables {
		seen := map[*tablePerson]bool{}
		for _, row := range s.rows() {
			key := row[s.key.name]
			if key.text == "" {
				a.noKey(s, row)
				continue
			}
			p := byKey[key.identity()]
			if p == nil {
				p = s.known(row, others)
			}
			if p == nil {
				p = &tablePerson{source: s, key: key.text, at: key.at, cells: map[string]got{}, live: -1}
				a.people = append(a.people, p)
			}
			byKey[key.identity()], seen[p] = p, true
			p.foundBy(key)
			a.merge(p, row)
		}
		s.people = len(seen)
		s.strangers(a)
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
func (s *tableSource) known(row map[string]got, others map[[2]string]*tablePerson) *tablePerson {
	for _, name := range append([]string{s.key.name}, keyFields...) {
		g := row[name]
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
	for name, g := range p.cells {
		if g.text != "" && (slices.Contains(keyFields, name) || strings.HasPrefix(name, "attributes.")) {
			do(g.identity())
		}
	}
}

// rows are the cells of a table by what they are for.
func (s *tableSource) rows() []map[string]got {
	rows := make([]map[string]got, len(s.sheet.Rows))
	for r := range rows {
		rows[r] = map[string]got{}
		groups := 0
		for _, t := range s.aims {
			g, ok := s.cell(t, r)
			switch {
			case !ok:
			case t.name == "groups":
				rows[r]["groups "+strconv.Itoa(groups)] = g
				groups++
			default:
				rows[r][t.name] = g
			}
		}
		if s.username != nil {
			rows[r]["username"] = got{aim: &aim{name: "username", from: s.username}, text: s.filled(s.username, r), at: s.placeOf(s.username, r), src: s}
		}
	}
	return rows
}

// cell is what an aim has in a row; ok is false if the row has nothing to do
// with it.
func (s *tableSource) cell(t *aim, r int) (g got, ok bool) {
	g = got{aim: t, src: s}
	switch {
	case t.named != nil && s.sheet.Rows[r][t.named.column].Text != t.named.name:
		return g, false
	case t.from != nil:
		g.text, g.at = s.filled(t.from, r), s.placeOf(t.from, r)
	case t.days != nil:
		g.text, g.at = t.days[r], s.place(t.column, r)
	default:
		g.text, g.at = s.sheet.Rows[r][t.column].Text, s.place(t.column, r)
	}
	if t.values == nil || g.text == "" {
		return g, true
	}
	if known, ok := t.values[strings.ToLower(g.text)]; ok {
		g.text = known
	} else {
		t.unknown[g.text]++
	}
	return g, true
}

// place is a cell as a place.
func (s *tableSource) place(column, r int) place {
	c := s.sheet.Rows[r][column]
	return place{s.file, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: c.Text, Line: c.Line, Column: c.Column}}
}

// placeOf is the first cell of a pattern as a place.
func (s *tableSource) placeOf(p *pattern, r int) place {
	return s.place(p.columns[braces.FindStringSubmatch(p.text)[1]], r)
}

// filled is a pattern for a row; "" if a cell that it needs is blank.
func (s *tableSource) filled(p *pattern, r int) string {
	blank := false
	text := braces.ReplaceAllStringFunc(p.text, func(word string) string {
		i, known := p.columns[word[1:len(word)-1]]
		if !known || s.sheet.Rows[r][i].Text == "" {
			blank = true
			return ""
		}
		return s.sheet.Rows[r][i].Text
	})
	if blank {
		return ""
	}
	return text
}

// strangers warns of texts that values does not know, once each.
func (s *tableSource) strangers(a *assembly) {
	for _, t := range s.aims {
		for _, text := range slices.Sorted(maps.Keys(t.unknown)) {
			r := slices.IndexFunc(s.sheet.Rows, func(row []sheet.Cell) bool { return row[t.column].Text == text })
			a.add(Warning, s.place(t.column, r), "", "column %q: %q is not among values and is taken as it is, in %s", s.sheet.Headings[t.column].Text, text, plural(t.unknown[text], "row"))
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
func (a *assembly) merge(p *tablePerson, row map[string]got) {
	for _, name := range slices.Sorted(maps.Keys(row)) {
		g := row[name]
		if g.aim.name == "groups" {
			same := func(o got) bool { return o.text == g.text }
			if g.text != "" && !slices.ContainsFunc(p.groups, same) {
				p.groups = append(p.groups, g)
			}
			continue
		}
		old, seen := p.cells[name]
		switch {
		case !seen || old.text == "":
			p.cells[name] = g
		case g.text != "" && !g.same(old):
			a.add(Error, g.at, "rows of one person may differ in the group only", "%s of %s is %q here and %q at %s", g.title(), p.key, g.text, old.text, old.at)
		}
	}
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
	if g.aim.column >= 0 && g.aim.from == nil {
		return "column " + strconv.Quote(g.src.sheet.Headings[g.aim.column].Text)
	}
	return g.aim.name
}

// noKey skips a row that says nothing of whom it is about. Where people whom
// no file names are locked out, nobody may be overlooked.
func (a *assembly) noKey(s *tableSource, row map[string]got) {
	key := row[s.key.name]
	severity := Warning
	for _, policy := range []string{a.d.Policy.UnlistedUsers, a.d.Policy.DroppedUsers} {
		if policy == "suspend" || policy == "delete" {
			severity = Error
		}
	}
	a.add(severity, key.at, "fill it in where the table comes from", "%s, the key, is blank: the row is skipped", key.title())
}
