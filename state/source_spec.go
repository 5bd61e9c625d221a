package state

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
	"rollcall/state/sheet"
)

// tableSource is one of a document's sources: a CSV file and what its columns
// are for.
type tableSource struct {
	at    place   // of the entry in the document
	file  *source // the CSV
	sheet *sheet.Sheet
	key   *aim // what people are found by

	aims      []*aim // in the order of columns and of the map
	clear     bool   // a blank cell clears
	mayShrink string // "", a number or a percentage
	people    int    // in it, by key
	keyless   int    // rows without a key
}

// aim is what a column, or a template of several, gives to people.
type aim struct {
	at      place         // of the map's entry, or of the heading
	name    string        // as plans name it: email, phoneNumbers.work, groups
	field   *schema.Field // nil for username, groups, start, end and activation_email
	part    string        // of a field of parts: work, badge
	member  string        // of an address: locality
	column  int           // -1 for a template
	from    *pattern
	by      string // of a manager: the aim by whose text the manager is found; "" for any name
	values  map[string]string
	days    []string       // of start and end: the cells as dates
	unknown map[string]int // texts outside of values, and how often they are there
	named   *namedBy       // only rows whose other column has this name
}

// private tells whether messages show no cell of it: where somebody lives, a
// private number or address, and whatever attributes are used for.
func (t *aim) private() bool {
	return t.field != nil && t.field.ID != schema.EmployeeIdentifier && (t.field.Personal || t.field.ID == schema.Attributes)
}

// pattern is a text with {column}s in it.
type pattern struct{ parts []part }

// part is a text, or with a column what that has.
type part struct {
	text   string
	column int // -1 for a text
}

// first is the first column of an aim.
func (t *aim) first() int {
	if t.from == nil {
		return t.column
	}
	for _, p := range t.from.parts {
		if p.column >= 0 {
			return p.column
		}
	}
	return 0
}

var braces = regexp.MustCompile(`\{([^{}]+)\}`)

// isTable tells whether a file is one of CSV by its name.
func isTable(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".tsv") || strings.HasSuffix(name, ".txt")
}

// sources reads the CSV files of a document.
func (a *assembly) sources(root *yaml.Node) {
	list := child(root, "sources")
	if list == nil || list.Kind != yaml.SequenceNode {
		return
	}
	a.entries = a.identified()
	for _, n := range list.Content {
		if s := a.tableSource(place{a.src, n}); s != nil {
			a.tables = append(a.tables, s)
		}
	}
}

// tableSource reads one source, and is nil if there is nothing to go on with.
func (a *assembly) tableSource(at place) *tableSource {
	path := child(at.node, "csv")
	if path == nil || saysNothing(path) {
		return nil
	}
	file := a.table(place{at.src, path})
	if file == nil || file.sheet == nil {
		return nil
	}
	a.file(file)
	return a.tableOf(at, file)
}

// tableOf is a source of a file that was read, as a node says.
func (a *assembly) tableOf(at place, file *source) *tableSource {
	s := &tableSource{at: at, file: file, sheet: file.sheet, clear: value(child(at.node, "blank")) == "clear", mayShrink: value(child(at.node, "may_shrink"))}
	s.aimed(a, child(at.node, "map"))
	if n := child(at.node, "username"); n != nil && !saysNothing(n) {
		s.named(s.pattern(a, place{at.src, n}))
	}
	s.keyed(a, child(at.node, "key"))
	s.damage(a)
	if s.key == nil {
		return nil
	}
	return s
}

// named makes usernames of a pattern, instead of a column.
func (s *tableSource) named(p *pattern) {
	if p != nil {
		s.aims = slices.DeleteFunc(s.aims, func(t *aim) bool { return t.name == "username" })
		s.aims = append(s.aims, &aim{name: "username", column: -1, from: p})
	}
}

// table reads a CSV file once.
func (l *loader) table(p place) *source {
	name := p.src.joined(p.node.Value)
	switch {
	case strings.HasPrefix(p.node.Value, "/") || l.given == nil && !inside(p.src.root, name):
		l.add(Error, p, outsideHint(p.src.root), "csv %q: write a path relative to this file, and within %s", p.node.Value, filepath.Base(p.src.root))
		return nil
	case !isTable(name):
		l.add(Error, p, "save it as CSV UTF-8", "csv %q: the name of a CSV file ends with .csv, .tsv or .txt", p.node.Value)
		return nil
	}
	path := resolved(name)
	if src, ok := l.files[path]; ok {
		return src
	}
	src := &source{name: name, root: p.src.root}
	l.files[path] = src
	l.rank(name)
	text, err := l.readText(name)
	if err != nil {
		l.add(Error, p, l.nearFile(p), "csv %q: %s", p.node.Value, reason(err))
		return nil
	}
	l.parseTable(src, text)
	return src
}

