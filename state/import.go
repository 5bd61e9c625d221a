package state

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
	"rollcall/state/sheet"
)

// ImportOptions say what the columns of a CSV file are for, as a source of a
// document does, and where people go.
type ImportOptions struct {
	Key      string   // a column; "" finds one
	Map      []string // FIELD=COLUMN, or manager=COLUMN:FIELD; nil goes by the headings
	Username string   // with {column}s; "" makes usernames of names
	Clear    bool     // a blank cell is null

	Into string // a document or fragment that the people are for; "" for none
	Like string // somebody there whose groups and department everybody gets; "" for nobody
	Add  bool   // make the text of Into with the people in it
}

// Imported is what Import makes of a CSV file.
type Imported struct {
	People []string // usernames of those who are new, sorted
	Known  []string // of those who are in Into already

	entries *yaml.Node
	Text    []byte // with Add: the new content of Into; nil if nobody is new
	Read    []byte // with Add: what Into holds

	Documents []string // the files that include Into, if it is a fragment
	Alone     bool     // Into is a fragment that nothing includes: nobody else is known
}

// Import reads the people of a CSV file as entries of a desired state. It
// asks nobody: usernames are proposed so that no two in the table and in Into
// are the same, nor in the documents that include it if it is a fragment. What
// is wrong is the error, as Problems; warnings and notes are returned beside the
// result.
func Import(csv string, o ImportOptions) (*Imported, Problems, error) {
	l := newLoader(LoadOptions{})
	into, ok := l.into(o.Into)
	if !ok {
		return nil, nil, l.closed(l.sorted(l.problems))
	}
	file := &source{name: csv, sheet: &sheet.Sheet{}}
	l.rank(csv)
	if text, err := readFile(csv); err != nil {
		l.bare(csv, "", "%s", reason(err))
	} else {
		l.parseTable(file, text)
	}
	out := &Imported{entries: mapping(), Documents: into.includedBy, Alone: into.partial && len(into.homes) == 0}
	if file.sheet != nil && len(file.sheet.Headings) > 0 {
		im := &importer{options: o, out: out, into: into}
		im.assembly, _ = l.assembly(into.document)
		im.importing, im.homes = true, into.homes
		im.run(file)
	}
	problems := l.closed(l.sorted(l.problems))
	if problems.Count(Error) > 0 {
		return nil, nil, problems
	}
	if o.Add && len(out.People) > 0 {
		found, err := into.add(out)
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, found...)
	}
	return out, problems, nil
}

// WriteTo writes the people as a fragment: users, sorted.
func (im *Imported) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	section := mapping()
	put(section, "users", im.entries)
	layoutEntries(im.entries)
	if err := encodeYAML(&b, section); err != nil {
		return 0, err
	}
	return b.WriteTo(w)
}

// importer turns the people of one table into entries.
type importer struct {
	*assembly
	options ImportOptions
	out     *Imported
	into    intoFile
}

func (im *importer) run(file *source) {
	im.entries = im.known()
	spec := im.options.node()
	s := im.tableOf(place{&source{name: file.name, sheet: file.sheet}, spec}, file)
	if s == nil {
		return
	}
	im.tables = []*tableSource{s}
	im.tablePeople()
	im.bind(im.entries)
	im.damaged()
	im.odd()
	like := im.like()
	slices.SortFunc(im.people, func(x, y *tablePerson) int { return strings.Compare(Fold(x.name), Fold(y.name)) })
	for _, p := range im.people {
		_, listed := im.entries.names[Fold(p.name)]
		switch {
		case p.skipped != "":
		case listed:
			im.out.Known = append(im.out.Known, p.name)
			im.doubtful(p)
		default:
			im.out.People = append(im.out.People, p.name)
			put(im.out.entries, p.name, im.entry(p, like))
		}
	}
	im.undeclared()
	im.flaws.tell(im.loader)
	im.checkCircles()
}

