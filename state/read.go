package state

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"rollcall/jumpcloud"
	"rollcall/schema"
)

// ReadOptions say which organization is read, and how much of it.
type ReadOptions struct {
	Desired          *Desired             // what the file wants: only what its plan needs is read; nil reads everything
	ID, Name, Region string               // of the organization, as FindOrg has them; "" is what Desired says
	More             func(*Object) Detail // what else is read of a live object; nil for nothing. Without Desired it is all that is read

	Progress func(done, total int) // the Tell of a Counter; nil is nobody
}

// Read reads an organization: its users and groups, side by side, then what
// the plan of o.Desired needs besides: members, groups of a person, groups
// by id. It sends
//
//	max(1, ceil(U/100)) + max(1, ceil(G/100))
//	+ max(1, ceil(M/100)) for each group whose members matter: the file names
//	  some or all of them, or it is protected and somebody may be deleted
//	+ 1 for each group entry that names a field the list omits
//	+ max(1, ceil(g/100)) for each person with `groups: []` or to be
//	  reactivated, who is in g groups
//	+ 1 for each group to be deleted, or of which only the rule changes
//	+ 1 for each other group out of which `groups: []` takes more than two
//	  people (or as few as a written shrink_group limits), or which is
//	  protected: how many members it has
//
// requests, unless a list must be read again or JumpCloud gives no total of
// one. What was there at one moment and gone at the next makes the result
// Incomplete; an error is what a call or an unreadable record gives, of
// several the first in the order above.
func Read(ctx context.Context, c *jumpcloud.Client, o ReadOptions) (*Live, error) {
	p := &Counter{Tell: o.Progress}
	r := &reader{client: c, progress: p, live: &Live{Org: Org{ID: o.ID, Name: o.Name, Region: o.Region}}}
	if d := o.Desired; d != nil {
		r.live.ID, r.live.Name, r.live.Region = cmp.Or(o.ID, d.ID), cmp.Or(o.Name, d.Name), cmp.Or(o.Region, d.Region)
	}
	if err := r.lists(ctx); err != nil {
		return nil, err
	}
	if err := r.details(ctx, o); err != nil {
		return nil, err
	}
	r.finish()
	p.End()
	return r.live, nil
}

// reader fills live. Goroutines fill slots of their own; only the reasons
// of an incomplete read are shared.
type reader struct {
	client   *jumpcloud.Client
	progress *Counter
	live     *Live
	users    map[string]string // id -> key
	groups   map[string]string

	mu         sync.Mutex
	incomplete []string
}

// lists reads users and groups, and fills Objects and Facts. If both fail,
// the error is that of the users.
func (r *reader) lists(ctx context.Context) error {
	var users, groups []entry
	r.progress.Expect(2) // the first pages
	err := jumpcloud.SideBySide(ctx, 2, 2, func(ctx context.Context, i int) (err error) {
		if i == 0 {
			users, err = r.list(ctx, schema.User, jumpcloud.Users(nil, nil))
		} else {
			groups, err = r.list(ctx, schema.Group, jumpcloud.Groups())
		}
		return err
	})
	if err != nil {
		return err
	}
	r.live.Objects = make([]Object, 0, len(users)+len(groups))
	r.live.Facts = make([]Fact, 0, len(users)+len(groups))
	for _, list := range [][]entry{users, groups} {
		for i := range list {
			r.live.Objects = append(r.live.Objects, list[i].Object)
			r.live.Facts = append(r.live.Facts, list[i].Fact)
		}
	}
	r.users, r.groups = keysByID(users), keysByID(groups)
	r.nameManagers()
	r.noteTwins()
	return nil
}

func keysByID(entries []entry) map[string]string {
	keys := make(map[string]string, len(entries))
	for i := range entries {
		keys[entries[i].ID] = entries[i].Key
	}
	return keys
}

// nameManagers replaces the ids of managers by the keys of the people they
// are, and by "#" and the id where nobody who was read is.
func (r *reader) nameManagers() {
	users, _ := r.live.OfKind(schema.User)
	for i := range users {
		values := users[i].Values
		for j := range values {
			if schema.Of(values[j].Field).Type == schema.Ref {
				values[j].Text = cmp.Or(r.users[values[j].Text], "#"+values[j].Text)
			}
		}
	}
}

// doubt records why the read cannot be trusted.
func (r *reader) doubt(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.incomplete = append(r.incomplete, why)
}

// finish sums up.
func (r *reader) finish() {
	live := r.live
	slices.SortFunc(live.Edges, CompareEdges)
	live.Edges = slices.Compact(live.Edges)
	users, first := live.OfKind(schema.User)
	if len(users) == 0 && len(live.Edges) > 0 {
		r.doubt("users: none were read, but groups have members")
	}
	live.Totals = Totals{Users: len(users), Groups: len(live.Objects) - len(users), Memberships: len(live.Edges)}
	if live.ID == "" {
		live.ID = commonOrg(live.Facts[first : first+len(users)])
	}
	slices.Sort(r.incomplete)
	live.Incomplete = strings.Join(slices.Compact(r.incomplete), "; ")
}

// commonOrg is the organization that the records of all users name, "" if
// there is not exactly one.
func commonOrg(users []Fact) (id string) {
	for i := range users {
		if i > 0 && users[i].OrgID != id {
			return ""
		}
		id = users[i].OrgID
	}
	return id
}
