package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/plan"
	"rollcall/plan/report"
)

// whole is a story's plan with the digest that its changes have.
func whole(p *plan.Plan) *plan.Plan {
	p.Digest = plan.Digest(p)
	return p
}

func TestLoadIsTheWayBackOfSave(t *testing.T) {
	t.Parallel()
	for _, story := range stories() {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			p, err := report.Load(bytes.NewReader(saved(t, whole(story.plan))))
			if err != nil {
				t.Fatal(err)
			}
			readable := cmp.Transformer("runes", func(s string) []rune { return []rune(s) }) // what is no text is not kept
			for i := range p.Orgs {
				want, got := &story.plan.Orgs[i], &p.Orgs[i]
				if d := cmp.Diff(want.Changes, got.Changes, cmpopts.EquateEmpty(), readable, cmpopts.IgnoreFields(plan.Change{}, "Spends")); d != "" {
					t.Errorf("%s: changes (-saved +loaded):\n%s", want.Name, d)
				}
				if want.ID != got.ID || want.Region != got.Region || want.Error != got.Error {
					t.Errorf("%s: loaded as %s, %s, %q", want.ID, got.ID, got.Region, got.Error)
				}
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	p := whole(stories()[0].plan)
	good := string(saved(t, p))
	for _, c := range []struct{ name, document, want string }{
		{"nothing", "", "the file is empty"},
		{"no JSON", "version: 1\n", "this is no plan"},
		{"other JSON", `{"a": 1}`, "this is no plan"},
		{"an array", `[]`, "this is no plan"},
		{"a cut", good[:len(good)/2], "cut short"},
		{"a lost end", strings.TrimSuffix(good, "}\n"), "cut short"},
		{"another end", good + "\n", "no checksum at its end"},
		{"another value", strings.Replace(good, "jobTitle", "location", 1), "edited"},
		{"other line ends", strings.ReplaceAll(good, "\n", "\r\n"), "no checksum at its end"},
		{"another format", strings.Replace(good, "rollcall.plan/1", "rollcall.plan/9", 1), `"rollcall.plan/9"`},
		{"masked", string(printed(t, p, report.JSONOptions{Masked: true})), "masks personal values"},
		{"printed", string(printed(t, p, report.JSONOptions{})), "no checksum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := report.Load(strings.NewReader(c.document))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// A plan whose checksum is right may still be nonsense: whoever edits it can
// sum it up anew.
func TestLoadRefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		spoil      func(*plan.Change)
	}{
		{"an action", `no action "destroy"`, func(c *plan.Change) { c.Action = "destroy" }},
		{"a need that comes later", "needs change 7", func(c *plan.Change) { c.Needs = []int{7} }},
		{"a need of its own", "needs change 0", func(c *plan.Change) { c.Needs = []int{0} }},
		{"a day that is none", "until: parsing time", func(c *plan.Change) { c.Until = "2026-02-30" }},
		{"no name", "a name is empty", func(c *plan.Change) { c.Object.Name = "" }},
		{"a member of a user", "goes from a group to a user", func(c *plan.Change) { c.Action = plan.Add }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := stories()[0].plan
			c.spoil(&p.Orgs[0].Changes[0])
			_, err := report.Load(bytes.NewReader(saved(t, whole(p))))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	p := stories()[0].plan
	p.Digest = "sha256:" + strings.Repeat("0", 64)
	if _, err := report.Load(bytes.NewReader(saved(t, p))); err == nil || !strings.Contains(err.Error(), "have the digest sha256:") {
		t.Errorf("another digest: %v", err)
	}
}

// Whatever is loaded is a plan that says the same when it is saved again.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(document)
	}
	for _, story := range stories() {
		var b bytes.Buffer
		if err := report.Save(&b, whole(story.plan)); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		// The checksum is made right, or nothing else would ever be looked at.
		p, err := report.Load(bytes.NewReader(report.WithChecksum(document)))
		if err != nil {
			return
		}
		again, err := report.Load(bytes.NewReader(saved(t, p)))
		if err != nil {
			t.Fatalf("saved again it is refused: %v", err)
		}
		if d := cmp.Diff(p, again); d != "" {
			t.Fatalf("saved again (-first +second):\n%s", d)
		}
	})
}
