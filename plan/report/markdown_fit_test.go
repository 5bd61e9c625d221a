package report_test

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
)

func within(most int) report.MarkdownOptions {
	o := review
	o.Max = most
	return o
}

// units is how long a text is in UTF-16, as JavaScript counts it.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

func TestMarkdownFits(t *testing.T) {
	t.Parallel()
	for _, s := range append(markdownStories(), story{"clients", since(clients(200)...)}, story{"wide", since(mixed(200), hostileAll(), dangers(90))}) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			before := ""
			for _, most := range []int{1500, 4000, 20000, 1 << 30} {
				comment := markdown(t, s.plan, within(most))
				if n := units(comment); n > most {
					t.Errorf("%d characters of %d", n, most)
				}
				if len(comment) < len(before)*9/10 {
					t.Errorf("with %d characters less is said than with fewer: %d after %d bytes", most, len(comment), len(before))
				}
				if most == 4000 && markdown(t, s.plan, within(most)) != comment {
					t.Error("other bytes the second time")
				}
				before = comment
			}
		})
	}
}

func TestMarkdownUsesTheUsualMax(t *testing.T) {
	t.Parallel()
	if n := units(markdown(t, since(mixed(5000)), report.MarkdownOptions{})); n > 60000 || n < 50000 {
		t.Errorf("%d characters", n)
	}
	if err := report.Markdown(io.Discard, since(mover()), within(200)); err == nil {
		t.Error("a comment of 200 characters is no error")
	}
}

// clients are many organizations, all with something to say.
func clients(n int) (orgs []plan.Org) {
	for i := range n {
		o := rename()
		if i%3 == 0 {
			o = refusedOrg()
		}
		o.Name, o.ID = fmt.Sprintf("Client %d", i), fmt.Sprintf("60%022d", i)
		for j := range o.Refused {
			o.Refused[j].Org = o.ID
		}
		orgs = append(orgs, o)
	}
	return orgs
}

// TestMarkdownDropsTheTextFirst holds that nothing but the fence goes when
// the comment is a little too long.
func TestMarkdownDropsTheTextFirst(t *testing.T) {
	t.Parallel()
	for _, s := range markdownStories() {
		all := markdown(t, s.plan, within(1<<30))
		before, rest, ok := strings.Cut(all, "<details><summary>The whole plan as text</summary>")
		if !ok {
			continue
		}
		_, after, _ := strings.Cut(rest, "</details>\n\n")
		got := markdown(t, s.plan, within(units(all)-1))
		if diff := cmp.Diff(before+after, got); diff != "" {
			t.Errorf("%s (-without the fence +got):\n%s", s.name, diff)
		}
	}
}

var hiddenItems = regexp.MustCompile(`\*\*(\d+) to look at are not shown here`)

// TestMarkdownNeverLosesDangers holds that each hazard and conflict has its
// line, or is counted among those that are not shown.
func TestMarkdownNeverLosesDangers(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 30, 60, 300, 1500} {
		for _, most := range []int{3000, 9000, 60000} {
			comment := markdown(t, since(dangers(n), mixed(300)), within(most))
			hidden := 0
			for _, m := range hiddenItems.FindAllStringSubmatch(comment, -1) {
				more, err := strconv.Atoi(m[1])
				if err != nil {
					t.Fatal(err)
				}
				hidden += more
			}
			shown := strings.Count(comment, "\n- `person.")
			if want := n + 1; shown+hidden < want || hidden > 0 && shown+hidden != want+4 && shown+hidden != want { // and 3 held, 1 refused
				t.Errorf("%d dangers in %d characters: %d lines and %d hidden", want, most, shown, hidden)
			}
			if !strings.Contains(comment, "--allow "+refusedFlag) {
				t.Errorf("%d dangers in %d characters: the refusal is not there", n, most)
			}
		}
	}
}

const refusedFlag = "5f3c0a1b9d2e4c0001a7b9e1:protected=breakglass"

// TestMarkdownKeepsDriftApart holds that whom only drift concerns is neither
// in the table of the change nor in its numbers.
func TestMarkdownKeepsDriftApart(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1 << 30, 60000, 5000} {
		comment := markdown(t, since(drifted()), within(most))
		_, after, _ := strings.Cut(comment, "**Your change**\n")
		own, drift, ok := strings.Cut(after, "<summary>Drift, done in JumpCloud and not by this change: 8 values set back; people 1 suspended; memberships 1 re-granted, 1 ended; 1 hazard</summary>")
		if !ok {
			t.Fatalf("no drift in\n%s", comment)
		}
		for _, name := range []string{"ex.employee", "anna.klein", "mira.voss", "visitor", "seller3"} {
			if strings.Contains(own, name) || !strings.Contains(drift, name) {
				t.Errorf("%s is not with drift alone:\n%s", name, comment)
			}
		}
		if want := "- **`Bright Kelp`**: people 1 updated; drift apart (8 values"; !strings.Contains(comment, want) {
			t.Errorf("no %q in\n%s", want, comment)
		}
	}
}

