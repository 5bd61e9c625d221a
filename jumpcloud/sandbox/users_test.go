package sandbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

// recorded is a user as GET /systemusers gave one, untouched since its
// creation (JupiterOne/graph-jumpcloud, a recording of 2021; facts.md
// section 2).
const recorded = `{"account_locked":false,"account_locked_date":null,"activated":false,"addresses":[],"allow_public_key":true,"attributes":[],
 "company":"","costCenter":"","department":"","description":"Testing desc","disableDeviceMaxLoginAttempts":false,"displayname":"Austin K",
 "email":"austin@kelp.example","employeeIdentifier":null,"employeeType":"","enable_managed_uid":false,"enable_user_portal_multifactor":false,"external_dn":"",
 "external_source_type":"","externally_managed":false,"firstname":"Austin","jobTitle":"","lastname":"Kelleher","ldap_binding_user":false,
 "location":"","mfa":{"exclusion":false,"configured":false},"middlename":"","password_never_expires":false,"passwordless_sudo":false,
 "phoneNumbers":[],"samba_service_user":false,"ssh_keys":[],"state":"ACTIVATED","sudo":false,"suspended":false,"systemUsername":"",
 "unix_guid":5001,"unix_uid":5001,"username":"austin","created":"2026-11-23T12:00:00.000Z","password_expired":false,"totp_enabled":false}`

func TestFreshUserReadsAsRecorded(t *testing.T) {
	t.Parallel()
	a := start(t, sandbox.State{Organizations: []sandbox.Organization{{Name: "Empty"}}}, sandbox.Options{})
	made := a.get("POST", "/systemusers", `{"username":"austin","email":"austin@kelp.example","description":"Testing desc","displayname":"Austin K","firstname":"Austin","lastname":"Kelleher","state":"ACTIVATED"}`)
	var want map[string]any
	if err := json.Unmarshal([]byte(recorded), &want); err != nil {
		t.Fatal(err)
	}
	id := made.(map[string]any)["_id"]
	want["_id"], want["id"] = id, id
	want["organization"], want["creationSource"] = a.org, "jumpcloud:api"
	same(t, "answer of POST", any(want), made)
	same(t, "GET by id", made, a.get("GET", "/systemusers/"+id.(string), nil))
	same(t, "list", any(map[string]any{"totalCount": 1.0, "results": []any{made}}), a.get("GET", "/systemusers", nil))
}

