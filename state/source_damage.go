package state

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rollcall/schema"
	"rollcall/state/sheet"
)

// damage tells what spreadsheets did to the columns that are used.
func (s *tableSource) damage(a *assembly) {
	seen := map[int]bool{}
	for _, t := range s.aims {
		switch {
		case t.column < 0:
		case t.name == "start" || t.name == "end":
			var found []sheet.Problem
			t.days, found = s.sheet.Days(t.column)
			s.columnProblems(a, t.column, found)
		default:
			s.columnProblems(a, t.column, s.sheet.Damage(t.column, s.use(t), a.rightNumber(s.of(t))))
		}
		seen[t.column] = true
	}
	for _, t := range s.aims {
		if t.from == nil {
			continue
		}
		for _, p := range t.from.parts {
			if p.column >= 0 && !seen[p.column] {
				s.columnProblems(a, p.column, s.sheet.Damage(p.column, s.use(t), a.rightNumber(s.of(t))))
				seen[p.column] = true
			}
		}
	}
}

// of is the aim whose texts a column has: those of managers are of others.
func (s *tableSource) of(t *aim) string {
	if t.name == "manager" {
		return t.by
	}
	return t.name
}

// rightNumber tells of an aim which texts are no damage, because JumpCloud or
// an entry has them so, and as long as it is not known who is live.
func (a *assembly) rightNumber(aim string) func(text string) bool {
	return func(text string) bool {
		return a.pending() || len(a.liveWith(aim, text)) > 0 || a.entries.has(aim, text)
	}
}

// use is what a column is for as far as damage goes.
func (s *tableSource) use(t *aim) sheet.Use {
	switch {
	case t == s.key, t.name == "employeeIdentifier", t.name == "manager" && t.by == "employeeIdentifier":
		return sheet.Identifier
	case t.field != nil && t.field.ID == schema.PhoneNumbers:
		return sheet.Phone
	case t.private():
		return sheet.Private
	case slices.Contains([]string{"firstname", "middlename", "lastname", "displayname", "username"}, t.name):
		return sheet.Name
	}
	return sheet.Text
}

// columnProblems records what is wrong in the cells of a column.
func (s *tableSource) columnProblems(a *assembly, column int, found []sheet.Problem) {
	for i := range found {
		found[i].Text = "column " + strconv.Quote(s.sheet.Headings[column].Text) + ": " + found[i].Text
	}
	a.tableProblems(s.file, found)
}

// flaws are damaged cells, by column and by what happened to them. The first of
// each is told, and how many more there are: a spreadsheet spares nobody, and a
// file may have 20,000 people.
type flaws map[flawOf]*flaw

// flawOf is a column and what happened to it.
type flawOf struct {
	aim  *aim
	what string
}

// flaw is the first cell of a kind.
type flaw struct {
	severity   Severity
	at         got
	text, hint string
	more       int
}

// What happens to cells.
const (
	eaten    = "eaten zeros"
	spoiled  = "spoiled letters"
	misnamed = "a username without its letters"
)

// flaw notes a damaged cell. Before it is known who is live nothing is noted,
// and nothing of a base, which is as it is.
func (a *assembly) flaw(s Severity, what string, g got, hint, format string, args ...any) {
	if a.pending() || a.past {
		return
	}
	if a.flaws == nil {
		a.flaws = flaws{}
	}
	f := a.flaws[flawOf{g.aim, what}]
	if f == nil {
		a.flaws[flawOf{g.aim, what}] = &flaw{s, g, fmt.Sprintf(format, args...), hint, 0}
		return
	}
	f.more++
	if g.row < f.at.row {
		f.at, f.hint, f.text = g, hint, fmt.Sprintf(format, args...)
	}
}

// tell records the problems. Their order is that of files and lines.
func (all flaws) tell(l *loader) {
	for _, f := range all {
		l.add(f.severity, f.at.at(), f.hint, "%s: %s%s", f.at.title(), f.text, asIn(f.more))
	}
}

