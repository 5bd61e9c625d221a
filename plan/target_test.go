package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
)

func theUser(name string) Name  { return Name{Kind: schema.User, Name: name} }
func liveUser(name string) Name { return Name{Kind: schema.User, Name: name, ID: "id of " + name} }
func theGroup(name string) Name { return Name{Kind: schema.Group, Name: name} }

// targets is a plan where a membership of ann needs her, who needs her
// manager bob; cyd and the group Ops stand apart.
func targets() *Plan {
	return &Plan{Digest: "sha256:whole", Orgs: []Org{
		{Name: "Kelp", Changes: []Change{
			{Action: Create, Object: theGroup("Data")},
			{Action: Create, Object: theGroup("Ops")},
			{Action: Create, Object: theUser("bob")},
			{Action: Create, Object: theUser("Ann"), Needs: []int{2}},
			{Action: Update, Object: liveUser("cyd"), Fields: []Delta{{Value: schema.Value{Field: schema.Username, Text: "cyd.new"}}}},
			{Action: Activate, Object: theUser("Ann"), Needs: []int{3}, Mail: "send"},
			{Action: Add, Object: theGroup("Data"), To: theUser("Ann"), Needs: []int{0, 3}},
			{Action: Remove, Object: theGroup("Ops"), To: liveUser("cyd"), Needs: []int{1, 4}},
		}, Held: []Held{{Change: Change{Action: Reactivate, Object: theUser("dan")}}}, Refused: []Refusal{{Reason: "limit"}}},
		{Name: "Broken", Error: "401"},
	}}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	type kept struct {
		Action     Action
		Object, To string
		Needs      []int
	}
	for _, c := range []struct {
		name string
		who  Name
		want []kept
		held int
		sum  Summary
	}{
		{"a person, what the person needs, and what that needs", theUser("ann"), []kept{
			{Create, "Data", "", []int{}},
			{Create, "bob", "", []int{}},
			{Create, "Ann", "", []int{1}},
			{Activate, "Ann", "", []int{2}},
			{Add, "Data", "Ann", []int{0, 2}},
		}, 0, Summary{Users: Counts{Create: 2, Activate: 1}, Groups: Counts{Create: 1}, Added: 1, Mails: 1, Requests: 5}},
		{"a group and its members", theGroup("Ops"), []kept{
			{Create, "Ops", "", []int{}},
			{Update, "cyd", "", []int{}},
			{Remove, "Ops", "cyd", []int{0, 1}},
		}, 0, Summary{Users: Counts{Update: 1}, Groups: Counts{Create: 1}, Removed: 1, Requests: 3}},
		{"by the new name", theUser("CYD.new"), []kept{
			{Create, "Ops", "", []int{}},
			{Update, "cyd", "", []int{}},
			{Remove, "Ops", "cyd", []int{0, 1}},
		}, 0, Summary{Users: Counts{Update: 1}, Groups: Counts{Create: 1}, Removed: 1, Requests: 3}},
		{"groups have case", theGroup("ops"), nil, 0, Summary{}},
		{"a held person", theUser("dan"), nil, 1, Summary{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			whole := targets()
			p := Target(whole, c.who)
			var got []kept
			for _, x := range p.Orgs[0].Changes {
				got = append(got, kept{x.Action, x.Object.Name, x.To.Name, x.Needs})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.sum, p.Orgs[0].Summary); diff != "" {
				t.Errorf("summary (-want +got):\n%s", diff)
			}
			if len(p.Orgs[0].Held) != c.held || len(p.Orgs[0].Refused) != 1 || p.Orgs[1].Error != "401" || len(p.Orgs[0].Notes) != 1 {
				t.Errorf("held %d, refused %d, error %q, notes %v", len(p.Orgs[0].Held), len(p.Orgs[0].Refused), p.Orgs[1].Error, p.Orgs[0].Notes)
			}
			if p.Digest == whole.Digest || p.Orgs[0].Digest == "" {
				t.Error("the digest is that of the whole plan")
			}
			if diff := cmp.Diff(targets(), whole); diff != "" {
				t.Errorf("the whole plan was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestTargetDigestIsThatOfNew(t *testing.T) {
	t.Parallel()
	org := Org{ID: "1", Changes: []Change{{Action: Create, Object: theUser("ann")}}}
	org.Digest = digest(&org)
	p := New([]Org{org}, "", "", Options{})
	if got := Target(p, theUser("ann")).Digest; got != p.Digest {
		t.Errorf("nothing left out: digest %s, want %s", got, p.Digest)
	}
}
