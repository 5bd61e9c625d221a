package state

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// mostBytes is the largest file that is read: 100,000 people take about a tenth.
const mostBytes = 256 << 20

// path reads a path argument: a file, or all YAML files of a folder.
func (l *loader) path(name string) {
	info, err := os.Stat(name)
	if err != nil {
		l.bare(name, "%s", reason(err))
		return
	}
	if !info.IsDir() {
		l.ask(name, rootOf(filepath.Dir(absolute(name)), filepath.Dir(absolute(name))))
		return
	}
	files, err := yamlFiles(name)
	if err != nil {
		l.bare(name, "%s", reason(err))
		return
	}
	if len(files) == 0 {
		l.bare(name, "there is no .yaml or .yml file in this folder")
	}
	for _, f := range files {
		l.ask(f, rootOf(filepath.Dir(absolute(f)), absolute(name)))
	}
}

// ask reads a file that a path argument names.
func (l *loader) ask(name, root string) {
	if src := l.file(name, root); src != nil {
		src.asked = true
	}
}

// bare is a problem of a file as a whole.
func (l *loader) bare(name, format string, args ...any) {
	l.problems = append(l.problems, Problem{Severity: Error, File: name, Text: fmt.Sprintf(format, args...)})
}

// reason is why a file cannot be read, without its path again.
func reason(err error) string {
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file or folder"
	case errors.As(err, &p):
		return p.Err.Error()
	}
	return err.Error()
}

func absolute(name string) string {
	path, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	return path
}

// rootOf is the nearest folder from dir up that is a git checkout, else fallback.
func rootOf(dir, fallback string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return fallback
		}
	}
}

// yamlFiles are the YAML files below a folder, sorted, nothing hidden and
// no link that leads out of it.
func yamlFiles(folder string) (files []string, err error) {
	real, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != folder && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir() || !isYAML(name) || d.Type()&fs.ModeSymlink != 0 && !inside(real, name):
			return nil
		}
		files = append(files, name)
		return nil
	})
	slices.Sort(files)
	return files, err
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// inside tells whether a file, its links followed, is below a folder.
func inside(folder, name string) bool {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(folder, absolute(target))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// file reads and parses a file once; nil if it cannot be read.
func (l *loader) file(name, root string) *source {
	path := absolute(name)
	if src, ok := l.files[path]; ok {
		return src
	}
	src := &source{name: name, path: path, root: root, index: len(l.order)}
	l.files[path] = src
	info, err := os.Stat(name)
	if err == nil && info.Size() > mostBytes {
		err = fmt.Errorf("the file has %d bytes, more than %d are not read", info.Size(), mostBytes)
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("this is not a file")
	}
	if err == nil {
		src.text, err = os.ReadFile(name)
	}
	l.order = append(l.order, src)
	if err != nil {
		l.bare(name, "%s", reason(err))
		return src
	}
	src.text = bytes.TrimPrefix(src.text, []byte("\ufeff"))
	l.parse(src)
	return src
}

// includes are the fragments that a document includes, in the order of its
// patterns and of names.
func (l *loader) includes(src *source, doc *yaml.Node) (fragments []*source) {
	for _, n := range items(child(doc, "include")) {
		for _, f := range l.include(place{src, n}) {
			if !slices.Contains(fragments, f) {
				fragments = append(fragments, f)
			}
		}
	}
	return fragments
}

// include reads the files of one pattern.
func (l *loader) include(p place) (fragments []*source) {
	pattern := p.node.Value
	if filepath.IsAbs(pattern) {
		l.errorf(p, "include %q: write the path relative to this file", pattern)
		return nil
	}
	names, err := filepath.Glob(filepath.Join(p.src.folder(), pattern))
	switch {
	case err != nil:
		l.errorf(p, "include %q: not a pattern: %v", pattern, err)
	case len(names) == 0:
		l.add(Error, p, l.nearFile(p, pattern), "include %q: there is no such file", pattern)
	}
	for _, name := range names {
		if !inside(p.src.root, name) {
			l.errorf(p, "include %q: %s is outside of this repository", pattern, name)
			continue
		}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			continue
		}
		if f := l.file(name, p.src.root); l.isFragment(p, f) {
			f.included = true
			fragments = append(fragments, f)
		}
	}
	return fragments
}

// isFragment refuses to include a document, and a fragment that includes.
func (l *loader) isFragment(p place, f *source) bool {
	for _, doc := range f.docs {
		if isDocument(doc) {
			l.errorf(p, "include %q: %s is a document of its own (it has a version), not a fragment", p.node.Value, f.name)
			return false
		}
	}
	return true
}

// nearFile is a hint with the file nearest to a pattern that matches none.
func (l *loader) nearFile(p place, pattern string) string {
	return l.near(pattern, func() (names []string) {
		found, err := filepath.Glob(filepath.Join(p.src.folder(), filepath.Dir(pattern), "*"))
		if err != nil {
			return nil
		}
		for _, f := range found {
			if rel, err := filepath.Rel(p.src.folder(), f); err == nil && isYAML(f) {
				names = append(names, rel)
			}
		}
		return names
	})
}
