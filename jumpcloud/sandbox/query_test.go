package sandbox_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

// staff are five people to filter.
func staff() sandbox.State {
	return sandbox.State{Organizations: []sandbox.Organization{{
		Name: "Staff",
		Users: []sandbox.User{
			{"username": "ada", "email": "ada@b", "department": "IT", "unix_uid": 900, "sudo": true, "attributes": []any{map[string]any{"name": "badge", "value": "7"}}},
			{"username": "bob", "email": "bob@b", "department": "IT|Ops", "unix_uid": 5000, "manager": "ada"},
			{"username": "cyd", "email": "cyd@b", "department": "Sales", "unix_uid": 20000, "state": "SUSPENDED", "attributes": []any{map[string]any{"name": "badge", "value": "8"}, map[string]any{"name": "desk", "value": "7"}}},
			{"username": "dov", "email": "dov@b", "department": "sales", "unix_uid": 20001, "employeeIdentifier": "00123"},
			{"username": "eve", "email": "eve+x@b", "unix_uid": 20002},
		},
	}}}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		filters []string // name=value
		want    []string
	}{
		"eq":                  {[]string{"filter=department:$eq:IT"}, []string{"ada"}},
		"case matters":        {[]string{"filter=department:$eq:Sales"}, []string{"cyd"}},
		"ne":                  {[]string{"filter=department:$ne:IT"}, []string{"bob", "cyd", "dov", "eve"}},
		"nothing":             {[]string{"filter=department:$eq:"}, []string{"eve"}},
		"in":                  {[]string{"filter=department:$in:IT|Sales"}, []string{"ada", "cyd"}},
		"in with a bar":       {[]string{`filter=department:$in:IT\|Ops|Sales`}, []string{"bob", "cyd"}},
		"nin":                 {[]string{"filter=department:$nin:IT|Sales"}, []string{"bob", "dov", "eve"}},
		"sw":                  {[]string{"filter=department:$sw:IT"}, []string{"ada", "bob"}},
		"sw with a bar":       {[]string{`filter=department:$sw:IT\|`}, []string{"bob"}},
		"numbers, not texts":  {[]string{"filter=unix_uid:$gt:5000"}, []string{"cyd", "dov", "eve"}},
		"gte":                 {[]string{"filter=unix_uid:$gte:5000"}, []string{"bob", "cyd", "dov", "eve"}},
		"lt":                  {[]string{"filter=unix_uid:$lt:5000"}, []string{"ada"}},
		"lte":                 {[]string{"filter=unix_uid:$lte:5000"}, []string{"ada", "bob"}},
		"bool":                {[]string{"filter=sudo:$eq:true"}, []string{"ada"}},
		"dates":               {[]string{"filter=created:$lt:2024-01-02"}, []string{"ada", "bob", "cyd", "dov", "eve"}},
		"repeated is and":     {[]string{"filter=department:$sw:IT", "filter=unix_uid:$gt:1000"}, []string{"bob"}},
		"numbered is and":     {[]string{"filter[0]=department:$sw:IT", "filter[1]=unix_uid:$gt:1000"}, []string{"bob"}},
		"or":                  {[]string{"filter[or][0]=username:$eq:ada", "filter[or][1]=username:$eq:eve"}, []string{"ada", "eve"}},
		"or and and":          {[]string{"filter[or][0]=username:$eq:ada", "filter[or][1]=username:$eq:eve", "filter=sudo:$eq:true"}, []string{"ada"}},
		"value with a colon":  {[]string{"filter=created:$eq:2024-01-01T00:00:00.000Z"}, []string{"ada", "bob", "cyd", "dov", "eve"}},
		"value with a plus":   {[]string{"filter=email:$eq:eve+x@b"}, []string{"eve"}},
		"inside an array":     {[]string{"filter=attributes.value:$eq:7"}, []string{"ada", "cyd"}},
		"not inside an array": {[]string{"filter=attributes.value:$ne:7"}, []string{"bob", "dov", "eve"}},
		"inside an object":    {[]string{"filter=mfa.exclusion:$eq:false"}, []string{"ada", "bob", "cyd", "dov", "eve"}},
		"leading zeros":       {[]string{"filter=employeeIdentifier:$eq:123"}, []string{}},
		"unknown field":       {[]string{"filter=nonsense:$eq:1"}, []string{}},
		"absent field":        {[]string{"filter=alternateEmail:$eq:x"}, []string{}},
		"an object is none":   {[]string{"filter=mfa:$eq:x"}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, staff(), sandbox.Options{})
			path := "/systemusers?sort=username"
			for _, f := range c.filters {
				name, value, _ := strings.Cut(f, "=")
				path += "&" + url.QueryEscape(name) + "=" + url.QueryEscape(value)
			}
			list := a.get("GET", path, nil).(map[string]any)
			same(t, "users", c.want, names(list, "username"))
			same(t, "total", any(float64(len(c.want))), list["totalCount"])
		})
	}
}

