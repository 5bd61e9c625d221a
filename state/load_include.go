package state

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// includes are the fragments that a document includes, in the order of its
// patterns and of names.
func (l *loader) includes(src *source, root *yaml.Node) (fragments []*source) {
	for _, n := range items(child(root, "include")) {
		switch {
		case saysNothing(n):
			continue
		case n.Value == "":
			l.errorf(place{src, n}, "include: an empty path")
			continue
		}
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
	for _, name := range l.included(p) {
		switch {
		case !inside(p.src.root, name):
			l.errorf(p, "include %q: %s is outside of %s, which includes do not leave", p.node.Value, name, filepath.Base(p.src.root))
		default:
			if f := l.file(name, p.src.root); l.isFragment(p, f) {
				f.included = true
				fragments = append(fragments, f)
			}
		}
	}
	return fragments
}

// outsideHint is what to do about an include that leaves a root: the folder
// that was asked for may be a higher one, a checkout is what it is.
func outsideHint(root string) string {
	if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
		return ""
	}
	return "run rollcall on a folder above that holds both, such as " + filepath.Base(filepath.Dir(root)) + ", instead of on " + filepath.Base(root)
}

// included are the names of the files of a pattern. Of what wildcards match
// only YAML files count, and nothing hidden.
func (l *loader) included(p place) []string {
	pattern := p.node.Value
	switch {
	case filepath.IsAbs(pattern):
		l.errorf(p, "include %q: write the path relative to this file", pattern)
		return nil
	case strings.Contains(pattern, "**"):
		l.errorf(p, "include %q: ** is not taken: write a pattern for each depth of folders, such as people/*/*.yaml", pattern)
		return nil
	case !inside(p.src.root, filepath.Join(p.src.folder(), plainPart(pattern))):
		l.add(Error, p, outsideHint(p.src.root), "include %q: this is outside of %s, which includes do not leave", pattern, filepath.Base(p.src.root))
		return nil
	}
	names, err := filepath.Glob(filepath.Join(literal(p.src.folder()), pattern))
	if err != nil {
		l.errorf(p, "include %q: not a pattern: %v", pattern, err)
		return nil
	}
	files := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return isFolder(name) || strings.ContainsAny(pattern, wildcards) && (matchesHidden(pattern, name) || !isYAML(name))
	})
	switch {
	case len(files) > 0:
	case len(names) > 0 && isFolder(names[0]):
		l.errorf(p, "include %q: this is a folder: write %s", pattern, strings.TrimSuffix(pattern, "/")+"/*.yaml")
	default:
		l.add(Error, p, l.nearFile(p), "include %q: there is no such file", pattern)
	}
	return files
}

const wildcards = "*?["

// plainPart is a pattern up to the first part that has a wildcard.
func plainPart(pattern string) string {
	pattern = filepath.Clean(pattern)
	if at := strings.IndexAny(pattern, wildcards); at >= 0 {
		return filepath.Dir(pattern[:at] + "*")
	}
	return pattern
}

// matchesHidden tells whether a wildcard stands for a name that is hidden.
func matchesHidden(pattern, name string) bool {
	names, parts := strings.Split(name, string(filepath.Separator)), strings.Split(filepath.Clean(pattern), string(filepath.Separator))
	for i := 1; i <= min(len(names), len(parts)); i++ {
		if isHidden(names[len(names)-i]) && !isHidden(parts[len(parts)-i]) {
			return true
		}
	}
	return false
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// literal is a pattern that matches only the path itself.
func literal(path string) string {
	if filepath.Separator == '\\' {
		return path // where a backslash cannot quote
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// isFragment refuses to include what is no fragment.
func (l *loader) isFragment(p place, f *source) bool {
	switch {
	case f == p.src:
		l.errorf(p, "include %q: this is the file itself", p.node.Value)
		return false
	case slices.ContainsFunc(f.docs, isDocument):
		l.errorf(p, "include %q: %s is a document of its own (it has a version), not a fragment", p.node.Value, f.name)
		return false
	}
	return true
}

// nearFile is a hint with the file nearest to a pattern that matches none.
func (l *loader) nearFile(p place) string {
	folder := filepath.Join(p.src.folder(), filepath.Dir(p.node.Value))
	if l.counts[Error] > mostProblems {
		return ""
	}
	found, err := os.ReadDir(folder)
	if err != nil {
		return ""
	}
	var names []string
	for _, f := range found {
		if isYAML(f.Name()) {
			names = append(names, filepath.Join(filepath.Dir(p.node.Value), f.Name()))
		}
	}
	return l.near.hint("files of "+folder, filepath.Clean(p.node.Value), names)
}

// folder is the folder of a file as the user named it.
func (s *source) folder() string { return filepath.Dir(s.name) }

// joined is a path relative to a file, from where the user named the file.
func (s *source) joined(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.folder(), path)
}
