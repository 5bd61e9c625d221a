// Package story_test tells whole stories: a file and a live organization,
// the plan between them, its apply, and everything that must hold after it.
package story_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"rollcall/apply"
	"rollcall/internal/openapitest"
	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/state"
)

var update = flag.Bool("update", false, "write the golden files anew")

const today = "2026-11-23"

// options are what a story says beside its files.
type options struct {
	allow   []plan.Allow
	refused bool // apply refuses the plan
	errors  bool // Diff finds problems
	big     bool // too big to be told again after every request
	fails   int  // changes that JumpCloud refuses
	later   int  // changes that are only planned after this apply
}

type told struct {
	file    string // the story
	dir     string // with rollcall.yaml
	live    []byte
	options options
	golden  []byte
}

func tell(t *testing.T, file string) *told {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &told{file: file, dir: t.TempDir()}
	for _, f := range a.Files {
		switch f.Name {
		case "options":
			s.options = parseOptions(t, string(f.Data))
		case "live.json":
			s.live = f.Data
		case "plan.txt":
			s.golden = f.Data
		default:
			write(t, filepath.Join(s.dir, f.Name), f.Data)
		}
	}
	return s
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func parseOptions(t *testing.T, text string) (o options) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "allow":
			name, value, _ := strings.Cut(rest, "=")
			n, _ := strconv.Atoi(value)
			o.allow = append(o.allow, plan.Allow{Name: name, N: n, Value: value})
		case "refused":
			o.refused = true
		case "errors":
			o.errors = true
		case "big":
			o.big = true
		case "later":
			o.later, _ = strconv.Atoi(rest)
		case "fails":
			o.fails, _ = strconv.Atoi(rest)
		default:
			t.Fatalf("option %q", line)
		}
	}
	return o
}

// world is a sandbox with the live state of a story and a client of it.
type world struct {
	*sandbox.Server
	client *jumpcloud.Client
}

func (s *told) world(t *testing.T) *world {
	t.Helper()
	file := filepath.Join(t.TempDir(), "live.json")
	write(t, file, s.live)
	server, err := sandbox.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	http := httptest.NewServer(openapitest.Wrap(t, server))
	t.Cleanup(http.Close)
	return &world{server, connect(t, http, server.Key())}
}

