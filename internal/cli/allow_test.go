package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/plan"
	"rollcall/state"
)

func TestParseAllow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want plan.Allow
		err  string
	}{
		{"suspend_users=12", plan.Allow{Name: "suspend_users", N: 12}, ""},
		{"Bright Kelp:delete_users=0", plan.Allow{Org: "Bright Kelp", Name: "delete_users"}, ""},
		{"5f3c0a1b9d2e4c0001a7b9e1:reactivate_users=1", plan.Allow{Org: "5f3c0a1b9d2e4c0001a7b9e1", Name: "reactivate_users", N: 1}, ""},
		{"protected=breakglass", plan.Allow{Name: "protected", Value: "breakglass"}, ""},
		{"Kelp:group=AWS: a=b", plan.Allow{Org: "Kelp", Name: "group", Value: "AWS: a=b"}, ""},
		{"A: B:group=x", plan.Allow{Org: "A: B", Name: "group", Value: "x"}, ""},
		{"suspend_user=12", plan.Allow{}, `did you mean "suspend_users"`},
		{"suspend_users", plan.Allow{}, "[ORG:]NAME=N"},
		{"suspend_users=-1", plan.Allow{}, "whole number"},
		{"suspend_users=many", plan.Allow{}, "whole number"},
		{"group=", plan.Allow{}, "needs a name"},
		{"", plan.Allow{}, "[ORG:]NAME=N"},
	} {
		got, err := parseAllow(c.text)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("parseAllow(%q) (-want +got):\n%s", c.text, diff)
		}
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("parseAllow(%q): %v, want %q", c.text, err, c.err)
		}
	}
}

func TestCheckAllowed(t *testing.T) {
	t.Parallel()
	org := func(name string) *state.Desired { return &state.Desired{Org: state.Org{Name: name, ID: "id-" + name}} }
	one, two := []*state.Desired{org("Kelp")}, []*state.Desired{org("Kelp"), org("Oak")}
	for _, c := range []struct {
		name, allow string
		all         []*state.Desired
		err         string
	}{
		{"one organization needs no name", "suspend_users=1", one, ""},
		{"several do", "suspend_users=1", two, "must name one"},
		{"by name without case", "kelp:suspend_users=1", two, ""},
		{"by id", "id-Oak:suspend_users=1", two, ""},
		{"unknown", "Kelb:suspend_users=1", two, `did you mean "Kelp"`},
		{"left out by --org", "elm:suspend_users=1", two, `"elm" is not in this run, --org leaves it out`},
	} {
		a, err := parseAllow(c.allow)
		if err != nil {
			t.Fatal(err)
		}
		err = checkAllowed([]plan.Allow{a}, c.all, []state.Org{{Name: "Elm", ID: "id-Elm"}})
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
		if err != nil && codeOf(err) != exitUsage {
			t.Errorf("%s: exit code %d", c.name, codeOf(err))
		}
	}
}

// An organization whose document says only its id may be named as it is
// called in JumpCloud.
func TestCheckFound(t *testing.T) {
	t.Parallel()
	d := &state.Desired{Org: state.Org{ID: "2"}}
	two := []*session{
		{desired: &state.Desired{Org: state.Org{ID: "1", Name: "Kelp"}}, found: state.Visible{ID: "1"}},
		{desired: d, found: state.Visible{ID: "2", Name: "Two"}},
	}
	if err := checkAllowed([]plan.Allow{{Org: "Two", Name: "suspend_users"}}, []*state.Desired{two[0].desired, d}, nil); err != nil {
		t.Errorf("before it is found: %v", err)
	}
	for org, want := range map[string]string{"Two": "", "2": "", "kelp": "", "": "", "Tow": `did you mean "Two"`} {
		err := checkFound([]plan.Allow{{Org: org, Name: "suspend_users"}}, two, nil)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", org, err, want)
		}
	}
	two[1].found = state.Visible{}
	if err := checkFound([]plan.Allow{{Org: "Tow"}}, two, nil); err != nil {
		t.Errorf("not found: %v", err)
	}
}
