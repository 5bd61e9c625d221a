package state

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// bind finds who the people of the sources are: an entry that writes the same
// key, e-mail or number, else whoever is live by the key, else an entry of the
// proposed name, else somebody new. What cannot be created is skipped.
func (a *assembly) bind(entries *entryKeys) {
	for _, p := range a.people {
		a.identify(p, entries)
	}
	a.twice()
	for _, p := range a.people {
		if p.skipped == "" {
			a.question(p, entries)
			a.skip(p, entries)
		}
	}
	a.takeovers(entries)
	a.takeNames(entries)
	a.newNumbers(entries)
	a.byUser = map[string]*tablePerson{}
	for _, p := range a.people {
		if p.skipped == "" {
			a.byUser[Fold(p.name)] = p
		}
	}
}

// identify finds who somebody of the sources is, and their username.
func (a *assembly) identify(p *tablePerson, entries *entryKeys) {
	p.proposed = a.proposal(p)
	p.live = a.liveByKey(p)
	p.name, p.by = a.writtenAs(p, entries)
	switch {
	case p.by != "":
	case p.live >= 0:
		p.name = entries.now(a.live.Objects[p.live].Name)
	case p.proposed == "" && a.pending():
		p.name = "key." + p.key // what they want is to be read
	default:
		p.name = p.proposed
	}
}

// question asks whether somebody is who they seem to be.
func (a *assembly) question(p *tablePerson, entries *entryKeys) {
	switch {
	case p.by != "":
		a.sameAs(p, entries)
	case p.live >= 0:
		a.otherEntry(p, entries)
		a.deleted(p, entries)
		a.unproven(p, p.live)
		a.otherNumber(p)
	}
}

// entryKeys are what entries of people write that identifies them.
type entryKeys struct {
	names map[string]string    // folded name -> name
	was   map[string]string    // folded former name -> name
	keys  map[[2]string]string // aim and folded text -> name
	texts map[[2]string]string // folded name and aim -> text
	nodes map[string]*yaml.Node
}

func newEntryKeys() *entryKeys {
	return &entryKeys{map[string]string{}, map[string]string{}, map[[2]string]string{}, map[[2]string]string{}, map[string]*yaml.Node{}}
}

// identified looks through the entries of all files.
func (a *assembly) identified() *entryKeys {
	k := newEntryKeys()
	a.eachEntry(func(name string, n *yaml.Node) {
		k.names[Fold(name)], k.nodes[Fold(name)] = name, n
		if child(n, "ensure") != nil {
			return
		}
		for _, former := range items(child(n, "was")) {
			k.was[Fold(strings.TrimSpace(former.Value))] = name
		}
		for _, field := range []string{"employeeIdentifier", "email"} {
			k.add(name, field, value(child(n, field)))
		}
		list := pairs(child(n, "attributes"))
		for i := 0; i+1 < len(list); i += 2 {
			k.add(name, "attributes."+list[i].Value, value(list[i+1]))
		}
	})
	return k
}

// add notes what an entry writes for an aim. Of two entries of one name, in
// two documents, what the first writes counts.
func (k *entryKeys) add(name, aim, text string) {
	if text == "" {
		return
	}
	k.keys[[2]string{aim, Fold(text)}] = name
	if at := [2]string{Fold(name), aim}; k.texts[at] == "" {
		k.texts[at] = text
	}
}

// has tells whether an entry writes a text for an aim.
func (k *entryKeys) has(aim, text string) bool { return k.keys[[2]string{aim, Fold(text)}] != "" }

// addPerson notes all that identifies somebody, wherever it is written.
func (k *entryKeys) addPerson(e *draft) {
	k.names[Fold(e.Name)] = e.Name
	for _, v := range e.Values {
		switch v.Field {
		case schema.Email, schema.EmployeeIdentifier, schema.Attributes:
			k.add(e.Name, v.Name(), e.identity(v.Name()))
		}
	}
}

// now is the name that an entry gives somebody live by was, else the live one.
func (k *entryKeys) now(live string) string {
	if name := k.was[Fold(live)]; name != "" && k.names[Fold(live)] == "" {
		return name
	}
	return live
}

