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
	s := &section{org: o, view: m.regroup(o)}
	s.changes, s.drifted = byCause(o.Changes)
	m.addItems(s)
	return s
}

func (s *section) class() class {
	o := s.org
	warned := slices.ContainsFunc(o.Notes, func(n plan.Note) bool { return n.Severity == state.Warning })
	switch {
	case o.Error != "" || o.Read.Incomplete != "" || len(o.Refused) > 0:
		return alarming
	case len(o.Changes)+len(o.Held)+len(o.Dropped) > 0 || warned:
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
	if s.class() == quiet {
		return ""
	}
	most, words := nameMax, proseMax
	if s.detail == cutting {
		most, words = shortMax, shortMax
	}
	parts := append(m.alarms(s, words), m.numbers(s)...)
	if hidden := len(s.items) - s.shown; s.detail == cutting && hidden > 0 {
		parts = append(parts, fmt.Sprintf("**%d to look at are %s**", hidden, m.elsewhere()))
	}
	return bullet("**" + code(cut(Clean(s.name()), most)) + "**: " + strings.Join(parts, "; "))
}

// alarms say why apply would not write to an organization.
func (m *markdown) alarms(s *section, words int) (parts []string) {
	o := s.org
	if o.Error != "" {
		first, _, _ := strings.Cut(o.Error, "\n")
		parts = append(parts, "**no plan**: "+prose(cut(Clean(first), words)))
	}
	if o.Read.Incomplete != "" {
		parts = append(parts, "**incomplete read**, so apply refuses: "+prose(cut(Clean(o.Read.Incomplete), words)))
	}
	const most = 3
	told := refusals(o)
	for i, r := range told {
		if i == most && len(told) > most+1 {
			return append(parts, fmt.Sprintf("and %d more reasons", len(told)-most))
		}
		parts = append(parts, "**refused**: "+m.refused(r, words))
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

// refused is a reason, and what would let it pass.
func (m *markdown) refused(r plan.Refusal, words int) string {
	return m.passing(prose(cut(Clean(r.Reason), words)), r.Org, r.Allow)
}

// passing adds to a sentence how to let pass what is refused or held.
func (m *markdown) passing(text, org, allow string) string {
	if allow == "" {
		return text
	}
	return text + ", to allow it: " + code(cut(flag(m.plan, org, allow), proseMax))
}

// numbers are what changes in an organization, drift apart.
func (m *markdown) numbers(s *section) (parts []string) {
	if s.org.Error != "" {
		return nil
	}
	own := effectsOf(s.changes)
	parts = own.kinds("added", "removed")
	if own.managers > 0 {
		parts = append(parts, count(own.managers, "manager")+" changed")
	}
	if own.Mails > 0 {
		parts = append(parts, count(own.Mails, "mail"))
	}
	switch {
	case len(parts) == 0 && len(s.drifted) > 0:
		parts = append(parts, "no change of its own")
	case len(parts) == 0:
		parts = append(parts, "no change")
	}
	if n := conflicts(s.changes); n > 0 {
		parts = append(parts, fmt.Sprintf("**%s**", count(n, "conflict")))
	}
	if len(s.drifted) > 0 {
		parts = append(parts, "drift apart ("+effectsOf(s.drifted).drifted()+")")
	}
	if n := len(s.org.Held); n > 0 {
		parts = append(parts, fmt.Sprintf("**%d held**", n))
	}
	if n := len(s.org.Dropped); n > 0 {
		parts = append(parts, fmt.Sprintf("%d no longer in the file", n))
	}
	return parts
}

// section is all that is said of one organization below the verdicts.
func (m *markdown) section(s *section) string {
	if s.class() == quiet {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", m.label(s))
	if s.org.Error != "" {
		m.broken(&b, s)
		return b.String()
	}
	if s.detail <= some {
		fmt.Fprintf(&b, "%s read, as of %s.\n\n", m.readOf(s.org), code(cut(Clean(asOf(m.plan, s.org)), nameMax)))
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
	if s.org.ID == "" || s.org.Name == "" {
		return name
	}
	return name + " (" + code(cut(Clean(s.org.ID), nameMax)) + ")"
}

func (m *markdown) readOf(o *plan.Org) string {
	return fmt.Sprintf("%s, %s, %s", count(o.Read.Users, "user"), count(o.Read.Groups, "group"), count(o.Read.Memberships, "membership"))
}

// broken says the whole of why there is no plan.
func (m *markdown) broken(b *strings.Builder, s *section) {
	lines := strings.Split(strings.TrimRight(s.org.Error, "\n"), "\n")
	if s.detail >= short {
		lines = lines[:1]
	}
	b.WriteString("**No plan**\n\n")
	for _, l := range lines {
		b.WriteString(bullet(prose(cut(Clean(l), proseMax))))
	}
	b.WriteString("\n")
}

// bullet is an entry of a list.
func bullet(text string) string { return "- " + text + "\n" }

// leftAlone folds what is not done, and notes.
func (m *markdown) leftAlone(b *strings.Builder, s *section) {
	unlisted, dropped := remaining(s.org)
	summary, lines := "", ""
	tell := func(title string, lists []remainder) {
		var numbers []string
		for _, r := range lists {
			if len(r.names) > 0 {
				numbers = append(numbers, count(len(r.names), r.thing))
				lines += bullet(title + ": " + count(len(r.names), r.thing) + ": " + firstCodes(r.names, nameFew))
			}
		}
		if len(numbers) > 0 {
			summary += "; " + title + ": " + strings.Join(numbers, ", ")
		}
	}
	tell("no longer in the file", dropped)
	tell("not in the file", unlisted)
	for _, n := range s.org.Notes {
		lines += bullet(n.Severity.String() + ": " + prose(cut(Clean(n.Text), proseMax)))
	}
	if n := len(s.org.Notes); n > 0 {
		summary += "; " + count(n, "note")
	}
	switch {
	case summary == "":
	case s.detail == whole:
		b.WriteString(details("Left as it is"+summary, strings.TrimSuffix(lines, "\n")))
	default:
		b.WriteString("Left as it is" + summary + ".\n\n")
	}
}

// costs are the limits that the plan touches, the digest, and with several
// organizations what each costs.
func (m *markdown) costs(b *strings.Builder, o *plan.Org) {
	var parts []string
	for i := range o.Limits {
		if l := &o.Limits[i]; l.Count > 0 {
			parts = append(parts, limitOf(l))
		}
	}
	if len(parts) > 0 {
		b.WriteString("Limits: " + strings.Join(parts, "; ") + "  \n")
	}
	if len(o.Changes) > 0 && len(m.plan.Orgs) > 1 {
		b.WriteString("Takes " + m.pace.cost(o.Summary) + ".  \n")
	}
	if o.Digest != "" {
		b.WriteString("Digest " + code(cut(Clean(o.Digest), nameMax)) + "\n")
	}
	b.WriteString("\n")
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
