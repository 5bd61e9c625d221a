package plan

import (
	"fmt"
	"slices"
	"testing"

	"rollcall/schema"
	"rollcall/state"
)

// joiners are n people who are let in and are all in one group.
func joiners(n int, group string) *desiredBuilder {
	b := &desiredBuilder{}
	var members []string
	for i := range n {
		name := fmt.Sprintf("n%03d", i)
		b.user(name, values{schema.Email: name + "@x.example"}, state.Intent{CreateState: activated})
		members = append(members, name)
	}
	return b.group(group, nil, state.Intent{}, members...)
}

// after is what is live when the first n of joiners have been created and the
// group exists.
func after(b *liveBuilder, n int, group string) *state.Live {
	for i := range n {
		name := fmt.Sprintf("n%03d", i)
		b.user(name, values{schema.Email: name + "@x.example", schema.State: staged})
	}
	return b.group(group, nil).done()
}

// What an interrupted plan has made must not stop the rest of it.
func TestRestOfASavedPlanMayGrowAsTheWhole(t *testing.T) {
	for _, c := range []struct {
		name        string
		live, added int
	}{
		{"an organization without users", 0, 150},
		{"a new group", 100, 45},
	} {
		want := joiners(c.added, "Everybody").done()
		for _, name := range names(0, c.live) {
			want.Edges = append(want.Edges, state.Edge{Group: "Everybody", User: name})
		}
		saved := diff(t, people(c.live).done(), want)
		if len(saved.Refused) > 0 {
			t.Fatalf("%s: %v", c.name, saved.Refused)
		}
		for made := range c.added + 1 {
			left := Recheck(saved, after(people(c.live), made, "Everybody"), Options{AsOf: "2026-11-23"})
			if len(left.Org.Refused)+len(left.Stale) > 0 || len(left.Org.Changes) != len(saved.Changes)-made-1 {
				t.Fatalf("%s, %d people made: %d changes of %d are left, stale %v, refused %v", c.name, made, len(left.Org.Changes), len(saved.Changes), left.Stale, left.Org.Refused)
			}
		}
	}
}

// A plan that was over a limit of growth stays so.
func TestSavedPlanOverALimitStaysRefused(t *testing.T) {
	saved := diff(t, people(10).group("Everybody", nil).done(), joiners(60, "Everybody").done())
	left := Recheck(saved, people(10).group("Everybody", nil).done(), Options{AsOf: "2026-11-23"})
	if len(saved.Refused) != 4 || len(left.Org.Refused) != 4 {
		t.Errorf("refused %v, then %v", saved.Refused, left.Org.Refused)
	}
}

// Of the groups only those that the plan changes are read again: that must not
// make its losses a larger part of all memberships.
func TestSavedLossesOfMembers(t *testing.T) {
	everybody := names(0, 100)
	live, want := people(100), &desiredBuilder{}
	for n := range 10 {
		live.group(fmt.Sprint("G", n), nil, everybody...)
		members := everybody
		if n == 0 {
			members = everybody[30:]
		}
		want.group(fmt.Sprint("G", n), nil, state.Intent{Exact: true}, members...)
	}
	saved := diff(t, live.done(), want.done())
	if len(saved.Refused) > 0 || saved.Summary.Removed != 30 {
		t.Fatalf("%d removed, refused %v", saved.Summary.Removed, saved.Refused)
	}
	again := people(100).group("G0", nil, everybody...).done()
	for n := 1; n < 10; n++ { // what a reading without their members knows of groups
		again.Objects = append(again.Objects, state.Object{Kind: schema.Group, ID: fmt.Sprintf("group-G%d", n), Key: fmt.Sprint("G", n), Name: fmt.Sprint("G", n)})
		again.Facts = append(again.Facts, state.Fact{})
	}
	again.Totals.Groups = 10
	left := Recheck(saved, again, Options{AsOf: "2026-11-23"})
	if len(left.Org.Refused)+len(left.Stale) > 0 || left.Org.Summary.Removed != 30 {
		t.Errorf("%d removed, stale %v, refused %v", left.Org.Summary.Removed, left.Stale, left.Org.Refused)
	}
}

// Who keeps a suspended manager is told once, also of a saved plan.
func TestSavedReportsAreNamedOnce(t *testing.T) {
	live := people(10).user("boss", values{schema.State: activated}).user("report", values{schema.State: activated, schema.Manager: "boss"}).done()
	want := (&desiredBuilder{}).user("boss", values{schema.State: suspended}, state.Intent{}).done()
	saved := diff(t, live, want)
	left := Recheck(saved, live, Options{AsOf: "2026-11-23"})
	for _, o := range []*Org{saved, left.Org} {
		if len(o.Changes) != 1 || !slices.Equal(o.Changes[0].Reports, []string{"report"}) {
			t.Errorf("changes %+v", o.Changes)
		}
	}
}

// Losses are counted anew: an organization that has shrunk since loses less.
func TestSavedLossesAreCountedAnew(t *testing.T) {
	saved := diff(t, people(40).done(), suspendFirst(3))
	left := Recheck(saved, people(4).done(), Options{AsOf: "2026-11-23"})
	if len(saved.Refused) > 0 || len(left.Org.Refused) != 1 || left.Org.Refused[0].Allow != "suspend_users=3" {
		t.Errorf("refused %v, then %v", saved.Refused, left.Org.Refused)
	}
}
