package openapitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rollcall/testdata/openapi"
)

// TestDocuments holds that the documents with the overlay are valid OpenAPI.
func TestDocuments(t *testing.T) {
	t.Parallel()
	deviations, err := overlay()
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"v1": openapi.V1, "v2": openapi.V2} {
		doc, err := document(raw, name, deviations)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := check(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOverlay holds that each deviation says why, and from where, and that
// it changes something.
func TestOverlay(t *testing.T) {
	t.Parallel()
	deviations, err := overlay()
	if err != nil {
		t.Fatal(err)
	}
	if len(deviations) == 0 {
		t.Fatal("the overlay is empty")
	}
	official := map[string][]byte{"v1": openapi.V1, "v2": openapi.V2}
	for _, d := range deviations {
		if d.Why == "" || d.Source == "" {
			t.Errorf("%s has no reason or no source", d.At)
		}
		before, err := lay(official[d.Document], "", nil)
		if err != nil {
			t.Fatalf("%s: %v", d.Document, err)
		}
		after, err := lay(official[d.Document], d.Document, []deviation{d})
		if err != nil {
			t.Errorf("%s: %v", d.At, err)
		}
		if string(before) == string(after) {
			t.Errorf("%s changes nothing: the document has it already", d.At)
		}
	}
}

// recorder is a testing.TB that keeps what Errorf says.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// TestWrap holds that what no document has is reported, and nothing else.
func TestWrap(t *testing.T) {
	t.Parallel()
	user := `{"_id":"5f3c0a1b9d2e4c0001a7b9e1","username":"ann"}`
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		answer             string
		want               int // problems
	}{
		"list":                 {"GET", "/api/systemusers?limit=100&skip=0&sort=_id", "", 200, `{"totalCount":1,"results":[` + user + `]}`, 0},
		"filter in brackets":   {"GET", "/api/systemusers?filter%5Bor%5D%5B0%5D=a:$eq:b", "", 200, `{"totalCount":0,"results":[]}`, 0},
		"unknown parameter":    {"GET", "/api/systemusers?page=2", "", 200, `{"totalCount":0,"results":[]}`, 1},
		"limit not a number":   {"GET", "/api/systemusers?limit=x", "", 200, `{"totalCount":0,"results":[]}`, 1},
		"unknown path":         {"GET", "/api/elsewhere", "", 404, `{}`, 1},
		"unknown method":       {"PATCH", "/api/systemusers", "", 404, `{}`, 1},
		"outside":              {"POST", "/oauth2/token", "x=y", 200, `{}`, 0},
		"put":                  {"PUT", "/api/systemusers/1", `{"jobTitle":"CEO","manager":null}`, 200, user, 0},
		"put of an unknown":    {"PUT", "/api/systemusers/1", `{"jobtitle":"CEO"}`, 200, user, 1},
		"put of an inner one":  {"PUT", "/api/systemusers/1", `{"phoneNumbers":[{"id":"1","type":"work"}]}`, 200, user, 1},
		"put of a wrong type":  {"PUT", "/api/systemusers/1", `{"sudo":"yes"}`, 200, user, 1},
		"put of staged":        {"PUT", "/api/systemusers/1", `{"state":"STAGED"}`, 200, user, 1},
		"post without email":   {"POST", "/api/systemusers", `{"username":"ann"}`, 200, user, 1},
		"body where none is":   {"POST", "/api/systemusers/1/unlock", `{}`, 200, `"OK"`, 1},
		"answer 201":           {"POST", "/api/systemusers", `{"username":"ann","email":"a@b"}`, 201, user, 1},
		"unknown in an answer": {"GET", "/api/systemusers/1", "", 200, `{"name":"ann"}`, 1},
		"null in an answer":    {"GET", "/api/systemusers/1", "", 200, `{"department":null}`, 1},
		"answer is HTML":       {"GET", "/api/systemusers/1", "", 200, `<html>`, 2},
		"error":                {"GET", "/api/systemusers/1", "", 404, `{"message":"Not Found"}`, 0},
		"redirect":             {"GET", "/api/systemusers/1", "", 302, ``, 0},
		"rule of a group":      {"POST", "/api/v2/usergroups", `{"name":"A","memberQuery":{"queryType":"FilterQuery","filters":[{"field":"company","operator":"eq","value":"A"}]}}`, 201, `{"id":"1","type":"user_group","name":"A","attributes":null}`, 0},
		"free attributes":      {"PUT", "/api/v2/usergroups/1", `{"name":"A","attributes":{"mine":{"x":1},"sudo":{"enabled":true,"withoutPassword":false}}}`, 200, `{"id":"1"}`, 0},
		"half a sudo":          {"PUT", "/api/v2/usergroups/1", `{"name":"A","attributes":{"sudo":{"enabled":true}}}`, 200, `{"id":"1"}`, 1},
		"no targets":           {"GET", "/api/v2/usergroups/1/associations", "", 200, `[]`, 1},
		"targets":              {"GET", "/api/v2/usergroups/1/associations?targets=system,application&limit=1", "", 200, `[]`, 0},
		"member":               {"POST", "/api/v2/usergroups/1/members", `{"op":"add","type":"user","id":"2"}`, 204, ``, 0},
		"member of no type":    {"POST", "/api/v2/usergroups/1/members", `{"op":"add","id":"2"}`, 204, ``, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := &recorder{TB: t}
			h := Wrap(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(c.status)
				w.Write([]byte(c.answer))
			}))
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if len(tb.said) != c.want {
				t.Errorf("%d problems, want %d: %v", len(tb.said), c.want, tb.said)
			}
			if w.Code != c.status || w.Body.String() != c.answer {
				t.Errorf("the answer came through as %d %s", w.Code, w.Body)
			}
		})
	}
}

// TestResponses holds that only answers are checked, and only known ones.
func TestResponses(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{"/api/systemusers?limit=x": 1, "/api/elsewhere": 0} {
		tb := &recorder{TB: t}
		h := Responses(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode("a string")
		}))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
		if len(tb.said) != want {
			t.Errorf("%s: %d problems, want %d", path, len(tb.said), want)
		}
	}
}
