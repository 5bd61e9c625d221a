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
	Label      string // what tells it apart from the others of a run
	Incomplete string // why the read cannot be trusted; "" if complete
	Unread     string // why there is nothing at all; "" if there is
	Short      int    // groups with unnamed members: anybody may be in one of them
	Rows       []AccessRow
}

// AccessRow is a person in a group, a person in no group, a group without
// members, or the unnamed members of a group: JumpCloud does not say who they
// are.
type AccessRow struct {
	User, UserID string // "" of a group without members; of a member that was not read "#" and the id; of unnamed members "#" and ""
	FullName     string
	Email        string
	State        string // STAGED, ACTIVATED or SUSPENDED; "" of a member that was not read
	Manager      string // a username, "#" and the id of somebody who was not read, "" for nobody
	Group        string // "" of a person in no group
	GroupID      string
	Membership   string // static, or dynamic if a rule makes it; of a person in no group "", or unknown if a group is short
	UserListed   Listed
	GroupListed  Listed
	Listed       Listed // the membership
	Unread       int    // of the group: unnamed members, -1 if how many is not known
	Members      int    // of the group: all that JumpCloud counts
}

// Unnamed tells whether a row stands for the unnamed members of a group.
func (r *AccessRow) Unnamed() bool { return r.User == "#" && r.UserID == "" }

// Listed tells whether the files name something.
type Listed string

const (
	NotAsked Listed = ""        // there is no file, or nothing to name
	Yes      Listed = "yes"     // the file has it
	No       Listed = "no"      // it does not
	Absent   Listed = "absent"  // it says `ensure: absent`
	ByRule   Listed = "rule"    // a membership of a dynamic group: no file names its members
	Ignored  Listed = "ignored" // policy.ignore leaves it alone
)

// AccessOf lists a whole live organization, in the order of CompareByGroup.
// Want are the files as they are on a day, nil for none.
func AccessOf(live *Live, want *Desired) *Access {
	a := &accessReader{live: live, want: want, out: &Access{ID: live.ID, Name: live.Name, Incomplete: live.Incomplete}, grouped: map[string]bool{}, found: map[string]int{}}
	if want != nil {
		a.pair()
	}
	for _, e := range live.Edges {
		a.found[e.Group]++
	}
	for _, e := range live.Edges {
		a.member(e)
	}
	for l := range live.Objects {
		switch o := &live.Objects[l]; {
		case o.Kind == schema.User && !a.grouped[o.Key]:
			a.out.Rows = append(a.out.Rows, a.person(l))
		case o.Kind == schema.Group && a.unread(l) != 0:
			a.out.Rows = append(a.out.Rows, a.inGroup(AccessRow{User: "#"}, l))
		case o.Kind == schema.Group && a.found[o.Key] == 0:
			a.out.Rows = append(a.out.Rows, a.inGroup(AccessRow{}, l))
		}
	}
	a.out.settle()
	slices.SortFunc(a.out.Rows, CompareByGroup)
	return a.out
}

// Keep drops all rows but those of a user or of groups of a name. Unnamed
// members stay: one of them may be the user.
func (a *Access) Keep(k schema.Kind, name string) {
	a.Rows = slices.DeleteFunc(a.Rows, func(r AccessRow) bool {
		if k == schema.Group {
			return r.Group != name
		}
		return Fold(r.User) != Fold(name) && !r.Unnamed()
	})
	a.settle()
}

// settle counts the groups with unnamed members. If there is one, of nobody is
// it known that they are in no group.
func (a *Access) settle() {
	a.Short = 0
	for i := range a.Rows {
		if a.Rows[i].Unnamed() {
			a.Short++
		}
	}
	for i := range a.Rows {
		if a.Short > 0 && a.Rows[i].GroupID == "" {
			a.Rows[i].Membership = "unknown"
		}
	}
}

// CompareByGroup orders rows by group and then user, people in no group last.
func CompareByGroup(x, y AccessRow) int {
	return cmp.Or(lastIfEmpty(x.Group, y.Group), cmp.Compare(x.GroupID, y.GroupID), cmp.Compare(Fold(x.User), Fold(y.User)), cmp.Compare(x.UserID, y.UserID))
}