// parseTable reads the text of a CSV file.
func (l *loader) parseTable(src *source, text []byte) {
	var found []sheet.Problem
	src.sheet, found = sheet.Read(text)
	l.tableProblems(src, found)
}

// tableProblems records what is wrong in a table.
func (l *loader) tableProblems(src *source, found []sheet.Problem) {
	for _, p := range found {
		severity := [...]Severity{sheet.Error: Error, sheet.Warning: Warning, sheet.Note: Note}[p.Severity]
		l.add(severity, lineOf(src, p.Line, p.Column), p.Hint, "%s", p.Text)
	}
}

// pattern reads a text with columns in braces, nil if there are none.
func (s *tableSource) pattern(a *assembly, at place) *pattern {
	p, text, end := &pattern{}, at.node.Value, 0
	for _, m := range braces.FindAllStringSubmatchIndex(text, -1) {
		p.parts = append(p.parts, part{text[end:m[0]], -1})
		end = m[1]
		i := s.column(a, at, text[m[2]:m[3]])
		if i < 0 {
			return nil
		}
		p.parts = append(p.parts, part{"", i})
	}
	if len(p.parts) == 0 {
		a.errorf(at, "%q has no {column} in it: everybody would have it", text)
		return nil
	}
	p.parts = append(p.parts, part{text[end:], -1})
	return p
}

// column is the index of a column, -1 with an error if there is none or if it
// is one of passwords, whatever it would be for.
func (s *tableSource) column(a *assembly, at place, name string) int {
	i := s.sheet.Index(name)
	if i < 0 || name == "" {
		var names []string
		for _, h := range s.sheet.Headings {
			names = append(names, h.Text)
		}
		a.add(Error, at, cmp.Or(a.near.hint(s.file.name, name, names), columnsHint(names)), "%s has no column %q", s.file.name, name)
		return -1
	}
	if secretHeading.MatchString(s.sheet.Headings[i].Text) {
		a.add(Error, at, noSecretsHint, "column %q looks like one of passwords or keys; rollcall takes none from a table", s.sheet.Headings[i].Text)
		return -1
	}
	return i
}

// columnsHint names the columns that there are.
func columnsHint(names []string) string { return "its columns are " + firstOf(names) }

// aimed reads the map, or finds what headings say without one.
func (s *tableSource) aimed(a *assembly, n *yaml.Node) {
	if n == nil {
		s.byHeadings(a)
		return
	}
	for i, h := range s.sheet.Headings {
		if passwordHeading.MatchString(h.Text) {
			s.noPasswords(a, i)
		}
	}
	list := pairs(n)
	for i := 0; i+1 < len(list); i += 2 {
		at := place{s.at.src, list[i]}
		t := aimAt(list[i].Value)
		if t == nil {
			s.noAim(a, at)
			continue
		}
		columns := []*yaml.Node{list[i+1]}
		switch {
		case list[i+1].Kind != yaml.SequenceNode:
		case t.name == "groups":
			columns = list[i+1].Content
		default:
			a.errorf(place{s.at.src, list[i+1]}, "map: only groups may come from several columns; a text of several is written \"{column} {column}\"")
			continue
		}
		for _, c := range columns {
			one := *t
			one.at = at
			if s.from(a, &one, c) {
				s.aims = append(s.aims, &one)
			}
		}
	}
}

// noAim refuses what a column cannot give.
func (s *tableSource) noAim(a *assembly, at place) {
	word, part, _ := strings.Cut(at.node.Value, ".")
	f := schema.Lookup(schema.User, word)
	switch {
	case f == nil:
		a.add(Error, at, a.near.hint("aims", at.node.Value, aimNames()), "map: %q is nothing that a column can give; it is a field of users, FIELD.PART, username, groups, start, end or activation_email", at.node.Value)
	case f.Type == schema.Secret:
		a.add(Error, at, noPasswordsHint, "map: a table gives no passwords")
	case f.ID == schema.PhoneNumbers:
		a.errorf(at, "map: write which number it is: phoneNumbers.work, phoneNumbers.mobile, ...")
	case f.Type == schema.ByType:
		a.errorf(at, "map: write what of which it is: %s.work.%s; it has %s", word, f.Members[0], strings.Join(f.Members, ", "))
	case f.Type == schema.Map && part == "":
		a.errorf(at, "map: write which one it is: %s.NAME", word)
	default:
		a.errorf(at, "map: no column can give %s; write it at people in YAML", at.node.Value)
	}
}

