package cli

import (
	"fmt"
	"strings"

	"rollcall/apply"
	"rollcall/plan"
)

// tellFleet says how several organizations fared, in one line.
func (cmd *applyCmd) tellFleet(r *run, p *plan.Plan, tasks []*task) {
	if len(p.Orgs) < 2 || cmd.Format != "text" || len(tasks) == 0 {
		return
	}
	var done, partly, failed, refused, broken int
	for _, t := range tasks {
		switch {
		case t.result == nil || t.result.Written == 0:
			failed++
		case t.failed != nil || t.result.Count(apply.Done) < len(t.result.Changes) || len(t.differences) > 0 || t.unverified != nil:
			partly++
		default:
			done++
		}
	}
	for i := range p.Orgs {
		switch o := &p.Orgs[i]; {
		case o.Error != "":
			broken++
		case len(o.Refused) > 0:
			refused++
		}
	}
	same := len(p.Orgs) - len(tasks) - refused - broken
	var parts []string
	for _, n := range []struct {
		n    int
		what string
	}{{done, "done"}, {partly, "done in part"}, {failed, "not done"}, {refused, "refused"}, {broken, "without a plan"}, {same, "unchanged"}} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.n, n.what))
		}
	}
	fmt.Fprintf(r.out, "%s: %s.\n", counted(len(p.Orgs), "organization"), strings.Join(parts, ", "))
}
