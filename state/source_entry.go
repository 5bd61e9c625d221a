package state

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// rowWriters are what the sources write of a person, one for each source: the
// mapping that somebody would have written in YAML, at the places of cells.
func (a *assembly) rowWriters(p *tablePerson) (writers []*writer) {
	for _, s := range a.tables {
		w := &writer{src: s.file, row: true}
		if n := a.rowNode(p, s); n != nil {
			a.read(w, schema.User, n)
			writers = append(writers, w)
		}
	}
	return writers
}

// rowNode is the mapping that a source has of a person, nil if it has none.
func (a *assembly) rowNode(p *tablePerson, s *tableSource) (n *yaml.Node) {
	for _, cells := range [][]got{p.cells, p.groups} {
		for _, g := range cells {
			if g.src != s {
				continue
			}
			if n == nil {
				n = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: p.at.node.Line, Column: p.at.node.Column}
			}
			a.cellNode(p, n, g)
		}
	}
	return n
}

// cellNode puts what a cell gives into the mapping of a row.
func (a *assembly) cellNode(p *tablePerson, n *yaml.Node, g got) {
	switch {
	case g.aim.name == "username":
	case g.aim.name == "manager":
		if v := a.managerNode(p, g); v != nil {
			putAt(n, "manager", v)
		}
	case g.aim.name == "groups":
		list := listIn(n, "groups", g)
		list.Content = append(list.Content, g.textNode())
	case g.aim.field == nil:
		if g.text != "" {
			putAt(n, g.aim.name, g.dayNode())
		}
	default:
		a.fieldNode(n, g)
	}
}

// fieldNode puts what a cell gives a field into the mapping of a row.
func (a *assembly) fieldNode(n *yaml.Node, g got) {
	f := g.aim.field
	blank := g.text == ""
	if blank && (!g.src.clear || f.ID == schema.Email || f.Type == schema.Int || f.Alias || f.ID == schema.State) {
		return
	}
	switch v := g.valueNode(a); {
	case v == nil:
	case f.Type == schema.Map:
		putAt(mapIn(n, f.Name, g), g.aim.part, v)
	case f.Type == schema.ByType:
		entry := g.entryIn(listIn(n, f.Name, g))
		putAt(entry, g.aim.member, v)
	default:
		putAt(n, f.Name, v)
	}
}

// valueNode is a cell as a value of its field: null for a blank one.
func (g got) valueNode(a *assembly) *yaml.Node {
	switch f := g.aim.field; {
	case g.text == "":
		return g.plainNode("null", "!!null")
	case f.Type == schema.Bool:
		v := g.plainNode(truth[strings.ToLower(g.text)], "!!bool")
		if v.Value == "" {
			a.add(Error, g.at(), "write true or false", "%s: %q is neither true nor false", g.title(), g.text)
			return nil
		}
		return v
	case f.Type == schema.Int:
		if _, err := strconv.Atoi(g.text); err != nil {
			a.add(Error, g.at(), "", "%s: %q is no whole number", g.title(), g.text)
			return nil
		}
		return g.plainNode(g.text, "!!int")
	}
	if n := utf8.RuneCountInString(g.text); g.aim.field.Max > 0 && n > g.aim.field.Max {
		a.add(Error, g.at(), "", "%s: %d characters; %s takes %d", g.title(), n, g.aim.field.Name, g.aim.field.Max)
		return nil
	}
	if g.aim.field.Fold {
		g.text = Fold(g.text) // a note for each row would hide all others
	}
	return g.textNode()
}

// truth are the words that programs write for true and false.
var truth = map[string]string{
	"true": "true", "yes": "true", "y": "true", "1": "true", "t": "true",
	"false": "false", "no": "false", "n": "false", "0": "false", "f": "false",
}

func (g got) textNode() *yaml.Node {
	n := g.plainNode(g.text, "!!str")
	n.Style = yaml.DoubleQuotedStyle
	return n
}

func (g got) plainNode(text, tag string) *yaml.Node { return g.node(yaml.ScalarNode, tag, text) }

// dayNode is a text that is a word or a date.
func (g got) dayNode() *yaml.Node { return g.plainNode(g.text, "!!str") }

// mapIn and listIn are the collection behind a key, made if it is not there.
func mapIn(n *yaml.Node, key string, g got) *yaml.Node {
	return childOf(n, key, g, yaml.MappingNode, "!!map")
}

