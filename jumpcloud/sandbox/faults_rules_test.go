package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/jumpcloud/sandbox"
)

// Whoever asks more than allowed in a minute gets a 429 that says when to
// come again, each credential for itself.
func TestPerMinute(t *testing.T) {
	t.Parallel()
	var c clock
	r := rehearse(t, small(), only(sandbox.Rule{PerMinute: 3}), c.use)
	get := func() string { return r.told("GET", "/api/organizations", "")[:3] }
	for i, want := range []string{"200", "200", "200", "429", "429"} {
		same(t, fmt.Sprint("request ", i), want, get())
		c.add(5 * time.Second)
	}
	same(t, "how long", `429 Retry-After: 35 {"code":429,"message":"Too Many Requests","status":"TOO_MANY_REQUESTS"}`, r.told("GET", users, ""))
	c.add(35 * time.Second)
	same(t, "a minute after the first", "200", get())
	same(t, "and no more", "429", get())
	other, _ := http.NewRequest("GET", r.url+"/api/organizations", nil)
	other.Header.Set("x-api-key", "another")
	a, err := r.http.Do(other)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	same(t, "another key", http.StatusUnauthorized, a.StatusCode)
}

// One organization of several may go wrong.
func TestFaultsOfOneOrganization(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"One", "Two"} {
		st := tenants()
		r := rehearse(t, st, only(sandbox.Rule{Org: name, Fault: sandbox.Fault{Status: 401}}))
		for _, o := range r.s.Snapshot().Organizations {
			r.org = o.ID
			want := "200"
			if o.Name == name {
				want = "401"
			}
			same(t, name+": "+o.Name, want, r.told("GET", users, "")[:3])
		}
		same(t, "no organization", "200", r.told("GET", "/api/organizations", "")[:3])
	}
}

// A key of one organization means it, other credentials must name it.
func TestFaultsOfAnOrganizationThatIsNotNamed(t *testing.T) {
	t.Parallel()
	f := only(sandbox.Rule{Org: "One", Fault: sandbox.Fault{Status: 503}})
	a := start(t, tenants(), sandbox.Options{Faults: &f})
	a.h, a.org = a.s, ""
	for key, want := range map[string]int{"single": 503, "double": 401, "nobody": 401, "": 302} {
		a.header.Set("x-api-key", key)
		same(t, key, want, a.call("GET", "/systemusers", nil).Code)
	}
}

// Rules count only the requests that they are about.
func TestWhichRequests(t *testing.T) {
	t.Parallel()
	bad := sandbox.Fault{Status: 503}
	for name, c := range map[string]struct {
		rule sandbox.Rule
		want string // a digit of each status: users, user, PUT user, members, users, search, organizations
	}{
		"all":              {sandbox.Rule{Fault: bad}, "5555555"},
		"method":           {sandbox.Rule{Method: "PUT", Fault: bad}, "2252222"},
		"methods":          {sandbox.Rule{Method: "PUT|POST", Fault: bad}, "2252252"},
		"path":             {sandbox.Rule{Path: "/api/systemusers", Fault: bad}, "5222522"},
		"star":             {sandbox.Rule{Path: "/api/systemusers/*", Fault: bad}, "2552222"},
		"star in a path":   {sandbox.Rule{Path: "/api/v2/*/*/members", Fault: bad}, "2225222"},
		"two stars":        {sandbox.Rule{Path: "/api/systemusers/**", Fault: bad}, "5552522"},
		"two stars deep":   {sandbox.Rule{Path: "/api/*/usergroups/**", Fault: bad}, "2225222"},
		"anything":         {sandbox.Rule{Path: "/**", Fault: bad}, "5555555"},
		"another path":     {sandbox.Rule{Path: "/api/systemuser*/x/**", Fault: bad}, "2222222"},
		"body":             {sandbox.Rule{Contains: `"jobTitle"`, Fault: bad}, "2252222"},
		"query":            {sandbox.Rule{Contains: "sort=_id", Fault: bad}, "5222522"},
		"from":             {sandbox.Rule{From: 3, Fault: bad}, "2255555"},
		"times":            {sandbox.Rule{Times: 2, Fault: bad}, "5522222"},
		"the third":        {sandbox.Rule{From: 3, Times: 1, Fault: bad}, "2252222"},
		"the second GET":   {sandbox.Rule{Method: "GET", From: 2, Times: 1, Fault: bad}, "2522222"},
		"the second list":  {sandbox.Rule{From: 2, Times: 1, Fault: sandbox.Fault{Empty: true}}, "222e222"},
		"the second write": {sandbox.Rule{From: 2, Fault: sandbox.Fault{Trim: true}}, "2222222"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, small(), only(c.rule))
			user, group := "/api/systemusers/"+r.userID("mira"), "/api/v2/usergroups/"+r.groupID("Data")
			for _, q := range [][3]string{
				{"GET", users}, {"GET", user}, {"PUT", user, `{"jobTitle":"CEO"}`}, {"GET", group + "/members"}, {"GET", users},
				{"POST", "/api/search/systemusers", `{}`}, {"GET", "/api/organizations"},
			} {
				r.told(q[0], q[1], q[2])
			}
			got := ""
			for _, q := range r.s.Requests() {
				digit := fmt.Sprint(q.Status / 100)
				if q.Fault != nil && q.Fault.Empty {
					digit = "e"
				}
				got += digit
			}
			same(t, "statuses", c.want, got)
		})
	}
}

