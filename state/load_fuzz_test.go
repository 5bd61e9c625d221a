package state

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// FuzzLoad loads any text, twice and with its people and groups in another
// order: it ends, says the same, and what it says fits the text.
func FuzzLoad(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		file := filepath.Join(dir, "rollcall.yaml")
		writeFile(t, file, text)
		writeFile(t, filepath.Join(dir, "people.yaml"), "defaults: {user: {groups: [Included]}}\nusers: {included: {manager: ann}}\n")
		docs, problems, err := Load([]string{file}, LoadOptions{})
		again, problems2, err2 := Load([]string{file}, LoadOptions{})
		if !reflect.DeepEqual(docs, again) || !reflect.DeepEqual(problems, problems2) || !reflect.DeepEqual(err, err2) {
			t.Fatal("loading again gives something else")
		}
		if ps, ok := err.(Problems); ok {
			problems = ps
		}
		checkProblems(t, problems, text)
		for _, d := range docs {
			checkDesired(t, d)
		}
		others, err2 := loadReversed(file)
		if (err == nil) != (err2 == nil) || len(docs) != len(others) {
			t.Fatalf("in another order: %d documents, not %d; %v, not %v", len(others), len(docs), err2, err)
		}
		for i, d := range docs {
			if !reflect.DeepEqual(d.Org, others[i].Org) || !slices.EqualFunc(d.Intents, others[i].Intents, sameIntent) {
				t.Fatal("in another order it is another organization")
			}
		}
	})
}

// seeds are the files of the cases of TestLoad and of the examples.
func seeds(f *testing.F) (texts []string) {
	cases, err := filepath.Glob("testdata/load/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range cases {
		for _, text := range readCase(f, name).files {
			texts = append(texts, text)
		}
	}
	err = filepath.WalkDir("../examples", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !isYAML(name) {
			return err
		}
		const most = 50_000 // bytes; longer ones make fuzzing slow
		text, err := os.ReadFile(name)
		if len(text) < most {
			texts = append(texts, string(text))
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	slices.Sort(texts)
	return texts
}

// checkProblems checks that problems are sorted and lie in the text.
func checkProblems(t *testing.T, ps Problems, text string) {
	t.Helper()
	lines := splitLines([]byte(strings.TrimPrefix(text, "\ufeff")))
	for i, p := range ps {
		if p.Text == "" || p.Severity == Error && p.File != "" && p.Line == 0 {
			t.Fatalf("a problem that says too little: %+v", p)
		}
		if filepath.Base(p.File) == "rollcall.yaml" && (p.Line > len(lines)+1 || p.Line > 0 && p.Column < 1) {
			t.Fatalf("a place that is not in %d lines: %v", len(lines), p)
		}
		if p.Source != "" && !strings.Contains(p.Source, hiddenText) && p.Column > utf8.RuneCountInString(p.Source)+1 {
			t.Fatalf("a column behind the line: %+v", p)
		}
		if i > 0 && p.File == ps[i-1].File && cmp.Or(cmp.Compare(p.Line, ps[i-1].Line), cmp.Compare(p.Column, ps[i-1].Column)) < 0 && p.File != "" {
			t.Fatalf("not sorted: %v after %v", p, ps[i-1])
		}
	}
}

// checkDesired checks the shape that a Desired promises.
func checkDesired(t *testing.T, d *Desired) {
	t.Helper()
	n := len(d.Objects)
	if len(d.Intents) != n || len(d.Pos.Objects) != n || len(d.Pos.Values) != n || len(d.Pos.Intents) != n || len(d.Pos.Edges) != len(d.Edges) {
		t.Fatal("what stands beside objects is not as long as they are")
	}
	for i := range d.Objects {
		o := &d.Objects[i]
		if d.Find(o.Kind, o.Key) != i || o.Key != keyOf(o.Kind, o.Name) || strings.TrimSpace(o.Name) != o.Name || o.Name == "" {
			t.Fatalf("object %d, %q, is out of order or has another key", i, o.Name)
		}
		if len(d.Pos.Values[i]) != len(o.Values) || !ascending(o.Values, schema.Compare) {
			t.Fatalf("values of %q are out of order: %v", o.Name, o.Values)
		}
	}
	if !ascending(d.Edges, CompareEdges) {
		t.Fatalf("memberships are out of order: %v", d.Edges)
	}
}

// ascending tells whether a list is sorted and has nothing twice.
func ascending[T any](list []T, compare func(a, b T) int) bool {
	for i := 1; i < len(list); i++ {
		if compare(list[i-1], list[i]) >= 0 {
			return false
		}
	}
	return true
}

// loadReversed loads a file whose people and groups stand in the opposite order.
func loadReversed(file string) ([]*Desired, error) {
	l := newLoader(LoadOptions{})
	l.path(file)
	for _, src := range l.order {
		for _, root := range src.docs {
			for _, section := range []string{"users", "groups"} {
				reverse(pairs(child(root, section)))
			}
		}
	}
	docs, _, err := l.result()
	return docs, err
}

// reverse turns keys and values around, pair by pair.
func reverse(list []*yaml.Node) {
	slices.Reverse(list)
	for i := 0; i+1 < len(list); i += 2 {
		list[i], list[i+1] = list[i+1], list[i]
	}
}

// sameIntent compares intents without their places.
func sameIntent(a, b Intent) bool {
	if a.ReportsTo != nil && b.ReportsTo != nil {
		if a.ReportsTo.Text != b.ReportsTo.Text {
			return false
		}
		a.ReportsTo, b.ReportsTo = nil, nil
	}
	return reflect.DeepEqual(a, b)
}
