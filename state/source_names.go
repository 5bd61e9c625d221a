package state

import (
	"slices"
	"strconv"
	"strings"

	"rollcall/schema"
)

// takeNames gives everybody a name: who has one comes before who would get it.
func (a *assembly) takeNames(entries *entryKeys) {
	taken := map[string]*tablePerson{}
	for _, named := range []bool{true, false} {
		for _, p := range a.people {
			if p.skipped == "" && named == (p.by != "" || p.live >= 0) {
				a.takeName(p, taken, entries)
			}
		}
	}
}

// takeName gives somebody new a name that nobody else has. Where JumpCloud was
// asked, two of one name are an error, since a number behind a name says
// nothing about who it is; before that they may be two who exist.
func (a *assembly) takeName(p *tablePerson, taken map[string]*tablePerson, k *entryKeys) {
	key := Fold(p.name)
	other := taken[key]
	stranger := p.by == "" && p.live < 0 && !a.renumbered(p) && (a.live != nil && a.live.Find(schema.User, key) >= 0 || k.contradicts(p) != "")
	switch {
	case p.name == "":
		a.onceLive(Error, p.at, a.entryFor(p, "NAME"), "no username can be made for %s", p.key)
		p.skipped = "has no username"
		return
	case other == nil && !stranger:
		taken[key] = p
		return
	}
	free := a.freeName(p.name, taken, k)
	switch {
	case a.importing:
		a.add(Note, p.at, "", "%s would be called %s, and so is somebody else: called %s", p.key, p.name, free)
	case a.numbered():
		a.onceLive(Warning, p.at, a.entryFor(p, free), "%s would be called %s, and so is somebody else: called %s here", p.key, p.name, free)
	case other != nil:
		a.mixUp(p, p.at, a.entryFor(p, free), "%s would be called %s, and so is %s, at %s", p.key, p.name, other.key, other.at)
	default:
		a.namesake(p, free, k)
	}
	p.name = free
	taken[Fold(free)] = p
}

// freeName is a name that nobody has: with a number behind it, and not longer
// than usernames should be.
func (a *assembly) freeName(name string, taken map[string]*tablePerson, k *entryKeys) string {
	for n := 2; ; n++ {
		number := strconv.Itoa(n)
		free := name[:min(len(name), max(longUsername-len(number), 1))] + number
		if key := Fold(free); taken[key] == nil && k.names[key] == "" && (a.live == nil || a.live.Find(schema.User, key) < 0) {
			return free
		}
	}
}

// namesake refuses somebody new who would be called as somebody in JumpCloud or
// in the files is: it may be the same person.
func (a *assembly) namesake(p *tablePerson, free string, k *entryKeys) {
	key, with, otherwise := p.source.key.name, "another "+k.contradicts(p), p.entry(free)
	if l := a.live.Find(schema.User, Fold(p.name)); l >= 0 {
		with = "another " + key
		if a.live.Objects[l].identity(key) == "" {
			with = "no " + key
		}
		if slices.Contains(a.liveWith("email", p.cell("email").text), l) {
			otherwise = "give one of them another email"
		}
	}
	a.mixUp(p, p.at, a.entryFor(p, p.name)+" if that is the same person, else "+otherwise, "%s would be called %s, and so is somebody else, with %s", p.key, p.name, with)
}

// contradicts is the key or e-mail of which the entry of a person's name writes
// another: it is somebody else's. It is "" if there is none.
func (k *entryKeys) contradicts(p *tablePerson) string {
	for _, aim := range []string{p.source.key.name, "employeeIdentifier", "email"} {
		if text, other := p.cell(aim).text, k.texts[[2]string{Fold(p.name), aim}]; text != "" && other != "" && Fold(text) != Fold(other) {
			return aim
		}
	}
	return ""
}

// numbered tells whether two of one name get numbers: only JumpCloud can tell
// whether they have names already.
func (a *assembly) numbered() bool { return a.live == nil || !a.options.Online }

// entryFor is what to write so that somebody has a name.
func (a *assembly) entryFor(p *tablePerson, name string) string {
	return "write " + p.entry(name) + " below users"
}

// entry is the YAML that gives somebody a name.
func (p *tablePerson) entry(name string) string {
	field, part, dotted := strings.Cut(p.source.key.name, ".")
	text := field + ": " + strconv.Quote(p.key)
	if dotted {
		text = field + ": {" + part + ": " + strconv.Quote(p.key) + "}"
	}
	return name + ": {" + text + "}"
}
