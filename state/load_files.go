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
)

// mostBytes is the largest file that is read: 100,000 people take about a tenth.
const mostBytes = 256 << 20

// path reads a path argument: a file, or all YAML files of a folder.
func (l *loader) path(name string) {
	info, err := os.Stat(name)
	if err != nil {
		l.bare(name, l.nearPath(name, err), "%s", reason(err))
		return
	}
	if from, leads := leadsOut(name); leads {
		l.bare(name, "name the file itself", "this is a link that leads out of the checkout %s", from)
		return
	}
	if !info.IsDir() {
		l.file(name, rootOf(filepath.Dir(resolved(name)), filepath.Dir(resolved(name))))
		return
	}
	files, err := yamlFiles(name)
	switch {
	case err != nil:
		l.bare(name, "", "%s", reason(err))
	case len(files) == 0:
		l.bare(name, "", "there is no .yaml or .yml file in this folder")
	}
	for _, f := range files {
		l.file(f, rootOf(filepath.Dir(resolved(f)), resolved(name)))
	}
}

// Files are the YAML files of paths, in the order in which Load reads them.
// What cannot be read is left out: Load says so.
func Files(paths []string) (files []string) {
	for _, name := range paths {
		info, err := os.Stat(name)
		switch {
		case err != nil:
		case info.IsDir():
			below, _ := yamlFiles(name)
			files = append(files, below...)
		default:
			files = append(files, name)
		}
	}
	return files
}

// leadsOut tells whether a path in a git checkout is a link to something
// outside of it, and which checkout. Whoever may write a checkout could show
// by such a link what else its reader may read.
func leadsOut(name string) (checkout string, leads bool) {
	path, err := filepath.Abs(name)
	if err != nil {
		return "", false
	}
	checkout = rootOf(filepath.Dir(path), "")
	return checkout, checkout != "" && !inside(resolved(checkout), name)
}

// nearPath is a hint with the file nearest to one that there is not.
func (l *loader) nearPath(name string, err error) string {
	if !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	found, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return ""
	}
	var names []string
	for _, f := range found {
		if f.IsDir() || isYAML(f.Name()) {
			names = append(names, filepath.Join(filepath.Dir(name), f.Name()))
		}
	}
	return l.near.hint("files of "+filepath.Dir(name), filepath.Clean(name), names)
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

// resolved is the absolute path of a file, links followed as far as they lead.
func resolved(name string) string {
	path, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	for at := path; ; at = filepath.Dir(at) {
		if target, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(target, path[len(at):])
		}
		if at == filepath.Dir(at) {
			return path
		}
	}
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
	top := resolved(folder)
	walk := func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != folder && isHidden(name) && d.IsDir():
			return filepath.SkipDir
		case d.IsDir() || isHidden(name) || !isYAML(name) || d.Type()&fs.ModeSymlink != 0 && !inside(top, name):
			return nil
		}
		files = append(files, filepath.Clean(name))
		return nil
	}
	// The separator makes a folder of a link to one.
	folder += string(filepath.Separator)
	err = filepath.WalkDir(folder, walk)
	slices.Sort(files)
	return files, err
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// isHidden tells whether a file is one that editors and tools keep for themselves.
func isHidden(name string) bool { return strings.HasPrefix(filepath.Base(name), ".") }

// inside tells whether a file, its links followed, is below a folder, whose
// links are followed already.
func inside(folder, name string) bool {
	rel, err := filepath.Rel(folder, resolved(name))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// file reads and parses a file once. What is wrong is recorded; the source
// then has no documents.
func (l *loader) file(name, root string) *source {
	path := resolved(name)
	if src, ok := l.files[path]; ok {
		return src
	}
	src := &source{name: name, root: root}
	l.files[path] = src
	l.order = append(l.order, src)
	l.rank(name)
	text, err := readFile(name)
	if err != nil {
		l.bare(name, "", "%s", reason(err))
		return src
	}
	src.text = bytes.TrimPrefix(text, []byte("\ufeff"))
	l.parse(src)
	return src
}

// readFile is the content of an ordinary file that is not too big.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("this is a folder")
	case !info.Mode().IsRegular():
		return nil, errors.New("this is not an ordinary file")
	case info.Size() > mostBytes:
		return nil, fmt.Errorf("the file has %d bytes; more than %d are not read", info.Size(), mostBytes)
	}
	return os.ReadFile(name)
}
