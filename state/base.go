package state

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// BaseError is why there is no base to compare with. A base is never taken
// for empty because it could not be read.
type BaseError struct {
	Err  error
	Hint string // what to do; "" if there is nothing to say
}

func (e *BaseError) Error() string { return e.Err.Error() }
func (e *BaseError) Unwrap() error { return e.Err }

// Base is the desired state of another revision: what Load(paths) was at a
// git revision of the repository that holds the paths, which is read without
// touching the work tree, or of other files where from names a file or
// folder. Paths that the revision does not have hold no base. The error is
// Problems with the revision in front of file names, or a *BaseError.
func Base(ctx context.Context, paths []string, from string, o LoadOptions) ([]*Desired, error) {
	repo, err := repository(ctx, paths)
	commit := ""
	if err == nil {
		commit, err = repo.commit(ctx, from)
	}
	_, notThere := os.Stat(from)
	switch {
	case notThere == nil && commit != "":
		return nil, &BaseError{fmt.Errorf("base %q is a path and a git revision", from), fmt.Sprintf("write ./%s, or refs/heads/%s", from, from)}
	case notThere == nil:
		docs, _, err := Load([]string{from}, o)
		callFiles(docs, folderOf(from), asPaths(from, paths))
		return docs, err
	case err != nil:
		return nil, err
	}
	return repo.load(ctx, paths, from, commit, o)
}

// Commit is the hash of a revision in the repository that holds the paths.
// The error is a *BaseError.
func Commit(ctx context.Context, paths []string, ref string) (string, error) {
	r, err := repository(ctx, paths)
	if err != nil {
		return "", err
	}
	return r.commit(ctx, ref)
}

// repo is a git work tree.
type repo struct{ top string }

// repository is the one that holds all paths.
func repository(ctx context.Context, paths []string) (repo, error) {
	var r repo
	for _, path := range paths {
		dir := resolved(path)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			dir = filepath.Dir(dir)
		}
		out, err := repo{dir}.git(ctx, nil, "rev-parse", "--show-toplevel")
		if err != nil {
			return repo{}, &BaseError{fmt.Errorf("base: %s is in no git repository: %w", path, err), "--base PATH compares with another folder"}
		}
		top := strings.TrimSuffix(string(out), "\n")
		if r.top != "" && r.top != top {
			return repo{}, &BaseError{fmt.Errorf("base: the files are in two repositories, %s and %s", r.top, top), ""}
		}
		r.top = top
	}
	return r, nil
}

// git runs a git command that changes nothing.
func (r repo) git(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "git", append([]string{"-C", r.top, "--no-optional-locks", "--literal-pathspecs"}, args...)...)
	var said bytes.Buffer
	c.Stdin, c.Stderr = in, &said
	out, err := c.Output()
	if line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n"); err != nil && line != "" {
		err = errors.New(line)
	}
	return out, err
}

