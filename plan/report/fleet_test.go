package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/state"
)

// TestFleetTableFits prints organizations with long, wide and equal names on
// terminals of many widths: no row is wider, and names give way to numbers
// until there is no room for those.
func TestFleetTableFits(t *testing.T) {
	t.Parallel()
	p := fleetOfNames("Bright Kelp", "日本電機株式会社 横浜支店 総務部", "Twin", "Twin", "A very long name of an organization that nobody would have")
	for width := 40; width <= 130; width++ {
		table := fleetTable(t, p, width)
		for _, row := range strings.Split(table, "\n") {
			if n := uniseg.StringWidth(row); n > width {
				t.Errorf("%d columns of %d: %q", n, width, row)
			}
		}
		if numbers := strings.Contains(table, "   7"); numbers != (width >= 55) {
			t.Errorf("width %d: numbers are shown: %t\n%s", width, numbers, table)
		}
	}
	want := `Summary of 5 organizations
  organization                             users     +     !     -  held
  Bright Kelp                                 10           7              to change
  日本電機株式会社 横浜支店 総務部            10           7              to change
  Twin (...0000b3)                            10           7              to change
  Twin (...0000b4)                            10           7              to change
  A very long name of an organization t...    10           7              to change
`
	if d := cmp.Diff(want, fleetTable(t, p, 84)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// fleetOfNames is a plan of organizations that all change.
func fleetOfNames(names ...string) *plan.Plan {
	p := &plan.Plan{AsOf: "2026-11-23"}
	for i, name := range names {
		o := plan.Org{ID: "60b0000000000000000000b" + string(rune('1'+i)), Name: name, Read: plan.Read{Users: 10}, Changes: []plan.Change{{Action: plan.Update, Object: user("ann", "60a1")}}}
		o.Summary.Users.Update = 7
		p.Orgs = append(p.Orgs, o)
	}
	return p
}

// fleetTable is the table of organizations in the text of a plan.
func fleetTable(t *testing.T, p *plan.Plan, width int) string {
	t.Helper()
	_, after, found := strings.Cut(text(t, p, report.TextOptions{Width: width}), "\nSummary of")
	if !found {
		t.Fatal("there is no table")
	}
	table, _, _ := strings.Cut(after, "\n\n")
	return "Summary of" + table + "\n"
}

// TestFleetOfManyInMarkdown holds that 120 organizations of which most change
// fit into a comment, each with its row, and that what is not worth a row has
// a number.
func TestFleetOfManyInMarkdown(t *testing.T) {
	t.Parallel()
	names := make([]string, 120)
	for i := range names {
		names[i] = strings.Repeat("Client ", 3) + string(rune('A'+i/26)) + string(rune('a'+i%26))
	}
	p := fleetOfNames(names...)
	for i := range p.Orgs {
		p.Orgs[i].Digest = "sha256:" + strings.Repeat("0", 64)
		if i%3 == 0 {
			p.Orgs[i].Changes, p.Orgs[i].Summary = nil, plan.Summary{}
		}
	}
	comment := markdown(t, p, review)
	if n := len([]rune(comment)); n > 60000 {
		t.Errorf("%d characters", n)
	}
	for i, name := range names {
		if row := strings.Contains(comment, "\n| **`"+name+"`** | 10 |"); row != (i%3 != 0) {
			t.Errorf("%s has a row: %t", name, row)
		}
	}
	if want := "- 40 unchanged: `" + names[0] + "`, "; !strings.Contains(comment, want) {
		t.Errorf("no line of those that do not change:\n%.3000s", comment)
	}
	if !strings.Contains(comment, "<details><summary>Your change: 1 row</summary>") && !strings.Contains(comment, "<details><summary>Changes: 1 row</summary>") {
		t.Error("changes of many organizations are not folded")
	}
}

// TestFailuresOfOneReason holds that organizations which have no plan for one
// reason are one block and one row, and that another hint is another reason.
func TestFailuresOfOneReason(t *testing.T) {
	t.Parallel()
	p := fleetOfNames("A", "B", "C", "D")
	for i := range 3 {
		p.Orgs[i] = plan.Org{Name: p.Orgs[i].Name, Error: "401: refused", ErrorKind: plan.Unauthorized, ErrorHint: "check KEY_1"}
	}
	p.Orgs[1].ErrorHint = "check KEY_2"
	got := text(t, p, report.TextOptions{})
	for _, want := range []string{
		"2 organizations: no plan\n  A, C\n  401: refused\n  hint: check KEY_1\n",
		"Organization B: no plan\n  401: refused\n  hint: check KEY_2\n",
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("not once %q:\n%s", want, got)
		}
	}
	comment := markdown(t, p, review)
	for _, want := range []string{
		"| **2 organizations**: `A`, `C` |  |  |  |  |  | **no plan**: 401: refused (hint: check `KEY_1`) |\n",
		"| **`B`** |  |  |  |  |  | **no plan**: 401: refused (hint: check `KEY_2`) |\n",
	} {
		if strings.Count(comment, want) != 1 {
			t.Errorf("not once %q:\n%s", want, comment)
		}
	}
}

// TestTimeOfFleet: each credential has its own pace, and only so many
// organizations go at once.
func TestTimeOfFleet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys         []string // of organizations with 5,000 requests to apply and 1,000 to verify each
		atOnce, rate int
		want         string
	}{
		"one credential":          {[]string{"ENV", "ENV", "ENV"}, 0, 0, "30 min"},
		"a credential each":       {[]string{"A", "B", "C"}, 0, 0, "10 min"},
		"two share one":           {[]string{"A", "B", "A"}, 0, 0, "20 min"},
		"eight, four at once":     {[]string{"A", "B", "C", "D", "E", "F", "G", "H"}, 0, 0, "20 min"},
		"two, one at a time":      {[]string{"A", "B"}, 1, 0, "20 min"},
		"a credential each, slow": {[]string{"A", "B", "C"}, 0, 60, "100 min"},
		"one alone":               {[]string{"A"}, 0, 0, "10 min"},
	} {
		p := fleetOfNames("Anna", "Berta", "Cora", "Dora", "Emil", "Fritz", "Gerd", "Hans")
		p.Orgs = p.Orgs[:len(c.keys)]
		for i := range p.Orgs {
			o := &p.Orgs[i]
			o.Summary.Requests, o.Summary.Verify = 5000, 1000
			o.Credential.APIKey.Env = c.keys[i]
		}
		n := len(c.keys)
		want := fmt.Sprintf("Takes %d requests and %d to verify, about %s; no mail.", n*5000, n*1000, c.want)
		if got := text(t, p, report.TextOptions{Width: 120, OrgsParallel: c.atOnce, Rate: c.rate}); !strings.Contains(strings.ReplaceAll(got, ",", ""), strings.ReplaceAll(want, ",", "")) {
			t.Errorf("%s: there is no %q in\n%s", name, want, got)
		}
	}
}

