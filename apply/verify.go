package apply

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// Difference is what JumpCloud has otherwise than a change that was done
// wanted it: values of one field, or something else that Text says.
type Difference struct {
	Change       int    // the index of the change in the plan
	Text         string // what is wrong, if it is no value: "it is not there"; else ""
	Wanted, Live []schema.Value
}

// Verify reads the people and groups again that a run has touched, and the
// memberships, and is what JumpCloud has ignored or stored otherwise, in the
// order of the plan. Only what done changes wanted is compared, the last of
// them where several wrote the same; of a password, which cannot be read, only
// that its date has moved.
//
// What differs is read again a few times before it counts, since JumpCloud
// may show it late. Objects are read by id or with the list, memberships from
// the groups or from the people, whichever is fewer requests. Of o, Live,
// Sleep and Progress are used. An error means that not all could be read: what has another
// value is returned with it, but nothing that may only be seen late.
func Verify(ctx context.Context, c *jumpcloud.Client, p *plan.Org, r *Result, o Options) ([]Difference, error) {
	v := &verifier{client: c, read: p.Read, passwords: passwordDates(o.Live), requests: &state.Counter{Tell: o.Progress}}
	if err := v.collect(p, r); err != nil {
		return nil, err
	}
	v.know(o.Live)
	sleep := sleepOf(o)
	var found []Difference
	for try := 0; ; try++ {
		v.last = try == len(waits)
		again, err := v.look(ctx)
		found = v.sorted(again)
		if err == nil && (len(found) == 0 || v.last) {
			v.requests.End()
			return found, nil
		}
		if err == nil {
			err = sleep(ctx, waits[try])
		}
		if err != nil {
			return v.certain(found), err
		}
	}
}

// verifier is what must be true after a run. What was found true is not
// looked at again.
type verifier struct {
	client    *jumpcloud.Client
	read      plan.Read
	passwords map[string]time.Time // by id of a person: the date before the run
	names     map[string]string    // of users, by id
	members   map[string]int       // of groups, by id: how many are known
	objects   []*touched           // in the order of the plan
	edges     []*touchedEdge
	last      bool // the look that counts
	requests  *state.Counter
}

// touched is an object that a run has written.
type touched struct {
	plan.Name
	change int // the first that wrote it
	gone   bool
	wants  []wanted
	ok     bool
	unseen bool // it was not there when it was looked at
}

// wanted is a value that a change has written.
type wanted struct {
	plan.Delta
	change int
}

// touchedEdge is a membership that a run has written.
type touchedEdge struct {
	state.IDEdge
	change int
	member bool
	ok     bool
}

// collect goes through the changes that are done. A later one wins.
func (v *verifier) collect(p *plan.Org, r *Result) error {
	created, objects := ids{}, map[named]*touched{}
	edges := map[state.IDEdge]*touchedEdge{}
	v.names, v.members = map[string]string{}, map[string]int{}
	for n := range p.Changes {
		if r.Changes[n].Status != Done {
			continue
		}
		created.created(&p.Changes[n], r.Changes[n].ID)
		c, err := created.resolve(&p.Changes[n])
		if err != nil {
			return fmt.Errorf("verify: %w", err)
		}
		if c.Action == plan.Create {
			c.Object.ID = r.Changes[n].ID
		}
		if c.Action == plan.Add || c.Action == plan.Remove {
			v.edge(edges, &c, n)
		} else {
			v.object(objects, &c, n)
		}
	}
	v.dropGone(objects)
	return nil
}

func (v *verifier) edge(known map[state.IDEdge]*touchedEdge, c *plan.Change, n int) {
	key := state.IDEdge{Group: c.Object.ID, User: c.To.ID}
	e := known[key]
	if e == nil {
		e = &touchedEdge{IDEdge: key}
		known[key] = e
		v.edges = append(v.edges, e)
	}
	e.change, e.member = n, c.Action == plan.Add
	if e.member {
		v.members[key.Group]++
	}
}

func (v *verifier) object(known map[named]*touched, c *plan.Change, n int) {
	key := named{c.Object.Kind, c.Object.ID}
	t := known[key]
	if t == nil {
		t = &touched{Name: c.Object, change: n}
		known[key] = t
		v.objects = append(v.objects, t)
	}
	if c.Object.Kind == schema.User {
		v.names[c.Object.ID] = c.Object.Name
	}
	switch c.Action {
	case plan.Delete:
		t.gone, t.change = true, n
	case plan.Create:
		t.want(wanted{plan.Delta{Value: schema.Value{Field: keyOf(c.Object.Kind), Text: c.Object.Name}}, n})
	}
	for _, delta := range c.Fields {
		t.want(wanted{delta, n})
	}
}

// keyOf is the field that names an object.
func keyOf(k schema.Kind) schema.FieldID {
	if k == schema.Group {
		return schema.GroupName
	}
	return schema.Username
}

// want replaces what was wanted before of the same field or part.
func (t *touched) want(w wanted) {
	i := slices.IndexFunc(t.wants, func(x wanted) bool { return schema.Compare(x.Value, w.Value) == 0 })
	if i >= 0 {
		t.wants[i] = w
		return
	}
	t.wants = append(t.wants, w)
}

// dropGone leaves out the memberships of what was deleted.
func (v *verifier) dropGone(known map[named]*touched) {
	gone := func(k schema.Kind, id string) bool {
		t := known[named{k, id}]
		return t != nil && t.gone
	}
	v.edges = slices.DeleteFunc(v.edges, func(e *touchedEdge) bool {
		return gone(schema.Group, e.Group) || gone(schema.User, e.User)
	})
}

// know takes over what was read for the plan: names, and how many members
// groups have. A group of which nobody knows may have as many as there are
// people.
func (v *verifier) know(live *state.Live) {
	if live != nil {
		for i := range live.Objects {
			o, fact := &live.Objects[i], &live.Facts[i]
			if o.Kind == schema.Group && fact.MembersRead {
				v.members[o.ID] += fact.Members
			} else if o.Kind == schema.User {
				v.names[o.ID] = o.Name
			}
		}
	}
	for _, e := range v.edges {
		if v.members[e.Group] == 0 {
			v.members[e.Group] = v.read.Users
		}
	}
}

// certain is what counts of differences after which nothing could be read any
// more: before the last look, what is not seen may only be late.
func (v *verifier) certain(found []Difference) []Difference {
	return slices.DeleteFunc(found, func(d Difference) bool { return d.Text != "" && !v.last })
}

// sorted puts differences into the order of the plan.
func (v *verifier) sorted(found []Difference) []Difference {
	slices.SortStableFunc(found, func(a, b Difference) int { return a.Change - b.Change })
	return found
}
