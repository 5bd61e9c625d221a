// Package story_test tells whole stories: a file and a live organization,
// the plan between them, its apply, and everything that must hold after it.
package story_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"rollcall/apply"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/state"
)

var update = flag.Bool("update", false, "write the golden files anew")

// options are what a story says beside its files.
type options struct {
	allow   []plan.Allow
	refused bool // apply refuses the plan
	errors  bool // Diff finds problems
	invalid bool // Load finds problems
	fails   int  // changes that JumpCloud refuses
	later   int  // changes that are only planned after this apply
	crowd   int  // people who are live besides those of live.json
	drift   bool // the file is its own base
	formats bool // the plan is told in Markdown and JSON, too
}

// told is a story: a text in front of files. Those are
//
//	options        lines of words, as parseOptions knows them
//	live.json      the state of the sandbox
//	rollcall.yaml  what is desired, with what it includes and its sources
//	base.yaml      the same in the base revision, or base/rollcall.yaml
//	plan.txt       the text of the plan, or the problems (go test -update)
//	plan.md        with option formats: the plan in Markdown
//	plan.json      with option formats: the plan in JSON
type told struct {
	file    string
	dir     string
	live    sandbox.State
	options options
	golden  map[string]string // by name
}

func tell(t *testing.T, file string) *told {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &told{file: file, dir: t.TempDir(), golden: map[string]string{}}
	for _, f := range a.Files {
		switch f.Name {
		case "options":
			s.options = parseOptions(t, string(f.Data))
		case "live.json":
			s.live = parseState(t, f.Data)
		case "plan.txt", "plan.md", "plan.json":
			s.golden[f.Name] = string(f.Data)
		default:
			write(t, filepath.Join(s.dir, f.Name), f.Data)
		}
	}
	join(&s.live.Organizations[0], s.options.crowd)
	return s
}

func parseOptions(t *testing.T, text string) (o options) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		name, value, _ := strings.Cut(rest, "=")
		n, _ := strconv.Atoi(strings.TrimPrefix(rest, name+"="))
		switch word {
		case "allow":
			o.allow = append(o.allow, plan.Allow{Name: name, N: n, Value: value})
		case "drift":
			o.drift = true
		case "formats":
			o.formats = true
		case "refused":
			o.refused = true
		case "errors":
			o.errors = true
		case "invalid":
			o.invalid = true
		case "fails":
			o.fails, _ = strconv.Atoi(rest)
		case "later":
			o.later, _ = strconv.Atoi(rest)
		case "crowd":
			o.crowd, _ = strconv.Atoi(rest)
		default:
			t.Fatalf("option %q", line)
		}
	}
	return o
}

// join adds n people to an organization, all in the group Everyone: of ten
// one is staged and one is suspended.
func join(o *sandbox.Organization, n int) {
	if n == 0 {
		return
	}
	var members []any
	for i := range n {
		name := fmt.Sprintf("p%04d", i)
		state := map[int]string{3: "STAGED", 7: "SUSPENDED"}[i%10]
		if state == "" {
			state = "ACTIVATED"
		}
		o.Users = append(o.Users, sandbox.User{"username": name, "email": name + "@kelp.example", "state": state})
		members = append(members, name)
	}
	o.Groups = append(o.Groups, sandbox.Group{"name": "Everyone", "members": members})
}

func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			tell(t, file).run(t)
		})
	}
}

// tenStories are those that everybody has to tell: how they are printed is kept
// in all formats, and each that may be applied is.
var tenStories = strings.Fields("joiner leaver-state mover rename base-conflict mass hostile several blocked nothing")

func TestTenStories(t *testing.T) {
	t.Parallel()
	for _, name := range tenStories {
		s := tell(t, filepath.Join("testdata", name+".txtar"))
		if !s.options.formats || s.golden["plan.txt"] == "" || s.golden["plan.md"] == "" || s.golden["plan.json"] == "" {
			t.Errorf("%s is not told in text, Markdown and JSON", name)
		}
	}
}

func (s *told) yaml() string { return filepath.Join(s.dir, "rollcall.yaml") }

// world is a new one as the story begins.
func (s *told) world(t *testing.T) *world {
	t.Helper()
	return newWorld(t, s.live).since(s.past(t, s.dir))
}

