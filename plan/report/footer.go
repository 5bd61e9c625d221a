package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// Ceilings of pace where none are given, and how long a request to JumpCloud
// takes at most of the time: only for "about how long".
const (
	defaultRate     = 600 // a minute
	defaultParallel = 8
	defaultOrgs     = 4 // at once
	oneRequest      = 250 * time.Millisecond
)

// notDone says what live has, the file does not name and the plan leaves
// alone, and all notes.
func (t *text) notDone(o *plan.Org) {
	unlisted, dropped := remaining(o)
	t.remaining("Not in the file, left as it is", unlisted)
	t.remaining("No longer in the file, left as it is", dropped)
	t.notes(o.Notes)
}

// remaining is what live has and the plan leaves alone: what the file does
// not name, and what it does not name any more.
func remaining(o *plan.Org) (unlisted, dropped []remainder) {
	done := ended(o)
	left := func(users []string) []string {
		return slices.DeleteFunc(slices.Clone(users), func(name string) bool { return done[state.Edge{User: state.Fold(name)}] })
	}
	var edges []string
	for _, e := range o.Unlisted.Memberships {
		if !done[state.Edge{Group: e.Group, User: state.Fold(e.User)}] {
			edges = append(edges, e.User+" in "+e.Group)
		}
	}
	unlisted = []remainder{{"user", left(o.Unlisted.Users)}, {"group", o.Unlisted.Groups}, {"membership", edges}}
	return unlisted, []remainder{{"user", left(o.Dropped)}}
}

// ended are the users, as edges to no group, and the memberships that the
// plan ends, or would if it were allowed to: they are told already.
func ended(o *plan.Org) map[state.Edge]bool {
	all := map[state.Edge]bool{}
	end := func(c *plan.Change) {
		switch {
		case c.Action == plan.Remove:
			all[state.Edge{Group: c.Object.Name, User: state.Fold(c.To.Name)}] = true
		case c.Object.Kind == schema.User && (c.Action == plan.Suspend || c.Action == plan.Delete):
			all[state.Edge{User: state.Fold(c.Object.Name)}] = true
		}
	}
	for i := range o.Changes {
		end(&o.Changes[i])
	}
	for i := range o.Held {
		end(&o.Held[i].Change)
	}
	return all
}

// remainder is a list of what is not done.
type remainder struct {
	thing string
	names []string
}

func (t *text) remaining(title string, lists []remainder) {
	var lines []line
	for _, r := range lists {
		if len(r.names) == 0 {
			continue
		}
		lines = append(lines, line{label: count(len(r.names), r.thing), words: few(quotedAll(r.names)), text: dim})
	}
	t.section(title, lines)
}

// notes leave out where the file says so: the bytes would depend on the
// order of its entries.
func (t *text) notes(notes []plan.Note) {
	lines := make([]line, len(notes))
	for i, n := range notes {
		lines[i] = line{label: n.Severity.String(), style: dim, words: sentence(Clean(n.Text)), text: dim}
		if n.Severity == state.Warning {
			lines[i].style, lines[i].text = heed, plain
		}
	}
	t.section("Notes", lines)
}

// section prints a title and lines that are no changes, aligned; nothing if
// there are none.
func (t *text) section(title string, lines []line) {
	if len(lines) == 0 {
		return
	}
	t.title(bold, title)
	t.column = 0
	for i := range lines {
		lines[i].at = headAt
		t.column = max(t.column, headAt+columns(lines[i].label)+2)
	}
	for _, l := range lines {
		t.print(l)
	}
}

// limits are those that the plan touches; all of them are told in JSON.
func (t *text) limits(o *plan.Org) {
	var lines []line
	for i := range o.Limits {
		if l := &o.Limits[i]; l.Count > 0 {
			lines = append(lines, t.limit(o, l))
		}
	}
	t.section("Limits", lines)
}

func (t *text) limit(o *plan.Org, l *plan.LimitUse) line {
	used := spent(l) + ": "
	if l.Object != "" {
		used = "group " + quoted(l.Object) + ": " + used
	}
	if !l.Exceeded {
		return line{label: l.Name, words: sentence(used + "ok")}
	}
	return line{label: l.Name, words: t.pass(sentence(used+"EXCEEDED"), o, l), text: alarm}
}

// spent is what a plan spends of a limit.
func spent(l *plan.LimitUse) string {
	if l.Limit == plan.NoLimit {
		return fmt.Sprintf("%d of %d, no limit", l.Count, l.Of)
	}
	return fmt.Sprintf("%d of %d, limit %d", l.Count, l.Of, l.Limit)
}

// pass appends the --allow that lets an exceeded limit pass: that of its
// refusal.
func (t *text) pass(words []string, o *plan.Org, l *plan.LimitUse) []string {
	for _, r := range o.Refused {
		if strings.HasPrefix(r.Allow, l.Name+"=") {
			return t.passing(words, r.Org, r.Allow)
		}
	}
	return words
}

// pace are the ceilings of a run: requests a minute and at once of each
// credential, and organizations at once; 0 for the usual ones.
type pace struct{ rate, parallel, orgs int }

// cost is what applying to an organization takes.
func (p pace) cost(s *plan.Summary) string { return costs(s, p.takes(requests(s))) }

// costAll is what applying to all organizations takes.
func (p pace) costAll(n *totals) string { return costs(&n.Summary, p.takesAll(n)) }

// requests are all that applying takes.
func requests(s *plan.Summary) int { return s.Requests + s.Verify }

func costs(s *plan.Summary, takes time.Duration) string {
	mails := "no mail"
	if s.Mails > 0 {
		mails = count(s.Mails, "mail")
	}
	verify := ""
	if s.Verify > 0 {
		verify = fmt.Sprintf(" and %d to verify", s.Verify)
	}
	return fmt.Sprintf("%s%s, about %s; %s", count(s.Requests, "request"), verify, roughly(takes), mails)
}

// takes is how long requests of one credential take. It is computed from the
// ceilings and not measured, so that a plan always reads the same. The first
// requests may go out faster; reading live state has mostly used that up.
func (p pace) takes(requests int) time.Duration {
	n := time.Duration(requests)
	return max(n*time.Minute/time.Duration(or(p.rate, defaultRate)), n*oneRequest/time.Duration(or(p.parallel, defaultParallel)))
}

// takesAll is how long all organizations take, some at once: as long as the
// busiest credential, and no less than all of them one after the other,
// divided by how many go at once.
func (p pace) takesAll(n *totals) time.Duration {
	var busiest, all time.Duration
	for _, requests := range n.bySignIn {
		takes := p.takes(requests)
		busiest, all = max(busiest, takes), all+takes
	}
	return max(busiest, all/time.Duration(or(p.orgs, defaultOrgs)))
}

// signIn tells credentials apart, as far as a plan knows them.
func signIn(o *plan.Org) string {
	c := &o.Credential
	return strings.Join([]string{o.Region, c.APIKey.String(), c.ClientID.String()}, "\x00")
}

// or is n, or what is usual where it says nothing.
func or(n, usual int) int {
	if n <= 0 {
		return usual
	}
	return n
}

// roughly is a time in words, rounded up.
func roughly(d time.Duration) string {
	switch {
	case d <= time.Second:
		return "1 s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", (d+time.Second-1)/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", (d+time.Minute-1)/time.Minute)
	}
	return fmt.Sprintf("%d h", (d+time.Hour-1)/time.Hour)
}
