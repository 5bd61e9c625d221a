package state

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A base calls its files, and those of its secrets, as the work tree does:
// otherwise all of them would look moved, and all secrets changed.
func TestBaseCallsFilesAsTheWorkTree(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"orgs/kelp.yaml": "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1, api_key: {file: secrets/key}}\ninclude: [../shared/*.yaml, p/empty.yaml]\n" +
			"users: {ann: {password: {from: {file: ann.txt}}}, bob: {password: {from: {file: /run/secrets/bob}}}}\n",
		"orgs/p/empty.yaml":  "users: {}\n",
		"shared/people.yaml": "users: {cid: {}}\n",
	}
	dir, moved := gitRepo(t, files), t.TempDir()
	if err := os.CopyFS(filepath.Join(moved, "old"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, from string }{
		{"orgs/kelp.yaml", "HEAD"}, {"orgs", "HEAD"},
		{"orgs/kelp.yaml", filepath.Join(moved, "old", "orgs", "kelp.yaml")},
		{"orgs/kelp.yaml", filepath.Join(moved, "old", "orgs")},
		{"orgs", filepath.Join(moved, "old", "orgs")},
	} {
		paths := []string{filepath.Join(dir, c.path)}
		want, _, err := Load(paths, LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Base(t.Context(), paths, c.from, LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(namesIn(want[0]), namesIn(got[0])); d != "" {
			t.Errorf("%s from %s (-file +base):\n%s", c.path, c.from, d)
		}
		if n := len(want[0].Pos.Files); n != 3 {
			t.Errorf("%d files: %q", n, want[0].Pos.Files)
		}
	}
}

func namesIn(d *Desired) []string {
	names := append([]string{d.Credential.APIKey.File}, d.Pos.Files...)
	for i := range d.Intents {
		names = append(names, d.Intents[i].Password.From.File)
	}
	return names
}