// TestUserWrites has a PUT in each row, what it answers and what it leaves.
func TestUserWrites(t *testing.T) {
	t.Parallel()
	list := func(s ...any) any { return append([]any{}, s...) }
	object := func(pairs ...string) any {
		m := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		body  string
		field string
		want  any    // the field's value afterwards; of those with ids: without them
		bad   string // the message of a 400
	}{
		"text":                  {`{"jobTitle":"CEO"}`, "jobTitle", "CEO", ""},
		"cleared":               {`{"department":""}`, "department", "", ""},
		"other keys stay":       {`{"jobTitle":"CEO"}`, "department", "Sales", ""},
		"null text":             {`{"jobTitle":null}`, "jobTitle", "", "jobTitle must be a string"},
		"number for text":       {`{"jobTitle":1}`, "jobTitle", "", "jobTitle must be a string"},
		"text for a bool":       {`{"sudo":"true"}`, "sudo", false, "sudo must be a boolean"},
		"bool":                  {`{"sudo":true}`, "sudo", true, ""},
		"1024 characters":       {`{"jobTitle":"` + strings.Repeat("ü", 1024) + `"}`, "jobTitle", strings.Repeat("ü", 1024), ""},
		"1025 characters":       {`{"jobTitle":"` + strings.Repeat("ü", 1025) + `"}`, "jobTitle", "", "jobTitle is longer than 1024 characters"},
		"long employee number":  {`{"employeeIdentifier":"` + strings.Repeat("1", 257) + `"}`, "employeeIdentifier", nil, "employeeIdentifier is longer than 256 characters"},
		"employee number":       {`{"employeeIdentifier":"007"}`, "employeeIdentifier", "007", ""},
		"no employee number":    {`{"employeeIdentifier":null}`, "employeeIdentifier", nil, ""},
		"empty employee number": {`{"employeeIdentifier":""}`, "employeeIdentifier", nil, "employeeIdentifier must not be empty: null clears it"},
		"no manager":            {`{"manager":null}`, "manager", nil, ""},
		"uid":                   {`{"unix_uid":7000}`, "unix_uid", 7000.0, ""},
		"uid 0":                 {`{"unix_uid":0}`, "unix_uid", 5002.0, "unix_uid must be at least 1"},
		"half a uid":            {`{"unix_uid":1.5}`, "unix_uid", 5002.0, "unix_uid must be an integer"},
		"bad e-mail":            {`{"email":"jon"}`, "email", "jon@kelp.example", `"jon" is not a valid e-mail address`},
		"no e-mail":             {`{"email":""}`, "email", "jon@kelp.example", "email is not a valid e-mail address"},
		"bad username":          {`{"username":"jon adeyemi"}`, "username", "jon", "Username must begin with a letter and have only letters, digits, '.', '_' and '-'"},
		"rename":                {`{"username":"Jon.2-b_c"}`, "username", "Jon.2-b_c", ""},
		"second e-mail":         {`{"alternateEmail":"Jon@Home.example"}`, "alternateEmail", "jon@home.example", ""},
		"no second e-mail":      {`{"alternateEmail":""}`, "alternateEmail", "", ""},
		"recovery e-mail":       {`{"recoveryEmail":{"address":"Jon@Home.example"}}`, "recoveryEmail", map[string]any{"address": "jon@home.example", "verified": false}, ""},
		"no recovery e-mail":    {`{"recoveryEmail":{"address":""}}`, "recoveryEmail", nil, ""},
		"verified recovery":     {`{"recoveryEmail":{"address":"a@b","verified":true}}`, "recoveryEmail", nil, "recoveryEmail.verified is not allowed"},
		"sudo without password": {`{"passwordless_sudo":true}`, "passwordless_sudo", true, ""},
		"attributes":            {`{"attributes":[{"name":"a1","value":"x"}]}`, "attributes", list(object("name", "a1", "value", "x")), ""},
		"attribute with space":  {`{"attributes":[{"name":"a 1","value":"x"}]}`, "attributes", list(), "Attribute names may not contain spaces"},
		"attribute with dash":   {`{"attributes":[{"name":"a-1","value":"x"}]}`, "attributes", list(), "Attribute names may only contain letters and numbers"},
		"attribute twice":       {`{"attributes":[{"name":"a","value":"x"},{"name":"a","value":"y"}]}`, "attributes", list(), "Attribute names must be unique"},
		"attribute of nothing":  {`{"attributes":[{"name":"a","value":""}]}`, "attributes", list(), "Attribute values may not be empty"},
		"attribute null":        {`{"attributes":[{"name":"a","value":null}]}`, "attributes", list(), "attributes[0].value must be a string"},
		"phones":                {`{"phoneNumbers":[{"type":"work","number":"1"}]}`, "phoneNumbers", list(object("type", "work", "number", "1")), ""},
		"phone with id":         {`{"phoneNumbers":[{"id":"1","type":"work","number":"1"}]}`, "phoneNumbers", list(), "phoneNumbers[0].id is not allowed"},
		"address":               {`{"addresses":[{"type":"home","locality":"Berlin"}]}`, "addresses", list(object("type", "home", "locality", "Berlin")), ""},
		"address with null":     {`{"addresses":[{"type":"home","region":null}]}`, "addresses", list(), "addresses[0].region must be a string"},
		"relationships":         {`{"relationships":[{"type":"assistant","value":"x"}]}`, "relationships", list(object("type", "assistant", "value", "x")), ""},
		"tags":                  {`{"tags":["a"]}`, "tags", list("a"), ""},
		"unknown field":         {`{"jobtitle":"CEO"}`, "jobTitle", "", "jobtitle is not a known field"},
		"read-only field":       {`{"totp_enabled":true}`, "totp_enabled", false, "totp_enabled cannot be written"},
		"own id":                {`{"_id":"5f3c0a1b9d2e4c0001a7b9e1"}`, "jobTitle", "", "_id cannot be written"},
		"activated":             {`{"activated":true}`, "activated", false, "activated cannot be written"},
		"taken username":        {`{"username":"MIRA"}`, "username", "jon", "User already exists: another user has this username"},
		"taken e-mail":          {`{"email":"Mira@kelp.example"}`, "email", "jon@kelp.example", "User already exists: another user has this email"},
		"taken employee number": {`{"employeeIdentifier":"1"}`, "employeeIdentifier", nil, "User already exists: another user has this employeeIdentifier"},
		"state alone":           {`{"state":"SUSPENDED"}`, "suspended", true, ""},
		"suspended alone":       {`{"suspended":true}`, "state", "SUSPENDED", ""},
		"both":                  {`{"state":"SUSPENDED","suspended":true}`, "state", "SUSPENDED", ""},
		"contradiction":         {`{"state":"SUSPENDED","suspended":false}`, "state", "ACTIVATED", "Cannot save conflicting state and suspended fields. (state=SUSPENDED suspended=false)"},
		"other contradiction":   {`{"state":"ACTIVATED","suspended":true}`, "state", "ACTIVATED", "Cannot save conflicting state and suspended fields. (state=ACTIVATED suspended=true)"},
		"no such state":         {`{"state":"activated"}`, "state", "ACTIVATED", "state must be one of [STAGED ACTIVATED SUSPENDED]"},
		"first wrong of two":    {`{"sudo":true,"jobTitle":1}`, "sudo", false, "jobTitle must be a string"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, small(), sandbox.Options{})
			path := a.user("jon")
			w := a.call("PUT", path, c.body)
			want := "OK"
			if c.bad != "" {
				want = "Bad Request " + c.bad
			}
			same(t, "answer", want, message(w))
			got := a.get("GET", path, nil).(map[string]any)[c.field]
			if entries, ok := got.([]any); ok {
				for _, e := range entries {
					if m, ok := e.(map[string]any); ok {
						delete(m, "id")
					}
				}
			}
			same(t, c.field, c.want, got)
		})
	}
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"no username":     {`{"email":"a@b"}`, "Bad Request username is required"},
		"no email":        {`{"username":"ann"}`, "Bad Request email is required"},
		"empty body":      {``, "Bad Request email is required"},
		"activated":       {`{"username":"ann","email":"a@b","activated":true}`, "OK"},
		"ssh keys":        {`{"username":"ann","email":"a@b","ssh_keys":[]}`, "Bad Request ssh_keys cannot be written"},
		"staged":          {`{"username":"ann","email":"a@b","state":"STAGED","suspended":false}`, "OK"},
		"staged, but not": {`{"username":"ann","email":"a@b","state":"STAGED","suspended":true}`, "Bad Request Cannot save conflicting state and suspended fields. (state=STAGED suspended=true)"},
		"with a manager":  {`{"username":"ann","email":"a@b","manager":null}`, "OK"},
		"days":            {`{"username":"ann","email":"a@b","mfa":{"exclusion":true,"exclusionDays":0}}`, "Bad Request mfa.exclusionDays must be at least 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, small(), sandbox.Options{})
			same(t, "answer", c.want, message(a.call("POST", "/systemusers", c.body)))
		})
	}
}