func listIn(n *yaml.Node, key string, g got) *yaml.Node {
	return childOf(n, key, g, yaml.SequenceNode, "!!seq")
}

func childOf(n *yaml.Node, key string, g got, kind yaml.Kind, tag string) *yaml.Node {
	if have := child(n, key); have != nil {
		return have
	}
	fresh := g.node(kind, tag, "")
	putAt(n, key, fresh)
	return fresh
}

// entryIn is the entry of an array for the type that a cell is about.
func (g got) entryIn(list *yaml.Node) *yaml.Node {
	for _, entry := range list.Content {
		if value(child(entry, "type")) == g.aim.part {
			return entry
		}
	}
	entry := g.node(yaml.MappingNode, "!!map", "")
	kind := g
	kind.text = g.aim.part
	putAt(entry, "type", kind.textNode())
	list.Content = append(list.Content, entry)
	return entry
}

// managerNode is the manager of a row by username, whatever the order of rows.
// One whom nobody has is told and left alone: a source stops nobody else.
func (a *assembly) managerNode(p *tablePerson, g got) *yaml.Node {
	if g.text == "" {
		if g.src.clear {
			return g.valueNode(a)
		}
		return nil
	}
	name, why := a.managerOf(p, g)
	if why != "" {
		a.onceLive(Warning, g.at(), "correct it where the table comes from, or write manager at "+p.name+" in YAML", "%s: manager %q of %s %s; the manager stays as it is", g.title(), g.text, p.name, why)
		return nil
	}
	g.text = name
	return g.textNode()
}

// managerOf is whom a cell means, or why nobody.
func (a *assembly) managerOf(p *tablePerson, g got) (name, why string) {
	by := keyFields
	if g.aim.by != "" {
		by = []string{g.aim.by}
	}
	for _, aim := range by {
		if name, why, found := a.managerBy(p, aim, g.text); found {
			return name, why
		}
	}
	const number = "employeeIdentifier"
	if slices.Contains(by, number) {
		for _, padded := range zerosInFront(g.text) {
			if name, why, found := a.managerBy(p, number, padded); found {
				a.flaw(Error, eaten, g, exportAsText, "%s, the manager of %s, is nobody, and there is %s: a spreadsheet has eaten the zeros in front", g.text, p.name, padded)
				return name, why
			}
		}
	}
	if a.live == nil {
		return "", "is nobody in the files"
	}
	return "", "is nobody in the files or in JumpCloud"
}

// managerBy is whom a text means as a manager, or why that cannot be, and
// whether there is anybody.
func (a *assembly) managerBy(p *tablePerson, aim, text string) (name, why string, found bool) {
	switch boss, found := a.tableBoss(aim, text); {
	case found && boss == p:
		return "", "is themselves", true
	case found && boss.skipped != "":
		return "", "is skipped (" + boss.at.String() + ")", true
	case found:
		return boss.name, "", true
	}
	if name, ok := a.entries.find(aim, text); ok {
		return name, "", true
	}
	if found := a.liveWith(aim, text); len(found) > 0 {
		return a.live.Objects[found[0]].Name, "", true
	}
	return "", "", false
}

// find is the entry that writes a text.
func (k *entryKeys) find(aim, text string) (name string, ok bool) {
	if aim == "username" {
		name, ok = k.names[Fold(text)]
		return name, ok
	}
	name, ok = k.keys[[2]string{aim, Fold(text)}]
	return name, ok
}

// tableBoss is the person of the sources who has a text.
func (a *assembly) tableBoss(aim, text string) (*tablePerson, bool) {
	if a.bosses == nil {
		a.bosses = map[[2]string]*tablePerson{}
		for _, p := range a.people {
			for _, name := range keyFields {
				if text := p.identity(name); text != "" {
					a.bosses[[2]string{name, Fold(text)}] = p
				}
			}
			a.bosses[[2]string{p.source.key.name, Fold(p.key)}] = p
		}
	}
	p, ok := a.bosses[[2]string{aim, Fold(text)}]
	if ok && p.now != nil {
		p = p.now
	}
	return p, ok
}

// identity is what a person of the sources has for an aim.
func (p *tablePerson) identity(aim string) string {
	if aim == "username" {
		return p.name
	}
	return p.cell(aim).text
}

// putAt appends a key and a value to a mapping, both where the value stands.
func putAt(n *yaml.Node, key string, v *yaml.Node) {
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: v.Line, Column: v.Column}, v)
}
