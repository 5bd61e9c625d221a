package apply_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"rollcall/apply"
	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
)

// thousand is a plan of 1,000 changes of crowd(400): updates, suspensions,
// new people with managers, and memberships.
func thousand() *plan.Org {
	var changes []plan.Change
	for i := range 50 {
		changes = append(changes, suspend(person(i)))
	}
	first := len(changes)
	newcomer := func(i int) string { return fmt.Sprintf("new%d", i) }
	for i := range 300 {
		c := newUser(newcomer(i), set(schema.Firstname, "", "New"))
		if boss := (i - 1) / 8; i > 0 {
			c = after(newUser(newcomer(i), set(schema.Firstname, "", "New"), manager(newcomer(boss), "")), first+boss)
		}
		changes = append(changes, c)
	}
	for i := 50; i < 400; i++ {
		changes = append(changes, to(plan.Update, person(i), set(schema.JobTitle, "", "x"), set(schema.CostCenter, "", "y")))
	}
	for i := range 300 {
		changes = append(changes, after(plan.Change{Action: plan.Add, Object: group("Data", dataID), To: user(newcomer(i), "")}, first+i))
	}
	return &plan.Org{ID: orgID, Changes: changes}
}

// BenchmarkRun applies 1,000 changes to an embedded JumpCloud over HTTP.
func BenchmarkRun(b *testing.B) {
	p := thousand()
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		server := sandbox.New(crowd(400), sandbox.Options{})
		url, stop, err := server.Start()
		if err != nil {
			b.Fatal(err)
		}
		c, err := jumpcloud.New(jumpcloud.Options{URL: url, APIKey: server.Key(), OrgID: orgID, Rate: -1, Sleep: func(context.Context, time.Duration) error { return nil }})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		result, err := apply.Run(context.Background(), c, p, apply.Options{})
		b.StopTimer()
		if err != nil || result.Count(apply.Done) != len(p.Changes) {
			b.Fatalf("%v, %d of %d done", err, result.Count(apply.Done), len(p.Changes))
		}
		if err := stop(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
