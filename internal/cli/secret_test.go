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
	if _, err := (secrets{}).read(t.Context(), state.Reference{File: filepath.Join(dir, "gone")}); !strings.Contains(hintOf(err), "write the secret into this file") {
		t.Errorf("no file: hint %q", hintOf(err))
	}
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
		{"only one", state.Reference{File: filepath.Join(dir, "two")}, false, "", "more than one line"},
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

// What signs in to JumpCloud is nobody's password, wherever it is kept.
func TestPasswordsAreNoCredentials(t *testing.T) {
	t.Parallel()
	const key = "jca_0123456789abcdef"
	file := writeText(t, "copy", key+"\n")
	inside := writeText(t, "inside", "x="+key)
	env := func(name string) string {
		return map[string]string{"COPY": key, "OWN": "robot-and-more", "ID": "robot"}[name]
	}
	s := secrets{env: env, commands: true, signs: []string{key, "robot"}}
	for ref, refused := range map[string]bool{
		"env COPY": true, "env ID": true, "env OWN": false, "file " + file: true, "file " + inside: true, "command " + file: true,
	} {
		kind, what, _ := strings.Cut(ref, " ")
		_, err := s.password(t.Context(), map[string]state.Reference{
			"env": {Env: what}, "file": {File: what}, "command": {Command: []string{"cat", what}},
		}[kind])
		if (err != nil) != refused || err != nil && (strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "signs in")) {
			t.Errorf("%s: %v, want refused %v", ref, err, refused)
		}
	}
}

func TestFilesThatOthersCanRead(t *testing.T) {
	t.Parallel()
	server := startSandbox(t, keyedState)
	key, password := writeText(t, "key", "jca_test\n"), writeText(t, "password", "Tr0ub4dor-and-3\n")
	file := writeText(t, "rollcall.yaml", "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1, api_key: {file: "+key+"}}\nusers:\n"+
		"  ann: {email: ann@kelp.example, password: {from: {file: "+password+"}}}\n  bob: {email: bob@kelp.example, password: {from: {file: "+password+"}}}\n")
	env := map[string]string{"JUMPCLOUD_API_URL": server.url}
	if got := runMain(env, "plan", file, "--quiet"); got.code != exitOK || got.errOut != "" {
		t.Errorf("nobody else can read them: %+v", got)
	}
	for path, mode := range map[string]os.FileMode{key: 0o640, password: 0o604} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	got := runMain(env, "apply", file, "--yes")
	for path, mode := range map[string]string{key: "0640", password: "0604"} {
		want := path + ": warning: this file holds a secret, and its mode " + mode + " lets others in\n  hint: chmod 600 " + path + "\n"
		if got.code != exitOK || strings.Count(got.errOut, want) != 1 {
			t.Errorf("exit code %d, standard error\n%swant once:\n%s", got.code, got.errOut, want)
		}
	}
}

// A program sees no credential and no other password, by whatever name.
func TestCommandsSeeNoSecrets(t *testing.T) {
	for name, value := range map[string]string{
		"JUMPCLOUD_API_KEY": "jca_test", "OWN_KEY": "jca_test", "ALIAS": "jca_test", "BOB_PASSWORD": "Tr0ub4dor-and-3", "OTHER": "seen",
	} {
		t.Setenv(name, value)
	}
	server := startSandbox(t, keyedState)
	seen := filepath.Join(t.TempDir(), "seen")
	file := writeText(t, "rollcall.yaml", "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1, api_key: {env: OWN_KEY}}\nusers:\n"+
		"  ann: {email: ann@kelp.example, password: {from: {command: [sh, -c, 'env > "+seen+"; echo 1-Long-Password']}}}\n"+
		"  bob: {email: bob@kelp.example, password: {from: {env: BOB_PASSWORD}}}\n")
	env := map[string]string{"JUMPCLOUD_API_URL": server.url, "OWN_KEY": "jca_test", "BOB_PASSWORD": "Tr0ub4dor-and-3"}
	if got := runMain(env, "apply", file, "--yes", "--allow-commands"); got.code != exitOK {
		t.Errorf("%+v", got)
	}
	text, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{"jca_test", "Tr0ub4dor"} {
		if strings.Contains(string(text), hidden) {
			t.Errorf("%s is in the environment of the program:\n%s", hidden, text)
		}
	}
	if !strings.Contains(string(text), "OTHER=seen") {
		t.Errorf("other variables are gone:\n%s", text)
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