func connect(t *testing.T, server *httptest.Server, key string) *jumpcloud.Client {
	t.Helper()
	c, err := jumpcloud.New(jumpcloud.Options{URL: server.URL, APIKey: key, Transport: http.DefaultTransport, Rate: 1e6,
		Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// load reads the story's file, or another in its place.
func (s *told) load(t *testing.T) *state.Desired {
	t.Helper()
	return loadFile(t, filepath.Join(s.dir, "rollcall.yaml"))
}

func loadFile(t *testing.T, path string) *state.Desired {
	t.Helper()
	docs, _, err := state.Load([]string{path}, state.LoadOptions{})
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return docs[0]
}

// plan reads the world and compares it with what is desired.
func (w *world) plan(t *testing.T, desired *state.Desired, o options) (*plan.Org, *state.Live, error) {
	t.Helper()
	live, err := state.Read(t.Context(), w.client.WithOrg(desired.ID), state.ReadOptions{Desired: desired})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	org, err := plan.Diff(nil, live, desired, plan.Options{AsOf: today, Allow: o.allow})
	return org, live, err
}

func (w *world) apply(t *testing.T, ctx context.Context, org *plan.Org, event func(int, apply.Outcome)) *apply.Result {
	t.Helper()
	secret := func(r state.Reference) (string, error) { return "Correct-horse-9-" + r.Env, nil }
	result, err := apply.Run(ctx, w.client.WithOrg(org.ID), org, apply.Options{Secret: secret, Event: event})
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return result
}

func TestStories(t *testing.T) {
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

func (s *told) run(t *testing.T) {
	w := s.world(t)
	before := w.Snapshot()
	desired := s.load(t)
	w.ResetRequests()
	org, live, err := w.plan(t, desired, s.options)
	if got, want := len(w.Requests()), readFormula(desired, live); got != want {
		t.Errorf("read cost %d requests, the formula says %d", got, want)
	}
	s.compareGolden(t, org, err)
	if err != nil || len(org.Refused) > 0 {
		s.expectStop(t, err)
		if d := cmp.Diff(before, w.Snapshot()); d != "" {
			t.Errorf("planning wrote something (-before +after):\n%s", d)
		}
		return
	}
	if s.options.refused || s.options.errors {
		t.Fatal("the plan is not refused")
	}
	s.shuffled(t, w, org)
	w.ResetRequests()
	result := w.apply(t, t.Context(), org, nil)
	s.checkApply(t, w, org, result)
	s.unmanaged(t, org, before, w.Snapshot())
	if s.options.fails > 0 {
		return
	}
	if s.options.later > 0 {
		s.planLater(t, w, desired)
		return
	}
	s.planIsEmpty(t, w, desired)
	s.exportIsEmpty(t, w, org.ID)
	if !s.options.big {
		s.stopAnywhere(t, len(org.Changes), w.Snapshot())
	}
}

// expectStop checks that a plan that is not applied was meant not to be.
func (s *told) expectStop(t *testing.T, err error) {
	t.Helper()
	if err != nil != s.options.errors || err == nil && !s.options.refused {
		t.Errorf("stopped by %v, but the story says errors %v, refused %v", err, s.options.errors, s.options.refused)
	}
}

// compareGolden compares the text of the plan, or of the problems.
func (s *told) compareGolden(t *testing.T, org *plan.Org, err error) {
	t.Helper()
	var b bytes.Buffer
	var problems state.Problems
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			p.File = filepath.Base(p.File)
			fmt.Fprintln(&b, p)
			if p.Hint != "" {
				fmt.Fprintln(&b, "  hint:", p.Hint)
			}
		}
	case err != nil:
		t.Fatal(err)
	default:
		text(t, &b, org)
	}
	if *update {
		s.writeGolden(t, b.Bytes())
		return
	}
	if d := cmp.Diff(string(s.golden), b.String()); d != "" {
		t.Errorf("plan (-want +got):\n%s", d)
	}
}

func text(t *testing.T, b *bytes.Buffer, org *plan.Org) {
	t.Helper()
	p := plan.New([]plan.Org{*org}, today, "rollcall", plan.Options{})
	if err := report.Text(b, p, report.TextOptions{ShowPersonal: true}); err != nil {
		t.Fatal(err)
	}
}

func (s *told) writeGolden(t *testing.T, golden []byte) {
	t.Helper()
	a, err := txtar.ParseFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "plan.txt" })
	a.Files = append(a.Files, txtar.File{Name: "plan.txt", Data: golden})
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
		if o.Status != "done" {
			failed++
			if s.options.fails == 0 {
				t.Errorf("%s %s is %s: %v", org.Changes[i].Action, org.Changes[i].Object.Name, o.Status, o.Err)
			}
		}
	}
	if failed != s.options.fails {
		t.Errorf("%d changes were not made, want %d", failed, s.options.fails)
	}
	if got := len(w.Requests()); got != org.Summary.Requests {
		t.Errorf("apply cost %d requests, the plan says %d: %v", got, org.Summary.Requests, w.Requests())
	}
}

// planLater checks that the next plan has what was left to it, and no more.
func (s *told) planLater(t *testing.T, w *world, desired *state.Desired) {
	t.Helper()
	again, _, err := w.plan(t, desired, s.options)
	if err != nil || len(again.Changes) != s.options.later {
		t.Fatalf("the plan after apply has %d changes, want %d; %v", len(again.Changes), s.options.later, err)
	}
	w.apply(t, t.Context(), again, nil)
	s.planIsEmpty(t, w, desired)
}

