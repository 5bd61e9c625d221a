package apply_test

import (
	"strings"
	"testing"

	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
)

// What a PUT of Data and Rule carries when nothing is changed.
const (
	dataPut = `"attributes":{"ldapGroups":[{"name":"data"}],"sambaEnabled":true},"description":"Dashboards","email":"data@kelp.example","memberQueryExemptions":[],"memberSuggestionsNotify":false,"membershipMethod":"NOTSET","name":"Data"`
	rulePut = `"description":"","email":"","memberQuery":{"filters":[{"field":"department","operator":"eq","value":"Sales"}],"queryType":"FilterQuery"},"memberQueryExemptions":[],"memberSuggestionsNotify":false,"membershipMethod":"DYNAMIC_AUTOMATED","name":"Rule"`
)

func TestCreateGroup(t *testing.T) {
	test := action{
		changes: []plan.Change{to(plan.Create, group("Ops", ""), set(schema.GroupDescription, "", "On call"), part(schema.GroupAttributes, "sambaEnabled", "", "true"),
			part(schema.GroupAttributes, "ldapGroups", "", `[{"name":"ops"}]`), set(schema.MembershipMethod, "STATIC", "STATIC"), set(schema.MemberQuery, "", ""))},
		want: done(1), written: 1,
		sent: []string{`POST /api/v2/usergroups {"attributes":{"ldapGroups":[{"name":"ops"}],"sambaEnabled":true},"description":"On call","membershipMethod":"STATIC","name":"Ops"}`},
	}
	test.run(t)
}

