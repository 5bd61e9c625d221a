package sandbox_test

import (
	"fmt"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

func TestFreshGroup(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	w := a.call("POST", "/v2/usergroups", `{"name":"New"}`)
	same(t, "status", 201, w.Code)
	made := a.get("GET", a.group("New"), nil).(map[string]any)
	same(t, "record", map[string]any{
		"id": made["id"], "type": "user_group", "name": "New", "email": "", "description": "", "attributes": nil,
		"membershipMethod": "NOTSET", "memberQueryExemptions": []any{}, "memberSuggestionsNotify": false,
		"suggestionCounts": map[string]any{"add": 0.0, "remove": 0.0, "total": 0.0}, "organizationObjectId": a.org,
	}, made)
	same(t, "members", any([]any{}), a.get("GET", a.group("New")+"/members", nil))
}

func TestGroupWrites(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"all of it": {`{"name":"N","email":"n@b","description":"d","attributes":{"sudo":{"enabled":true,"withoutPassword":false},"ldapGroups":[{"name":"l"}],
			"posixGroups":[{"id":1,"name":"p"}],"radius":{"reply":[{"name":"a","value":"b"}]},"sambaEnabled":true,"mine":{"x":[1]}},"membershipMethod":"DYNAMIC_AUTOMATED",
			"memberQuery":{"queryType":"FilterQuery","filters":[{"field":"company","operator":"eq","value":"Kelp"}]},
			"memberQueryExemptions":[{"id":"5f3c0a1b9d2e4c0001a7b9e1","type":"user"}],"memberSuggestionsNotify":true}`, ""},
		"no name":           {`{"description":"d"}`, "name is required"},
		"empty name":        {`{"name":""}`, "name is required"},
		"null":              {`{"name":"N","attributes":null}`, "attributes must be an object"},
		"null rule":         {`{"name":"N","memberQuery":null}`, "memberQuery must be an object"},
		"rule of no type":   {`{"name":"N","memberQuery":{"filters":[]}}`, "memberQuery.queryType is required"},
		"half a sudo":       {`{"name":"N","attributes":{"sudo":{"enabled":true}}}`, "attributes.sudo.withoutPassword is required"},
		"a number for text": {`{"name":"N","description":1}`, "description must be a string"},
		"no such method":    {`{"name":"N","membershipMethod":"AUTO"}`, "membershipMethod must be one of [NOTSET STATIC DYNAMIC_REVIEW_REQUIRED DYNAMIC_AUTOMATED]"},
		"an id":             {`{"name":"N","id":"5f3c0a1b9d2e4c0001a7b9e1"}`, "id cannot be written"},
		"a type":            {`{"name":"N","type":"user_group"}`, "type cannot be written"},
		"half an exemption": {`{"name":"N","memberQueryExemptions":[{"id":"1"}]}`, "memberQueryExemptions[0].type is required"},
		"members":           {`{"name":"N","members":[]}`, "members is not a known field"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, small(), sandbox.Options{})
			post, put := "Created", "OK"
			if c.want != "" {
				post, put = "Bad Request "+c.want, "Bad Request "+c.want
			}
			same(t, "PUT", put, message(a.call("PUT", a.group("Data"), c.body)))
			b := start(t, small(), sandbox.Options{})
			same(t, "POST", post, message(b.call("POST", "/v2/usergroups", c.body)))
		})
	}
}

func TestRenamedGroupFreesItsName(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	members := a.state().Group("Data").Members()
	a.get("PUT", a.group("Data"), `{"name":"Facts"}`)
	same(t, "members", members, a.state().Group("Facts").Members())
	same(t, "its own name", "OK", message(a.call("PUT", a.group("Facts"), `{"name":"Facts"}`)))
	same(t, "the old name", "Created", message(a.call("POST", "/v2/usergroups", `{"name":"Data"}`)))
}

func TestDeletedGroupTakesItsEdges(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	path := a.group("Data")
	a.get("DELETE", path, nil)
	same(t, "memberof", []string{"Rule"}, groupsOf(a, "jon"))
	same(t, "again", "Not Found Not Found", message(a.call("DELETE", path, nil)))
	a.get("POST", "/v2/usergroups", `{"name":"Data"}`)
	same(t, "made again", 0, len(a.state().Group("Data").Members()))
}

// groupsOf are the names of a user's groups.
func groupsOf(a *api, user string) []string {
	found := []string{}
	for _, g := range a.get("GET", "/v2/users/"+a.id(user)+"/memberof?limit=100", nil).([]any) {
		record := a.get("GET", "/v2/usergroups/"+g.(map[string]any)["id"].(string), nil)
		found = append(found, record.(map[string]any)["name"].(string))
	}
	return found
}

