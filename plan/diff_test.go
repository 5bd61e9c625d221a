package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
	"rollcall/state"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// kelp is a small live organization: mira manages jon and ole, who manages eva.
func kelp() *liveBuilder {
	b := &liveBuilder{}
	for _, p := range []struct{ name, state, manager string }{
		{"mira.voss", activated, ""}, {"jon.adeyemi", activated, "mira.voss"}, {"ole.berg", activated, "mira.voss"},
		{"eva.novak", activated, "ole.berg"}, {"sten.stage", staged, ""}, {"sue.pend", suspended, ""},
	} {
		v := values{schema.State: p.state, schema.Email: p.name + "@kelp.example"}
		if p.manager != "" {
			v[schema.Manager] = p.manager
		}
		b.user(p.name, v)
	}
	return b.group("Data", nil, "eva.novak", "jon.adeyemi", "sue.pend").group("Sales", nil, "ole.berg")
}

func TestDiff(t *testing.T) {
	for _, c := range []struct {
		name    string
		live    *liveBuilder
		want    *desiredBuilder
		allow   []Allow
		lines   []string
		held    []string
		refused []string // substrings
		notes   []string // substrings
	}{
		{name: "nobody is touched by a name alone", live: kelp(), want: (&desiredBuilder{}).user("sue.pend", nil, state.Intent{CreateState: activated}).user("sten.stage", nil, state.Intent{CreateState: activated}),
			notes: []string{"sten.stage is staged and stays so"}},
		{name: "a password without since is for creation", live: kelp(), want: (&desiredBuilder{}).user("jon.adeyemi", nil, state.Intent{Password: state.Password{From: state.Reference{Env: "JON"}}}),
			notes: []string{"the password that the file gives jon.adeyemi is used only when a person is created; write since: DATE to set it now"}},
		{name: "a joiner below a joiner", live: kelp(),
			want: (&desiredBuilder{}).
				user("a.report", values{schema.Email: "a@kelp.example", schema.Manager: "z.boss"}, state.Intent{}).
				user("z.boss", values{schema.Email: "z@kelp.example", schema.Manager: "mira.voss"}, state.Intent{CreateState: activated}).
				group("New", nil, state.Intent{}, "a.report"),
			lines: []string{
				"create group New",
				"create user z.boss email:->z@kelp.example state:->STAGED manager:->mira.voss",
				"create user a.report email:->a@kelp.example state:->STAGED manager:->z.boss",
				"activate user z.boss state:STAGED->ACTIVATED",
				"add group New a.report",
			}},
		{name: "ssh keys come after the POST", live: kelp(),
			want: (&desiredBuilder{}).user("key.holder", values{schema.Email: "k@kelp.example", schema.SSHKeys: `[{"name":"a","public_key":"b"}]`}, state.Intent{}),
			lines: []string{
				"create user key.holder email:->k@kelp.example state:->STAGED",
				`update user key.holder ssh_keys:->[{"name":"a","public_key":"b"}]`,
			}},
		{name: "a suspension carries the other fields", live: kelp(),
			want:  (&desiredBuilder{}).user("ole.berg", values{schema.State: suspended, schema.Description: "left"}, state.Intent{}),
			lines: []string{"suspend user ole.berg state:ACTIVATED->SUSPENDED description:->left"}},
		{name: "staged to activated", live: kelp(),
			want:  (&desiredBuilder{}).user("sten.stage", values{schema.State: activated, schema.JobTitle: "SRE"}, state.Intent{ActivationEmail: "none"}),
			lines: []string{"update user sten.stage jobTitle:->SRE", "activate user sten.stage state:STAGED->ACTIVATED"}},
		{name: "cannot be staged again", live: kelp(),
			want:  (&desiredBuilder{}).user("sue.pend", values{schema.State: staged}, state.Intent{}),
			notes: []string{"sue.pend is suspended and cannot be staged again"}},
		{name: "a console suspension is held, other fields go on", live: kelp(),
			want:  (&desiredBuilder{}).user("sue.pend", values{schema.State: activated, schema.JobTitle: "AE"}, state.Intent{}),
			lines: []string{"update user sue.pend jobTitle:->AE"},
			held:  []string{"reactivate user sue.pend state:SUSPENDED->ACTIVATED reactivate_users=1"}},
		{name: "a reactivation that is allowed", live: kelp(), allow: []Allow{{Name: "reactivate_users", N: 1}},
			want: (&desiredBuilder{}).user("sue.pend", values{schema.State: activated}, state.Intent{NoGroups: true}),
			lines: []string{
				"remove group Data sue.pend",
				"reactivate user sue.pend state:SUSPENDED->ACTIVATED",
			}},
		{name: "an active person is not deleted", live: kelp(),
			want:    (&desiredBuilder{}).user("jon.adeyemi", nil, state.Intent{Absent: true}),
			refused: []string{"suspend"}},
		{name: "a suspended one is", live: kelp(),
			want:  (&desiredBuilder{}).user("sue.pend", nil, state.Intent{Absent: true}),
			lines: []string{"delete user sue.pend"},
			notes: []string{"write sue.pend: {ensure: absent, id: user-sue.pend}"}},
		{name: "another id is not", live: kelp(),
			want: func() *desiredBuilder {
				b := (&desiredBuilder{}).user("sue.pend", nil, state.Intent{Absent: true})
				b.Objects[0].ID = "60aa0f2b1c9d440000a1b2c3"
				return b
			}(),
			refused: []string{"60aa0f2b1c9d440000a1b2c3"}},
		{name: "a rename by was", live: kelp(),
			want: (&desiredBuilder{}).
				user("jon.ade", values{schema.Email: "jon.ade@kelp.example"}, state.Intent{Was: []string{"jon.adeyemi"}}).
				group("Data", nil, state.Intent{Exact: true}, "jon.ade", "eva.novak", "sue.pend"),
			lines: []string{
				"update user jon.adeyemi username:jon.adeyemi->jon.ade",
				"update user jon.adeyemi email:jon.adeyemi@kelp.example->jon.ade@kelp.example",
			}},
		{name: "without was it may be the same person", live: kelp(),
			want:    (&desiredBuilder{}).user("jon.ade", values{schema.Email: "jon.adeyemi@kelp.example"}, state.Intent{}),
			lines:   []string{"create user jon.ade email:->jon.adeyemi@kelp.example state:->STAGED"},
			refused: []string{"has the email of \"jon.adeyemi\", who is live: was: jon.adeyemi if it is the same person, if not list"}},
		{name: "a departing person's values are named together", live: (&liveBuilder{}).user("anna.weiss", values{schema.State: suspended, schema.Email: "a@kelp.example", schema.EmployeeIdentifier: "7", schema.UnixUID: "5001"}),
			want: (&desiredBuilder{}).user("anna.weiss", nil, state.Intent{Absent: true}).
				user("anna.klein", values{schema.Email: "a@kelp.example", schema.EmployeeIdentifier: "7", schema.UnixUID: "5001"}, state.Intent{}),
			lines:   []string{"create user anna.klein email:->a@kelp.example state:->STAGED employeeIdentifier:->7 unix_uid:->5001", "delete user anna.weiss"},
			refused: []string{`"anna.klein" has the email, employeeIdentifier and unix_uid of "anna.weiss", who is live: was: anna.weiss if it is the same person, new: true if not, or correct the name`},
			notes:   []string{"anna.weiss is deleted by name"}},
		{name: "a manager who is renamed is no change", live: kelp(),
			want: (&desiredBuilder{}).
				user("ole.new", nil, state.Intent{Was: []string{"ole.berg"}}).
				user("eva.novak", values{schema.Manager: "ole.new"}, state.Intent{}),
			lines: []string{"update user ole.berg username:ole.berg->ole.new"}},
		{name: "an e-mail moves from a leaver to a joiner", live: kelp(),
			want: (&desiredBuilder{}).
				user("ole.berg", values{schema.State: suspended, schema.Email: "left.ole@kelp.example"}, state.Intent{}).
				user("olga.berg", values{schema.Email: "ole.berg@kelp.example"}, state.Intent{}),
			lines: []string{
				"suspend user ole.berg email:ole.berg@kelp.example->left.ole@kelp.example state:ACTIVATED->SUSPENDED",
				"create user olga.berg email:->ole.berg@kelp.example state:->STAGED",
			}},
		{name: "two who swap", live: kelp(),
			want: (&desiredBuilder{}).
				user("ole.berg", values{schema.Email: "jon.adeyemi@kelp.example"}, state.Intent{}).
				user("jon.adeyemi", values{schema.Email: "ole.berg@kelp.example"}, state.Intent{}),
			lines: []string{
				"update user jon.adeyemi email:jon.adeyemi@kelp.example->ole.berg@kelp.example",
				"update user ole.berg email:ole.berg@kelp.example->jon.adeyemi@kelp.example",
			},
			refused: []string{"jon.adeyemi and ole.berg exchange"}},
		{name: "a value that stays with somebody", live: kelp(),
			want: (&desiredBuilder{}).
				user("mira.voss", nil, state.Intent{}).
				user("jon.adeyemi", values{schema.Email: "mira.voss@kelp.example"}, state.Intent{}),
			lines:   []string{"update user jon.adeyemi email:jon.adeyemi@kelp.example->mira.voss@kelp.example"},
			refused: []string{"mira.voss has it"}},
		{name: "members only add", live: kelp(),
			want:  (&desiredBuilder{}).group("Data", nil, state.Intent{}, "mira.voss", "jon.adeyemi"),
			lines: []string{"add group Data mira.voss"}},
		{name: "an exact group", live: kelp(),
			want:  (&desiredBuilder{}).group("Data", nil, state.Intent{Exact: true}, "mira.voss", "jon.adeyemi", "eva.novak"),
			lines: []string{"add group Data mira.voss", "remove group Data sue.pend"}},
		{name: "an exact group without members", live: kelp(),
			want:    (&desiredBuilder{}).group("Sales", nil, state.Intent{Exact: true}),
			lines:   []string{"remove group Sales ole.berg"},
			refused: []string{"members: []"}},
		{name: "an exact group emptied on purpose", live: kelp(),
			want:  (&desiredBuilder{}).group("Sales", nil, state.Intent{Exact: true, NoMembers: true}),
			lines: []string{"remove group Sales ole.berg"}},
		{name: "a member written by e-mail is the same person", live: kelp(),
			want: (&desiredBuilder{}).group("Sales", nil, state.Intent{Exact: true}, "ole.berg@kelp.example")},
		{name: "ignored people stay in exact groups", live: kelp(),
			want: func() *desiredBuilder {
				b := (&desiredBuilder{}).group("Data", nil, state.Intent{Exact: true}, "jon.adeyemi")
				b.Policy.Ignore.Users = []string{"e*", "sue*"}
				return b
			}()},
		{name: "a locked field is named, not written",
			live: func() *liveBuilder {
				b := kelp()
				b.Facts[1].Locked = []state.Lock{{Field: schema.JobTitle, By: "scim"}}
				return b
			}(),
			want:  (&desiredBuilder{}).user("jon.adeyemi", values{schema.JobTitle: "CTO", schema.Location: "Kiel"}, state.Intent{}),
			lines: []string{"update user jon.adeyemi location:->Kiel"},
			notes: []string{"jobTitle of jon.adeyemi is locked by scim"}},
		{name: "an administrator is protected",
			live:    func() *liveBuilder { b := kelp(); b.Facts[1].Admin = true; return b }(),
			want:    (&desiredBuilder{}).user("jon.adeyemi", values{schema.State: suspended}, state.Intent{}),
			lines:   []string{"suspend user jon.adeyemi state:ACTIVATED->SUSPENDED"},
			refused: []string{"jon.adeyemi is protected"}},
		{name: "a deleted manager's reports move",
			live: kelp().user("old.boss", values{schema.State: suspended, schema.Email: "old@kelp.example"}).
				user("rep", values{schema.State: activated, schema.Email: "rep@kelp.example", schema.Manager: "old.boss"}),
			want: (&desiredBuilder{}).user("old.boss", nil, state.Intent{Absent: true, ReportsTo: &state.Written{Text: "mira.voss"}}),
			lines: []string{
				"update user rep manager:old.boss->mira.voss",
				"delete user old.boss",
			},
			notes: []string{"write old.boss: {ensure: absent, id: user-old.boss, reports_to: mira.voss}"}},
		{name: "without reports_to they are named",
			live: kelp().user("old.boss", values{schema.State: suspended, schema.Email: "old@kelp.example"}).
				user("rep", values{schema.State: activated, schema.Email: "rep@kelp.example", schema.Manager: "old.boss"}),
			want:    (&desiredBuilder{}).user("old.boss", nil, state.Intent{Absent: true}),
			lines:   []string{"delete user old.boss"},
			refused: []string{"still manages rep"},
			notes:   []string{"write old.boss: {ensure: absent, id: user-old.boss}"}},
		{name: "the unlisted are suspended, but not the new ones",
			live: func() *liveBuilder {
				b := people(3)
				b.Facts[2].Created = day("2026-11-20")
				return b
			}(),
			want:  func() *desiredBuilder { b := &desiredBuilder{}; b.Policy.UnlistedUsers = "suspend"; return b }(),
			allow: []Allow{{Name: "suspend_users", N: 3}},
			lines: []string{"suspend user p0000 state:ACTIVATED->SUSPENDED", "suspend user p0001 state:ACTIVATED->SUSPENDED"},
			notes: []string{"p0002"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := diff(t, c.live.done(), c.want.done(), c.allow...)
			if d := cmp.Diff(c.lines, lines(o)); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			var held []string
			for _, h := range o.Held {
				held = append(held, line(&h.Change)+" "+h.Allow)
			}
			if d := cmp.Diff(c.held, held); d != "" {
				t.Errorf("held (-want +got):\n%s", d)
			}
			var refused, notes []string
			for _, r := range o.Refused {
				refused = append(refused, r.Reason)
			}
			for _, n := range o.Notes {
				notes = append(notes, n.Text)
			}
			contain(t, "refused", refused, c.refused)
			contain(t, "notes", notes, c.notes)
		})
	}
}