func TestRefusedWriteChangesNothing(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	before := a.s.Snapshot()
	a.call("PUT", a.user("jon"), `{"account_locked":true,"username":"mira"}`)
	a.call("PUT", a.user("jon"), `{"password":"new","state":"STAGED"}`)
	a.call("POST", "/systemusers", `{"username":"new","email":"mira@kelp.example"}`)
	a.call("POST", "/v2/usergroups", `{"name":"Data"}`)
	a.call("PUT", a.group("Data"), `{"name":"Rule"}`)
	same(t, "state", before, a.s.Snapshot())
}

func TestUnixIDsAreGivenFrom5001(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	a.get("POST", "/systemusers", `{"username":"a","email":"a@b","unix_uid":9000}`)
	a.get("POST", "/systemusers", `{"username":"b","email":"b@b"}`)
	got := []any{}
	for _, name := range []string{"mira", "jon", "ole", "a", "b"} {
		got = append(got, a.state().User(name)["unix_uid"])
	}
	same(t, "unix_uid", []any{5001.0, 5002.0, 5003.0, 9000.0, 9001.0}, got)
}

func TestIDsDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	ids := func(backwards bool) map[string]any {
		a := start(t, small(), sandbox.Options{})
		var wg sync.WaitGroup
		for i := range 30 {
			if backwards {
				i = 29 - i
			}
			wg.Go(func() {
				a.call("POST", "/systemusers", fmt.Sprintf(`{"username":"u%d","email":"u%d@b"}`, i, i))
			})
		}
		wg.Wait()
		m := map[string]any{}
		for _, u := range a.state().Users {
			m[u["username"].(string)] = u["_id"]
		}
		return m
	}
	same(t, "ids", ids(false), ids(true))
}