func (s *told) planIsEmpty(t *testing.T, w *world, desired *state.Desired) {
	t.Helper()
	again, _, err := w.plan(t, desired, options{})
	if err != nil {
		t.Fatalf("plan after apply: %v", err)
	}
	if len(again.Changes) > 0 {
		var b bytes.Buffer
		text(t, &b, again)
		t.Errorf("the plan after apply is not empty:\n%s", b.String())
	}
}

// exportIsEmpty exports the whole organization and plans nothing from it.
func (s *told) exportIsEmpty(t *testing.T, w *world, org string) {
	t.Helper()
	live, err := state.Read(t.Context(), w.client.WithOrg(org), state.ReadOptions{})
	if err != nil {
		t.Fatalf("read for export: %v", err)
	}
	for _, o := range []state.ExportOptions{{Memberships: "users"}, {Memberships: "groups"}, {Memberships: "groups", Exact: true}} {
		var b bytes.Buffer
		if err := state.Export(&b, live, o); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "rollcall.yaml")
		write(t, file, b.Bytes())
		planned, _, err := w.plan(t, loadFile(t, file), options{})
		if err != nil {
			t.Fatalf("plan of the export %+v: %v\n%s", o, err, b.String())
		}
		if len(planned.Changes)+len(planned.Held)+len(planned.Refused)+len(planned.Unlisted.Users) > 0 {
			var p bytes.Buffer
			text(t, &p, planned)
			t.Errorf("the plan of the export %+v is not empty:\n%s\n%s", o, p.String(), b.String())
		}
	}
}

// stopAnywhere stops an apply after each number of changes and finishes it
// by running again.
func (s *told) stopAnywhere(t *testing.T, changes int, want sandbox.State) {
	t.Helper()
	for k := 1; k < changes; k++ {
		w := s.world(t)
		desired := s.load(t)
		org, _, err := w.plan(t, desired, s.options)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := 0
		w.apply(t, ctx, org, func(int, apply.Outcome) {
			if done++; done == k {
				stop()
			}
		})
		stop()
		again, _, err := w.plan(t, desired, s.options)
		if err != nil {
			t.Fatalf("stopped after %d: %v", k, err)
		}
		if len(again.Refused) > 0 {
			t.Fatalf("stopped after %d: %v", k, again.Refused)
		}
		w.apply(t, t.Context(), again, nil)
		if d := cmp.Diff(essence(t, want), essence(t, w.Snapshot())); d != "" {
			t.Fatalf("stopped after %d and run again (-want +got):\n%s", k, d)
		}
	}
}

// essence is a state without ids, dates and mails, which depend on the
// order of requests.
func essence(t *testing.T, s sandbox.State) any {
	t.Helper()
	b, err := json.Marshal(s.Organizations)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	collectIDs(v, names)
	return scrub(v, names)
}

// collectIDs finds which name an id belongs to.
func collectIDs(v any, names map[string]string) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			collectIDs(x, names)
		}
	case map[string]any:
		for _, id := range []string{"_id", "id"} {
			for _, name := range []string{"username", "name"} {
				if i, ok := v[id].(string); ok {
					if n, ok := v[name].(string); ok {
						names[i] = n
					}
				}
			}
		}
		for _, x := range v {
			collectIDs(x, names)
		}
	}
}

func scrub(v any, names map[string]string) any {
	switch v := v.(type) {
	case string:
		if n, ok := names[v]; ok {
			return "id of " + n
		}
	case []any:
		list := []any{}
		for _, x := range v {
			list = append(list, scrub(x, names))
		}
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return list
	case map[string]any:
		object := map[string]any{}
		for k, x := range v {
			switch k {
			case "created", "password_date", "unix_uid", "unix_guid", "mails", "_id", "id", "create_date":
			default:
				object[k] = scrub(x, names)
			}
		}
		return object
	}
	return v
}
