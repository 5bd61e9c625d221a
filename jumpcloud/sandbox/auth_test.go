package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rollcall/jumpcloud/sandbox"
)

// tenants are three organizations, with a key for one, a key for two and a
// service account for one.
func tenants() sandbox.State {
	return sandbox.State{
		Organizations: []sandbox.Organization{
			{Name: "One", Users: []sandbox.User{{"username": "a", "email": "a@one"}}},
			{Name: "Two", Users: []sandbox.User{{"username": "a", "email": "a@one"}}},
			{Name: "Three"},
		},
		Keys: []sandbox.Key{
			{Key: "single", Organizations: []string{"One"}},
			{Key: "double", Organizations: []string{"One", "Two"}},
			{Key: "none"},
		},
		ServiceAccounts: []sandbox.ServiceAccount{{ClientID: "id", ClientSecret: "s e:c%", Organizations: []string{"Two"}}},
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	const unknown = "5f3c0a1b9d2e4c0001a7b9e1"
	for name, c := range map[string]struct {
		key, org, path string // org: a name, an id, or "" for none
		want           string
	}{
		"all":                         {"jca_sandbox", "Three", "/systemusers", "OK"},
		"all without org":             {"jca_sandbox", "", "/systemusers", "Unauthorized Unauthorized: x-org-id is required"},
		"two":                         {"double", "Two", "/v2/usergroups", "OK"},
		"two without org":             {"double", "", "/v2/usergroups", "Unauthorized Unauthorized: x-org-id is required"},
		"two elsewhere":               {"double", "Three", "/systemusers", "Forbidden Forbidden"},
		"one":                         {"single", "One", "/systemusers", "OK"},
		"one without org":             {"single", "", "/systemusers", "OK"},
		"one elsewhere":               {"single", "Two", "/systemusers", "Forbidden Forbidden"},
		"none":                        {"none", "", "/systemusers", "Unauthorized Unauthorized: x-org-id is required"},
		"wrong key":                   {"wrong", "One", "/systemusers", "Unauthorized Unauthorized: api key user not found"},
		"wrong key, unknown path":     {"wrong", "", "/nowhere", "Unauthorized Unauthorized: api key user not found"},
		"unknown path":                {"single", "", "/nowhere", "Not Found Not Found"},
		"unknown org":                 {"jca_sandbox", unknown, "/systemusers", "Not Found Organization not found"},
		"malformed org":               {"jca_sandbox", "one", "/systemusers", "Bad Request x-org-id is not valid"},
		"organizations":               {"jca_sandbox", "", "/organizations", "OK"},
		"organizations with org":      {"jca_sandbox", "One", "/organizations", "Forbidden x-org-id is not supported on this route"},
		"an organization with org":    {"jca_sandbox", "One", "/organizations/" + unknown, "Forbidden x-org-id is not supported on this route"},
		"providers with org":          {"jca_sandbox", "One", "/v2/providers", "Forbidden x-org-id is not supported on this route"},
		"an organization that is not": {"jca_sandbox", "", "/organizations/" + unknown, "Not Found Not Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, tenants(), sandbox.Options{})
			a.header.Set("x-api-key", c.key)
			a.org = c.org
			if o := a.s.Snapshot().Organization(c.org); o != nil {
				a.org = o.ID
			}
			same(t, "answer", c.want, message(a.call("GET", c.path, nil)))
		})
	}
}

func TestAWrongKeyWordForWord(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	a.header.Set("x-api-key", "wrong")
	same(t, "body", `{"error":"Unauthorized","message":"Unauthorized: api key user not found"}`, a.call("GET", "/systemusers", nil).Body.String())
}

func TestOrganizationsAreApart(t *testing.T) {
	t.Parallel()
	a := start(t, tenants(), sandbox.Options{})
	one := a.user("a")
	a.org = a.s.Snapshot().Organization("Two").ID
	same(t, "another's user", "Not Found Not Found", message(a.call("GET", one, nil)))
	a.get("PUT", a.user("a"), `{"jobTitle":"CEO"}`)
	same(t, "here", "CEO", a.s.Snapshot().Organization("Two").User("a")["jobTitle"])
	same(t, "there", "", a.s.Snapshot().Organization("One").User("a")["jobTitle"])
}

func TestOrganizations(t *testing.T) {
	t.Parallel()
	for key, want := range map[string][]string{"jca_sandbox": {"One", "Three", "Two"}, "double": {"One", "Two"}, "single": {"One"}, "none": {}} {
		a := start(t, tenants(), sandbox.Options{})
		a.header.Set("x-api-key", key)
		a.org = ""
		list := a.get("GET", "/organizations?sort=displayName&limit=100", nil)
		same(t, key, want, names(list, "displayName"))
		for _, id := range names(list, "_id") {
			a.get("GET", "/organizations/"+id, nil)
		}
		if key == "single" {
			other := a.s.Snapshot().Organization("Two").ID
			same(t, "another's", "Forbidden Forbidden", message(a.call("GET", "/organizations/"+other, nil)))
		}
	}
}

