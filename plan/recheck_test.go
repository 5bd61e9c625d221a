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
