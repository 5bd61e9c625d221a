package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"rollcall/plan"
)

// HTMLOptions say how a plan is printed as a page for those who review or
// audit it. The zero value masks personal fields and names no commits.
type HTMLOptions struct {
	ShowPersonal   bool   // show personal fields and mail addresses instead of masking them
	Head, Base     string // the revisions, as people call them; of the base that of the plan if ""
	Rate, Parallel int    // as in TextOptions
	OrgsParallel   int    // as in TextOptions
	Next           string // the command that applies the plan; "" is rollcall apply
	Drift          bool   // as in TextOptions
}

//go:embed html
var pageFiles embed.FS

// HTML prints a plan as one page that needs nothing else: no network, which
// its Content-Security-Policy forbids, and no script but one that filters;
// without scripts everything is shown. Of each organization: why it is
// refused, what is held, in conflict, dangerous or a loss, all else, drift;
// then the same by group, who reports to whom before and after, what is left
// alone, limits and costs. On paper everything is unfolded and unfiltered.
// The same plan and options make the same bytes.
func HTML(w io.Writer, p *plan.Plan, o HTMLOptions) error {
	var b bytes.Buffer
	if err := pageLayout().Execute(&b, newPage(p, o)); err != nil {
		return fmt.Errorf("make page: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// pageLayout is parsed when the first page is made.
var pageLayout = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageFile("page.tmpl")))
})

func pageFile(name string) string {
	text, err := pageFiles.ReadFile("html/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}

// page is what the layout of a page is filled with. Its texts are clean;
// the layout escapes them.
type page struct {
	Policy   string // the Content-Security-Policy
	Style    template.CSS
	Script   template.JS
	Status   status
	Title    string // the verdict on the whole plan
	Of       string // the organization, if there is but one
	Counts   []string
	Facts    []fact
	Commands []string // that let pass what is refused, if that is meant
	Orgs     []pageOrg
	Several  bool
	Folded   int // quiet organizations that are folded in the list of all
	Filters  []filter
}

// status is the tone of a verdict: it is a class of the page, and its sign.
type status string

const (
	statusBad    status = "bad" // refused, or without a plan
	statusChange status = "change"
	statusSame   status = "same"
)

// Sign says a status without colour.
func (s status) Sign() string {
	return map[status]string{statusBad: "✕", statusChange: "±", statusSame: "✓"}[s]
}

// fact is something to know of a plan as a whole.
type fact struct {
	Name, Text string
	Code       bool
}

// pages makes a page.
type pages struct {
	values
	pace    pace
	plan    *plan.Plan
	options HTMLOptions
}

func newPage(p *plan.Plan, o HTMLOptions) *page {
	m := &pages{values: values{o.ShowPersonal}, pace: pace{o.Rate, o.Parallel, o.OrgsParallel}, plan: p, options: o}
	style, script := pageFile("page.css"), pageFile("page.js")
	n := sum(p.Orgs, false)
	out := &page{
		Policy: policyOf(style, script), Style: template.CSS(style), Script: template.JS(script),
		Several: len(p.Orgs) > 1, Facts: m.facts(n), Commands: m.commands(),
	}
	out.Status, out.Title = verdictOf(n)
	tags := tagSet{}
	for i, o := range worstFirst(p.Orgs) {
		out.Orgs = append(out.Orgs, m.org(i, o, tags))
	}
	if quiet := quiets(out.Orgs); quiet > foldQuiet {
		out.Folded = quiet
	}
	if len(out.Orgs) == 1 {
		out.Of, out.Orgs[0].Verdict = out.Orgs[0].Name, "" // it is the title
	} else {
		out.Counts = m.sums(n)
	}
	out.Filters = tags.filters()
	return out
}

// foldQuiet is how many organizations without a change are listed unfolded.
const foldQuiet = 8

func quiets(orgs []pageOrg) (n int) {
	for i := range orgs {
		if orgs[i].Quiet {
			n++
		}
	}
	return n
}

// worstFirst are organizations by how much they need a look.
func worstFirst(orgs []plan.Org) []*plan.Org {
	all := make([]*plan.Org, len(orgs))
	for i := range orgs {
		all[i] = &orgs[i]
	}
	slices.SortStableFunc(all, func(a, b *plan.Org) int {
		return cmp.Compare(classOf(a, false), classOf(b, false))
	})
	return all
}

// policyOf forbids everything but one style and one script.
func policyOf(style, script string) string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return strings.Join([]string{
		"default-src 'none'", "style-src " + hash(style), "script-src " + hash(script), "base-uri 'none'", "form-action 'none'",
	}, "; ")
}

// verdictOf is the verdict on the plan as a whole.
func verdictOf(n totals) (status, string) {
	s, title := statusSame, "No change"
	all := n.all()
	switch {
	case n.broken+n.refused > 0:
		s = statusBad
	case n.toChange > 0:
		s = statusChange
	}
	switch {
	case all == 0:
		title = "No organization"
	case all > 1:
		title = strings.TrimSuffix(n.organizations(), ".")
	case n.broken > 0:
		title = "No plan"
	case n.refused > 0:
		title = "Refused"
	case n.changes > 0:
		title = count(n.changes, "change")
	}
	if n.held > 0 {
		title += fmt.Sprintf(", %d held", n.held)
	}
	return s, title
}

// sums are what the run adds up to over several organizations.
func (m *pages) sums(n totals) (lines []string) {
	if n.changes > 0 {
		lines = append(lines, strings.TrimSuffix(n.counts(), "."), "Takes "+m.pace.costAll(&n))
	}
	if drift := n.drift.drifted(); drift != "" {
		lines = append(lines, "Of these is drift: "+drift)
	}
	if dated := n.dated.dated(); dated != "" {
		lines = append(lines, "Of these by date: "+dated)
	}
	if n.conflicts > 0 {
		lines = append(lines, count(n.conflicts, "conflict"))
	}
	return lines
}

// facts are of what the plan was made, and by what.
func (m *pages) facts(n totals) (facts []fact) {
	say := func(name, text string, code bool) {
		if text != "" {
			facts = append(facts, fact{name, Clean(text), code})
		}
	}
	say("As of", m.plan.AsOf, false)
	say("Shard", m.plan.Shard, false)
	if base := m.base(); base != "" {
		say("Base", base, true)
	} else if len(m.plan.Orgs) > n.broken {
		say("Base", "none: drift is not told from this change, and nothing counts as dropped from the file", false)
	}
	say("Head", m.options.Head, true)
	if n.personal && !m.personal {
		say("Personal fields", "masked; --show-personal shows them", false)
	}
	say("Made by", m.plan.Tool, false)
	say("Digest", m.plan.Digest, true)
	return facts
}

func (m *pages) base() string { return cmp.Or(m.options.Base, m.plan.Base) }

// commands are what to type for what is refused to pass, none if something
// is refused that nothing lets pass.
func (m *pages) commands() []string {
	t := &text{plan: m.plan}
	flags := t.flags()
	if len(flags) == 0 {
		return nil
	}
	return append([]string{Clean(cmp.Or(m.options.Next, "rollcall apply"))}, flags...)
}
