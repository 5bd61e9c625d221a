package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/plan"
)

// MarkdownOptions say how a plan is printed for a comment of a pull request.
// The zero value masks personal fields, names neither commits nor a place
// of the whole plan, and keeps to 60,000 characters.
type MarkdownOptions struct {
	ShowPersonal   bool   // show personal fields and mail addresses instead of masking them
	Head, Base     string // the revisions, as people call them; "" is for the base what the plan says
	Artifact       string // where the whole plan is: a URL or a text; "" if it is nowhere
	Rate, Parallel int    // as in TextOptions
	OrgsParallel   int    // as in TextOptions
	Next           string // the command that applies the plan; "" is rollcall apply
	Drift          bool   // as in TextOptions
	Marker         string // tells the comments of one pull request apart; "" is plan
	Max            int    // characters at most; 0 is 60,000. GitHub takes 65,536
}

const (
	usualMax  = 60000
	manyNames = 50
	textWidth = 100 // columns of the plan as text inside a comment
)

// Markdown prints a plan as a comment of a pull request, in GitHub's
// Markdown: Marker, so that it can be edited in place; a verdict for each
// organization; what is refused, held, in conflict or dangerous; what the
// revision changes, a person a row; drift apart; the plan as text; costs and
// digests. What does not fit is told in fewer words, from the harmless on:
// first the text goes, last what must be looked at. The text of a name is
// shown as it is and is nothing else: no mention, link, issue or markup.
//
// It is an error if not even the numbers fit.
func Markdown(w io.Writer, p *plan.Plan, o MarkdownOptions) error {
	m := newMarkdown(p, o)
	comment := m.fit()
	if n := characters(comment); n > m.max {
		return fmt.Errorf("the plan in Markdown needs %d characters, and may have %d", n, m.max)
	}
	if _, err := io.WriteString(w, comment); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// markdown is a plan while it is printed.
type markdown struct {
	values
	pace     pace
	plan     *plan.Plan
	options  MarkdownOptions
	max      int
	totals   totals
	own      effects
	sections []*section
	text     string // the plan as text, folded; "" if it is left out
	listed   int    // verdicts that are shown
	names    int    // of unchanged organizations that are shown
}

func newMarkdown(p *plan.Plan, o MarkdownOptions) *markdown {
	m := &markdown{values: values{o.ShowPersonal}, pace: pace{o.Rate, o.Parallel, o.OrgsParallel}, plan: p, options: o, max: o.Max, totals: sum(p.Orgs, o.Drift)}
	if m.max <= 0 {
		m.max = usualMax
	}
	for i := range p.Orgs {
		o := &p.Orgs[i]
		if o.Error != "" && sameFailure(p, o) == nil {
			continue // told with the first
		}
		s := m.newSection(o)
		m.sections = append(m.sections, s)
		m.own.addAll(s.changes)
	}
	slices.SortStableFunc(m.sections, func(a, b *section) int { return cmp.Compare(m.class(a), m.class(b)) })
	m.listed, m.names = len(m.sections), manyNames
	m.text = m.folded()
	return m
}

// folded is the whole plan as text in a fence, which colours it by its
// signs; "" if there is nothing that the verdicts do not say.
func (m *markdown) folded() string {
	if !slices.ContainsFunc(m.sections, func(s *section) bool { return !isBrief(s.org) }) {
		return ""
	}
	var b bytes.Buffer
	o := TextOptions{Width: textWidth, ShowPersonal: m.options.ShowPersonal, Rate: m.options.Rate, Parallel: m.options.Parallel, OrgsParallel: m.options.OrgsParallel, Applying: true, Next: m.options.Next, Drift: m.options.Drift}
	if err := Text(&b, m.plan, o); err != nil {
		panic(err) // a buffer takes everything
	}
	fence := strings.Repeat("`", max(longestRun(b.String())+1, 3))
	return details("The whole plan as text", fence+"diff\n"+b.String()+fence)
}

// details is a part of a comment that is folded. The summary is HTML: it
// holds nothing but our own words and numbers.
func details(summary, body string) string {
	return "<details><summary>" + summary + "</summary>\n\n" + body + "\n\n</details>\n\n"
}

// comment is the whole comment as it stands.
func (m *markdown) comment() string {
	var b strings.Builder
	b.WriteString(m.head() + m.fleetHead())
	for _, s := range m.sections[:m.listed] {
		b.WriteString(s.verdict)
	}
	b.WriteString(m.fleetEnd())
	b.WriteString(m.unchanged() + "\n")
	for _, s := range m.sections {
		b.WriteString(s.text)
	}
	b.WriteString(m.text)
	b.WriteString(m.foot())
	return b.String()
}

// head is the marker and the title.
func (m *markdown) head() string {
	marker := m.options.Marker
	if marker == "" && m.plan.Shard != "" {
		marker = "shard-" + strings.ReplaceAll(m.plan.Shard, "/", "-of-") // each shard has its comment
	}
	return Marker(marker) + "\n### rollcall: " + m.title() + "\n\n"
}

// title is the verdict on the plan as a whole.
func (m *markdown) title() string {
	var title string
	switch n := &m.totals; {
	case len(m.plan.Orgs) == 0:
		return "no organization" + ofShard(m.plan)
	case len(m.plan.Orgs) > 1:
		title = strings.TrimSuffix(n.organizations(), ".") + ofShard(m.plan)
	case n.broken > 0:
		title = "no plan"
	case n.refused > 0:
		title = "refused"
	case n.toChange > 0:
		title = m.changes()
	default:
		title = "no change"
	}
	if m.totals.held > 0 {
		title += fmt.Sprintf(", %d held", m.totals.held)
	}
	return title
}

// changes are numbers of changes, those that are drift apart.
func (m *markdown) changes() string {
	own, drift := 0, 0
	for _, s := range m.sections {
		own, drift = own+len(s.changes), drift+len(s.drifted)
	}
	switch {
	case drift == 0:
		return count(own, "change")
	case own == 0:
		return fmt.Sprintf("no change of its own, %d of drift", drift)
	}
	return fmt.Sprintf("%s, and %d of drift", count(own, "change"), drift)
}

// unchanged is one line for all organizations of which there is no more to
// say, and one for those that do not fit.
func (m *markdown) unchanged() string {
	var names []string
	for _, s := range m.sections {
		if m.class(s) == quiet {
			names = append(names, orgName(m.plan, s.org))
		}
	}
	lines := ""
	if hidden := m.hidden(); hidden > 0 {
		lines += bullet(fmt.Sprintf("**%d more**, to change or refused, are %s", hidden, m.elsewhere()))
	}
	if len(names) > 0 {
		lines += bullet(strings.TrimSuffix(fmt.Sprintf("%d unchanged: %s", len(names), firstCodes(names, m.names)), ": "))
	}
	return lines
}

// elsewhere is where to look for what is left out.
func (m *markdown) elsewhere() string {
	if m.options.Artifact == "" {
		return "not shown here; `rollcall plan` shows the whole plan"
	}
	return "not shown here; the whole plan: " + m.artifact()
}

// artifact is a link if it is a URL, else a text.
func (m *markdown) artifact() string {
	a := m.options.Artifact
	if (strings.HasPrefix(a, "https://") || strings.HasPrefix(a, "http://")) && strings.Trim(a, urlSafe) == "" {
		return "<" + a + ">"
	}
	return prose(a, proseMax)
}

// urlSafe are the characters that a link of ours is made of.
const urlSafe = shellSafe + "?&#~;!*"

// foot is what the run costs and what it was made of.
func (m *markdown) foot() string {
	var lines []string
	if m.totals.changes > 0 {
		lines = append(lines, "Takes "+m.pace.costAll(&m.totals)+".")
	}
	if m.totals.personal && !m.personal {
		lines = append(lines, "Personal fields are masked.")
	}
	if m.plan.Base == "" && len(m.plan.Orgs) > m.totals.broken {
		lines = append(lines, "No base revision: what somebody changed in JumpCloud is not told from this change, and nothing counts as dropped from the file.")
	}
	if m.options.Artifact != "" {
		lines = append(lines, "The whole plan: "+m.artifact())
	}
	lines = append(lines, m.made())
	return "---\n\n" + bullets(lines)
}

// made is of what the plan was made, and by what.
func (m *markdown) made() string {
	var parts []string
	add := func(what, text string) {
		if text != "" {
			parts = append(parts, strings.TrimSpace(what+" "+code(cut(Clean(text), nameMax))))
		}
	}
	add("Digest", m.plan.Digest)
	if m.plan.Base != "" {
		add("base", cmp.Or(m.options.Base, m.plan.Base))
	}
	add("head", m.options.Head)
	add("as of", m.plan.AsOf)
	add("", m.plan.Tool)
	return strings.Join(parts, ", ")
}
