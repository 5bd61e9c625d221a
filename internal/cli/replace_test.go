package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Files are replaced all or none, keep their modes, and nothing is left
// beside them.
func TestReplaceFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		harm func(dir string) error // before
		err  string
		want map[string]string
	}{
		{"all", nil, "", map[string]string{"a.yaml": "new a", "sub/b.yaml": "new b", "link.yaml": "new b"}},
		{"changed", func(dir string) error { return os.WriteFile(filepath.Join(dir, "sub/b.yaml"), []byte("other"), 0o600) },
			"has changed in the meantime", map[string]string{"a.yaml": "old a", "sub/b.yaml": "other", "link.yaml": "other"}},
		{"gone", func(dir string) error { return os.Remove(filepath.Join(dir, "link.yaml")) },
			"no such file", map[string]string{"a.yaml": "old a", "sub/b.yaml": "old b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			at := func(name string) string { return filepath.Join(dir, name) }
			for _, err := range []error{
				os.Mkdir(at("sub"), 0o700), os.WriteFile(at("a.yaml"), []byte("old a"), 0o600), os.Chmod(at("a.yaml"), 0o640),
				os.WriteFile(at("sub/b.yaml"), []byte("old b"), 0o600), os.Symlink("sub/b.yaml", at("link.yaml")),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			if c.harm != nil {
				if err := c.harm(dir); err != nil {
					t.Fatal(err)
				}
			}
			old := map[string][]byte{at("a.yaml"): []byte("old a"), at("link.yaml"): []byte("old b")}
			err := replaceFiles(old, map[string][]byte{at("a.yaml"): []byte("new a"), at("link.yaml"): []byte("new b")})
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%v, want %q", err, c.err)
			}
			if diff := cmp.Diff(c.want, contents(t, dir)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if info, err := os.Stat(at("a.yaml")); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("mode %v (%v), want 0640", info.Mode(), err)
			}
		})
	}
}

// What was replaced before a failure is put back.
func TestPutBack(t *testing.T) {
	t.Parallel()
	file := writeText(t, "a.yaml", "new")
	gone := filepath.Join(filepath.Dir(file), "no", "b.yaml")
	err := putBack(map[string][]byte{file: []byte("old"), gone: nil}, []string{file, gone})
	if err == nil || !strings.Contains(err.Error(), "cannot be put back") {
		t.Errorf("%v", err)
	}
	if got := contents(t, filepath.Dir(file)); got["a.yaml"] != "old" {
		t.Errorf("%q", got)
	}
}

// contents are the texts of all files of a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		texts[strings.TrimPrefix(name, dir+"/")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
