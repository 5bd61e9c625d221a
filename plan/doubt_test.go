package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
	"rollcall/state"
)

// What an incomplete read makes look wrong in the file is no error of the
// file: the plan says so and is refused.
func TestDiffProblemsOfAnIncompleteRead(t *testing.T) {
	live := kelp().done()
	live.Incomplete = "users: 3 of 9 read"
	want := (&desiredBuilder{}).
		user("jon.adeyemi", values{schema.Manager: "mira.vos"}, state.Intent{}).
		user("mira.voss", values{schema.Manager: "eva.novak"}, state.Intent{}).
		user("new.one", nil, state.Intent{}).
		group("data", nil, state.Intent{}, "nobody").done()
	o := diff(t, live, want)
	var notes []string
	for _, n := range o.Notes {
		if text, ok := strings.CutPrefix(n.Text, "perhaps only because the read is incomplete: "); ok && n.Severity == state.Warning {
			notes = append(notes, text)
		}
	}
	if len(notes) != 5 || !strings.Contains(strings.Join(notes, "\n"), "without an e-mail") {
		t.Errorf("got notes %q", notes)
	}
	if len(o.Refused) == 0 || o.Read.Incomplete == "" {
		t.Errorf("refused %v, incomplete %q", o.Refused, o.Read.Incomplete)
	}
}

// twins are two people and two groups of one name.
func twins() *state.Live {
	b := kelp().user("eva", values{schema.State: "ACTIVATED"}).group("Twin", nil, "jon.adeyemi").group("Own", nil, "eva", "eva#2")
	b.object(schema.User, "eva#2", values{schema.State: "ACTIVATED", schema.Email: "two@kelp.example"}, state.Fact{})
	b.object(schema.Group, "Twin#2", nil, state.Fact{})
	live := b.done()
	for l := range live.Objects {
		if name, _, _ := strings.Cut(live.Objects[l].Name, "#"); name == "eva" || name == "Twin" {
			live.Objects[l].Name, live.Facts[l].Twins = name, []string{"1", "2"}
		}
	}
	return live
}

// Nobody touches people and groups of whom it is not clear who is meant.
func TestDiffTwins(t *testing.T) {
	want := (&desiredBuilder{}).group("Own", nil, state.Intent{Exact: true}, "jon.adeyemi").done()
	want.Policy.UnlistedUsers = "suspend"
	want.Policy.Ignore.Users = []string{"*.*"}
	want.Edges = nil
	want.Intents[0].NoMembers = true
	o := diff(t, twins(), want)
	if diff := cmp.Diff([]string(nil), lines(o)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	for _, name := range append(o.Unlisted.Users, o.Unlisted.Groups...) {
		if name == "eva" || name == "Twin" {
			t.Errorf("%s is unlisted", name)
		}
	}
}

func TestDiffNamesTwins(t *testing.T) {
	for name, want := range map[string]*desiredBuilder{
		`user "eva" is one of 2`:                             (&desiredBuilder{}).user("Eva", nil, state.Intent{}),
		`group "Twin" is one of 2`:                           (&desiredBuilder{}).group("Twin", nil, state.Intent{Absent: true}),
		`manager "eva" of jon.adeyemi is one of 2`:           (&desiredBuilder{}).user("jon.adeyemi", values{schema.Manager: "eva"}, state.Intent{}),
		`manager "two@kelp.example" of jon.adeyemi is one`:   (&desiredBuilder{}).user("jon.adeyemi", values{schema.Manager: "two@kelp.example"}, state.Intent{}),
		`member "eva" of group "Data" is one of 2`:           (&desiredBuilder{}).group("Data", nil, state.Intent{}, "eva"),
		`user "eva" is one of 2 of this name in JumpCloud (`: (&desiredBuilder{}).user("evas", nil, state.Intent{Was: []string{"eva"}}),
	} {
		_, err := Diff(nil, twins(), want.done(), Options{AsOf: "2026-11-23"})
		var problems state.Problems
		if !errors.As(err, &problems) || len(problems) != 1 || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}