// contain checks that each text has its part, and that there is no other.
func contain(t *testing.T, what string, got, parts []string) {
	t.Helper()
	ok := len(got) == len(parts)
	for i := range min(len(got), len(parts)) {
		ok = ok && strings.Contains(got[i], parts[i])
	}
	if !ok {
		t.Errorf("%s: got %q, want parts %q", what, got, parts)
	}
}

func TestDiffProblems(t *testing.T) {
	for _, c := range []struct {
		name string
		want *desiredBuilder
		part string
	}{
		{"no such manager", (&desiredBuilder{}).user("jon.adeyemi", values{schema.Manager: "mira.vos"}, state.Intent{}), `"mira.vos" of jon.adeyemi is neither`},
		{"own manager", (&desiredBuilder{}).user("jon.adeyemi", values{schema.Manager: "jon.adeyemi@kelp.example"}, state.Intent{}), "their own manager"},
		{"a circle with live", (&desiredBuilder{}).user("mira.voss", values{schema.Manager: "eva.novak"}, state.Intent{}), "circle"},
		{"no e-mail", (&desiredBuilder{}).user("new.one", nil, state.Intent{}), "without an e-mail"},
		{"no such group", func() *desiredBuilder {
			b := (&desiredBuilder{}).user("jon.adeyemi", nil, state.Intent{})
			b.Edges = []state.Edge{{Group: "Dat", User: "jon.adeyemi"}}
			return b
		}(), `group "Dat" is neither`},
		{"no such member", (&desiredBuilder{}).group("Data", nil, state.Intent{}, "nobody"), `member "nobody"`},
		{"another case", (&desiredBuilder{}).group("data", nil, state.Intent{}), `"Data" is live`},
		{"ignored", func() *desiredBuilder {
			b := (&desiredBuilder{}).user("jon.adeyemi", nil, state.Intent{})
			b.Policy.Ignore.Users = []string{"JON.*"}
			return b
		}(), "ignored by policy.ignore"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Diff(nil, kelp().done(), c.want.done(), Options{AsOf: "2026-11-23"})
			var problems state.Problems
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), c.part) {
				t.Errorf("got %v, want %q", err, c.part)
			}
		})
	}
}

