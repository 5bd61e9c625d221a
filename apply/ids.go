package apply

import (
	"fmt"
	"slices"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// ids are those of objects that this run has created.
type ids map[named]string

// named is an object by its name, folded for users.
type named struct {
	kind schema.Kind
	name string
}

func nameOf(n plan.Name) named {
	if n.Kind == schema.User {
		return named{n.Kind, state.Fold(n.Name)}
	}
	return named{n.Kind, n.Name}
}

// created remembers the id of what a change has created.
func (s ids) created(c *plan.Change, id string) {
	if c.Action == plan.Create {
		s[nameOf(c.Object)] = id
	}
}

// resolve is a copy of a change with the ids of all that it names.
func (s ids) resolve(c *plan.Change) (plan.Change, error) {
	r := *c
	r.Fields = slices.Clone(c.Fields)
	if r.Action != plan.Create {
		if err := s.fill(&r.Object); err != nil {
			return r, err
		}
	}
	if r.Action == plan.Add || r.Action == plan.Remove {
		if err := s.fill(&r.To); err != nil {
			return r, err
		}
	}
	for i := range r.Fields {
		if err := s.refer(&r.Fields[i]); err != nil {
			return r, err
		}
	}
	return r, nil
}

// refer completes a delta that names another user.
func (s ids) refer(delta *plan.Delta) error {
	if schema.Of(delta.Field).Type != schema.Ref || delta.Text == "" {
		return nil
	}
	who := plan.Name{Kind: schema.User, Name: delta.Text, ID: delta.RefID}
	if err := s.fill(&who); err != nil {
		return fmt.Errorf("%s: %w", delta.Name(), err)
	}
	delta.RefID = who.ID
	return nil
}

func (s ids) fill(n *plan.Name) error {
	if n.ID != "" {
		return nil
	}
	id, ok := s[nameOf(*n)]
	if !ok {
		return fmt.Errorf("the plan has no id of %s %q, and nothing in it creates one", n.Kind, n.Name)
	}
	n.ID = id
	return nil
}

// activated are the people whom a plan activates.
func activatedBy(p *plan.Org) map[named]bool {
	names := map[named]bool{}
	for n := range p.Changes {
		if c := &p.Changes[n]; c.Action == plan.Activate {
			names[nameOf(c.Object)] = true
		}
	}
	return names
}

// newNames are the names that a plan gives to objects that live has, by
// kind and id. Before or after the rename, it is the same object.
func newNames(p *plan.Org) map[named]string {
	names := map[named]string{}
	for n := range p.Changes {
		c := &p.Changes[n]
		for _, delta := range c.Fields {
			if c.Action != plan.Create && schema.Of(delta.Field).Key {
				names[named{c.Object.Kind, c.Object.ID}] = delta.Text
			}
		}
	}
	return names
}
