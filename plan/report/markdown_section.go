package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/state"
)

// section is what Markdown says of one organization.
type section struct {
	org              *plan.Org
	together         []*plan.Org // those without a plan for one reason, which org is the first of; else org alone
	view             view
	changes, drifted []plan.Change // what the revision does, and drift
	items            []item

	detail detail
	shown  int // of detail some the rows, of detail cutting the items that are shown

	verdict, text         string
	verdictLength, length int
}

// class orders organizations by how much they need a look.
type class uint8

const (
	alarming class = iota // refused, or without a plan
	loud
	quiet // nothing changes, and there is nothing to decide
)

func (m *markdown) newSection(o *plan.Org) *section {
	s := &section{org: o, together: []*plan.Org{o}, view: m.regroup(o)}
	if o.Error != "" {
		s.together = sameFailure(m.plan, o)
	}
	s.changes, s.drifted = byCause(o.Changes)
	m.addItems(s)
	return s
}

func (m *markdown) class(s *section) class { return classOf(s.org, m.options.Drift) }

// classOf tells how much an organization needs a look. Of drift, people and
// groups that the file does not name do.
func classOf(o *plan.Org, drift bool) class {
	warned := slices.ContainsFunc(o.Notes, func(n plan.Note) bool { return n.Severity == state.Warning })
	switch {
	case o.Error != "" || o.Read.Incomplete != "" || len(o.Refused) > 0:
		return alarming
	case len(o.Changes)+len(o.Held)+len(o.Dropped)+len(o.Loosened) > 0 || warned,
		drift && hasUnlisted(o):
		return loud
	}
	return quiet
}

// name is how an organization is called.
func (s *section) name() string { return cmp.Or(s.org.Name, s.org.ID, "the organization of the key") }

// own are the blocks of what the revision changes, the worst first.
func (s *section) own() []block { return slices.Concat(s.view.conflicts, s.view.first, s.view.rest) }

// verdict is the line of one organization, nothing for a quiet one.
func (m *markdown) verdict(s *section) string {
	if m.class(s) == quiet {
		return ""
	}
	most := nameMax
	if s.detail == cutting {
		most = shortMax
	}
	parts := m.alarms(s)
	if !m.several() || s.detail < cutting {
		parts = append(parts, m.counts(s)...)
	}
	parts = append(parts, m.concerns(s)...)
	if hidden := len(s.items) - s.shown; s.detail == cutting && hidden > 0 {
		parts = append(parts, fmt.Sprintf("**%d to look at are %s**", hidden, m.elsewhere()))
	}
	if m.several() {
		return m.fleetRow(s, parts, most)
	}
	return bullet("**" + code(cut(Clean(s.name()), most)) + "**: " + strings.Join(parts, "; "))
}

// alarms say why apply would not write to an organization.
func (m *markdown) alarms(s *section) (parts []string) {
	o, words, most := s.org, proseMax, 3
	if s.detail == cutting {
		words, most = shortMax, 1
	}
	if o.Error != "" {
		first, _, _ := strings.Cut(o.Error, "\n")
		parts = append(parts, "**no plan**: "+prose(first, words))
		if o.ErrorHint != "" {
			parts[0] += " (hint: " + prose(o.ErrorHint, words) + ")"
		}
	}
	if o.Read.Incomplete != "" {
		parts = append(parts, "**incomplete read**, so apply refuses: "+prose(o.Read.Incomplete, words))
	}
	all := refusals(o)
	for i, r := range all {
		if i == most && len(all) > most+1 {
			return append(parts, fmt.Sprintf("and %d more reasons", len(all)-most))
		}
		reason := m.passing(prose(r.Reason, words), r.Org, r.Allow)
		if i == 0 {
			reason = "**refused**: " + reason
		}
		parts = append(parts, reason)
	}
	return parts
}

// refusals are those of an organization that its read does not explain.
func refusals(o *plan.Org) (all []plan.Refusal) {
	for _, r := range o.Refused {
		if o.Read.Incomplete == "" || !strings.Contains(r.Reason, o.Read.Incomplete) {
			all = append(all, r)
		}
	}
	return all
}

// passing adds to a sentence how to let pass what is refused or held.
func (m *markdown) passing(text, org, allow string) string {
	if allow == "" {
		return text
	}
	return text + " (to allow it: " + code(cut(flag(m.plan, org, allow), proseMax)) + ")"
}

// counts are what changes in an organization but for drift.
func (m *markdown) counts(s *section) []string {
	parts := effectsOf(s.changes).told()
	switch {
	case s.org.Error != "":
		return nil
	case len(parts) == 0 && len(s.drifted) > 0:
		return []string{"no change of its own"}
	case len(parts) == 0:
		return []string{"no change"}
	}
	return parts
}

// concerns are what else there is to know of an organization.
func (m *markdown) concerns(s *section) (parts []string) {
	if len(s.org.Loosened) > 0 {
		parts = append(parts, "**policy loosened**")
	}
	if n := dangerous(s.own()); n > 0 {
		parts = append(parts, "**"+count(n, "hazard")+"**")
	}
	if n := conflicts(s.changes); n > 0 {
		parts = append(parts, fmt.Sprintf("**%s**", count(n, "conflict")))
	}
	if len(s.drifted) > 0 {
		parts = append(parts, "drift apart ("+m.drifted(s)+")")
	}
	if n := len(s.org.Held); n > 0 {
		parts = append(parts, fmt.Sprintf("**%d held**", n))
	}
	if n := len(s.org.Dropped); n > 0 {
		parts = append(parts, fmt.Sprintf("%d no longer in the file", n))
	}
	if m.options.Drift {
		parts = append(parts, unlistedNumbers(s.org)...)
	}
	return parts
}

