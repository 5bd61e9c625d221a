package state

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// namedDoubts is how many doubtful rows are told one by one.
const namedDoubts = 3

// doubt is a row that would give somebody live to somebody else.
type doubt struct {
	p      *tablePerson
	by     string  // by what the row is theirs: the cell that may be wrong
	live   *Object // who they are, or whose e-mail it is
	unlike []string
}

// doubts are the doubtful rows of a source that are so by one column.
type doubts []doubt

// takeovers refuses rows that a number, an e-mail or a username makes those of
// somebody live of whom nothing else agrees, or that have the e-mail of another
// one: a number may be given away again, and a column sorted alone.
func (a *assembly) takeovers(k *entryKeys) {
	if a.live == nil {
		return
	}
	var strangers, addresses []doubt
	for _, p := range a.people {
		live := a.boundTo(p, k)
		if live < 0 || p.doubted || p.skipped != "" {
			continue
		}
		if d := a.stranger(p, live, k); d.unlike != nil {
			strangers = append(strangers, d)
		} else if of := a.addressOf(p, live, k); of != nil {
			addresses = append(addresses, doubt{p: p, by: "email", live: of})
		}
	}
	for _, same := range byColumn(strangers) {
		a.refuseStrangers(same)
	}
	for _, same := range byColumn(addresses) {
		a.refuseAddresses(same)
	}
}

// boundTo is the live person that somebody of the sources is, -1 for nobody.
func (a *assembly) boundTo(p *tablePerson, k *entryKeys) int {
	if p.by == "" {
		return p.live
	}
	return a.liveAs(p.name, k.nodes[Fold(p.name)])
}

// stranger is the doubt whether a row is about somebody live; it has no fields
// that are unlike if there is none.
func (a *assembly) stranger(p *tablePerson, live int, k *entryKeys) (d doubt) {
	o := &a.live.Objects[live]
	by := p.boundBy(o)
	if by == "" || a.confirmed(p, o, k) || p.isCalled(o) {
		return d
	}
	n := k.nodes[Fold(p.name)]
	unlike := slices.DeleteFunc(p.unlike(o.identity, by), func(field string) bool { return child(n, field) != nil })
	if len(unlike) < 2 {
		return d // the rest is what an entry says
	}
	return doubt{p, by, o, unlike}
}

// boundBy is what makes a row that of somebody live: a key, else the username,
// else the e-mail; "" if none of them does.
func (p *tablePerson) boundBy(o *Object) string {
	for _, key := range p.keys {
		if Fold(o.identity(key.aim.name)) == Fold(key.text) {
			return key.aim.name
		}
	}
	switch {
	case p.username() != "" && Fold(o.Name) == Fold(p.username()):
		return "username"
	case p.cell("email").text != "" && Fold(o.identity("email")) == Fold(p.cell("email").text):
		return "email"
	}
	return ""
}

// whoIs are the fields that say who somebody is, whatever the key.
var whoIs = []string{"firstname", "lastname", "email"}

// unlike are the fields in which a row is not about somebody of whom it is known
// what they have; nil if one agrees, or if fewer than two can be compared.
func (p *tablePerson) unlike(has func(field string) string, by string) (fields []string) {
	first, last := p.cell("firstname").text, p.cell("lastname").text
	if shareName(first+" "+last, has("firstname")+" "+has("lastname")) {
		return nil
	}
	for _, field := range whoIs {
		g := p.cell(field)
		text, now := strings.TrimSpace(g.text), strings.TrimSpace(has(field))
		switch {
		case field == by || text == "" || now == "" || g.madeOfKey():
		case sameText(text, now) || g.src.sheet.Spoils(now, text):
			return nil
		default:
			fields = append(fields, field)
		}
	}
	if len(fields) < 2 {
		return nil
	}
	return fields
}

// madeOfKey tells whether a cell says no more than the key does.
func (g got) madeOfKey() bool {
	from := g.aim.from
	return from != nil && slices.ContainsFunc(from.parts, func(t part) bool { return t.column >= 0 && t.column == g.src.key.column })
}

// isCalled tells whether somebody live has the username that is made of the
// names of a row.
func (p *tablePerson) isCalled(o *Object) bool {
	made := ProposedUsername(p.cell("firstname").text) != "" && ProposedUsername(p.cell("lastname").text) != ""
	return made && p.username() == "" && Fold(o.Name) == Fold(p.proposed)
}

// shareName tells whether two people of several names have one in common, in
// whatever order and spelling: Smith-Jones and Smith, Müller and Mueller. Short
// ones and particles prove nothing, unless all are the same.
func shareName(x, y string) bool {
	const short = 3
	xs, ys := nameWords(x), nameWords(y)
	if len(xs) > 0 && slices.Equal(xs, ys) {
		return true
	}
	return slices.ContainsFunc(xs, func(w string) bool {
		return utf8.RuneCountInString(w) >= short && !slices.Contains(particles, w) && slices.Contains(ys, w)
	})
}

// particles are words of names that many people have.
var particles = []string{"van", "von", "der", "den", "del", "dos", "das", "bin", "ibn", "ten", "ter", "the"}

// oneSpelling turns letters that are written as two into one.
var oneSpelling = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a", "ss", "s")

// nameWords are the words of a name, sorted, in a spelling without accents.
func nameWords(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' })
	for i, w := range words {
		if words[i] = oneSpelling.Replace(ProposedUsername(w)); words[i] == "" {
			words[i] = Fold(w)
		}
	}
	slices.Sort(words)
	return words
}