func TestUpdateGroup(t *testing.T) {
	t.Parallel()
	data, rule := group("Data", dataID), group("Rule", ruleID)
	get := func(id string) string { return "GET /api/v2/usergroups/" + id }
	put := func(id, body string, changed ...string) string {
		return "PUT /api/v2/usergroups/" + id + " {" + strings.NewReplacer(changed...).Replace(body) + "}"
	}
	tests := []action{
		{
			name:    "carries what it does not change",
			changes: []plan.Change{to(plan.Update, data, set(schema.GroupEmail, "data@kelp.example", ""))},
			want:    done(1), written: 1,
			sent: []string{get(dataID), put(dataID, dataPut, `"email":"data@kelp.example"`, `"email":""`)},
		},
		{
			name:    "leaves out what live does not have",
			changes: []plan.Change{to(plan.Update, rule, set(schema.MemberSuggestionsNotify, "false", "true"))},
			want:    done(1), written: 1,
			sent: []string{get(ruleID), put(ruleID, rulePut, `"memberSuggestionsNotify":false`, `"memberSuggestionsNotify":true`)},
		},
		{
			name: "merges attributes",
			changes: []plan.Change{to(plan.Update, data, part(schema.GroupAttributes, "sambaEnabled", "true", ""),
				part(schema.GroupAttributes, "posixGroups", "", `[{"id":5,"name":"data"}]`))},
			want: done(1), written: 1,
			sent: []string{get(dataID), put(dataID, dataPut, `"sambaEnabled":true`, `"posixGroups":[{"id":5,"name":"data"}]`)},
		},
		{
			name: "rename with everything else",
			changes: []plan.Change{to(plan.Update, data, set(schema.GroupName, "Data", "Data Team"), set(schema.GroupDescription, "Dashboards", "All data")),
				after(plan.Change{Action: plan.Add, Object: data, To: user("max", maxID)}, 0)},
			want: done(2), written: 2,
			sent: []string{get(dataID), put(dataID, dataPut, `"Dashboards"`, `"All data"`, `"Data"`, `"Data Team"`),
				"POST /api/v2/usergroups/" + dataID + `/members {"id":"` + maxID + `","op":"add","type":"user"}`},
		},
		{
			name: "takes the rule away",
			changes: []plan.Change{to(plan.Update, rule, set(schema.MembershipMethod, "DYNAMIC_AUTOMATED", "STATIC"),
				set(schema.MemberQuery, `{"filters":[{"field":"department","operator":"eq","value":"Sales"}],"queryType":"FilterQuery"}`, ""))},
			want: done(1), written: 1,
			sent: []string{get(ruleID), put(ruleID, rulePut, `"memberQuery":{"filters":[{"field":"department","operator":"eq","value":"Sales"}],"queryType":"FilterQuery"},`, "", "DYNAMIC_AUTOMATED", "STATIC")},
		},
		{
			name:    "a field has another value than the plan saw",
			changes: []plan.Change{to(plan.Update, data, set(schema.GroupEmail, "data@kelp.example", ""), set(schema.GroupDescription, "Reports", "All data"))},
			want:    []string{`stale: description of group "Data" has changed since the plan was made; plan again`}, sent: []string{get(dataID)},
		},
		{
			name:    "an attribute has another value than the plan saw",
			changes: []plan.Change{to(plan.Update, data, part(schema.GroupAttributes, "ldapGroups", "", `[{"name":"x"}]`))},
			want:    []string{`stale: attributes.ldapGroups of group "Data" has changed since the plan was made; plan again`}, sent: []string{get(dataID)},
		},
		{
			name:    "made already",
			changes: []plan.Change{to(plan.Update, data, set(schema.GroupDescription, "Reports", "Dashboards"), part(schema.GroupAttributes, "sambaEnabled", "", "true"))},
			want:    done(1), sent: []string{get(dataID)},
		},
		{
			name:    "half made already",
			changes: []plan.Change{to(plan.Update, data, set(schema.GroupDescription, "Reports", "Dashboards"), set(schema.MemberSuggestionsNotify, "true", "false"), set(schema.GroupEmail, "data@kelp.example", "d@kelp.example"))},
			want:    done(1), written: 1,
			sent: []string{get(dataID), put(dataID, dataPut, "data@kelp.example", "d@kelp.example")},
		},
		{
			name:    "another group has the id",
			changes: []plan.Change{to(plan.Update, group("data", dataID), set(schema.GroupDescription, "Dashboards", "x"))},
			want:    []string{`stale: group "data" is named "Data" now; plan again`}, sent: []string{get(dataID)},
		},
		{
			name:    "gone",
			changes: []plan.Change{to(plan.Update, group("Old", noID), set(schema.GroupDescription, "", "x"))},
			want:    []string{`stale: group "Old" is not in JumpCloud any more; plan again`}, sent: []string{get(noID)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

func TestDeleteGroup(t *testing.T) {
	t.Parallel()
	get := func(id string) string { return "GET /api/v2/usergroups/" + id }
	tests := []action{
		{
			name:    "looks, then deletes",
			changes: []plan.Change{to(plan.Delete, group("Data", dataID))},
			want:    done(1), written: 1,
			sent: []string{get(dataID), "DELETE /api/v2/usergroups/" + dataID},
		},
		{
			name:    "gone already",
			changes: []plan.Change{to(plan.Delete, group("Data", noID))},
			want:    done(1), sent: []string{get(noID)},
		},
		{
			name:    "another group has the id",
			changes: []plan.Change{to(plan.Delete, group("DATA", dataID))},
			want:    []string{`stale: group "DATA" is named "Data" now; plan again`}, sent: []string{get(dataID)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

func TestMembership(t *testing.T) {
	t.Parallel()
	member := func(a plan.Action, name, id string) plan.Change {
		return plan.Change{Action: a, Object: group("Data", dataID), To: user(name, id)}
	}
	post := func(op, id string) string {
		return "POST /api/v2/usergroups/" + dataID + `/members {"id":"` + id + `","op":"` + op + `","type":"user"}`
	}
	memberOf := func(id string) string { return "GET /api/v2/users/" + id + "/memberof?limit=100&skip=0" }
	tests := []action{
		{
			name:    "add",
			changes: []plan.Change{member(plan.Add, "max", maxID)},
			want:    done(1), written: 1, sent: []string{post("add", maxID)},
		},
		{
			name:    "remove",
			changes: []plan.Change{member(plan.Remove, "Ann", annID)},
			want:    done(1), written: 1, sent: []string{post("remove", annID)},
		},
		{
			name:    "add who is a member already",
			changes: []plan.Change{member(plan.Add, "Ann", annID)},
			want:    done(1), written: 1, sent: []string{post("add", annID), memberOf(annID)},
		},
		{
			name:    "remove who is no member any more",
			changes: []plan.Change{member(plan.Remove, "max", maxID)},
			want:    done(1), written: 1, sent: []string{post("remove", maxID), memberOf(maxID)},
		},
		{
			name:    "add somebody who is gone",
			changes: []plan.Change{member(plan.Add, "joe", noID)},
			want:    []string{`stale: user "joe" is not in JumpCloud any more; plan again`},
			sent:    []string{post("add", noID), "GET /api/v2/usergroups/" + dataID, "GET /api/systemusers/" + noID},
		},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

// Every field of a group passes the strict server and the official
// documents, when a group is created and when one is updated.
func TestEveryGroupField(t *testing.T) {
	t.Parallel()
	for _, f := range schema.Fields(schema.Group) {
		if f.Key {
			continue
		}
		delta := sample(f)
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kelp(), sandbox.Options{})
			live := delta
			if f.ID == schema.GroupEmail {
				live.Old = "data@kelp.example"
			}
			if f.ID == schema.GroupDescription {
				live.Old = "Dashboards"
			}
			w.kept(t, to(plan.Create, group("New", ""), delta), to(plan.Update, group("Data", dataID), live))
			holds(t, w.group("New"), delta)
			holds(t, w.group("Data"), delta)
		})
	}
}