// past is the base that a folder has.
func (s *told) past(t *testing.T, dir string) past {
	t.Helper()
	for _, name := range []string{"base.yaml", "base/rollcall.yaml"} {
		from := filepath.Join(dir, name)
		if _, err := os.Stat(from); err != nil {
			continue
		}
		docs, err := state.Base(t.Context(), []string{filepath.Join(dir, "rollcall.yaml")}, from, state.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return past{docs: docs}
	}
	return past{drift: s.options.drift}
}

func (s *told) run(t *testing.T) {
	if s.options.invalid {
		_, _, err := state.Load([]string{s.yaml()}, state.LoadOptions{})
		s.compareProblems(t, err)
		return
	}
	w := s.world(t)
	before := w.Snapshot()
	docs := loadAll(t, s.yaml())
	orgs, lives := make([]plan.Org, len(docs)), make([]*state.Live, len(docs))
	stopped := false
	for i, desired := range docs {
		w.ResetRequests()
		org, live, err := w.plan(t, desired, s.options.allow...)
		if got, want := len(w.Requests()), readFormula(desired, live)+baseFormula(w.past.of(desired), desired, live); got != want {
			t.Errorf("read cost %d requests, the formula says %d", got, want)
		}
		if err != nil {
			s.compareProblems(t, err)
			s.expectStop(t, err)
			return
		}
		orgs[i], lives[i], stopped = *org, live, stopped || len(org.Refused) > 0
	}
	s.compareGolden(t, planned(orgs, w.past))
	if stopped {
		s.expectStop(t, nil)
	}
	if d := cmp.Diff(before, w.Snapshot()); d != "" {
		t.Errorf("planning wrote something (-before +after):\n%s", d)
	}
	if !stopped && (s.options.refused || s.options.errors) {
		t.Fatal("the plan is not refused")
	}
	for i := range orgs {
		if len(orgs[i].Refused) == 0 {
			s.make(t, w, i, docs[i], lives[i], &orgs[i])
		}
	}
}

// make applies the plan of the i-th document, and checks what must hold then.
func (s *told) make(t *testing.T, w *world, i int, desired *state.Desired, live *state.Live, org *plan.Org) {
	s.shuffledIsSame(t, w, i, org)
	before := w.Snapshot()
	w.ResetRequests()
	result := w.apply(t, t.Context(), org, nil)
	s.checkApply(t, w, org, result)
	if s.options.fails == 0 {
		w.verify(t, live, org, result)
	}
	after := w.Snapshot()
	untouchedSince(t, bound(t, w.past.of(desired), live), bound(t, desired, live), before.Organization(desired.ID), after.Organization(desired.ID))
	s.next(t, w, desired, len(org.Changes))
}

// next is what comes after an apply: another plan, an export, and the same
// again with an interruption.
func (s *told) next(t *testing.T, w *world, desired *state.Desired, changes int) {
	switch {
	case s.options.fails > 0:
		return
	case s.options.later > 0:
		s.planLater(t, w, desired)
		return
	}
	planIsEmpty(t, w, desired)
	exportIsEmpty(t, w, desired.ID, t.TempDir(), exports...)
	if s.options.crowd > 0 {
		return // too many to be told again after every request
	}
	if len(s.live.Organizations) > 1 {
		return // the others are as they were
	}
	for k := 1; k < changes; k++ {
		stopAndFinish(t, s.world(t), desired, k, w.Snapshot(), s.options.allow)
	}
}

// expectStop checks that a plan that is not applied was meant not to be.
func (s *told) expectStop(t *testing.T, err error) {
	t.Helper()
	if err != nil != s.options.errors || err == nil && !s.options.refused {
		t.Errorf("stopped by %v, but the story says errors %v, refused %v", err, s.options.errors, s.options.refused)
	}
}

// compareProblems compares the text of problems.
func (s *told) compareProblems(t *testing.T, err error) {
	t.Helper()
	var problems state.Problems
	switch {
	case errors.As(err, &problems):
		s.compare(t, map[string]string{"plan.txt": listed(problems)})
	case err != nil:
		t.Fatal(err)
	default:
		t.Fatal("there are no problems in the file")
	}
}

// compareGolden compares the plan in all formats that the story tells.
func (s *told) compareGolden(t *testing.T, p *plan.Plan) {
	t.Helper()
	got := map[string]string{"plan.txt": strings.ReplaceAll(printedAll(t, p), s.dir+"/", "")}
	if s.options.formats {
		var md, js bytes.Buffer
		if err := errors.Join(report.Markdown(&md, p, report.MarkdownOptions{}), report.JSON(&js, p, report.JSONOptions{Masked: true})); err != nil {
			t.Fatal(err)
		}
		got["plan.md"], got["plan.json"] = md.String(), strings.ReplaceAll(js.String(), s.dir+"/", "")
	}
	s.compare(t, got)
}

func (s *told) compare(t *testing.T, got map[string]string) {
	t.Helper()
	if *update {
		s.writeGolden(t, got)
		return
	}
	if d := cmp.Diff(s.golden, got); d != "" {
		t.Errorf("plan (-want +got):\n%s", d)
	}
}

// listed is problems as people see them, with the names of files alone.
func listed(problems state.Problems) string {
	var b bytes.Buffer
	for _, p := range problems {
		p.File = filepath.Base(p.File)
		fmt.Fprintln(&b, p)
		if p.Hint != "" {
			fmt.Fprintln(&b, "  hint:", p.Hint)
		}
	}
	return b.String()
}

func (s *told) writeGolden(t *testing.T, golden map[string]string) {
	t.Helper()
	a, err := txtar.ParseFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "plan.") })
	for _, name := range []string{"plan.txt", "plan.md", "plan.json"} {
		if text, ok := golden[name]; ok {
			a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
		}
	}
	if err := os.WriteFile(s.file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkApply checks that each change was made, with one request each and a
// look before where one is due.
func (s *told) checkApply(t *testing.T, w *world, org *plan.Org, result *apply.Result) {
	t.Helper()
	failed := 0
	for i, o := range result.Changes {
		if o.Status != apply.Done {
			failed++
			if s.options.fails == 0 {
				t.Errorf("%s %s is %s: %v", org.Changes[i].Action, org.Changes[i].Object.Name, o.Status, o.Err)
			}
		}
	}
	if failed != s.options.fails {
		t.Errorf("%d changes were not made, want %d", failed, s.options.fails)
	}
	if got, want := len(w.Requests()), applyFormula(org.Changes); got != want || org.Summary.Requests != want {
		t.Errorf("apply cost %d requests, the plan says %d, the formula %d: %v", got, org.Summary.Requests, want, w.Requests())
	}
}

// planLater checks that the next plan has what was left to it, and no more.
func (s *told) planLater(t *testing.T, w *world, desired *state.Desired) {
	t.Helper()
	again, _, err := w.plan(t, desired, s.options.allow...)
	if err != nil || len(again.Changes) != s.options.later {
		t.Fatalf("the plan after apply has %d changes, want %d; %v", len(again.Changes), s.options.later, err)
	}
	w.apply(t, t.Context(), again, nil)
	planIsEmpty(t, w, desired)
}
