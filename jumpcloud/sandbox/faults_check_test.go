package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"rollcall/jumpcloud/sandbox"
)

func TestParseFaults(t *testing.T) {
	t.Parallel()
	got, err := sandbox.ParseFaults([]byte(`{"seed": 18446744073709551615, "preset": "flaky", "rules": [
		{"method": "GET", "path": "/api/v2/**", "org": "One", "contains": "x", "from": 2, "times": 3, "rate": 0.5, "jitter": "1s", "delay": "200ms"},
		{"per_minute": 200}, {"status": 503, "header": {"Retry-After": ["3"]}, "body": "<html>", "after": true}, {"shift": -1, "ignore": ["location"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := sandbox.Faults{Seed: 1<<64 - 1, Preset: "flaky", Rules: []sandbox.Rule{
		{Method: "GET", Path: "/api/v2/**", Org: "One", Contains: "x", From: 2, Times: 3, Rate: .5,
			Jitter: sandbox.Duration(time.Second), Fault: sandbox.Fault{Delay: sandbox.Duration(200 * time.Millisecond)}},
		{PerMinute: 200},
		{Fault: sandbox.Fault{Status: 503, Header: http.Header{"Retry-After": {"3"}}, Body: "<html>", After: true}},
		{Fault: sandbox.Fault{Shift: -1, Ignore: []string{"location"}}},
	}}
	same(t, "faults", want, got)
	again, err := sandbox.ParseFaults(encode(t, got))
	same(t, "again", want, again)
	same(t, "error", nil, err)
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Every mistake names its place and what is allowed there.
func TestBadFaults(t *testing.T) {
	t.Parallel()
	const ruleMembers = "after, body, contains, cut, delay, drop, empty, from, header, ignore, jitter, late, lost_members, lower, method, no_total, null_members, org, path, per_minute, phone, rate, shift, slow, stall, status, times, total, trim"
	for raw, want := range map[string]string{
		``:                `nothing in it: {"preset": "storm"} would do`,
		`{`:               "line 1: unexpected EOF",
		"{\n\"seed\": x}": "line 2: invalid character 'x' looking for beginning of value",
		`[]`:              `faults must be an object such as {"preset": "storm"}`,
		`{} {}`:           "line 1: more than one JSON document",
		`{"sed":1}`:       "sed has no meaning; what has is preset, rules, seed",
		`{"seed":-1}`:     "seed must be at least 0",
		`{"seed":1e3}`:    "seed must be a whole number up to 18446744073709551615, not 1e3",
		`{"rules":[{"rate":0.5,"rate":"x","rate":0.5,"cut":true}]}`: "a member stands twice: json: cannot unmarshal string into Go struct field Rule.rules.rate of type float64",
		`null`:                                            `faults must be an object such as {"preset": "storm"}`,
		`{"seed":"1"}`:                                    "seed must be an integer",
		`{"preset":"strom"}`:                              `preset "strom" is none of ` + strings.Join(sandbox.Presets(), ", "),
		`{"rules":{}}`:                                    "rules must be an array of objects",
		`{"rules":[1]}`:                                   "rules must be an array of objects",
		`{"rules":null}`:                                  "rules must be an array of objects",
		`{"rules":[{"stats":503}]}`:                       "rules[0].stats has no meaning; what has is " + ruleMembers,
		`{"rules":[{"status":"503"}]}`:                    "rules[0].status must be an integer",
		`{"rules":[{"status":99}]}`:                       "rules[0].status 99 must be from 200 to 599",
		`{"rules":[{"drop":1}]}`:                          "rules[0].drop must be a boolean",
		`{"rules":[{"drop":null}]}`:                       "rules[0].drop must be a boolean",
		`{"rules":[{"drop":true},{"rate":2}]}`:            "rules[1].rate must be a number above 0 and at most 1",
		`{"rules":[{"rate":0}]}`:                          "rules[0].rate must be a number above 0 and at most 1",
		`{"rules":[{"from":-1}]}`:                         "rules[0].from must be at least 0",
		`{"rules":[{"from":1e9,"cut":true}]}`:             "rules[0].from must be a whole number up to 1000000, not 1e9",
		`{"rules":[{"from":9999999}]}`:                    "rules[0].from must be from 0 to 1000000",
		`{"rules":[{"total":-9999999}]}`:                  "rules[0].total must be at least -1000000",
		`{"rules":[{"delay":3}]}`:                         "rules[0].delay must be a string",
		`{"rules":[{"delay":"3"}]}`:                       `rules[0].delay must be a duration such as "1.5s" or "200ms", not "3"`,
		`{"rules":[{"stall":"11m"}]}`:                     "rules[0].stall must be from 0s to 10m0s",
		`{"rules":[{"late":"25h"}]}`:                      "rules[0].late must be from 0s to 24h0m0s",
		`{"rules":[{"delay":"-1s"}]}`:                     "rules[0].delay must be from 0s to 10m0s",
		`{"rules":[{"jitter":"1s"}]}`:                     "rules[0].jitter is added to delay, which is missing",
		`{"rules":[{"method":"get"}]}`:                    `rules[0].method "get" must be one of [GET POST PUT DELETE], or several joined by |`,
		`{"rules":[{"path":"api"}]}`:                      `rules[0].path "api" must be a path such as /api/systemusers/* or /api/v2/**`,
		`{"rules":[{"path":"/[/**"}]}`:                    `rules[0].path "/[/**" must be a path such as /api/systemusers/* or /api/v2/**`,
		`{"rules":[{"body":"x"}]}`:                        "rules[0].body is that of status, which is missing",
		`{"rules":[{"after":true}]}`:                      "rules[0].after is about status, drop or stall, which are missing",
		`{"rules":[{"header":{"A":"b"}}]}`:                `rules[0].header must be an object of arrays of strings: {"Retry-After": ["30"]}`,
		`{"rules":[{"header":{"A b":["b"]}}]}`:            `rules[0].header: "A b" must be letters, digits and -`,
		`{"rules":[{"header":{"A":["\n"]}}]}`:             "rules[0].header: the value of A must be printable ASCII",
		`{"rules":[{"header":{"content-length":["1"]}}]}`: "rules[0].header: content-length belongs to the server: cut sends less than Content-Length says",
		`{"rules":[{"ignore":["loc"]}]}`:                  `rules[0].ignore: "loc" is no field of a user or group`,
		`{"rules":[{"lower":"x"}]}`:                       "rules[0].lower must be an array",
		`{"rules":[{"rate":0.5}]}`:                        "rules[0].status, or another fault, is missing: nothing would go wrong",
	} {
		_, err := sandbox.ParseFaults([]byte(raw))
		same(t, raw, want, line(err))
	}
	long := `{"rules":[` + strings.Repeat(`{"cut":true},`, 1000) + `{"cut":true}]}`
	_, err := sandbox.ParseFaults([]byte(long))
	same(t, "too many", "rules must be at most 1000", line(err))
}

// Faults of a state befall whoever opens it, unless other ones are given,
// and stay in the file.
func TestFaultsOfAState(t *testing.T) {
	t.Parallel()
	path := file(t, `{"organizations":[{"name":"One"}],"faults":{"seed":3,"rules":[{"org":"One","status":502}]}}`)
	s := open(t, path)
	want := sandbox.Faults{Seed: 3, Rules: []sandbox.Rule{{Org: "One", Fault: sandbox.Fault{Status: 502}}}}
	same(t, "faults", want, s.Faults())
	if err := s.SetFaults(sandbox.Faults{}); err != nil {
		t.Fatal(err)
	}
	use(t, s).get("POST", "/systemusers", `{"username":"ann","email":"ann@b"}`)
	same(t, "after a write", want, open(t, path).Faults())
	other, err := sandbox.OpenWith(path, sandbox.Options{Faults: &sandbox.Faults{Preset: "slow"}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "others", sandbox.Faults{Preset: "slow"}, other.Faults())
	for text, want := range map[string]string{
		`{"rules":[{"rate":7}]}`:                "faults: rules[0].rate must be a number above 0 and at most 1",
		`{"rules":[{"org":"Two","cut":true}]}`:  `faults: rules[0].org: there is no organization "Two"`,
		`{"rules":[{"org":"One","cuts":true}]}`: "faults: rules[0].cuts has no meaning",
		`"storm"`:                               "faults: faults must be an object",
	} {
		_, err := sandbox.ParseState([]byte(`{"organizations":[{"name":"One"}],"faults":` + text + `}`))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// The presets make sense, calm is calm, and each of the others does
// something to somebody who reads and writes for a while.
func TestPresets(t *testing.T) {
	t.Parallel()
	for _, name := range sandbox.Presets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := sandbox.Faults{Preset: name, Seed: 1}
			if _, err := sandbox.ParseFaults(encode(t, f)); err != nil {
				t.Fatal(err)
			}
			if err := sandbox.CheckPreset(name); err != nil {
				t.Fatal(err)
			}
			r := rehearse(t, people(3), f)
			user, members := "/api/systemusers/"+r.userID("u001"), "/api/v2/usergroups/"+r.groupID("All")+"/members"
			for range 25 {
				r.told("GET", users, "")
				r.told("GET", users+"&skip=1", "")
				r.told("GET", members, "")
				r.told("PUT", user, `{"location":" Oslo "}`)
			}
			r.told("POST", "/api/systemusers", `{"username":"new","email":"new@b"}`)
			befell := 0
			for _, q := range r.s.Requests() {
				if q.Fault != nil {
					befell++
				}
			}
			same(t, "something went wrong", name != "calm", befell > 0)
		})
	}
}

// control asks the sandbox's own API without a key.
func (r *rehearsal) control(method, path, body string) string {
	r.t.Helper()
	q, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	q.RemoteAddr = "127.0.0.1:1234"
	r.s.ServeHTTP(w, q)
	return strings.TrimSpace(http.StatusText(w.Code) + " " + w.Body.String())
}

func TestControl(t *testing.T) {
	t.Parallel()
	r := rehearse(t, small(), sandbox.Faults{Preset: "calm", Seed: 2})
	for _, step := range [][4]string{
		{"GET", "/sandbox/faults", "", `OK {"seed":2,"preset":"calm"}`},
		{"PUT", "/sandbox/faults", `{"seed":1,"rules":[{"status":502,"times":1}]}`, `OK {"seed":1,"rules":[{"times":1,"status":502}]}`},
		{"PUT", "/sandbox/faults", `{"rules":[{}]}`, `Bad Request {"code":400,"message":"rules[0].status, or another fault, is missing: nothing would go wrong","status":"INVALID_ARGUMENT"}`},
		{"PUT", "/sandbox/faults", `{"rules":[{"org":"X","cut":true}]}`, `Bad Request {"code":400,"message":"rules[0].org: there is no organization \"X\"","status":"INVALID_ARGUMENT"}`},
		{"PUT", "/sandbox/faults", strings.Repeat(" ", 2<<20), `Bad Request {"code":400,"message":"The body could not be read, or is larger than 1048576 bytes","status":"INVALID_ARGUMENT"}`},
		{"GET", "/sandbox/faults", "", `OK {"seed":1,"rules":[{"times":1,"status":502}]}`},
		{"GET", "/sandbox/requests", "", "OK []"},
		{"POST", "/sandbox/faults", "", `Method Not Allowed {"code":405,"message":"Method Not Allowed","status":"METHOD_NOT_ALLOWED"}`},
		{"PUT", "/sandbox/requests", "", `Method Not Allowed {"code":405,"message":"Method Not Allowed","status":"METHOD_NOT_ALLOWED"}`},
		{"GET", "/sandbox/x", "", `Not Found {"code":404,"message":"There are /sandbox/faults and /sandbox/requests","status":"NOT_FOUND"}`},
	} {
		same(t, step[0]+" "+step[1]+" "+step[2], step[3], r.control(step[0], step[1], step[2]))
	}
	r.told("GET", "/api/organizations?limit=1", "")
	r.told("GET", "/api/organizations", "")
	want := `OK [{"method":"GET","path":"/api/organizations","query":"limit=1","status":502,"fault":{"status":502}},{"method":"GET","path":"/api/organizations","status":200}]`
	same(t, "requests", want, r.control("GET", "/sandbox/requests", ""))
	same(t, "forget", "No Content", r.control("DELETE", "/sandbox/requests", ""))
	same(t, "forgotten", "OK []", r.control("GET", "/sandbox/requests", ""))
	same(t, "calm again", "No Content", r.control("DELETE", "/sandbox/faults", ""))
	same(t, "calm", "OK {}", r.control("GET", "/sandbox/faults", ""))
	same(t, "over the network", "200", r.told("GET", "/sandbox/faults", ""))
}

// Only this machine may ask, and no page of a browser that was led here.
func TestControlIsForLoopback(t *testing.T) {
	t.Parallel()
	s := sandbox.New(small(), sandbox.Options{})
	for _, c := range []struct {
		from, host string
		want       int
	}{
		{"127.0.0.1:1", "127.0.0.1:80", 200}, {"[::1]:1", "[::1]:80", 200}, {"127.0.0.1:1", "localhost:80", 200}, {"127.0.0.1:1", "LOCALHOST", 200},
		{"[::ffff:127.0.0.1]:1", "[::1]", 200},
		{"192.0.2.1:1", "127.0.0.1:80", 403}, {"127.0.0.1:1", "evil.example:80", 403}, {"127.0.0.1:1", "192.0.2.1", 403}, {"", "localhost", 403},
	} {
		q := httptest.NewRequest("GET", "/sandbox/faults", nil)
		q.RemoteAddr, q.Host = c.from, c.host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, q)
		same(t, c.from+" to "+c.host, c.want, w.Code)
	}
}

// FuzzParseFaults holds that any bytes are either an error or faults that
// come back from their own JSON, and that no fault breaks the server.
func FuzzParseFaults(f *testing.F) {
	f.Add([]byte(`{"seed":1,"preset":"storm","rules":[{"per_minute":1},{"rate":0.5,"shift":-3,"total":-9,"empty":true}]}`))
	f.Add([]byte(`{"rules":[{"method":"GET|PUT","path":"/api/**","contains":"a","from":1,"times":1,"delay":"1s","jitter":"1s","cut":true,"slow":"8s"}]}`))
	f.Add([]byte(`{"rules":[{"status":304,"body":"x","header":{"a":["b"]},"after":true},{"null_members":2,"lost_members":3,"no_total":true}]}`))
	f.Add([]byte(`{"rules":[{"trim":true,"phone":true,"lower":["username"],"ignore":["email"],"late":"1s"},{"stall":"1s"},{"drop":true}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		faults, err := sandbox.ParseFaults(raw)
		if err != nil {
			return
		}
		again, err := sandbox.ParseFaults(encode(t, faults))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "again", string(encode(t, faults)), string(encode(t, again)))
		serveAll(t, faults)
	})
}

// serveAll asks a server with faults for something of everything.
func serveAll(t *testing.T, faults sandbox.Faults) {
	t.Helper()
	for i := range faults.Rules {
		faults.Rules[i].Org = "" // which there need not be
	}
	s := sandbox.New(small(), sandbox.Options{Faults: &faults, Now: func() time.Time { return noon }, Sleep: noSleep})
	st := s.Snapshot()
	group := st.Organizations[0].Group("Data")["id"].(string)
	for _, q := range [][3]string{
		{"GET", users + "&skip=1"}, {"GET", "/api/v2/usergroups/" + group + "/members"}, {"POST", "/api/search/systemusers", `{"skip":1}`},
		{"POST", "/api/systemusers", `{"username":"a","email":" A@b ","phoneNumbers":[{"number":"+1 2"}]}`}, {"POST", "/api/v2/usergroups", `{"name":"x"}`},
	} {
		r := httptest.NewRequest(q[0], q[1], strings.NewReader(q[2]))
		r.Header = http.Header{"X-Api-Key": {s.Key()}, "X-Org-Id": {st.Organizations[0].ID}, "Content-Type": {"application/json"}}
		func() {
			defer func() {
				if p := recover(); p != nil && p != http.ErrAbortHandler {
					panic(p)
				}
			}()
			s.ServeHTTP(httptest.NewRecorder(), r)
		}()
	}
}

// The document names what the code has.
func TestDocument(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, p := range sandbox.PresetRows() {
		if !strings.Contains(text, p) {
			t.Errorf("docs/sandbox.md lacks the line %s", p)
		}
	}
	same(t, "presets", len(sandbox.PresetRows()), rowsOf(text, "| preset |"))
	for _, name := range sandbox.RuleMembers() {
		if !strings.Contains(text, "\n| `"+name+"` |") {
			t.Errorf("docs/sandbox.md has no line for %s", name)
		}
	}
	same(t, "members", len(sandbox.RuleMembers()), rowsOf(text, "| requests |")+rowsOf(text, "| fault |"))
	for _, name := range sandbox.Choices() {
		if !strings.Contains(text, "\n| `"+name+"` |") {
			t.Errorf("docs/sandbox.md has no line for the choice %s", name)
		}
	}
	same(t, "choices", len(sandbox.Choices()), rowsOf(text, "| choice |"))
	blocks := strings.Split(text, "```json\n")[1:]
	for i, b := range blocks {
		b, _, _ = strings.Cut(b, "```")
		_, stateErr := sandbox.ParseState([]byte(b))
		_, faultsErr := sandbox.ParseFaults([]byte(b))
		if stateErr != nil && faultsErr != nil {
			t.Errorf("JSON block %d of docs/sandbox.md is neither a state (%v) nor faults (%v)", i+1, stateErr, faultsErr)
		}
	}
	if len(blocks) < 2 {
		t.Error("docs/sandbox.md has no examples of a state and of faults")
	}
}

// rowsOf counts the rows of the table with a heading.
func rowsOf(text, heading string) int {
	_, table, _ := strings.Cut(text, heading)
	table, _, _ = strings.Cut(table, "\n\n")
	return strings.Count(table, "\n| ") - 1
}