// doubtful warns of somebody who is in the file by a number, an e-mail or a
// username, which may be an old one of somebody else.
func (im *importer) doubtful(p *tablePerson) {
	if unlike := im.unlike(p); unlike != nil {
		im.add(Warning, p.at, "if that is somebody else, give the row another "+p.by, "%s is taken for %s by the %s of the row, who has another %s", p.key, p.name, p.by, inWords(unlike))
	}
}

// unlike are the fields that make it doubtful who a row is about: another key,
// another e-mail of a username, or all that says who somebody is.
func (im *importer) unlike(p *tablePerson) []string {
	key := p.source.key.name
	if other := im.entries.texts[[2]string{Fold(p.name), key}]; other != "" && Fold(other) != Fold(p.key) {
		return []string{key}
	}
	has := func(field string) string { return im.written(p.name, field) }
	text, other := p.cell("email").text, has("email")
	switch {
	case p.by == "":
		return nil
	case p.by == "username" && text != "" && other != "" && Fold(text) != Fold(other):
		return []string{"email"}
	}
	return p.unlike(has, p.by)
}

// written is what the files say of somebody, "" for nothing.
func (im *importer) written(name, field string) string {
	for _, home := range im.homes {
		if i := home.d.Find(schema.User, Fold(name)); i >= 0 {
			return home.d.Objects[i].identity(field)
		}
	}
	return writtenFor(im.entries.nodes[Fold(name)], field)
}

// known are the people of all documents that the file is part of; of a
// fragment that none includes its own.
func (im *importer) known() *entryKeys {
	if len(im.homes) == 0 {
		return im.identified()
	}
	k := newEntryKeys()
	for _, home := range im.homes {
		for _, e := range home.drafts {
			if e.Kind == schema.User {
				k.addPerson(e)
			}
		}
	}
	return k
}

// checkCircles finds people of the table who manage themselves through others.
func (im *importer) checkCircles() {
	above := map[*draft]*draft{}
	for _, e := range im.drafts {
		boss, _ := e.find(schema.Manager)
		if to := im.byKey[objectKey{schema.User, Fold(boss)}]; to != nil {
			above[e] = to
		}
	}
	im.circles(above)
}

// node is the options as a source of a document would say them.
func (o *ImportOptions) node() *yaml.Node {
	n := mapping()
	if o.Key != "" {
		put(n, "key", textNode(o.Key))
	}
	if o.Username != "" {
		put(n, "username", textNode(o.Username))
	}
	if o.Clear {
		put(n, "blank", textNode("clear"))
	}
	if len(o.Map) > 0 {
		put(n, "map", mapNode(o.Map))
	}
	return n
}

// mapNode is the map of FIELD=COLUMN words.
func mapNode(words []string) *yaml.Node {
	n := mapping()
	for _, word := range words {
		field, column, _ := strings.Cut(word, "=")
		from := textNode(strings.TrimSpace(column))
		field = strings.TrimSpace(field)
		if name, by, ok := strings.Cut(column, ":"); ok && field == "manager" {
			from = mapping()
			put(from, "column", textNode(name))
			put(from, "by", textNode(by))
		}
		if list := child(n, field); list != nil && field == "groups" {
			if list.Kind == yaml.ScalarNode {
				one := *list
				*list = yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{&one}}
			}
			list.Content = append(list.Content, from)
			continue
		}
		put(n, field, from)
	}
	return n
}

// colleague is what everybody gets of somebody who is there.
type colleague struct {
	groups     []string
	department string
}

// like finds the groups and the department of a colleague, without what
// defaults give everybody anyway and what ends on a day.
func (im *importer) like() (c colleague) {
	if im.options.Like == "" {
		return c
	}
	at := lineOf(im.into.src, 0, 0)
	if len(im.homes) == 0 {
		im.add(Error, at, "name a document with --into, or run it where rollcall.yaml is", "--like %s: there is nobody to be like", im.options.Like)
		return c
	}
	found := 0
	for _, home := range im.homes {
		if i := home.d.Find(schema.User, Fold(im.options.Like)); i >= 0 {
			im.alike(&c, home.d, i, found == 0)
			found++
		}
	}
	if found == 0 {
		im.add(Error, at, im.meantIn(), "--like: no user %q in the file", im.options.Like)
	}
	return c
}

