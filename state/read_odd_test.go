package state

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/schema"
)

// A list of users that JumpCloud does not count is not believed even where
// it lists some.
func TestReadUsersWithoutTotal(t *testing.T) {
	t.Parallel()
	const page = `{"results":[{"_id":"60aa0f2b1c9d440000a1b2c0","username":"u0"}]}`
	_, c := serve(t, kelp(people(1), nil), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		switch {
		case !strings.HasSuffix(r.URL.Path, "/systemusers"):
			return nil
		case r.URL.Query().Get("skip") == "0":
			return &sandbox.Fault{Status: http.StatusOK, Body: page}
		}
		return &sandbox.Fault{Status: http.StatusOK, Body: `{"results":[]}`}
	}})
	live := mustRead(t, c, ReadOptions{Desired: desired(nil, nil)})
	if want := "users: 1 read, and JumpCloud gives no total"; live.Incomplete != want {
		t.Errorf("incomplete %q, want %q", live.Incomplete, want)
	}
}

// Groups that are read to their end are taken without a total.
func TestReadGroupsWithoutTotal(t *testing.T) {
	t.Parallel()
	_, c := serve(t, kelp(people(1), nil), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		switch {
		case !strings.HasSuffix(r.URL.Path, "/usergroups"):
			return nil
		case r.URL.Query().Get("skip") == "0":
			return &sandbox.Fault{Status: http.StatusOK, Body: `[{"id":"60aa0f2b1c9d440000a1b2c8","name":"Data"}]`}
		}
		return &sandbox.Fault{Status: http.StatusOK, Body: `[]`}
	}})
	live := mustRead(t, c, ReadOptions{Desired: desired(nil, nil)})
	if live.Incomplete != "" || live.Totals.Groups != 1 {
		t.Errorf("incomplete %q, %d groups", live.Incomplete, live.Totals.Groups)
	}
}

// Memberships that are neither listed nor counted are told, not taken for none.
func TestReadUncounted(t *testing.T) {
	t.Parallel()
	_, c := serve(t, kelp(people(1), []sandbox.Group{{"name": "Data", "members": members(1)}}), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/members") || strings.HasSuffix(r.URL.Path, "/memberof") {
			return &sandbox.Fault{Status: http.StatusOK, Body: `[]`}
		}
		return nil
	}})
	live := mustRead(t, c, ReadOptions{Desired: desired(nil, map[string]Intent{"Data": {Exact: true}, "u000": {NoGroups: true}},
		object(schema.User, "u000"), object(schema.Group, "Data"))})
	want := []string{
		`user "u000": JumpCloud does not say how many groups there are and lists none; there may be some`,
		`group "Data": JumpCloud does not say how many members there are and lists none; nobody is removed`,
	}
	if diff := cmp.Diff(want, live.Notes); diff != "" || live.Incomplete != "" {
		t.Errorf("incomplete %q, notes (-want +got):\n%s", live.Incomplete, diff)
	}
	if f := live.Facts[1]; !f.Uncounted || len(live.Edges) > 0 {
		t.Errorf("fact %+v, edges %v", f, live.Edges)
	}
}

