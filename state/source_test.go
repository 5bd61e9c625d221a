package state

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// Each file of testdata/sources is a case: the files, who is live (live.yaml,
// as a file of desired state; without it JumpCloud is not asked), and what
// comes of them: all problems as a user sees them, and the desired state once
// it is known who is live.
func TestSources(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/sources/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			given, want := a.Files, ""
			if end := len(given) - 1; given[end].Name == "want" {
				given, want = given[:end], string(given[end].Data)
			}
			got := sourced(t, given)
			if *update {
				a.Files = append(slices.Clone(given), txtar.File{Name: "want", Data: []byte(got)})
				writeFile(t, file, string(txtar.Format(a)))
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// sourced is what files come to, as text.
func sourced(t testing.TB, files []txtar.File) string {
	t.Helper()
	dir, o := filepath.Join(t.TempDir(), "kelp"), LoadOptions{}
	for _, f := range files {
		writeFile(t, filepath.Join(dir, f.Name), string(f.Data))
		o.Online = o.Online || f.Name == "live.yaml"
	}
	docs, problems, err := Load([]string{filepath.Join(dir, "rollcall.yaml")}, o)
	var b bytes.Buffer
	printAll(t, &b, problems, err)
	for _, d := range docs {
		if o.Online {
			if d, problems, err = d.WithLive(liveIn(t, filepath.Join(dir, "live.yaml"))); problems != nil || err != nil {
				b.WriteString("once it is known who is live:\n")
				printAll(t, &b, problems, err)
			}
		}
		if err == nil {
			printSources(&b, d)
		}
	}
	return strings.ReplaceAll(b.String(), dir+string(filepath.Separator), "")
}

// printAll prints problems, be they an error or not.
func printAll(t testing.TB, b *bytes.Buffer, problems Problems, err error) {
	t.Helper()
	if err != nil && !errors.As(err, &problems) {
		t.Fatal(err)
	}
	for _, p := range problems {
		printProblem(b, p)
	}
}

// printSources prints what a document wants, its sources first.
func printSources(b *bytes.Buffer, d *Desired) {
	for _, s := range d.Sources {
		fmt.Fprintf(b, "source %s by %s: %d people, may shrink %q  @%s:%d:%d\n", s.File, s.Key, s.People, s.MayShrink, d.Pos.Files[s.Pos.File-1], s.Pos.Line, s.Pos.Column)
		for _, k := range s.Skipped {
			fmt.Fprintf(b, "  skipped: %d people, %d rows: %s\n", k.People, k.Rows, k.Why)
		}
	}
	printDesired(b, d)
}

// liveIn is an organization that is just as a file says.
func liveIn(t testing.TB, name string) *Live {
	t.Helper()
	docs, problems, err := Load([]string{name}, LoadOptions{})
	if err != nil {
		text, _ := os.ReadFile(name)
		t.Fatalf("%v, %v:\n%s", problems, err, text)
	}
	return AsLive(docs[0], docs[0])
}
