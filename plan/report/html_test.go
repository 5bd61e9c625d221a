package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
	"rollcall/state"
)

// page is a plan as HTML.
func page(t testing.TB, p *plan.Plan, o report.HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// htmlStories are all stories, and those that only a page has to tell.
func htmlStories() []story {
	return append(stories(), story{"markup", since(markup())}, story{"lines", since(reporting())}, story{"nothing", run()}, story{"msp", run(msp()...)})
}

// inlined is what a page carries of style and script, and the policy that
// names their sums: the same on every page.
var inlined = regexp.MustCompile(`(?s)<(style|script)>(.*?)</(?:style|script)>`)

var policy = regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`)

func TestHTMLGolden(t *testing.T) {
	t.Parallel()
	for _, s := range htmlStories() {
		if !slices.Contains([]string{"joiner", "mover", "conflict", "several", "held", "markup", "lines"}, s.name) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			got := inlined.ReplaceAllString(page(t, s.plan, report.HTMLOptions{}), "<$1></$1>")
			golden(t, s.name+".html", []byte(policy.ReplaceAllString(got, `Content-Security-Policy"`)))
		})
	}
}

func TestHTMLIsDeterministic(t *testing.T) {
	t.Parallel()
	for _, s := range htmlStories() {
		if once, again := page(t, s.plan, report.HTMLOptions{}), page(t, s.plan, report.HTMLOptions{}); once != again {
			t.Errorf("%s: not the same twice", s.name)
		}
	}
}

// TestHTMLPolicy holds that the policy allows the style and the script that
// a page carries, and nothing else.
func TestHTMLPolicy(t *testing.T) {
	t.Parallel()
	got := page(t, run(markup()), report.HTMLOptions{})
	parts := inlined.FindAllStringSubmatch(got, -1)
	if len(parts) != 2 || parts[0][1] != "style" || parts[1][1] != "script" {
		t.Fatalf("%d styles and scripts", len(parts))
	}
	sum := func(text string) string {
		s := sha256.Sum256([]byte(text))
		return base64.StdEncoding.EncodeToString(s[:])
	}
	want := fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'", sum(parts[0][2]), sum(parts[1][2]))
	if m := policy.FindStringSubmatch(got); m == nil || html.UnescapeString(m[1]) != want {
		t.Errorf("policy %q, want %q", m, want)
	}
	for _, bad := range []string{"url(", "@import", "innerHTML", "eval(", "fetch(", "localStorage", " style="} {
		if strings.Contains(got, bad) {
			t.Errorf("%q on a page", bad)
		}
	}
}

func TestHTMLMasksPersonalFields(t *testing.T) {
	t.Parallel()
	secrets := []string{"00107", "30 1234", "anna@home", "ak@elsewhere", "assistant@home"}
	for _, s := range stories() {
		masked, shown := page(t, s.plan, report.HTMLOptions{}), page(t, s.plan, report.HTMLOptions{ShowPersonal: true})
		hidden := false
		for _, secret := range secrets {
			if strings.Contains(masked, secret) {
				t.Errorf("%s: %q is not masked", s.name, secret)
			}
			hidden = hidden || strings.Contains(shown, secret)
		}
		if says := strings.Contains(masked, "--show-personal"); hidden && !says {
			t.Errorf("%s: masked, and does not say so", s.name)
		}
		if strings.Contains(shown, "***") {
			t.Errorf("%s: masked with ShowPersonal", s.name)
		}
	}
}

// TestHTMLIsClean holds that no character of a name does on a page what it
// does not show.
func TestHTMLIsClean(t *testing.T) {
	t.Parallel()
	for _, o := range []plan.Org{hostile(), markup()} {
		for _, r := range strings.ReplaceAll(page(t, run(o), report.HTMLOptions{}), "\n", "") {
			if cleaned := report.Clean(string(r)); cleaned != string(r) {
				t.Errorf("%s is not escaped", cleaned)
			}
		}
	}
}

func TestHTMLTellsWhatWasAsked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		plan *plan.Plan
		o    report.HTMLOptions
		want []string
	}{
		{run(refusedOrg(), mover()), report.HTMLOptions{Next: "rollcall apply staff.yaml"},
			[]string{"rollcall apply staff.yaml \\\n    --allow 60b0000000000000000000b2:suspend_users=4 \\\n    --allow &#39;60b0000000000000000000b2:protected=DO NOT DELETE&#39;</code>"}},
		{run(mover()), report.HTMLOptions{Head: "4be1", Base: "v1"}, []string{"<dt>Head<dd><code>4be1</code>", "<dt>Base<dd><code>v1</code>"}},
		{run(), report.HTMLOptions{}, []string{"No organization"}},
		{run(unchanged()), report.HTMLOptions{}, []string{"No change", "20 users not in the file", "visitor07"}},
		{run(incomplete()), report.HTMLOptions{}, []string{"Refused", "Incomplete read, so apply refuses", "411 of 412 users"}},
		{run(many()), report.HTMLOptions{Rate: 1}, []string{"55 requests, about 55 min", "Who: 30 people", "5 leave (not in the file, which makes the group exact)"}},
		{since(loosened()), report.HTMLOptions{}, []string{"this revision weakens protection or limits", "<li>policy.limits.suspend_users is raised"}},
		{since(conflict(), loosened()), report.HTMLOptions{}, []string{"memberships 1 added; 5 conflicts</span>", "1 suspended; policy loosened</span>"}},
		{since(offline()), report.HTMLOptions{}, []string{"nothing read from JumpCloud, as of 2026-11-23"}},
		{run(msp()...), report.HTMLOptions{}, []string{"<summary>40 unchanged</summary>", `<a href="#o1"><bdi>Hooli</bdi></a>`, `<a href="#o42"><bdi>Client 39</bdi></a>`}},
		{run(leaver()), report.HTMLOptions{}, []string{`<bdi>grace.hopper</bdi> <b class="hz">last-group</b>`, `<rect width="25"`}},
	} {
		got := page(t, test.plan, test.o)
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, inlined.ReplaceAllString(got, ""))
			}
		}
	}
}

