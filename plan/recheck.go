package plan

import (
	"fmt"
	"slices"

	"rollcall/schema"
	"rollcall/state"
)

// Rechecked is what live leaves of a saved plan of one organization.
type Rechecked struct {
	Org   *Org     // what is to be made, limited and protected anew
	Made  []Change // what live has already
	Stale []Gone   // changes, or fields of them, that are not made
}

// Gone is a change that is not made because live has changed since it was
// planned, or because one that it needs is.
type Gone struct {
	At        int    // in the saved plan
	Change    Change // with only the fields that it is about
	Reason    string // why; "" if BlockedBy says it
	BlockedBy int    // the change that it needs, -1 for none
}

// Details is what Recheck needs to know about live: what state.Read must
// read for a saved plan besides the lists.
func (o *Org) Details() func(*state.Object) state.Detail {
	by := map[string]state.Detail{}
	for i := range o.Changes {
		c := &o.Changes[i]
		switch id := c.Object.ID; {
		case c.Object.Kind != schema.Group:
		case c.Action == Add || c.Action == Remove:
			by[id] |= state.MembersOf
		case endsMembers(c):
			by[id] |= state.MemberCount | state.GroupRecord
		case c.Action == Update:
			by[id] |= state.GroupRecord
		}
	}
	created := map[string]bool{} // groups that an interrupted run may have made
	deletes := false
	for i := range o.Changes {
		c := &o.Changes[i]
		if c.Action == Create && c.Object.Kind == schema.Group {
			created[c.Object.Name] = true
		}
		deletes = deletes || c.Action == Delete && c.Object.Kind == schema.User
	}
	return func(live *state.Object) state.Detail {
		if live.Kind == schema.Group && deletes && o.Policy.Protect.Group(live.Name) {
			return by[live.ID] | state.MembersOf // which the end of a member may empty
		}
		if live.Kind == schema.Group && created[live.Name] {
			return state.MembersOf | state.GroupRecord
		}
		return by[live.ID]
	}
}

// Recheck holds a saved plan of an organization against live as it is now.
// Of each field that a change writes: where live has the old value it is
// written, where it has the new one it is done, else it is stale and left
// out, and with it whatever needs the change. Limits, protection and the
// rules of groups are those of now, but for limits of growth, which are never
// lower than the plan's own; what they refuse is in Org.Refused.
func Recheck(saved *Org, live *state.Live, o Options) *Rechecked {
	r := &rechecker{
		differ: differ{
			live: live, opt: o, out: &Org{
				ID: saved.ID, Name: saved.Name, Region: saved.Region, AsOf: o.AsOf, Timezone: saved.Timezone,
				Policy: saved.Policy, Credential: saved.Credential,
				Read: Read{live.Totals.Users, live.Totals.Groups, live.Totals.Memberships, live.Incomplete},
			},
			want:  &state.Desired{Org: state.Org{ID: saved.ID, Name: saved.Name, Region: saved.Region}, Policy: saved.Policy},
			twin:  make([]int32, len(live.Objects)), // all are in the plan on purpose: nothing is held for policy's sake
			saved: saved,
		},
		byID: map[string]int{}, verdicts: make([]verdict, len(saved.Changes)), place: make([]int, len(saved.Changes)),
		renamed: map[string]string{}, former: map[string]string{}, result: &Rechecked{},
	}
	r.index()
	for n := range saved.Changes {
		r.change(n)
	}
	r.finish()
	return r.result
}

// verdict is what live says about a change.
type verdict uint8

const (
	open  verdict = iota // is to be made, at least in part
	made                 // live has it
	stale                // live has something else, or what it needs is not made
)

type rechecker struct {
	differ
	byID     map[string]int    // live objects
	renamed  map[string]string // new names, by id
	former   map[string]string // and the names before
	verdicts []verdict
	place    []int // of open changes: in differ.changes
	result   *Rechecked
}

// index finds live objects by id, and the names that the plan gives them.
func (r *rechecker) index() {
	for l := range r.live.Objects {
		r.byID[r.live.Objects[l].Kind.String()+r.live.Objects[l].ID] = l
	}
	for n := range r.saved.Changes {
		c := &r.saved.Changes[n]
		for _, f := range c.Fields {
			if c.Action != Create && schema.Of(f.Field).Key {
				r.renamed[c.Object.ID], r.former[c.Object.ID] = f.Text, c.Object.Name
			}
		}
	}
}

// change judges one change; what it needs was judged before.
func (r *rechecker) change(n int) {
	c := r.saved.Changes[n]
	c.Fields, c.Hazards, c.Spends, c.Reports = slices.Clone(c.Fields), slices.Clone(c.Hazards), nil, nil
	for _, m := range c.Needs {
		if r.verdicts[m] == stale {
			r.lose(Gone{At: n, Change: c, BlockedBy: m})
			return
		}
	}
	j := r.judge(&c)
	if j.why != "" {
		gone := c
		if len(j.stale) > 0 {
			gone.Fields = j.stale
		}
		if changes(&gone, schema.State) {
			gone.Action = r.saved.Changes[n].Action
		}
		r.lose(Gone{At: n, Change: gone, Reason: j.why, BlockedBy: -1})
	}
	switch {
	case j.left:
		r.keepChange(n, c)
	case j.why == "":
		r.verdicts[n] = made
		r.result.Made = append(r.result.Made, r.saved.Changes[n])
	}
}

func (r *rechecker) lose(g Gone) {
	r.verdicts[g.At] = stale
	r.result.Stale = append(r.result.Stale, g)
}

// keepChange takes a change over into the plan that is left.
func (r *rechecker) keepChange(n int, c Change) {
	needs := []int{}
	for _, m := range c.Needs {
		if r.verdicts[m] == open {
			needs = append(needs, r.place[m])
		}
	}
	c.Needs = needs
	r.place[n] = r.record(c)
}

// finish limits and protects what is left.
func (r *rechecker) finish() {
	for n := range r.changes {
		if c := &r.changes[n]; c.Action == Remove {
			if r.removed == nil {
				r.removed = map[state.Edge]bool{}
			}
			r.removed[r.edge(c)] = true
		}
	}
	r.protect()
	r.withoutRemovals()
	r.order()
	r.summarize()
	r.limits()
	r.complete()
	r.notes()
	r.out.Digest = digest(r.out)
	r.result.Org = r.out
}

// find is the live object that a plan names, -1 if there is none, and why
// it is not the one that was meant.
func (r *rechecker) find(n Name) (l int, why string) {
	if n.ID == "" {
		key := n.Name
		if n.Kind == schema.User {
			key = state.Fold(key)
		}
		return r.live.Find(n.Kind, key), ""
	}
	l, ok := r.byID[n.Kind.String()+n.ID]
	if !ok {
		return -1, fmt.Sprintf("%s is not in JumpCloud any more", n)
	}
	if now := r.live.Objects[l].Name; !sameAs(n, now) && now != r.renamed[n.ID] {
		return l, fmt.Sprintf("%s is named %q now", n, now)
	}
	return l, ""
}

// sameAs tells whether a live name is that of a plan.
func sameAs(n Name, live string) bool {
	if n.Kind == schema.User {
		return state.Fold(n.Name) == state.Fold(live)
	}
	return n.Name == live
}

// edge is a membership by the keys that live has.
func (r *rechecker) edge(c *Change) (e state.Edge) {
	if l, _ := r.find(c.Object); l >= 0 {
		e.Group = r.live.Objects[l].Key
	}
	if l, _ := r.find(c.To); l >= 0 {
		e.User = r.live.Objects[l].Key
	}
	return e
}
