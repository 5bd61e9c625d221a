package apply

import (
	"fmt"
	"slices"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// ids are those of objects that this run has created, by kind and name.
type ids struct{ byName map[named]string }

type named struct {
	kind schema.Kind
	name string // folded for users
}

func newIDs(p *plan.Org) *ids { return &ids{byName: map[named]string{}} }

func nameOf(k schema.Kind, name string) named {
	if k == schema.User {
		name = state.Fold(name)
	}
	return named{k, name}
}

// created remembers the id of what a change has created.
func (s *ids) created(c *plan.Change, id string) {
	if c.Action == plan.Create {
		s.byName[nameOf(c.Object.Kind, c.Object.Name)] = id
	}
}

// resolve is a change with the ids of all that it names.
func (s *ids) resolve(c *plan.Change) (plan.Change, error) {
	r := *c
	var err error
	if c.Action != plan.Create {
		err = s.fill(&r.Object)
	}
	if err == nil && c.To.Name != "" {
		err = s.fill(&r.To)
	}
	r.Fields = slices.Clone(c.Fields)
	for i := range r.Fields {
		f := &r.Fields[i]
		if schema.Of(f.Field).Type != schema.Ref || f.Text == "" || f.RefID != "" {
			continue
		}
		who := plan.Name{Kind: schema.User, Name: f.Text}
		if err == nil {
			err = s.fill(&who)
		}
		f.RefID = who.ID
	}
	return r, err
}

func (s *ids) fill(n *plan.Name) error {
	if n.ID != "" {
		return nil
	}
	id, ok := s.byName[nameOf(n.Kind, n.Name)]
	if !ok {
		return fmt.Errorf("the plan has no id of %s %q, and nothing in it creates one", n.Kind, n.Name)
	}
	n.ID = id
	return nil
}
