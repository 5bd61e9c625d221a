package report

import (
	"cmp"
	"strconv"
	"strings"

	"rollcall/plan"
	"rollcall/state"
)

// pageOrg is one organization on a page.
type pageOrg struct {
	Index      int
	Name       string
	ID, Region string
	Status     status
	Verdict    string
	Numbers    string // what changes, in a line
	Quiet      bool   // there is nothing to say but the verdict
	Read       string
	Error      []string
	Refused    []passable
	Incomplete string
	Loosened   []string
	Sums       []fact
	Sections   []pageSection
	Groups     []pageGroup
	Before     []*pageNode
	After      []*pageNode
	ChartTags  string
	Partial    bool // the chart knows nobody but those of whom the plan tells
	Left       []pageLeft
	Notes      []pageNote
	Limits     []pageLimit
	Untouched  []pageLimit
	Digest     string
}

// passable is a reason against something, and what lets it pass.
type passable struct{ Reason, Hint, Allow string }

// pageSection is a list of what happens to people and groups.
type pageSection struct {
	Title, Lead string
	Class       string
	Blocks      []pageBlock
}

// pageLeft is what is left as it is.
type pageLeft struct {
	Title string
	Names []string
}

// pageNote is something to know that is not a change.
type pageNote struct {
	Warning bool
	Text    string
}

// pageLimit is a limit and what the plan spends of it. Bar is a percentage,
// -1 where there is no limit.
type pageLimit struct {
	Name, Of, Used, Allow string
	Bar                   int
	Exceeded              bool
}

func (m *pages) org(i int, o *plan.Org, tags tagSet) pageOrg {
	out := pageOrg{
		Index: i + 1, Name: cmp.Or(Clean(o.Name), Clean(o.ID), "the organization of the key"), Incomplete: Clean(o.Read.Incomplete),
		Quiet: isBrief(o), Refused: m.refused(o), Loosened: cleanAll(o.Loosened), Digest: m.ownDigest(o), Numbers: m.numbers(o),
	}
	if o.Name != "" {
		out.ID = Clean(o.ID)
	}
	if o.Region != "us" {
		out.Region = Clean(o.Region)
	}
	out.Status, out.Verdict = verdictOf(sum([]plan.Org{*o}, false))
	if o.Error != "" {
		for _, l := range strings.Split(strings.TrimRight(o.Error, "\n"), "\n") {
			out.Error = append(out.Error, Clean(l))
		}
		if o.ErrorHint != "" {
			out.Error = append(out.Error, "Hint: "+Clean(o.ErrorHint))
		}
		return out
	}
	out.Read = readOf(o) + dated(Clean(asOf(m.plan, o)))
	m.changes(&out, o, tags)
	out.Left, out.Notes = left(o), notes(o.Notes)
	m.limits(&out, o)
	return out
}

// changes fills in what happens.
func (m *pages) changes(out *pageOrg, o *plan.Org, tags tagSet) {
	if len(o.Changes)+len(o.Held) == 0 {
		return
	}
	out.Sums = m.orgSums(o)
	out.Sections = m.sections(o, tags)
	out.Groups = groups(o)
	m.chart(out, o)
}

// numbers is what changes in an organization, in a line.
func (m *pages) numbers(o *plan.Org) string {
	if o.Error != "" {
		first, _, _ := strings.Cut(o.Error, "\n")
		return Clean(first)
	}
	parts := effects{Summary: o.Summary}.kinds("added", "removed")
	if n := conflicts(o.Changes); n > 0 {
		parts = append(parts, count(n, "conflict"))
	}
	if len(o.Loosened) > 0 {
		parts = append(parts, "policy loosened")
	}
	return strings.Join(parts, "; ")
}

// orgSums are what the changes of an organization add up to.
func (m *pages) orgSums(o *plan.Org) (facts []fact) {
	say := func(name, text string) {
		if text != "" {
			facts = append(facts, fact{Name: name, Text: text})
		}
	}
	s := &o.Summary
	all := effectsOf(o.Changes)
	say("People", counted(tallies(s.Users)))
	say("Groups", counted(tallies(s.Groups)))
	say("Memberships", counted([]tally{{s.Added, "added"}, {s.Removed, "removed"}}))
	say("Managers", counted([]tally{{all.managers, "changed"}}))
	say("Conflicts", counted([]tally{{conflicts(o.Changes), "where the file wins"}}))
	_, drift := byCause(o.Changes)
	say("Of these is drift", effectsOf(drift).drifted())
	say("Of these by date", effectsOf(byDate(o.Changes)).dated())
	say("Held", counted([]tally{{len(o.Held), "not done"}}))
	if len(o.Changes) > 0 {
		requests, mails, _ := strings.Cut(m.pace.cost(s), "; ")
		say("Mails", mails)
		say("Takes", requests)
	}
	return facts
}