func TestMembersOfADynamicGroup(t *testing.T) {
	live := kelp().group("Region", values{schema.MembershipMethod: "DYNAMIC_AUTOMATED", schema.MemberQuery: `{"filters":[{"field":"department"}]}`}, "eva.novak").done()
	want := (&desiredBuilder{}).group("Region", nil, state.Intent{}, "mira.voss").done()
	if _, err := Diff(nil, live, want, Options{}); err == nil || !strings.Contains(err.Error(), "department") {
		t.Errorf("got %v, want an error with the rule", err)
	}
	moved := (&desiredBuilder{}).user("eva.novak", values{schema.Department: "Ops"}, state.Intent{}).done()
	if o := diff(t, live, moved); !slices.Contains(o.Changes[0].Hazards, schema.MayMoveGroups) {
		t.Errorf("hazards %v", o.Changes[0].Hazards)
	}
}

// equal is a desired and a live state of n people that do not differ.
func equal(n int) (*state.Live, *state.Desired) {
	live, want := &liveBuilder{}, &desiredBuilder{}
	for i := range n {
		v := values{
			schema.State: activated, schema.Email: fmt.Sprintf("p%06d@x.example", i), schema.Firstname: "Ann", schema.Lastname: "Example",
			schema.JobTitle: "Engineer", schema.Department: "Engineering", schema.CostCenter: "4400", schema.Location: "Kiel",
			schema.EmployeeIdentifier: fmt.Sprint(100000 + i), schema.EmployeeType: "staff", schema.Company: "Example",
		}
		if i > 0 {
			v[schema.Manager] = fmt.Sprintf("p%06d", i/10)
		}
		live.user(fmt.Sprintf("p%06d", i), v)
		want.user(fmt.Sprintf("p%06d", i), v, state.Intent{})
	}
	return live.done(), want.done()
}

func TestDiffOfEqualPeopleAllocatesNothingAPerson(t *testing.T) {
	allocations := func(n int) float64 {
		live, want := equal(n)
		return testing.AllocsPerRun(3, func() { diff(t, live, want) })
	}
	few, many := allocations(100), allocations(5000)
	if many > few+10 {
		t.Errorf("%v allocations for 100 people, %v for 5000", few, many)
	}
}

func BenchmarkDiff100000Equal(b *testing.B) {
	live, want := equal(100_000)
	b.ReportAllocs()
	for b.Loop() {
		diff(b, live, want)
	}
}