func TestADeletedUsersIDIsNotGivenAgain(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	body := `{"username":"ann","email":"ann@b"}`
	first := a.get("POST", "/systemusers", body).(map[string]any)["_id"]
	a.get("DELETE", a.user("ann"), nil)
	second := a.get("POST", "/systemusers", body).(map[string]any)["_id"]
	if first == second {
		t.Errorf("both have the id %v", first)
	}
	same(t, "GET of the first", "Not Found Not Found", message(a.call("GET", "/systemusers/"+first.(string), nil)))
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	path := a.user("jon")
	deleted := a.get("DELETE", path, nil).(map[string]any)
	same(t, "answer", "jon", deleted["username"].(string))
	same(t, "again", "Not Found Not Found", message(a.call("DELETE", path, nil)))
	same(t, "members", []string{"mira"}, a.state().Group("Data").Members())
	same(t, "e-mail is free again", "OK", message(a.call("PUT", a.user("ole"), `{"email":"jon@kelp.example"}`)))
}

func TestCascadeManager(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		heir string // a username, or the parameter itself
		want string
		boss string // of jon afterwards
	}{
		"null":     {"null", "OK", ""},
		"heir":     {"ole", "OK", "ole"},
		"nobody":   {"5f3c0a1b9d2e4c0001a7b9e1", "Bad Request cascade_manager is not another system user", "mira"},
		"the same": {"mira", "Bad Request cascade_manager is not another system user", "mira"},
		"empty":    {"", "Bad Request cascade_manager is not another system user", "mira"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, small(), sandbox.Options{})
			heir, boss := c.heir, any(nil)
			if a.state().User(heir) != nil {
				heir = a.id(heir)
			}
			if c.boss != "" {
				boss = a.id(c.boss)
			}
			same(t, "answer", c.want, message(a.call("DELETE", a.user("mira")+"?cascade_manager="+heir, nil)))
			same(t, "manager", boss, a.state().User("jon")["manager"])
		})
	}
}

func TestBoundUsersKeepTheirName(t *testing.T) {
	t.Parallel()
	st := small()
	st.Organizations[0].Users[1]["bindings"] = 2
	a := start(t, st, sandbox.Options{})
	same(t, "rename", "Bad Request The username cannot be modified because the user is bound to one or more resources",
		message(a.call("PUT", a.user("jon"), `{"username":"jonathan"}`)))
	same(t, "same name", "OK", message(a.call("PUT", a.user("jon"), `{"username":"jon","jobTitle":"CEO"}`)))
	same(t, "bindings in the state", any(2.0), a.state().User("jon")["bindings"])
	if _, shown := a.get("GET", a.user("jon"), nil).(map[string]any)["bindings"]; shown {
		t.Error("the API shows bindings")
	}
}

func TestMFA(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	steps := []struct {
		method, path, body string
		want               any
	}{
		{"PUT", "", `{"mfa":{"exclusion":true,"exclusionDays":3}}`, map[string]any{"exclusion": true, "configured": false, "exclusionUntil": "2026-11-26T12:00:00.000Z"}},
		{"PUT", "", `{"mfa":{"exclusionUntil":"2027-01-01T00:00:00Z","configured":true}}`, map[string]any{"exclusion": true, "configured": false, "exclusionUntil": "2027-01-01T00:00:00Z"}},
		{"PUT", "", `{"enable_user_portal_multifactor":false}`, map[string]any{"exclusion": false, "configured": false}},
		{"POST", "/resetmfa", `{"exclusion":true,"exclusionDays":1}`, map[string]any{"exclusion": true, "configured": false, "exclusionUntil": "2026-11-24T12:00:00.000Z"}},
		{"POST", "/resetmfa", ``, map[string]any{"exclusion": true, "configured": false, "exclusionUntil": "2026-11-24T12:00:00.000Z"}},
		{"PUT", "", `{"mfa":{"exclusion":false}}`, map[string]any{"exclusion": false, "configured": false}},
	}
	for _, s := range steps {
		a.get(s.method, a.user("jon")+s.path, s.body)
		same(t, s.body, s.want, a.state().User("jon")["mfa"])
	}
	same(t, "no date", "Bad Request mfa.exclusionUntil must be a date", message(a.call("PUT", a.user("jon"), `{"mfa":{"exclusionUntil":"soon"}}`)))
}

