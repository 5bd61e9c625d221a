package jumpcloud

import (
	"errors"
	"net/http"
	"testing"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	const blocked = `{"message":"Your IP has been Blocked due to suspected abuse"}`
	type step struct {
		org    string // "above" lists the organizations
		answer any    // *http.Response, error, or nil if nothing may be sent
		want   string
	}
	const again = "GET /api/systemusers: 403: not sent, because the credential was refused before: Your IP has been Blocked due to suspected abuse"
	const revoked = "GET /api/systemusers: 401: not sent, because the credential was refused before: Unauthorized"
	noToken := &Error{Method: "POST", Path: "/oauth2/token", Status: 401, Message: "invalid_client"}
	tests := []struct {
		name  string
		steps []step
	}{
		{"abuse stops", []step{{"a", reply(403, blocked), ""}, {"a", nil, again}, {"b", nil, again}}},
		{"abuse in HTML stops", []step{
			{"a", reply(403, "<html><title>Blocked due to suspected abuse</title></html>"), ""},
			{"a", nil, "GET /api/systemusers: 403: not sent, because the credential was refused before: HTML page: Blocked due to suspected abuse"},
		}},
		{"another 403 does not stop", []step{{"a", reply(403, "no scope"), ""}, {"a", reply(200, ""), ""}}},
		{"401 at first does not stop", []step{{"a", reply(401, ""), ""}, {"a", reply(401, ""), ""}, {"b", reply(200, ""), ""}}},
		{"401 after a success stops", []step{{"a", reply(200, ""), ""}, {"a", reply(401, ""), ""}, {"a", nil, revoked}, {"b", nil, revoked}}},
		{"401 of another organization does not stop", []step{{"a", reply(200, ""), ""}, {"b", reply(401, ""), ""}, {"a", reply(200, ""), ""}}},
		{"401 without an organization after listing them does not stop", []step{{"above", reply(200, ""), ""}, {"", reply(401, ""), ""}, {"a", reply(200, ""), ""}}},
		{"401 above the organizations does not stop them", []step{{"a", reply(200, ""), ""}, {"above", reply(401, ""), ""}, {"a", reply(200, ""), ""}}},
		{"401 above the organizations after a success stops", []step{{"above", reply(200, ""), ""}, {"above", reply(401, ""), ""}, {"a", nil, revoked}}},
		{"token refused at first does not stop", []step{{"a", noToken, noToken.Error()}, {"a", reply(200, ""), ""}}},
		{"token refused later stops", []step{
			{"a", reply(200, ""), ""}, {"a", noToken, noToken.Error()},
			{"a", nil, "GET /api/systemusers: 401: not sent, because the credential was refused before: invalid_client"},
		}},
		{"a lost connection does not stop", []step{{"a", reply(200, ""), ""}, {"a", errUnreachable, errUnreachable.Error()}, {"a", reply(200, ""), ""}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var answer any
			g := &guard{secrets: newSecrets(), next: roundTrip(func(*http.Request) (*http.Response, error) {
				switch a := answer.(type) {
				case *http.Response:
					return a, nil
				case error:
					return nil, a
				}
				t.Error("something was sent after the stop")
				return nil, errors.New("sent")
			})}
			for i, s := range test.steps {
				answer = s.answer
				req := withHeader(get(t, "/api/systemusers"), "x-org-id", s.org)
				if s.org == "above" {
					req = get(t, "/api/organizations")
				}
				_, err := g.RoundTrip(req)
				got := ""
				if err != nil {
					got = err.Error()
				}
				if got != s.want {
					t.Errorf("request %d: error %q, want %q", i, got, s.want)
				}
				if s.answer == nil && !notMade(err) {
					t.Errorf("request %d: the error does not say that nothing was sent", i)
				}
				if Stopped(err) != (s.answer == nil) {
					t.Errorf("request %d: Stopped is %v of %v", i, Stopped(err), err)
				}
			}
		})
	}
}

// A stopped client answers at once: requests that wait in the back-off of a
// retry do not go out either.
func TestClientStops(t *testing.T) {
	t.Parallel()
	c, s := serve(t, script(t, `200 {"_id":"5f"}`, `401 {"message":"api key user not found"}`))
	if _, err := c.GetUser(t.Context(), "5f"); err != nil || c.Refused() != nil {
		t.Fatal(err, c.Refused())
	}
	for range 3 {
		if _, err := c.GetUser(t.Context(), "5f"); !IsStatus(err, 401) || Uncertain(err) {
			t.Errorf("error %v, want 401", err)
		}
	}
	err := c.WithOrg("b").AddMember(t.Context(), "6a", "5f")
	want := "POST /api/v2/usergroups/6a/members: 401: not sent, because the credential was refused before: api key user not found"
	if err == nil || err.Error() != want || Uncertain(err) {
		t.Errorf("error %v, want %s", err, want)
	}
	if want := "GET /api/systemusers/5f: 401: api key user not found"; text(c.WithOrg("c").Refused()) != want {
		t.Errorf("refused: %v, want %s", c.Refused(), want)
	}
	if n := len(s.seen()); n != 2 || c.Requests() != 2 {
		t.Errorf("%d requests and Requests() = %d, want 2", n, c.Requests())
	}
}

// The block is told from other refusals, in the answer and after it.
func TestBlocked(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{`{"message":"blocked due to Suspected Abuse"}`: true, `{"message":"Forbidden"}`: false} {
		c, _ := serve(t, answerWith(http.StatusForbidden, body))
		for range 2 {
			if _, err := c.GetUser(t.Context(), "5f"); Blocked(err) != want {
				t.Errorf("Blocked(%v) is not %v", err, want)
			}
		}
	}
}