func TestMembers(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	same(t, "add", "No Content, [jon mira ole]", member(a, "Data", "add", "ole"))
	same(t, "update", "No Content, [jon mira ole]", member(a, "Data", "update", "ole"))
	same(t, "remove", "No Content, [jon mira]", member(a, "Data", "remove", "ole"))
	same(t, "update nobody", "Not Found Not Found, [jon mira]", member(a, "Data", "update", "ole"))
	same(t, "memberof", 2, len(groupsOf(a, "jon")))
	same(t, "memberof nothing", []string{}, groupsOf(a, "ole"))

	path := a.group("Data") + "/members"
	for body, want := range map[string]string{
		`{"op":"add","type":"user","id":"5f3c0a1b9d2e4c0001a7b9e1"}`:                 "Not Found Not Found",
		`{"op":"add","type":"user_group","id":"` + a.id("ole") + `"}`:                "Bad Request body.type must be one of [user]",
		`{"op":"put","type":"user","id":"` + a.id("ole") + `"}`:                      "Bad Request body.op must be one of [add remove update]",
		`{"op":"add","id":"` + a.id("ole") + `"}`:                                    "Bad Request body.type is required",
		`{"op":"add","type":"user"}`:                                                 "Bad Request body.id is required",
		`{"op":"add","type":"user","id":"` + a.id("ole") + `","ids":[]}`:             "Bad Request body.ids is not allowed",
		`{"op":"add","type":"user","id":"` + a.id("ole") + `","attributes":{"a":1}}`: "No Content",
	} {
		same(t, body, want, message(a.call("POST", path, body)))
	}
	const nowhere = "/v2/usergroups/5f3c0a1b9d2e4c0001a7b9e1"
	for _, path := range []string{nowhere, nowhere + "/members", nowhere + "/membership", nowhere + "/associations?targets=system", "/v2/users/1/memberof"} {
		same(t, path, "Not Found Not Found", message(a.call("GET", path, nil)))
	}
	for _, path := range []string{nowhere + "/members", nowhere + "/associations"} {
		same(t, path, "Not Found Not Found", message(a.call("POST", path, `{}`)))
	}
	same(t, "PUT nowhere", "Not Found Not Found", message(a.call("PUT", nowhere, `{}`)))
}

func TestEdges(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	jon := a.id("jon")
	to := map[string]any{"to": map[string]any{"id": jon, "type": "user"}}
	same(t, "members", any([]any{to}), a.get("GET", a.group("Rule")+"/members", nil))
	same(t, "membership", any([]any{map[string]any{"id": jon, "type": "user", "paths": []any{[]any{to}}}}), a.get("GET", a.group("Rule")+"/membership", nil))
	w := a.call("GET", a.group("Data")+"/membership?limit=1&filter=type:eq:user&sort=-object_id", nil)
	same(t, "total", "2", w.Header().Get("x-total-count"))
	same(t, "filtered", 1, len(a.get("GET", a.group("Data")+"/membership?filter=object_id:eq:"+jon, nil).([]any)))
	same(t, "other type", 0, len(a.get("GET", "/v2/users/"+jon+"/memberof?filter=type:eq:system_group", nil).([]any)))
	same(t, "total of memberof", "2", a.call("GET", "/v2/users/"+jon+"/memberof?limit=1", nil).Header().Get("x-total-count"))
}

func TestAssociations(t *testing.T) {
	t.Parallel()
	st := small()
	st.Organizations[0].Groups[0]["associations"] = []any{map[string]any{"type": "system", "id": "1"}, map[string]any{"type": "application", "id": "2"}}
	a := start(t, st, sandbox.Options{})
	path := a.group("Data") + "/associations"
	change := func(op, kind, id string) string {
		return message(a.call("POST", path, fmt.Sprintf(`{"op":%q,"type":%q,"id":%q}`, op, kind, id)))
	}
	count := func(targets string) string {
		w := a.call("GET", path+"?limit=1&targets="+targets, nil)
		return w.Header().Get("x-total-count")
	}
	same(t, "systems", "1", count("system"))
	same(t, "both", "2", count("system,application"))
	same(t, "add", "No Content", change("add", "system", "3"))
	same(t, "add again", "Conflict Already Exists", change("add", "system", "3"))
	same(t, "update", "No Content", change("update", "system", "3"))
	same(t, "systems then", "2", count("system"))
	same(t, "remove", "No Content", change("remove", "system", "1"))
	same(t, "remove again", "Not Found Not Found", change("remove", "system", "1"))
	same(t, "of no type", "Bad Request body.type must be one of [active_directory application g_suite idp_routing_policy ldap_server office_365 password_manager_item radius_server system system_group]", change("add", "user", "1"))
	same(t, "state", any([]any{map[string]any{"type": "application", "id": "2"}, map[string]any{"type": "system", "id": "3"}}), a.state().Group("Data")["associations"])
}
