package state

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// Files of a size or a shape that nobody writes are read to their end, and
// what is wrong in them is told, within bounds.
func TestLoadHuge(t *testing.T) {
	t.Parallel()
	lines := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	bomb := "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := range 60 {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 8), i)
	}
	deep := func(n int) string { return strings.Repeat("{a: ", n) + "1" + strings.Repeat("}", n) }
	noise := rand.New(rand.NewPCG(1, 2))
	nonsense := make([]byte, 10_000_000)
	for i := range nonsense {
		const signs = "abc :-{}[]\n\"'#&*!|>%@,?"
		nonsense[i] = signs[noise.IntN(len(signs))]
	}
	const big = 1_000_000
	for name, c := range map[string]struct{ text, first, last string }{
		"aliases in aliases":   {bomb, "unknown key a0: known here are defaults", "aliases (*a59) are not taken"},
		"nested too deeply":    {"users: " + strings.Repeat("[", big), "this is not YAML: this is nested too deeply", ""},
		"lists in lists":       {"users: " + strings.Repeat("- ", big/2), "this is not YAML", ""},
		"mappings, deep":       {"version: 1\ngroups: {Data: {memberQuery: " + deep(9000) + ", x: 1}}", "unknown key x", ""},
		"mappings in a secret": {"version: 1\npassword: " + deep(9000), "unknown key password", ""},
		"nonsense":             {string(nonsense), "this is not YAML", ""},
		"one word":             {strings.Repeat("x", 10*big), "a document must be a mapping", ""},
		"colons":               {strings.Repeat(": ", big/2), "this is not YAML", ""},
		"quotes":               {strings.Repeat(`"`, big+1), "this is not YAML", ""},
		"brackets":             {strings.Repeat("[", 1000) + strings.Repeat("{", big), "this is not YAML", ""},
		"line ends":            {strings.Repeat("\n", big), "the file is empty", ""},
		"conflicts":            {strings.Repeat("<<<<<<< a\n", big/50), "a merge conflict is not resolved", "more errors like these are not shown"},
		"one line":             {"version: 1\nusers: {" + lines("u%d: {x: 1}, ", 12_000) + "}", "unknown key x", "more errors like these are not shown"},
		"unknown keys":         {"version: 1\nusers:\n  ann:\n" + lines("    k%d: x\n", 12_000), "unknown key k0", "more errors like these are not shown"},
		"attributes":           {"version: 1\nusers:\n  ann:\n    attributes:\n" + lines("      k%d: []\n", 12_000), "k0 must be text, not a list", "more errors like these are not shown"},
		"empty people":         {"version: 1\nusers:\n" + lines("  u%d:\n", 12_000), "u0 has nothing behind it", "more errors like these are not shown"},
		"nobody's managers":    {"version: 1\nusers:\n" + lines("  u%d: {manager: nobody.%[1]d, x: 1}\n", 12_000), "unknown key x", "more errors like these are not shown"},
		"one circle":           {"version: 1\nusers:\n  u0: {manager: u11999}\n" + strings.TrimPrefix(circle(12_000), "\n"), "managers form a circle: u0", ""},
		"patterns":             {"version: 1\npolicy:\n  ignore:\n    users:\n" + lines("      - a*%d\n", 5000), "more than 1000 patterns", ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.yaml")
			writeFile(t, file, c.text)
			_, _, err := Load([]string{file}, LoadOptions{})
			var ps Problems
			if !errors.As(err, &ps) || len(ps) > 2*mostProblems+10 {
				t.Fatalf("%d problems, an error of type %T", len(ps), err)
			}
			errs := ofSeverity(ps, Error)
			if !strings.Contains(errs[0].Text, c.first) || !strings.Contains(errs[len(errs)-1].Text, c.last) {
				t.Errorf("%d problems from %q to %q", len(ps), errs[0].Text, errs[len(errs)-1].Text)
			}
			for _, p := range ps {
				if len(p.Text) > 500 || len(p.Source) > longestLine {
					t.Fatalf("a problem of %d bytes, with a line of %d", len(p.Text), len(p.Source))
				}
			}
		})
	}
}

// circle is all people but the first, each with the one before as manager.
func circle(n int) string {
	var b strings.Builder
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "  u%d: {manager: u%d}\n", i, i-1)
	}
	return b.String()
}

func ofSeverity(ps Problems, s Severity) (found []Problem) {
	for _, p := range ps {
		if p.Severity == s {
			found = append(found, p)
		}
	}
	return found
}
