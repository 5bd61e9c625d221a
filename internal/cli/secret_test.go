package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/state"
)

func TestSecretsRead(t *testing.T) {
	t.Setenv("JUMPCLOUD_API_KEY", "hidden-from-children")
	t.Setenv("SEEN", "by children")
	dir := t.TempDir()
	for name, text := range map[string]string{"plain": "s3cret\n", "crlf": "s3cret\r\n", "two": "s3cret\n\n", "empty": "\n", "huge": strings.Repeat("x", secretSize+1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := func(name string) string { return map[string]string{"PW": "s3cret\n"}[name] }
	for _, c := range []struct {
		name     string
		ref      state.Reference
		commands bool
		want     string
		err      string
	}{
		{"env", state.Reference{Env: "PW"}, false, "s3cret", ""},
		{"env missing", state.Reference{Env: "NONE"}, false, "", "environment variable NONE is not set"},
		{"one newline is dropped", state.Reference{File: filepath.Join(dir, "plain")}, false, "s3cret", ""},
		{"with its carriage return", state.Reference{File: filepath.Join(dir, "crlf")}, false, "s3cret", ""},
		{"only one", state.Reference{File: filepath.Join(dir, "two")}, false, "s3cret\n", ""},
				{"an empty file", state.Reference{File: filepath.Join(dir, "empty")}, false, "", "empty is empty"},
		{"no file", state.Reference{File: filepath.Join(dir, "gone")}, false, "", "no such file"},
		{"a huge file", state.Reference{File: filepath.Join(dir, "huge")}, false, "", "no secret"},
		{"commands are not run unasked", state.Reference{Command: []string{"echo", "x"}}, false, "", "not allowed"},
		{"a command", state.Reference{Command: []string{"echo", "s3cret"}}, true, "s3cret", ""},
		{"no shell", state.Reference{Command: []string{"echo", "$HOME;x"}}, true, "$HOME;x", ""},
		{"its environment has no credential", state.Reference{Command: []string{"sh", "-c", `echo "$JUMPCLOUD_API_KEY$SEEN"`}}, true, "by children", ""},
		{"one that fails says why", state.Reference{Command: []string{"sh", "-c", "echo not signed in >&2; exit 3"}}, true, "", "exit status 3: not signed in"},
		{"but never what it printed", state.Reference{Command: []string{"sh", "-c", "echo s3cret; echo bad s3cret >&2; exit 3"}}, true, "", "exit status 3"},
		{"one that is not there", state.Reference{Command: []string{"no-such-program-here"}}, true, "", "not found"},
		{"too much output", state.Reference{Command: []string{"sh", "-c", "head -c 100000 /dev/zero"}}, true, "", "command sh"},
	} {
		s := secrets{env: env, commands: c.commands, hide: credentialEnv}
		got, err := s.read(context.Background(), c.ref)
		if got != c.want {
			t.Errorf("%s: %.40q, want %q", c.name, got, c.want)
		}
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the secret is in the error: %v", c.name, err)
		}
	}
}

func TestSecretsStopWithTheRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := secrets{commands: true}.read(ctx, state.Reference{Command: []string{"sleep", "60"}})
	if err == nil {
		t.Error("a command outlives the run")
	}
}
