package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"rollcall/apply"
	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/plan/report"
)

// events prints what happens while plans are applied: lines of JSON on
// standard output, or text on standard error.
type events struct {
	*run
	json bool
	bar  *progress

	mu   sync.Mutex
	done []int // by task
}

// add is called by several goroutines.
func (e *events) add(i int, t *task, n int, o apply.Outcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.done[i]++
	e.bar.print(func() { e.print(t, n, o) })
	if e.bar != nil {
		e.bar.set(i, e.done[i], len(t.org.Changes))
	}
}

func (e *events) print(t *task, n int, o apply.Outcome) {
	if e.json {
		_ = report.Event(e.out, string(o.Status), t.org.Changes[n], o.Err) // e.out remembers a failed write
		_ = e.out.Flush()
	}
	failed := o.Status != apply.Done
	if failed && !e.json || !failed && !e.json && e.bar == nil && !e.Quiet {
		fmt.Fprintf(e.err, "%s  %s\n", e.errColor.status(o.Status), changeText(&t.org.Changes[n]))
	}
}

// status is a status in six columns and its colour.
func (c colors) status(s apply.Status) string {
	text := fmt.Sprintf("%-7s", s)
	switch s {
	case apply.Done:
		return c.good(text)
	case apply.Failed:
		return c.bad(text)
	}
	return c.warn(text)
}

// changeText is a change in a few words.
func changeText(c *plan.Change) string {
	switch c.Action {
	case plan.Add:
		return fmt.Sprintf("add %s to group %s", report.Clean(c.To.Name), report.Clean(c.Object.Name))
	case plan.Remove:
		return fmt.Sprintf("remove %s from group %s", report.Clean(c.To.Name), report.Clean(c.Object.Name))
	}
	return fmt.Sprintf("%s %s %s", c.Action, c.Object.Kind, report.Clean(c.Object.Name))
}

// summarize prints what came of applying to one organization, with the
// reason of each change that was not made.
func (r *run) summarize(w io.Writer, t *task) {
	if t.failed != nil {
		r.complain(t.label(), t.failed)
	}
	if t.result == nil {
		return
	}
	fmt.Fprintf(w, "%s: %s\n", t.label(), counts(t.result))
	for n, o := range t.result.Changes {
		if o.Status != apply.Done {
			fmt.Fprintf(w, "  %s  %s%s\n", strings.TrimSpace(string(o.Status)), changeText(&t.org.Changes[n]), reason(t, o))
		}
	}
}

// counts is "12 done, 1 failed, 2 blocked", by the order of statuses.
func counts(result *apply.Result) string {
	var parts []string
	for _, s := range apply.Statuses {
		n := 0
		for _, o := range result.Changes {
			if o.Status == s {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(parts, ", ")
}

// reason is why a change was not made.
func reason(t *task, o apply.Outcome) string {
	switch {
	case jumpcloud.TimedOut(o.Err):
		return ": " + report.Clean(o.Err.Error()) + " (--timeout waits longer)"
	case o.Err != nil:
		return ": " + report.Clean(o.Err.Error())
	case o.Status == apply.Blocked:
		return ": needs " + changeText(&t.org.Changes[o.BlockedBy])
	}
	return ""
}

// applyCode is the exit code of a run: partial if anything was written and
// anything was not.
func applyCode(ctx context.Context, sessions []*session, p *plan.Plan, tasks []*task) int {
	codes := make([]int, 0, len(sessions))
	for i, s := range sessions {
		codes = append(codes, orgCode(s, &p.Orgs[i], exitOK))
	}
	written := 0
	for _, t := range tasks {
		codes = append(codes, t.code(ctx))
		if t.result != nil {
			written += t.result.Written
		}
	}
	code := worst(codes...)
	if code != exitOK && written > 0 {
		return exitPartial
	}
	return code
}

// code is what became of one organization: an error if a change failed,
// refused if what is left was stale or interrupted.
func (t *task) code(ctx context.Context) int {
	if t.failed != nil {
		return codeOf(t.failed)
	}
	left := 0
	for _, o := range t.result.Changes {
		if o.Status == apply.Failed && ctx.Err() == nil {
			return exitError
		}
		if o.Status != apply.Done {
			left++
		}
	}
	if left > 0 {
		return exitRefused
	}
	return exitOK
}