// alike takes what a document says of the colleague, object i. Of several
// documents what all of them say is taken.
func (im *importer) alike(c *colleague, d *Desired, i int, first bool) {
	department, _ := d.Objects[i].Get(schema.Department, "")
	var groups []string
	for _, e := range d.Edges {
		dated := slices.ContainsFunc(d.Untils, func(u Until) bool { return u.Edge == e })
		if e.User == d.Objects[i].Key && !dated && !im.everybodys(e.Group) {
			groups = append(groups, e.Group)
		}
	}
	if first {
		c.department, c.groups = department, groups
		return
	}
	if c.department != department {
		c.department = ""
	}
	c.groups = slices.DeleteFunc(c.groups, func(g string) bool { return !slices.Contains(groups, g) })
}

// meantIn is a hint at the person whom --like most likely means.
func (im *importer) meantIn() string {
	var names []string
	for _, home := range im.homes {
		names = append(names, home.listed(schema.User)...)
	}
	return im.near.hint("like", im.options.Like, names)
}

// everybodys tells whether defaults give everybody a group.
func (im *importer) everybodys(group string) bool {
	return im.options.Add && im.byDefault(func(w *writer) bool {
		return slices.ContainsFunc(w.groups, func(at place) bool { return strings.TrimSpace(at.node.Value) == group })
	})
}

// entry is the entry of a person as export would write it.
func (im *importer) entry(p *tablePerson, like colleague) *yaml.Node {
	e := &draft{Object: Object{Kind: schema.User, Name: p.name, Key: Fold(p.name)}, at: p.at}
	im.fill(e, &writer{src: p.source.file}, im.rowWriters(p))
	im.drafts = append(im.drafts, e)
	im.byKey[objectKey{e.Kind, e.Key}] = e
	if like.department != "" {
		e.complete(schema.Value{Field: schema.Department, Text: like.department}, p.at)
	}
	n := mapping()
	for from := 0; from < len(e.Values); {
		to := from
		for to < len(e.Values) && e.Values[to].Field == e.Values[from].Field {
			to++
		}
		f := schema.Of(e.Values[from].Field)
		if v, _ := importedNode(f, e.Values[from:to]); v != nil {
			put(n, f.Name, v)
		}
		from = to
	}
	im.besides(n, e, like.groups)
	return n
}

// complete adds a value of a field that has none.
func (e *draft) complete(v schema.Value, from place) {
	at, found := slices.BinarySearchFunc(e.Values, v, schema.Compare)
	if !found {
		e.Values, e.from = slices.Insert(e.Values, at, v), slices.Insert(e.from, at, from)
	}
}

// importedNode is valueNode with null for what is cleared.
func importedNode(f *schema.Field, values []schema.Value) (*yaml.Node, []schema.Value) {
	if len(values) == 1 && values[0].Part == "" && values[0].Text == f.Unset && f.Type != schema.Bool {
		return plainNode("null"), nil
	}
	return valueNode(f, values)
}

// besides adds to an entry what is no field.
func (im *importer) besides(n *yaml.Node, e *draft, groups []string) {
	in := &e.intent
	for _, word := range []struct{ key, text string }{{"state", strings.ToLower(in.CreateState)}, {"start", in.Start}, {"end", in.End}, {"activation_email", in.ActivationEmail}} {
		if word.text != "" {
			put(n, word.key, plainNode(word.text))
		}
	}
	for _, at := range e.groups {
		groups = append(groups, at.node.Value)
	}
	slices.Sort(groups)
	if groups = slices.Compact(groups); len(groups) > 0 {
		list := sequence()
		for _, g := range groups {
			list.Content = append(list.Content, textNode(g))
		}
		put(n, "groups", list)
	}
	im.checkDates(e)
}