// Faults that do not answer add up; the first that answers ends it.
func TestFaultsAddUp(t *testing.T) {
	t.Parallel()
	r := rehearse(t, small(), sandbox.Faults{Rules: []sandbox.Rule{
		{Fault: sandbox.Fault{Delay: 1}}, {Fault: sandbox.Fault{Delay: 2}}, {Fault: sandbox.Fault{Total: 5}}, {Fault: sandbox.Fault{Total: -2}},
		{From: 2, Times: 1, Fault: sandbox.Fault{Status: 502, Header: http.Header{"X-A": {"b"}}}}, {Times: 2, Fault: sandbox.Fault{Status: 400}},
	}})
	for range 4 {
		r.told("GET", users, "")
	}
	same(t, "statuses", []int{400, 502, 400, 200}, r.sent())
	same(t, "waits", []time.Duration{3, 3, 3, 3}, r.waits())
	want := &sandbox.Fault{Delay: 3, Total: 3, Status: 502, Header: http.Header{"X-A": {"b"}}}
	same(t, "what befell the second", want, r.s.Requests()[1].Fault)
}

// Before is asked first, and its faults are the same ones.
func TestBefore(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 9)
	f := only(sandbox.Rule{Fault: sandbox.Fault{Status: 503}})
	r := rehearse(t, small(), f, func(o *sandbox.Options) {
		o.Before = func(q *http.Request) *sandbox.Fault {
			raw, _ := io.ReadAll(q.Body)
			seen <- string(raw)
			if q.Method == "PUT" {
				return &sandbox.Fault{Status: 502, Body: "late", After: true}
			}
			if q.Method == "POST" {
				return &sandbox.Fault{}
			}
			return nil
		}
	})
	same(t, "its fault", "502 late", r.told("PUT", "/api/systemusers/"+r.userID("mira"), `{"jobTitle":"CEO"}`))
	same(t, "the body that it saw", `{"jobTitle":"CEO"}`, <-seen)
	same(t, "after it", "CEO", r.user("mira")["jobTitle"])
	same(t, "a fault that changes nothing", "200", r.told("POST", "/api/search/systemusers", "{}"))
	same(t, "none", "503", r.told("GET", users, "")[:3])
}

// befallen is which of 300 requests meet a fault: each of 100 people three
// times, side by side or one after the other.
func befallen(t *testing.T, seed uint64, at time.Time, sideBySide bool) map[string][]int {
	t.Helper()
	f := only(sandbox.Rule{Rate: .3, Fault: sandbox.Fault{Status: 503}})
	f.Seed = seed
	st := people(0)
	s := sandbox.New(st, sandbox.Options{Faults: &f, Now: func() time.Time { return at }})
	a := &api{t: t, s: s, h: s, org: s.Snapshot().Organizations[0].ID, header: http.Header{"X-Api-Key": {s.Key()}, "Content-Type": {"application/json"}}}
	got := map[string][]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	one := func(i int) {
		body := fmt.Sprintf(`{"username":"u%d","email":"u%d@b"}`, i, i)
		for range 3 {
			w := a.call("POST", "/systemusers", body)
			mu.Lock()
			got[body] = append(got[body], w.Code/500)
			mu.Unlock()
		}
	}
	for i := range 100 {
		if sideBySide {
			wg.Go(func() { one(i) })
		} else {
			one(i)
		}
	}
	wg.Wait()
	return got
}

// The same requests meet the same faults with one seed, in any order and at
// any time, and others with another.
func TestSeed(t *testing.T) {
	t.Parallel()
	first := befallen(t, 7, noon, false)
	same(t, "side by side", first, befallen(t, 7, noon.Add(1000*time.Hour), true))
	n := 0
	for _, fates := range first {
		n += fates[0] + fates[1] + fates[2]
	}
	if n < 60 || n > 120 {
		t.Errorf("%d of 300 requests met a fault, want about 90", n)
	}
	if cmp.Equal(first, befallen(t, 8, noon, false)) {
		t.Error("another seed decides the same")
	}
}

// Ids of what is created have a time in them, which no decision follows.
func TestSeedAndIDs(t *testing.T) {
	t.Parallel()
	fates := func(at time.Time) []int {
		f := only(sandbox.Rule{Rate: .5, Path: "/api/systemusers/*", Fault: sandbox.Fault{Status: 503}})
		s := sandbox.New(people(0), sandbox.Options{Faults: &f, Now: func() time.Time { return at }})
		a := &api{t: t, s: s, h: s, org: s.Snapshot().Organizations[0].ID, header: http.Header{"X-Api-Key": {s.Key()}, "Content-Type": {"application/json"}}}
		var got []int
		for i := range 40 {
			made := a.get("POST", "/systemusers", fmt.Sprintf(`{"username":"u%d","email":"u%d@b"}`, i, i)).(map[string]any)
			got = append(got, a.call("GET", "/systemusers/"+made["id"].(string), nil).Code)
		}
		return got
	}
	same(t, "an hour later", fates(noon), fates(noon.Add(time.Hour)))
}
