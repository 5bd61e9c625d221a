package state

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// intoFile is what people are added to.
type intoFile struct {
	document
	homes      []*assembly // of the documents that it is part of: itself, or those that include it
	includedBy []string    // names of these documents' files, of a fragment
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
	if isDocument(into.root) {
		into.fragments = l.includes(src, into.root)
		into.homes = l.assembledAll([]document{into.document})
	} else {
		into.partial = true
		l.checkFragment(src)
		l.findHomes(&into)
	}
	return into, Problems(l.problems).Count(Error) == 0
}

// assembledAll puts several organizations together.
func (l *loader) assembledAll(docs []document) (all []*assembly) {
	l.signIn = signIns(docs)
	for _, doc := range docs {
		a, _ := l.assembled(doc)
		all = append(all, a)
	}
	return all
}

// findHomes reads the documents that include a fragment. What is wrong with
// them is told, but no warning: they are not what the people go into.
func (l *loader) findHomes(into *intoFile) {
	docs := l.including(into.src)
	into.homes = l.assembledAll(docs)
	l.problems = slices.DeleteFunc(l.problems, func(p Problem) bool { return p.Severity != Error && p.File != into.src.name })
	for _, doc := range docs {
		into.includedBy = append(into.includedBy, doc.src.name)
	}
	into.includedBy = slices.Compact(into.includedBy)
}

// including are the documents that include a fragment, sorted by file. They are
// looked for below the folder that includes do not leave: the checkout, or
// without one the folder where rollcall runs, if the fragment is below it.
func (l *loader) including(fragment *source) (docs []document) {
	top := resolved(".")
	if !inside(top, fragment.name) {
		top = filepath.Dir(resolved(fragment.name))
	}
	top = rootOf(filepath.Dir(resolved(fragment.name)), top)
	files, _ := yamlFiles(top) // what cannot be read includes nothing
	for _, name := range files {
		docs = append(docs, l.includingIn(asNamed(name, fragment.name), top, fragment)...)
	}
	return docs
}

// asNamed is an absolute path as the user would write it, who has named
// another file.
func asNamed(name, other string) string {
	if rel, err := filepath.Rel(resolved("."), name); err == nil && !filepath.IsAbs(other) {
		return rel
	}
	return name
}

// looksIncluding is a file that is meant to be a document with fragments.
var looksIncluding = regexp.MustCompile(`(?ms)^version:.*^include:|^include:.*^version:`)

// includingIn are the documents of a file that include a fragment. Most files
// have none and are not parsed, and their mistakes are nobody's business here;
// but one that cannot be parsed may be the one.
func (l *loader) includingIn(name, top string, fragment *source) (docs []document) {
	text, err := readFile(name)
	if err != nil || !bytes.Contains(text, []byte("include")) {
		return nil
	}
	src := &source{name: name, root: rootOf(filepath.Dir(resolved(name)), top), text: bytes.TrimPrefix(text, bom)}
	look := newLoader(LoadOptions{})
	look.parse(src)
	if len(src.docs) == 0 && looksIncluding.Match(text) {
		l.rank(name)
		l.problems = append(l.problems, look.problems...)
	}
	for _, root := range src.docs {
		if isDocument(root) && look.doesInclude(src, root, fragment) {
			l.rank(name)
			docs = append(docs, document{src: src, root: root, fragments: l.includes(src, root)})
		}
	}
	return docs
}

// doesInclude tells whether a document includes a fragment.
func (l *loader) doesInclude(src *source, root *yaml.Node, fragment *source) bool {
	path := resolved(fragment.name)
	return slices.ContainsFunc(items(child(root, "include")), func(n *yaml.Node) bool {
		return n.Value != "" && slices.ContainsFunc(l.included(place{src, n}), func(name string) bool { return resolved(name) == path })
	})
}

// add makes the text of the file with people in it, which must load, and tells
// what looks wrong about them.
func (into *intoFile) add(out *Imported) (Problems, error) {
	e, root := newSplicer(into.src.text), &spot{node: into.root}
	if home := root.child("users"); home != nil && home.node.Kind == yaml.MappingNode {
		e.add(home, out.entries.Content...)
	} else {
		e.addSection(root, schema.User, out.entries)
	}
	text, ok := e.result()
	if !ok {
		return nil, cannotAccept("add them by hand", "%s is written in a way that is not known here", into.src.name)
	}
	read, err := readFile(into.src.name)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(read, bom) {
		text = append(slices.Clone(bom), text...)
	}
	out.Text, out.Read = text, read
	return into.check(text, out.People)
}

// check loads a new text of the file, in all documents that it is part of. Of
// what is no error it tells what concerns the people who were added.
func (into *intoFile) check(text []byte, added []string) (Problems, error) {
	l := newLoader(LoadOptions{})
	src := &source{name: into.src.name, text: bytes.TrimPrefix(text, bom), root: into.src.root}
	l.parse(src)
	for _, root := range src.docs {
		if into.partial {
			l.checkFragment(src)
		}
		for _, home := range into.homes {
			l.assembled(home.with(into.src, src, root))
		}
	}
	problems := l.sorted(l.problems)
	if problems.Count(Error) > 0 {
		return nil, problems
	}
	lines := linesOf(src, added)
	return slices.DeleteFunc(problems, func(p Problem) bool { return p.File != src.name || !lines[p.Line] }), nil
}

// with is the document with a file in the place of another one.
func (doc document) with(old, src *source, root *yaml.Node) document {
	if doc.src == old {
		doc.src, doc.root = src, root
		return doc
	}
	doc.fragments = slices.Clone(doc.fragments)
	doc.fragments[slices.Index(doc.fragments, old)] = src
	return doc
}

// linesOf are the lines where the entries of people are.
func linesOf(src *source, people []string) map[int]bool {
	lines, added := map[int]bool{}, map[string]bool{}
	for _, name := range people {
		added[name] = true
	}
	for _, root := range src.docs {
		list := pairs(child(root, "users"))
		for i := 0; i+1 < len(list); i += 2 {
			if added[list[i].Value] {
				addLines(lines, list[i], list[i+1])
			}
		}
	}
	return lines
}

// addLines adds the lines of nodes and of all that is in them.
func addLines(lines map[int]bool, nodes ...*yaml.Node) {
	for _, n := range nodes {
		lines[n.Line] = true
		addLines(lines, n.Content...)
	}
}
