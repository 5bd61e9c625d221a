package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports says which packages of ours each of ours may import: one way,
// from what knows JumpCloud to what people type.
var imports = map[string][]string{
	"rollcall/jumpcloud":         {},
	"rollcall/schema":            {},
	"rollcall/jumpcloud/sandbox": {},
	"rollcall/state/sheet":       {},
	"rollcall/state":             {"rollcall/jumpcloud", "rollcall/schema", "rollcall/state/sheet"},
	"rollcall/plan":              {"rollcall/schema", "rollcall/state"},
	"rollcall/plan/report":       {"rollcall/schema", "rollcall/state", "rollcall/plan"},
	"rollcall/apply":             {"rollcall/jumpcloud", "rollcall/schema", "rollcall/state", "rollcall/plan"},
	"rollcall/internal/cli": {
		"rollcall/jumpcloud", "rollcall/jumpcloud/sandbox", "rollcall/schema", "rollcall/state", "rollcall/plan", "rollcall/plan/report", "rollcall/apply",
	},
	"rollcall": {"rollcall/internal/cli"},
}

func TestImportsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		pkg := path.Join("rollcall", filepath.ToSlash(filepath.Dir(file)))
		allowed, known := imports[pkg]
		if !known {
			return nil // examples, and what only tests import
		}
		seen[pkg] = true
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if strings.HasPrefix(name, "rollcall") && !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s", file, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range imports {
		if !seen[pkg] {
			t.Errorf("no file of %s was found", pkg)
		}
	}
}