func TestActions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		user, action, body string
		want               string
		field              string
		value              any
	}{
		"suspend":            {"jon", "state/suspend", ``, "OK", "state", "SUSPENDED"},
		"suspend a staged":   {"ole", "state/suspend", ``, "OK", "suspended", true},
		"activate":           {"ole", "state/activate", `{}`, "OK", "state", "ACTIVATED"},
		"activate an active": {"jon", "state/activate", `{}`, "Conflict The user is not staged", "state", "ACTIVATED"},
		"unlock":             {"jon", "unlock", ``, "OK", "account_locked", false},
		"expire":             {"jon", "expire", ``, "OK", "password_expired", true},
		"password":           {"jon", "password", `{"password":"secret"}`, "OK", "activated", true},
		"empty password":     {"jon", "password", `{"password":""}`, "Bad Request Password validation fail", "activated", false},
		"no password":        {"jon", "password", `{}`, "Bad Request body.password is required", "activated", false},
		"activate to nobody": {"ole", "state/activate", `{"email":"nobody"}`, "Bad Request email must be true, false or an e-mail address", "state", "STAGED"},
		"activate to 1":      {"ole", "state/activate", `{"email":1}`, "Bad Request email must be true, false or an e-mail address", "state", "STAGED"},
		"activate and more":  {"ole", "state/activate", `{"mail":true}`, "Bad Request mail is not a known field", "state", "STAGED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, small(), sandbox.Options{})
			same(t, "answer", c.want, message(a.call("POST", a.user(c.user)+"/"+c.action, c.body)))
			same(t, c.field, c.value, a.state().User(c.user)[c.field])
		})
	}
}

func TestSuspendTwice(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	a.get("POST", a.user("jon")+"/state/suspend", nil)
	same(t, "again", "Conflict The user is suspended already", message(a.call("POST", a.user("jon")+"/state/suspend", nil)))
	same(t, "activate", "Conflict The user is not staged", message(a.call("POST", a.user("jon")+"/state/activate", nil)))
	a.get("PUT", a.user("jon"), `{"state":"ACTIVATED","suspended":false}`)
	same(t, "state", "ACTIVATED", a.state().User("jon")["state"])
}

func TestUnlockForgetsTheDate(t *testing.T) {
	t.Parallel()
	st := small()
	st.Organizations[0].Users[1]["account_locked"] = true
	st.Organizations[0].Users[1]["account_locked_date"] = "2026-11-01T00:00:00.000Z"
	a := start(t, st, sandbox.Options{})
	a.get("POST", a.user("jon")+"/unlock", nil)
	same(t, "locked", any(false), a.state().User("jon")["account_locked"])
	same(t, "date", any(nil), a.state().User("jon")["account_locked_date"])
}

