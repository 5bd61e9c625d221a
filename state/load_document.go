package state

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones on machines that have none

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// assembly puts one organization together from its document and fragments.
type assembly struct {
	*loader
	document
	d       *Desired
	files   map[*source]int32 // index in Positions.Files plus one
	drafts  []*draft
	byKey   map[objectKey]*draft
	was     map[objectKey]*draft      // by former name
	names   map[string][]*draft       // people by folded e-mail and employeeIdentifier
	lists   [2][]string               // names by kind, for hints
	edges   map[string][]edge         // by group; each group's by user once all are known
	untils  map[*yaml.Node]*yaml.Node // the last day of a membership, by the node that names its group
	scratch []schema.Value
	writer  writer // of the entry that is being read
	placed  []placed
	common  [2]*writer // defaults of the document, by kind

	importing bool        // for Import: people are for a file, and nobody is asked
	homes     []*assembly // for Import: of the documents that the file is part of
	tables    []*tableSource
	people    []*tablePerson              // of tables, sorted by key
	byUser    map[string]*tablePerson     // by folded username
	bosses    map[[2]string]*tablePerson  // by aim and folded text
	entries   *entryKeys                  // what entries write that identifies people
	liveKeys  map[string]map[string][]int // live users by aim and folded text; nil until asked for
	flaws     flaws                       // of cells, to be told at the end
}

type objectKey struct {
	kind schema.Kind
	key  string
}

// draft is an object while its document is put together.
type draft struct {
	Object
	intent    Intent
	at        place      // of its key
	home      *yaml.Node // the mapping that it is in
	from      []place    // of Values
	wrote     wrote
	groups    []place // of a user: what groups names, defaults included
	members   []place // of a group
	reportsTo place
}

// wrote are the places of an object's intents, zero where not written.
type wrote struct{ was, absent, password, noGroups, noMembers, exact, start, end, sourceState place }

// edge is a membership with its place.
type edge struct {
	Edge
	at    place
	sides Sides
	until *until // nil without a last day
}

// until is the last day of a membership, and where it is written.
type until struct {
	day string
	at  place
}

// document is one organization. The place is that of its org.
func (l *loader) document(doc document) (*Desired, place) {
	a, home := l.assembled(doc)
	return a.d, home
}

// assembled puts one organization together.
func (l *loader) assembled(doc document) (*assembly, place) {
	a, home := l.assembly(doc)
	a.sources(doc.root)
	a.fromTables()
	a.objects(doc.src, doc.root, [2]*writer{})
	for _, f := range doc.fragments {
		l.checkFragment(f)
		for _, part := range f.docs {
			a.objects(f, part, a.defaults(f, part))
		}
	}
	a.newFromTables()
	a.flaws.tell(l)
	a.checked()
	a.finish()
	return a, home
}

// assembly begins with what a document says of its organization and of
// everybody in it. The place is that of its org.
func (l *loader) assembly(doc document) (*assembly, place) {
	a := &assembly{
		loader: l, document: doc, d: &Desired{Timezone: time.UTC},
		files: map[*source]int32{}, byKey: map[objectKey]*draft{}, was: map[objectKey]*draft{}, names: map[string][]*draft{},
		edges: map[string][]edge{}, untils: map[*yaml.Node]*yaml.Node{},
	}
	for _, src := range append([]*source{doc.src}, doc.fragments...) {
		a.file(src)
	}
	l.nodes(doc.src, schema.Check(doc.root, doc.partial))
	home := a.org(doc)
	a.policy(child(doc.root, "policy"))
	a.common = a.defaults(doc.src, doc.root)
	return a, home
}

// position is a place as Positions have it.
func (a *assembly) position(p place) Pos {
	if p.node == nil {
		return Pos{}
	}
	return Pos{a.file(p.src), int32(p.node.Line), int32(p.node.Column)}
}

// file is the number of a file in Positions.Files, from 1.
func (a *assembly) file(src *source) int32 {
	i, ok := a.files[src]
	if !ok {
		a.d.Pos.Files = append(a.d.Pos.Files, src.name)
		i = int32(len(a.d.Pos.Files))
		a.files[src] = i
	}
	return i
}

var hexID = regexp.MustCompile(`^[0-9a-fA-F]{24}$`)

// org reads who the organization is and how to sign in, and where it says so.
func (a *assembly) org(doc document) (home place) {
	d, n := a.d, child(doc.root, "org")
	home = place{doc.src, doc.root}
	if n != nil {
		home.node = n
	}
	d.Pos.Org = a.position(home)
	d.ID, d.Name = strings.ToLower(value(child(n, "id"))), strings.TrimSpace(value(child(n, "name")))
	d.Region = cmp.Or(value(child(n, "region")), "us")
	if zone := child(n, "timezone"); zone != nil && !saysNothing(zone) {
		tz, err := time.LoadLocation(zone.Value)
		if err != nil || zone.Value == "" || zone.Value == "Local" {
			a.add(Error, place{a.src, zone}, "write one such as Europe/Berlin or America/Denver", "timezone %q is not known", zone.Value)
		} else {
			d.Timezone = tz
		}
	}
	a.credential(n)
	return home
}

func (a *assembly) credential(org *yaml.Node) {
	key, account := child(org, "api_key"), child(org, "service_account")
	if key != nil && account != nil {
		a.errorf(place{a.src, account}, "org has an api_key and a service_account: write one of them")
	}
	a.d.Credential = Credential{
		APIKey:       a.reference(a.src, key),
		ClientID:     a.reference(a.src, child(account, "client_id")),
		ClientSecret: a.reference(a.src, child(account, "client_secret")),
	}
}

