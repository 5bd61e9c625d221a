package report_test

import (
	"cmp"
	"fmt"
	"slices"

	"rollcall/plan"
	"rollcall/schema"
)

// baseStories are plans that tell the change of a revision from drift.
func baseStories() []story {
	return []story{
		{"conflict", since(conflict())},
		{"drift", since(drifted())},
		{"date", since(dated())},
		{"loosened", since(loosened())},
		{"offline", since(offline())},
	}
}

// since is a plan with a base.
func since(orgs ...plan.Org) *plan.Plan {
	p := run(orgs...)
	p.Base = "origin/main"
	return p
}

// known is an organization whose changes have the origins that they come
// with, those of the file where they have none.
func known(changes ...plan.Change) plan.Org {
	o := organization()
	o.Summary = summary(changes)
	for i := range changes {
		c := &changes[i]
		for j := range c.Fields {
			c.Fields[j].Origin = cmp.Or(c.Fields[j].Origin, c.Origin, plan.Changed)
		}
		c.Origin = cmp.Or(c.Origin, first(c.Fields))
	}
	o.Changes = changes
	return o
}

// first is the first of the origins of fields, in the order that plans have.
func first(fields []plan.Delta) plan.Origin {
	for _, origin := range []plan.Origin{plan.Conflict, plan.Changed, plan.Dropped, plan.Date, plan.Drift, plan.Unknown} {
		if slices.ContainsFunc(fields, func(d plan.Delta) bool { return d.Origin == origin }) {
			return origin
		}
	}
	return plan.Changed
}

func by(origin plan.Origin, d plan.Delta) plan.Delta {
	d.Origin = origin
	return d
}

// contested is a value that file and live changed.
func contested(base string, d plan.Delta) plan.Delta {
	d.Origin, d.Base = plan.Conflict, base
	return d
}

// conflict has what both sides changed, of several kinds, beside a change
// and drift of the same people.
func conflict() plan.Org {
	jon, anna := user("jon.adeyemi", "60b1"), user("anna.klein", "60b4")
	return known(
		plan.Change{Action: plan.Suspend, Object: user("ole.berg", "60b3"), Source: at(20), Fields: []plan.Delta{
			contested("STAGED", set(schema.State, "ACTIVATED", "SUSPENDED"))}},
		plan.Change{Action: plan.Update, Object: jon, Source: at(8), Hazards: []schema.Hazard{schema.MayMoveGroups}, Fields: []plan.Delta{
			contested("CTO", set(schema.JobTitle, "CFO", "CEO")), set(schema.Department, "", "Board"), by(plan.Drift, set(schema.CostCenter, "4400", "4410")),
		}},
		plan.Change{Action: plan.Update, Object: anna, Source: at(12), Hazards: []schema.Hazard{schema.Takeover}, Fields: []plan.Delta{
			contested("", set(schema.AlternateEmail, "anna@evil.example", "anna@home.example")), contested("", set(schema.Manager, "mira.voss", "jon.adeyemi")),
		}},
		plan.Change{Action: plan.Add, Object: group("Data"), To: jon, Source: at(9)},
		plan.Change{Action: plan.Update, Object: group("Data"), Source: at(60), Fields: []plan.Delta{
			contested("Everybody in Data", set(schema.GroupDescription, "Everybody, and guests", "Everybody in Data and Science"))}},
	)
}

// drifted has one small change, and much that somebody did in JumpCloud.
func drifted() plan.Org {
	changes := []plan.Change{
		{Action: plan.Suspend, Object: user("ex.employee", "60n1"), Origin: plan.Drift, Fields: []plan.Delta{set(schema.State, "ACTIVATED", "SUSPENDED")}, Source: at(3)},
		{Action: plan.Update, Object: user("jon.adeyemi", "60b1"), Fields: []plan.Delta{set(schema.JobTitle, "CTO", "CEO")}, Source: at(8)},
		{Action: plan.Update, Object: user("anna.klein", "60b4"), Origin: plan.Drift, Hazards: []schema.Hazard{schema.Takeover}, Source: at(12),
			Fields: []plan.Delta{set(schema.Email, "anna@evil.example", "anna.klein@brightkelp.example")}},
		{Action: plan.Add, Object: group("Payroll - Admins"), To: user("mira.voss", "60b2"), Origin: plan.Drift, Source: at(30)},
		{Action: plan.Remove, Object: group("Data"), To: user("visitor", "60n2"), Origin: plan.Drift, Reason: "not in the file, which makes the group exact"},
	}
	for i := range 7 {
		changes = append(changes, plan.Change{Action: plan.Update, Object: user(fmt.Sprintf("seller%d", i), fmt.Sprintf("60o%d", i)), Origin: plan.Drift,
			Fields: []plan.Delta{set(schema.Department, "Sales EMEA", "Sales")}, Source: at(40 + i)})
	}
	o := known(changes...)
	o.Dropped = []string{"gone.girl"}
	return o
}

// dated has people whose last day has come, and who left the file.
func dated() plan.Org {
	return known(
		plan.Change{Action: plan.Suspend, Object: user("grace.hopper", "60a1"), Origin: plan.Date, Reason: "end: 2026-11-22", Fields: []plan.Delta{set(schema.State, "ACTIVATED", "SUSPENDED")}, Source: at(30)},
		plan.Change{Action: plan.Suspend, Object: user("old.hand", "60a4"), Origin: plan.Dropped, Fields: []plan.Delta{set(schema.State, "ACTIVATED", "SUSPENDED")}},
		plan.Change{Action: plan.Remove, Object: group("AWS - Admins"), To: user("mira.voss", "60b2"), Origin: plan.Date, Source: at(31)},
		plan.Change{Action: plan.Activate, Object: user("new.one", "60k3"), Origin: plan.Date, Mail: "send", Fields: []plan.Delta{set(schema.State, "STAGED", "ACTIVATED")}, Source: at(33)},
	)
}

// loosened weakens its own policy, and suspends somebody who has reports.
func loosened() plan.Org {
	o := known(
		plan.Change{Action: plan.Suspend, Object: user("grace.hopper", "60a1"), Fields: []plan.Delta{set(schema.State, "ACTIVATED", "SUSPENDED")},
			Reports: []string{"anna.klein", "jon.adeyemi"}, Source: at(30)},
		plan.Change{Action: plan.Update, Object: user("jon.adeyemi", "60b1"), Fields: []plan.Delta{set(schema.JobTitle, "CTO", "CEO")}, Source: at(8)},
	)
	o.Loosened = []string{
		"policy.protect.users no longer has breakglass; it is protected until this is merged",
		"policy.limits.suspend_users is raised from 3 to 40 here; 3 holds until this is merged",
		"policy.allow group=Old \u202eProject until 2026-12-01",
	}
	return o
}

// offline are two revisions that were compared without JumpCloud.
func offline() plan.Org {
	o := known(
		plan.Change{Action: plan.Suspend, Object: user("grace.hopper", ""), Fields: []plan.Delta{set(schema.State, "", "SUSPENDED")}, Source: at(30)},
		plan.Change{Action: plan.Update, Object: user("jon.adeyemi", ""), Fields: []plan.Delta{set(schema.JobTitle, "CTO", "CEO")}, Source: at(8)},
		plan.Change{Action: plan.Add, Object: plan.Name{Kind: schema.Group, Name: "Data"}, To: user("jon.adeyemi", ""), Source: at(9)},
	)
	o.Read, o.Offline = plan.Read{}, true
	o.Notes = []plan.Note{{Text: "what JumpCloud has is not known, and limits are checked only against it"}}
	return o
}
