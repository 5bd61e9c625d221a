package report_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
)

// TestTextOfAnything holds that whatever names and values are, a plan fits
// the width, is safe to print, and has a line for nobody but those it is of.
func TestTextOfAnything(t *testing.T) {
	t.Parallel()
	anything := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"\n+ x", "- y", "a, b", "( c", `"`, " ", "\x1b[2J", "\u202e", strings.Repeat("long ", 40), strings.Repeat("x", 300)}))
	rapid.Check(t, func(t *rapid.T) {
		who := user("u"+anything.Draw(t, "user"), "1")
		o := organization(
			plan.Change{Action: plan.Update, Object: who, Fields: []plan.Delta{set(schema.JobTitle, anything.Draw(t, "old"), "n"+anything.Draw(t, "new"))}},
			plan.Change{Action: plan.Add, Object: group("g" + anything.Draw(t, "joined")), To: who},
			plan.Change{Action: plan.Remove, Object: group("g" + anything.Draw(t, "left")), To: who, Reason: anything.Draw(t, "reason")},
		)
		o.Name = "o" + anything.Draw(t, "org")
		var b strings.Builder
		if err := report.Text(&b, run(o), report.TextOptions{Width: 80}); err != nil {
			t.Fatal(err)
		}
		signs := map[byte]int{}
		for _, row := range strings.Split(b.String(), "\n") {
			if clean := report.Clean(row); clean != row {
				t.Errorf("not safe: %s", clean)
			}
			if n := uniseg.StringWidth(row); n > 80 {
				t.Errorf("%d columns: %q", n, row)
			}
			if strings.HasPrefix(row, "! u") || strings.HasPrefix(row, "+ ") || strings.HasPrefix(row, "- ") {
				signs[row[0]]++
			}
		}
		if signs['!'] != 1 {
			t.Errorf("%d blocks of one person:\n%s", signs['!'], b.String())
		}
	})
}

// BenchmarkText prints what a first apply to 20,000 people would do.
func BenchmarkText(b *testing.B) {
	var changes []plan.Change
	for i := range 20000 {
		c := joiner().Changes[0]
		c.Object.Name = fmt.Sprintf("person.%05d", i)
		changes = append(changes, c)
	}
	p := run(organization(changes...))
	b.ReportAllocs()
	for b.Loop() {
		if err := report.Text(io.Discard, p, report.TextOptions{Width: 80}); err != nil {
			b.Fatal(err)
		}
	}
}
