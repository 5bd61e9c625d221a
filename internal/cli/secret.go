package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"

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
	commands bool                              // --allow-commands
	hide     []string                          // variables that a command does not see
	signs    []string                          // what rollcall signs in with
	wide     func(path string, of fs.FileInfo) // is told of files that others can read; nil: nobody is
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
	switch text = dropNewline(text); {
	case text == "":
		return "", fmt.Errorf("%s is empty", ref)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "", fmt.Errorf("%s has more than one line, or a control character: that is no secret to type", ref)
	}
	return text, nil
}

// password is read of a person's password, which must not be, or hold, what
// signs in to JumpCloud: whoever may write a file could hand it on.
func (s secrets) password(ctx context.Context, ref state.Reference) (string, error) {
	text, err := s.read(ctx, ref)
	if err != nil {
		return "", err
	}
	for _, sign := range s.signs {
		if text == sign || len(sign) >= longSign && strings.Contains(text, sign) {
			return "", fmt.Errorf("%s holds what signs in to JumpCloud, which cannot be the password of a person", ref)
		}
	}
	return text, nil
}

// longSign is the length of a credential that is in no password by chance.
const longSign = 16

func dropNewline(text string) string {
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}

// file reads an ordinary file: a pipe may never end, a device has no secret.
func (s secrets) file(path string) (string, error) {
	f, info, err := openOrdinary(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", hinted("write the secret into this file, or correct its path, which counts from the folder of the YAML file", "read %s: %w", path, cause(err))
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, cause(err))
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, secretSize+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read %s: %w", path, cause(err))
	case len(raw) > secretSize:
		return "", fmt.Errorf("read %s: larger than %d bytes, which is no secret", path, secretSize)
	}
	if s.wide != nil && isWide(info) {
		s.wide(path, info)
	}
	return string(raw), nil
}

func openOrdinary(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errors.New("this is not an ordinary file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	return f, info, nil
}

// isWide tells whether others than the owner can read or change a file.
// Windows has no such mode.
func isWide(info fs.FileInfo) bool { return runtime.GOOS != "windows" && info.Mode()&0o077 != 0 }

// warnOfWide warns of a file with a secret that others can read, once a file.
func (r *run) warnOfWide(path string, info fs.FileInfo) {
	if _, before := r.warned.LoadOrStore(path, true); before {
		return
	}
	r.line.Load().print(func() {
		r.problems(state.Problems{{
			Severity: state.Warning, File: path, Hint: "chmod 600 " + quote(path),
			Text: fmt.Sprintf("this file holds a secret, and its mode %04o lets others in", info.Mode().Perm()),
		}})
	})
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

// hidden tells whether a NAME=value of the environment holds a credential or
// a password.
func (s secrets) hidden(entry string) bool {
	name, value, _ := strings.Cut(entry, "=")
	same := func(other string) bool {
		return name == other || runtime.GOOS == "windows" && strings.EqualFold(name, other)
	}
	return slices.ContainsFunc(s.hide, same) || value != "" && slices.Contains(s.signs, value)
}

// passwords resolves the passwords of a run. Programs that it runs see
// neither what rollcall signs in with nor other passwords.
func (c *connections) passwords(tasks []*task, commands bool) secrets {
	s := secrets{env: c.env, commands: commands, wide: c.warnOfWide, hide: slices.Clone(credentialEnv)}
	for _, t := range tasks {
		d := t.desired.Credential
		s.hide = append(s.hide, d.APIKey.Env, d.ClientID.Env, d.ClientSecret.Env)
		for i := range t.org.Changes {
			for _, f := range t.org.Changes[i].Fields {
				s.hide = append(s.hide, f.Secret.Env)
			}
		}
		for i := range t.desired.Intents {
			s.hide = append(s.hide, t.desired.Intents[i].Password.From.Env)
		}
	}
	for l := range c.accounts {
		s.signs = append(s.signs, l.key, l.clientID, l.clientSecret)
	}
	for _, name := range credentialEnv {
		s.signs = append(s.signs, c.env(name))
	}
	s.signs = slices.DeleteFunc(s.signs, func(sign string) bool { return sign == "" })
	return s
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
