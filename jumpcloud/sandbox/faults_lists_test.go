package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
)

// What the client sees of lists that lie, while everybody is there.
func TestListsThatLie(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  sandbox.Fault
		users  string // how many answers have entries, and the totals, of three pages
		groups string
		client string // how many users the client reads, how many of them twice, and the total
	}{
		"nothing":       {sandbox.Fault{Header: http.Header{"X-Test": {"1"}}}, "100 100 50 of 250 250 250", "2 of 2", "250 0 of 250"},
		"too high":      {sandbox.Fault{Total: 60}, "100 100 50 of 310 310 310", "2 of 62", "250 0 of 310"},
		"too low":       {sandbox.Fault{Total: -60}, "100 100 50 of 190 190 190", "2 of 0", "200 0 of 190"},
		"absent":        {sandbox.Fault{NoTotal: true}, "100 100 50 of - - -", "2 of -", "250 0 of -1"},
		"empty":         {sandbox.Fault{Empty: true}, "0 0 0 of 0 0 0", "0 of 0", "0 0 of 0"},
		"an entry came": {sandbox.Fault{Shift: -1}, "100 100 51 of 250 251 251", "2 of 2", "250 1 of 251"},
		"an entry went": {sandbox.Fault{Shift: 1}, "100 100 49 of 250 249 249", "2 of 2", "249 0 of 250"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := people(250)
			st.Organizations[0].Groups = append(st.Organizations[0].Groups, sandbox.Group{"name": "Two"})
			r := rehearse(t, st, only(sandbox.Rule{Path: "/api/**", Fault: c.fault}))
			var counts, totals []string
			for _, skip := range []int{0, 100, 200} {
				n, total := r.count(fmt.Sprintf("%s&skip=%d", users, skip))
				counts, totals = append(counts, fmt.Sprint(n)), append(totals, total)
			}
			same(t, "users", c.users, strings.Join(counts, " ")+" of "+strings.Join(totals, " "))
			n, total := r.count("/api/v2/usergroups")
			same(t, "groups", c.groups, fmt.Sprint(n, " of ", total))
			same(t, "client", c.client, r.read(jumpcloud.Users(nil, nil)))
		})
	}
}

// Search pages shift too, which have skip in the body.
func TestSearchThatShifts(t *testing.T) {
	t.Parallel()
	r := rehearse(t, people(3), only(sandbox.Rule{Fault: sandbox.Fault{Shift: 1}}))
	_, body, err := r.ask("POST", "/api/search/systemusers", `{"limit":1,"skip":1,"sort":"username","fields":"username"}`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "page", true, strings.HasPrefix(body, `{"totalCount":2,`) && strings.Contains(body, "u002"))
}

// Edges without a person are counted.
func TestDanglingEdges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault sandbox.Fault
		want  string // entries, those null, total; then the same for the client, which skips null
	}{
		"null":         {sandbox.Fault{NullMembers: 2}, "4 2 4"},
		"lost":         {sandbox.Fault{LostMembers: 1}, "3 0 4"},
		"both":         {sandbox.Fault{NullMembers: 1, LostMembers: 2}, "2 1 4"},
		"more than is": {sandbox.Fault{NullMembers: 3, LostMembers: 99}, "3 3 4"},
		"null of many": {sandbox.Fault{NullMembers: 99}, "4 4 4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, people(4), only(sandbox.Rule{Fault: c.fault}))
			a, body, err := r.ask("GET", "/api/v2/usergroups/"+r.groupID("All")+"/members", "")
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(strings.Count(body, `"to"`), " ", strings.Count(body, `"to":null`), " ", a.Header.Get("X-Total-Count"))
			same(t, "page", c.want, got)
			n, _ := r.count(users)
			same(t, "users", 4, n)
		})
	}
}

