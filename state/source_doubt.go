package state

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// sameAs refuses an entry that was found by the e-mail or the username of a
// row if the key says that the row is about somebody else: people exchange
// addresses, and a new person may get an old one.
func (a *assembly) sameAs(p *tablePerson, k *entryKeys) {
	key, n := p.source.key.name, k.nodes[Fold(p.name)]
	if a.importing || p.by == key || p.by == "employeeIdentifier" {
		return
	}
	live := a.liveAs(p.name, n)
	if p.live >= 0 && p.live != live && a.live.Objects[p.live].identity(key) != "" {
		is := a.live.Objects[p.live].Name
		a.mixUp(p, p.at, "correct the "+p.by+" where the table comes from, or write was: "+is+" at "+p.name+" if that is the new name of the same person",
			"%s is %s in JumpCloud, and by the %s of the row it would be %s", p.key, is, p.by, p.name)
		return
	}
	other := writtenFor(n, key)
	if other == "" && live >= 0 {
		other = a.live.Objects[live].identity(key)
	}
	if other != "" && Fold(other) != Fold(p.key) {
		a.mixUp(p, p.at, a.entryFor(p, p.name)+" if that is the same person, else correct the "+p.by+" where the table comes from",
			"%s would be %s by the %s of the row, who has another %s", p.key, p.name, p.by, key)
	}
	a.unproven(p, live)
}

// unproven refuses a row if nothing but an e-mail or a username says that it is
// about somebody live whom policy protects. A key does, in JumpCloud or written
// in an entry.
func (a *assembly) unproven(p *tablePerson, live int) {
	if live < 0 || !a.protected(live, p.name) {
		return
	}
	o, key := &a.live.Objects[live], p.source.key.name
	is := func(k got) bool { return Fold(o.identity(k.aim.name)) == Fold(k.text) }
	if o.identity(key) != "" || slices.ContainsFunc(p.keys, is) {
		return
	}
	by := "email"
	if Fold(o.identity(by)) != Fold(p.cell(by).text) {
		by = "username"
	}
	a.mixUp(p, p.at, a.entryFor(p, p.name)+" if that is the same person, else correct the "+by+" where the table comes from",
		"%s would be %s by the %s of the row, whom policy protects and who has no %s in JumpCloud", p.key, p.name, by, key)
}

// otherNumber refuses somebody whose number is nobody's, and whose badge or
// e-mail of another source is that of somebody live with another number.
func (a *assembly) otherNumber(p *tablePerson) {
	const number = "employeeIdentifier"
	o := &a.live.Objects[p.live]
	at := slices.IndexFunc(p.keys, func(k got) bool { return k.aim.name == number })
	if at < 0 || o.identity(number) == "" || Fold(o.identity(number)) == Fold(p.keys[at].text) {
		return
	}
	by := p.boundBy(o)
	isKey := slices.ContainsFunc(p.keys, func(k got) bool { return k.aim.name == by })
	if !isKey || a.eatenZeros(p) == p.live {
		return
	}
	a.mixUp(p, p.keys[at].at(), "write "+p.name+": {"+number+": "+strconv.Quote(p.keys[at].text)+"} below users if that is the same person, else correct the "+by+" where the table comes from",
		"%s would be %s by the %s of the row, who has another %s", p.keys[at].text, p.name, by, number)
}

// protected tells whether policy protects somebody live, by that name or by the
// one of the entry.
func (a *assembly) protected(live int, name string) bool {
	names := a.d.Policy.Protect
	return names.User(name) || names.User(a.live.Objects[live].Name)
}

// liveAs is whoever is live as an entry: under its name, else under one that it
// was; -1 for nobody.
func (a *assembly) liveAs(name string, n *yaml.Node) int {
	if a.live == nil {
		return -1
	}
	l := a.live.Find(schema.User, Fold(name))
	for _, was := range items(child(n, "was")) {
		if l < 0 {
			l = a.live.Find(schema.User, Fold(strings.TrimSpace(was.Value)))
		}
	}
	return l
}

// otherEntry refuses an entry that was written for the proposed name of
// somebody who is live under another one.
func (a *assembly) otherEntry(p *tablePerson, k *entryKeys) {
	name, is := k.names[Fold(p.proposed)]
	if !is || Fold(p.proposed) == Fold(p.name) || a.live.Find(schema.User, Fold(p.proposed)) >= 0 || child(k.nodes[Fold(p.proposed)], "ensure") != nil {
		return
	}
	switch {
	case child(k.nodes[Fold(name)], "email") != nil:
	case a.past:
		p.name = name // as they were called then
	default:
		a.add(Error, p.at, "write was: "+p.name+" there if that is the new name of the same person, else its fields at "+p.name, "%s is %s in JumpCloud, and the files have an entry for %s, who would be somebody else", p.key, p.name, name)
	}
}

// deleted refuses a row of somebody whom the files delete: once they are gone
// the row would create somebody new, with access. A last day prevents that.
func (a *assembly) deleted(p *tablePerson, k *entryKeys) {
	n := k.nodes[Fold(p.name)]
	if child(n, "ensure") == nil || p.cell("end").text != "" || a.past {
		return
	}
	a.add(Error, p.at, "take the row out where the table comes from, or give it a last day; or write state: suspended instead of ensure: absent",
		"%s is %s, who must not be (line %d): once they are deleted, this row would create them anew", p.key, p.name, n.Line)
}

// mixUp refuses a row that may be about somebody else. In a base that is no
// mistake: people have got other numbers and names since. Then the row is no
// base for anybody.
func (a *assembly) mixUp(p *tablePerson, at place, hint, format string, args ...any) {
	p.doubted = true
	if !a.past {
		a.add(Error, at, hint, format, args...)
		return
	}
	p.skipped = "is somebody else by now"
}

// renumbered tells whether somebody of a base is live with the same username
// and e-mail and got another key since.
func (a *assembly) renumbered(p *tablePerson) bool {
	if !a.past {
		return false
	}
	l := a.live.Find(schema.User, Fold(p.name))
	return l >= 0 && slices.Contains(a.liveWith("email", p.cell("email").text), l)
}