func TestSortFieldsAndPages(t *testing.T) {
	t.Parallel()
	a := start(t, staff(), sandbox.Options{})
	for query, want := range map[string][]string{
		"sort=username":                      {"ada", "bob", "cyd", "dov", "eve"},
		"sort=-username":                     {"eve", "dov", "cyd", "bob", "ada"},
		"sort=-state username":               {"cyd", "ada", "bob", "dov", "eve"},
		"sort=-unix_uid":                     {"eve", "dov", "cyd", "bob", "ada"},
		"sort=unix_uid":                      {"ada", "bob", "cyd", "dov", "eve"},
		"sort=username&limit=2":              {"ada", "bob"},
		"sort=username&limit=2&skip=2":       {"cyd", "dov"},
		"sort=username&limit=2&skip=4":       {"eve"},
		"sort=username&limit=2&skip=5":       {},
		"sort=username&limit=2&skip=99":      {},
		"sort=username&fields=email":         nil,
		"sort=username&fields=nonsense":      nil,
		"sort=username&fields=email state":   nil,
		"sort=username&fields=username,name": nil,
	} {
		list := a.get("GET", "/systemusers?"+query, nil).(map[string]any)
		same(t, query+": total", any(5.0), list["totalCount"])
		if want != nil {
			same(t, query, want, names(list, "username"))
		}
	}
	first := func(query string) any {
		return a.get("GET", "/systemusers?sort=username&limit=1&"+query, nil).(map[string]any)["results"].([]any)[0]
	}
	id := a.id("ada")
	same(t, "fields", any(map[string]any{"_id": id, "id": id, "email": "ada@b", "state": "ACTIVATED"}), first("fields=email state"))
	same(t, "commas are no separator", any(map[string]any{"_id": id, "id": id}), first("fields=email,state"))
	same(t, "by id", any(map[string]any{"_id": id, "id": id, "sudo": true}), a.get("GET", "/systemusers/"+id+"?fields=sudo", nil))
	same(t, "sorted by _id", true, slices.IsSorted(names(a.get("GET", "/systemusers?sort=_id", nil), "_id")))
	same(t, "sorted backwards", false, slices.IsSorted(names(a.get("GET", "/systemusers?sort=-_id", nil), "_id")))
}