// TestMarkdownPartsMixedChanges holds that one request with a change and
// drift is told as both.
func TestMarkdownPartsMixedChanges(t *testing.T) {
	t.Parallel()
	o := known(plan.Change{Action: plan.Suspend, Object: user("ole", "1"), Reason: "end: 2026-11-22", Hazards: []schema.Hazard{schema.Takeover}, Fields: []plan.Delta{
		by(plan.Date, set(schema.State, "ACTIVATED", "SUSPENDED")), by(plan.Drift, set(schema.Email, "x@evil.example", "ole@kelp.example")), by(plan.Drift, set(schema.JobTitle, "a", "b")),
	}})
	got := cells(parse(markdown(t, since(o), report.MarkdownOptions{})))
	want := [][]string{
		{"ole", "will be suspended: no more access; end: 2026-11-22", "", ""},
		{"ole", "takeoveremail x@evil.example -> ole@kelp.examplejobTitle a -> b", "", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMarkdownMasksPersonalFields(t *testing.T) {
	t.Parallel()
	for _, s := range markdownStories() {
		masked := markdown(t, s.plan, review)
		for _, secret := range []string{"00107", "+49 30", "anna@home", "ak@elsewhere", "assistant@home"} {
			if strings.Contains(masked, secret) {
				t.Errorf("%s: %q is not masked:\n%s", s.name, secret, masked)
			}
		}
		o := review
		o.ShowPersonal = true
		if shown := markdown(t, s.plan, o); strings.Contains(shown, "***@") || strings.Contains(shown, "masked") {
			t.Errorf("%s: masked with ShowPersonal:\n%s", s.name, shown)
		}
	}
	if got := markdown(t, since(conflict()), review); !strings.Contains(got, "base (none), live `***@evil.example`, file `***@home.example`") {
		t.Errorf("a masked address does not keep its domain:\n%s", got)
	}
}

func TestMarker(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ key, want string }{
		{"", "<!-- rollcall:plan -->"}, {"prod-eu/staff_1.a", "<!-- rollcall:prod-eu/staff_1.a -->"},
		{"a b", "<!-- rollcall:a%20b -->"}, {"--> <b>", "<!-- rollcall:--%3E%20%3Cb%3E -->"}, {"%20\n", "<!-- rollcall:%2520%0A -->"},
	} {
		if got := report.Marker(test.key); got != test.want {
			t.Errorf("Marker(%q) = %s, want %s", test.key, got, test.want)
		}
		if o := (report.MarkdownOptions{Marker: test.key}); !strings.HasPrefix(markdown(t, run(mover()), o), test.want+"\n### ") {
			t.Errorf("%q: the comment does not begin with its marker", test.key)
		}
	}
}

// TestMarkdownOfAnything holds of names and values of any kind that the
// comment fits, and that its markup is ours.
func TestMarkdownOfAnything(t *testing.T) {
	t.Parallel()
	anything := rapid.OneOf(rapid.String(), rapid.SampledFrom(hostileTexts), rapid.StringOfN(rapid.RuneFrom([]rune("`|\\<>&#@*_~[]()!-+=:; \n1aé\u202e")), 1, 30, -1))
	rapid.Check(t, func(t *rapid.T) {
		who := user("u"+anything.Draw(t, "user"), "1")
		o := known(
			plan.Change{Action: plan.Update, Object: who, Reason: anything.Draw(t, "why"), Fields: []plan.Delta{
				contested(anything.Draw(t, "base"), set(schema.JobTitle, anything.Draw(t, "live"), anything.Draw(t, "file"))), set(schema.Department, anything.Draw(t, "old"), anything.Draw(t, "new"))}},
			plan.Change{Action: plan.Add, Object: group(anything.Draw(t, "joined")), To: who},
			plan.Change{Action: plan.Remove, Object: group(anything.Draw(t, "left")), To: who, Reason: anything.Draw(t, "reason"), Origin: plan.Drift},
		)
		o.Name = anything.Draw(t, "org")
		o.Refused = []plan.Refusal{{Org: o.ID, Reason: anything.Draw(t, "refusal"), Hint: anything.Draw(t, "hint"), Allow: "group=" + anything.Draw(t, "allow")}}
		options := within(rapid.SampledFrom([]int{3000, 1 << 30}).Draw(t, "max"))
		options.Head, options.Base = anything.Draw(t, "head"), anything.Draw(t, "base revision")
		var b strings.Builder
		if err := report.Markdown(&b, since(o), options); err != nil {
			t.Fatal(err)
		}
		if n := units(b.String()); n > options.Max {
			t.Errorf("%d characters", n)
		}
		checkMarkup(t, b.String(), options)
	})
}

// BenchmarkMarkdown prints what does not fit by far.
func BenchmarkMarkdown(b *testing.B) {
	p := since(mixed(20000))
	b.ReportAllocs()
	for b.Loop() {
		if err := report.Markdown(io.Discard, p, review); err != nil {
			b.Fatal(err)
		}
	}
}
