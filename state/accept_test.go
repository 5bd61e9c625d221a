package state_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// Each file of testdata/accept is a case: what is accepted, a line each
// ("accept: user:mira.voss", or "each: ..." for what is accepted alone, without
// the new files), the day ("day: 2026-11-23") if dates count, the files, what is live (live.yaml, as a file of
// desired state), and what Accept makes of them: the whole new files, and what
// the plan then still has, or an error.
func TestAccept(t *testing.T) {
	t.Parallel()
	for _, file := range acceptCases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			c := readAcceptCase(t, file)
			got := ""
			for _, text := range c.each {
				alone := c
				alone.who = []string{text}
				a := alone.accept(t, same)
				a.files, a.left = nil, nil
				got += "> " + text + "\n" + c.text(a)
			}
			if len(c.who) > 0 {
				got += c.text(c.accept(t, same))
			}
			if *state.Update {
				if err := os.WriteFile(file, []byte(c.given+"-- want --\n"+got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// The bytes of a file are kept, whatever its line breaks are, with a mark at
// its beginning and without a line break at its end.
func TestAcceptLayouts(t *testing.T) {
	t.Parallel()
	for _, file := range acceptCases(t) {
		c := readAcceptCase(t, file)
		plain := c.accept(t, same)
		for name, change := range map[string]func(string) string{
			"CRLF": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
			"BOM":  func(s string) string { return "\ufeff" + s },
		} {
			changed := c.accept(t, change)
			for f, text := range plain.files {
				if diff := cmp.Diff(change(text), changed.files[f]); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", file, name, diff)
				}
			}
			if (plain.err == nil) != (changed.err == nil) {
				t.Errorf("%s, %s: %v, not %v", file, name, changed.err, plain.err)
			}
		}
		open := func(s string) string { return strings.TrimSuffix(s, "\n") }
		changed := c.accept(t, open)
		for f, text := range plain.files {
			if diff := cmp.Diff(open(text), open(changed.files[f])); diff != "" {
				t.Errorf("%s, without an end (-want +got):\n%s", file, diff)
			}
		}
	}
}

func same(s string) string { return s }

func acceptCases(t *testing.T) []string {
	files, err := filepath.Glob("testdata/accept/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	return files
}

// acceptCase is a case of TestAccept.
type acceptCase struct {
	given string // all but want
	who   []string
	each  []string
	org   string
	day   string // by which dates count, "" for none
	files map[string]string
	live  string
	want  string
}

var sectionMark = regexp.MustCompile(`(?m)^-- (\S+) --\n`)

func readAcceptCase(t testing.TB, file string) acceptCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := acceptCase{given: string(text), files: map[string]string{}}
	marks := sectionMark.FindAllStringSubmatchIndex(c.given, -1)
	for line := range strings.Lines(c.given[:marks[0][0]]) {
		if who, ok := strings.CutPrefix(line, "accept: "); ok {
			c.who = append(c.who, strings.TrimSuffix(who, "\n"))
		}
		if day, ok := strings.CutPrefix(line, "day: "); ok {
			c.day = strings.TrimSuffix(day, "\n")
		}
		if org, ok := strings.CutPrefix(line, "org: "); ok {
			c.org = strings.TrimSuffix(org, "\n")
		}
		if who, ok := strings.CutPrefix(line, "each: "); ok {
			c.each = append(c.each, strings.TrimSuffix(who, "\n"))
		}
	}
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		switch name, body := string(text[m[2]:m[3]]), string(text[m[1]:end]); name {
		case "want":
			c.given, c.want = string(text[:m[0]]), body
			return c
		case "live.yaml":
			c.live = body
		default:
			c.files[name] = body
		}
	}
	return c
}

// accepted is what comes of a case.
type accepted struct {
	*state.Acceptance
	files map[string]string // that changed
	left  []string          // of the plan after it
	err   error
}

// accept accepts what a case names, of files with another layout.
func (c *acceptCase) accept(t testing.TB, layout func(string) string) accepted {
	t.Helper()
	dir := t.TempDir()
	for name, text := range c.files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), layout(text))
	}
	write(t, filepath.Join(dir, "live.yaml"), c.live)
	live := liveOf(load(t, filepath.Join(dir, "live.yaml"), ""))
	d := bound(t, load(t, filepath.Join(dir, "rollcall.yaml"), c.org), live)
	got, err := state.Accept(d, live, c.day, os.ReadFile, c.who...)
	if err != nil {
		return accepted{err: err}
	}
	files := map[string]string{}
	for name, text := range got.Files {
		write(t, name, string(text))
		files[filepath.Base(name)] = string(text)
	}
	d = bound(t, load(t, filepath.Join(dir, "rollcall.yaml"), c.org), live)
	return accepted{got, files, planned(t, live, d), nil}
}

