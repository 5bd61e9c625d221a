package state

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/jumpcloud/sandbox"
	"rollcall/schema"
)

func TestReadIncomplete(t *testing.T) {
	t.Parallel()
	const u0, u1 = `{"_id":"60aa0f2b1c9d440000a1b2c0","username":"u0"}`, `{"_id":"60aa0f2b1c9d440000a1b2c1","username":"U0"}`
	for _, tt := range []struct {
		name, path, body, total string
		times                   int
		want                    string
	}{
		{"too few at first", "/systemusers", `{"totalCount":1,"results":[]}`, "", 3, ""},
		{"too few", "/systemusers", `{"totalCount":1,"results":[]}`, "", 4, "users: 0 of 1 read"},
		{"fewer than a page", "/systemusers", `{"totalCount":2,"results":[` + u0 + `]}`, "", 8, "users: 1 of 2 read"},
		{"one twice", "/systemusers", `{"totalCount":2,"results":[` + u0 + `,` + u0 + `]}`, "", 4, "users: 1 of 2 read"},
		{"too many", "/systemusers", `{"totalCount":1,"results":[` + u0 + `,{"_id":"7","username":"x"}]}`, "", 4, "users: 2 read, but JumpCloud counts 1"},
		{"without a name", "/systemusers", `{"totalCount":2,"results":[` + u0 + `,{"_id":"7"}]}`, "", 4, "users: 1 of 2 read"},
		{"without an id", "/systemusers", `{"totalCount":2,"results":[` + u0 + `,{"username":"u2"}]}`, "", 4, "users: 1 of 2 read"},
		{"two of one name", "/systemusers", `{"totalCount":2,"results":[` + u1 + `,` + u0 + `]}`, "", 4, ""},
		{"no total of users", "/systemusers", `{"results":[]}`, "", 4, "users: 0 read, and JumpCloud gives no total"},
		{"no total of users for a moment", "/systemusers", `{"results":[]}`, "", 3, ""},
		{"null for the total of users", "/systemusers", `{"totalCount":null,"results":[]}`, "", 4, "users: 0 read, and JumpCloud gives no total"},
		{"less than no users", "/systemusers", `{"totalCount":-1,"results":[]}`, "", 4, "users: 0 read, and JumpCloud gives no total"},
		{"a word for the total of users", "/systemusers", `{"totalCount":"many","results":[]}`, "", 4, "users: 0 read, and JumpCloud gives no total"},
		{"a total of users as a text", "/systemusers", `{"totalCount":"1","results":[` + u0 + `]}`, "", 4, ""},
		{"no groups and no total", "/usergroups", `[]`, "", 4, "groups: 0 read, and JumpCloud gives no total"},
		{"no groups and nonsense for a total", "/usergroups", `[]`, "x", 4, "groups: 0 read, and JumpCloud gives no total"},
		{"groups", "/usergroups", `[{"id":"8","name":"Data"}]`, "3", 4, "groups: 1 of 3 read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, c := serve(t, kelp(people(1), nil), answers(tt.times, tt.path, http.Header{"X-Total-Count": {tt.total}}, tt.body))
			live := mustRead(t, c, ReadOptions{Desired: desired(nil, nil)})
			if diff := cmp.Diff(tt.want, live.Incomplete); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for i := 1; i < len(live.Objects); i++ {
				if live.Objects[i-1].Kind == live.Objects[i].Kind && live.Objects[i-1].Key >= live.Objects[i].Key {
					t.Errorf("objects %d and %d are not in order: %v", i-1, i, live.Objects)
				}
			}
		})
	}
}

// Somebody who is deleted while the list is read moves the others, of whom
// one is missed: the list is read again.
func TestReadShiftingPages(t *testing.T) {
	t.Parallel()
	faults := &sandbox.Faults{Rules: []sandbox.Rule{{Path: "/api/systemusers", Times: 2, Fault: sandbox.Fault{Shift: 1}}}}
	s, c := serve(t, kelp(people(250), nil), sandbox.Options{Faults: faults})
	live := mustRead(t, c, ReadOptions{})
	if live.Totals.Users != 250 || live.Incomplete != "" {
		t.Errorf("%d users, incomplete %q", live.Totals.Users, live.Incomplete)
	}
	if n := len(s.Requests()); n <= 4 {
		t.Errorf("%d requests, want more than one round", n)
	}
	faults.Rules[0].Times = 0
	_, c = serve(t, kelp(people(250), nil), sandbox.Options{Faults: faults})
	if live = mustRead(t, c, ReadOptions{}); live.Incomplete == "" {
		t.Errorf("%d users of 250 are taken for all", live.Totals.Users)
	}
}

// What is gone between the list and the look makes the read incomplete.
// An empty answer is believed only where nothing speaks against it.
func TestReadEmptyAnswer(t *testing.T) {
	t.Parallel()
	st := kelp(people(2), []sandbox.Group{{"name": "Data", "members": []any{"u000"}}})
	_, c := serve(t, st, answers(1+rereads, "/systemusers", nil, `{"totalCount":0,"results":[]}`))
	live := mustRead(t, c, ReadOptions{})
	if want := "users: none were read, but groups have members"; live.Incomplete != want {
		t.Errorf("incomplete %q, want %q", live.Incomplete, want)
	}
}

func TestReadGoneMeanwhile(t *testing.T) {
	t.Parallel()
	want := desired(nil, map[string]Intent{"Data": {Exact: true}, "Old": {Absent: true}, "u000": {NoGroups: true}},
		object(schema.User, "u000"), object(schema.Group, "Data"), object(schema.Group, "Old"),
		object(schema.Group, "Ops", schema.Value{Field: schema.GroupAttributes, Part: "sudo"}))
	groups := []sandbox.Group{{"name": "Data"}, {"name": "Old"}, {"name": "Ops"}}
	_, c := serve(t, kelp(people(1), groups), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/systemusers") || strings.HasSuffix(r.URL.Path, "/usergroups") {
			return nil
		}
		return &sandbox.Fault{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`}
	}})
	live := mustRead(t, c, ReadOptions{Desired: want})
	const reasons = `group "Data" was deleted while it was read; group "Old" was deleted while it was read; ` +
		`group "Ops" was deleted while it was read; user "u000" was deleted while it was read`
	if diff := cmp.Diff(reasons, live.Incomplete); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f := live.Facts[live.Find(schema.Group, "Data")]; f.MembersRead {
		t.Errorf("members of a group that is gone count as read: %+v", f)
	}
}