func TestBadQueries(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	for path, want := range map[string]string{
		"/systemusers?limit=x":                          "limit must be an integer of at least 1",
		"/systemusers?limit=0":                          "limit must be an integer of at least 1",
		"/systemusers?limit=-1":                         "limit must be an integer of at least 1",
		"/systemusers?skip=x":                           "skip must be an integer of at least 0",
		"/systemusers?skip=-1":                          "skip must be an integer of at least 0",
		"/systemusers?limit=99999999999999999999":       "limit must be an integer of at least 1",
		"/systemusers?filter=department:eq:IT":          `filter "department:eq:IT" must be field:operator:value, with one of [$eq $ne $gt $gte $lt $lte $in $nin $sw]`,
		"/systemusers?filter=department":                `filter "department" must be field:operator:value, with one of [$eq $ne $gt $gte $lt $lte $in $nin $sw]`,
		"/systemusers?filter[or][0]=a:b":                `filter "a:b" must be field:operator:value, with one of [$eq $ne $gt $gte $lt $lte $in $nin $sw]`,
		"/systemusers?filter=%zz":                       "The query string is not valid",
		"/v2/usergroups?filter=name:$eq:Data":           `filter "name:$eq:Data" must be field:operator:value`,
		"/v2/usergroups?limit=0":                        "limit must be an integer of at least 1",
		"/v2/users/" + a.id("jon") + "/memberof?skip=x": "skip must be an integer of at least 0",
		a.group("Data") + "/members?limit=x":            "limit must be an integer of at least 1",
		a.group("Data") + "/membership?filter=x":        `filter "x" must be field:operator:value`,
		a.group("Data") + "/associations":               "targets is required",
		a.group("Data") + "/associations?targets=pc":    "targets must be of [active_directory application g_suite idp_routing_policy ldap_server office_365 password_manager_item radius_server system system_group]",
	} {
		same(t, path, "Bad Request "+want, message(a.call("GET", path, nil)))
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"all":                 {`{"sort":"username"}`, []string{"ada", "bob", "cyd", "dov", "eve"}},
		"empty body":          {``, nil},
		"array":               {`{"filter":[{"department":"IT"}]}`, []string{"ada"}},
		"array is and":        {`{"filter":[{"sudo":true},{"username":"bob"}]}`, []string{}},
		"and":                 {`{"filter":{"and":[{"sudo":true},{"username":"ada"}]}}`, []string{"ada"}},
		"or":                  {`{"filter":{"or":[{"username":"ada"},{"username":"eve"}]},"sort":"username"}`, []string{"ada", "eve"}},
		"object":              {`{"filter":{"username":"ada","sudo":true}}`, []string{"ada"}},
		"regex":               {`{"filter":[{"username":{"$regex":"(?i)^ADA$"}}]}`, []string{"ada"}},
		"number":              {`{"filter":[{"unix_uid":900}]}`, []string{"ada"}},
		"between":             {`{"filter":[{"unix_uid":{"$gt":900,"$lt":20001}}],"sort":"username"}`, []string{"bob", "cyd"}},
		"in":                  {`{"filter":[{"username":{"$in":["ada","eve"]}}],"sort":"-username"}`, []string{"eve", "ada"}},
		"in nothing":          {`{"filter":[{"username":{"$in":[]}}]}`, []string{}},
		"ne":                  {`{"filter":[{"username":{"$ne":"ada"}}],"sort":"username"}`, []string{"bob", "cyd", "dov", "eve"}},
		"as in a query":       {`{"filter":{"and":["username:$in:ada|bob"]},"sort":"username"}`, []string{"ada", "bob"}},
		"term":                {`{"searchFilter":{"searchTerm":"EVE","fields":["email","username"]}}`, []string{"eve"}},
		"terms":               {`{"searchFilter":{"searchTerm":["ad","ev"],"fields":["username"]},"sort":"username"}`, []string{"ada", "eve"}},
		"term elsewhere":      {`{"searchFilter":{"searchTerm":"IT","fields":["username"]}}`, []string{}},
		"term and filter":     {`{"searchFilter":{"searchTerm":"b","fields":["email"]},"filter":[{"department":"Sales"}]}`, []string{"cyd"}},
		"page":                {`{"limit":2,"skip":1,"sort":"username"}`, []string{"bob", "cyd"}},
		"fields":              {`{"fields":"username email","limit":1,"sort":"username"}`, []string{"ada"}},
		"fields as an array":  {`{"fields":["username","email"],"limit":1,"sort":"username"}`, []string{"ada"}},
		"inside an attribute": {`{"filter":[{"attributes.value":"8"}]}`, []string{"cyd"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, staff(), sandbox.Options{})
			list := a.get("POST", "/search/systemusers?limit=1&skip=3", c.body) // the query is not for a search
			if c.want == nil {
				same(t, "users", 5, length(list))
				return
			}
			same(t, "users", c.want, names(list, "username"))
		})
	}
}

