package report

import (
	"fmt"
	"strings"
	"time"

	"rollcall/plan"
	"rollcall/state"
)

// Ceilings of pace where none are given, and how long a request to JumpCloud
// takes at most of the time: only for "about how long".
const (
	defaultRate     = 600 // a minute
	defaultParallel = 8
	oneRequest      = 250 * time.Millisecond
)

// notDone says what live has that the file does not name, and all notes.
func (t *text) notDone(o *plan.Org) {
	u := &o.Unlisted
	edges := make([]string, len(u.Memberships))
	for i, e := range u.Memberships {
		edges[i] = e.User + " in " + e.Group
	}
	t.remaining("Not in the file; left as it is where nothing above says otherwise", []remainder{
		{"users", u.Users}, {"groups", u.Groups}, {"memberships", edges},
	})
	t.remaining("No longer in the file; left as it is where nothing above says otherwise", []remainder{{"users", o.Dropped}})
	t.notes(o.Notes)
}

// remainder is a labelled list of what is not done.
type remainder struct {
	label string
	names []string
}

func (t *text) remaining(title string, lists []remainder) {
	shown := false
	for _, r := range lists {
		if len(r.names) == 0 {
			continue
		}
		if !shown {
			t.title(bold, title)
			shown = true
		}
		names := make([]string, len(r.names))
		for i, name := range r.names {
			names[i] = quoted(name)
		}
		t.print(line{at: headAt, label: fmt.Sprintf("%d %s", len(r.names), r.label), words: few(names), text: dim})
	}
}

func (t *text) notes(notes []plan.Note) {
	if len(notes) == 0 {
		return
	}
	t.title(bold, "Notes")
	for _, n := range notes {
		place := ""
		if n.Source.File != "" {
			place = fmt.Sprintf("%s:%d:%d: ", Clean(n.Source.File), n.Source.Line, n.Source.Column)
		}
		l := line{at: headAt, label: n.Severity.String(), style: dim, words: sentence(place + Clean(n.Text)), text: dim}
		if n.Severity == state.Warning {
			l.style, l.text = heed, plain
		}
		t.print(l)
	}
}

// limits are those that the plan touches; all of them are told in JSON.
func (t *text) limits(o *plan.Org) {
	shown := false
	for i := range o.Limits {
		if o.Limits[i].Count == 0 {
			continue
		}
		if !shown {
			t.title(bold, "Limits")
			shown = true
		}
		t.limit(o, &o.Limits[i])
	}
}

func (t *text) limit(o *plan.Org, l *plan.LimitUse) {
	used := fmt.Sprintf("%d of %d, limit %d: ", l.Count, l.Of, l.Limit)
	if l.Object != "" {
		used = "group " + quoted(l.Object) + ": " + used
	}
	out := line{at: headAt, label: l.Name, words: sentence(used + "ok")}
	if l.Exceeded {
		out.words, out.text = sentence(used+"EXCEEDED"+t.pass(o, l)), alarm
	}
	t.print(out)
}

// pass is the --allow that lets an exceeded limit pass: that of its refusal.
func (t *text) pass(o *plan.Org, l *plan.LimitUse) string {
	for _, r := range o.Refused {
		if strings.HasPrefix(r.Allow, l.Name+"=") {
			return t.toAllow(r.Org, r.Allow)
		}
	}
	return ""
}

// cost is what applying takes.
func (t *text) cost(s plan.Summary) string {
	return fmt.Sprintf("%s, about %s; %s", count(s.Requests, "request"), t.duration(s.Requests), count(s.Mails, "mail"))
}

// duration is how long requests take at the ceilings of pace, in words. It
// is computed and not measured, so that a plan always reads the same.
func (t *text) duration(requests int) string {
	rate, parallel := t.options.Rate, t.options.Parallel
	if rate <= 0 {
		rate = defaultRate
	}
	if parallel <= 0 {
		parallel = defaultParallel
	}
	d := max(time.Duration(requests)*time.Minute/time.Duration(rate), time.Duration(requests)*oneRequest/time.Duration(parallel))
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
