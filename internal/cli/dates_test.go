package cli

import (
	"testing"
	"time"

	"rollcall/plan"
	"rollcall/state"
)

// TestDay proves that each organization has the day of its own time zone, the
// moment before and after its midnight, on days of 23 and 25 hours too.
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
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		r := &run{Global: &Global{}, now: func() time.Time { return now }}
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
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		r := &run{Global: &Global{}, now: func() time.Time { return now }}
		p := &plan.Plan{AsOf: "2026-11-27", AsOfGiven: c.given, Orgs: []plan.Org{{Timezone: "Pacific/Kiritimati"}}}
		if err := (&applyCmd{}).ofToday(r, p); err == nil != c.ok {
			t.Errorf("at %s, given %v: %v", c.now, c.given, err)
		}
	}
}
