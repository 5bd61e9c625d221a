package state

import (
	"slices"
	"strings"

	"rollcall/schema"
)

// odd tells what looks wrong about the people of the sources and stops nobody.
func (a *assembly) odd() {
	if a.past {
		return
	}
	a.groupCases()
	if a.pending() || len(a.tables) < 2 {
		return
	}
	for _, s := range a.tables {
		a.strays(s)
	}
}

// groupCases warns of groups of the tables that differ only in case.
func (a *assembly) groupCases() {
	first, told := map[string]got{}, map[string]bool{}
	for _, p := range a.people {
		for _, g := range p.groups {
			folded := strings.ToLower(g.text)
			other, ok := first[folded]
			switch {
			case !ok:
				first[folded] = g
			case other.text != g.text && !told[g.text]:
				told[g.text] = true
				a.add(Warning, g.at(), "write it in one way where the table comes from, or translate it with values", "group %q differs only in case from %q, at %s: these are two groups", g.text, other.text, other.at())
			}
		}
	}
}

// strays warns of people whom only one of several sources has, without a name,
// and who are about to be created: a list of badges makes accounts for nobody.
func (a *assembly) strays(s *tableSource) {
	var found []*tablePerson
	for _, p := range a.people {
		isNew := p.by == "" && p.live < 0 && p.skipped == ""
		named := p.cell("firstname").text != "" || p.cell("lastname").text != ""
		if isNew && !named && p.source == s && p.onlyIn(s) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return
	}
	slices.SortFunc(found, func(x, y *tablePerson) int { return x.at.node.Line - y.at.node.Line })
	names := make([]string, len(found))
	for i, p := range found {
		names[i] = a.who(p)
	}
	are, unless := "people are", ""
	if len(found) == 1 {
		are = "person is"
	}
	if a.live == nil {
		unless = ", unless JumpCloud has them"
	}
	a.add(Warning, found[0].at, "is the "+s.key.name+" right? Take the row out where the table comes from if nobody is to be created by it",
		"%d %s in no other source and will be created without a name%s: %s", len(found), are, unless, firstOf(names))
}

// onlyIn tells whether nothing of a person comes from another source.
func (p *tablePerson) onlyIn(s *tableSource) bool {
	other := func(g got) bool { return g.src != s }
	return !slices.ContainsFunc(p.cells, other) && !slices.ContainsFunc(p.groups, other)
}

// undeclared notes the groups of people to be added that no file declares.
func (im *importer) undeclared() {
	if len(im.homes) == 0 {
		return
	}
	var names []string
	var at place
	for _, e := range im.drafts {
		for _, g := range e.groups {
			name := strings.TrimSpace(g.node.Value)
			if im.declared(name) || slices.Contains(names, name) {
				continue
			}
			if len(names) == 0 {
				at = g
			}
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		slices.Sort(names)
		im.add(Note, at, "", "only JumpCloud can tell whether these groups, which the files do not declare, are there: %s", firstOf(names))
	}
}

// declared tells whether a document that the people are for declares a group.
func (im *importer) declared(group string) bool {
	return slices.ContainsFunc(im.homes, func(home *assembly) bool { return home.byKey[objectKey{schema.Group, group}] != nil })
}

// firstOf are the first of some names.
func firstOf(names []string) string {
	const most = 12
	text := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		text += ", ..."
	}
	return text
}