// sameText tells whether two texts are one but for case and accents.
func sameText(x, y string) bool {
	if strings.Contains(x, "@") || strings.Contains(y, "@") {
		return Fold(x) == Fold(y)
	}
	plain := ProposedUsername(x)
	return Fold(x) == Fold(y) || plain != "" && plain == ProposedUsername(y)
}

// confirmed tells whether YAML says that a row is about somebody live: an entry
// writes the row's number, or where that is no key a name, or renames them.
func (a *assembly) confirmed(p *tablePerson, o *Object, k *entryKeys) bool {
	n := k.nodes[Fold(p.name)]
	for _, aim := range append(p.confirming(), "employeeIdentifier") {
		if text := p.cell(aim).text; text != "" && Fold(writtenFor(n, aim)) == Fold(text) {
			return true
		}
	}
	return Fold(o.Name) != Fold(p.name) // by was
}

// confirming are the fields by which an entry confirms who a row is about. An
// address or a username alone is what was given away.
func (p *tablePerson) confirming() []string {
	if key := p.source.key.name; key != "email" && key != "username" {
		return []string{key}
	}
	return []string{"lastname", "firstname"}
}

// addressOf is the live person whose e-mail a row has that is about another
// one; nil for nobody, and where an entry writes the e-mail.
func (a *assembly) addressOf(p *tablePerson, live int, k *entryKeys) *Object {
	has := a.liveWith("email", p.cell("email").text)
	if a.past || len(has) == 0 || slices.Contains(has, live) || writtenFor(k.nodes[Fold(p.name)], "email") != "" {
		return nil
	}
	return &a.live.Objects[has[0]]
}

// byColumn puts the doubts of one column together, in the order of the first.
func byColumn(all []doubt) (columns []doubts) {
	for _, d := range all {
		same := func(c doubts) bool { return c[0].p.source == d.p.source && c[0].by == d.by }
		if i := slices.IndexFunc(columns, same); i >= 0 {
			columns[i] = append(columns[i], d)
		} else {
			columns = append(columns, doubts{d})
		}
	}
	return columns
}

// refuseStrangers tells of rows that are about nobody whose number, e-mail or
// username they have.
func (a *assembly) refuseStrangers(same doubts) {
	if same.together() {
		a.mixUps(same, same.shifted()+a.confirmation(same[0].p)+", and so for each who is the same person",
			"%d people would be others by the %s of their rows, who have other names in JumpCloud: %s", len(same), same[0].by, a.first(same, "would be"))
		return
	}
	for _, d := range same {
		a.mixUp(d.p, d.p.at, a.confirmation(d.p)+" if that is the same person, else correct the "+d.by+" where the table comes from",
			"%s would be %s by the %s of the row, who has another %s in JumpCloud", a.who(d.p), d.live.Name, d.by, inWords(d.unlike))
	}
}

// refuseAddresses tells of rows that have the e-mail of another person.
func (a *assembly) refuseAddresses(same doubts) {
	line := func(d doubt) string {
		return "write " + d.p.name + ": {email: " + strconv.Quote(d.p.cell("email").text) + "} below users"
	}
	if same.together() {
		a.mixUps(same, same.shifted()+line(same[0])+", and so for each whose it is now",
			"%d people have the email of somebody else in JumpCloud: %s", len(same), a.first(same, "has that of"))
		return
	}
	for _, d := range same {
		a.mixUp(d.p, d.p.cell("email").at(), line(d)+" if it is theirs now, and another email for "+d.live.Name+" unless the table has one, else correct it where the table comes from",
			"%s is %s, and the email of the row is that of %s in JumpCloud", d.p.key, d.p.name, d.live.Name)
	}
}

// mixUps is mixUp for several people, told once, at the first.
func (a *assembly) mixUps(same doubts, hint, format string, args ...any) {
	for i, d := range same {
		if a.past || i == 0 {
			a.mixUp(d.p, d.p.at, hint, format, args...)
		}
		d.p.doubted = true
	}
}

// confirmation is the YAML by which a row is about somebody live.
func (a *assembly) confirmation(p *tablePerson) string {
	for _, field := range p.confirming() {
		if text := p.cell(field).text; text != "" && field != p.source.key.name {
			return "write " + p.name + ": {" + field + ": " + strconv.Quote(text) + "} below users"
		}
	}
	return a.entryFor(p, p.name)
}

// together tells whether doubts are told at once: there are many, or they are
// so large a part of the people that a column is wrong.
func (same doubts) together() bool {
	return len(same) > namedDoubts || len(same) > 1 && same.large()
}

func (same doubts) large() bool { return len(same)*5 > same[0].p.source.people }

// shifted asks for what makes a large part of the people others.
func (same doubts) shifted() string {
	if !same.large() {
		return "correct the " + same[0].by + " where the table comes from, or "
	}
	return "is " + same[0].p.cell(same[0].by).title() + " sorted alone, or shifted? If not, "
}

// first are the first rows, and how many there are more.
func (a *assembly) first(same doubts, word string) string {
	var names []string
	for i, d := range same {
		if i == namedDoubts {
			names = append(names, fmt.Sprintf("and %d more", len(same)-i))
			break
		}
		names = append(names, a.who(d.p)+" "+word+" "+d.live.Name)
	}
	return strings.Join(names, ", ")
}

// inWords is a list of fields: a, b and c.
func inWords(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
