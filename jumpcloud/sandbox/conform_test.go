package sandbox_test

import (
	"strings"
	"testing"

	"rollcall/internal/openapitest"
	"rollcall/jumpcloud/sandbox"
)

// TestConformance sends each operation of the sandbox and holds request and
// answer against the official OpenAPI documents and their overlay.
func TestConformance(t *testing.T) {
	t.Parallel()
	st := tenants()
	st.Organizations[0] = small().Organizations[0]
	st.Organizations[0].Name = "One"
	a := start(t, st, sandbox.Options{})
	a.h = openapitest.Wrap(t, a.s)
	full := `"firstname":"Ann","middlename":"B","lastname":"C","displayname":"D","jobTitle":"E","department":"F","costCenter":"G","company":"H","location":"I",
		"description":"J","employeeIdentifier":"00123","employeeType":"K","alternateEmail":"ann@home.example","recoveryEmail":{"address":"r@home.example"},"managedAppleId":"L",
		"phoneNumbers":[{"type":"work","number":"+49 30 1"},{"type":"home","number":"2"}],"addresses":[{"type":"work","poBox":"1","extendedAddress":"2","streetAddress":"3","locality":"4","region":"5","postalCode":"6","country":"7"}],
		"attributes":[{"name":"badge","value":"7"}],"relationships":[{"type":"a","value":"b"}],"tags":["t"],"password":"Secret-7","password_never_expires":true,
		"mfa":{"exclusion":true,"exclusionUntil":"2027-01-01T00:00:00Z"},"enable_user_portal_multifactor":true,"public_key":"k","allow_public_key":false,"sudo":true,
		"passwordless_sudo":true,"samba_service_user":true,"ldap_binding_user":true,"unix_uid":7000,"unix_guid":7001,"enable_managed_uid":true,
		"disableDeviceMaxLoginAttempts":true,"account_locked":true,"externally_managed":true,"external_dn":"cn","external_source_type":"ad",
		"external_password_expiration_date":"2027-01-01T00:00:00Z","delegatedAuthority":{"id":"1","name":"ActiveDirectory"}`
	group := `"description":"d","email":"g@b","attributes":{"ldapGroups":[{"name":"x"}],"mine":1},"membershipMethod":"STATIC","memberQuery":{"queryType":"FilterQuery","filters":[]},
		"memberQueryExemptions":[{"id":"5f3c0a1b9d2e4c0001a7b9e1","type":"user"}],"memberSuggestionsNotify":true`

	a.get("POST", "/systemusers", `{"username":"ann","email":"ann@kelp.example","state":"STAGED","activated":false,"manager":"`+a.id("mira")+`",`+full+`}`)
	a.get("POST", "/v2/usergroups", `{"name":"New",`+group+`}`)
	ann, jon, data := a.user("ann"), a.user("jon"), a.group("New")
	key := a.get("POST", ann+"/sshkeys", `{"name":"laptop","public_key":"ssh-ed25519 A"}`).(map[string]any)["_id"].(string)
	member := func(op string) string { return `{"op":"` + op + `","type":"user","id":"` + a.id("jon") + `"}` }
	binding := func(op string) string {
		return `{"op":"` + op + `","type":"system","id":"5f3c0a1b9d2e4c0001a7b9e1"}`
	}
	for _, step := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/systemusers", "", 200},
		{"GET", "/systemusers?limit=100&skip=0&sort=_id&fields=username email&filter=username:$sw:a", "", 200},
		{"GET", "/systemusers?filter[0]=sudo:$eq:true&filter[or][0]=state:$eq:STAGED", "", 200},
		{"GET", ann, "", 200},
		{"GET", ann + "?fields=username", "", 200},
		{"GET", "/systemusers/5f3c0a1b9d2e4c0001a7b9e1", "", 404},
		{"PUT", ann + "?fullValidationDetails=password", `{` + full + `,"username":"ann","email":"ann@kelp.example","ssh_keys":[{"name":"a","public_key":"b"}],"manager":null}`, 200},
		{"PUT", ann, `{"employeeIdentifier":null,"restrictedFields":[{"field":"company","type":"scim","id":"1"}]}`, 200},
		{"PUT", ann, `{"company":"X"}`, 400},
		{"POST", ann + "/state/activate", `{"email":false}`, 200},
		{"POST", ann + "/state/activate", `{}`, 409},
		{"POST", a.user("ole") + "/state/activate", `{"email":"x@y.example"}`, 200},
		{"POST", ann + "/state/suspend", "", 200},
		{"PUT", ann, `{"state":"ACTIVATED","suspended":false}`, 200},
		{"POST", ann + "/unlock", "", 200},
		{"POST", ann + "/expire", "", 200},
		{"POST", ann + "/resetmfa", `{"exclusion":true,"exclusionUntil":"2027-01-01T00:00:00Z"}`, 200},
		{"POST", ann + "/password", `{"password":"Secret-8"}`, 200},
		{"POST", ann + "/password", `{"password":""}`, 400},
		{"GET", ann + "/sshkeys", "", 200},
		{"DELETE", ann + "/sshkeys/" + key, "", 404}, // the PUT replaced it
		{"POST", "/search/systemusers", `{"filter":[{"sudo":true}],"fields":"username","limit":5,"skip":0,"sort":"username"}`, 200},
		{"POST", "/search/systemusers", `{"filter":{"or":[{"username":"ann"}]},"searchFilter":{"searchTerm":"a","fields":["email"]}}`, 200},
		{"DELETE", a.user("mira"), "", 409},
		{"DELETE", a.user("mira") + "?cascade_manager=null", "", 200},
		{"DELETE", ann, "", 200},

		{"GET", "/v2/usergroups?limit=100&skip=0&sort=name&fields=name,attributes&filter=name:eq:New", "", 200},
		{"GET", "/v2/usergroups", "", 200},
		{"GET", data, "", 200},
		{"PUT", data, `{"name":"Newer",` + group + `}`, 200},
		{"POST", "/v2/usergroups", `{"name":"Newer"}`, 409},
		{"POST", data + "/members", member("add"), 204},
		{"POST", data + "/members", member("add"), 409},
		{"POST", data + "/members", member("update"), 204},
		{"GET", data + "/members?limit=100&skip=0", "", 200},
		{"GET", data + "/membership?limit=100&skip=0&sort=id&filter=type:eq:user", "", 200},
		{"GET", strings.Replace(jon, "/systemusers/", "/v2/users/", 1) + "/memberof?limit=100&skip=0", "", 200},
		{"POST", data + "/members", member("remove"), 204},
		{"POST", data + "/members", member("remove"), 404},
		{"POST", data + "/associations", binding("add"), 204},
		{"GET", data + "/associations?targets=system,application&limit=100&skip=0", "", 200},
		{"POST", data + "/associations", binding("remove"), 204},
		{"DELETE", data, "", 200},
		{"DELETE", data, "", 404},
	} {
		if w := a.call(step.method, step.path, orNil(step.body)); w.Code != step.status {
			t.Errorf("%s %s: %d, want %d: %s", step.method, step.path, w.Code, step.status, w.Body)
		}
	}

	org := a.org
	a.org = ""
	a.get("GET", "/organizations?limit=100&skip=0&sort=_id&fields=displayName&filter=displayName:$eq:One", nil)
	a.get("GET", "/organizations/"+org, nil)
	providers := a.get("GET", "/v2/providers", nil)
	a.get("GET", "/v2/providers/"+names(providers, "id")[0]+"/organizations?limit=100&skip=0", nil)
	a.header.Set("x-api-key", "wrong")
	a.call("GET", "/systemusers", nil)
	a.header.Del("x-api-key")
	a.call("GET", "/v2/usergroups", nil)

	covered(t, a.s.Requests())
}

// orNil is a body, nil for none.
func orNil(body string) any {
	if body == "" {
		return nil
	}
	return body
}

// covered fails for operations that no request asked for.
func covered(t *testing.T, requests []sandbox.Request) {
	t.Helper()
	asked := map[string]bool{}
	for _, r := range requests {
		asked[sandbox.RouteOf(r.Method, r.Path)] = true
	}
	for _, route := range sandbox.Routes() {
		if !asked[route] {
			t.Errorf("%s was not tried", route)
		}
	}
}
