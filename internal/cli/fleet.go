package cli

import (
	"fmt"
	"strings"

	"rollcall/apply"
	"rollcall/plan"
	"rollcall/plan/report"
)

// fate is how one organization of several fared.
type fate int

const (
	unchanged fate = iota
	done
	unsure // done, and not verified
	partly
	undone // nothing was written, and something failed
	idle   // nothing was tried, because the run was stopped
	refusal
	planless
)

// fates are the words for them: in the table, and behind their number.
var fates = [...]struct{ word, counted string }{
	unchanged: {"", "unchanged"}, done: {"done", "done"}, unsure: {"UNVERIFIED", "done but not verified"},
	partly: {"IN PART", "done in part"}, undone: {"NOT DONE", "not done"},
	idle: {"NOT BEGUN", "not begun"}, refusal: {"REFUSED", "refused"}, planless: {"NO PLAN", "without a plan"},
}

// fate is how a task ended.
func (t *task) fate() fate {
	switch r := t.result; {
	case r == nil:
		return undone
	case t.failed == nil && r.Count(apply.Done) == len(r.Changes) && len(t.differences) == 0:
		if t.unverified != nil {
			return unsure
		}
		return done
	case r.Count(apply.Skipped) == len(r.Changes):
		return idle
	case r.Count(apply.Done) == 0:
		return undone
	}
	return partly
}

// tellFleet prints how several organizations fared: a table of those to which
// something was applied or that have none of it, and one line.
func (cmd *applyCmd) tellFleet(r *run, p *plan.Plan, tasks []*task) {
	if len(p.Orgs) < 2 || cmd.Format != "text" || len(tasks) == 0 {
		return
	}
	of := map[*plan.Org]*task{}
	for _, t := range tasks {
		of[t.org] = t
	}
	var count [len(fates)]int
	rows := make([]report.Applied, len(p.Orgs))
	for i := range p.Orgs {
		f := fateOf(&p.Orgs[i], of[&p.Orgs[i]])
		count[f]++
		rows[i] = report.Applied{State: fates[f].word, Bad: f > done}
		if t := of[&p.Orgs[i]]; t != nil {
			rows[i].Numbers = t.numbers()
		}
	}
	report.AppliedTable(r.out, p, appliedHeads, rows, sumOf(count[:]), r.textOptions(r.out.to, r.color))
}

// sumOf is how many organizations fared how.
func sumOf(count []int) string {
	all, parts := 0, []string{}
	for _, f := range []fate{done, unsure, partly, undone, idle, refusal, planless, unchanged} {
		if all += count[f]; count[f] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[f], fates[f].counted))
		}
	}
	return counted(all, "organization") + ": " + strings.Join(parts, ", ") + "."
}

// fateOf is how an organization fared, whether or not it had a task.
func fateOf(o *plan.Org, t *task) fate {
	switch {
	case t != nil:
		return t.fate()
	case o.Error != "":
		return planless
	case len(o.Refused) > 0:
		return refusal
	}
	return unchanged
}

// appliedHeads are above the numbers of a task.
var appliedHeads = []string{"done", "failed", "blocked", "left"}

// numbers are the changes of a task by what became of them.
func (t *task) numbers() []int {
	if t.result == nil {
		return []int{0, 0, 0, len(t.org.Changes)}
	}
	n := t.result.Count
	return []int{n(apply.Done), n(apply.Failed), n(apply.Blocked), n(apply.Stale) + n(apply.Skipped)}
}
