package jumpcloud

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Finding users and groups: what is asked, and which of the records count,
// whatever a server makes of a filter.
func TestFind(t *testing.T) {
	t.Parallel()
	const (
		listed = "GET /api/systemusers?filter=username%3A%24eq%3Aeve.o&limit=100&skip=0&sort=_id"
		search = `POST /api/search/systemusers {"filter":{"or":[{"username":{"$regex":"(?i)^eve\\.o$"}},{"email":{"$regex":"(?i)^eve\\+o@kelp\\.example$"}}]},"limit":100,"skip":0,"sort":"_id"}`
		named  = "GET /api/v2/usergroups?filter=name%3Aeq%3AData&limit=100&skip=0&sort=name"
		all    = "GET /api/v2/usergroups?limit=100&skip=0&sort=name"
		none   = `200 {"totalCount":0,"results":[]}`
		noMore = "200 []"
	)
	users := func(records string) string { return `200 {"totalCount":1,"results":[` + records + `]}` }
	tests := []struct {
		name string
		find string // the group; "" is the user
		give []string
		log  []string
		want []string
		err  string
	}{
		{"user", "", []string{users(`{"_id":"5a","username":"Eve.O"}`)}, []string{listed}, []string{"5a"}, ""},
		{"user, filter ignored", "", []string{users(`{"_id":"5b","username":"bob"}`), none}, []string{listed, search}, nil, ""},
		{"user in other letters", "", []string{none, users(`{"_id":"5a","username":"EVE.O","email":"x@kelp.example"}`)}, []string{listed, search}, []string{"5a"}, ""},
		{"somebody with the e-mail", "", []string{none, users(`{"_id":"5b","username":"bob","email":"Eve+O@kelp.example"}`)}, []string{listed, search}, []string{"5b"}, ""},
		{"the username goes before the e-mail", "", []string{none, `200 {"totalCount":2,"results":[{"_id":"5b","username":"bob","email":"eve+o@kelp.example"},{"_id":"5a","username":"EVE.O"}]}`},
			[]string{listed, search}, []string{"5a"}, ""},
		{"search finds more than was asked", "", []string{none, users(`{"_id":"5b","username":"eve_o","email":"y@kelp.example"}`)}, []string{listed, search}, nil, ""},
		{"list fails", "", []string{"403 "}, []string{listed}, nil, "GET /api/systemusers: 403: Forbidden"},
		{"search fails", "", []string{none, "403 "}, []string{listed, search}, nil, "POST /api/search/systemusers: 403: Forbidden"},
		{"group", "Data", []string{`200 [{"id":"6a","name":"Data"}]`, noMore}, []string{named, "GET /api/v2/usergroups?filter=name%3Aeq%3AData&limit=100&skip=100&sort=name"}, []string{"6a"}, ""},
		{"group in other letters", "Data", []string{noMore, `200 [{"id":"6b","name":"DATA"},{"id":"6c","name":"Ops"}]`, noMore},
			[]string{named, all, "GET /api/v2/usergroups?limit=100&skip=100&sort=name"}, []string{"6b"}, ""},
		{"group that no filter can name", "A, B", []string{`200 [{"id":"6a","name":"A, B"},{"id":"6b","name":"a, b"}]`, noMore},
			[]string{all, "GET /api/v2/usergroups?limit=100&skip=100&sort=name"}, []string{"6a"}, ""},
		{"groups fail", "Data", []string{"403 "}, []string{named}, nil, "GET /api/v2/usergroups: 403: Forbidden"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s := serve(t, script(t, test.give...))
			var found []Record
			var err error
			if test.find == "" {
				found, err = c.FindUsers(t.Context(), "eve.o", "eve+o@kelp.example")
			} else {
				found, err = c.FindGroups(t.Context(), test.find)
			}
			if diff := cmp.Diff(test.log, s.seen()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			var got []string
			for _, r := range found {
				got = append(got, r.ID())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
			if msg := text(err); msg != test.err {
				t.Errorf("error %q, want %q", msg, test.err)
			}
		})
	}
}
