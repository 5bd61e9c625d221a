package report_test

import (
	"bytes"
	"testing"

	"rollcall/plan"
	"rollcall/plan/report"
)

func markdown(t testing.TB, p *plan.Plan, o report.MarkdownOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Markdown(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// review is how a workflow of pull requests prints plans.
var review = report.MarkdownOptions{Head: "4f2c9e1", Base: "main (9b1d7aa)", Artifact: "https://ci.example/runs/17/plan.txt", Marker: "staff"}

func TestMarkdownGolden(t *testing.T) {
	t.Parallel()
	for _, s := range markdownStories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			golden(t, s.name+".md", []byte(markdown(t, s.plan, review)))
		})
	}
}
