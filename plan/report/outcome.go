package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
)

// Outcome is what became of one change while a plan was applied.
type Outcome struct {
	Change  plan.Change
	Status  string       // done, failed, blocked, held, stale or skipped
	Err     error        // why it is not done; nil if that is plain
	Blocker *plan.Change // of blocked: what it needed and what was not done
}

// Applied are the outcomes of one organization, in the order of its plan.
type Applied struct {
	Org      string // its name
	Outcomes []Outcome
}

// statuses are the columns of the table at the end, in order.
var statuses = []string{"done", "failed", "blocked", "stale", "held", "skipped"}

// OutcomeText prints one line for a change that was tried, in one Write:
// "ok", "FAILED" or the status, the change, and why.
func OutcomeText(w io.Writer, o Outcome, options TextOptions) error {
	p := printer{color: options.Color, width: options.Width}
	p.outcome(o, 0)
	return p.flush(w)
}

// OutcomesText prints how many changes of each organization were done and
// how many not, and each that was not with its reason.
func OutcomesText(w io.Writer, orgs []Applied, options TextOptions) error {
	p := printer{color: options.Color, width: options.Width}
	p.table(orgs)
	for i := range orgs {
		left := slices.DeleteFunc(slices.Clone(orgs[i].Outcomes), func(o Outcome) bool { return o.Status == "done" })
		if len(left) == 0 {
			continue
		}
		p.row("")
		p.say(bold, 0, "Not done in", Clean(orgs[i].Org))
		for _, o := range left {
			p.outcome(o, headAt)
		}
	}
	return p.flush(w)
}

func (p *printer) flush(w io.Writer) error {
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write outcome: %w", err)
	}
	return nil
}

// outcome is the line of one change.
func (p *printer) outcome(o Outcome, indent int) {
	label, s := o.Status, heed
	switch o.Status {
	case "done":
		label, s = "ok", green
	case "failed":
		label, s = "FAILED", alarm
	}
	p.column = indent + len("blocked") + 2
	p.print(line{at: indent, label: label, style: s, words: sentence(Describe(o.Change) + o.why())})
}

func (o *Outcome) why() string {
	switch {
	case o.Err != nil:
		return ": " + Clean(o.Err.Error())
	case o.Blocker != nil:
		return ": it needs what was not done: " + Describe(*o.Blocker)
	}
	return ""
}

// Describe is a change in a few words and without values, as its request is
// made: "add mira.voss to group Data", "update user jon.adeyemi (jobTitle)".
func Describe(c plan.Change) string {
	switch c.Action {
	case plan.Add:
		return fmt.Sprintf("add %s to group %s", quoted(c.To.Name), quoted(c.Object.Name))
	case plan.Remove:
		return fmt.Sprintf("remove %s from group %s", quoted(c.To.Name), quoted(c.Object.Name))
	}
	text := fmt.Sprintf("%s %s %s", c.Action, c.Object.Kind, quoted(c.Object.Name))
	if c.Action == plan.Create {
		return text
	}
	var names []string
	for _, d := range c.Fields {
		if d.Field != schema.State {
			names = append(names, Clean(d.Name()))
		}
	}
	if len(names) == 0 {
		return text
	}
	return text + " (" + strings.Join(names, ", ") + ")"
}

// table has a row an organization and a column a status that occurs.
func (p *printer) table(orgs []Applied) {
	const first = "organization"
	counts := make([]map[string]int, len(orgs))
	seen := map[string]bool{"done": true, "failed": true, "blocked": true}
	width := len(first)
	for i := range orgs {
		counts[i] = map[string]int{}
		width = max(width, columns(Clean(orgs[i].Org)))
		for _, o := range orgs[i].Outcomes {
			counts[i][o.Status]++
			seen[o.Status] = true
		}
	}
	shown := slices.DeleteFunc(slices.Clone(statuses), func(s string) bool { return !seen[s] })
	head := first + strings.Repeat(" ", width-len(first))
	for _, s := range shown {
		head += "  " + s
	}
	p.row(p.paint(bold, head))
	for i := range orgs {
		name := Clean(orgs[i].Org)
		row := name + strings.Repeat(" ", width-columns(name))
		for _, s := range shown {
			row += fmt.Sprintf("  %*d", len(s), counts[i][s])
		}
		p.row(row)
	}
}
