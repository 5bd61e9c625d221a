package state

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
)

// gitRepo is a repository with the given files as its first commit.
func gitRepo(t *testing.T, files map[string]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	commitFiles(t, dir, files)
	return dir
}

func commitFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "next")
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@kelp.example", "-c", "commit.gpgsign=false"}, args...)...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

const kelpHead = "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1}\n"

func TestBaseAtRevision(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t, map[string]string{
		"orgs/kelp.yaml":     kelpHead + "include: [../shared/*.yaml]\nusers: {ann: {jobTitle: CTO}}\n",
		"shared/people.yaml": "users: {bob: {jobTitle: SRE}}\n",
		"more.yaml":          "not: [loaded\n",
	})
	commitFiles(t, dir, map[string]string{"orgs/kelp.yaml": kelpHead + "include: [../shared/*.yaml]\nusers: {ann: {jobTitle: CTO}}\n"})
	git(t, dir, "tag", "applied")
	commitFiles(t, dir, map[string]string{"orgs/kelp.yaml": kelpHead + "users: {ann: {jobTitle: CEO}}\n", "shared/people.yaml": "users: {}\n"})
	if err := os.WriteFile(filepath.Join(dir, "orgs", "kelp.yaml"), []byte("uncommitted"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := git(t, dir, "status", "--porcelain")
	for _, c := range []struct{ ref, want string }{{"applied", "ann CTO, bob SRE"}, {"HEAD", "ann CEO"}, {"main", "ann CEO"}} {
		for _, path := range []string{"orgs/kelp.yaml", "orgs"} {
			docs, err := Base(t.Context(), []string{filepath.Join(dir, path)}, c.ref, LoadOptions{})
			if err != nil || len(docs) != 1 {
				t.Fatalf("%s at %s: %d documents, %v", path, c.ref, len(docs), err)
			}
			if got := titles(docs[0]); got != c.want {
				t.Errorf("%s at %s: %s, want %s", path, c.ref, got, c.want)
			}
		}
	}
	if after := git(t, dir, "status", "--porcelain"); after != before {
		t.Errorf("the work tree was %q and is %q", before, after)
	}
}

func titles(d *Desired) string {
	var all []string
	for i := range d.Objects {
		title, _ := d.Objects[i].Get(schema.JobTitle, "")
		all = append(all, d.Objects[i].Name+" "+title)
	}
	return strings.Join(all, ", ")
}

// A file that the revision does not have holds no base, and is no error.
func TestBaseWithoutTheFile(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t, map[string]string{"old.yaml": kelpHead + "users: {ann: {jobTitle: CTO}}\n", "empty/README.md": "x"})
	commitFiles(t, dir, map[string]string{"new.yaml": kelpHead})
	for _, path := range []string{"new.yaml", "empty"} {
		docs, err := Base(t.Context(), []string{filepath.Join(dir, path)}, "HEAD~1", LoadOptions{})
		if err != nil || len(docs) != 0 {
			t.Errorf("%s: %d documents, %v", path, len(docs), err)
		}
	}
}

func TestBaseIsAnotherPath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() // in no repository
	for name, text := range map[string]string{"a.yaml": kelpHead, "b.yaml": kelpHead + "users: {ann: {jobTitle: CTO}}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	docs, err := Base(t.Context(), []string{filepath.Join(dir, "a.yaml")}, filepath.Join(dir, "b.yaml"), LoadOptions{})
	if err != nil || len(docs) != 1 || titles(docs[0]) != "ann CTO" {
		t.Fatalf("%v, %v", docs, err)
	}
}

// Whatever cannot be read is an error, never an empty base.
func TestBaseErrors(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t, map[string]string{"kelp.yaml": kelpHead + "users: {ann: {jobTitel: CTO}}\n"})
	file := filepath.Join(dir, "kelp.yaml")
	commitFiles(t, dir, map[string]string{"kelp.yaml": kelpHead})
	shallow := filepath.Join(t.TempDir(), "clone")
	git(t, dir, "clone", "-q", "--depth", "1", "file://"+dir, shallow)
	other := t.TempDir()
	for _, c := range []struct{ name, path, from, want, hint string }{
		{"an unknown revision", file, "gone", `base "gone" is no revision`, "git fetch"},
		{"an option", file, "--help", `base "--help" is no revision`, ""},
		{"a shallow clone", filepath.Join(shallow, "kelp.yaml"), "HEAD~1", "is no revision", "fetch-depth: 0"},
		{"no repository", filepath.Join(other, "x.yaml"), "HEAD", "is in no git repository", "--base PATH"},
	} {
		_, err := Base(t.Context(), []string{c.path}, c.from, LoadOptions{})
		var base *BaseError
		if !errors.As(err, &base) || !strings.Contains(err.Error(), c.want) || !strings.Contains(base.Hint, c.hint) {
			t.Errorf("%s: %v, hint %+v", c.name, err, base)
		}
	}
	_, err := Base(t.Context(), []string{file}, "HEAD~1", LoadOptions{})
	var wrong Problems
	if !errors.As(err, &wrong) {
		t.Fatalf("a base that does not load: %v", err)
	}
	if diff := cmp.Diff("HEAD~1:kelp.yaml", wrong[0].File); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}