func TestOrganizationRecord(t *testing.T) {
	t.Parallel()
	st := tenants()
	st.Organizations[0].LogoURL = "https://logo.example"
	st.Organizations[0].Settings = &sandbox.Settings{PasswordPolicy: &sandbox.PasswordPolicy{MinLength: 9}}
	a := start(t, st, sandbox.Options{})
	id := a.org
	a.org = ""
	want := map[string]any{"_id": id, "id": id, "displayName": "One", "logoUrl": "https://logo.example", "created": "2024-01-01T00:00:00.000Z"}
	same(t, "list", any([]any{want}), a.get("GET", "/organizations?filter=displayName:$eq:One", nil).(map[string]any)["results"])
	want["settings"] = map[string]any{"passwordPolicy": map[string]any{"minLength": 9.0}}
	same(t, "by id", any(want), a.get("GET", "/organizations/"+id, nil))
}

func TestProviders(t *testing.T) {
	t.Parallel()
	a := start(t, tenants(), sandbox.Options{})
	a.org = ""
	providers := a.get("GET", "/v2/providers", nil).([]any)
	same(t, "one", []string{"Sandbox"}, names(providers, "name"))
	path := "/v2/providers/" + providers[0].(map[string]any)["id"].(string) + "/organizations"
	same(t, "organizations", []string{"One", "Three", "Two"}, names(a.get("GET", path+"?sort=name", nil), "name"))
	same(t, "unknown", "Not Found Not Found", message(a.call("GET", "/v2/providers/1/organizations", nil)))
	a.header.Set("x-api-key", "single")
	same(t, "none", any([]any{}), a.get("GET", "/v2/providers", nil))
	same(t, "not theirs", "Not Found Not Found", message(a.call("GET", path, nil)))
}

// token asks for a token.
func (a *api) token(id, secret, grant, scope string) *httptest.ResponseRecorder {
	form := url.Values{"grant_type": {grant}, "scope": {scope}}
	r := httptest.NewRequest("POST", "/oauth2/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	w := httptest.NewRecorder()
	a.h.ServeHTTP(w, r)
	return w
}

func TestTokens(t *testing.T) {
	t.Parallel()
	now := noon
	a := start(t, tenants(), sandbox.Options{Now: func() time.Time { return now }, TokenLifetime: 10 * time.Minute})
	w := a.token("id", "s e:c%", "client_credentials", "api")
	var token struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil {
		t.Fatal(err)
	}
	same(t, "type", "bearer", token.TokenType)
	same(t, "expires_in", 600, token.ExpiresIn)

	a.header.Del("x-api-key")
	a.header.Set("Authorization", "Bearer "+token.AccessToken)
	a.org = ""
	same(t, "organizations", []string{"Two"}, names(a.get("GET", "/organizations", nil), "displayName"))
	same(t, "without org", "Unauthorized Unauthorized: x-org-id is required", message(a.call("GET", "/systemusers", nil)))
	a.org = a.s.Snapshot().Organization("Two").ID
	same(t, "with org", "OK", message(a.call("GET", "/systemusers", nil)))
	now = now.Add(10 * time.Minute)
	same(t, "expired", "Unauthorized Unauthorized: token expired", message(a.call("GET", "/systemusers", nil)))
	same(t, "forgotten", "Unauthorized Unauthorized: token not found", message(a.call("GET", "/systemusers", nil)))
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id, secret, grant, scope string
		status                   int
		body                     string
	}{
		"secret": {"id", "wrong", "client_credentials", "api", 401, `{"error":"invalid_client"}`},
		"id":     {"", "", "client_credentials", "api", 401, `{"error":"invalid_client"}`},
		"grant":  {"id", "s e:c%", "password", "api", 400, `{"error":"unsupported_grant_type"}`},
		"scope":  {"id", "s e:c%", "client_credentials", "", 400, `{"error":"invalid_scope"}`},
	} {
		a := start(t, tenants(), sandbox.Options{})
		w := a.token(c.id, c.secret, c.grant, c.scope)
		same(t, name, c.status, w.Code)
		same(t, name, c.body, w.Body.String())
	}
}

func TestTokensAreAskedForByPost(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	start(t, tenants(), sandbox.Options{}).h.ServeHTTP(w, httptest.NewRequest("GET", "/oauth2/token", nil))
	same(t, "status", http.StatusMethodNotAllowed, w.Code)
}

func TestKeyIsInEveryState(t *testing.T) {
	t.Parallel()
	same(t, "made", "jca_sandbox", sandbox.New(tenants(), sandbox.Options{}).Key())
	st := tenants()
	st.Keys = append(st.Keys, sandbox.Key{Key: "mine", Organizations: []string{"*"}})
	s := sandbox.New(st, sandbox.Options{})
	same(t, "written", "mine", s.Key())
	same(t, "keys", 4, len(s.Snapshot().Keys))
}
