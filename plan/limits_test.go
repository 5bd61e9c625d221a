package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
	"rollcall/state"
)

// people is an organization of n active people.
func people(n int) *liveBuilder {
	b := &liveBuilder{}
	for i := range n {
		b.user(fmt.Sprintf("p%04d", i), values{schema.State: activated, schema.Email: fmt.Sprintf("p%04d@x.example", i)})
	}
	return b
}

// suspendFirst wants the first n people suspended.
func suspendFirst(n int) *state.Desired {
	b := &desiredBuilder{}
	for i := range n {
		b.user(fmt.Sprintf("p%04d", i), values{schema.State: suspended}, state.Intent{})
	}
	return b.done()
}

func use(o *Org, name string) LimitUse {
	i := slices.IndexFunc(o.Limits, func(u LimitUse) bool { return u.Name == name })
	return o.Limits[i]
}

func TestLossesAreNeverMoreThanHalf(t *testing.T) {
	for _, c := range []struct{ people, suspend, delete int }{
		{1, 1, 1}, {2, 1, 1}, {3, 1, 1}, {6, 3, 1}, {12, 3, 1}, {40, 3, 1}, {60, 3, 1}, {100, 5, 1}, {300, 15, 3}, {1482, 50, 5},
	} {
		o := diff(t, people(c.people).done(), suspendFirst(0))
		if got := use(o, "suspend_users").Limit; got != c.suspend {
			t.Errorf("%d people: suspend_users %d, want %d", c.people, got, c.suspend)
		}
		if got := use(o, "delete_users").Limit; got != c.delete {
			t.Errorf("%d people: delete_users %d, want %d", c.people, got, c.delete)
		}
	}
}

func TestOverALimitTheAllowThatLetsItPass(t *testing.T) {
	for _, n := range []int{2, 4, 13, 41} {
		live := people(n * 2).done()
		want := suspendFirst(n)
		o := diff(t, live, want)
		limit := use(o, "suspend_users").Limit
		if n <= limit {
			if len(o.Refused) > 0 {
				t.Errorf("%d of %d: refused %v", n, 2*n, o.Refused)
			}
			continue
		}
		if len(o.Refused) != 1 || o.Refused[0].Allow != fmt.Sprintf("suspend_users=%d", n) {
			t.Fatalf("%d of %d: refused %v", n, 2*n, o.Refused)
		}
		if o := diff(t, live, want, Allow{Name: "suspend_users", N: n}); len(o.Refused) > 0 {
			t.Errorf("%d allowed: refused %v", n, o.Refused)
		}
		if o := diff(t, live, want, Allow{Name: "suspend_users", N: n - 1}); len(o.Refused) != 1 {
			t.Errorf("%d allowed of %d: refused %v", n-1, n, o.Refused)
		}
	}
}

func TestWrittenLimits(t *testing.T) {
	live := people(100).done()
	want := suspendFirst(8)
	want.Policy.Limits = map[string]state.Limit{"suspend_users": {Min: 8, Max: 8}}
	if o := diff(t, live, want); len(o.Refused) > 0 {
		t.Errorf("8 written: refused %v", o.Refused)
	}
	want.Policy.Limits["suspend_users"] = state.Limit{Min: 7, Max: 7}
	if o := diff(t, live, want); len(o.Refused) != 1 {
		t.Errorf("7 written: refused %v", o.Refused)
	}
}

func TestAllowOfTheFileRunsOut(t *testing.T) {
	live := people(40).done()
	want := suspendFirst(10)
	want.Policy.Allow = []state.Allow{{Limit: "suspend_users", N: 10, Until: day("2026-11-23")}}
	if o := diff(t, live, want); len(o.Refused) > 0 {
		t.Errorf("on its last day: refused %v", o.Refused)
	}
	want.Policy.Allow[0].Until = day("2026-11-22")
	o := diff(t, live, want)
	if len(o.Refused) != 1 || len(o.Notes) != 1 {
		t.Errorf("a day later: refused %v, notes %v", o.Refused, o.Notes)
	}
}

func TestGrowthHasNoLimitInAnEmptyOrganization(t *testing.T) {
	b := &desiredBuilder{}
	for i := range 120 {
		b.user(fmt.Sprintf("n%03d", i), values{schema.Email: fmt.Sprintf("n%03d@x.example", i)}, state.Intent{CreateState: activated})
	}
	want := b.done()
	empty := diff(t, (&liveBuilder{}).done(), want)
	if u := use(empty, "create_users"); len(empty.Refused) > 0 || u.Limit != NoLimit || u.Exceeded {
		t.Errorf("empty: refused %v, limit %+v", empty.Refused, u)
	}
	o := diff(t, people(10).done(), want)
	var allow []string
	for _, r := range o.Refused {
		allow = append(allow, r.Allow)
	}
	if want := []string{"create_users=120", "activate_users=120", "mails=120"}; !cmp.Equal(want, allow) {
		t.Errorf("10 people (-want +got):\n%s", cmp.Diff(want, allow))
	}
}

