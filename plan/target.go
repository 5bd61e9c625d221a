package plan

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
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
	is := named(whole, who)
	for i, keep := range needed(whole.Changes, is) {
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
	o.Held = slices.DeleteFunc(slices.Clone(whole.Held), func(h Held) bool { return !isOf(&h.Change, is) })
	if left := len(whole.Changes) - len(o.Changes); left > 0 {
		o.Notes = append(slices.Clone(whole.Notes), Note{Text: fmt.Sprintf("left out by --target %s:%s: %d of %d changes", who.Kind, who.Name, left, len(whole.Changes))})
	}
	o.Digest = digest(&o)
	return o
}

// needed marks the changes of a person or group and, as what a change needs
// stands before it, what they need from the last to the first.
func needed(changes []Change, is func(Name) bool) []bool {
	keep := make([]bool, len(changes))
	for i := len(changes) - 1; i >= 0; i-- {
		keep[i] = keep[i] || isOf(&changes[i], is)
		if !keep[i] {
			continue
		}
		for _, n := range changes[i].Needs {
			keep[n] = true
		}
	}
	return keep
}

// isOf tells whether a change is one of a person or group.
func isOf(c *Change, is func(Name) bool) bool {
	return is(c.Object) || c.To.Name != "" && is(c.To)
}

// named tells which objects of a plan a word means: live ones are found by
// the live or the wanted name, and then by id, since most of their changes
// name them by only one of the two.
func named(o *Org, who Name) func(Name) bool {
	ids := map[string]bool{}
	find := func(c *Change) {
		for _, n := range []Name{c.Object, c.To} {
			ids[n.ID] = ids[n.ID] || n.sameAs(who)
		}
		for _, f := range c.Fields {
			if schema.Of(f.Field).Key {
				ids[c.Object.ID] = ids[c.Object.ID] || Name{Kind: c.Object.Kind, Name: f.Text}.sameAs(who)
			}
		}
	}
	for i := range o.Changes {
		find(&o.Changes[i])
	}
	for i := range o.Held {
		find(&o.Held[i].Change)
	}
	return func(n Name) bool {
		if n.ID == "" {
			return n.sameAs(who)
		}
		return n.Kind == who.Kind && ids[n.ID]
	}
}

// sameAs tells whether a name is one that somebody has typed.
func (n Name) sameAs(who Name) bool {
	if n.Kind == schema.User {
		who.Name = strings.TrimSpace(who.Name)
	}
	return n.Kind == who.Kind && n.key() == who.key()
}
