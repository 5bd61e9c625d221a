package state

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// book is a document and its fragments, made again from the texts of their
// files.
type book struct {
	*Desired
	doc     document
	number  int // of the document in its file
	files   map[string]*source
	entries map[objectKey]*entrySpot
}

// entrySpot is the entry of a person or group.
type entrySpot struct {
	*spot
	src    *source
	common []place // the defaults of its kind that complete it
}

var bom = []byte("\ufeff")

// reopen loads a document from other texts of its files, in the first of
// which it has a number, or -1 for that of d. Live says who the people of its
// sources are. What is wrong in them is the error, as Problems.
func reopen(d *Desired, live *Live, texts map[string][]byte, number int) (*book, error) {
	l := newLoader(LoadOptions{Online: true})
	l.live, l.given = live, texts
	b := &book{files: map[string]*source{}, entries: map[objectKey]*entrySpot{}}
	for _, name := range d.Pos.Files {
		if isTable(name) {
			continue
		}
		src := &source{name: name, text: bytes.TrimPrefix(texts[name], bom)}
		l.rank(name)
		l.parse(src)
		b.files[name] = src
		if name == d.Pos.Files[0] {
			b.doc.src = src
		} else {
			b.doc.fragments = append(b.doc.fragments, src)
		}
	}
	if problems := l.sorted(l.problems); problems.Count(Error) > 0 {
		return nil, problems
	}
	if number < 0 {
		number = d.numberIn(b.doc.src)
	}
	if number < 0 || number >= len(b.doc.src.docs) {
		return nil, errMoved
	}
	b.number, b.doc.root = number, b.doc.src.docs[number]
	l.signIn = signIns([]document{b.doc})
	b.Desired, _ = l.document(b.doc)
	if problems := l.sorted(l.problems); problems.Count(Error) > 0 {
		return nil, problems
	}
	b.index()
	return b, nil
}

// errMoved is a document that is not where it was.
var errMoved = errors.New("the document is not where it was")

// numberIn is the number of d among the documents of its file, -1 if it is
// not there.
func (d *Desired) numberIn(src *source) int {
	return slices.IndexFunc(src.docs, func(root *yaml.Node) bool {
		at := root
		if org := child(root, "org"); org != nil {
			at = org
		}
		return isDocument(root) && int(d.Pos.Org.Line) == at.Line && int(d.Pos.Org.Column) == at.Column
	})
}

// index finds the entries of all objects.
func (b *book) index() {
	b.section(b.doc.src, &spot{node: b.doc.root})
	for _, f := range b.doc.fragments {
		for _, part := range f.docs {
			b.section(f, &spot{node: part})
		}
	}
}

func (b *book) section(src *source, root *spot) {
	for _, kind := range []schema.Kind{schema.User, schema.Group} {
		var common []place
		for _, from := range []place{{src, root.node}, {b.doc.src, b.doc.root}} {
			from.node = child(child(from.node, "defaults"), kind.String())
			if from.node != nil && !slices.Contains(common, from) {
				common = append(common, from)
			}
		}
		home := root.child(kind.String() + "s")
		if home == nil {
			continue
		}
		for i := 0; i+1 < len(home.node.Content); i += 2 {
			key := objectKey{kind, keyOf(kind, strings.TrimSpace(home.node.Content[i].Value))}
			b.entries[key] = &entrySpot{home.item(i + 1), src, common}
		}
	}
}

// of is the entry of an object, by its index; nil of somebody whom only a
// source has.
func (b *book) of(i int) *entrySpot {
	o := &b.Objects[i]
	return b.entries[objectKey{o.Kind, o.Key}]
}

// sameAs tells whether two loads want the same of an organization, wherever
// it is written.
func (d *Desired) sameAs(other *Desired) bool {
	return reflect.DeepEqual(d.Objects, other.Objects) && slices.Equal(d.Edges, other.Edges) &&
		slices.EqualFunc(d.Intents, other.Intents, alike)
}

// alike tells whether two intents are the same, wherever they are written.
func alike(a, b Intent) bool {
	if a.ReportsTo != nil && b.ReportsTo != nil && a.ReportsTo.Text == b.ReportsTo.Text {
		a.ReportsTo, b.ReportsTo = nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// touched are the objects that edits are about; nil stands for all of one,
// else it is the fields.
type touched map[objectKey]map[schema.FieldID]bool

// changed is an object that differs between two loads and should not, "" if
// there is none.
func (b *book) changed(before *book, t touched) string {
	for _, pair := range [][2]*book{{before, b}, {b, before}} {
		for i := range pair[0].Objects {
			o := &pair[0].Objects[i]
			if !pair[0].keeps(i, pair[1], t) {
				return fmt.Sprintf("%s %q", o.Kind, o.Name)
			}
		}
	}
	if !slices.Equal(before.edgesBesides(t), b.edgesBesides(t)) {
		return "a membership"
	}
	if !slices.EqualFunc(before.rest(), b.rest(), sameTree) {
		return "what is neither a person nor a group"
	}
	return ""
}

// keeps tells whether another load has the same of object i, but for what is
// touched.
func (b *book) keeps(i int, other *book, t touched) bool {
	o := &b.Objects[i]
	fields, is := t[objectKey{o.Kind, o.Key}]
	if is && fields == nil {
		return true
	}
	j := other.Find(o.Kind, o.Key)
	if j < 0 || !is && !alike(b.Intents[i], other.Intents[j]) {
		return false
	}
	others := func(v schema.Value) bool { return fields[v.Field] }
	return slices.Equal(slices.DeleteFunc(slices.Clone(o.Values), others), slices.DeleteFunc(slices.Clone(other.Objects[j].Values), others))
}

func (b *book) edgesBesides(t touched) []Edge {
	return slices.DeleteFunc(slices.Clone(b.Edges), func(e Edge) bool {
		_, group := t[objectKey{schema.Group, e.Group}]
		_, user := t[objectKey{schema.User, e.User}]
		return group || user
	})
}

// rest is all of the files that is in no entry: other documents whole.
func (b *book) rest() (nodes []*yaml.Node) {
	for _, src := range append([]*source{b.doc.src}, b.doc.fragments...) {
		for _, root := range src.docs {
			if src == b.doc.src && root != b.doc.root {
				nodes = append(nodes, root)
				continue
			}
			list := pairs(root)
			for i := 0; i+1 < len(list); i += 2 {
				if list[i].Value != "users" && list[i].Value != "groups" {
					nodes = append(nodes, list[i], list[i+1])
				}
			}
		}
	}
	return nodes
}

// sameTree tells whether two nodes are written alike.
func sameTree(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && a.Style == b.Style && slices.EqualFunc(a.Content, b.Content, sameTree)
}
