package state

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
	"rollcall/state/sheet"
)

// LoadOptions are how files are read. The zero value is for most.
type LoadOptions struct {
	Strict bool // what may be right only with live (an unknown manager, ...) is an error
	Online bool // JumpCloud will be asked: what only it can tell is no problem of the file. Documents with sources are complete only by WithLive
}

// Load reads files and folders and is the desired state of the organizations
// that they describe, in the order of paths, file names and documents. What
// is wrong in them is the error, as Problems, all of it at once; warnings and
// notes are returned beside the state.
// Nothing outside the files is asked.
func Load(paths []string, o LoadOptions) ([]*Desired, Problems, error) {
	l := newLoader(o)
	for _, p := range paths {
		l.path(p)
	}
	return l.result()
}

func newLoader(o LoadOptions) *loader {
	return &loader{options: o, files: map[string]*source{}, ranks: map[string]int{}, near: newGuesser()}
}

// result is what the files that were read describe.
func (l *loader) result() ([]*Desired, Problems, error) {
	var all []*Desired
	var homes []place
	docs := l.documents()
	l.signIn = signIns(docs)
	for _, doc := range docs {
		d, home := l.document(doc)
		if len(d.Sources) > 0 {
			d.unbound = &unbound{loader: l, document: doc}
		}
		if pairs(doc.root) != nil {
			all, homes = append(all, d), append(homes, home)
		}
	}
	l.oneDocumentAnOrganization(all, homes)
	problems := l.sorted(l.problems)
	if problems.Count(Error) > 0 {
		return nil, nil, l.closed(problems)
	}
	return all, l.closed(problems), nil
}

// loader reads files, each once, and gathers what is wrong.
type loader struct {
	options  LoadOptions
	files    map[string]*source // by absolute path, links followed
	order    []*source
	ranks    map[string]int // of file names in the order in which they came up
	problems Problems
	counts   [3]int // of problems in files, by severity, with those beyond mostProblems
	near     *guesser
	signIn   signIn
	live     *Live             // who the people of sources may be; nil until that is known
	past     bool              // it is a base: what live has become since is no mistake of it
	given    map[string][]byte // texts of files by name, which are not read then; nil to read them
}

// source is a file.
type source struct {
	name     string // as the user named it
	root     string // the folder that includes do not leave
	text     []byte
	docs     []*yaml.Node // the top nodes of its YAML documents
	included bool
	checked  bool         // its shape, as a fragment
	sheet    *sheet.Sheet // of a CSV file; nil for any other
	lines    []string     // of text; nil until asked for
	shades   shades
}

// document is a YAML document that describes an organization.
type document struct {
	src       *source
	root      *yaml.Node
	fragments []*source
	partial   bool // it is a fragment itself
}

// documents are the organizations that the asked files describe. Fragments
// are told from documents that lack their version once it is known what is
// included.
func (l *loader) documents() (docs []document) {
	asked := slices.Clone(l.order)
	fragments := map[*yaml.Node][]*source{}
	for _, src := range asked {
		for _, root := range src.docs {
			if isDocument(root) {
				fragments[root] = l.includes(src, root)
			}
		}
	}
	for _, src := range asked {
		for _, root := range src.docs {
			switch {
			case isDocument(root):
				docs = append(docs, document{src: src, root: root, fragments: fragments[root]})
			case src.included:
			case claimsDocument(root):
				docs = append(docs, document{src: src, root: root, fragments: l.includes(src, root)})
			default:
				l.checkFragment(src)
				l.add(Error, place{src, root}, fmt.Sprintf("write include: [%s] in the document; a document of its own starts with version: 1", filepath.Base(src.name)), "without version this is a fragment, and no document includes it")
			}
		}
	}
	return docs
}

// isDocument tells whether a YAML document describes an organization.
func isDocument(root *yaml.Node) bool { return child(root, "version") != nil }

// claimsDocument tells whether it was meant to: it is no mapping at all, or
// has what a fragment does not have.
func claimsDocument(root *yaml.Node) bool {
	list := pairs(root)
	for i := 0; i+1 < len(list); i += 2 {
		if !slices.Contains([]string{"defaults", "users", "groups"}, list[i].Value) {
			return true
		}
	}
	return len(list) == 0
}

// checkFragment checks the shape of a fragment, once.
func (l *loader) checkFragment(src *source) {
	if src.checked {
		return
	}
	src.checked = true
	for _, root := range src.docs {
		l.nodes(src, schema.Check(root, true))
	}
}

// oneDocumentAnOrganization finds two documents for one organization: with
// the same id, or of which one has no id and both have the same name, or no
// name and the same credential.
func (l *loader) oneDocumentAnOrganization(all []*Desired, homes []place) {
	type identity struct{ id, name, key string }
	first := map[identity]int{}
	for i, d := range all {
		keys := []identity{{name: strings.ToLower(d.Name)}}
		switch {
		case d.ID != "" && d.Name != "":
			keys = append(keys, identity{id: d.ID})
		case d.ID != "":
			keys = []identity{{id: d.ID}}
		case d.Name == "":
			keys = []identity{{key: cmp.Or(d.Credential.APIKey.String(), d.Credential.ClientID.String(), "env:JUMPCLOUD_API_KEY")}}
		}
		for _, k := range keys {
			j, seen := first[k]
			if seen && (k.id != "" || d.ID == "" || all[j].ID == "") {
				l.twice(d, all[j], homes[i], homes[j])
				break
			}
			first[k] = i
		}
	}
}

func (l *loader) twice(d, other *Desired, here, there place) {
	what := "organization " + cmp.Or(d.ID, other.ID, d.Name)
	if what == "organization " {
		what = "the same organization, for neither has an org.id or org.name"
	}
	for _, p := range [][2]place{{here, there}, {there, here}} {
		l.add(Error, p[0], "merge them, or make one a fragment (no version, no org) and include it; if they are two organizations, write org.id in both", "two documents describe %s: here and at %s", what, p[1])
	}
}
