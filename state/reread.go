package state

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"rollcall/jumpcloud"
	"rollcall/schema"
)

// Seen is an object as JumpCloud has it after a write. Its Values are
// sorted and hold what is set; those that name a user hold the id, not a name.
type Seen struct {
	Object
	Fact
}

// SeenIn is the object of a record that JumpCloud gave. Unless it is whole,
// the fields that lists omit are left out.
func SeenIn(k schema.Kind, record jumpcloud.Record, whole bool) (*Seen, error) {
	s := &Seen{Object: Object{Kind: k, ID: record.ID(), Name: record.Text(keyField[k].Name)}, Fact: factOf(k, record)}
	s.Key = s.Name
	if k == schema.User {
		s.Key = Fold(s.Name)
	}
	var err error
	if s.Values, err = values(k, record, whole, nil); err != nil {
		return nil, fmt.Errorf("%s %q (%s): %w", k, s.Name, s.ID, err)
	}
	return s, nil
}

// Reread reads objects of one kind again, by their ids: each alone, or the
// list of all, whichever is fewer requests. Whole are the ids of those of
// which a field matters that the list omits; they are always read alone.
// Total is how many objects of the kind there are, as far as is known.
// What is not there is not in the result. Each request is a step of n.
func Reread(ctx context.Context, c *jumpcloud.Client, k schema.Kind, ids, whole []string, total int, n *Counter) (map[string]*Seen, error) {
	listed := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(whole, id) })
	alone := ids
	found := map[string]*Seen{}
	if listIsLess(len(listed), total) {
		alone = whole
		if err := rereadList(ctx, c, k, listed, found, n); err != nil {
			return nil, err
		}
	}
	return found, rereadAlone(ctx, c, k, alone, found, n)
}

// listIsLess tells whether the list of all is fewer requests than so many objects
// alone.
func listIsLess(objects, all int) bool { return PagesOf(all) < objects }

// RereadCost is how many requests Reread makes for so many objects, of which
// some are whole, of total.
func RereadCost(objects, whole, total int) int {
	if listIsLess(objects-whole, total) {
		return whole + PagesOf(total)
	}
	return objects
}

// PagesOf is how many requests a list of n records takes.
func PagesOf(n int) int { return max(1, (n+99)/100) }

func rereadList(ctx context.Context, c *jumpcloud.Client, k schema.Kind, ids []string, found map[string]*Seen, n *Counter) error {
	list := jumpcloud.Users(nil, nil)
	if k == schema.Group {
		list = jumpcloud.Groups()
	}
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	pages, _, err := jumpcloud.List(ctx, c, list, func(records []jumpcloud.Record) (page []*Seen, err error) {
		defer n.Step()
		for _, r := range records {
			if !wanted[r.ID()] {
				continue
			}
			s, err := SeenIn(k, r, false)
			if err != nil {
				return nil, err
			}
			page = append(page, s)
		}
		return page, nil
	})
	for _, s := range slices.Concat(pages...) {
		found[s.ID] = s
	}
	return err
}

func rereadAlone(ctx context.Context, c *jumpcloud.Client, k schema.Kind, ids []string, found map[string]*Seen, n *Counter) error {
	get := c.GetUser
	if k == schema.Group {
		get = c.GetGroup
	}
	return sideBySide(ctx, c, ids, func(ctx context.Context, id string, mu *sync.Mutex) error {
		defer n.Step()
		record, err := get(ctx, id)
		if jumpcloud.IsStatus(err, http.StatusNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		s, err := SeenIn(k, record, true)
		mu.Lock()
		defer mu.Unlock()
		found[id] = s
		return err
	})
}

// sideBySide does something for each id, several at once; the error of the
// first one that fails ends it. What is written into shared maps is guarded by mu.
func sideBySide(ctx context.Context, c *jumpcloud.Client, ids []string, do func(ctx context.Context, id string, mu *sync.Mutex) error) error {
	var mu sync.Mutex
	return jumpcloud.SideBySide(ctx, len(ids), c.Parallel(), func(ctx context.Context, i int) error { return do(ctx, ids[i], &mu) })
}

// IDEdge is a membership by ids.
type IDEdge struct{ Group, User string }

// RereadEdges tells which memberships exist now. They are read from the
// members of groups or from the groups of users, whichever is fewer requests:
// members is how many a group has, as far as is known. What is not there has
// no memberships. Each request is a step of n.
func RereadEdges(ctx context.Context, c *jumpcloud.Client, edges []IDEdge, members map[string]int, n *Counter) (map[IDEdge]bool, error) {
	groups, users := EdgeReads(edges, members)
	found := map[IDEdge]bool{}
	err := sideBySide(ctx, c, groups, func(ctx context.Context, group string, mu *sync.Mutex) error {
		return rereadEdges(ctx, c, jumpcloud.Members(group), memberIDs, n, mu, func(id string) { found[IDEdge{group, id}] = true })
	})
	if err != nil {
		return nil, err
	}
	return found, sideBySide(ctx, c, users, func(ctx context.Context, user string, mu *sync.Mutex) error {
		return rereadEdges(ctx, c, jumpcloud.MemberOf(user), groupIDs, n, mu, func(id string) { found[IDEdge{id, user}] = true })
	})
}

func rereadEdges(ctx context.Context, c *jumpcloud.Client, l jumpcloud.Listing, ids func([]jumpcloud.Record) ([]string, error), n *Counter, mu *sync.Mutex, found func(id string)) error {
	pages, _, err := jumpcloud.List(ctx, c, l, func(records []jumpcloud.Record) ([]string, error) {
		defer n.Step()
		return ids(records)
	})
	if err != nil && !jumpcloud.IsStatus(err, http.StatusNotFound) {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	for _, id := range slices.Concat(pages...) {
		found(id)
	}
	return nil
}

// RereadEdgesCost is how many requests RereadEdges makes, if no group has more
// members than are known.
func RereadEdgesCost(edges []IDEdge, members map[string]int) (requests int) {
	groups, users := EdgeReads(edges, members)
	for _, g := range groups {
		requests += PagesOf(members[g])
	}
	return requests + len(users)
}

// EdgeReads are the groups whose members and the users whose groups
// RereadEdges reads: of each group, the larger first, its members if those are fewer
// pages than it has users of whom nothing is known yet. All of the users
// alone, if that is not more.
func EdgeReads(edges []IDEdge, members map[string]int) (groups, users []string) {
	byGroup, all := map[string][]string{}, map[string]bool{}
	var order []string
	for _, e := range edges {
		if byGroup[e.Group] == nil {
			order = append(order, e.Group)
		}
		byGroup[e.Group] = append(byGroup[e.Group], e.User)
		if !all[e.User] {
			all[e.User] = true
			users = append(users, e.User)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return len(byGroup[b]) - len(byGroup[a]) })
	var some []string
	known, requests := map[string]bool{}, 0
	for _, g := range order {
		unknown := slices.DeleteFunc(slices.Clone(byGroup[g]), func(u string) bool { return known[u] })
		if pages := PagesOf(members[g]); pages < len(unknown) {
			groups = append(groups, g)
			requests += pages
			continue
		}
		for _, u := range unknown {
			if !known[u] {
				known[u], some = true, append(some, u)
			}
		}
	}
	if len(users) <= requests+len(some) {
		return nil, users
	}
	return groups, some
}
