package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
	"rollcall/state"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares output with a file, or writes the file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func text(t *testing.T, p *plan.Plan, o report.TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Text(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextGolden(t *testing.T) {
	t.Parallel()
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			golden(t, s.name+".txt", []byte(text(t, s.plan, report.TextOptions{})))
			golden(t, s.name+".80.txt", []byte(text(t, s.plan, report.TextOptions{Width: 80})))
		})
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestTextColourOnlyAddsEscapes(t *testing.T) {
	t.Parallel()
	for _, s := range stories() {
		for _, width := range []int{0, 40, 80, 200} {
			plain := text(t, s.plan, report.TextOptions{Width: width})
			painted := text(t, s.plan, report.TextOptions{Width: width, Color: true})
			if painted == plain {
				t.Errorf("%s at %d: no colour", s.name, width)
			}
			if diff := cmp.Diff(plain, escapes.ReplaceAllString(painted, "")); diff != "" {
				t.Errorf("%s at %d (-plain +painted without escapes):\n%s", s.name, width, diff)
			}
		}
	}
}

func TestTextFitsTheWidth(t *testing.T) {
	t.Parallel()
	for _, s := range stories() {
		for _, width := range []int{50, 80, 120} {
			for _, row := range strings.Split(text(t, s.plan, report.TextOptions{Width: width}), "\n") {
				if n := uniseg.StringWidth(row); n > width {
					t.Errorf("%s: %d columns of %d: %q", s.name, n, width, row)
				}
				if row != strings.TrimRight(row, " ") {
					t.Errorf("%s: blanks at the end of %q", s.name, row)
				}
			}
		}
	}
}

// TestTextCutsNothing holds that a wrapped plan says what an unwrapped one
// says.
func TestTextCutsNothing(t *testing.T) {
	t.Parallel()
	squeeze := strings.NewReplacer(" \\\n", "", " ", "", "\n", "", "+", "", "-", "", "!", "")
	for _, s := range stories() {
		want := squeeze.Replace(text(t, s.plan, report.TextOptions{}))
		got := squeeze.Replace(text(t, s.plan, report.TextOptions{Width: 60}))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-unwrapped +wrapped):\n%s", s.name, diff)
		}
	}
}

// TestOutputIsSafe holds that no name reaches a terminal unescaped, and
// that none begins a line of its own.
func TestOutputIsSafe(t *testing.T) {
	t.Parallel()
	p := run(hostile())
	outputs := map[string]string{"text": text(t, p, report.TextOptions{Width: 80})}
	for _, masked := range []bool{true, false} {
		outputs[fmt.Sprintf("json masked=%v", masked)] = string(printed(t, p, report.JSONOptions{Masked: masked}))
	}
	for name, out := range outputs {
		if strings.Contains(out, "\n+ root") || strings.Contains(out, "\n- c") {
			t.Errorf("%s: a name began a line:\n%s", name, out)
		}
		for _, r := range strings.ReplaceAll(out, "\n", "") {
			if cleaned := report.Clean(string(r)); cleaned != string(r) {
				t.Errorf("%s: %s is not escaped", name, cleaned)
			}
		}
	}
}

func TestTextMasksPersonalFields(t *testing.T) {
	t.Parallel()
	secrets := []string{"00107", "+49 30", "anna@home", "ak@elsewhere", "assistant@home"}
	for _, s := range stories() {
		masked, shown := text(t, s.plan, report.TextOptions{}), text(t, s.plan, report.TextOptions{ShowPersonal: true})
		hidden := false
		for _, secret := range secrets {
			if strings.Contains(masked, secret) {
				t.Errorf("%s: %q is not masked:\n%s", s.name, secret, masked)
			}
			hidden = hidden || strings.Contains(shown, secret)
		}
		if says := strings.Contains(masked, "--show-personal"); hidden && !says {
			t.Errorf("%s: masked, and does not say so:\n%s", s.name, masked)
		}
		if strings.Contains(shown, "***") {
			t.Errorf("%s: masked with ShowPersonal:\n%s", s.name, shown)
		}
	}
	if got := text(t, run(rename()), report.TextOptions{}); !strings.Contains(got, "***@home.example -> ***@elsewhere.example") {
		t.Errorf("a masked address does not keep its domain:\n%s", got)
	}
}

