package story_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// sizes are numbers of people in an organization.
var sizes = []int{1, 2, 3, 6, 12, 40, 1482}

// TestDefaultLimits holds the most that each default limit allows in
// organizations of each size: that many are not refused, one more is.
func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit string
		most  []int // by sizes
		spend func(people, n int) (*state.Live, *state.Desired)
		total bool // there is no more to take than there are people
	}{
		{"suspend_users", []int{1, 1, 1, 3, 3, 3, 50}, suspending, true},
		{"delete_users", []int{1, 1, 1, 1, 1, 1, 5}, deleting, true},
		{"delete_groups", []int{1, 1, 1, 1, 1, 1, 1}, deletingGroups, true},
		{"remove_members", []int{1, 2, 3, 6, 6, 10, 74}, removing, true},
		{"shrink_group", []int{1, 2, 3, 3, 6, 20, 741}, removing, true},
		{"create_users", []int{50, 50, 50, 50, 50, 50, 296}, creating, false},
		{"activate_users", []int{50, 50, 50, 50, 50, 50, 296}, creating, false},
		{"mails", []int{50, 50, 50, 50, 50, 50, 296}, creating, false},
		{"add_members", []int{20, 20, 20, 20, 20, 20, 500}, adding, false},
		{"reset_passwords", []int{1, 2, 3, 3, 3, 3, 3}, resetting, true},
	} {
		for i, people := range sizes {
			t.Run(fmt.Sprintf("%s of %d", c.limit, people), func(t *testing.T) {
				t.Parallel()
				most := c.most[i]
				if got := over(t, c.limit, c.spend, people, most); got != "" {
					t.Errorf("%d are refused: %s", most, got)
				}
				if c.total && most == people {
					return
				}
				want := fmt.Sprintf("%s=%d", c.limit, most+1)
				if got := over(t, c.limit, c.spend, people, most+1); got != want {
					t.Errorf("%d are refused with %q, want %q", most+1, got, want)
				}
			})
		}
	}
}

// over is the --allow by which a limit refuses n, "" if it does not.
func over(t *testing.T, limit string, spend func(people, n int) (*state.Live, *state.Desired), people, n int) string {
	t.Helper()
	live, desired := spend(people, n)
	org, err := plan.Diff(nil, live, desired, plan.Options{AsOf: today})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range org.Refused {
		if strings.HasPrefix(r.Allow, limit+"=") {
			return r.Allow
		}
	}
	return ""
}

// person is the name of the i-th of an organization's people.
func person(i int) string { return fmt.Sprintf("p%04d", i) }

func user(name, status string) state.Object {
	return state.Object{Kind: schema.User, Key: name, Name: name, ID: "id of " + name, Values: []schema.Value{
		{Field: schema.Email, Text: name + "@kelp.example"}, {Field: schema.State, Text: status},
	}}
}

func group(name string) state.Object {
	return state.Object{Kind: schema.Group, Key: name, Name: name, ID: "id of " + name}
}

// liveOf is an organization of people in one state, all in the group Team,
// and of as many more groups, which are empty.
func liveOf(people int, status string) *state.Live {
	live := &state.Live{Totals: state.Totals{Users: people, Groups: people + 1, Memberships: people}}
	live.ID = "5f3c0a1b9d2e4c0001a7b9e1"
	for i := range people {
		live.Objects = append(live.Objects, user(person(i), status), group("g"+person(i)))
		live.Facts = append(live.Facts, state.Fact{}, state.Fact{})
		live.Edges = append(live.Edges, state.Edge{Group: "Team", User: person(i)})
	}
	live.Objects = append(live.Objects, group("Team"))
	slices.SortFunc(live.Objects, byKindAndKey)
	live.Facts = append(live.Facts, state.Fact{})
	live.Facts[live.Find(schema.Group, "Team")] = state.Fact{Members: people, MembersRead: true}
	return live
}

func byKindAndKey(a, b state.Object) int {
	return cmp.Or(int(a.Kind)-int(b.Kind), strings.Compare(a.Key, b.Key))
}

// want is a file of objects that come sorted and all have one intent.
func want(in state.Intent, objects ...state.Object) *state.Desired {
	d := &state.Desired{Timezone: time.UTC, Policy: state.Policy{UnlistedUsers: "ignore", UnlistedGroups: "ignore"}}
	d.Objects = objects
	for range objects {
		d.Intents = append(d.Intents, in)
	}
	return d
}

// people are n people from the first one on.
func people(from, n int, change func(*state.Object)) (list []state.Object) {
	for i := from; i < from+n; i++ {
		o := user(person(i), "ACTIVATED")
		o.ID = ""
		change(&o)
		list = append(list, o)
	}
	return list
}

func bare(o *state.Object) { o.Values = nil }

func suspending(size, n int) (*state.Live, *state.Desired) {
	return liveOf(size, "ACTIVATED"), want(state.Intent{}, people(0, n, func(o *state.Object) { o.Values[1].Text = "SUSPENDED" })...)
}

func deleting(size, n int) (*state.Live, *state.Desired) {
	return liveOf(size, "SUSPENDED"), want(state.Intent{Absent: true}, people(0, n, bare)...)
}

func deletingGroups(size, n int) (*state.Live, *state.Desired) {
	var groups []state.Object
	for i := range n {
		groups = append(groups, group("g"+person(i)))
	}
	return liveOf(size, "ACTIVATED"), want(state.Intent{Absent: true}, groups...)
}

// removing takes n people out of Team.
func removing(size, n int) (*state.Live, *state.Desired) {
	d := want(state.Intent{Exact: true, NoMembers: true}, group("Team"))
	for i := n; i < size; i++ {
		d.Edges = append(d.Edges, state.Edge{Group: "Team", User: person(i)})
	}
	return liveOf(size, "ACTIVATED"), d
}

// creating lets n more people in.
func creating(size, n int) (*state.Live, *state.Desired) {
	return liveOf(size, "ACTIVATED"), want(state.Intent{CreateState: "ACTIVATED"}, people(size, n, func(*state.Object) {})...)
}

// adding makes n more people members of Team.
func adding(size, n int) (*state.Live, *state.Desired) {
	live, d := creating(size, n)
	for i := size; i < size+n; i++ {
		d.Edges = append(d.Edges, state.Edge{Group: "Team", User: person(i)})
	}
	return live, d
}

func resetting(size, n int) (*state.Live, *state.Desired) {
	p := state.Password{From: state.Reference{Env: "NEW"}, Since: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	return liveOf(size, "ACTIVATED"), want(state.Intent{Password: p}, people(0, n, bare)...)
}