func TestShrinkGroup(t *testing.T) {
	for _, c := range []struct{ members, keep, refused int }{{4, 1, 0}, {5, 3, 0}, {5, 2, 1}, {10, 5, 0}, {10, 4, 1}} {
		b := people(200)
		b.group("Ballast", nil, names(40, 140)...)
		b.group("Data", nil, names(0, c.members)...)
		want := (&desiredBuilder{}).group("Data", nil, state.Intent{Exact: true}, names(0, c.keep)...).done()
		o := diff(t, b.done(), want)
		if len(o.Refused) != c.refused {
			t.Errorf("%d members, %d stay: refused %v", c.members, c.keep, o.Refused)
		}
	}
}

// A written limit is no stricter for a small group than it says.
func TestShrinkGroupWritten(t *testing.T) {
	for _, c := range []struct {
		members, keep int
		written       state.Limit
		limit         int
	}{
		{4, 0, state.Limit{Min: 4, Max: 4}, 4},
		{4, 3, state.Limit{Min: 1, Max: 1}, 1},
		{10, 8, state.Limit{Min: 9, Max: 9}, 5},
		{10, 8, state.Limit{Percent: 30, Max: 9}, 3},
	} {
		live := people(200).group("Ballast", nil, names(40, 140)...).group("Data", nil, names(0, c.members)...).done()
		want := (&desiredBuilder{}).group("Data", nil, state.Intent{Exact: true, NoMembers: true}, names(0, c.keep)...).done()
		want.Policy.Limits = map[string]state.Limit{shrinkGroup: c.written}
		if got := use(diff(t, live, want), shrinkGroup).Limit; got != c.limit {
			t.Errorf("%v of %d members: limit %d, want %d", c.written, c.members, got, c.limit)
		}
	}
}

// Of groups whose members were only counted, the count is what a limit is of.
func TestCountedMembers(t *testing.T) {
	b, want := people(300), &desiredBuilder{}
	for _, g := range []string{"A", "B", "C", "D", "E", "F"} {
		b.group(g, nil, names(0, 4)...)
	}
	for i := range b.Facts {
		if b.Objects[i].Kind == schema.Group {
			b.Facts[i].MembersRead, b.Facts[i].Members = false, 300
		}
	}
	for _, name := range names(0, 4) {
		want.user(name, nil, state.Intent{NoGroups: true})
	}
	o := diff(t, b.done(), want.done())
	if got := use(o, "remove_members"); got.Count != 24 || got.Of != 1800 || got.Limit != 90 || len(o.Refused) > 0 {
		t.Errorf("limit %+v, refused %v", got, o.Refused)
	}
}

// Group names have case, usernames have none.
func TestAllowByName(t *testing.T) {
	live := people(2).group("Data", nil, "p0000").group("data", nil).done()
	live.Facts[0].Admin = true
	want := (&desiredBuilder{}).group("Data", nil, state.Intent{Absent: true}).group("data", nil, state.Intent{Absent: true}).
		user("p0000", values{schema.State: suspended}, state.Intent{}).done()
	o := diff(t, live, want, Allow{Name: "group", Value: "data"}, Allow{Name: "protected", Value: "P0000"}, Allow{Name: "delete_groups", N: 2})
	if len(o.Refused) != 1 || o.Refused[0].Allow != "group=Data" || !strings.Contains(o.Refused[0].Reason, "has 1 member,") {
		t.Errorf("refused %v", o.Refused)
	}
}

func names(from, n int) (s []string) {
	for i := from; i < from+n; i++ {
		s = append(s, fmt.Sprintf("p%04d", i))
	}
	return s
}

func TestGroupEndAndRuleChangeCountItsMembers(t *testing.T) {
	live := people(40).group("Old Project", nil, names(0, 12)...).done()
	for what, want := range map[string]*state.Desired{
		"deleted":  (&desiredBuilder{}).group("Old Project", nil, state.Intent{Absent: true}).done(),
		"new rule": (&desiredBuilder{}).group("Old Project", values{schema.MembershipMethod: "DYNAMIC_AUTOMATED"}, state.Intent{}).done(),
	} {
		o := diff(t, live, want)
		if got := use(o, "remove_members").Count; got != 12 {
			t.Errorf("%s: %d members counted, want 12", what, got)
		}
		allow := []Allow{{Name: "group", Value: "Old Project"}, {Name: "remove_members", N: 12}}
		if o := diff(t, live, want, allow...); len(o.Refused) > 0 {
			t.Errorf("%s, allowed: refused %v", what, o.Refused)
		}
		if o := diff(t, live, want, allow[1:]...); len(o.Refused) != 1 || o.Refused[0].Allow != "group=Old Project" {
			t.Errorf("%s, not allowed by name: refused %v", what, o.Refused)
		}
	}
}