func TestTextFolds(t *testing.T) {
	t.Parallel()
	got := regexp.MustCompile(" +").ReplaceAllString(text(t, run(many()), report.TextOptions{}), " ")
	for _, want := range []string{
		"! 30 people costCenter 4400 -> 4410\n", "person07.of.the.company, and 22 more\n",
		"+ 12 people join GitHub - Engineering\n", "engineer10, engineer11\n",
		"- 5 people leave Guests (not in the file, which makes the group exact)\n",
		"! phone3 phone", "! admin3\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestTextFoldsFromFive holds that five people with the same change are
// told as one and four are not, and those in conflict or of drift apart.
func TestTextFoldsFromFive(t *testing.T) {
	t.Parallel()
	alike := func(n int, d plan.Delta) (changes []plan.Change) {
		for i := range n {
			changes = append(changes, plan.Change{Action: plan.Update, Object: user(fmt.Sprintf("u%d", i), fmt.Sprint(i)), Fields: []plan.Delta{d}})
		}
		return changes
	}
	value := set(schema.CostCenter, "4400", "4410")
	for _, test := range []struct {
		changes []plan.Change
		folded  bool
	}{
		{alike(4, value), false},
		{alike(5, value), true},
		{append(alike(4, value), alike(5, by(plan.Drift, value))[4]), false},
		{alike(5, by(plan.Drift, value)), true},
		{alike(5, contested("4300", value)), false},
	} {
		got := regexp.MustCompile(" +").ReplaceAllString(text(t, since(known(test.changes...)), report.TextOptions{}), " ")
		if folded := strings.Contains(got, "! 5 people costCenter 4400 -> 4410\n"); folded != test.folded {
			t.Errorf("%d changes, the last of %s: folded %v\n%s", len(test.changes), test.changes[len(test.changes)-1].Origin, folded, got)
		}
	}
}

// TestTextTellsLeaversOnce holds that who is suspended or leaves is not also
// listed as left alone.
func TestTextTellsLeaversOnce(t *testing.T) {
	t.Parallel()
	o := leaver()
	o.Unlisted.Users = []string{"grace.hopper", "old.contractor", "visitor"}
	o.Unlisted.Memberships = []state.Edge{{Group: "Release Managers", User: "grace.hopper"}, {Group: "Zoom", User: "grace.hopper"}}
	_, got, ok := strings.Cut(text(t, run(o), report.TextOptions{}), "\nNot in the file, left as it is\n")
	if want := "  1 user        visitor\n  1 membership  grace.hopper in Zoom\n"; !ok || !strings.HasPrefix(got, want) {
		t.Errorf("want %q, got\n%s", want, got)
	}
}

func TestTextDuration(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		requests, rate, parallel int
		want                     string
	}{
		{1, 0, 0, "about 1 s"}, {20, 0, 0, "about 2 s"}, {100, 60, 0, "about 100 s"}, {600, 60, 8, "about 10 min"},
		{20, 600, 1, "about 5 s"}, {90000, 600, 8, "about 3 h"},
	} {
		o := rename()
		o.Summary.Requests = test.requests
		got := text(t, run(o), report.TextOptions{Rate: test.rate, Parallel: test.parallel})
		if !strings.Contains(got, test.want+";") {
			t.Errorf("%+v: no %q in\n%s", test, test.want, got)
		}
	}
}

func TestTextNext(t *testing.T) {
	t.Parallel()
	next := report.TextOptions{Next: "rollcall apply staff.yaml"}
	for _, test := range []struct {
		plan *plan.Plan
		want string
	}{
		{run(mover()), "\nNext: rollcall apply staff.yaml\n"},
		{run(refusedOrg()), "\nIf all that is refused is meant:\n  rollcall apply staff.yaml --allow suspend_users=4 --allow 'protected=DO NOT DELETE'\n"},
		{run(refusedOrg(), mover()), "rollcall apply staff.yaml --allow 60b0000000000000000000b2:suspend_users=4 --allow '60b0000000000000000000b2:protected=DO NOT DELETE'\n"},
		{run(incomplete()), "\nApply would refuse this plan: see REFUSED above.\n"},
	} {
		if got := text(t, test.plan, next); !strings.HasSuffix(got, test.want) {
			t.Errorf("does not end with %q:\n%s", test.want, got)
		}
	}
}
