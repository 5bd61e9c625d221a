package jumpcloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// collection serves records 0..n-1 as {"id":"0"} in pages, in the shape that
// the route has.
type collection struct {
	n       int
	limit   int                // the most a page has; 0 is pageSize
	total   func(skip int) int // what it says there is; nil is n
	noTotal bool
	drop    func(i int) bool // records that are counted and not served
	null    bool             // null for the list
}

func (c collection) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	skip, _ := strconv.Atoi(q.Get("skip"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	if c.limit > 0 {
		limit = min(limit, c.limit)
	}
	list := []string{}
	for i := skip; i < min(skip+limit, c.n); i++ {
		if c.drop == nil || !c.drop(i) {
			list = append(list, fmt.Sprintf(`{"id":"%d"}`, i))
		}
	}
	total := c.n
	if c.total != nil {
		total = c.total(skip)
	}
	array := "[" + strings.Join(list, ",") + "]"
	if c.null {
		array = "null"
	}
	switch v1 := strings.HasPrefix(r.URL.Path, "/api/systemusers"); {
	case v1 && c.noTotal:
		fmt.Fprintf(w, `{"results":%s}`, array)
	case v1:
		fmt.Fprintf(w, `{"totalCount":%d,"results":%s}`, total, array)
	default:
		if !c.noTotal {
			w.Header().Set("x-total-count", strconv.Itoa(total))
		}
		io.WriteString(w, array)
	}
}

func ids(records []Record) ([]string, error) {
	out := []string{}
	for _, r := range records {
		out = append(out, r.ID())
	}
	return out, nil
}

// flat is all pages' ids in one.
func flat(pages [][]string) []string {
	out := []string{}
	for _, p := range pages {
		out = append(out, p...)
	}
	return out
}

// numbers are the ids from..to-1.
func numbers(from, to int) []string {
	out := []string{}
	for i := from; i < to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

func TestListRequests(t *testing.T) {
	t.Parallel()
	for _, l := range []Listing{Users(nil, nil), Groups(), Members("5f")} {
		for _, test := range []struct{ n, requests int }{{0, 1}, {1, 1}, {99, 1}, {100, 1}, {101, 2}, {200, 2}, {250, 3}, {2000, 20}} {
			t.Run(fmt.Sprintf("%s/%d", l.unit, test.n), func(t *testing.T) {
				t.Parallel()
				c, s := serve(t, collection{n: test.n}.ServeHTTP)
				told := 0
				pages, total, err := List(t.Context(), c, l.Telling(func(n int) { told = n }), ids)
				if err != nil {
					t.Fatal(err)
				}
				if len(s.seen()) != test.requests || c.Requests() != test.requests || len(pages) != test.requests || total != test.n {
					t.Errorf("%d requests, Requests() = %d, %d pages, total %d; want %d, %[5]d, %[5]d, %d",
						len(s.seen()), c.Requests(), len(pages), total, test.requests, test.n)
				}
				if told != test.requests {
					t.Errorf("told of %d pages, want %d", told, test.requests)
				}
				if diff := cmp.Diff(numbers(0, test.n), flat(pages)); diff != "" {
					t.Errorf("ids (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	odd := func(i int) bool { return i%2 == 1 }
	tests := []struct {
		name     string
		listing  Listing
		server   collection
		want     []string
		total    int
		requests int
	}{
		{"V2 goes on after a short page", Members("5f"), collection{n: 150, drop: odd}, nil, 150, 2},
		{"V2 goes on after an empty page", Members("5f"), collection{n: 250, drop: func(i int) bool { return i < 200 }}, numbers(200, 250), 250, 3},
		{"V1 goes on by what a capped page has", Users(nil, nil), collection{n: 50, limit: 20}, numbers(0, 50), 50, 3},
		{"V1 last page is short", Users(nil, nil), collection{n: 130}, numbers(0, 130), 130, 2},
		{"V1 without total", Users(nil, nil), collection{n: 130, noTotal: true}, numbers(0, 130), -1, 3},
		{"V1 without total, capped", Users(nil, nil), collection{n: 50, limit: 20, noTotal: true}, numbers(0, 50), -1, 4},
		{"V2 without total", Groups(), collection{n: 130, noTotal: true}, numbers(0, 130), -1, 3},
		{"V2 without total, short page", Groups(), collection{n: 130, noTotal: true, drop: func(i int) bool { return i == 7 }},
			append(numbers(0, 7), numbers(8, 130)...), -1, 3},
		{"null with a total of none", Users(nil, nil), collection{null: true}, []string{}, 0, 1},
		{"null with a header of none", Groups(), collection{null: true}, []string{}, 0, 1},
		{"empty without total", Groups(), collection{noTotal: true}, []string{}, -1, 1},
		{"total that grows while reading", Users(nil, nil), collection{n: 250, total: func(skip int) int { return 250 + skip/100 }}, numbers(0, 250), 252, 3},
		{"total that shrinks while reading", Users(nil, nil), collection{n: 250, total: func(skip int) int { return 250 - skip/100 }}, numbers(0, 250), 250, 3},
		{"total of a later page is of no use", Users(nil, nil), collection{n: 150, total: func(skip int) int { return 150 - 2*skip }}, numbers(0, 150), 150, 2},
		{"total of nonsense is none", Groups(), collection{n: 30, total: func(int) int { return -5 }}, numbers(0, 30), -1, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s := serve(t, test.server.ServeHTTP)
			pages, total, err := List(t.Context(), c, test.listing, ids)
			if err != nil {
				t.Fatal(err)
			}
			if test.want == nil {
				for i := 0; i < test.server.n; i += 2 {
					test.want = append(test.want, strconv.Itoa(i))
				}
			}
			if diff := cmp.Diff(test.want, flat(pages)); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			if total != test.total || len(s.seen()) != test.requests {
				t.Errorf("total %d and %d requests, want %d and %d: %q", total, len(s.seen()), test.total, test.requests, s.seen())
			}
		})
	}
}

// The first page comes alone, the others at once, and never more at once
// than allowed.
func TestListSideBySide(t *testing.T) {
	t.Parallel()
	const parallel = 4
	inFlight, most := atomic.Int32{}, atomic.Int32{}
	arrived := make(chan struct{}, 100)
	together := make(chan struct{})
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), inFlight.Add(1)))
		defer inFlight.Add(-1)
		if r.URL.Query().Get("skip") != "0" {
			arrived <- struct{}{}
			if len(arrived) == parallel {
				close(together)
			}
			<-together // the first four wait for each other: one after the other would hang
		}
		collection{n: 900}.ServeHTTP(w, r)
	}, func(o *Options) { o.Parallel = parallel })
	pages, _, err := List(t.Context(), c, Users(nil, nil), ids)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range pages {
		if diff := cmp.Diff(numbers(100*i, 100*i+100), p); diff != "" {
			t.Errorf("page %d (-want +got):\n%s", i, diff)
		}
	}
	if most.Load() != parallel {
		t.Errorf("%d requests at once, want %d", most.Load(), parallel)
	}
}

func TestListErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("cannot convert")
	later := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("skip") == "0" {
				collection{n: 250}.ServeHTTP(w, r)
				return
			}
			answerWith(status, body)(w, r)
		}
	}
	keep := func(records []Record) ([]string, error) { return ids(records) }
	tests := []struct {
		name    string
		listing Listing
		serve   http.HandlerFunc
		convert func([]Record) ([]string, error)
		want    string
	}{
		{"first page", Users(nil, nil), answerWith(401, `{"message":"Unauthorized"}`), keep, "GET /api/systemusers: 401: Unauthorized"},
		{"later page", Users(nil, nil), later(400, `{"message":"bad skip"}`), keep, "GET /api/systemusers: 400: bad skip"},
		{"404 is no empty list", Members("5f"), answerWith(404, ""), keep, "GET /api/v2/usergroups/5f/members: 404: Not Found"},
		{"no results", Users(nil, nil), answerWith(200, `{"totalCount":3}`), keep, "GET /api/systemusers: 200: read a page of users: no list in it"},
		{"null", Users(nil, nil), answerWith(200, "null"), keep, "GET /api/systemusers: 200: read a page of users: no list in it"},
		{"null array", Groups(), answerWith(200, "null"), keep, "GET /api/v2/usergroups: 200: read a page of groups: no list in it"},
		{"another body", Users(nil, nil), answerWith(200, `{"message":"later"}`), keep, "GET /api/systemusers: 200: read a page of users: no list in it"},
		{"no body", Groups(), answerWith(200, ""), keep, "GET /api/v2/usergroups: 200: read a page of groups: the JSON is cut short"},
		{"an object for an array", Groups(), answerWith(200, `{}`), keep,
			"GET /api/v2/usergroups: 200: read a page of groups: an object where an array belongs"},
		{"HTML", Users(nil, nil), answerWith(200, "<!DOCTYPE html><p>Welcome"), keep, "GET /api/systemusers: 200: an HTML page instead of JSON: is the URL right?"},
		{"impossible total", Users(nil, nil), answerWith(200, `{"totalCount":99999999999,"results":[]}`), keep,
			"GET /api/systemusers: 200: read a page of users: a total of 99999999999 cannot be right"},
		{"the same page for ever", Groups(), answerWith(200, `[{"id":"1"}]`), keep, "GET /api/v2/usergroups: 200: the server sends the same page of groups again"},
		{"bad id", Members("../x"), answerWith(200, "[]"), keep, `GET /api/v2/usergroups/..%2Fx/members: "../x" is no JumpCloud id`},
		{"no id", MemberOf(""), answerWith(200, "[]"), keep, `GET /api/v2/users//memberof: "" is no JumpCloud id`},
		{"convert of the first", Users(nil, nil), collection{n: 250}.ServeHTTP, func([]Record) ([]string, error) { return nil, broken }, "cannot convert"},
		{"convert of a later one", Users(nil, nil), collection{n: 250}.ServeHTTP, func(r []Record) ([]string, error) {
			if len(r) == 50 {
				return nil, broken
			}
			return nil, nil
		}, "cannot convert"},
		{"convert without total", Groups(), collection{noTotal: true}.ServeHTTP, func([]Record) ([]string, error) { return nil, broken }, "cannot convert"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _ := serve(t, test.serve)
			pages, _, err := List(t.Context(), c, test.listing, test.convert)
			if err == nil || err.Error() != test.want || pages != nil {
				t.Errorf("%d pages and error %v, want none and %s", len(pages), err, test.want)
			}
		})
	}
}

func TestListCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("skip") == "300" {
			cancel()
			<-r.Context().Done()
			return
		}
		collection{n: 2000}.ServeHTTP(w, r)
	})
	_, _, err := List(ctx, c, Users(nil, nil), ids)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context canceled", err)
	}
}

func TestListQueries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		listing Listing
		path    string
		want    url.Values
	}{
		{Users(nil, nil), "/api/systemusers", url.Values{"sort": {"_id"}}},
		{Users([]string{"username", "email"}, []string{"department:$eq:Sales & Co", "email:$eq:a+b@x.example"}), "/api/systemusers",
			url.Values{"sort": {"_id"}, "fields": {"username email"}, "filter": {"department:$eq:Sales & Co", "email:$eq:a+b@x.example"}}},
		{Groups(), "/api/v2/usergroups", url.Values{"sort": {"name"}}},
		{Groups("id", "name"), "/api/v2/usergroups", url.Values{"sort": {"name"}, "fields": {"id,name"}}},
		{Members("5f"), "/api/v2/usergroups/5f/members", url.Values{}},
		{MemberOf("60"), "/api/v2/users/60/memberof", url.Values{}},
		{Organizations(), "/api/organizations", url.Values{"sort": {"_id"}}},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			var got *url.URL
			c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				got = r.URL
				body := "[]"
				if test.listing.shape == envelope {
					body = `{"totalCount":0,"results":[]}`
				}
				answerWith(200, body)(w, r)
			})
			if _, err := c.all(t.Context(), test.listing); err != nil {
				t.Fatal(err)
			}
			query := got.Query()
			if query.Get("limit") != "100" || query.Get("skip") != "0" {
				t.Errorf("limit and skip in %s", got.RawQuery)
			}
			query.Del("limit")
			query.Del("skip")
			if diff := cmp.Diff(test.want, query); diff != "" || got.Path != test.path {
				t.Errorf("path %s; query (-want +got):\n%s", got.Path, diff)
			}
		})
	}
}

