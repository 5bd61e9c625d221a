package report_test

import (
	"fmt"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// story is a plan that somebody has to read.
type story struct {
	name string
	plan *plan.Plan
}

func stories() []story {
	return append([]story{
		{"joiner", run(joiner())},
		{"leaver", run(leaver())},
		{"mover", run(mover())},
		{"rename", run(rename())},
		{"many", run(many())},
		{"hostile", run(hostile())},
		{"several", run(joiner(), nothingToDo("Globex", "60b0000000000000000000b1"), refusedOrg(), broken())},
		{"refused", run(refusedOrg())},
		{"held", run(held())},
		{"unchanged", run(unchanged())},
		{"incomplete", run(incomplete())},
		{"hazards", run(hazards())},
	}, baseStories()...)
}

func run(orgs ...plan.Org) *plan.Plan {
	return plan.New(orgs, "2026-11-23", "rollcall 0.1.0", plan.Options{})
}

// organization fills in what the stories have in common.
func organization(changes ...plan.Change) plan.Org {
	for i := range changes {
		changes[i].Origin = plan.Unknown
		for j := range changes[i].Fields {
			changes[i].Fields[j].Origin = plan.Unknown
		}
	}
	return plan.Org{
		ID: "5f3c0a1b9d2e4c0001a7b9e1", Name: "Bright Kelp", Region: "us", Digest: "sha256:" + strings.Repeat("5f", 32),
		Read: plan.Read{Users: 412, Groups: 38, Memberships: 2210}, Changes: changes, Summary: summary(changes),
	}
}

func summary(changes []plan.Change) (s plan.Summary) {
	for _, c := range changes {
		counts := map[schema.Kind]*plan.Counts{schema.User: &s.Users, schema.Group: &s.Groups}[c.Object.Kind]
		s.Requests++
		switch c.Action {
		case plan.Create:
			counts.Create++
		case plan.Update:
			counts.Update++
		case plan.Activate:
			counts.Activate++
			if c.Mail != "none" {
				s.Mails++
			}
		case plan.Reactivate:
			counts.Reactivate++
		case plan.Suspend:
			counts.Suspend++
			s.Requests++
		case plan.Delete:
			counts.Delete++
			s.Requests++
		case plan.Add:
			s.Added++
		case plan.Remove:
			s.Removed++
		}
	}
	return s
}

// user is a live user or, without an id, one to be created.
func user(name, id string) plan.Name {
	return plan.Name{Kind: schema.User, Name: name, ID: id}
}

func group(name string) plan.Name {
	return plan.Name{Kind: schema.Group, Name: name, ID: fmt.Sprintf("61%022x", len(name))}
}

func set(f schema.FieldID, before, after string) plan.Delta {
	return plan.Delta{Value: schema.Value{Field: f, Text: after}, Old: before}
}

func setPart(f schema.FieldID, part, before, after string) plan.Delta {
	return plan.Delta{Value: schema.Value{Field: f, Part: part, Text: after}, Old: before}
}

func at(line int) plan.Source { return plan.Source{File: "rollcall.yaml", Line: line, Column: 3} }

// joiner is created with a manager and a last day, gets in and gets three groups,
// one of them until a day.
func joiner() plan.Org {
	linus := user("linus.berg", "")
	manager := set(schema.Manager, "", "jon.adeyemi")
	manager.RefID = "60aa0f2b1c9d440000a1b2c3"
	password := set(schema.Password, "", "env:LINUS_PASSWORD")
	password.Secret = state.Reference{Env: "LINUS_PASSWORD"}
	o := organization(
		plan.Change{Action: plan.Create, Object: linus, Until: "2027-06-30", Source: at(12), Fields: []plan.Delta{
			set(schema.Email, "", "linus.berg@brightkelp.example"), set(schema.State, "", "STAGED"),
			set(schema.Firstname, "", "Linus"), set(schema.Lastname, "", "Berg"), set(schema.JobTitle, "", "Engineer, Platform"),
			set(schema.Department, "", "Engineering"), set(schema.EmployeeIdentifier, "", "00107"), manager,
			setPart(schema.PhoneNumbers, "work", "", `[{"number":"+49 30 1234"}]`),
			setPart(schema.Attributes, "badge", "", `"1234"`), password, set(schema.AllowPublicKey, "", "true"),
		}, Spends: []string{"create_users"}},
		plan.Change{Action: plan.Activate, Object: linus, Until: "2027-06-30", Mail: "send", Needs: []int{0}, Source: at(12),
			Fields: []plan.Delta{set(schema.State, "STAGED", "ACTIVATED")}, Spends: []string{"activate_users", "mails"}},
		plan.Change{Action: plan.Add, Object: group("All Employees"), To: linus, Needs: []int{0}, Source: at(20)},
		plan.Change{Action: plan.Add, Object: group("GitHub - Engineering"), To: linus, Needs: []int{0}, Source: at(20)},
		plan.Change{Action: plan.Add, Object: group("Migration"), To: linus, Until: "2026-12-31", Needs: []int{0}, Source: at(21)},
	)
	o.Limits = []plan.LimitUse{
		{Name: "suspend_users", Of: 412, Limit: 20}, {Name: "create_users", Count: 1, Of: 412, Limit: 82},
		{Name: "activate_users", Count: 1, Of: 412, Limit: 82}, {Name: "mails", Count: 1, Of: 412, Limit: 82},
		{Name: "add_members", Object: "All Employees", Count: 1, Of: 400, Limit: 206},
	}
	return o
}

// leaver is suspended and loses the groups; another one is deleted, whose
// report gets another manager.
func leaver() plan.Org {
	grace, old, report := user("grace.hopper", "60a1"), user("old.contractor", "60a2"), user("pia.roth", "60a3")
	o := organization(
		plan.Change{Action: plan.Suspend, Object: grace, Fields: []plan.Delta{set(schema.State, "ACTIVATED", "SUSPENDED")}, Source: at(30), Spends: []string{"suspend_users"}},
		plan.Change{Action: plan.Update, Object: report, Fields: []plan.Delta{set(schema.Manager, "old.contractor", "jon.adeyemi")}, Source: at(41),
			Reason: "reports to old.contractor, who is to be deleted"},
		plan.Change{Action: plan.Remove, Object: group("Payroll - Admins"), To: grace, Reason: "groups: []", Source: at(31)},
		plan.Change{Action: plan.Remove, Object: group("Release Managers"), To: grace, Reason: "groups: []", Source: at(31), Hazards: []schema.Hazard{schema.LastGroup}},
		plan.Change{Action: plan.Delete, Object: old, Reason: "ensure: absent", Needs: []int{1}, Hazards: []schema.Hazard{schema.LosesBindings}, Source: at(40), Spends: []string{"delete_users"}},
	)
	o.Limits = []plan.LimitUse{
		{Name: "suspend_users", Count: 1, Of: 412, Limit: 20}, {Name: "delete_users", Count: 1, Of: 412, Limit: 4},
		{Name: "remove_members", Count: 2, Of: 2210, Limit: 110},
	}
	return o
}

// mover gets a manager, a title and groups, and leaves others.
func mover() plan.Org {
	jon := user("jon.adeyemi", "60b1")
	return organization(
		plan.Change{Action: plan.Update, Object: jon, Source: at(8), Fields: []plan.Delta{
			set(schema.JobTitle, "Engineer", "Head of Data"), set(schema.Department, "", "Data"), set(schema.CostCenter, "4400", ""),
			set(schema.Manager, "mira.voss", "anna.klein"), setPart(schema.PhoneNumbers, "work", `[{"number":"+49 30 1"}]`, `[{"number":"+49 30 2"}]`),
			setPart(schema.Attributes, "floor", `3`, `"3"`), setPart(schema.Attributes, "tshirt", `"M"`, ""),
			set(schema.Tags, `["a","b"]`, `["b","c"]`),
		}, Keep: []state.Array{{Field: schema.PhoneNumbers, Entries: [][]byte{[]byte(`{"type":"home","number":"+49 30 9"}`)}}}},
		plan.Change{Action: plan.Update, Object: group("Data"), Fields: []plan.Delta{set(schema.GroupDescription, "", "Everybody in Data")}, Source: at(60)},
		plan.Change{Action: plan.Create, Object: plan.Name{Kind: schema.Group, Name: "Data Leads"}, Fields: []plan.Delta{set(schema.GroupDescription, "", "Who leads Data")}, Source: at(61)},
		plan.Change{Action: plan.Add, Object: group("Data"), To: jon, Source: at(9)},
		plan.Change{Action: plan.Add, Object: plan.Name{Kind: schema.Group, Name: "Data Leads"}, To: jon, Needs: []int{2}, Source: at(9)},
		plan.Change{Action: plan.Remove, Object: group("GitHub - Engineering"), To: jon, Reason: "not in the file, which makes the group exact", Source: at(55)},
		plan.Change{Action: plan.Add, Object: group("Data"), To: user("mira.voss", "60b2"), Source: at(70)},
		plan.Change{Action: plan.Update, Object: user("ole.berg", "60b3"), Fields: []plan.Delta{set(schema.Department, "Ops", "Engineering")}, Source: at(75)},
	)
}

func rename() plan.Org {
	anna := user("anna.weiss", "60c1")
	return organization(
		plan.Change{Action: plan.Update, Object: anna, Fields: []plan.Delta{set(schema.Username, "anna.weiss", "anna.klein")}, Source: at(5), Reason: "renamed (was: anna.weiss)"},
		plan.Change{Action: plan.Update, Object: anna, Source: at(5), Hazards: []schema.Hazard{schema.Takeover}, Fields: []plan.Delta{
			set(schema.Email, "anna.weiss@brightkelp.example", "anna.klein@brightkelp.example"), set(schema.Lastname, "Weiss", "Klein"),
			set(schema.AlternateEmail, "anna@home.example", "ak@elsewhere.example"),
		}},
		plan.Change{Action: plan.Update, Object: group("Data Team"), Fields: []plan.Delta{set(schema.GroupName, "Data Team", "Data")}, Source: at(50), Reason: "renamed (was: Data Team)"},
	)
}

// many people get the same cost center, the same group, the same way out.
func many() plan.Org {
	var changes []plan.Change
	for i := range 30 {
		who := user(fmt.Sprintf("person%02d.of.the.company", i), fmt.Sprintf("60d%03d", i))
		changes = append(changes, plan.Change{Action: plan.Update, Object: who, Fields: []plan.Delta{set(schema.CostCenter, "4400", "4410")}, Source: at(100 + i)})
	}
	for i := range 12 {
		who := user(fmt.Sprintf("engineer%02d", i), fmt.Sprintf("60e%03d", i))
		changes = append(changes, plan.Change{Action: plan.Add, Object: group("GitHub - Engineering"), To: who, Source: at(200)})
	}
	for i := range 5 {
		who := user(fmt.Sprintf("guest%d", i), fmt.Sprintf("60f%03d", i))
		changes = append(changes, plan.Change{Action: plan.Remove, Object: group("Guests"), To: who, Reason: "not in the file, which makes the group exact", Source: at(300)})
	}
	for i := range 4 { // shown alike and not the same: masked numbers
		who := user(fmt.Sprintf("phone%d", i), fmt.Sprintf("60g%03d", i))
		changes = append(changes, plan.Change{Action: plan.Update, Object: who, Source: at(400), Fields: []plan.Delta{
			setPart(schema.PhoneNumbers, "work", fmt.Sprintf(`[{"number":"%d"}]`, i), fmt.Sprintf(`[{"number":"1%d"}]`, i))}})
	}
	for i := range 4 { // a hazard is never told for several at once
		who := user(fmt.Sprintf("admin%d", i), fmt.Sprintf("60h%03d", i))
		changes = append(changes, plan.Change{Action: plan.Update, Object: who, Source: at(500), Hazards: []schema.Hazard{schema.Sudo}, Fields: []plan.Delta{set(schema.Sudoer, "false", "true")}})
	}
	return organization(changes...)
}

// hostile names try to break lines, colours, tables and the order of text.
func hostile() plan.Org {
	o := organization(
		plan.Change{Action: plan.Update, Object: user("eve\x1b[31m", "60i1"), Source: at(1), Fields: []plan.Delta{
			set(schema.Displayname, "Eve\u202egnp.exe", "Eve | `x` <b> @all # \n+ root  joins Admins"),
			set(schema.JobTitle, "CTO\u00a0", "A -> B"), set(schema.Location, "(none)", "bad\xff\xc0bytes"),
			set(schema.Description, "zero\u200bwidth", "山田\u3000太郎 🙂 \U000e0041"), set(schema.Company, "\u0085", "x, y"),
		}},
		plan.Change{Action: plan.Add, Object: group("a, b\r\n- c\u2028"), To: user("eve\x1b[31m", "60i1"), Source: plan.Source{File: "a\x07.yaml", Line: 1, Column: 1}},
		plan.Change{Action: plan.Remove, Object: group("\u200f\u061cx\x7f"), To: user("- bob", "60i2"), Reason: "be\x1bcause"},
		plan.Change{Action: plan.Update, Object: user("key.owner", "60i3"), Hazards: []schema.Hazard{schema.Takeover}, Fields: []plan.Delta{
			set(schema.SSHKeys, "[]", `[{"name":"laptop","public_key":"ssh-ed25519 `+strings.Repeat("AAAAC3NzaC1lZDI1NTE5", 8)+` key@laptop"}]`)}},
	)
	o.Name, o.Notes = "Kelp\x1b]0;x\x07", []plan.Note{{Severity: state.Warning, Text: "odd \x9b31m text", Source: plan.Source{File: "a\x07.yaml", Line: 3, Column: 9}}}
	o.Unlisted.Users = []string{"mal\u2066lory"}
	return o
}

func nothingToDo(name, id string) plan.Org {
	o := organization()
	o.ID, o.Name = id, name
	return o
}

func broken() plan.Org {
	return plan.Org{ID: "60b0000000000000000000b9", Name: "Initech", Region: "eu",
		Error: "read users: GET /api/systemusers: 401 Unauthorized\nthe key does not belong to this organization, or has ended\x1b"}
}

// refusedOrg is over a limit, touches a protected group and has a file
// that names a value twice.
func refusedOrg() plan.Org {
	var changes []plan.Change
	for i := range 4 {
		changes = append(changes, plan.Change{Action: plan.Suspend, Object: user(fmt.Sprintf("left%d", i), fmt.Sprintf("60j%03d", i)), Reason: "not in the file (policy.unlisted_users: suspend)",
			Fields: []plan.Delta{set(schema.State, "ACTIVATED", "SUSPENDED")}, Spends: []string{"suspend_users"}})
	}
	changes = append(changes, plan.Change{Action: plan.Delete, Object: group("DO NOT DELETE"), Reason: "ensure: absent", Hazards: []schema.Hazard{schema.LosesBindings}, Source: at(90)})
	o := organization(changes...)
	o.ID, o.Name, o.Region = "60b0000000000000000000b2", "Hooli", "eu"
	o.Limits = []plan.LimitUse{{Name: "suspend_users", Count: 4, Of: 12, Limit: 3, Exceeded: true}, {Name: "delete_groups", Count: 1, Of: 3, Limit: 1}}
	o.Refused = []plan.Refusal{
		{Org: o.ID, Reason: `limit suspend_users: the plan has 4 of 12, allowed are 3`, Allow: "suspend_users=4"},
		{Org: o.ID, Reason: `DO NOT DELETE is protected, and the plan would delete it`, Allow: "protected=DO NOT DELETE"},
	}
	return o
}

func held() plan.Org {
	o := organization(
		plan.Change{Action: plan.Update, Object: user("ole.berg", "60k1"), Fields: []plan.Delta{set(schema.JobTitle, "", "Janitor")}, Source: at(7)},
		plan.Change{Action: plan.Activate, Object: user("new.one", "60k3"), Mail: "assistant@home.example", Hazards: []schema.Hazard{schema.Takeover}, Source: at(9),
			Fields: []plan.Delta{set(schema.State, "STAGED", "ACTIVATED")}},
		plan.Change{Action: plan.Activate, Object: user("quiet.one", "60k4"), Mail: "none", Source: at(9), Fields: []plan.Delta{set(schema.State, "STAGED", "ACTIVATED")}},
	)
	o.Held = []plan.Held{
		{Change: plan.Change{Action: plan.Reactivate, Object: user("ole.berg", "60k1"), Origin: plan.Unknown, Source: at(7), Fields: []plan.Delta{{Value: schema.Value{Field: schema.State, Text: "ACTIVATED"}, Old: "SUSPENDED", Origin: plan.Unknown}},
			Reason: "suspended in JumpCloud; would get back in and will be in All Employees, Payroll - Admins"}, Allow: "reactivate_users=1"},
		{Change: plan.Change{Action: plan.Delete, Object: user("breakglass", "60k2"), Origin: plan.Unknown, Reason: "protected"}, Allow: "protected=breakglass"},
		{Change: plan.Change{Action: plan.Delete, Object: user("boss", "60k5"), Origin: plan.Unknown, Reason: "still manages x, y"}},
	}
	o.Notes = []plan.Note{
		{Severity: state.Warning, Text: `department of pia.roth is locked by active_directory: "Ops" stays, the file wants "Sales"`, Source: at(14)},
		{Severity: state.Note, Text: "mira.voss is activated and cannot be staged again", Source: at(3)},
	}
	return o
}

// unchanged has nothing to change and much to know.
func unchanged() plan.Org {
	o := organization()
	for i := range 20 {
		o.Unlisted.Users = append(o.Unlisted.Users, fmt.Sprintf("visitor%02d", i))
	}
	o.Unlisted.Groups = []string{"Old Project", "Zoom"}
	o.Unlisted.Memberships = []state.Edge{{Group: "Data", User: "visitor01"}}
	o.Dropped = []string{"gone.girl"}
	o.Notes = []plan.Note{{Severity: state.Note, Text: "policy.allow of suspend_users ended on 2026-11-01 and is not in force", Source: at(4)}}
	return o
}

func incomplete() plan.Org {
	o := mover()
	o.Read.Incomplete = "411 of 412 users came back after 3 reads"
	o.Refused = []plan.Refusal{{Org: o.ID, Reason: "the read is incomplete: 411 of 412 users came back after 3 reads; nothing is written on such a basis, run again"}}
	return o
}

// hazards has a change of each danger.
func hazards() plan.Org {
	grow := user("sam", "60m1")
	return organization(
		plan.Change{Action: plan.Reactivate, Object: user("back", "60m2"), Reason: "will be in Data", Fields: []plan.Delta{set(schema.State, "SUSPENDED", "ACTIVATED"), set(schema.Department, "", "Data")}},
		plan.Change{Action: plan.Update, Object: grow, Hazards: []schema.Hazard{schema.MayMoveGroups, schema.MFAOff, schema.Sudo, schema.Takeover}, Fields: []plan.Delta{
			set(schema.Department, "Ops", "Admins"), {Value: schema.Value{Field: schema.Password, Text: "command:op"}, Secret: state.Reference{Command: []string{"op", "read", "x"}}},
			set(schema.MFA, "", `{"exclusion":true}`), set(schema.Sudoer, "false", "true"),
		}},
		plan.Change{Action: plan.Update, Object: group("Everybody"), Hazards: []schema.Hazard{schema.RuleChange}, Fields: []plan.Delta{
			set(schema.MembershipMethod, "STATIC", "DYNAMIC_AUTOMATED"),
			set(schema.MemberQuery, "", `{"filters":[{"field":"department","operator":"eq","value":"Data"}],"queryType":"FilterQuery"}`),
		}},
	)
}
