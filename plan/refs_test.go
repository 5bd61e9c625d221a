package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
	"rollcall/state"
)

// Circles of managers that are live stay and are told, once each; the plan
// may end them.
func TestLiveCircles(t *testing.T) {
	report := func(manager string) values { return values{schema.State: activated, schema.Manager: manager} }
	live := func() *state.Live {
		return (&liveBuilder{}).user("a", report("c")).user("b", report("a")).user("c", report("b")).user("d", report("a")).user("self", report("self")).done()
	}
	for _, c := range []struct {
		name string
		want *desiredBuilder
		told []string
	}{
		{"none of them named", &desiredBuilder{}, []string{"a -> c -> b -> a;", "self -> self;"}},
		{"written as it is", (&desiredBuilder{}).user("a", report("c"), state.Intent{}), []string{"a -> c -> b -> a;", "self -> self;"}},
		{"one is ended", (&desiredBuilder{}).user("b", report(""), state.Intent{}), []string{"self -> self;"}},
		{"both are", (&desiredBuilder{}).user("b", report("d"), state.Intent{}).user("d", report(""), state.Intent{}).user("self", report("d"), state.Intent{}), nil},
	} {
		o := diff(t, live(), c.want.done())
		var told []string
		for _, n := range o.Notes {
			if _, circle, ok := strings.Cut(n.Text, "managers form a circle in JumpCloud: "); ok && n.Severity == state.Warning {
				told = append(told, circle[:strings.Index(circle, ";")+1])
			}
		}
		if d := cmp.Diff(c.told, told); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// The day of a plan begins where the organization is.
func TestAccountsOfTheLastDays(t *testing.T) {
	tokyo := time.FixedZone("Tokyo", 9*60*60)
	for created, spared := range map[string]bool{
		"2026-11-15T15:00:00Z": false, // the 16th begins there
		"2026-11-15T15:00:01Z": true,
		"2026-11-15T14:59:59Z": false,
		"2026-11-22T23:00:00Z": true,
	} {
		b := people(3)
		var err error
		if b.Facts[0].Created, err = time.Parse(time.RFC3339, created); err != nil {
			t.Fatal(err)
		}
		want := (&desiredBuilder{}).user("p0001", nil, state.Intent{}).user("p0002", nil, state.Intent{}).done()
		want.Policy.UnlistedUsers, want.Timezone = "suspend", tokyo
		if o := diff(t, b.done(), want); len(o.Changes) == 0 != spared {
			t.Errorf("created at %s: changes %v", created, lines(o))
		}
	}
}