func TestRunCapsOverAllOrganizations(t *testing.T) {
	var orgs []Org
	for i := range 8 {
		orgs = append(orgs, Org{ID: fmt.Sprint("org", i), Name: fmt.Sprint("Client ", i), Summary: Summary{Users: Counts{Suspend: 7}}})
	}
	p := New(slices.Clone(orgs), "2026-11-23", "rollcall", Options{})
	if len(p.Refused) != 8 || p.Refused[0].Allow != "org0:suspend_users=7" {
		t.Errorf("56 suspensions: refused %v", p.Refused)
	}
	p = New(slices.Clone(orgs), "2026-11-23", "rollcall", Options{Allow: []Allow{{Org: "org3", Name: "suspend_users", N: 7}}})
	if len(p.Refused) != 0 {
		t.Errorf("49 not allowed by name: refused %v", p.Refused)
	}
}

// What is refused by its own limits takes nothing away, and stops no other
// organization.
func TestRunCapsLeaveOutTheRefused(t *testing.T) {
	big := Org{ID: "big", Summary: Summary{Users: Counts{Suspend: 55}}, Refused: []Refusal{{Org: "big", Reason: "limit suspend_users", Allow: "suspend_users=55"}}}
	small := Org{ID: "small", Summary: Summary{Users: Counts{Suspend: 1}}}
	p := New([]Org{big, small}, "2026-11-23", "rollcall", Options{})
	if len(p.Refused) != 1 || p.Refused[0].Org != "big" || len(p.Orgs[1].Refused) != 0 {
		t.Errorf("refused %v", p.Refused)
	}
	big.Refused = nil // as --allow lets its own limit pass
	p = New([]Org{big, small}, "2026-11-23", "rollcall", Options{Allow: []Allow{{Org: "big", Name: "suspend_users", N: 55}}})
	if len(p.Refused) != 0 {
		t.Errorf("allowed: refused %v", p.Refused)
	}
}

// A run of one organization is a run; an exception in its file counts until
// its last day there.
func TestRunCapsOfOneOrganization(t *testing.T) {
	suspending := func(n int, until string) []Org {
		o := Org{ID: "1", AsOf: "2026-11-24", Summary: Summary{Users: Counts{Suspend: n}}}
		if until != "" {
			o.Policy.Allow = []state.Allow{{Limit: "suspend_users", N: n, Until: day(until)}}
		}
		return []Org{o}
	}
	allow := Options{Allow: []Allow{{Name: "suspend_users", N: 51}}}
	for _, c := range []struct {
		name    string
		orgs    []Org
		o       Options
		refused int
	}{
		{"50", suspending(50, ""), Options{}, 0},
		{"51", suspending(51, ""), Options{}, 1},
		{"51 allowed", suspending(51, ""), allow, 0},
		{"51 allowed by the file", suspending(51, "2026-11-24"), Options{}, 0},
		{"51 allowed until yesterday", suspending(51, "2026-11-23"), Options{}, 1},
	} {
		if p := New(c.orgs, "2026-11-23", "rollcall", c.o); len(p.Refused) != c.refused {
			t.Errorf("%s: refused %v", c.name, p.Refused)
		}
	}
	o := suspending(80, "")
	o[0].Refused = []Refusal{{Org: "1", Reason: "limit suspend_users", Allow: "suspend_users=80"}}
	if p := New(o, "2026-11-23", "rollcall", Options{}); len(p.Refused) != 1 {
		t.Errorf("told twice: %v", p.Refused)
	}
}

// The reference and the schema give the limits as they are.
func TestDefaultsOfLimitsAreDocumented(t *testing.T) {
	var document struct {
		Properties struct {
			Policy struct {
				Properties struct {
					Limits struct {
						Properties map[string]struct{ Description string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(schema.Document(), &document); err != nil {
		t.Fatal(err)
	}
	documented := document.Properties.Policy.Properties.Limits.Properties
	of := [...]string{ofUsers: " of the users", ofGroups: " of the groups", ofMemberships: " of the memberships"}
	want := map[string]string{
		shrinkGroup: fmt.Sprintf("half of the members, any part of a group of fewer than %d", smallestShrunk),
		addMembers:  written(addCeiling) + of[ofUsers],
	}
	for _, row := range limitTable {
		want[row.name] = written(row.ceiling)
		if row.ceiling.Percent > 0 {
			want[row.name] += of[row.of]
		}
	}
	for name, text := range want {
		if got := documented[name].Description; !strings.HasSuffix(got, " Default: "+text+".") {
			t.Errorf("%s: %q does not give the default %s", name, got, text)
		}
	}
	if len(documented) != len(want) {
		t.Errorf("%d limits are documented, %d have a default", len(documented), len(want))
	}
}

// written is a limit as files write it.
func written(l state.Limit) string {
	if l.Percent == 0 {
		return fmt.Sprint(l.Max)
	}
	return fmt.Sprintf("%d..%g%%..%d", l.Min, l.Percent, l.Max)
}
