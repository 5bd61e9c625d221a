package sandbox

import (
	"encoding/json"
	"net/http"
	"time"
)

// Shapes of group attributes (openapi-v2.json, GroupAttributes-UserGroup)
// and of the members of a dynamic group.
var (
	groupAttributes = shape{kind: object, open: true, members: map[string]shape{
		"sudo":         {kind: object, members: map[string]shape{"enabled": flag, "withoutPassword": flag}, required: []string{"enabled", "withoutPassword"}},
		"ldapGroups":   listOf(shape{kind: object, members: map[string]shape{"name": anyText}}),
		"posixGroups":  listOf(shape{kind: object, members: map[string]shape{"id": {kind: integer}, "name": anyText}, required: []string{"id", "name"}}),
		"radius":       {kind: object, members: map[string]shape{"reply": listOf(shape{kind: object, members: map[string]shape{"name": anyText, "value": anyText}, required: []string{"name", "value"}})}},
		"sambaEnabled": flag,
	}}
	memberQuery = shape{kind: object, open: true, required: []string{"queryType"}, members: map[string]shape{
		"queryType": {kind: text, enum: []string{"Filter", "FilterQuery", "Search"}},
		"filters":   {kind: list},
	}}
	exemption = shape{kind: object, members: map[string]shape{"id": anyText, "type": anyText, "attributes": {kind: object}}, required: []string{"id", "type"}}
	method    = shape{kind: text, enum: []string{"NOTSET", "STATIC", "DYNAMIC_REVIEW_REQUIRED", "DYNAMIC_AUTOMATED"}}
)

// groupTable is the table of GET /api/v2/usergroups/{id} (facts.md section
// 7; openapi-v2.json, UserGroup).
var groupTable = newTable([]field{
	{name: "id", shape: anyText},
	{name: "type", shape: shape{kind: text, enum: []string{"user_group"}}, unset: `"user_group"`},
	{name: "name", shape: anyText, post: true, put: true},
	{name: "email", shape: anyText, unset: `""`, post: true, put: true},
	{name: "description", shape: anyText, unset: `""`, post: true, put: true},
	{name: "attributes", shape: groupAttributes, unset: "null", post: true, put: true},
	{name: "membershipMethod", shape: method, unset: `"NOTSET"`, post: true, put: true},
	{name: "memberQuery", shape: memberQuery, post: true, put: true},
	{name: "memberQueryExemptions", shape: listOf(exemption), unset: "[]", post: true, put: true},
	{name: "memberQueryErrorFlags", shape: listOf(anyText)},
	{name: "memberSuggestionsNotify", shape: flag, unset: "false", post: true, put: true},
	{name: "suggestionCounts", shape: shape{kind: object}, unset: `{"add":0,"remove":0,"total":0}`},
	{name: "organizationObjectId", shape: anyText},
})

// theGroup is the group that the path names.
func (c *call) theGroup() (*group, *answer) {
	if g := c.org.groupByID[c.params["group"]]; g != nil {
		return g, nil
	}
	return nil, notFound()
}

// listGroups is GET /usergroups. Attributes are null in it (facts.md section 15).
func listGroups(c *call) answer {
	q, problem := c.queryV2(groupTable)
	if problem != nil {
		return *problem
	}
	groups := shown(c.org.groups, c.org, func(g *group) time.Time { return g.visible })
	page, total := selectPage(groups, q)
	if c.o.ListGroupAttributes {
		return listV2(page, total, q.only)
	}
	bare := make([]record, len(page))
	for i, g := range page {
		bare[i] = g.clone()
		bare[i].set("attributes", json.RawMessage("null"))
	}
	return listV2(bare, total, q.only)
}

// getGroup is GET /usergroups/{id}.
func getGroup(c *call) answer {
	g, problem := c.theGroup()
	if problem != nil {
		return *problem
	}
	return ok(g.appendJSON(nil, nil, false))
}

// createGroup is POST /usergroups.
func createGroup(c *call) answer {
	r := groupTable.fresh()
	if problem := c.writeGroup(r, true); problem != nil {
		return *problem
	}
	if problem := c.uniqueGroup(r, nil); problem != nil {
		return *problem
	}
	now := c.o.Now()
	g := &group{record: r, id: c.org.newID(now, "group", r.text("name")), visible: c.appears(now)}
	g.setText("id", g.id)
	g.setText("organizationObjectId", c.org.id)
	c.org.insertGroup(g)
	return answer{status: http.StatusCreated, body: g.appendJSON(nil, nil, false)}
}

// updateGroup is PUT /usergroups/{id}: a full update, keys left out are
// reset (facts.md section 15).
func updateGroup(c *call) answer {
	g, problem := c.theGroup()
	if problem != nil {
		return *problem
	}
	r := g.clone()
	if !c.o.MergeGroupPut {
		for i, f := range groupTable.fields {
			if f.put {
				r.values[i] = groupTable.unset[i]
			}
		}
	}
	if problem := c.writeGroup(r, false); problem != nil {
		return *problem
	}
	if problem := c.uniqueGroup(r, g); problem != nil {
		return *problem
	}
	delete(c.org.groupNames, c.org.foldGroup(g.text("name")))
	g.record = r
	c.org.groupNames[c.org.foldGroup(g.text("name"))] = g
	return ok(g.appendJSON(nil, nil, false))
}

// writeGroup checks the body and puts it into a record.
func (c *call) writeGroup(r record, create bool) *answer {
	body, problem := c.object()
	if problem != nil {
		return problem
	}
	if problem := groupTable.prune(c.o, body, create); problem != nil {
		return problem
	}
	for i, f := range groupTable.fields {
		raw, written := body[f.name]
		if !written {
			continue
		}
		if p := f.shape.checkJSON(f.name, raw); p != "" {
			return bad("%s", p)
		}
		r.values[i] = compact(raw)
	}
	if stringOf(body["name"]) == "" && (create || !c.o.MergeGroupPut) {
		return bad("name is required")
	}
	return nil
}

// uniqueGroup refuses a name that another group has.
func (c *call) uniqueGroup(r record, except *group) *answer {
	other := c.org.groupNames[c.org.foldGroup(r.text("name"))]
	if other == nil || other == except {
		return nil
	}
	if c.o.DuplicateGroupStatus != 0 {
		return alreadyExists(c.o.DuplicateGroupStatus)
	}
	return alreadyExists(http.StatusConflict)
}

// deleteGroup is DELETE /usergroups/{id}.
func deleteGroup(c *call) answer {
	g, problem := c.theGroup()
	if problem != nil {
		return *problem
	}
	c.org.removeGroup(g)
	if c.o.GroupDeleteNoContent {
		return answer{status: http.StatusNoContent}
	}
	return ok(g.appendJSON(nil, nil, false))
}

// dynamic tells whether a rule makes the members.
func (g *group) dynamic() bool {
	m := g.text("membershipMethod")
	return m == "DYNAMIC_AUTOMATED" || m == "DYNAMIC_REVIEW_REQUIRED"
}
