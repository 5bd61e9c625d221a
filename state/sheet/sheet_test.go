package sheet_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/state/sheet"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden reads each file of testdata: one for each thing that programs do
// to a table. Columns are for what their headings say: id, phone, date.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".csv"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".csv") + ".golden"
			got := dump(sheet.Read(text))
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s (-want +got):\n%s", file, d)
			}
		})
	}
}

// dump is a sheet as goldens have it.
func dump(s *sheet.Sheet, problems []sheet.Problem) string {
	var b strings.Builder
	if s != nil {
		fmt.Fprintf(&b, "%s %q\n", s.Encoding, s.Delimiter)
		for _, row := range append([][]sheet.Cell{s.Headings}, s.Rows...) {
			for _, c := range row {
				fmt.Fprintf(&b, "%d:%d %q  ", c.Line, c.Column, c.Text)
			}
			b.WriteString("\n")
		}
		for i, h := range s.Headings {
			switch word, _, _ := strings.Cut(h.Text, "_"); word {
			case "id":
				problems = append(problems, s.Damage(i, sheet.Identifier, nil)...)
			case "phone":
				problems = append(problems, s.Damage(i, sheet.Phone, nil)...)
			case "date":
				days, found := s.Days(i)
				fmt.Fprintf(&b, "days %q\n", days)
				problems = append(problems, found...)
			default:
				problems = append(problems, s.Damage(i, sheet.Text, nil)...)
			}
		}
	}
	for _, p := range problems {
		fmt.Fprintf(&b, "%d:%d: %s: %s\n", p.Line, p.Column, [...]string{"error", "warning", "note"}[p.Severity], p.Text)
		if p.Hint != "" {
			fmt.Fprintf(&b, "  hint: %s\n", p.Hint)
		}
	}
	return b.String()
}

// FuzzRead proves that any bytes are read or refused with a reason, that rows
// are as wide as the headings, and that cells are where they say.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.csv")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, problems := sheet.Read(text)
		if s == nil {
			if len(problems) == 0 {
				t.Fatal("neither a sheet nor a problem")
			}
			return
		}
		for _, row := range append([][]sheet.Cell{s.Headings}, s.Rows...) {
			if len(row) != len(s.Headings) {
				t.Fatalf("%d cells, %d headings", len(row), len(s.Headings))
			}
			for _, c := range row {
				checkPlace(t, s, c)
			}
		}
		for i := range s.Headings {
			s.Damage(i, sheet.Identifier, nil)
			if days, _ := s.Days(i); len(days) != len(s.Rows) {
				t.Fatalf("%d days, %d rows", len(days), len(s.Rows))
			}
		}
	})
}

// checkPlace looks for the first word of a cell at its place.
func checkPlace(t *testing.T, s *sheet.Sheet, c sheet.Cell) {
	t.Helper()
	if c.Line < 1 || c.Line > len(s.Lines) {
		t.Fatalf("%q is said to be in line %d of %d", c.Text, c.Line, len(s.Lines))
	}
	const long, sample = 4096, 97
	if len(s.Lines[c.Line-1]) > long && c.Column%sample != 0 {
		return // each look reads the line
	}
	runes := []rune(s.Lines[c.Line-1])
	if c.Column < 1 || c.Column > len(runes)+1 {
		t.Fatalf("%q is said to be at %d of %q", c.Text, c.Column, string(runes))
	}
	below := s.Lines[c.Line:min(len(s.Lines), c.Line+strings.Count(c.Text, "\n")+1)]
	word := strings.FieldsFunc(c.Text, func(r rune) bool { return r == '\n' || r == '"' })
	if rest := string(runes[c.Column-1:]); len(word) > 0 && !strings.HasPrefix(c.Text, "\n") && c.Text[0] != '"' && !strings.Contains(rest+strings.Join(below, "\n"), word[0]) {
		t.Fatalf("%q is said to be at %d:%d, there is %q", c.Text, c.Line, c.Column, rest)
	}
}
