package cli

import (
	"fmt"
	"testing"
	"time"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// TestDay proves that each organization has the day of its own time zone, the
// moment before and after its midnight, on days of 23 and 25 hours too, and
// that it is the day on which the run began.
func TestDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, now, want string }{
		{"UTC", "2026-11-26T23:59:59Z", "2026-11-26"},
		{"UTC", "2026-11-27T00:00:00Z", "2026-11-27"},
		{"Pacific/Kiritimati", "2026-11-26T09:59:59Z", "2026-11-26"},
		{"Pacific/Kiritimati", "2026-11-26T10:00:00Z", "2026-11-27"},
		{"America/Los_Angeles", "2026-11-27T07:59:59Z", "2026-11-26"},
		{"America/Los_Angeles", "2026-11-27T08:00:00Z", "2026-11-27"},
		{"Europe/Berlin", "2026-03-28T22:59:59Z", "2026-03-28"},
		{"Europe/Berlin", "2026-03-29T21:59:59Z", "2026-03-29"}, // 23 hours long
		{"Europe/Berlin", "2026-03-29T22:00:00Z", "2026-03-30"},
		{"Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25"}, // 25 hours long
		{"Europe/Berlin", "2026-10-25T23:00:00Z", "2026-10-26"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		now := moment(t, c.now)
		r := &run{Global: &Global{}, began: now, now: func() time.Time { return now.AddDate(0, 0, 1) }}
		if got := r.day(&state.Desired{Timezone: zone}); got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.now, c.zone, got, c.want)
		}
		r.AsOf = "2020-02-29"
		if got := r.day(&state.Desired{Timezone: zone}); got != "2020-02-29" {
			t.Errorf("--as-of in %s is %s", c.zone, got)
		}
	}
}

// TestPlanOfItsDay proves that a plan that was asked for a day is applied on
// that day, in the organization's time zone, and on no other.
func TestPlanOfItsDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		given bool
		now   string
		ok    bool
	}{
		{true, "2026-11-26T09:59:59Z", false},
		{true, "2026-11-26T10:00:00Z", true},
		{true, "2026-11-27T09:59:59Z", true},
		{true, "2026-11-27T10:00:00Z", false},
		{false, "2026-11-27T10:00:00Z", true},
	} {
		r := &run{Global: &Global{}, began: moment(t, c.now)}
		p := &plan.Plan{AsOf: "2026-11-27", AsOfGiven: c.given}
		there, err := described(&plan.Org{Timezone: "Pacific/Kiritimati"})
		if err != nil {
			t.Fatal(err)
		}
		if err := (&applyCmd{}).ofToday(r, p, []*state.Desired{there}); err == nil != c.ok {
			t.Errorf("at %s, given %v: %v", c.now, c.given, err)
		}
	}
}

// TestSavedPlanIsOfTheDayThere proves that a saved plan is judged by the day in
// the organization's time zone, also by what is limited over all organizations:
// an exception of policy ends with that day.
func TestSavedPlanIsOfTheDayThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, now string
		refused   bool
	}{
		{"", "2026-11-26T23:59:59Z", false},
		{"", "2026-11-27T00:00:00Z", true},
		{"Pacific/Kiritimati", "2026-11-26T09:59:59Z", false},
		{"Pacific/Kiritimati", "2026-11-26T10:00:00Z", true}, // in UTC it is the 26th still
		{"America/Los_Angeles", "2026-11-27T07:59:59Z", false},
		{"America/Los_Angeles", "2026-11-27T08:00:00Z", true},
	} {
		r := &run{Global: &Global{}, began: moment(t, c.now)}
		o, s := leavers(t, 60, c.zone)
		o.Policy.Allow = []state.Allow{{Limit: "suspend_users", N: 60, Until: moment(t, "2026-11-26T00:00:00Z")}}
		left := r.recheck([]*session{s}, &plan.Plan{Orgs: []plan.Org{*o}}, plan.Options{})
		if refused := len(left.Orgs[0].Refused) > 0; refused != c.refused || len(left.Orgs[0].Changes) != 60 {
			t.Errorf("at %s in %q: %d changes, refused %v", c.now, c.zone, len(left.Orgs[0].Changes), left.Orgs[0].Refused)
		}
	}
}

// leavers is the saved plan that suspends n people of an organization in a time
// zone, and its session.
func leavers(t *testing.T, n int, zone string) (*plan.Org, *session) {
	t.Helper()
	o, live := &plan.Org{Name: "Kelp", Timezone: zone}, &state.Live{}
	for i := range n {
		name := fmt.Sprintf("u%02d", i)
		fields := []plan.Delta{{Value: schema.Value{Field: schema.State, Text: state.Suspended}, Old: state.Activated}}
		live.Objects = append(live.Objects, state.Object{Kind: schema.User, ID: name, Name: name, Key: name, Values: []schema.Value{{Field: schema.State, Text: state.Activated}}})
		o.Changes = append(o.Changes, plan.Change{Action: plan.Suspend, Object: plan.Name{Kind: schema.User, Name: name, ID: name}, Fields: fields})
	}
	live.Facts, live.Totals.Users = make([]state.Fact, n), n
	d, err := described(o)
	if err != nil {
		t.Fatal(err)
	}
	return o, &session{desired: d, live: live}
}

// moment is a time that is written as in RFC 3339.
func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