// folder is that of a test, in messages.
var folder = regexp.MustCompile(regexp.QuoteMeta(os.TempDir()) + `[^ ]*/`)

// text is what comes of a case, for people.
func (c *acceptCase) text(a accepted) string {
	var b strings.Builder
	var refused *state.AcceptError
	if errors.As(a.err, &refused) {
		fmt.Fprintf(&b, "error: %s\nhint: %s\n", refused.Text, refused.Hint)
		return folder.ReplaceAllString(b.String(), "")
	}
	for _, d := range a.Done {
		fmt.Fprintf(&b, "%s: %s %s: %s\n", filepath.Base(d.File), d.Kind, d.Name, d.What)
	}
	for _, note := range a.Notes {
		fmt.Fprintln(&b, "note:", note)
	}
	for _, line := range a.left {
		fmt.Fprintln(&b, "plan:", line)
	}
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		fmt.Fprintf(&b, "== %s\n%s", name, a.files[name])
	}
	return b.String()
}

func write(t rapid.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// load is the document of an organization, "" for the first one.
func load(t rapid.TB, name, org string) *state.Desired {
	t.Helper()
	docs, problems, err := state.Load([]string{name}, state.LoadOptions{Online: true})
	if err != nil {
		text, _ := os.ReadFile(name)
		t.Fatalf("%v, %v:\n%s", problems, err, text)
	}
	return docs[max(0, slices.IndexFunc(docs, func(d *state.Desired) bool { return d.Name == org }))]
}

// bound is a document whose sources know who is live.
func bound(t rapid.TB, d *state.Desired, live *state.Live) *state.Desired {
	t.Helper()
	d, _, err := d.WithLive(live)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// liveOf is an organization that is just as a file says.
func liveOf(d *state.Desired) *state.Live {
	l := &state.Live{Org: state.Org{ID: d.ID, Name: d.Name, Region: "us", Edges: d.Edges}}
	for i := range d.Objects {
		o := d.Objects[i]
		o.ID = fmt.Sprintf("%024x", i+1)
		o.Values = slices.DeleteFunc(slices.Clone(o.Values), func(v schema.Value) bool {
			return v.Text == "" || v.Part == "" && v.Text == schema.Of(v.Field).Unset
		})
		method, _ := o.Get(schema.MembershipMethod, "")
		l.Objects = append(l.Objects, o)
		l.Facts = append(l.Facts, state.Fact{MembersRead: true, GroupsRead: true, Dynamic: strings.HasPrefix(method, "DYNAMIC")})
	}
	return l
}

// planned is what a plan would do, a line each.
func planned(t rapid.TB, live *state.Live, d *state.Desired) (lines []string) {
	t.Helper()
	p, err := plan.Diff(nil, live, d, plan.Options{AsOf: "2026-11-23"})
	if err != nil {
		return []string{err.Error()}
	}
	for _, c := range p.Changes {
		lines = append(lines, changeLine(c))
	}
	for _, h := range p.Held {
		lines = append(lines, "held: "+changeLine(h.Change))
	}
	for _, name := range p.Unlisted.Users {
		lines = append(lines, "unlisted: user "+name)
	}
	for _, name := range p.Unlisted.Groups {
		lines = append(lines, "unlisted: group "+name)
	}
	return lines
}

func changeLine(c plan.Change) string {
	line := fmt.Sprintf("%s %s %s", c.Action, c.Object.Kind, c.Object.Name)
	if c.To.Name != "" {
		line += " " + c.To.Name
	}
	for _, f := range c.Fields {
		line += " " + f.Name()
	}
	return line
}

// A file that changes between load and Accept is not written over.
func TestAcceptChangedFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	write(t, file, "version: 1\nusers: {a: {jobTitle: x}}\n")
	d := load(t, file, "")
	live := liveOf(d)
	read := func(string) ([]byte, error) {
		return []byte("version: 1\nusers: {a: {jobTitle: y}}\n"), nil
	}
	if _, err := state.Accept(d, live, "", read, "user:a"); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("%v", err)
	}
	live.Incomplete = "users: 1 of 2 read"
	if _, err := state.Accept(d, live, "", os.ReadFile, "user:a"); err == nil || !strings.Contains(err.Error(), "incomplete") {
		t.Errorf("%v", err)
	}
	if _, err := state.Accept(d, live, "", func(string) ([]byte, error) { return nil, os.ErrPermission }, "user:a"); err == nil {
		t.Error("a file that cannot be read is no error")
	}
}
