package state

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Each file of testdata/load is a case: a comment, "load:" and the arguments
// of Load if they are other than rollcall.yaml, the files, and what Load
// makes of them: all problems as a user sees them, or the desired state.
func TestLoad(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/load/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			c := readCase(t, file)
			got := c.load(t)
			if *update {
				writeFile(t, file, c.given+"-- want --\n"+got)
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// loadCase is a case of TestLoad.
type loadCase struct {
	given string // all but want
	args  []string
	files map[string]string
	want  string
}

var sectionMark = regexp.MustCompile(`(?m)^-- (\S+) --\n`)

func readCase(t testing.TB, file string) loadCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := loadCase{given: string(text), args: []string{"rollcall.yaml"}, files: map[string]string{}}
	marks := sectionMark.FindAllStringSubmatchIndex(c.given, -1)
	if len(marks) == 0 {
		t.Fatalf("%s has no files", file)
	}
	_, args, ok := strings.Cut(c.given[:marks[0][0]], "load: ")
	if ok {
		c.args = strings.Fields(args)
	}
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		name, body := string(text[m[2]:m[3]]), string(text[m[1]:end])
		if name == "want" {
			c.given, c.want = string(text[:m[0]]), body
			break
		}
		c.files[name] = body
	}
	return c
}

// load is what Load makes of the files of a case, in a folder of its own.
func (c *loadCase) load(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range c.files {
		writeFile(t, filepath.Join(dir, name), text)
	}
	var o LoadOptions
	var paths []string
	for _, arg := range c.args {
		if arg == "--strict" {
			o.Strict = true
			continue
		}
		paths = append(paths, filepath.Join(dir, arg))
	}
	return loaded(t, dir, paths, o)
}

// loaded is the result of a Load as text, without the folder of the test.
func loaded(t testing.TB, dir string, paths []string, o LoadOptions) string {
	t.Helper()
	docs, problems, err := Load(paths, o)
	if err != nil {
		var ok bool
		if problems, ok = err.(Problems); !ok || len(docs) > 0 {
			t.Fatalf("%d documents and an error of another type: %v", len(docs), err)
		}
	}
	var b bytes.Buffer
	for _, p := range problems {
		printProblem(&b, p)
	}
	for _, d := range docs {
		printDesired(&b, d)
	}
	return strings.ReplaceAll(b.String(), dir+string(filepath.Separator), "")
}

// printProblem prints a problem with its line, caret and hint.
func printProblem(b *bytes.Buffer, p Problem) {
	fmt.Fprintln(b, p)
	if p.Source != "" {
		fmt.Fprintf(b, "    | %s\n    | %s%s\n", p.Source, strings.Repeat(" ", max(p.Column-1, 0)), strings.Repeat("^", max(p.Width, 1)))
	}
	if p.Hint != "" {
		fmt.Fprintf(b, "    hint: %s\n", p.Hint)
	}
}

func writeFile(t rapid.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