// from reads where an aim comes from.
func (s *tableSource) from(a *assembly, t *aim, n *yaml.Node) bool {
	at := place{s.at.src, n}
	if n.Kind == yaml.MappingNode {
		at.node = child(n, "column")
		t.by = value(child(n, "by"))
		s.by(a, t, child(n, "by"))
		if values := child(n, "values"); values != nil {
			t.values, t.unknown = map[string]string{}, map[string]int{}
			list := pairs(values)
			for i := 0; i+1 < len(list); i += 2 {
				t.values[strings.ToLower(strings.TrimSpace(list[i].Value))] = value(list[i+1])
			}
		}
	}
	switch {
	case at.node == nil || saysNothing(at.node):
		return false // the schema has told
	case braces.MatchString(at.node.Value):
		t.column, t.from = -1, s.pattern(a, at)
		return t.from != nil
	}
	t.column = s.column(a, at, at.node.Value)
	return t.column >= 0
}

// by checks what a manager is found by.
func (s *tableSource) by(a *assembly, t *aim, n *yaml.Node) {
	switch {
	case t.by == "":
	case t.name != "manager":
		a.errorf(place{s.at.src, n}, "by goes only with manager")
	case !slices.Contains(keyFields, t.by):
		a.errorf(place{s.at.src, n}, "a manager is found by employeeIdentifier, email or username, not by %q", t.by)
	}
}

// otherAims are what a column can give besides fields.
var otherAims = []string{"username", "groups", "start", "end", "activation_email"}

// aimAt is the aim of a name, nil if there is none.
func aimAt(name string) *aim {
	if slices.Contains(otherAims, name) {
		return &aim{name: name}
	}
	word, part, _ := strings.Cut(name, ".")
	f := schema.Lookup(schema.User, word)
	switch {
	case f == nil || f.Key || f.Type == schema.Secret || f.Write == 0 && !f.Alias:
		return nil
	case f.Type == schema.ByType && f.ID == schema.PhoneNumbers && part != "":
		return &aim{name: name, field: f, part: part, member: "number"}
	case f.Type == schema.ByType:
		kind, member, _ := strings.Cut(part, ".")
		if kind == "" || !slices.Contains(f.Members, member) {
			return nil
		}
		return &aim{name: name, field: f, part: kind, member: member}
	case f.Type == schema.Map && part != "":
		return &aim{name: name, field: f, part: part}
	case part != "" || f.Type == schema.Map || f.Type == schema.List || f.Type == schema.Object:
		return nil
	}
	return &aim{name: f.Name, field: f}
}

// aimNames are the names that a map takes, for hints.
func aimNames() (names []string) {
	names = append(names, otherAims...)
	for _, f := range schema.Fields(schema.User) {
		if aimAt(f.Name) != nil {
			names = append(names, f.Name)
		}
	}
	return append(names, "phoneNumbers.work", "phoneNumbers.mobile", "addresses.work.locality")
}

// keyFields are what people can be found by.
var keyFields = []string{"employeeIdentifier", "email", "username"}

// keyed finds the key: the column that is named, or the best of those that
// identify people.
func (s *tableSource) keyed(a *assembly, n *yaml.Node) {
	if n != nil && !saysNothing(n) {
		i := s.column(a, place{s.at.src, n}, n.Value)
		for _, t := range s.aims {
			if t.column == i && i >= 0 && (slices.Contains(keyFields, t.name) || strings.HasPrefix(t.name, "attributes.")) {
				s.key = t
				return
			}
		}
		if i >= 0 {
			a.errorf(place{s.at.src, n}, "key %q: map it to what people are found by in JumpCloud: employeeIdentifier, email, username or attributes.NAME", n.Value)
		}
		return
	}
	for _, name := range keyFields {
		for _, t := range s.aims {
			if t.name == name && t.column >= 0 {
				s.key = t
				return
			}
		}
	}
	a.errorf(s.at, "%s has no column for employeeIdentifier, email or username: nobody can be found by it", s.file.name)
}

// namedBy is a column that says by a name whether another one is meant.
type namedBy struct {
	column int
	name   string
}
