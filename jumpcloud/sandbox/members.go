package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// end is one end of an edge of JumpCloud's graph.
type end struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// edge is a direct connection (openapi-v2.json, GraphConnection).
type edge struct {
	To end `json:"to"`
}

// reached is an object with the ways to it (GraphObjectWithPaths).
type reached struct {
	end
	Paths [][]edge `json:"paths"`
}

// operation is a change of an edge (GraphOperation).
type operation struct {
	ID   string `json:"id"`
	Op   string `json:"op"`
	Type string `json:"type"`
}

// operationShape is the body of an operation on one of some types.
func operationShape(types ...string) shape {
	return shape{kind: object, required: []string{"id", "op", "type"}, members: map[string]shape{
		"id": anyText, "type": {kind: text, enum: types}, "attributes": {kind: object},
		"op": {kind: text, enum: []string{"add", "remove", "update"}},
	}}
}

// targets are what a group can be bound to (openapi-v2.json,
// graphTargetsUserGroup).
var targets = strings.Fields("active_directory application g_suite idp_routing_policy ldap_server office_365 password_manager_item radius_server system system_group")

var (
	memberOperation      = operationShape("user")
	associationOperation = operationShape(targets...)
)

// noContent answers a change of an edge.
func noContent() answer { return answer{status: http.StatusNoContent} }

// pageOf is a page of a list that has no records.
func pageOf[T any](all []T, q query) []T {
	from := min(q.skip, len(all))
	return all[from:min(from+q.limit, len(all))]
}

// listMembers is GET /usergroups/{id}/members. Edges to deleted users are
// missing from pages but counted (facts.md section 8).
func listMembers(c *call) answer {
	g, problem := c.theGroup()
	if problem != nil {
		return *problem
	}
	q, problem := c.page(c.query.Get("skip"), c.query.Get("limit"))
	if problem != nil {
		return *problem
	}
	edges := []edge{}
	for _, id := range pageOf(g.members, q) {
		if c.org.byID[id] != nil {
			edges = append(edges, edge{end{id, "user"}})
		}
	}
	return counted(mustJSON(edges), len(g.members))
}

// changeMembers is POST /usergroups/{id}/members.
func changeMembers(c *call) answer {
	var op operation
	g, problem := c.theGroup()
	if problem != nil {
		return *problem
	}
	if problem := c.read(&memberOperation, &op); problem != nil {
		return *problem
	}
	u := c.org.byID[op.ID]
	switch {
	case u == nil:
		return *notFound()
	case g.dynamic() && c.o.RefuseDynamicMembers:
		return *bad("Members of a dynamic group cannot be changed")
	case g.dynamic():
		return noContent()
	case op.Op == "add" && !c.org.join(g, u) && !c.o.IdempotentMembers:
		return *alreadyExists(http.StatusConflict)
	case op.Op == "remove" && !c.org.leave(g, u) && !c.o.IdempotentMembers:
		return *notFound()
	case op.Op == "update" && !slices.Contains(g.members, u.id):
		return *notFound()
	}
	return noContent()
}

// listMembership is GET /usergroups/{id}/membership.
func listMembership(c *call) answer {
	g, problem := c.theGroup()
	if problem != nil {
		return *problem
	}
	return c.listReached("user", slices.DeleteFunc(slices.Clone(g.members), func(id string) bool { return c.org.byID[id] == nil }))
}

// listMemberOf is GET /users/{id}/memberof.
func listMemberOf(c *call) answer {
	u, problem := c.theUser()
	if problem != nil {
		return *problem
	}
	return c.listReached("user_group", u.groups)
}

// endTable are the fields that membership and memberof are filtered and
// sorted by.
var endTable = newTable([]field{{name: "object_id", shape: anyText}, {name: "type", shape: anyText}, {name: "id", shape: anyText}})

// listReached answers a page of objects that are one edge away.
func (c *call) listReached(kind string, ids []string) answer {
	q, problem := c.queryV2(endTable)
	if problem != nil {
		return *problem
	}
	all := make([]record, len(ids))
	for i, id := range ids {
		all[i] = endTable.fresh()
		all[i].setText("object_id", id)
		all[i].setText("id", id)
		all[i].setText("type", kind)
	}
	page, total := selectPage(all, q)
	found := make([]reached, len(page))
	for i, r := range page {
		e := end{r.text("id"), kind}
		found[i] = reached{e, [][]edge{{{e}}}}
	}
	return counted(mustJSON(found), total)
}

// listAssociations is GET /usergroups/{id}/associations.
func listAssociations(c *call) answer {
	g, problem := c.theGroup()
	if problem != nil {
		return *problem
	}
	wanted := commas(c.query["targets"])
	if len(wanted) == 0 {
		return *bad("targets is required")
	}
	if i := slices.IndexFunc(wanted, func(t string) bool { return !slices.Contains(targets, t) }); i >= 0 {
		return *bad("targets must be of %v", targets)
	}
	q, problem := c.page(c.query.Get("skip"), c.query.Get("limit"))
	if problem != nil {
		return *problem
	}
	edges := []edge{}
	for _, a := range g.associations {
		if slices.Contains(wanted, a.Type) {
			edges = append(edges, edge{end{a.ID, a.Type}})
		}
	}
	return counted(mustJSON(pageOf(edges, q)), len(edges))
}

// changeAssociations is POST /usergroups/{id}/associations.
func changeAssociations(c *call) answer {
	var op operation
	g, problem := c.theGroup()
	if problem != nil {
		return *problem
	}
	if problem := c.read(&associationOperation, &op); problem != nil {
		return *problem
	}
	a := association{Type: op.Type, ID: op.ID}
	i := slices.Index(g.associations, a)
	switch {
	case op.Op == "add" && i >= 0:
		return *alreadyExists(http.StatusConflict)
	case op.Op == "add":
		g.associations = append(g.associations, a)
	case i < 0:
		return *notFound()
	case op.Op == "remove":
		g.associations = slices.Delete(g.associations, i, i+1)
	}
	return noContent()
}
