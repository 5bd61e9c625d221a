package state

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/schema"
)

// Access is who of a live organization is in what, for a review.
type Access struct {
	ID, Name   string
	Incomplete string // why the read cannot be trusted; "" if complete
	Rows       []AccessRow
}

// AccessRow is a person in a group, a person in no group, or a group without
// members.
type AccessRow struct {
	User, UserID string // "" of a group without members
	FullName     string
	Email        string
	State        string // STAGED, ACTIVATED or SUSPENDED
	Manager      string // a username, "" for nobody
	Group        string // "" of a person in no group
	GroupID      string
	Membership   string // static, or dynamic if a rule makes it; "" of a person in no group
	UserListed   Listed
	Listed       Listed // the membership
}

// Listed tells whether the files name something.
type Listed string

const (
	NotAsked Listed = ""        // there is no file
	Yes      Listed = "yes"     // the file has it
	No       Listed = "no"      // it does not
	ByRule   Listed = "rule"    // a membership of a dynamic group: no file names its members
	Ignored  Listed = "ignored" // policy.ignore leaves it alone
)

// AccessOf lists a whole live organization, sorted by group and then user,
// people in no group last. Want are the files, nil for none.
func AccessOf(live *Live, want *Desired) *Access {
	a := &accessReader{live: live, want: want, out: &Access{ID: live.ID, Name: live.Name, Incomplete: live.Incomplete}, grouped: map[string]bool{}, filled: map[string]bool{}}
	if want != nil {
		a.pair()
	}
	for _, e := range live.Edges {
		a.member(e)
	}
	for l := range live.Objects {
		switch o := &live.Objects[l]; {
		case o.Kind == schema.User && !a.grouped[o.Key]:
			a.out.Rows = append(a.out.Rows, a.person(l))
		case o.Kind == schema.Group && !a.filled[o.Key]:
			a.out.Rows = append(a.out.Rows, a.inGroup(AccessRow{}, l))
		}
	}
	slices.SortStableFunc(a.out.Rows, CompareByGroup)
	return a.out
}

// CompareByGroup orders rows by group, people in none last.
func CompareByGroup(x, y AccessRow) int {
	return cmp.Or(lastIfEmpty(x.Group, y.Group), cmp.Compare(Fold(x.User), Fold(y.User)))
}

// CompareByManager orders rows by manager, people without one last, and groups
// without members behind them.
func CompareByManager(x, y AccessRow) int {
	if (x.User == "") != (y.User == "") {
		return lastIfEmpty(x.User, y.User)
	}
	return cmp.Or(lastIfEmpty(x.Manager, y.Manager), cmp.Compare(Fold(x.User), Fold(y.User)), cmp.Compare(x.Group, y.Group))
}

func lastIfEmpty(x, y string) int {
	switch {
	case x == y:
		return 0
	case x == "":
		return 1
	case y == "":
		return -1
	}
	return cmp.Compare(x, y)
}

// accessReader makes rows of a live organization.
type accessReader struct {
	live    *Live
	want    *Desired
	out     *Access
	pairs   *Pairs
	edges   map[[2]int]bool // memberships of the files, by live objects
	grouped map[string]bool // users with a row
	filled  map[string]bool // groups with a row
}

// pair finds which live memberships the files name.
func (a *accessReader) pair() {
	a.pairs, a.edges = Pair(a.want, a.live), map[[2]int]bool{}
	for _, e := range a.want.Edges {
		g, ok := a.pairs.Group(e.Group)
		u, _, known := a.pairs.Person(e.User)
		if ok && known {
			a.edges[[2]int{g.Live, u.Live}] = true
		}
	}
}

// member is the row of a membership.
func (a *accessReader) member(e Edge) {
	g, u := a.live.Find(schema.Group, e.Group), a.live.Find(schema.User, e.User)
	if g < 0 || u < 0 {
		return // of somebody who was not read: the total of the read tells
	}
	a.grouped[e.User], a.filled[e.Group] = true, true
	row := a.inGroup(a.person(u), g)
	switch {
	case a.want == nil:
	case a.live.Facts[g].Dynamic:
		row.Listed = ByRule
	case a.want.Policy.Ignores(&a.live.Objects[g]):
		row.Listed = Ignored
	default:
		row.Listed = listed(a.edges[[2]int{g, u}])
	}
	a.out.Rows = append(a.out.Rows, row)
}

func listed(is bool) Listed {
	if is {
		return Yes
	}
	return No
}

// person is a row without a group.
func (a *accessReader) person(l int) AccessRow {
	o := &a.live.Objects[l]
	text := func(f schema.FieldID) string {
		v, _ := o.Get(f, "")
		return v
	}
	row := AccessRow{User: o.Name, UserID: o.ID, Email: text(schema.Email), State: text(schema.State), FullName: text(schema.Displayname)}
	if row.FullName == "" {
		row.FullName = strings.TrimSpace(text(schema.Firstname) + " " + text(schema.Lastname))
	}
	if boss := text(schema.Manager); boss != "" {
		row.Manager = boss
		if m := a.live.Find(schema.User, boss); m >= 0 {
			row.Manager = a.live.Objects[m].Name
		}
	}
	switch {
	case a.want == nil:
	case a.want.Policy.Ignores(o):
		row.UserListed = Ignored
	default:
		row.UserListed = listed(a.pairs.Desired[l] >= 0)
	}
	return row
}

// inGroup is a row with a group.
func (a *accessReader) inGroup(row AccessRow, g int) AccessRow {
	o := &a.live.Objects[g]
	row.Group, row.GroupID, row.Membership = o.Name, o.ID, "static"
	if a.live.Facts[g].Dynamic {
		row.Membership = "dynamic"
	}
	return row
}