// eachEntry goes through the people of the document and its fragments.
func (a *assembly) eachEntry(do func(name string, n *yaml.Node)) {
	roots := []*yaml.Node{a.root}
	for _, f := range a.fragments {
		roots = append(roots, f.docs...)
	}
	for _, root := range roots {
		list := pairs(child(root, "users"))
		for i := 0; i+1 < len(list); i += 2 {
			if isName(list[i]) {
				do(strings.TrimSpace(list[i].Value), list[i+1])
			}
		}
	}
}

// writtenAs is the entry that writes the key of a person, or the e-mail or
// number of the row, and which of these it is; "" and "" if there is none.
func (a *assembly) writtenAs(p *tablePerson, k *entryKeys) (name, by string) {
	if p.source.key.name == "username" {
		return k.names[Fold(p.key)], k.by(p.key)
	}
	if written := p.username(); k.by(written) != "" {
		return k.names[Fold(written)], "username"
	}
	for _, aim := range []string{p.source.key.name, "employeeIdentifier", "email"} {
		if text := p.cell(aim).text; text != "" {
			if name, ok := k.keys[[2]string{aim, Fold(text)}]; ok {
				return name, aim
			}
		}
	}
	return "", ""
}

// by is "username" if there is an entry of a name.
func (k *entryKeys) by(name string) string {
	if _, ok := k.names[Fold(name)]; ok {
		return "username"
	}
	return ""
}

// username is the username in a column of that name, "" if there is none.
func (p *tablePerson) username() string {
	if g := p.cell("username"); g.aim != nil && g.aim.from == nil {
		return g.text
	}
	return ""
}

// proposal is the username of somebody new: of the names, and of the e-mail
// where there are none or none of their letters can be in a username.
func (a *assembly) proposal(p *tablePerson) string {
	text := func(aim string) string { return p.cell(aim).text }
	switch {
	case p.source.key.name == "username":
		return p.key
	case p.username() != "":
		return p.username()
	case text("username") != "":
		if name := ProposedUsername(text("username")); name != "" {
			return name
		}
	case text("firstname") != "" && text("lastname") != "":
		if name := ProposedUsername(text("firstname") + "." + text("lastname")); name != "" {
			return name
		}
	}
	local, _, _ := strings.Cut(text("email"), "@")
	return ProposedUsername(local)
}

// liveByKey is the live person with the key, -1 for none. Somebody live with
// the e-mail or the username of the row, and no key yet, is the same person.
func (a *assembly) liveByKey(p *tablePerson) int {
	if a.live == nil {
		return -1
	}
	for _, key := range p.keys {
		found := a.liveWith(key.aim.name, key.text)
		if len(found) > 1 {
			a.mixUp(p, key.at(), "give one of them another in JumpCloud", "several people in JumpCloud have the %s %s", key.aim.name, key.text)
		}
		if len(found) > 0 {
			return found[0]
		}
	}
	for _, aim := range [][2]string{{"email", p.cell("email").text}, {"username", p.username()}} {
		for _, l := range a.liveWith(aim[0], aim[1]) {
			if a.live.Objects[l].identity(p.source.key.name) == "" {
				return l
			}
		}
	}
	return a.eatenZeros(p)
}

// liveWith are the live people who have a text by which sources find people.
func (a *assembly) liveWith(aim, text string) []int {
	if a.live == nil || text == "" {
		return nil
	}
	if a.liveKeys[aim] == nil {
		index := map[string][]int{}
		users, first := a.live.OfKind(schema.User)
		for j := range users {
			if text := Fold(users[j].identity(aim)); text != "" {
				index[text] = append(index[text], first+j)
			}
		}
		if a.liveKeys == nil {
			a.liveKeys = map[string]map[string][]int{}
		}
		a.liveKeys[aim] = index
	}
	return a.liveKeys[aim][Fold(text)]
}