// variable is what the name of an environment variable looks like.
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reference reads where a secret is; files are relative to the file.
func (a *assembly) reference(src *source, n *yaml.Node) (r Reference) {
	if env := child(n, "env"); env != nil && !saysNothing(env) {
		r.Env = env.Value
		switch {
		case strings.HasPrefix(r.Env, "$"):
			a.errorf(place{src, env}, "env takes the name of a variable alone, without $ or braces")
		case !variable.MatchString(r.Env):
			a.secretf(place{src, env}, "", "env takes the name of an environment variable, not what is in it")
		}
	}
	if file := child(n, "file"); file != nil && !saysNothing(file) {
		if file.Value == "" {
			a.errorf(place{src, file}, "file is empty: write the path of the file that holds the secret")
		}
		r.File = src.joined(file.Value)
	}
	if command := child(n, "command"); command != nil {
		for _, word := range items(command) {
			r.Command = append(r.Command, word.Value)
		}
		if command.Kind == yaml.SequenceNode && (len(r.Command) == 0 || r.Command[0] == "") {
			a.errorf(place{src, command}, "command is empty: write a program and its arguments")
		}
	}
	return r
}

// objects reads the users and groups of a document or fragment. Own are the
// defaults of the fragment.
func (a *assembly) objects(src *source, root *yaml.Node, own [2]*writer) {
	for _, kind := range []schema.Kind{schema.User, schema.Group} {
		home := child(root, kind.String()+"s")
		list := pairs(home)
		for i := 0; i+1 < len(list); i += 2 {
			if isName(list[i]) {
				a.object(&draft{Object: Object{Kind: kind}, at: place{src, list[i]}, home: home}, list[i+1], own[kind])
			}
		}
	}
}

// isName tells whether a key can be a name: the schema has refused the others.
func isName(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Tag != "!!merge" && (!saysNothing(key) || isNull(key))
}

// object reads one entry, which sources and defaults complete.
func (a *assembly) object(e *draft, n *yaml.Node, own *writer) {
	if e.Name = a.trimmed(e.at); e.Name == "" {
		a.errorf(e.at, "a %s without a name", e.Kind)
	}
	e.Key = keyOf(e.Kind, e.Name)
	w := a.entry(e, n)
	first := a.byKey[objectKey{e.Kind, e.Key}]
	switch {
	case first == nil || e.Name == "":
	case first.home == e.home && first.at.node.Value == e.at.node.Value:
		return // the schema has told that
	default:
		a.errorf(e.at, "%s %q is defined twice: here and at %s", e.Kind, e.Name, first.at)
		return
	}
	a.byKey[objectKey{e.Kind, e.Key}] = e
	a.drafts = append(a.drafts, e)
	if w.absent != nil {
		a.tombstone(e, w)
		return
	}
	var rows []*writer
	if p := a.byUser[e.Key]; p != nil && e.Kind == schema.User {
		p.written = true
		rows = a.rowWriters(p)
	}
	a.fill(e, w, append(rows, own, a.common[e.Kind]))
}

// keyOf is what identifies an object of a name.
func keyOf(k schema.Kind, name string) string {
	if k == schema.User {
		return Fold(name)
	}
	return name
}

// trimmed is a name without outer white space.
func (a *assembly) trimmed(at place) string {
	name := strings.TrimSpace(at.node.Value)
	if name != at.node.Value && name != "" {
		a.add(Note, at, "", "the white space around %q is left out", name)
	}
	return name
}

// finish sorts what was put together and lays it out as Desired has it.
func (a *assembly) finish() {
	slices.SortFunc(a.drafts, func(x, y *draft) int {
		return cmp.Or(int(x.Kind)-int(y.Kind), strings.Compare(x.Key, y.Key))
	})
	d, n := a.d, len(a.drafts)
	d.Objects, d.Intents = make([]Object, n), make([]Intent, n)
	d.Pos.Objects, d.Pos.Values, d.Pos.Intents = make([]Pos, n), make([][]Pos, n), make([]IntentPos, n)
	for i, e := range a.drafts {
		d.Objects[i], d.Intents[i] = e.Object, e.intent
		d.Pos.Objects[i], d.Pos.Intents[i] = a.position(e.at), a.intentPos(&e.wrote)
		d.Pos.Values[i] = make([]Pos, len(e.from))
		for j, p := range e.from {
			d.Pos.Values[i][j] = a.position(p)
		}
	}
	a.finishEdges()
}

// finishEdges lays the memberships out, sorted by group and user.
func (a *assembly) finishEdges() {
	d, n := a.d, 0
	for _, edges := range a.edges {
		n += len(edges)
	}
	d.Edges, d.Sides, d.Pos.Edges = make([]Edge, 0, n), make([]Sides, 0, n), make([]Pos, 0, n)
	for _, group := range slices.Sorted(maps.Keys(a.edges)) {
		for _, e := range a.edges[group] {
			d.Edges, d.Sides, d.Pos.Edges = append(d.Edges, e.Edge), append(d.Sides, e.sides), append(d.Pos.Edges, a.position(e.at))
			if e.until != nil {
				d.Untils = append(d.Untils, Until{e.Edge, e.until.day, a.position(e.until.at)})
			}
		}
	}
}

func (a *assembly) intentPos(w *wrote) IntentPos {
	return IntentPos{
		Was: a.position(w.was), Absent: a.position(w.absent), Password: a.position(w.password),
		NoGroups: a.position(w.noGroups), NoMembers: a.position(w.noMembers), Exact: a.position(w.exact),
		Start: a.position(w.start), End: a.position(w.end), SourceState: a.position(w.sourceState),
	}
}
