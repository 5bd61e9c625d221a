package story_test

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/state"
)

// later are the days around those that random files have, in order.
var later = []string{"2026-10-30", "2026-10-31", "2026-11-01", "2026-11-22", today, "2026-11-24", "2026-11-25", "2027-02-01"}

// datesTighten holds that dates only tighten: where nobody changes anything, no
// day gives anybody what the day before did not give, but for whoever starts,
// and each takes what the day before took. A plan that was saved on the day
// before gives no more than a plan of the day. Base is none or the file itself:
// of another revision the file may loosen the dates.
func (p *proof) datesTighten(base, desired *state.Desired, live *state.Live) {
	p.T.Helper()
	var before *plan.Org
	for i, day := range later {
		org, err := plan.Diff(base, live, desired, plan.Options{AsOf: day, Allow: p.allow})
		if err != nil {
			return // the organization does not go with the file, on any day
		}
		if before != nil {
			starts := startsBetween(desired, live, later[i-1], day)
			p.noMore("given", day, gives(org), append(gives(before), starts...))
			p.noMore("no longer taken", day, takes(before), takes(org))
			left := plan.Recheck(before, live, plan.Options{AsOf: day, Allow: p.allow}).Org
			p.noMore("given by the saved plan of the day before", day, gives(left), gives(org))
		}
		before = org
	}
}

// noMore holds that a list has nothing that another does not have.
func (p *proof) noMore(what, day string, got, most []string) {
	p.T.Helper()
	for _, access := range got {
		if !slices.Contains(most, access) {
			p.T.Errorf("on %s is %s: %s", day, what, access)
		}
	}
}

// gives is the access that a plan gives.
func gives(org *plan.Org) (list []string) {
	return accesses(org, plan.Create, plan.Activate, plan.Reactivate, plan.Add)
}

// takes is the access that a plan takes away.
func takes(org *plan.Org) (list []string) {
	return accesses(org, plan.Suspend, plan.Delete, plan.Remove)
}

func accesses(org *plan.Org, actions ...plan.Action) (list []string) {
	for i := range org.Changes {
		if c := &org.Changes[i]; slices.Contains(actions, c.Action) {
			list = append(list, access(c.Action, c.Object.Name, c.To.Name))
		}
	}
	return list
}

func access(a plan.Action, object, to string) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", a, object, to))
}

// startsBetween is what the people may be given who start after one day and
// until another.
func startsBetween(desired *state.Desired, live *state.Live, after, until string) (list []string) {
	pairs := state.Pair(desired, live)
	for i, in := range desired.Intents {
		if in.Start <= after || in.Start > until {
			continue
		}
		name := desired.Objects[i].Name
		if l := pairs.Live[i]; l >= 0 {
			name = live.Objects[l].Name
		}
		list = append(list, access(plan.Activate, name, ""), access(plan.Reactivate, name, ""))
	}
	return list
}
