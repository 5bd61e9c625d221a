package state

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is said of bytes that are no text, or text in other clothes.
func TestLoadBytes(t *testing.T) {
	t.Parallel()
	good := "version: 1\nusers: {ann: {firstname: Änne}}\n"
	user := "organization \"\" \"\" us UTC  @a.yaml:1:1\nuser \"ann\"  @a.yaml:2:9\n  firstname = Änne  @a.yaml:2:26\n"
	utf16 := func(mark, before, after string) string {
		for _, c := range "version: 1\n" {
			mark += before + string(c) + after
		}
		return mark
	}
	for name, c := range map[string]struct{ text, want string }{
		"UTF-8 mark":        {"\ufeff" + good, user},
		"CRLF":              {strings.ReplaceAll(good, "\n", "\r\n"), user},
		"CR":                {strings.ReplaceAll(good, "\n", "\r"), user},
		"no last line end":  {strings.TrimSuffix(good, "\n"), user},
		"UTF-16 little":     {utf16("\xff\xfe", "", "\x00"), "a.yaml:1:1: error: this is not a text file in UTF-8: byte 0xff\n    hint: this looks like UTF-16: save it as UTF-8\n"},
		"UTF-16 big":        {utf16("\xfe\xff", "\x00", ""), "a.yaml:1:1: error: this is not a text file in UTF-8: byte 0xfe\n    hint: this looks like UTF-16: save it as UTF-8\n"},
		"UTF-16 unmarked":   {utf16("", "", "\x00"), "a.yaml:1:2: error: this is not a text file in UTF-8: byte 0x00\n"},
		"Latin-1":           {"version: 1\nusers: {ann: {firstname: \xc4nne}}\n", "a.yaml:2:26: error: this is not a text file in UTF-8: byte 0xc4\n"},
		"binary":            {"\x7fELF\x02\x01", "a.yaml:1:5: error: this is not a text file in UTF-8: byte 0x02\n"},
		"delete":            {"version: 1\nusers: {\x7f: {}}\n", "a.yaml:2:1: error: this is not YAML: a control character\n    | users: {\x7f: {}}\n    | ^\n"},
		"empty":             {"", "a.yaml:1:1: error: the file is empty\n    hint: a document starts with version: 1\n"},
		"only a mark":       {"\ufeff", "a.yaml:1:1: error: the file is empty\n    hint: a document starts with version: 1\n"},
		"only white space":  {" \n\n", "a.yaml:1:1: error: the file is empty\n    |  \n    | ^\n    hint: a document starts with version: 1\n"},
		"only comments":     {"# x\n---\n# y\n", "a.yaml:1:1: error: the file is empty\n    | # x\n    | ^\n    hint: a document starts with version: 1\n"},
		"YAML's line ends":  {"version: 1 # a\u2028# b\u0085# c\u2029x: 1\n", "a.yaml:4:1: error: unknown key x: known here are defaults, groups, include, org, policy, sources, users, version\n    | x: 1\n    | ^\n"},
		"a secret below":    {"version: 1 # a\u2028users:\n  ann: {password: hunter2, x: 1}\n", "a.yaml:3:19: error: password must be a reference such as {from: {env: NAME}}, never the password itself\n    |   ann: {password: ***\n    |                   ^^^\na.yaml:3:28: error: unknown key x\n    |   ann: {password: ***\n    |                            ^\n"},
		"a secret in lines": {"version: 1 # a\u2028users:\n  ann:\n    x: 1\n    password:\n      [a,\n      hunter2, &b c]\n", "a.yaml:4:5: error: unknown key x\n    |     x: 1\n    |     ^\na.yaml:6:7: error: password must be a reference such as {from: {env: NAME}}, never the password itself, not a list\n    |       ***\n    |       ^\na.yaml:7:16: error: anchors (&***) are not taken: remove it; what many have in common belongs in defaults\n    | ***\n    |                ^\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := loadCase{args: []string{"a.yaml"}, files: map[string]string{"a.yaml": c.text}, want: c.want}
			if diff := cmp.Diff(c.want, c.load(t)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// link makes a symbolic link in a folder, and the folders that it needs.
func link(t *testing.T, dir, name, target string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

// A folder means no file that a link leads out to; a link inside of it is
// the file, once; a link to a folder given as an argument is the folder.
func TestLoadLinksOfFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "out.yaml"), "nonsense: [")
	writeFile(t, filepath.Join(dir, "orgs", "a.yaml"), "version: 1\norg: {name: A}\n")
	writeFile(t, filepath.Join(dir, "elsewhere", "b.yaml"), "nonsense: [")
	link(t, dir, "orgs/out.yaml", "../out.yaml")
	link(t, dir, "orgs/again.yaml", "a.yaml")
	link(t, dir, "orgs/folder", "../elsewhere")
	link(t, dir, "orgs/round", ".")
	link(t, dir, "to", "orgs")
	const want = "organization \"\" \"A\" us UTC  @orgs/a.yaml:2:6\n"
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"orgs"}, want},
		{[]string{"to"}, strings.Replace(want, "orgs", "to", 1)},
		{[]string{"orgs", "orgs/a.yaml", "to/a.yaml", "orgs/again.yaml"}, want},
	} {
		paths := make([]string, len(c.args))
		for i, arg := range c.args {
			paths[i] = filepath.Join(dir, arg)
		}
		if diff := cmp.Diff(c.want, loaded(t, dir, paths, LoadOptions{})); diff != "" {
			t.Errorf("%q (-want +got)\n%s", c.args, diff)
		}
	}
}

