package state

import (
	"cmp"
	"slices"
	"strings"
)

// twice finds people whom the sources have twice, with one e-mail and one name:
// they were hired again and have another number. The row whose number an entry
// writes is theirs, and the other ones are over.
func (a *assembly) twice() {
	byMail := map[string][]*tablePerson{}
	for _, p := range a.people {
		mail := Fold(p.cell("email").text)
		if mail == "" || p.doubted || p.source.key.name == "username" {
			continue
		}
		same := byMail[mail]
		if len(same) > 0 && same[0].namedAs(p) || len(same) == 0 {
			byMail[mail] = append(same, p)
		}
	}
	for _, p := range a.people {
		if same := byMail[Fold(p.cell("email").text)]; len(same) > 1 && same[0] == p {
			a.oneOf(same)
		}
	}
}

// namedAs tells whether two rows have one name, or leave it blank.
func (p *tablePerson) namedAs(o *tablePerson) bool {
	return !slices.ContainsFunc([]string{"firstname", "lastname"}, func(field string) bool {
		x, y := p.cell(field).text, o.cell(field).text
		return x != "" && y != "" && !sameText(x, y)
	})
}

// oneOf finds which of the rows of one person counts, by the entry that writes
// its number, and leaves out the others of that person. Without one it is not
// known.
func (a *assembly) oneOf(same []*tablePerson) {
	written := func(p *tablePerson) bool { return p.by == p.source.key.name || p.by == "employeeIdentifier" }
	at := slices.IndexFunc(same, written)
	switch {
	case at < 0 && a.pending():
		return
	case at < 0:
		last := same[len(same)-1]
		a.mixUp(last, last.at, a.oneOfHint(same), "%s and %s (%s) have one email and one name: is that one person with two numbers?", last.key, same[0].key, same[0].at)
		for _, p := range same[1:] {
			p.skipped = "has two numbers"
		}
		return
	}
	for _, p := range same {
		if !written(p) && a.isOver(p, same[at]) {
			a.over(p, same[at])
		}
	}
}

// isOver tells whether a row is about the one who has another number. One that
// nobody has in JumpCloud and no entry writes is, whatever name it would get,
// once JumpCloud was asked, or if it never is.
func (a *assembly) isOver(p, now *tablePerson) bool {
	if p.by == "" && p.live < 0 {
		return !a.pending()
	}
	return Fold(p.name) == Fold(now.name)
}

// over skips a row of somebody who has another number by now. One without a
// last day may be the new one.
func (a *assembly) over(p, now *tablePerson) {
	p.skipped, p.now = "has another number in YAML", now
	if p.cell("end").text == "" {
		a.add(Warning, p.at, "if "+p.key+" is the number by now, write that one there", "%s has the number %s in YAML: the row of %s is skipped", now.name, now.key, p.key)
	}
}

// oneOfHint is the YAML that says which number somebody has, under the name that
// they have in JumpCloud.
func (a *assembly) oneOfHint(same []*tablePerson) string {
	const otherwise = "take the row that is over out where the table comes from; two people need an email each"
	if a.importing {
		return otherwise
	}
	number := slices.MaxFunc(same, a.byLastDay)
	named := number
	if at := slices.IndexFunc(same, func(p *tablePerson) bool { return p.live >= 0 }); number.live < 0 && at >= 0 {
		named = same[at]
	}
	return a.entryFor(number, named.name) + " if that is the number by now, or " + otherwise
}

// byLastDay compares two rows of one person: the last one is likely to be the
// one that counts. It has no last day or the later one, else the number that
// JumpCloud has, or it comes later.
func (a *assembly) byLastDay(x, y *tablePerson) int {
	return cmp.Or(
		strings.Compare(x.lastDay(), y.lastDay()),
		cmp.Compare(a.hasNumber(x), a.hasNumber(y)),
		cmp.Compare(slices.Index(a.tables, x.source), slices.Index(a.tables, y.source)),
		cmp.Compare(x.keys[0].row, y.keys[0].row))
}

// lastDay is the last day of somebody, after all days if there is none.
func (p *tablePerson) lastDay() string { return cmp.Or(p.cell("end").text, "9999-12-31") }

// hasNumber is 1 if the key of a row is that of somebody in JumpCloud, else 0.
func (a *assembly) hasNumber(p *tablePerson) int {
	return min(len(a.liveWith(p.source.key.name, p.key)), 1)
}

// newNumbers refuses rows of somebody new who has the e-mail and both names of
// somebody live with another number, whom no row is about: they have got
// another one, whatever their username is.
func (a *assembly) newNumbers(k *entryKeys) {
	if a.live == nil {
		return
	}
	bound := map[int]bool{}
	for _, p := range a.people {
		bound[a.boundTo(p, k)] = true
	}
	for _, p := range a.people {
		if p.by != "" || p.live >= 0 || p.skipped != "" || p.doubted || p.source.key.name == "username" || k.by(p.name) != "" {
			continue
		}
		for _, l := range a.liveWith("email", p.cell("email").text) {
			if o := &a.live.Objects[l]; !bound[l] && p.hasNamesOf(o) {
				a.newNumber(p, k.now(o.Name), k)
			}
		}
	}
}

// hasNamesOf tells whether a row has both names of somebody live.
func (p *tablePerson) hasNamesOf(o *Object) bool {
	return !slices.ContainsFunc([]string{"firstname", "lastname"}, func(field string) bool {
		text := p.cell(field).text
		return text == "" || !sameText(text, o.identity(field))
	})
}

// newNumber asks whether somebody live has got the number of a row, unless
// their entry says that they have another one or another e-mail, or must not be.
func (a *assembly) newNumber(p *tablePerson, name string, k *entryKeys) {
	key, n := p.source.key.name, k.nodes[Fold(name)]
	if writtenFor(n, key) != "" || writtenFor(n, "email") != "" || child(n, "ensure") != nil {
		return
	}
	a.mixUp(p, p.at, a.entryFor(p, name)+" if that is the same person, else give one of them another email",
		"%s has the email and the names of %s in JumpCloud, who has another %s", a.who(p), name, key)
}
