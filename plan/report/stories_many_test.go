package report_test

import (
	"fmt"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
)

// markdownStories are more plans that are reviewed in a pull request.
func markdownStories() []story {
	return append(stories(), []story{
		{"mass", since(mass())},
		{"mixed", since(mixed(5000))},
		{"twelve", since(twelve()...)},
		{"dangers", since(dangers(1000))},
		{"nothing", since(nothingToDo("Bright Kelp", "5f3c0a1b9d2e4c0001a7b9e1"))},
		{"none", since()},
	}...)
}

// mass is one field of 2,000 people, and one of 412 others.
func mass() plan.Org {
	var changes []plan.Change
	for i := range 2000 {
		changes = append(changes, plan.Change{Action: plan.Update, Object: user(fmt.Sprintf("person.%04d", i), fmt.Sprintf("60p%04d", i)), Source: at(i),
			Fields: []plan.Delta{set(schema.Company, "Bright Kelp", "Bright Kelp GmbH")}})
	}
	for i := range 412 {
		changes = append(changes, plan.Change{Action: plan.Update, Object: user(fmt.Sprintf("seller.%03d", i), fmt.Sprintf("60q%04d", i)), Source: at(i),
			Fields: []plan.Delta{set(schema.CostCenter, "4400", "4410")}})
	}
	return known(changes...)
}

// mixed is a reorganization of n people with few like another: titles and
// managers of their own, groups, joiners, leavers, and drift among them.
func mixed(n int) plan.Org {
	var changes []plan.Change
	for i := range n {
		who := user(fmt.Sprintf("person.%04d", i), fmt.Sprintf("60p%04d", i))
		title := set(schema.JobTitle, fmt.Sprintf("Engineer %d", i), fmt.Sprintf("Senior Engineer %d", i))
		switch c := (plan.Change{Object: who, Source: at(i)}); {
		case i%500 == 7:
			c.Action, c.Fields, c.Hazards = plan.Update, []plan.Delta{set(schema.Sudoer, "false", "true")}, []schema.Hazard{schema.Sudo}
			changes = append(changes, c)
		case i%100 == 3:
			c.Action, c.Fields = plan.Suspend, []plan.Delta{set(schema.State, "ACTIVATED", "SUSPENDED")}
			changes = append(changes, c)
		case i%50 == 9:
			c.Action, c.Object.ID = plan.Create, ""
			c.Fields = []plan.Delta{set(schema.Email, "", who.Name+"@brightkelp.example"), set(schema.State, "", "STAGED"), title}
			changes = append(changes, c, plan.Change{Action: plan.Add, Object: group("All Employees"), To: c.Object})
		case i%10 == 4:
			c.Action, c.Origin, c.Fields = plan.Update, plan.Drift, []plan.Delta{set(schema.Location, fmt.Sprintf("Room %d", i), fmt.Sprintf("Room %d", i+1))}
			changes = append(changes, c)
		default:
			c.Action = plan.Update
			c.Fields = []plan.Delta{title, set(schema.Manager, fmt.Sprintf("boss.%d", i%97), fmt.Sprintf("lead.%d", i%89))}
			changes = append(changes, c, plan.Change{Action: plan.Add, Object: group(fmt.Sprintf("Team %d", i%400)), To: who})
		}
	}
	return known(changes...)
}

// dangers are more hazards and conflicts than fit into a comment.
func dangers(n int) plan.Org {
	var changes []plan.Change
	for i := range n {
		who := user(fmt.Sprintf("person.%04d", i), fmt.Sprintf("60p%04d", i))
		changes = append(changes, plan.Change{Action: plan.Update, Object: who, Source: at(i), Hazards: []schema.Hazard{schema.Takeover}, Fields: []plan.Delta{
			set(schema.Email, who.Name+"@brightkelp.example", who.Name+"@kelp.example"), contested("4400", set(schema.CostCenter, "4410", "4420"))}})
	}
	o := known(changes...)
	o.Held = held().Held
	o.Refused = []plan.Refusal{{Org: o.ID, Reason: "breakglass is protected, and the plan would change its email", Allow: "protected=breakglass"}}
	return o
}