// CompareByManager orders rows by manager, user and then group: people without
// a manager behind the others, then unnamed members, and groups without members
// last.
func CompareByManager(x, y AccessRow) int {
	return cmp.Or(cmp.Compare(x.nobody(), y.nobody()), lastIfEmpty(x.Manager, y.Manager), cmp.Compare(Fold(x.User), Fold(y.User)), cmp.Compare(x.UserID, y.UserID), CompareByGroup(x, y))
}

// nobody is 0 of a row of one person, so that the others come behind.
func (r *AccessRow) nobody() int {
	switch {
	case r.User == "":
		return 2
	case r.Unnamed():
		return 1
	}
	return 0
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
	named   map[int]bool    // groups that they are in, by live object
	grouped map[string]bool // users with a row
	found   map[string]int  // of groups: members with a row, by key
}

// pair finds which live memberships the files name.
func (a *accessReader) pair() {
	a.pairs, a.edges, a.named = Pair(a.want, a.live), map[[2]int]bool{}, map[int]bool{}
	for _, e := range a.want.Edges {
		g, ok := a.pairs.Group(e.Group)
		if !ok || g.Live < 0 {
			continue
		}
		a.named[g.Live] = true
		if u, _, known := a.pairs.Person(e.User); known {
			a.edges[[2]int{g.Live, u.Live}] = true
		}
	}
}

// unread is how many unnamed members a group has.
func (a *accessReader) unread(g int) int {
	return a.live.Facts[g].unread(a.found[a.live.Objects[g].Key])
}

// member is the row of a membership. Who was not read is a member all the
// same.
func (a *accessReader) member(e Edge) {
	g, u := a.live.Find(schema.Group, e.Group), a.live.Find(schema.User, e.User)
	if g < 0 {
		return
	}
	row := AccessRow{User: e.User, UserID: strings.TrimPrefix(e.User, "#")}
	if u >= 0 {
		a.grouped[e.User], row = true, a.person(u)
	}
	row = a.inGroup(row, g)
	switch {
	case a.want == nil:
	case row.UserListed == Ignored, row.GroupListed == Ignored:
		row.Listed = Ignored
	case a.live.Facts[g].Dynamic:
		row.Listed = ByRule
	case a.edges[[2]int{g, u}]:
		row.Listed = Yes
	default:
		row.Listed = No
	}
	a.out.Rows = append(a.out.Rows, row)
}

// person is a row without a group.
func (a *accessReader) person(l int) AccessRow {
	o := &a.live.Objects[l]
	text := func(f schema.FieldID) string {
		v, _ := o.Get(f, "")
		return v
	}
	row := AccessRow{User: o.Name, UserID: o.ID, Email: text(schema.Email), State: text(schema.State), FullName: text(schema.Displayname), UserListed: a.listed(l)}
	if row.FullName == "" {
		row.FullName = strings.TrimSpace(text(schema.Firstname) + " " + text(schema.Lastname))
	}
	row.Manager = text(schema.Manager)
	if m := a.live.Find(schema.User, row.Manager); m >= 0 {
		row.Manager = a.live.Objects[m].Name
	}
	return row
}

// inGroup is a row with a group.
func (a *accessReader) inGroup(row AccessRow, g int) AccessRow {
	o := &a.live.Objects[g]
	row.Group, row.GroupID, row.Membership, row.GroupListed = o.Name, o.ID, "static", a.listed(g)
	row.Unread, row.Members = a.unread(g), a.live.Facts[g].Members
	if a.live.Facts[g].Dynamic {
		row.Membership = "dynamic"
	}
	return row
}

// listed tells whether the files name a live object: they declare it, or it is
// a group that somebody is in.
func (a *accessReader) listed(l int) Listed {
	if a.want == nil {
		return NotAsked
	}
	switch d := a.pairs.Desired[l]; {
	case a.want.Policy.Ignores(&a.live.Objects[l]):
		return Ignored
	case d >= 0 && a.want.Intents[d].Absent:
		return Absent
	case d >= 0, a.named[l]:
		return Yes
	}
	return No
}