// TestHTMLIsLean holds how large the page of a large plan may be.
func TestHTMLIsLean(t *testing.T) {
	t.Parallel()
	if n := len(page(t, run(bulk()), report.HTMLOptions{})); n > 2<<20 {
		t.Errorf("5,000 changes need %d bytes", n)
	}
}

// script is text that would do harm if it were anything but text.
const script = `<img src=x onerror="pwned=1">'"><script>pwned=1</script></style></title></bdi><!-- {{.}} ${pwned=1} &lt;`

// markup has such text in each place of a plan that takes text.
func markup() plan.Org {
	bad := func(n int) string { return fmt.Sprintf("%02d%s", n, script) }
	who := user(bad(1), "60q1")
	o := known(
		plan.Change{Action: plan.Update, Object: who, Hazards: []schema.Hazard{schema.Takeover}, Source: plan.Source{File: script}, Reason: bad(2), Fields: []plan.Delta{
			set(schema.JobTitle, bad(3), bad(4)), contested(bad(5), set(schema.Department, bad(6), bad(7))), set(schema.Manager, bad(8), bad(9)),
			setPart(schema.Attributes, bad(10), "", `"x"`), set(schema.Tags, `[]`, `["`+strings.ReplaceAll(bad(11), `"`, `\"`)+`"]`),
		}},
		plan.Change{Action: plan.Add, Object: group(bad(12)), To: who},
		plan.Change{Action: plan.Remove, Object: group(bad(13)), To: who, Reason: bad(14), Hazards: []schema.Hazard{schema.LastGroup}},
	)
	o.ID, o.Name, o.Region, o.AsOf = bad(15), bad(16), bad(17), bad(18)
	o.Read.Incomplete = bad(20)
	o.Held = []plan.Held{{Change: plan.Change{Action: plan.Reactivate, Object: user(bad(21), "60q2"), Reason: bad(22)}, Allow: bad(23)}}
	o.Refused = []plan.Refusal{{Reason: bad(24), Hint: bad(34), Allow: bad(25)}}
	o.Notes = []plan.Note{{Severity: state.Warning, Text: bad(26) + bad(19)}}
	o.Unlisted, o.Dropped, o.Loosened = plan.Unlisted{Users: []string{bad(27)}, Memberships: []state.Edge{{Group: bad(28), User: bad(29)}}}, []string{bad(30)}, []string{bad(31)}
	o.Limits = []plan.LimitUse{{Name: "add_members", Object: bad(32), Count: 1, Of: 2, Limit: plan.NoLimit}}
	o.Lines = []plan.Line{{User: bad(8), Old: bad(33), New: bad(33)}}
	return o
}

const markups = 34 // texts in markup

// bulk is 5,000 changes, each its own.
func bulk() plan.Org {
	var changes []plan.Change
	for i := range 2000 {
		who := user(fmt.Sprintf("person%04d", i), fmt.Sprintf("70%04d", i))
		changes = append(changes,
			plan.Change{Action: plan.Update, Object: who, Fields: []plan.Delta{
				set(schema.JobTitle, fmt.Sprint("Engineer ", i), fmt.Sprint("Senior Engineer ", i)), set(schema.Manager, fmt.Sprintf("boss%02d", i%40), fmt.Sprintf("boss%02d", (i+1)%37))}},
			plan.Change{Action: plan.Add, Object: group(fmt.Sprint("Team ", i%50)), To: who})
		if i%2 == 0 {
			changes = append(changes, plan.Change{Action: plan.Remove, Object: group(fmt.Sprint("Old Team ", i%50)), To: who, Reason: "not in the file, which makes the group exact"})
		}
	}
	return organization(changes...)
}

// msp is many organizations of which few change.
func msp() []plan.Org {
	orgs := []plan.Org{mover(), refusedOrg()}
	for i := range 40 {
		orgs = append(orgs, nothingToDo(fmt.Sprintf("Client %02d", i), fmt.Sprintf("60c%021d", i)))
	}
	return orgs
}

// BenchmarkHTML makes the page of 5,000 changes.
func BenchmarkHTML(b *testing.B) {
	p := run(bulk())
	b.ReportAllocs()
	for b.Loop() {
		page(b, p, report.HTMLOptions{})
	}
}
