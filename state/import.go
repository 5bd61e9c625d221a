package state

import (
	"bytes"
	"io"
	"path/filepath"
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
}

// Import reads the people of a CSV file as entries of a desired state. It
// asks nobody: usernames are proposed so that no two in the table and in Into
// are the same. What is wrong is the error, as Problems; warnings and notes are
// returned beside the result.
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
	out := &Imported{entries: mapping()}
	if file.sheet != nil && len(file.sheet.Headings) > 0 {
		im := &importer{options: o, out: out, into: into}
		im.assembly, _ = l.assembly(into.document)
		im.importing = true
		im.run(file)
	}
	problems := l.closed(l.sorted(l.problems))
	if problems.Count(Error) > 0 {
		return nil, nil, problems
	}
	if o.Add && len(out.People) > 0 {
		if err := into.add(out); err != nil {
			return nil, nil, err
		}
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

// intoFile is what people are added to.
type intoFile struct {
	document
	desired *Desired // nil for a fragment or none
}

// into reads what people are added to.
func (l *loader) into(name string) (into intoFile, ok bool) {
	if name == "" {
		into.src = &source{name: "import", text: []byte("version: 1\n")}
		l.parse(into.src)
		into.root = into.src.docs[0]
		return into, true
	}
	src := l.file(name, rootOf(filepath.Dir(resolved(name)), filepath.Dir(resolved(name))))
	switch {
	case len(l.problems) > 0 && l.problems[0].Severity == Error:
		return into, false
	case len(src.docs) != 1:
		l.bare(name, "name a file with one of them", "there are %d documents in this file", len(src.docs))
		return into, false
	}
	into.src, into.root = src, src.docs[0]
	if !isDocument(into.root) {
		into.partial = true
		l.checkFragment(src)
	} else {
		into.fragments = l.includes(src, into.root)
		l.signIn = signIns([]document{into.document})
		into.desired, _ = l.document(into.document)
	}
	return into, Problems(l.problems).Count(Error) == 0
}

// add makes the text of the file with people in it, which must load.
func (into *intoFile) add(out *Imported) error {
	e, root := newSplicer(into.src.text), &spot{node: into.root}
	if home := root.child("users"); home != nil && home.node.Kind == yaml.MappingNode {
		e.add(home, out.entries.Content...)
	} else {
		e.addSection(root, schema.User, out.entries)
	}
	text, ok := e.result()
	if !ok {
		return cannotAccept("add them by hand", "%s is written in a way that is not known here", into.src.name)
	}
	read, err := readFile(into.src.name)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(read, bom) {
		text = append(slices.Clone(bom), text...)
	}
	l := newLoader(LoadOptions{})
	src := &source{name: into.src.name, text: bytes.TrimPrefix(text, bom), root: into.src.root}
	l.parse(src)
	if len(src.docs) == 1 && into.desired != nil {
		l.document(document{src: src, root: src.docs[0], fragments: into.fragments})
	} else if len(src.docs) == 1 {
		l.checkFragment(src)
	}
	if problems := l.sorted(l.problems); problems.Count(Error) > 0 {
		return problems
	}
	out.Text, out.Read = text, read
	return nil
}

// importer turns the people of one table into entries.
type importer struct {
	*assembly
	options ImportOptions
	out     *Imported
	into    intoFile
}

func (im *importer) run(file *source) {
	spec := im.options.node()
	s := im.tableOf(place{&source{name: file.name, sheet: file.sheet}, spec}, file)
	if s == nil {
		return
	}
	im.tables = []*tableSource{s}
	im.tablePeople()
	im.entries = im.identified()
	im.bind(im.entries)
	like := im.like()
	slices.SortFunc(im.people, func(x, y *tablePerson) int { return strings.Compare(Fold(x.name), Fold(y.name)) })
	for _, p := range im.people {
		_, listed := im.entries.names[Fold(p.name)]
		switch {
		case p.skipped != "":
		case listed:
			im.out.Known = append(im.out.Known, p.name)
		default:
			im.out.People = append(im.out.People, p.name)
			put(im.out.entries, p.name, im.entry(p, like))
		}
	}
	im.checkCircles()
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
	if im.into.desired == nil {
		im.add(Error, at, "name a document with --into, or run it where rollcall.yaml is", "--like %s: there is nobody to be like", im.options.Like)
		return c
	}
	d := im.into.desired
	i := d.Find(schema.User, Fold(im.options.Like))
	if i < 0 {
		im.add(Error, at, im.meantIn(d), "--like: no user %q in the file", im.options.Like)
		return c
	}
	c.department, _ = d.Objects[i].Get(schema.Department, "")
	for _, e := range d.Edges {
		dated := slices.ContainsFunc(d.Untils, func(u Until) bool { return u.Edge == e })
		if e.User == d.Objects[i].Key && !dated && !im.everybodys(e.Group) {
			c.groups = append(c.groups, e.Group)
		}
	}
	return c
}

// meantIn is a hint at the person whom --like most likely means.
func (im *importer) meantIn(d *Desired) string {
	var names []string
	for i := range d.Objects {
		if d.Objects[i].Kind == schema.User {
			names = append(names, d.Objects[i].Name)
		}
	}
	return im.near.hint("like", im.options.Like, names)
}

// everybodys tells whether defaults of the file give everybody a group.
func (im *importer) everybodys(group string) bool {
	w := im.common[schema.User]
	return im.options.Add && w != nil && slices.ContainsFunc(w.groups, func(at place) bool { return strings.TrimSpace(at.node.Value) == group })
}

// entry is the entry of a person as export would write it.
func (im *importer) entry(p *tablePerson, like colleague) *yaml.Node {
	e := &draft{Object: Object{Kind: schema.User, Name: p.name, Key: Fold(p.name)}, at: p.at}
	im.fill(e, &writer{src: p.source.file}, im.rowWriters(p))
	im.drafts = append(im.drafts, e)
	im.byKey[objectKey{e.Kind, e.Key}] = e
	if _, at := e.find(schema.Department); at.node == nil && like.department != "" {
		e.Values = append(e.Values, schema.Value{Field: schema.Department, Text: like.department})
		slices.SortStableFunc(e.Values, schema.Compare)
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
