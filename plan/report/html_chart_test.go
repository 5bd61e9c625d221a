package report_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
)

// reporting is a plan that knows the managers of those whom it does not move.
func reporting() plan.Org {
	o := known(
		plan.Change{Action: plan.Update, Object: user("jon.adeyemi", "60r1"), Fields: []plan.Delta{set(schema.Manager, "mira.voss", "anna.klein")}},
		plan.Change{Action: plan.Update, Object: user("pia.roth", "60r2"), Fields: []plan.Delta{set(schema.Manager, "ole.berg", "jon.adeyemi")}},
		plan.Change{Action: plan.Create, Object: user("new.joiner", ""), Fields: []plan.Delta{set(schema.Email, "", "new.joiner@brightkelp.example"), set(schema.Manager, "", "anna.klein")}},
		plan.Change{Action: plan.Update, Object: user("Anna.Weiss", "60r3"), Fields: []plan.Delta{set(schema.Username, "Anna.Weiss", "anna.klein")}},
		plan.Change{Action: plan.Delete, Object: user("ole.berg", "60r4"), Reason: "ensure: absent"},
		plan.Change{Action: plan.Suspend, Object: user("nobodys.boss", "60r5"), Fields: []plan.Delta{set(schema.State, "ACTIVATED", "SUSPENDED")}},
	)
	o.Lines = []plan.Line{
		{User: "anna.weiss", Old: "mira.voss", New: "mira.voss"}, {User: "mira.voss"}, {User: "ole.berg", Old: "mira.voss", New: "mira.voss"},
		{User: "elsewhere", Old: "mira.voss", New: "mira.voss"},
	}
	return o
}

// charts are the two charts of a page as text, indented with dots.
func charts(t *testing.T, o plan.Org) (before, after string) {
	t.Helper()
	_, rest, ok := strings.Cut(page(t, since(o), report.HTMLOptions{}), "<h4>Before</h4>")
	left, right, found := strings.Cut(rest, "<h4>After</h4>")
	right, _, _ = strings.Cut(right, "</section>")
	if !ok || !found {
		return "", ""
	}
	return outline(left), outline(right)
}

var tags = regexp.MustCompile(`<[^>]*>`)

func outline(chart string) string {
	var b strings.Builder
	depth := 0
	for _, part := range strings.SplitAfter(chart, ">") {
		switch {
		case strings.HasSuffix(part, "<ul>"):
			depth++
		case strings.HasSuffix(part, "<li>"):
			b.WriteString("\n" + strings.Repeat(".", depth-1))
		}
		b.WriteString(tags.ReplaceAllString(part, ""))
		if strings.HasSuffix(part, "</ul>") {
			depth--
		}
	}
	return html.UnescapeString(strings.TrimSpace(b.String()))
}

func TestHTMLChart(t *testing.T) {
	t.Parallel()
	moved := func(name, before, after string) plan.Change {
		return plan.Change{Action: plan.Update, Object: user(name, "60"+name), Fields: []plan.Delta{set(schema.Manager, before, after)}}
	}
	for _, test := range []struct {
		name          string
		org           plan.Org
		before, after string
	}{
		{"lines", reporting(),
			"mira.voss\n.Anna.Weiss\n.! jon.adeyemi moves to Anna.Weiss\n.- ole.berg will be deleted\n..! pia.roth moves to jon.adeyemi",
			"mira.voss\n.anna.klein was called Anna.Weiss\n..! jon.adeyemi was under mira.voss\n...! pia.roth was under ole.berg\n..+ new.joiner new"},
		{"nobody", known(moved("a", "", "b"), moved("c", "a", "")),
			"! a moves to b\n.! c moves to nobody\nb", "b\n.! a was under nobody\n! c was under a"},
		{"circle", known(moved("a", "b", "c"), moved("b", "a", "c")),
			"c\n! a moves to c\n.! b moves to c", "c\n.! a was under b\n.! b was under a"},
		{"no manager", leaving(), "", ""},
	} {
		before, after := charts(t, test.org)
		if diff := cmp.Diff([]string{test.before, test.after}, []string{before, after}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// leaving has changes of which none is of a manager.
func leaving() plan.Org {
	return known(plan.Change{Action: plan.Suspend, Object: user("a", "1"), Fields: []plan.Delta{set(schema.State, "ACTIVATED", "SUSPENDED")}})
}

// TestHTMLChartIsBounded holds that a line of managers without end does not
// make a page that no browser takes.
func TestHTMLChartIsBounded(t *testing.T) {
	t.Parallel()
	var changes []plan.Change
	for i := range 2000 {
		changes = append(changes, plan.Change{Action: plan.Update, Object: user(fmt.Sprintf("u%04d", i), fmt.Sprint(i)),
			Fields: []plan.Delta{set(schema.Manager, "x", fmt.Sprintf("u%04d", i+1))}})
	}
	_, after := charts(t, known(changes...))
	rows := strings.Split(after, "\n")
	deepest := 0
	for _, row := range rows {
		deepest = max(deepest, len(row)-len(strings.TrimLeft(row, ".")))
	}
	if len(rows) != 2002 || deepest > 50 {
		t.Errorf("%d people, %d deep", len(rows), deepest)
	}
}
