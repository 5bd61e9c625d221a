package state

import (
	"os"
	"path/filepath"
	"strings"
)

// namedAs is a folder or file of a copy of the files, and what the user calls
// it.
type namedAs struct{ here, there string }

// callFiles gives the files of a base, and those that hold its secrets, the
// names that they have in the work tree. So a base and a file can be compared.
// Secrets outside of the root have no other name.
func callFiles(docs []*Desired, root string, names []namedAs) {
	for _, d := range docs {
		if d.unbound != nil {
			d.unbound.rename = func(bound *Desired) { callFiles([]*Desired{bound}, root, names) }
		}
		home := homeOf(d, names)
		for i, name := range d.Pos.Files {
			d.Pos.Files[i] = called(name, home, names)
		}
		call := func(name *string) {
			if *name != "" && below(root, *name) {
				*name = called(*name, home, names)
			}
		}
		for i := range d.Sources {
			call(&d.Sources[i].File)
		}
		for i := range d.Intents {
			call(&d.Intents[i].Password.From.File)
		}
		call(&d.Credential.APIKey.File)
		call(&d.Credential.ClientID.File)
		call(&d.Credential.ClientSecret.File)
	}
}

// homeOf is where the document itself stands.
func homeOf(d *Desired, names []namedAs) namedAs {
	if n, ok := within(d.Pos.Files[0], names); ok {
		return n
	}
	return names[0]
}

// within is the one of names that holds a file, the innermost if several do.
func within(file string, names []namedAs) (found namedAs, ok bool) {
	for _, n := range names {
		if below(n.here, file) && len(n.here) >= len(found.here) {
			found, ok = n, true
		}
	}
	return found, ok
}

// called is the name of a file in the work tree. What no path holds was
// included, and is named from the document that included it.
func called(file string, home namedAs, names []namedAs) string {
	n, ok := within(file, names)
	if !ok {
		n = home
	}
	rel, err := filepath.Rel(n.here, file)
	if err != nil {
		return file // no other file has that name
	}
	return filepath.Join(n.there, rel)
}

// asPaths says how the files of another folder or file are called among
// paths: by their place below what all paths have in common.
func asPaths(from string, paths []string) []namedAs {
	if len(paths) == 1 && isFolder(from) == isFolder(paths[0]) {
		return []namedAs{{from, paths[0]}, {folderOf(from), folderOf(paths[0])}}
	}
	common := folderOf(paths[0])
	for _, path := range paths[1:] {
		for !below(common, folderOf(path)) && common != filepath.Dir(common) {
			common = filepath.Dir(common)
		}
	}
	return []namedAs{{folderOf(from), common}}
}

func folderOf(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Clean(path)
	}
	return filepath.Dir(path)
}

// below tells whether a path is a folder or in it, as both are written.
func below(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
