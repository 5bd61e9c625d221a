package state

import "slices"

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

// isOver tells whether a row is about the one who has another number. A name
// that is only proposed says so once JumpCloud was asked, or if it never is.
func (a *assembly) isOver(p, now *tablePerson) bool {
	if p.by == "" && a.live == nil {
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

// oneOfHint is the YAML that says which number somebody has: of those that are
// nobody's in JumpCloud the last one.
func (a *assembly) oneOfHint(same []*tablePerson) string {
	const otherwise = "take the row that is over out where the table comes from; two people need an email each"
	if a.importing {
		return otherwise
	}
	name, number := same[0].name, same[len(same)-1]
	for _, p := range same {
		switch {
		case p.live >= 0:
			name = p.name
		case same[len(same)-1].live >= 0:
			number = p
		}
	}
	return a.entryFor(number, name) + " if that is the number by now, or " + otherwise
}