// twelve are the clients of somebody who manages many.
func twelve() []plan.Org {
	orgs := []plan.Org{refusedOrg(), broken(), incomplete()}
	for i := range 9 {
		orgs = append(orgs, nothingToDo(fmt.Sprintf("Client %02d", i), fmt.Sprintf("60c0000000000000000000%02d", i)))
	}
	orgs[2].Name, orgs[2].ID = "Umbrella", "60b0000000000000000000b7"
	orgs[2].Refused[0].Org = orgs[2].ID
	return orgs
}

// hostileTexts are names that try to be more than text.
var hostileTexts = []string{
	"@octocat", "a@b", "@org/team and @me", "#123", "owner/repo#1", "GH-12", "http://evil.example/x", "www.evil.example", "mail@evil.example",
	"<b>bold</b>", "<script>alert(1)</script>", "<!-- x", "-->", "</details>", "&lt;", "&#64;octocat", "&amp", "[x](http://y)", "![x](y)", "[ref]: http://z",
	"a|b", `a\|b`, `\`, "|", "||", "| --- |", "`", "``", "a`b", "`a`", "```", "~~~", "```diff", " `x` ", "*a*", "_a_", "**", "~~x~~", "==",
	"- item", "1. item", "+ item", "* item", "# title", "> quote", "---", "===", ": smile:", ":smile:", "$x$", "\\@x", "x\\",
	"line\nbreak", "cr\rlf\r\n", "tab\there", "\u202egnp", "zero\u200bwidth", "\u2066iso\u2069", "bell\x07", "\x1b[31m", "bad\xff",
	"deadbeef0123456789", "faced1e", "who defaced it", "see 1234567", "Z\u0301\u0302\u0303algo", "🙂 ok", "山田 太郎", "  two  spaces  ", "ends ", " starts", "\u00a0", "rollcall", "rollcall:KEY",
	strings.Repeat("long ", 100), strings.Repeat("x", 500), strings.Repeat("`", 90), strings.Repeat("|", 90), "{{x}}", "%s%d", "\"quoted\", 'it'", "(x)](y)",
}

// hostileAll has each of the hostile texts in each place that takes a text.
func hostileAll() plan.Org {
	var changes []plan.Change
	var o plan.Org
	for i, text := range hostileTexts {
		who := user(text, fmt.Sprintf("60r%03d", i))
		changes = append(changes,
			plan.Change{Action: plan.Update, Object: who, Hazards: []schema.Hazard{schema.Takeover}, Reason: text, Fields: []plan.Delta{
				contested(text+"0", set(schema.JobTitle, text+"1", text+"2")), set(schema.Department, text, text+"!"),
				setPart(schema.Attributes, text, "", fmt.Sprintf("%q", "v")), set(schema.Email, "a@x.example", "b@y.example"),
			}},
			plan.Change{Action: plan.Add, Object: plan.Name{Kind: schema.Group, Name: text, ID: "1"}, To: who},
			plan.Change{Action: plan.Remove, Object: plan.Name{Kind: schema.Group, Name: text + "x", ID: "2"}, To: who, Reason: text, Origin: plan.Drift},
			plan.Change{Action: plan.Delete, Object: plan.Name{Kind: schema.Group, Name: text, ID: fmt.Sprintf("60s%03d", i)}, Reason: text, Origin: plan.Drift},
		)
		o.Held = append(o.Held, plan.Held{Change: plan.Change{Action: plan.Reactivate, Object: who, Reason: text}, Allow: "protected=" + text})
		o.Refused = append(o.Refused, plan.Refusal{Org: text, Reason: text, Allow: "group=" + text})
		o.Notes = append(o.Notes, plan.Note{Text: text})
		o.Dropped = append(o.Dropped, text)
		o.Limits = append(o.Limits, plan.LimitUse{Name: "add_members", Object: text, Count: 1, Of: 3, Limit: 2})
	}
	all := known(changes...)
	all.Held, all.Refused, all.Notes, all.Dropped, all.Limits = o.Held, o.Refused, o.Notes, o.Dropped, o.Limits
	all.Unlisted.Users, all.Unlisted.Groups = hostileTexts, hostileTexts
	return all
}