func TestListDropsNull(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, answerWith(200, `{"totalCount":3,"results":[null,{"_id":"1"},null]}`))
	pages, total, err := List(t.Context(), c, Users(nil, nil), ids)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1"}, flat(pages)); diff != "" || total != 3 {
		t.Errorf("total %d, ids (-want +got):\n%s", total, diff)
	}
}

func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", "{}", `[{"id":"1"},null]`, `{"totalCount":1,"results":[{"_id":"1"}]}`, `{"totalCount":"7","results":null}`,
		`{"totalCount":1e9,"results":[]}`, `{"totalCount":-1,"results":[[]]}`, `[{"id":1}]`,
	} {
		f.Add([]byte(seed), "12", true)
		f.Add([]byte(seed), "x", false)
	}
	f.Fuzz(func(t *testing.T, body []byte, header string, v1 bool) {
		s := bare2
		if v1 {
			s = envelope
		}
		p, err := s.parse(http.Header{"X-Total-Count": {header}}, body)
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Errorf("%q was read as a page", body)
		}
		if p.total < -1 || p.total > maxRecords {
			t.Errorf("total %d", p.total)
		}
		for _, r := range p.records {
			if r == nil {
				t.Error("a null record was kept")
			}
			_, _, _ = r.ID(), r.Text("name"), r.Bool("sudo")
		}
	})
}
