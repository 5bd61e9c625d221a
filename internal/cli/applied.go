package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/apply"
	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/plan/report"
)

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
	fmt.Fprintf(w, "%s: %s\n", t.label(), counts(t))
	tellLeft(w, t)
	r.tellDifferences(w, t)
}

// tellStopped prints why tasks were stopped or not verified, those of one
// reason together.
func (r *run) tellStopped(tasks []*task) {
	var all []complaint
	for _, t := range tasks {
		if t.unverified != nil {
			all = append(all, complaint{t.label(), hinted("rollcall plan shows whether anything is left", "what was written is not verified: %w", t.unverified)})
		}
		if t.result != nil && t.result.Stopped != nil {
			all = append(all, complaint{t.label(), fmt.Errorf("stopped: %w", t.result.Stopped)})
		}
	}
	r.complainTogether(all)
}

// Skipped changes are all listed up to a number; of more only the first few,
// and those that running again does not make.
const (
	mostSkipped = 20
	fewSkipped  = 5
)

// tellLeft lists the changes that were not made, with the reason of each.
func tellLeft(w io.Writer, t *task) {
	list := t.result.Count(apply.Skipped)
	if list > mostSkipped {
		list = fewSkipped
	}
	skipped, untold := 0, 0
	for n, o := range t.result.Changes {
		again := t.staysStaged(n, o)
		if o.Status == apply.Skipped {
			skipped++
		}
		switch {
		case o.Status == apply.Done:
		case o.Status == apply.Skipped && skipped > list && again == "":
			untold++
		default:
			fmt.Fprintf(w, "  %s  %s%s%s\n", o.Status, changeText(&t.org.Changes[n]), reason(t, o), again)
		}
	}
	if untold > 0 {
		fmt.Fprintf(w, "  skipped  %d more changes\n", untold)
	}
	for _, hint := range hintsOf(t.result.Changes) {
		fmt.Fprintf(w, "  hint: %s\n", report.Clean(hint))
	}
}

// hintsOf are what to do about changes that failed, each once. What to do
// about a timeout stands at the change.
func hintsOf(changes []apply.Outcome) (hints []string) {
	for _, o := range changes {
		if o.Status != apply.Failed || jumpcloud.TimedOut(o.Err) {
			continue
		}
		if hint := hintOf(o.Err); hint != "" && !slices.Contains(hints, hint) {
			hints = append(hints, hint)
		}
	}
	return hints
}

// counts is "12 done, 1 failed, 2 blocked", by the order of statuses; what
// is done and kept differently is counted twice.
func counts(t *task) string {
	var parts []string
	for _, s := range apply.Statuses {
		if n := t.result.Count(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if n := len(t.differences); n > 0 {
		parts = append(parts, fmt.Sprintf("%d kept differently", n))
	}
	return strings.Join(parts, ", ")
}

// reason is why a change was not made.
func reason(t *task, o apply.Outcome) string {
	switch {
	case o.Status == apply.Skipped: // said once for all
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
// anything was not. The error is that of the journal.
func applyCode(ctx context.Context, sessions []*session, p *plan.Plan, tasks []*task, journal error) int {
	codes := make([]int, 0, len(sessions))
	if journal != nil {
		codes = append(codes, exitError)
	}
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

// code is what became of one organization: an error if a change failed, is
// kept differently or could not be verified, refused if what is left was stale
// or interrupted.
func (t *task) code(ctx context.Context) int {
	switch {
	case t.failed != nil:
		return codeOf(t.failed)
	case len(t.differences) > 0, t.unverified != nil:
		return exitError
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
