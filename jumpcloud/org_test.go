package jumpcloud

import (
	"net/http"
	"testing"
)

func TestOrgHeader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path string
		want string
	}{
		{"/api/systemusers", "org1"},
		{"/api/systemusers/5f", "org1"},
		{"/api/search/systemusers", "org1"},
		{"/api/v2/usergroups/5f/members", "org1"},
		{"/api/v2/users/5f/memberof", "org1"},
		{"/api/usersettings", "org1"},
		{"/api/organizations", ""},
		{"/api/organizations/5f", ""},
		{"/api/search/organizations", ""},
		{"/api/users/getSelf", ""},
		{"/api/v2/organizations/5f/cases", ""},
		{"/api/v2/administrators", ""},
		{"/api/v2/providers/5f/organizations", ""},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			got := "not called"
			h := orgHeader{id: "org1", next: roundTrip(func(req *http.Request) (*http.Response, error) {
				got = req.Header.Get("x-org-id")
				return reply(200, ""), nil
			})}
			req := get(t, test.path)
			if _, err := h.RoundTrip(req); err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("x-org-id %q, want %q", got, test.want)
			}
			if len(req.Header) != 0 {
				t.Errorf("the caller's request was changed: %v", req.Header)
			}
		})
	}
}

func TestWithOrg(t *testing.T) {
	t.Parallel()
	var orgs []string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		orgs = append(orgs, r.Header.Get("x-org-id"))
		answerWith(200, `{"_id":"5f"}`)(w, r)
	}, func(o *Options) { o.OrgID = "one" })
	for _, c := range []*Client{c, c.WithOrg("two"), c.WithOrg("two").WithOrg(""), c} {
		if _, err := c.GetUser(t.Context(), "5f"); err != nil {
			t.Fatal(err)
		}
	}
	want := [4]string{"one", "two", "", "one"}
	if len(orgs) != len(want) || [4]string(orgs) != want {
		t.Errorf("x-org-id %q, want %q", orgs, want)
	}
	if got := c.WithOrg("two").Requests(); got != 4 {
		t.Errorf("Requests() = %d, want 4 over all copies", got)
	}
}
