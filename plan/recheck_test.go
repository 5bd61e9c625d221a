package plan

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
	"rollcall/state"
)

// A manager whom the plan itself renames is the same person before and after:
// what is made is made, and what is left is not stale.
func TestRecheckAfterTheRenameOfAManager(t *testing.T) {
	at := func(name, manager string) values {
		return values{schema.Email: name + "@x.example", schema.State: activated, schema.Manager: manager}
	}
	live := func(boss string) *liveBuilder {
		return (&liveBuilder{}).user("bob", at("bob", boss)).user("cyd", at("cyd", ""))
	}
	want := (&desiredBuilder{}).user("bob", values{schema.Manager: "cyd"}, state.Intent{}).
		user("dee", values{schema.Email: "dee@x.example", schema.Manager: "a.new"}, state.Intent{}).
		user("a.new", nil, state.Intent{Was: []string{"ada"}}).done()
	saved := diff(t, live("ada").user("ada", at("ada", "")).done(), want)
	if d := cmp.Diff([]string{
		"create user dee email:->dee@x.example state:->STAGED manager:->ada",
		"update user ada username:ada->a.new", "update user bob manager:ada->cyd",
	}, lines(saved)); d != "" {
		t.Fatalf("saved (-want +got):\n%s", d)
	}
	later := live("a.new").user("a.new", at("ada", "")).user("dee", at("dee", "a.new")).done()
	i := slices.IndexFunc(later.Objects, func(o state.Object) bool { return o.Name == "a.new" })
	later.Objects[i].ID = "user-ada"
	left := Recheck(saved, later, Options{AsOf: "2026-11-23"})
	if d := cmp.Diff([]string{"update user bob manager:ada->cyd"}, lines(left.Org)); d != "" || len(left.Stale) > 0 {
		t.Errorf("stale %+v, left (-want +got):\n%s", left.Stale, d)
	}
}

// Whoever reviewed a plan saw that a removal leaves somebody in no group. What
// is read to apply it is less, so the hazard stays, and stays once.
func TestRecheckKeepsLastGroup(t *testing.T) {
	l := kelp().done()
	name := func(k schema.Kind, key string) Name {
		o := &l.Objects[l.Find(k, key)]
		return Name{o.Kind, o.Name, o.ID}
	}
	sales, ole := name(schema.Group, "Sales"), name(schema.User, "ole.berg")
	saved := &Org{Changes: []Change{{Action: Remove, Object: sales, To: ole, Hazards: []schema.Hazard{schema.LastGroup}}}}
	for _, read := range []bool{false, true} {
		for g := range l.Facts {
			l.Facts[g].MembersRead = read
		}
		left := Recheck(saved, l, Options{AsOf: "2026-11-23"}).Org
		if d := cmp.Diff([]schema.Hazard{schema.LastGroup}, left.Changes[0].Hazards); d != "" {
			t.Errorf("members read: %t: hazards (-want +got):\n%s", read, d)
		}
	}
}
