package plan

import (
	"testing"

	"rollcall/schema"
	"rollcall/state"
)

// keyholders is an organization whose group Keys has members and is
// protected by a file that deletes the first of them.
func keyholders(members ...string) (*state.Live, *state.Desired) {
	b := people(4)
	for i := range b.Objects {
		b.Objects[i].Values = []schema.Value{{Field: schema.State, Text: suspended}}
	}
	want := (&desiredBuilder{}).user("p0000", nil, state.Intent{Absent: true}).done()
	want.Policy.Protect.Groups = []string{"Keys"}
	return b.group("Keys", nil, members...).done(), want
}

func TestProtectedGroupLosesItsLastMemberToADelete(t *testing.T) {
	for _, c := range []struct {
		members []string
		refused bool
	}{{names(0, 1), true}, {names(0, 2), false}, {names(1, 2), false}, {nil, false}, {[]string{"p0000", "#60aa"}, false}} {
		live, want := keyholders(c.members...)
		o := diff(t, live, want)
		if refused := len(o.Refused) == 1 && o.Refused[0].Allow == "protected=Keys"; refused != c.refused {
			t.Errorf("%v: refused %v", c.members, o.Refused)
		}
		if o := diff(t, live, want, Allow{Name: "protected", Value: "Keys"}); len(o.Refused) > 0 {
			t.Errorf("%v, allowed: refused %v", c.members, o.Refused)
		}
	}
}

// The other member may be gone when a saved plan is applied.
func TestRecheckOfAProtectedGroup(t *testing.T) {
	live, want := keyholders(names(0, 2)...)
	saved := diff(t, live, want)
	keys := live.Objects[live.Find(schema.Group, "Keys")]
	if saved.Details()(&keys)&state.MembersOf == 0 {
		t.Error("the members are not read again")
	}
	later, _ := keyholders("p0000")
	left := Recheck(saved, later, Options{AsOf: "2026-11-23"})
	if r := left.Org.Refused; len(r) != 1 || r[0].Allow != "protected=Keys" {
		t.Errorf("refused %v", r)
	}
}