// Objects of one name are all there, in order, and know each other.
func TestReadTwins(t *testing.T) {
	t.Parallel()
	const users = `{"totalCount":4,"results":[{"_id":"c3","username":"U0"},{"_id":"a1","username":"u0.x"},{"_id":"b2","username":"u0"},{"_id":"d4","username":"x","manager":"c3"}]}`
	const groups = `[{"id":"e5","name":"Data"},{"id":"e6","name":"data"},{"id":"e4","name":"Data"}]`
	_, c := serve(t, kelp(nil, nil), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		h := http.Header{"X-Total-Count": {"3"}}
		switch {
		case strings.HasSuffix(r.URL.Path, "/systemusers"):
			return &sandbox.Fault{Status: http.StatusOK, Body: users}
		case strings.HasSuffix(r.URL.Path, "/usergroups"):
			return &sandbox.Fault{Status: http.StatusOK, Header: h, Body: groups}
		case strings.HasSuffix(r.URL.Path, "/e5/members"):
			h.Set("X-Total-Count", "2")
			return &sandbox.Fault{Status: http.StatusOK, Header: h, Body: `[{"to":{"id":"b2","type":"user"}},{"to":{"id":"c3","type":"user"}}]`}
		}
		return nil
	}})
	live := mustRead(t, c, ReadOptions{More: func(o *Object) Detail {
		if o.ID == "e5" {
			return MembersOf
		}
		return 0
	}})
	want := []Object{
		{Kind: schema.User, Key: "u0", Name: "u0", ID: "b2"}, {Kind: schema.User, Key: "u0#c3", Name: "U0", ID: "c3"},
		{Kind: schema.User, Key: "u0.x", Name: "u0.x", ID: "a1"}, {Kind: schema.User, Key: "x", Name: "x", ID: "d4"},
		{Kind: schema.Group, Key: "Data", Name: "Data", ID: "e4"}, {Kind: schema.Group, Key: "Data#e5", Name: "Data", ID: "e5"},
		{Kind: schema.Group, Key: "data", Name: "data", ID: "e6"},
	}
	if diff := cmp.Diff(want, live.Objects, cmpopts.IgnoreFields(Object{}, "Values")); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Edge{{"Data#e5", "u0"}, {"Data#e5", "u0#c3"}}, live.Edges); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Totals{4, 3, 2}, live.Totals); diff != "" || live.Incomplete != "" {
		t.Errorf("incomplete %q, totals (-want +got):\n%s", live.Incomplete, diff)
	}
	for l, ids := range [][]string{{"b2", "c3"}, {"b2", "c3"}, nil, nil, {"e4", "e5"}, {"e4", "e5"}, nil} {
		if diff := cmp.Diff(ids, live.Facts[l].Twins); diff != "" {
			t.Errorf("twins of %s (-want +got):\n%s", live.Objects[l].Key, diff)
		}
	}
	notes := []string{
		`users: 2 are named "u0" (b2, c3), so none of them is touched; rename or delete all but one in JumpCloud`,
		`groups: 2 are named "Data" (e4, e5), so none of them is touched; rename or delete all but one in JumpCloud`,
	}
	if diff := cmp.Diff(notes, live.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if boss, _ := live.Objects[3].Get(schema.Manager, ""); boss != "u0#c3" {
		t.Errorf("manager %q", boss)
	}
}

// What is reported does not depend on which answer comes first.
func TestReadErrorOrder(t *testing.T) {
	t.Parallel()
	groups := []sandbox.Group{{"name": "Data"}, {"name": "Ops"}, {"name": "Web"}}
	real := sandbox.New(kelp(people(1), groups), sandbox.Options{})
	org := real.Snapshot().Organizations[0]
	for _, tt := range []struct{ name, first, last, want string }{
		{"lists", "/systemusers", "/usergroups", "read users: "},
		{"details", "/usergroups/" + org.Group("Data")["id"].(string), "/usergroups/" + org.Group("Ops")["id"].(string) + "/members", `read group "Data": `},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			failed := make(chan struct{})
			var once sync.Once
			h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, tt.first):
					<-failed
					http.Error(w, `{"message":"later"}`, http.StatusUnauthorized)
				case strings.HasSuffix(r.URL.Path, tt.last):
					http.Error(w, `{"message":"sooner"}`, http.StatusForbidden)
					once.Do(func() { close(failed) })
				default:
					real.ServeHTTP(w, r)
				}
			}))
			defer h.Close()
			c, err := jumpcloud.New(jumpcloud.Options{URL: h.URL, APIKey: real.Key(), Rate: -1, Sleep: noSleep})
			if err != nil {
				t.Fatal(err)
			}
			_, err = Read(t.Context(), c.WithOrg(org.ID), ReadOptions{})
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