// skip leaves out somebody new who has no e-mail: nobody can be created
// without one. Whoever is live stays, and only the e-mail is left alone: until
// it is known who is live, everybody does.
func (a *assembly) skip(p *tablePerson, k *entryKeys) {
	if a.pending() || p.cell("email").text != "" || p.live >= 0 || a.defaultsGive(schema.Email) {
		return
	}
	if a.hasEntry(p, k) {
		return // which has an e-mail, or a plan tells that nobody has
	}
	p.skipped = "has no e-mail"
	if p.name == "" {
		p.skipped = "has neither an e-mail nor a name for a username"
	}
	at := p.at
	if g := p.cell("email"); g.aim != nil {
		at = g.at()
	}
	unless := map[bool]string{true: "", false: ", unless JumpCloud has the person"}[a.live != nil || a.importing]
	a.onceLive(Warning, at, "fill it in where the table comes from, or write the person in YAML", "%s %s: the row is skipped%s", a.who(p), p.skipped, unless)
}

// hasEntry tells whether the entry of a person's name is theirs, and not that of
// a namesake.
func (a *assembly) hasEntry(p *tablePerson, k *entryKeys) bool {
	isLive := a.live != nil && a.live.Find(schema.User, Fold(p.name)) >= 0
	return p.by != "" || k.by(p.name) != "" && !isLive && k.contradicts(p) == ""
}

// who is a person as messages about rows name them.
func (a *assembly) who(p *tablePerson) string {
	if p.proposed == "" || p.proposed == p.key {
		return p.key
	}
	return p.key + " (" + p.proposed + ")"
}

// defaultsGive tells whether defaults give people a field.
func (a *assembly) defaultsGive(f schema.FieldID) bool {
	return a.byDefault(func(w *writer) bool { return w.gives(f) })
}

// byDefault tells whether defaults give everybody something: those of the file,
// or of every document that it is part of.
func (a *assembly) byDefault(gives func(*writer) bool) bool {
	does := func(a *assembly) bool { return a.common[schema.User] != nil && gives(a.common[schema.User]) }
	return does(a) || len(a.homes) > 0 && !slices.ContainsFunc(a.homes, func(home *assembly) bool { return !does(home) })
}

// gives tells whether defaults write a field.
func (w *writer) gives(f schema.FieldID) bool {
	return slices.ContainsFunc(w.values, func(v placed) bool { return v.Field == f }) ||
		slices.ContainsFunc(w.templates, func(t template) bool { return t.field.ID == f })
}

// writtenFor is what an entry writes for an aim that identifies people, "" if
// it does not.
func writtenFor(n *yaml.Node, aim string) string {
	field, part, dotted := strings.Cut(aim, ".")
	if n = child(n, field); dotted {
		n = child(n, part)
	}
	return value(n)
}

// onceLive tells what only JumpCloud decides once that is known, or where it
// will not be asked.
func (a *assembly) onceLive(s Severity, at place, hint, format string, args ...any) {
	if a.live != nil || !a.options.Online {
		a.add(s, at, hint, format, args...)
	}
}

// fromTables finds the people of the sources and who they are. Before
// JumpCloud has said who is there, what only it can tell is no problem.
func (a *assembly) fromTables() {
	if len(a.tables) == 0 {
		return
	}
	a.tablePeople()
	a.bind(a.entries)
	a.damaged()
	a.odd()
	for _, s := range a.tables {
		a.d.Sources = append(a.d.Sources, a.counted(s))
	}
}

// newFromTables makes objects of the people whom only sources have.
func (a *assembly) newFromTables() {
	for _, p := range a.people {
		if p.written || p.skipped != "" {
			continue
		}
		e := &draft{Object: Object{Kind: schema.User, Name: p.name, Key: Fold(p.name)}, at: p.at}
		if a.byKey[objectKey{e.Kind, e.Key}] != nil {
			continue // an entry that must not be: that has been told
		}
		a.byKey[objectKey{e.Kind, e.Key}] = e
		a.drafts = append(a.drafts, e)
		a.fill(e, &writer{src: p.source.file}, append(a.rowWriters(p), a.common[schema.User]))
	}
}

// checked is check, but for a document with sources before anybody knows who
// their people are: then its result says only what is to be read.
func (a *assembly) checked() {
	if len(a.tables) == 0 || !a.pending() {
		a.check()
		return
	}
	problems, counts := a.problems, a.counts
	a.check()
	a.problems, a.counts = problems, counts
}

// pending tells whether JumpCloud will be asked who is there, and was not yet.
func (a *assembly) pending() bool { return a.options.Online && a.live == nil }
