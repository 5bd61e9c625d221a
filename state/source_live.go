package state

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"rollcall/schema"
)

// unbound is what a document with sources was loaded from.
type unbound struct {
	*loader
	document
	rename func(*Desired)    // of a base: gives files the names that they have in the work tree
	named  func(error) error // of a base at a revision: gives files in errors its name
}

// WithLive is the desired state of a document once it is known who is live:
// people of sources who exist keep their username, whatever it would be if
// they were new. For a document without sources that is d itself. Problems are
// as those of Load, without what Load has told; those of a base name the
// revision.
func (d *Desired) WithLive(live *Live) (*Desired, Problems, error) {
	if d == nil || d.unbound == nil {
		return d, nil, nil
	}
	l := *d.unbound.loader
	seen := map[Problem]bool{}
	for _, p := range l.problems {
		seen[p] = true
	}
	l.problems, l.counts, l.live, l.past = nil, [3]int{}, live, d.unbound.rename != nil
	bound, _ := l.document(d.unbound.document)
	if d.unbound.rename != nil {
		d.unbound.rename(bound)
	}
	problems := l.closed(l.sorted(slices.DeleteFunc(l.problems, func(p Problem) bool { return seen[p] })))
	switch {
	case problems.Count(Error) == 0:
		return bound, problems, nil
	case d.unbound.named != nil:
		return nil, nil, d.unbound.named(problems)
	}
	return nil, nil, problems
}

// counted is a source as plans know it.
func (a *assembly) counted(s *tableSource) Source {
	return Source{File: s.file.name, Key: s.key.name, People: s.people, MayShrink: s.mayShrink, Pos: a.position(s.at), Skipped: a.skippedOf(s)}
}

// skippedOf is whom and what a source leaves out, by reason.
func (a *assembly) skippedOf(s *tableSource) (all []Skipped) {
	if s.keyless > 0 {
		all = append(all, Skipped{Why: "no " + s.key.name, Rows: s.keyless})
	}
	people := map[string]int{}
	for _, p := range a.people {
		if p.source == s && p.skipped != "" {
			people[strings.TrimPrefix(p.skipped, "has ")]++
		}
	}
	for _, why := range slices.Sorted(maps.Keys(people)) {
		all = append(all, Skipped{Why: why, People: people[why]})
	}
	return all
}

// Has tells whether a live person has what a source finds people by.
func (s *Source) Has(o *Object) bool { return o.identity(s.Key) != "" }

// identity is what a live person has for an aim that identifies people, ""
// for nothing and for an attribute that is no text.
func (o *Object) identity(aim string) (text string) {
	field, part, _ := strings.Cut(aim, ".")
	if field == "username" {
		return o.Name
	}
	text, _ = o.Get(schema.Lookup(schema.User, field).ID, part)
	if part != "" && json.Unmarshal([]byte(text), &text) != nil {
		return ""
	}
	return text
}

// readText is the content of a file, or what was given for it.
func (l *loader) readText(name string) ([]byte, error) {
	if text, ok := l.given[name]; ok {
		return text, nil
	}
	return readFile(name)
}