// refused are the reasons why apply would write nothing.
func (m *pages) refused(o *plan.Org) (all []passable) {
	for _, r := range refusals(o) {
		all = append(all, passable{Clean(r.Reason), Clean(r.Hint), m.flag(r.Org, r.Allow)})
	}
	return all
}

// flag is the --allow that lets something pass, "" if none does.
func (m *pages) flag(org, allow string) string {
	if allow == "" {
		return ""
	}
	return flag(m.plan, org, allow)
}

// sections are what happens, the worst first.
func (m *pages) sections(o *plan.Org, tags tagSet) (all []pageSection) {
	v := m.regroup(o)
	yours := func(title string) string { return (&text{plan: m.plan}).your(&v, title) }
	_, drift := byCause(o.Changes)
	for _, s := range []struct {
		title, lead, class string
		blocks             []block
	}{
		{heldTitle(m.options.Drift), "", "held", v.held},
		{"Conflicts", "Changed in JumpCloud and in the file, and the file wins.", "first", v.conflicts},
		{yours("look at these first: hazards and losses"), "", "first", v.first},
		{cmp.Or((&text{plan: m.plan}).restTitle(&v), "Changes"), "", "rest", v.rest},
		{"Drift", "Changed in JumpCloud, would be set back: " + effectsOf(drift).drifted() + ".", "drift", v.drift},
	} {
		if len(s.blocks) == 0 {
			continue
		}
		section := pageSection{Title: s.title, Lead: s.lead, Class: s.class}
		for i := range s.blocks {
			section.Blocks = append(section.Blocks, m.block(o, &s.blocks[i], tags))
		}
		all = append(all, section)
	}
	return all
}

// left is what live has and the plan leaves alone.
func left(o *plan.Org) (all []pageLeft) {
	unlisted, dropped := remaining(o)
	tell := func(title string, lists []remainder) {
		for _, r := range lists {
			if len(r.names) > 0 {
				all = append(all, pageLeft{count(len(r.names), r.thing) + " " + title, cleanAll(r.names)})
			}
		}
	}
	tell("no longer in the file", dropped)
	tell("not in the file", unlisted)
	return all
}

func cleanAll(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = Clean(name)
	}
	return out
}

// notes are warnings, then all else to know.
func notes(all []plan.Note) (out []pageNote) {
	for _, warning := range []bool{true, false} {
		for _, n := range all {
			if (n.Severity == state.Warning) == warning {
				out = append(out, pageNote{warning, Clean(n.Text)})
			}
		}
	}
	return out
}

// limits are those that the plan touches, and the others.
func (m *pages) limits(out *pageOrg, o *plan.Org) {
	for i := range o.Limits {
		l := &o.Limits[i]
		limit := pageLimit{Name: Clean(l.Name), Of: Clean(l.Object), Used: spent(l), Bar: used(l), Exceeded: l.Exceeded}
		for _, r := range o.Refused {
			if l.Exceeded && strings.HasPrefix(r.Allow, l.Name+"=") {
				limit.Allow = m.flag(r.Org, r.Allow)
				break
			}
		}
		if l.Count > 0 {
			out.Limits = append(out.Limits, limit)
		} else {
			out.Untouched = append(out.Untouched, limit)
		}
	}
}

// used is how much of a limit is spent, as a percentage of 100 at most, -1
// where there is no limit.
func used(l *plan.LimitUse) int {
	switch {
	case l.Limit == plan.NoLimit:
		return -1
	case l.Exceeded || l.Limit == 0:
		return 100
	}
	return min(100, l.Count*100/l.Limit)
}

// Width is the bar as an attribute.
func (l pageLimit) Width() string { return strconv.Itoa(max(l.Bar, 2)) }

// ownDigest is that of an organization, where it is not the plan's only one.
func (m *pages) ownDigest(o *plan.Org) string {
	if len(m.plan.Orgs) == 1 {
		return ""
	}
	return Clean(o.Digest)
}
