package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"rollcall/state"
)

const (
	secretSize    = 64 << 10 // bytes of a file or a command's output
	secretTimeout = 30 * time.Second
)

// credentialEnv are the variables that hold credentials if no document says
// otherwise.
var credentialEnv = []string{"JUMPCLOUD_API_KEY", "JUMPCLOUD_CLIENT_ID", "JUMPCLOUD_CLIENT_SECRET"}

// secrets resolves references. What it returns is never printed, and its
// errors never hold it.
type secrets struct {
	env      func(string) string
	commands bool     // --allow-commands
	hide     []string // variables that a command does not see
}

// read is the secret that a reference points at, without one trailing
// newline. A secret that is empty is an error.
func (s secrets) read(ctx context.Context, ref state.Reference) (text string, err error) {
	switch {
	case ref.Env != "":
		if text = s.env(ref.Env); text == "" {
			return "", hinted("export "+ref.Env+"=...", "the environment variable %s is not set", ref.Env)
		}
	case ref.File != "":
		text, err = s.file(ref.File)
	case len(ref.Command) > 0:
		text, err = s.command(ctx, ref.Command)
	}
	if err != nil {
		return "", err
	}
	if text = dropNewline(text); text == "" {
		return "", fmt.Errorf("%s is empty", ref)
	}
	return text, nil
}

func dropNewline(text string) string {
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}

func (s secrets) file(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, cause(err))
	}
	if len(raw) > secretSize {
		return "", fmt.Errorf("read %s: larger than %d bytes, which is no secret", path, secretSize)
	}
	return string(raw), nil
}

// command runs a program without a shell and is what it prints.
func (s secrets) command(ctx context.Context, words []string) (string, error) {
	if !s.commands {
		return "", hinted("--allow-commands runs the programs that the file names", "a password comes from the command %s, and commands are not allowed", words[0])
	}
	ctx, cancel := context.WithTimeout(ctx, secretTimeout)
	defer cancel()
	var out, said limited
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Env = slices.DeleteFunc(os.Environ(), s.hidden)
	c.Stdout, c.Stderr = &out, &said
	c.WaitDelay = time.Second
	err := c.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("command %s: no answer within %s", words[0], secretTimeout)
	case err != nil:
		return "", fmt.Errorf("command %s: %w%s", words[0], err, explanation(said.text.String(), out.text.String()))
	}
	return out.text.String(), nil
}

// hidden tells whether a NAME=value of the environment holds a credential.
func (s secrets) hidden(entry string) bool {
	name, _, _ := strings.Cut(entry, "=")
	return slices.Contains(s.hide, name)
}

// explanation is the first line that a failed command said on standard
// error, unless it repeats what the command had printed.
func explanation(said, printed string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	if secret := strings.TrimSpace(printed); line == "" || secret != "" && strings.Contains(line, secret) {
		return ""
	}
	return ": " + line[:min(len(line), 200)]
}

// limited takes at most secretSize bytes.
type limited struct{ text bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.text.Len()+len(p) > secretSize {
		return 0, errors.New("too much output")
	}
	return l.text.Write(p)
}
