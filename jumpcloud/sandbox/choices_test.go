package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

// people is an organization of n users, u000 and on, and a group of them.
func people(n int) sandbox.State {
	o := sandbox.Organization{Name: "Many"}
	members := make([]string, n)
	for i := range n {
		members[i] = fmt.Sprintf("u%03d", i)
		o.Users = append(o.Users, sandbox.User{"username": members[i], "email": members[i] + "@kelp.example"})
	}
	o.Groups = []sandbox.Group{{"name": "All", "members": members}}
	return sandbox.State{Organizations: []sandbox.Organization{o}}
}

// length is the number of records of a list.
func length(list any) int { return len(names(list, "username")) }

// TestChoices holds that each open question of facts.md section 15 is
// answered strictly by default, and the other way by its option.
func TestChoices(t *testing.T) {
	t.Parallel()
	both := func(a *api, first, second string) string { return first + ", " + second }
	locked := func() sandbox.State {
		st := small()
		st.Organizations[0].Users[1]["restrictedFields"] = []any{map[string]any{"field": "company", "type": "scim"}}
		return st
	}
	for name, c := range map[string]struct {
		state  func() sandbox.State // nil: small
		other  sandbox.Options
		do     func(a *api) string
		strict string
		lax    string
	}{
		"limit above 100": {
			func() sandbox.State { return people(120) }, sandbox.Options{RejectLargeLimit: true},
			func(a *api) string {
				w := a.call("GET", "/systemusers?limit=1000", nil)
				if w.Code != 200 {
					return message(w)
				}
				return fmt.Sprint(length(a.get("GET", "/systemusers?limit=1000", nil)))
			},
			"100", "Bad Request limit must be at most 100",
		},
		"limit of groups above 100": {
			nil, sandbox.Options{RejectLargeLimit: true},
			func(a *api) string { return message(a.call("GET", "/v2/usergroups?limit=101", nil)) },
			"OK", "Bad Request limit must be at most 100",
		},
		"no limit": {
			func() sandbox.State { return people(30) }, sandbox.Options{DefaultLimit: 25},
			func(a *api) string { return fmt.Sprint(length(a.get("GET", "/systemusers", nil))) },
			"10", "25",
		},
		"no limit of members": {
			func() sandbox.State { return people(30) }, sandbox.Options{DefaultLimit: 25},
			func(a *api) string { return fmt.Sprint(len(a.get("GET", a.group("All")+"/members", nil).([]any))) },
			"10", "25",
		},
		"username in another case": {
			nil, sandbox.Options{CaseSensitiveUsers: true},
			func(a *api) string {
				return message(a.call("POST", "/systemusers", `{"username":"Mira","email":"other@kelp.example"}`))
			},
			"Bad Request User already exists: another user has this username", "OK",
		},
		"e-mail in another case": {
			nil, sandbox.Options{CaseSensitiveUsers: true, KeepEmailCase: true},
			func(a *api) string {
				return message(a.call("POST", "/systemusers", `{"username":"other","email":"Mira@kelp.example"}`))
			},
			"Bad Request User already exists: another user has this email", "OK",
		},
		"group name in another case": {
			nil, sandbox.Options{FoldGroupNames: true},
			func(a *api) string { return message(a.call("POST", "/v2/usergroups", `{"name":"data"}`)) },
			"Created", "Conflict Already Exists",
		},
		"duplicate user": {
			nil, sandbox.Options{DuplicateUserStatus: http.StatusConflict},
			func(a *api) string {
				return message(a.call("POST", "/systemusers", `{"username":"mira","email":"a@b"}`))
			},
			"Bad Request User already exists: another user has this username", "Conflict User already exists: another user has this username",
		},
		"duplicate group": {
			nil, sandbox.Options{DuplicateGroupStatus: http.StatusBadRequest},
			func(a *api) string { return message(a.call("POST", "/v2/usergroups", `{"name":"Data"}`)) },
			"Conflict Already Exists", "Bad Request Already Exists",
		},
		"group renamed to another": {
			nil, sandbox.Options{DuplicateGroupStatus: http.StatusBadRequest},
			func(a *api) string { return message(a.call("PUT", a.group("Data"), `{"name":"Rule"}`)) },
			"Conflict Already Exists", "Bad Request Already Exists",
		},
		"unknown field": {
			nil, sandbox.Options{IgnoreUnknownFields: true},
			func(a *api) string {
				return both(a, message(a.call("PUT", a.user("jon"), `{"nonsense":1}`)), message(a.call("POST", "/v2/usergroups", `{"name":"N","nonsense":1}`)))
			},
			"Bad Request nonsense is not a known field, Bad Request nonsense is not a known field", "OK, Created",
		},
		"read-only field": {
			nil, sandbox.Options{IgnoreReadOnlyFields: true},
			func(a *api) string {
				w := a.call("PUT", a.user("jon"), `{"created":"x"}`)
				return both(a, message(w), a.state().User("jon")["created"].(string))
			},
			"Bad Request created cannot be written, 2024-01-01T00:00:00.000Z", "OK, 2024-01-01T00:00:00.000Z",
		},
		"locked field": {
			locked, sandbox.Options{IgnoreLockedFields: true},
			func(a *api) string {
				w := a.call("PUT", a.user("jon"), `{"company":"Kelp","jobTitle":"CEO"}`)
				u := a.state().User("jon")
				return fmt.Sprintf("%s, %q %q", message(w), u["company"], u["jobTitle"])
			},
			`Bad Request company is a restricted field and cannot be modified, "" ""`, `OK, "" "CEO"`,
		},
		"no x-org-id": {
			nil, sandbox.Options{DefaultOrganization: true},
			func(a *api) string {
				a.org = ""
				return message(a.call("GET", "/systemusers", nil))
			},
			"Unauthorized Unauthorized: x-org-id is required", "OK",
		},
		"no key": {
			nil, sandbox.Options{AnonymousStatus: http.StatusUnauthorized},
			func(a *api) string {
				a.header.Del("x-api-key")
				w := a.call("GET", "/nowhere", nil)
				return strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Header().Get("Location")))
			},
			"302 /login", "401",
		},
		"group PUT without a key": {
			nil, sandbox.Options{MergeGroupPut: true},
			func(a *api) string {
				a.get("PUT", a.group("Data"), `{"name":"Data","description":"all of it","email":"d@b"}`)
				a.get("PUT", a.group("Data"), `{"name":"Data","email":"e@b"}`)
				g := a.state().Group("Data")
				return fmt.Sprintf("%q %q %v", g["description"], g["email"], g["attributes"])
			},
			`"" "e@b" <nil>`, `"all of it" "e@b" map[ldapGroups:[map[name:data]]]`,
		},
		"group PUT without a name": {
			nil, sandbox.Options{MergeGroupPut: true},
			func(a *api) string { return message(a.call("PUT", a.group("Data"), `{}`)) },
			"Bad Request name is required", "OK",
		},
		"attributes in a list": {
			nil, sandbox.Options{ListGroupAttributes: true},
			func(a *api) string {
				listed := a.get("GET", "/v2/usergroups?filter=name:eq:Data", nil).([]any)[0].(map[string]any)
				one := a.get("GET", a.group("Data"), nil).(map[string]any)
				return fmt.Sprint(listed["attributes"], " ", one["attributes"])
			},
			"<nil> map[ldapGroups:[map[name:data]]]", "map[ldapGroups:[map[name:data]]] map[ldapGroups:[map[name:data]]]",
		},
		"manager who does not exist": {
			nil, sandbox.Options{AcceptUnknownManager: true},
			func(a *api) string {
				const nobody = `"manager":"5f3c0a1b9d2e4c0001a7b9e1"`
				return both(a, message(a.call("POST", "/systemusers", `{"username":"a","email":"a@b",`+nobody+`}`)), message(a.call("PUT", a.user("jon"), "{"+nobody+"}")))
			},
			`Bad Request manager "5f3c0a1b9d2e4c0001a7b9e1" is not a system user, Bad Request manager "5f3c0a1b9d2e4c0001a7b9e1" is not a system user`, "OK, OK",
		},
		"delete of a manager": {
			nil, sandbox.Options{DeleteManagers: true},
			func(a *api) string {
				w := a.call("DELETE", a.user("mira"), nil)
				return fmt.Sprint(message(w), ", ", a.state().User("jon")["manager"] == nil)
			},
			"Conflict The user is the manager of 1 users: remove or replace them as manager first, false", "OK, true",
		},
		"staged again": {
			nil, sandbox.Options{StageAgain: true},
			func(a *api) string {
				w := a.call("PUT", a.user("jon"), `{"state":"STAGED"}`)
				return both(a, message(w), a.state().User("jon")["state"].(string))
			},
			"Bad Request state must be one of [ACTIVATED SUSPENDED], ACTIVATED", "OK, STAGED",
		},
		"member twice": {
			nil, sandbox.Options{IdempotentMembers: true},
			func(a *api) string { return member(a, "Data", "add", "jon") },
			"Conflict Already Exists, [jon mira]", "No Content, [jon mira]",
		},
		"no member": {
			nil, sandbox.Options{IdempotentMembers: true},
			func(a *api) string { return member(a, "Data", "remove", "ole") },
			"Not Found Not Found, [jon mira]", "No Content, [jon mira]",
		},
		"member of a dynamic group": {
			nil, sandbox.Options{RefuseDynamicMembers: true},
			func(a *api) string {
				return both(a, member(a, "Rule", "add", "ole"), member(a, "Rule", "remove", "jon"))
			},
			"No Content, [jon], No Content, [jon]",
			"Bad Request Members of a dynamic group cannot be changed, [jon], Bad Request Members of a dynamic group cannot be changed, [jon]",
		},
		"e-mail with capitals": {
			nil, sandbox.Options{KeepEmailCase: true},
			func(a *api) string {
				a.get("PUT", a.user("jon"), `{"email":"Jon@Kelp.example"}`)
				return a.state().User("jon")["email"].(string)
			},
			"jon@kelp.example", "Jon@Kelp.example",
		},
		"ids of entries": {
			nil, sandbox.Options{NoEntryIDs: true},
			func(a *api) string {
				u := a.get("PUT", a.user("jon"), `{"phoneNumbers":[{"type":"work","number":"1"}],"addresses":[{"type":"home"}]}`).(map[string]any)
				_, phone := u["phoneNumbers"].([]any)[0].(map[string]any)["id"]
				_, address := u["addresses"].([]any)[0].(map[string]any)["id"]
				return fmt.Sprint(phone, " ", address)
			},
			"true true", "false false",
		},
		"order of arrays": {
			nil, sandbox.Options{KeepOrder: true},
			func(a *api) string {
				u := a.get("PUT", a.user("jon"), `{"attributes":[{"name":"a","value":"1"},{"name":"b","value":"2"}],"tags":["a","b"],"phoneNumbers":[{"type":"a"},{"type":"b"}]}`).(map[string]any)
				return fmt.Sprint(names(u["attributes"], "name"), u["tags"], names(u["phoneNumbers"], "type"))
			},
			"[b a] [b a] [b a]", "[a b] [a b] [a b]",
		},
		"password_date": {
			nil, sandbox.Options{KeepPasswordDate: true},
			func(a *api) string {
				a.get("PUT", a.user("jon"), `{"password":"x"}`)
				a.get("POST", a.user("mira")+"/password", `{"password":"x"}`)
				return fmt.Sprint(a.state().User("jon")["password_date"], " ", a.state().User("mira")["password_date"])
			},
			"2026-11-23T12:00:00.000Z 2026-11-23T12:00:00.000Z", "<nil> <nil>",
		},
		"edges to deleted users": {
			func() sandbox.State { return people(5) }, sandbox.Options{DanglingMembers: true},
			func(a *api) string {
				a.get("DELETE", a.user("u001"), nil)
				w := a.call("GET", a.group("All")+"/members?limit=100", nil)
				return fmt.Sprint(w.Header().Get("x-total-count"), " ", strings.Count(w.Body.String(), `"to"`))
			},
			"4 4", "5 4",
		},
		"answer of a group's DELETE": {
			nil, sandbox.Options{GroupDeleteNoContent: true},
			func(a *api) string {
				w := a.call("DELETE", a.group("Data"), nil)
				return fmt.Sprint(w.Code, " ", strings.Contains(w.Body.String(), `"name":"Data"`))
			},
			"200 true", "204 false",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := small
			if c.state != nil {
				state = c.state
			}
			same(t, "strict", c.strict, c.do(start(t, state(), sandbox.Options{})))
			same(t, "the other way", c.lax, c.do(start(t, state(), c.other)))
		})
	}
}

// member changes a membership and tells the answer and who is a member then.
func member(a *api, group, op, user string) string {
	w := a.call("POST", a.group(group)+"/members", map[string]string{"op": op, "type": "user", "id": a.id(user)})
	return fmt.Sprint(message(w), ", ", a.state().Group(group).Members())
}