// commit is the hash of a revision.
func (r repo) commit(ctx context.Context, ref string) (string, error) {
	out, err := r.git(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err == nil {
		return strings.TrimSuffix(string(out), "\n"), nil
	}
	hint := "git fetch it first, or name a folder"
	if shallow, _ := r.git(ctx, nil, "rev-parse", "--is-shallow-repository"); strings.TrimSpace(string(shallow)) == "true" {
		hint = "this is a shallow clone: fetch with the whole history (fetch-depth: 0, GIT_DEPTH: 0)"
	}
	return "", &BaseError{fmt.Errorf("base %q is no revision of this repository and no path", ref), hint}
}

// load loads the paths as they were at a commit, from a copy of the files
// that a path may lead to. Files are called as they are in the work tree.
func (r repo) load(ctx context.Context, paths []string, ref, commit string, o LoadOptions) ([]*Desired, error) {
	dir, err := os.MkdirTemp("", "rollcall-base-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	moved, names := make([]string, 0, len(paths)), make([]namedAs, 0, 2*len(paths))
	for _, path := range paths {
		inside, err := filepath.Rel(r.top, absolute(path))
		if err != nil {
			return nil, err
		}
		here := filepath.Join(dir, inside)
		moved, names = append(moved, here), append(names, namedAs{here, path})
	}
	if err := r.checkOut(ctx, dir, commit, moved); err != nil {
		return nil, &BaseError{fmt.Errorf("base %q: %w", ref, err), ""}
	}
	moved = slices.DeleteFunc(moved, func(path string) bool { return !holdsYAML(path) })
	if len(moved) == 0 {
		return nil, nil
	}
	docs, _, err := Load(moved, o)
	callFiles(docs, dir, names)
	for _, d := range docs {
		if d.unbound != nil {
			d.unbound.named = func(err error) error { return atRevision(err, dir, ref) }
		}
	}
	return docs, atRevision(err, dir, ref)
}

// absolute is a path from the root, with links followed as far as the
// folder that holds it.
func absolute(path string) string {
	return filepath.Join(resolved(filepath.Dir(path)), filepath.Base(filepath.Clean(path)))
}

// holdsYAML tells whether a path is a file, or a folder with something to load.
func holdsYAML(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return err == nil
	}
	files, err := yamlFiles(path)
	return err == nil && len(files) > 0
}

// atRevision names the revision instead of the copy that was loaded.
func atRevision(err error, dir, ref string) error {
	var wrong Problems
	if !errors.As(err, &wrong) {
		return err
	}
	named := slices.Clone(wrong)
	for i := range named {
		p := &named[i]
		p.File = ref + ":" + strings.TrimPrefix(strings.TrimPrefix(p.File, dir), string(filepath.Separator))
		p.Text, p.Hint = strings.ReplaceAll(p.Text, dir+"/", ref+":"), strings.ReplaceAll(p.Hint, dir+"/", ref+":")
	}
	return named
}

// checkOut copies the YAML and CSV files of a commit, those that wanted names and
// the links, into a folder that then looks like a checkout.
func (r repo) checkOut(ctx context.Context, dir, commit string, wanted []string) error {
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o700); err != nil { // includes do not leave it
		return err
	}
	list, err := r.git(ctx, nil, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return err
	}
	var blobs []blob
	var ask bytes.Buffer
	for entry := range strings.SplitSeq(string(list), "\x00") {
		b, ok := parseBlob(entry)
		if !ok || !isYAML(b.path) && !isTable(b.path) && b.mode != linkMode && !slices.Contains(wanted, filepath.Join(dir, b.path)) {
			continue
		}
		blobs = append(blobs, b)
		fmt.Fprintln(&ask, b.hash)
	}
	if len(blobs) == 0 {
		return nil
	}
	text, err := r.git(ctx, &ask, "cat-file", "--batch")
	if err != nil {
		return err
	}
	in := bufio.NewReader(bytes.NewReader(text))
	for _, b := range blobs {
		if err := b.copy(in, dir); err != nil {
			return fmt.Errorf("%s: %w", b.path, err)
		}
	}
	return nil
}

// blob is a file of a commit.
type blob struct{ mode, hash, path string }

const linkMode = "120000"

// parseBlob reads "MODE TYPE HASH\tPATH"; only files and links are blobs.
func parseBlob(entry string) (b blob, ok bool) {
	head, path, found := strings.Cut(entry, "\t")
	words := strings.Fields(head)
	if !found || len(words) != 3 || words[1] != "blob" {
		return blob{}, false
	}
	return blob{mode: words[0], hash: words[2], path: path}, true
}

// copy writes the next answer of git cat-file --batch: "HASH TYPE SIZE\n",
// the content and a newline.
func (b blob) copy(in *bufio.Reader, dir string) error {
	head, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	words := strings.Fields(head)
	if len(words) != 3 || words[1] != "blob" {
		return fmt.Errorf("git says %q", strings.TrimSpace(head))
	}
	size, err := strconv.Atoi(words[2])
	if err != nil {
		return err
	}
	content := make([]byte, size+1)
	if _, err := io.ReadFull(in, content); err != nil {
		return err
	}
	return b.write(content[:size], filepath.Join(dir, filepath.FromSlash(b.path)))
}

func (b blob) write(content []byte, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if b.mode == linkMode {
		return os.Symlink(string(content), to)
	}
	return os.WriteFile(to, content, 0o600)
}