func TestBadSearches(t *testing.T) {
	t.Parallel()
	a := start(t, staff(), sandbox.Options{})
	for body, want := range map[string]string{
		`[]`:                                      "The body must be a JSON object",
		`{"limit":0}`:                             "limit must be an integer of at least 1",
		`{"limit":"many"}`:                        "The body is not a valid search",
		`{"page":1}`:                              "page is not a known field",
		`{"fields":1}`:                            "fields must be a string or an array of strings",
		`{"filter":1}`:                            "filter must be an object or an array",
		`{"filter":[1]}`:                          "a filter term must be an object",
		`{"filter":{"or":1}}`:                     "filter must hold an array",
		`{"filter":["username:ada"]}`:             `filter "username:ada" must be field:operator:value, with one of [$eq $ne $gt $gte $lt $lte $in $nin $sw]`,
		`{"filter":[{"a":{"$regex":"("}}]}`:       `$regex "(" is not valid`,
		`{"filter":[{"a":{"$near":1}}]}`:          "$near is not a known operator",
		`{"searchFilter":{"searchTerm":{"a":1}}}`: "searchTerm must be a string or an array of strings",
	} {
		same(t, body, "Bad Request "+want, message(a.call("POST", "/search/systemusers", body)))
	}
}

func TestGroupLists(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	for query, want := range map[string][]string{
		"sort=name":                          {"Data", "Rule"},
		"sort=-name":                         {"Rule", "Data"},
		"sort=type,-name":                    {"Rule", "Data"},
		"filter=name:eq:Data":                {"Data"},
		"filter=name:ne:Data":                {"Rule"},
		"filter=name:in:Data|Rule&sort=name": {"Data", "Rule"},
		"filter=name:search:AT":              {"Data"},
		"filter=name:gt:Data&filter=type:eq:user_group":      {"Rule"},
		"filter=name:ge:Data&filter=name:le:Data":            {"Data"},
		"filter=name:lt:Rule":                                {"Data"},
		"filter=membershipMethod:eq:DYNAMIC_AUTOMATED":       {"Rule"},
		"sort=name&limit=1&skip=1":                           {"Rule"},
		"filter=name:eq:data":                                {},
		"fields=name,description&filter=name:eq:Data":        {"Data"},
		"fields=name&fields=description&filter=name:eq:Data": {"Data"},
	} {
		same(t, query, want, names(a.get("GET", "/v2/usergroups?"+query, nil), "name"))
	}
	one := a.get("GET", "/v2/usergroups?fields=name,description&filter=name:eq:Data", nil).([]any)[0].(map[string]any)
	same(t, "fields", any(map[string]any{"id": one["id"], "name": "Data", "description": ""}), any(one))
	same(t, "total", "2", a.call("GET", "/v2/usergroups?limit=1", nil).Header().Get("x-total-count"))
}

func TestPagesOfManyCoverAll(t *testing.T) {
	t.Parallel()
	a := start(t, people(250), sandbox.Options{})
	seen := map[string]bool{}
	for skip := 0; skip < 250; skip += 100 {
		for _, id := range names(a.get("GET", fmt.Sprintf("/systemusers?sort=_id&limit=100&skip=%d", skip), nil), "_id") {
			seen[id] = true
		}
	}
	same(t, "users", 250, len(seen))
	members := 0
	for skip := 0; skip < 250; skip += 100 {
		members += len(a.get("GET", fmt.Sprintf("%s/members?limit=100&skip=%d", a.group("All"), skip), nil).([]any))
	}
	same(t, "members", 250, members)
}
