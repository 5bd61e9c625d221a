package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/state"
)

func TestPrintProblem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		p    state.Problem
		want string
	}{
		{"line and caret without indentation",
			state.Problem{Severity: state.Error, File: "a.yaml", Line: 12, Column: 5, Text: "unknown key jobtitel", Source: "    jobtitel: CEO", Width: 8, Hint: "did you mean jobTitle?"},
			"a.yaml:12:5: error: unknown key jobtitel\n    jobtitel: CEO\n    ^~~~~~~~\n  hint: did you mean jobTitle?\n"},
		{"no place", state.Problem{Severity: state.Warning, Text: "x"}, "warning: x\n"},
		{"control characters are shown", state.Problem{Severity: state.Note, File: "a\x1b.yaml", Line: 1, Column: 1, Text: "b\x1b[31m"}, `a\u001b.yaml:1:1: note: b\u001b[31m` + "\n"},
		{"a caret behind the line", state.Problem{Severity: state.Error, File: "a", Line: 1, Column: 9, Text: "x", Source: "abc"}, "a:1:9: error: x\n    abc\n       ^\n"},
		{"a long line is cut around the caret",
			state.Problem{Severity: state.Error, File: "a", Line: 1, Column: 201, Text: "x", Source: strings.Repeat("a", 200) + "B" + strings.Repeat("c", 200), Width: 1},
			"a:1:201: error: x\n    " + strings.Repeat("a", 50) + "B" + strings.Repeat("c", 49) + "\n    " + strings.Repeat(" ", 50) + "^\n"},
	} {
		var b bytes.Buffer
		printProblem(&b, colors{}, c.p)
		if diff := cmp.Diff(c.want, b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
