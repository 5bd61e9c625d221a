package plan

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// Target is a plan with only the changes of one person or group, and those
// that they need, however far away. Who is named by the live or the wanted
// name; a membership is a change of its group and of its user. Limits and
// refusals stay those of the whole plan, which is not changed.
func Target(p *Plan, who Name) *Plan {
	kept := *p
	kept.Orgs = make([]Org, len(p.Orgs))
	for i := range p.Orgs {
		kept.Orgs[i] = targetOrg(&p.Orgs[i], who)
	}
	kept.Digest = runDigest(kept.Orgs)
	return &kept
}

func targetOrg(whole *Org, who Name) Org {
	o := *whole
	if o.Error != "" {
		return o
	}
	o.Changes, o.Summary = nil, Summary{}
	place := make([]int, len(whole.Changes)) // in o.Changes
	for i, keep := range needed(whole.Changes, who) {
		if !keep {
			continue
		}
		c := whole.Changes[i]
		place[i] = len(o.Changes)
		c.Needs = make([]int, len(whole.Changes[i].Needs))
		for j, n := range whole.Changes[i].Needs {
			c.Needs[j] = place[n]
		}
		o.Changes = append(o.Changes, c)
		o.Summary.add(&c)
	}
	o.Held = slices.DeleteFunc(slices.Clone(whole.Held), func(h Held) bool { return !concernsName(&h.Change, who) })
	if left := len(whole.Changes) - len(o.Changes); left > 0 {
		o.Notes = append(slices.Clone(whole.Notes), Note{Text: fmt.Sprintf("left out by --target %s:%s: %d of %d changes", who.Kind, who.Name, left, len(whole.Changes))})
	}
	o.Digest = digest(&o)
	return o
}

// needed marks the changes of a person or group and, as what a change needs
// stands before it, what they need from the last to the first.
func needed(changes []Change, who Name) []bool {
	keep := make([]bool, len(changes))
	for i := len(changes) - 1; i >= 0; i-- {
		keep[i] = keep[i] || concernsName(&changes[i], who)
		if !keep[i] {
			continue
		}
		for _, n := range changes[i].Needs {
			keep[n] = true
		}
	}
	return keep
}

// concernsName tells whether a change is one of a person or group.
func concernsName(c *Change, who Name) bool {
	if isNamed(c.Object, who) || c.To.Name != "" && isNamed(c.To, who) {
		return true
	}
	for _, f := range c.Fields {
		if schema.Of(f.Field).Key && isNamed(Name{Kind: c.Object.Kind, Name: f.Text}, who) {
			return true
		}
	}
	return false
}

func isNamed(n, who Name) bool {
	if n.Kind != who.Kind {
		return false
	}
	if n.Kind == schema.User {
		return state.Fold(n.Name) == state.Fold(strings.TrimSpace(who.Name))
	}
	return n.Name == who.Name
}

// add counts one change.
func (s *Summary) add(c *Change) {
	s.count(c)
	if c.Action == Activate && c.Mail != "none" {
		s.Mails++
	}
	s.Requests += requests(c)
}
