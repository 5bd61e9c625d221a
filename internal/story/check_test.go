package story_test

import (
	"bytes"
	"io"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"rollcall/apply"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
	"rollcall/state"
)

// printed is the text of one organization's plan.
func printed(t tb, org *plan.Org) string {
	t.Helper()
	return printedAll(t, planned([]plan.Org{*org}, past{}))
}

// planned is the plan of a run.
func planned(orgs []plan.Org, p past) *plan.Plan {
	all := plan.New(orgs, today, "rollcall", plan.Options{})
	all.Base = p.name()
	return all
}

func printedAll(t tb, p *plan.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Text(&b, p, report.TextOptions{ShowPersonal: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// planIsEmpty plans again: with the file as its own base, which is the base of
// the next revision, and without one, unless that would create people again.
func planIsEmpty(t tb, w *world, desired *state.Desired) {
	t.Helper()
	for _, p := range []past{{drift: true}, {}} {
		again, _, err := w.since(p).plan(t, desired)
		if err != nil {
			t.Fatalf("plan after apply: %v", err)
		}
		if len(again.Changes) > 0 {
			t.Fatalf("the plan after apply with base %q is not empty:\n%s", p.name(), printed(t, again))
		}
		if slices.ContainsFunc(again.Held, func(h plan.Held) bool { return h.Action == plan.Create }) {
			return
		}
	}
}

// exports are the ways in which an organization is written.
var exports = []state.ExportOptions{{Memberships: "users"}, {Memberships: "groups"}, {Memberships: "groups", Exact: true}}

// exportIsEmpty exports the whole organization, with nothing left out, and
// plans nothing from it.
func exportIsEmpty(t tb, w *world, org, dir string, ways ...state.ExportOptions) {
	t.Helper()
	w = w.since(past{})
	live := w.read(t, org, nil)
	for _, o := range ways {
		var b bytes.Buffer
		if err := state.Export(&b, live, o); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b.Bytes(), []byte("# left out")) {
			t.Fatalf("the export leaves something out:\n%s", b.String())
		}
		file := filepath.Join(dir, "export.yaml")
		write(t, file, b.Bytes())
		planned, _, err := w.plan(t, loadFile(t, file))
		if err != nil {
			t.Fatalf("plan of the export %+v: %v\n%s", o, err, b.String())
		}
		if len(planned.Changes)+len(planned.Held)+len(planned.Refused)+len(planned.Unlisted.Users)+len(planned.Unlisted.Groups) > 0 {
			t.Fatalf("the plan of the export %+v is not empty:\n%s\n%s", o, printed(t, planned), b.String())
		}
	}
}

// stopAndFinish stops an apply after k changes and finishes it by running
// again.
func stopAndFinish(t tb, w *world, desired *state.Desired, k int, want sandbox.State, allow []plan.Allow) {
	t.Helper()
	org, _, err := w.plan(t, desired, allow...)
	if err != nil {
		t.Fatal(err)
	}
	w.applyFirst(t, org, k)
	again, _, err := w.plan(t, desired, allow...)
	if err != nil {
		t.Fatalf("stopped after %d: %v", k, err)
	}
	if len(again.Refused) > 0 {
		t.Fatalf("stopped after %d: %v", k, again.Refused)
	}
	result := w.apply(t, t.Context(), again, nil)
	if n := result.Count(apply.Done); n < len(again.Changes) {
		t.Fatalf("stopped after %d: %d of %d changes were made:\n%s", k, n, len(again.Changes), printed(t, again))
	}
	if d := cmp.Diff(essence(t, want), essence(t, w.Snapshot())); d != "" {
		t.Fatalf("stopped after %d and run again (-want +got):\n%s", k, d)
	}
}

// shuffledIsSame plans the i-th document from the same folder with the
// entries of its files in another order.
func (s *told) shuffledIsSame(t *testing.T, w *world, i int, want *plan.Org) {
	t.Helper()
	other := t.TempDir()
	shuffleFolder(t, s.dir, other, 1)
	w = w.since(s.past(t, other))
	got, _, err := w.plan(t, loadAll(t, filepath.Join(other, "rollcall.yaml"))[i], s.options.allow...)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(printed(t, want), strings.ReplaceAll(printed(t, got), other, s.dir)); d != "" || got.Digest != want.Digest {
		t.Errorf("the order of entries shows in the plan (-file +shuffled):\n%s", d)
	}
}

// shuffleFolder copies the YAML and CSV files of a folder, with their entries
// and rows in another order.
func shuffleFolder(t tb, from, to string, seed int64) {
	t.Helper()
	err := filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".yaml", ".csv"}, filepath.Ext(file)) {
			return err
		}
		name, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(file)
		switch r := rand.New(rand.NewSource(seed)); {
		case err != nil:
		case strings.HasSuffix(name, ".csv"):
			data = shuffleRows(data, r)
		default:
			data, err = shuffle(data, r)
		}
		if err == nil {
			write(t, filepath.Join(to, name), data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// shuffleRows is a table of one line a row with its rows in another order.
func shuffleRows(data []byte, r *rand.Rand) []byte {
	lines := strings.SplitAfter(strings.TrimSuffix(string(data), "\n")+"\n", "\n")
	rows := lines[1 : len(lines)-1]
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return []byte(strings.Join(lines, ""))
}

// shuffle is the documents of a file with everything that has no order in
// another one.
func shuffle(data []byte, r *rand.Rand) ([]byte, error) {
	var b bytes.Buffer
	in, out := yaml.NewDecoder(bytes.NewReader(data)), yaml.NewEncoder(&b)
	for {
		var doc yaml.Node
		switch err := in.Decode(&doc); {
		case err == io.EOF:
			return b.Bytes(), out.Close()
		case err != nil:
			return nil, err
		}
		shuffleNode(&doc, "", r)
		if err := out.Encode(&doc); err != nil {
			return nil, err
		}
	}
}

// unordered are the lists whose order means nothing.
var unordered = strings.Fields("members groups phoneNumbers addresses ssh_keys relationships users allow")

func shuffleNode(n *yaml.Node, key string, r *rand.Rand) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for i, c := range n.Content {
		below := key
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			below = n.Content[i-1].Value
		}
		shuffleNode(c, below, r)
	}
	step := 1
	switch {
	case n.Kind == yaml.MappingNode:
		step = 2
	case n.Kind != yaml.SequenceNode || !slices.Contains(unordered, key):
		return
	}
	r.Shuffle(len(n.Content)/step, func(i, j int) {
		for k := range step {
			n.Content[step*i+k], n.Content[step*j+k] = n.Content[step*j+k], n.Content[step*i+k]
		}
	})
}

// peopleOf is how many people a file describes.
func peopleOf(d *state.Desired) int {
	users, _ := d.OfKind(schema.User)
	return len(users)
}
