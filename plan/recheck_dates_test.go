package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
	"rollcall/state"
)

var allowDated = []Allow{{Name: "reactivate_users", N: 1}, {Name: "suspend_users", N: 9}, {Name: "remove_members", N: 9}, {Name: "shrink_group", N: 9}}

// dated is an organization of 2026-11-23 in which dates give and take, and its
// file.
func dated() (*liveBuilder, *state.Desired) {
	in := func(state, title string) values {
		return values{schema.Email: title + "@x.example", schema.State: state, schema.JobTitle: title}
	}
	live := (&liveBuilder{}).
		user("back", in(suspended, "back")).user("over", in(activated, "over")).user("soon", in(staged, "soon")).user("stays", in(activated, "stays")).
		group("All", nil).group("Data", nil).group("Gone", nil, "stays")
	want := (&desiredBuilder{}).
		user("back", values{schema.State: activated, schema.JobTitle: "CTO"}, state.Intent{End: "2026-11-24"}).
		user("new", values{schema.Email: "new@x.example", schema.Manager: "stays"}, state.Intent{CreateState: activated, End: "2026-11-24"}).
		user("over", nil, state.Intent{End: "2026-11-22"}).
		user("soon", nil, state.Intent{Start: "2026-11-23", End: "2026-11-24"}).
		user("stays", values{schema.JobTitle: "COO"}, state.Intent{End: "2026-11-24"}).
		group("Data", nil, state.Intent{}, "new", "stays").done()
	want.Edges = append([]state.Edge{{Group: "All", User: "stays"}}, want.Edges...)
	want.Untils = []state.Until{{Edge: state.Edge{Group: "Data", User: "stays"}, Day: "2026-11-24"}, {Edge: state.Edge{Group: "Gone", User: "stays"}, Day: "2026-11-22"}}
	return live, want
}

// What a saved plan gives until a day is left out after that day, alone and
// with what needs it; what it takes away and all else is made on any day.
func TestRecheckAfterTheLastDay(t *testing.T) {
	t.Parallel()
	whole := []string{
		"suspend user over state:ACTIVATED->SUSPENDED", "create user new email:->new@x.example state:->STAGED manager:->stays",
		"reactivate user back state:SUSPENDED->ACTIVATED jobTitle:back->CTO", "update user stays jobTitle:stays->COO",
		"activate user new state:STAGED->ACTIVATED", "activate user soon state:STAGED->ACTIVATED",
		"add group All stays", "add group Data new", "add group Data stays", "remove group Gone stays",
	}
	late := []string{
		"suspend user over state:ACTIVATED->SUSPENDED", "update user back jobTitle:back->CTO", "update user stays jobTitle:stays->COO",
		"add group All stays", "remove group Gone stays",
	}
	over := "the last day, 2026-11-24, is over"
	gone := map[string]string{
		"create user new email:->new@x.example state:->STAGED manager:->stays": over, "activate user new state:STAGED->ACTIVATED": "needs another", "add group Data new": "needs another",
		"activate user soon state:STAGED->ACTIVATED": over, "add group Data stays": over, "reactivate user back state:SUSPENDED->ACTIVATED": over,
	}
	for _, c := range []struct {
		day  string
		left []string
		gone map[string]string
	}{
		{"2026-11-23", whole, map[string]string{}},
		{"2026-11-24", whole, map[string]string{}},
		{"2026-11-25", late, gone},
		{"2027-01-01", late, gone},
	} {
		live, want := dated()
		r := Recheck(diff(t, live.done(), want, allowDated...), &live.Live, Options{AsOf: c.day, Allow: allowDated})
		if d := cmp.Diff(c.left, lines(r.Org)); d != "" || len(r.Made) > 0 || len(r.Org.Refused) > 0 {
			t.Errorf("on %s: made %v, refused %v, left (-want +got):\n%s", c.day, r.Made, r.Org.Refused, d)
		}
		if d := cmp.Diff(c.gone, reasons(r)); d != "" {
			t.Errorf("on %s: stale (-want +got):\n%s", c.day, d)
		}
	}
}

// reasons are what is stale and why.
func reasons(r *Rechecked) map[string]string {
	why := map[string]string{}
	for _, g := range r.Stale {
		why[line(&g.Change)] = g.Reason
		if g.BlockedBy >= 0 {
			why[line(&g.Change)] = "needs another"
		}
	}
	return why
}

// What was made in time is made, also after its last day, and is not made once
// more; of what was begun the rest is left out.
func TestRecheckOfWhatWasMadeInTime(t *testing.T) {
	t.Parallel()
	live, want := dated()
	saved := diff(t, live.done(), want, allowDated...)
	at := func(state, title string) values {
		return values{schema.Email: title + "@x.example", schema.State: state, schema.JobTitle: title}
	}
	now := (&liveBuilder{}).
		user("back", values{schema.Email: "back@x.example", schema.State: activated, schema.JobTitle: "back"}).
		user("new", values{schema.Email: "new@x.example", schema.State: staged, schema.Manager: "stays"}).
		user("over", at(suspended, "over")).user("soon", at(activated, "soon")).user("stays", at(activated, "COO")).
		group("All", nil, "stays").group("Data", nil, "stays").group("Gone", nil).done()
	r := Recheck(saved, now, Options{AsOf: "2026-11-25", Allow: allowDated})
	if d := cmp.Diff([]string{"update user back jobTitle:back->CTO", "add group Data new"}, lines(r.Org)); d != "" || len(r.Made) != 7 {
		t.Errorf("%d made, left (-want +got):\n%s", len(r.Made), d)
	}
	if d := cmp.Diff(map[string]string{"activate user new state:STAGED->ACTIVATED": "the last day, 2026-11-24, is over"}, reasons(r)); d != "" {
		t.Errorf("stale (-want +got):\n%s", d)
	}
}
