package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"rollcall/state"
)

// Where both streams are one, an error of an organization is there once, and
// what to do about it too.
func TestExplainShown(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	desired := &state.Desired{Org: state.Org{Name: "Kelp"}}
	sessions := []*session{
		{desired: desired, err: hinted("do this", "it is broken")},
		{desired: desired},
		{desired: desired, err: state.Problems{{Severity: state.Error, File: "a.yaml", Line: 3, Column: 7, Text: "wrong", Hint: "write that"}}},
	}
	var apart bytes.Buffer
	for _, c := range []struct {
		r    *run
		read func() string
		want string
	}{
		{&run{Global: &Global{}, out: newSink(file), err: &shared{to: file}}, func() string {
			text, err := os.ReadFile(file.Name())
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}, "the plan\n" +
			"a.yaml:3:7: hint: write that\n1 error in 1 file. Nothing was changed in Kelp.\n"},
		{&run{Global: &Global{}, out: newSink(file), err: &shared{to: &apart}}, apart.String,
			"rollcall: Kelp: it is broken\nrollcall: hint: do this\n" +
				"a.yaml:3:7: error: wrong\n  hint: write that\n1 error in 1 file. Nothing was changed in Kelp.\n"},
	} {
		if _, err := c.r.out.Write([]byte("the plan\n")); err != nil {
			t.Fatal(err)
		}
		c.r.explainShown(sessions)
		if got := c.read(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// A lost output is told after what else went wrong, and is not told twice.
func TestFlushed(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	for _, c := range []struct {
		name      string
		err       error
		want      string
		complaint string
	}{
		{"nothing else", nil, "write standard output: full", ""},
		{"a code alone", exit(exitChanges), "write standard output: full", ""},
		{"itself", sinkError(full), "write standard output: full", ""},
		{"another error", errors.New("broken"), "write standard output: full", "rollcall: broken\n"},
	} {
		var b bytes.Buffer
		r := &run{Global: &Global{}, out: newSink(failing{full}), err: &b}
		_, _ = r.out.Write([]byte("x")) // fails at the end
		if err := r.flushed(c.err); err == nil || err.Error() != c.want || codeOf(err) != exitError || b.String() != c.complaint {
			t.Errorf("%s: got %v and %q", c.name, err, b.String())
		}
	}
}

// failing is a writer that cannot write.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestLabel(t *testing.T) {
	t.Parallel()
	file := state.Positions{Files: []string{"kelp/rollcall.yaml"}}
	for want, s := range map[string]*session{
		"Kelp":                                   {desired: &state.Desired{Org: state.Org{ID: "5f", Name: "Kelp"}}, found: state.Visible{ID: "5f", Name: "Oak"}},
		"Oak":                                    {desired: &state.Desired{Pos: file}, found: state.Visible{ID: "5f", Name: "Oak"}},
		"5f":                                     {desired: &state.Desired{Pos: file}, found: state.Visible{ID: "5f"}},
		"the organization of kelp/rollcall.yaml": {desired: &state.Desired{Pos: file}},
		"the organization":                       {desired: &state.Desired{}},
	} {
		if got := s.label(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if one, two := among([]*session{s}, s), among([]*session{s, s}, s); one != "" || two != want {
			t.Errorf("among one %q, among two %q", one, two)
		}
	}
}