// asIn tells in how many rows it is the same as in the one that is shown.
func asIn(rows int) string {
	if rows == 0 {
		return ""
	}
	return ", as in " + plural(rows, "more row")
}

// spoiledLetters refuses cells that are what damage has made of what JumpCloud
// has: they would overwrite it. An entry that writes the field has said what it
// is.
func (a *assembly) spoiledLetters(p *tablePerson) {
	live, n := a.boundTo(p, a.entries), a.entries.nodes[Fold(p.name)]
	if live < 0 {
		return
	}
	for _, g := range p.cells {
		t := g.aim
		if g.text == "" || t.field == nil || child(n, t.field.Name) != nil {
			continue
		}
		whole := a.live.Objects[live].text(t)
		switch {
		case !g.src.sheet.Spoils(whole, g.text):
		case t.private():
			a.flaw(Error, spoiled, g, asUTF8, "the export has lost letters of %s that JumpCloud has", p.key)
		default:
			a.flaw(Error, spoiled, g, asUTF8, "the export has lost letters: %q is %q in JumpCloud", g.text, whole)
		}
	}
}

const asUTF8 = "export it again, as CSV UTF-8"

// damagedName warns of somebody new whose username would be made of a name that
// has lost letters: it stays when the name is mended.
func (a *assembly) damagedName(p *tablePerson) {
	if p.by != "" || p.live >= 0 || p.skipped != "" || p.username() != "" {
		return
	}
	aims := []string{"firstname", "lastname"}
	if p.cell("username").text != "" {
		aims = []string{"username"}
	}
	for _, aim := range aims {
		if g := p.cell(aim); sheet.Damaged(g.text) {
			hint := asUTF8
			if !a.importing {
				hint += ", or " + a.entryFor(p, "NAME")
			}
			a.flaw(Warning, misnamed, g, hint, "%s would be called %s, made of %q, which has lost letters", p.key, p.name, g.text)
			return
		}
	}
}

// text is what a live person has for an aim, "" if that is no text.
func (o *Object) text(t *aim) (text string) {
	text, _ = o.Get(t.field.ID, t.part)
	switch t.field.Type {
	case schema.Map:
		if json.Unmarshal([]byte(text), &text) != nil {
			return ""
		}
	case schema.ByType:
		var entries []map[string]any
		if json.Unmarshal([]byte(text), &entries) != nil || len(entries) == 0 {
			return ""
		}
		text, _ = entries[0][t.member].(string)
	}
	return text
}

// damaged looks for damage that only who the people are can prove.
func (a *assembly) damaged() {
	if a.pending() || a.past {
		return
	}
	for _, p := range a.people {
		a.spoiledLetters(p)
		a.damagedName(p)
	}
}

const exportAsText = "export the column as text; in Excel, import the file with this column as Text instead of opening it"

// eatenZeros refuses a number that nobody has, where somebody live has it with
// zeros in front, and is that person; -1 for none.
func (a *assembly) eatenZeros(p *tablePerson) int {
	key := p.source.key.name
	if key == "email" || key == "username" || a.entries.has(key, p.key) {
		return -1
	}
	for _, padded := range zerosInFront(p.key) {
		if found := a.liveWith(key, padded); len(found) > 0 {
			a.flaw(Error, eaten, p.cell(key), exportAsText+"; if there are no zeros any more, plan once with the column of e-mails as key", "%s is nobody in JumpCloud, and %s is %s: a spreadsheet has eaten the zeros in front", p.key, padded, a.live.Objects[found[0]].Name)
			if a.past {
				p.skipped = "is somebody else by now"
			}
			return found[0]
		}
	}
	return -1
}

// zerosInFront are the numbers that may have become a text without the zeros
// in front, none if that is no number.
func zerosInFront(text string) (padded []string) {
	const longest = 12
	if _, err := strconv.ParseUint(text, 10, 64); err != nil {
		return nil
	}
	for n := 1; n <= longest-len(text); n++ {
		padded = append(padded, strings.Repeat("0", n)+text)
	}
	return padded
}
