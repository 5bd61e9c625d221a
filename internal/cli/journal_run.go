package cli

import (
	"fmt"
	"strings"

	"rollcall/plan"
)

// journalRun is the line of a run, without its id and time.
func (c *connections) journalRun(cmd *applyCmd, p *plan.Plan, tasks []*task) journalEntry {
	e := journalEntry{Format: journalFormat, Event: eventRun, Tool: tool, Plan: p.Digest, Saved: cmd.Plan, Base: p.Base, By: c.author()}
	for _, a := range p.Allow {
		e.Allow = append(e.Allow, allowWords(a))
	}
	for _, t := range tasks {
		e.Orgs = append(e.Orgs, journalOrg{
			ID: t.org.ID, Name: t.org.Name, Digest: t.org.Digest, Changes: len(t.org.Changes),
			API: t.account.url, SignsIn: c.signsIn(t.desired),
		})
	}
	return e
}

// journalRefusals are the lines of organizations that are refused or have no
// plan, with the reasons.
func journalRefusals(sessions []*session, p *plan.Plan) (lines []journalEntry) {
	for i, s := range sessions {
		o := &p.Orgs[i]
		var reasons []string
		for _, r := range o.Refused {
			reasons = append(reasons, r.Reason)
		}
		if s.err != nil {
			reasons = append(reasons, s.err.Error())
		}
		if len(reasons) > 0 {
			lines = append(lines, journalEntry{Event: eventRefused, Org: &journalOrg{ID: o.ID, Name: o.Name}, Error: strings.Join(reasons, "; ")})
		}
	}
	return lines
}

// allowWords is an --allow as it is written.
func allowWords(a plan.Allow) string {
	text := a.Name + "=" + a.Value
	if a.Value == "" {
		text = fmt.Sprintf("%s=%d", a.Name, a.N)
	}
	if a.Org != "" {
		text = a.Org + ":" + text
	}
	return text
}