// A link does not lead an include out of the repository, nor does a folder
// above an include pattern.
func TestLoadLinksOfInclude(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "out", "secret.yaml"), "users: {out: {}}")
	writeFile(t, filepath.Join(dir, "repo", ".git", "HEAD"), "")
	writeFile(t, filepath.Join(dir, "repo", "people", "ann.yaml"), "users: {ann: {}}")
	writeFile(t, filepath.Join(dir, "repo", "rollcall.yaml"), "version: 1\ninclude: [people/*.yaml, bob.yaml, folder/*.yaml, folder/secret.yaml, ../o*/*.yaml, linked.yaml]\n")
	link(t, dir, "repo/people/out.yaml", "../../out/secret.yaml")
	link(t, dir, "repo/bob.yaml", "../out/secret.yaml")
	link(t, dir, "repo/folder", "../out")
	link(t, dir, "repo/linked.yaml", "people/ann.yaml")
	const line = "    | include: [people/*.yaml, bob.yaml, folder/*.yaml, folder/secret.yaml, ../o*/*.yaml, linked.yaml]\n"
	want := `repo/rollcall.yaml:2:11: error: include "people/*.yaml": repo/people/out.yaml is outside of repo, which includes do not leave
` + line + `    |           ^^^^^^^^^^^^^
repo/rollcall.yaml:2:26: error: include "bob.yaml": this is outside of repo, which includes do not leave
` + line + `    |                          ^^^^^^^^
repo/rollcall.yaml:2:36: error: include "folder/*.yaml": this is outside of repo, which includes do not leave
` + line + `    |                                    ^^^^^^^^^^^^^
repo/rollcall.yaml:2:51: error: include "folder/secret.yaml": this is outside of repo, which includes do not leave
` + line + `    |                                                   ^^^^^^^^^^^^^^^^^^
repo/rollcall.yaml:2:71: error: include "../o*/*.yaml": this is outside of repo, which includes do not leave
` + line + `    |                                                                       ^^^^^^^^^^^^
`
	if diff := cmp.Diff(want, loaded(t, dir, []string{filepath.Join(dir, "repo", "rollcall.yaml")}, LoadOptions{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What is no ordinary file is told, and read no further.
func TestLoadNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "folder", "x.yaml", "readme"), "")
	link(t, dir, "folder/y.yaml", "nowhere.yaml")
	want := "device: error: this is not an ordinary file\n"
	if diff := cmp.Diff(want, strings.ReplaceAll(loaded(t, dir, []string{os.DevNull}, LoadOptions{}), os.DevNull, "device")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	want = "folder/y.yaml: error: there is no such file or folder\n"
	if diff := cmp.Diff(want, loaded(t, dir, []string{filepath.Join(dir, "folder")}, LoadOptions{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