// Whoever has nothing to change but something to be looked at is counted apart,
// everywhere.
func TestFleetCountsAgree(t *testing.T) {
	t.Parallel()
	p := fleetOfNames("Anna", "Berta", "Cora", "Dora", "Emil")
	for i := range p.Orgs[1:] {
		p.Orgs[i+1].Changes, p.Orgs[i+1].Summary = nil, plan.Summary{}
	}
	p.Base = "HEAD"
	p.Orgs[1].Dropped = []string{"ole.berg"}
	p.Orgs[2].Notes = []plan.Note{{Severity: state.Note, Text: "something"}}
	want := "5 organizations: 1 to change, 1 to look at, 3 unchanged"
	got := text(t, p, report.TextOptions{Width: 100})
	if rows := regexp.MustCompile(`(?m)^  Cora .* unchanged$`); !strings.Contains(got, want+".") || !strings.Contains(got, "\n  2 unchanged\n") || !rows.MatchString(got) {
		t.Errorf("there is no %q in\n%s", want, got)
	}
	var b strings.Builder
	if err := report.Markdown(&b, p, report.MarkdownOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "### rollcall: "+want) || !strings.Contains(b.String(), "3 unchanged: `Cora`, `Dora`, `Emil`") {
		t.Errorf("there is no %q in\n%s", want, b.String())
	}
}

// A plan for a day that was asked for is applied on that day, if it is to come.
func TestNextOfAnotherDay(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{"": "\nNext: rollcall apply", "2026-11-30": "\nNext, on 2026-11-30: rollcall apply", "2026-11-23": "\nNext, on 2026-11-23: rollcall apply", "2026-11-20": ""} {
		p := fleetOfNames("Anna")
		p.Created = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		if day != "" {
			p.AsOf, p.AsOfGiven = day, true
		}
		if got := text(t, p, report.TextOptions{Width: 100}); want == "" && strings.Contains(got, "Next") || !strings.Contains(got, want) {
			t.Errorf("as of %q: there is no %q in\n%s", day, want, got)
		}
	}
}