// TestMails holds to facts.md section 4: who has a password is welcomed at
// the primary address, who has none is sent an activation to the alternate
// address, else the primary one.
func TestMails(t *testing.T) {
	t.Parallel()
	mail := func(to, kind, user string) []sandbox.Mail { return []sandbox.Mail{{To: to, Kind: kind, User: user}} }
	for name, c := range map[string]struct {
		method, path, body string // path "" is of ole, who is staged and has an alternate address
		want               []sandbox.Mail
	}{
		"activate":                 {"POST", "/state/activate", `{}`, mail("ole@home.example", "activation", "ole")},
		"activate, no body":        {"POST", "/state/activate", ``, mail("ole@home.example", "activation", "ole")},
		"activate with mail":       {"POST", "/state/activate", `{"email":true}`, mail("ole@home.example", "activation", "ole")},
		"activate quietly":         {"POST", "/state/activate", `{"email":false}`, nil},
		"activate to elsewhere":    {"POST", "/state/activate", `{"email":"x@y"}`, mail("x@y", "activation", "ole")},
		"put":                      {"PUT", "", `{"state":"ACTIVATED"}`, mail("ole@home.example", "activation", "ole")},
		"put with a password":      {"PUT", "", `{"state":"ACTIVATED","password":"x"}`, mail("ole@kelp.example", "welcome", "ole")},
		"put without a state":      {"PUT", "", `{"suspended":false}`, nil},
		"create staged":            {"POST", "new", `{"username":"ann","email":"ann@b","state":"STAGED"}`, nil},
		"create suspended":         {"POST", "new", `{"username":"ann","email":"ann@b","state":"SUSPENDED"}`, nil},
		"create":                   {"POST", "new", `{"username":"ann","email":"ann@b"}`, mail("ann@b", "activation", "ann")},
		"create activated":         {"POST", "new", `{"username":"ann","email":"ann@b","state":"ACTIVATED","alternateEmail":"c@d"}`, mail("c@d", "activation", "ann")},
		"create with a password":   {"POST", "new", `{"username":"ann","email":"ann@b","password":"x","alternateEmail":"c@d"}`, mail("ann@b", "welcome", "ann")},
		"a password and no change": {"PUT", "", `{"password":"x"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, small(), sandbox.Options{})
			path := a.user("ole") + c.path
			if c.path == "new" {
				path = "/systemusers"
			}
			a.get(c.method, path, c.body)
			for i := range c.want {
				c.want[i].Organization = a.org
			}
			same(t, "mails", c.want, a.s.Snapshot().Mails)
		})
	}
}

func TestCreateStateOfTheOrganization(t *testing.T) {
	t.Parallel()
	st := small()
	st.Organizations[0].Settings = &sandbox.Settings{
		NewSystemUserStateDefaults: &sandbox.StateDefaults{ManualEntry: "STAGED"},
		SystemUserDefaults:         &sandbox.UserDefaults{RestrictedFields: []sandbox.RestrictedField{{Field: "company", Type: "scim"}}},
		PasswordPolicy:             &sandbox.PasswordPolicy{MinLength: 8},
	}
	a := start(t, st, sandbox.Options{})
	u := a.get("POST", "/systemusers", `{"username":"ann","email":"ann@b","company":"Kelp"}`).(map[string]any)
	same(t, "state", "STAGED", u["state"].(string))
	same(t, "locks", any([]any{map[string]any{"field": "company", "type": "scim"}}), u["restrictedFields"])
	same(t, "locked", "Bad Request company is a restricted field and cannot be modified", message(a.call("PUT", a.user("ann"), `{"company":""}`)))
	w := a.call("PUT", a.user("ann")+"?fullValidationDetails=password", `{"password":"short"}`)
	same(t, "password", "Bad Request Password validation fail", message(w))
	if !strings.Contains(w.Body.String(), `"fieldViolationsList":[{"description":"minLength","field":"password"}]`) {
		t.Errorf("no details: %s", w.Body)
	}
	same(t, "long password", "OK", message(a.call("PUT", a.user("ann"), `{"password":"long enough"}`)))
}

func TestSSHKeys(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	path := a.user("jon") + "/sshkeys"
	same(t, "none", any([]any{}), a.get("GET", path, nil))
	key := a.get("POST", path, `{"name":"laptop","public_key":"ssh-ed25519 AAAA"}`).(map[string]any)
	same(t, "date", "2026-11-23T12:00:00.000Z", key["create_date"].(string))
	same(t, "one", any([]any{key}), a.get("GET", path, nil))
	same(t, "in the record", any([]any{key}), a.get("GET", a.user("jon"), nil).(map[string]any)["ssh_keys"])
	same(t, "again", "Bad Request The user has this key already", message(a.call("POST", path, `{"name":"laptop","public_key":"ssh-ed25519 AAAA"}`)))
	same(t, "no key", "Bad Request body.public_key is required", message(a.call("POST", path, `{"name":"laptop"}`)))
	same(t, "delete", "OK", message(a.call("DELETE", path+"/"+key["_id"].(string), nil)))
	same(t, "delete again", "Not Found Not Found", message(a.call("DELETE", path+"/"+key["_id"].(string), nil)))
	a.get("PUT", a.user("jon"), `{"ssh_keys":[{"name":"a","public_key":"1"},{"name":"b","public_key":"2"}]}`)
	same(t, "put", []string{"b", "a"}, names(a.get("GET", path, nil), "name"))
	same(t, "put with an id", "Bad Request ssh_keys[0]._id is not allowed", message(a.call("PUT", a.user("jon"), `{"ssh_keys":[{"_id":"1","name":"a","public_key":"1"}]}`)))
}

func TestUnknownUsers(t *testing.T) {
	t.Parallel()
	a := start(t, small(), sandbox.Options{})
	for _, c := range []struct{ method, path, body string }{
		{"GET", "", ""}, {"PUT", "", "{}"}, {"DELETE", "", ""}, {"POST", "/state/activate", ""}, {"POST", "/state/suspend", ""},
		{"POST", "/unlock", ""}, {"POST", "/expire", ""}, {"POST", "/resetmfa", ""}, {"POST", "/password", `{"password":"x"}`},
		{"GET", "/sshkeys", ""}, {"POST", "/sshkeys", `{"name":"a","public_key":"b"}`}, {"DELETE", "/sshkeys/1", ""},
	} {
		same(t, c.method+c.path, "Not Found Not Found", message(a.call(c.method, "/systemusers/5f3c0a1b9d2e4c0001a7b9e1"+c.path, c.body)))
	}
}
