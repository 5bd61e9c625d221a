package cli

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rollcall/state"
)

// Files that are none, or that hold something else, are no secrets.
func TestSecretFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	pem := writeText(t, "pem", "-----BEGIN\nabc\n")
	for path, want := range map[string]string{
		pipe: "not an ordinary file", "/dev/zero": "not an ordinary file", dir: "not an ordinary file",
		pem: "more than one line", "/proc/self/environ": "control character",
	} {
		if _, err := (secrets{}).read(t.Context(), state.Reference{File: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