// unlistedNumbers are how many people and groups the file does not name.
func unlistedNumbers(o *plan.Org) []string {
	unlisted, _ := remaining(o)
	numbers, _ := untouched("not in the file", unlisted[:2])
	return numbers
}

// told is what is done by kind of thing, with managers and mails.
func (e effects) told() []string {
	parts := e.kinds("added", "removed")
	if e.managers > 0 {
		parts = append(parts, count(e.managers, "manager")+" changed")
	}
	if e.Mails > 0 {
		parts = append(parts, count(e.Mails, "mail"))
	}
	return parts
}

// dangerous is how many blocks have hazards.
func dangerous(blocks []block) (n int) {
	for i := range blocks {
		if len(blocks[i].hazards) > 0 {
			n++
		}
	}
	return n
}

// drifted counts what setting drift back does.
func (m *markdown) drifted(s *section) string {
	text := effectsOf(s.drifted).drifted()
	if n := dangerous(s.view.drift); n > 0 {
		text += "; " + count(n, "hazard")
	}
	return text
}

// section is all that is said of one organization below the verdicts.
func (m *markdown) section(s *section) string {
	if m.class(s) == quiet || m.several() && toldInRow(s.org) {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", m.label(s))
	if s.org.Error != "" {
		m.broken(&b, s)
		return b.String()
	}
	if s.detail <= some {
		day := asOf(m.plan, s.org)
		if day != "" {
			day = code(cut(Clean(day), nameMax))
		}
		fmt.Fprintf(&b, "%s%s.\n\n", capital(readOf(s.org)), dated(day))
	}
	m.itemLists(&b, s)
	m.table(&b, s)
	m.drift(&b, s)
	if s.detail <= some {
		m.leftAlone(&b, s)
		m.costs(&b, s.org)
	}
	return b.String()
}

// label is the name and the id, in a heading.
func (m *markdown) label(s *section) string {
	name := code(cut(Clean(s.name()), nameMax))
	var more []string
	if s.org.ID != "" && s.org.Name != "" {
		more = append(more, code(cut(Clean(s.org.ID), nameMax)))
	}
	if s.org.Region != "" && s.org.Region != "us" {
		more = append(more, code(cut(Clean(s.org.Region), nameMax)))
	}
	if len(more) == 0 {
		return name
	}
	return name + " (" + strings.Join(more, ", ") + ")"
}

// capital begins a sentence.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// broken says the whole of why there is no plan.
func (m *markdown) broken(b *strings.Builder, s *section) {
	lines := strings.Split(strings.TrimRight(s.org.Error, "\n"), "\n")
	if s.detail >= short {
		lines = lines[:1]
	}
	b.WriteString("**No plan**\n\n")
	for i, l := range lines {
		lines[i] = opener(l, proseMax)
	}
	b.WriteString(bullets(lines))
}

// bullet is an entry of a list.
func bullet(text string) string { return "- " + text + "\n" }

// bullets are entries of a list, and its end.
func bullets(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return "- " + strings.Join(texts, "\n- ") + "\n\n"
}

// leftAlone folds what is not done, and notes.
func (m *markdown) leftAlone(b *strings.Builder, s *section) {
	unlisted, dropped := remaining(s.org)
	numbers, lines := untouched("no longer in the file", dropped)
	more, moreLines := untouched("not in the file", unlisted)
	numbers, lines = append(numbers, more...), append(lines, moreLines...)
	for _, n := range s.org.Notes {
		lines = append(lines, n.Severity.String()+": "+prose(n.Text, proseMax))
	}
	if n := len(s.org.Notes); n > 0 {
		numbers = append(numbers, count(n, "note"))
	}
	switch summary := "Left as it is, and notes: " + strings.Join(numbers, "; "); {
	case len(numbers) == 0:
	case s.detail == whole:
		b.WriteString(details(summary, strings.TrimSpace(bullets(lines))))
	default:
		b.WriteString(summary + ".\n\n")
	}
}

// untouched is what is left alone for one reason, in numbers and in lines.
func untouched(why string, lists []remainder) (numbers, lines []string) {
	var all []string
	for _, r := range lists {
		if n := count(len(r.names), r.thing); len(r.names) > 0 {
			all = append(all, n)
			lines = append(lines, n+" "+why+": "+firstCodes(r.names, nameFew))
		}
	}
	if len(all) > 0 {
		numbers = []string{strings.Join(all, ", ") + " " + why}
	}
	return numbers, lines
}

// costs are the limits that the plan touches, with several organizations
// what each costs, and the digest.
func (m *markdown) costs(b *strings.Builder, o *plan.Org) {
	var limits, lines []string
	for i := range o.Limits {
		if l := &o.Limits[i]; l.Count > 0 {
			limits = append(limits, limitOf(l))
		}
	}
	if len(limits) > 0 {
		lines = append(lines, "Limits: "+strings.Join(limits, "; "))
	}
	if len(o.Changes) > 0 && len(m.plan.Orgs) > 1 {
		lines = append(lines, "Takes "+m.pace.cost(&o.Summary)+".")
	}
	if o.Digest != "" && len(m.plan.Orgs) > 1 {
		lines = append(lines, "Digest of this organization alone "+code(cut(Clean(o.Digest), nameMax)))
	}
	b.WriteString(bullets(lines))
}

func limitOf(l *plan.LimitUse) string {
	what := code(l.Name)
	if l.Object != "" {
		what += " of " + codes([]string{l.Object})
	}
	text := what + " " + spent(l)
	if l.Exceeded {
		return text + " **exceeded**"
	}
	return text
}
