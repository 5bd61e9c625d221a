package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteFile(t *testing.T) {
	t.Parallel()
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	dir := t.TempDir()
	file, link := filepath.Join(dir, "a"), filepath.Join(dir, "link")
	if err := os.Symlink("a", link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("zero"), 0o644); err != nil { // others could read what was there
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		write      func(io.Writer) error
		err, want  string // want: what a then holds
	}{
		{"new", file, text("one"), "", "one"},
		{"through a link", link, text("two"), "", "two"},
		{"half-written", file, func(w io.Writer) error { return errors.Join(text("thr")(w), errors.New("boom")) }, "boom", "two"},
		{"no folder", filepath.Join(dir, "no", "a"), text("x"), "no such file", "two"},
		{"a folder", dir, text("x"), "is a directory", "two"},
		{"a full disk", "/dev/full", text("x"), "no space left", "two"},
	} {
		err := writeFile(c.path, c.write)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
		got, err := os.ReadFile(file)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: the file holds %q (%v), want %q", c.name, got, err, c.want)
		}
	}
	var names []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"a", "link"}, names); diff != "" {
		t.Errorf("left in the folder (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
}