// What is created is missing from lists for a while, and there by its id.
func TestLate(t *testing.T) {
	t.Parallel()
	var c clock
	r := rehearse(t, small(), only(sandbox.Rule{Fault: sandbox.Fault{Late: sandbox.Duration(time.Minute)}}), c.use)
	ann, err := r.client.CreateUser(t.Context(), map[string]string{"username": "ann", "email": "ann@b"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.client.CreateGroup(t.Context(), map[string]string{"name": "New"}); err != nil {
		t.Fatal(err)
	}
	seen := func() string {
		found, err := r.client.SearchUsers(t.Context(), map[string]any{"filter": []any{map[string]string{"username": "ann"}}})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(r.usernames(), ", found ", len(found), ", groups ", r.read(jumpcloud.Groups()))
	}
	same(t, "at once", "[jon mira ole] of 3, found 0, groups 2 0 of 2", seen())
	if _, err := r.client.GetUser(t.Context(), ann.ID()); err != nil {
		t.Errorf("by id: %v", err)
	}
	_, err = r.client.CreateUser(t.Context(), map[string]string{"username": "ann", "email": "b@b"})
	same(t, "the name is taken", "POST /api/systemusers: 400: User already exists: another user has this username", line(err))
	c.add(time.Minute)
	same(t, "a minute later", "[ann jon mira ole] of 4, found 1, groups 3 0 of 3", seen())
}

// Values are stored otherwise than sent, and the answer says so.
func TestStoredDifferently(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault sandbox.Fault
		want  string // jobTitle, location, phone number
	}{
		"as sent": {sandbox.Fault{Delay: 1}, ` CEO | Oslo|+47 (22) 1`},
		"trim":    {sandbox.Fault{Trim: true}, `CEO|Oslo|+47 (22) 1`},
		"phone":   {sandbox.Fault{Phone: true}, ` CEO | Oslo|+47221`},
		"lower":   {sandbox.Fault{Lower: []string{"jobTitle", "sudo"}}, ` ceo | Oslo|+47 (22) 1`},
		"ignore":  {sandbox.Fault{Ignore: []string{"location", "phoneNumbers"}}, ` CEO ||`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, small(), only(sandbox.Rule{Fault: c.fault}))
			body := map[string]any{"jobTitle": " CEO ", "location": " Oslo", "phoneNumbers": []any{map[string]string{"type": "work", "number": "+47 (22) 1"}}}
			got, err := r.client.UpdateUser(t.Context(), r.userID("mira"), body)
			if err != nil {
				t.Fatal(err)
			}
			number := ""
			if list, _ := r.user("mira")["phoneNumbers"].([]any); len(list) > 0 {
				number = list[0].(map[string]any)["number"].(string)
			}
			same(t, "stored", c.want, fmt.Sprint(r.user("mira")["jobTitle"], "|", r.user("mira")["location"], "|", number))
			same(t, "answered", r.user("mira")["jobTitle"], any(got.Text("jobTitle")))
		})
	}
	r := rehearse(t, small(), only(sandbox.Rule{Fault: sandbox.Fault{Trim: true}}))
	for body, want := range map[string]string{
		`{"username":" a"`: "The body must be a JSON object",
		`[" a"]`:           "The body must be a JSON object",
		`{"email":7}`:      "email must be a string",
	} {
		same(t, body, `400 {"code":400,"message":"`+want+`","status":"INVALID_ARGUMENT"}`, r.told("POST", "/api/systemusers", body))
	}
	r = rehearse(t, small(), only(sandbox.Rule{Fault: sandbox.Fault{Phone: true}}))
	for body, want := range map[string]string{
		`{"phoneNumbers":[{"number":" 47 22+"},{"type":"home"}]}`: `4722`,
		`{"phoneNumbers":{}}`: "must be an array",
		`{"phoneNumbers":[]}`: `"phoneNumbers":[]`,
	} {
		_, answer, err := r.ask("PUT", "/api/systemusers/"+r.userID("mira"), body)
		if err != nil || !strings.Contains(answer, want) {
			t.Errorf("%s: %s, %v; want %s", body, answer, err, want)
		}
	}
	r = rehearse(t, small(), only(sandbox.Rule{Fault: sandbox.Fault{Trim: true}}))
	same(t, "a group", "201", r.told("POST", "/api/v2/usergroups", `{"name":" New ","attributes":{"ldapGroups":[{"name":" new "}],"n":null}}`))
	same(t, "its name", true, r.groupID("New") != "")
}
