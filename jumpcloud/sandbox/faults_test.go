package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
)

// rehearsal is a sandbox over HTTP on a bad day, with a client of it. Nobody
// sleeps: waits are noted.
type rehearsal struct {
	t      *testing.T
	s      *sandbox.Server
	url    string
	org    string
	http   *http.Client
	client *jumpcloud.Client

	mu             sync.Mutex
	waited, paused []time.Duration // of the client, of the sandbox
}

func rehearse(t *testing.T, st sandbox.State, f sandbox.Faults, adjust ...func(*sandbox.Options)) *rehearsal {
	t.Helper()
	r := &rehearsal{t: t, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	o := sandbox.Options{Faults: &f, Now: func() time.Time { return noon }, Sleep: r.note(&r.paused)}
	for _, a := range adjust {
		a(&o)
	}
	r.s = sandbox.New(st, o)
	url, stop, err := r.s.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	r.url, r.org = url, r.s.Snapshot().Organizations[0].ID
	r.client, err = jumpcloud.New(jumpcloud.Options{
		URL: url, APIKey: r.s.Key(), OrgID: r.org, Rate: -1, Parallel: 1,
		Transport: r.http.Transport, // net/http itself repeats what goes wrong on a connection that it keeps
		Sleep:     r.note(&r.waited),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// clock goes on from noon when it is told to.
type clock struct{ since atomic.Int64 }

func (c *clock) add(d time.Duration) { c.since.Add(int64(d)) }

func (c *clock) use(o *sandbox.Options) {
	o.Now = func() time.Time { return noon.Add(time.Duration(c.since.Load())) }
}

// note is a sleep that takes no time.
func (r *rehearsal) note(list *[]time.Duration) func(context.Context, time.Duration) error {
	return func(ctx context.Context, d time.Duration) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		*list = append(*list, d)
		return ctx.Err()
	}
}

// waits are those of the sandbox so far.
func (r *rehearsal) waits() []time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.paused)
}

// ask sends a request without the client; the body of an answer that is cut
// is what came of it, with the error.
func (r *rehearsal) ask(method, path, body string) (*http.Response, string, error) {
	r.t.Helper()
	q, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("x-api-key", r.s.Key())
	if !strings.HasPrefix(path, "/api/organizations") {
		q.Header.Set("x-org-id", r.org)
	}
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	a, err := r.http.Do(q)
	if err != nil {
		return nil, "", err
	}
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	return a, string(raw), err
}

// told is a request without the client in a line.
func (r *rehearsal) told(method, path, body string) string {
	r.t.Helper()
	a, text, err := r.ask(method, path, body)
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case a == nil:
		return err.Error()
	}
	line := fmt.Sprint(a.StatusCode)
	for _, name := range []string{"Retry-After", "X-Total-Count"} {
		if v := a.Header.Get(name); v != "" {
			line += " " + name + ": " + v
		}
	}
	if a.StatusCode >= 300 {
		line += " " + strings.Join(strings.Fields(text), " ")
	}
	if err != nil {
		line += " " + err.Error()
	}
	return line
}

func (r *rehearsal) user(name string) sandbox.User {
	st := r.s.Snapshot()
	return st.Organizations[0].User(name)
}

func (r *rehearsal) userID(name string) string {
	id, _ := r.user(name)["_id"].(string)
	return id
}

func (r *rehearsal) groupID(name string) string {
	st := r.s.Snapshot()
	id, _ := st.Organizations[0].Group(name)["id"].(string)
	return id
}

// usernames are what the client reads of the users, sorted, and the total.
func (r *rehearsal) usernames() string {
	r.t.Helper()
	pages, total, err := jumpcloud.List(r.t.Context(), r.client, jumpcloud.Users(nil, nil), func(all []jumpcloud.Record) ([]string, error) {
		var names []string
		for _, u := range all {
			names = append(names, u.Text("username"))
		}
		return names, nil
	})
	if err != nil {
		return err.Error()
	}
	names := slices.Sorted(slices.Values(slices.Concat(pages...)))
	return fmt.Sprint(names, " of ", total)
}

// sent are the statuses of all answers.
func (r *rehearsal) sent() []int {
	var list []int
	for _, q := range r.s.Requests() {
		list = append(list, q.Status)
	}
	return list
}

// only is one rule.
func only(r sandbox.Rule) sandbox.Faults { return sandbox.Faults{Rules: []sandbox.Rule{r}} }

// once befalls the first request.
func once(f sandbox.Fault) sandbox.Faults { return only(sandbox.Rule{Times: 1, Fault: f}) }

const users = "/api/systemusers?limit=100&sort=_id"

// TestAnswersInJumpCloudsPlace asks for the users: without the client, then
// with it while the same fault befalls its first request.
func TestAnswersInJumpCloudsPlace(t *testing.T) {
	t.Parallel()
	const all = "[jon mira ole] of 3"
	for name, c := range map[string]struct {
		fault  sandbox.Fault
		raw    string // without the client
		client string // with it
		sent   []int
	}{
		"429":                    {sandbox.Fault{Status: 429}, `429 {"code":429,"message":"Too Many Requests","status":"TOO_MANY_REQUESTS"}`, all, []int{429, 200}},
		"429 with Retry-After":   {sandbox.Fault{Status: 429, Header: http.Header{"retry-after": {"7"}}}, `429 Retry-After: 7 {"code":429,"message":"Too Many Requests","status":"TOO_MANY_REQUESTS"}`, all, []int{429, 200}},
		"500":                    {sandbox.Fault{Status: 500, Body: `{"message":"oops"}`}, `500 {"message":"oops"}`, all, []int{500, 200}},
		"502":                    {sandbox.Fault{Status: 502}, "502 <html> <head><title>Bad Gateway</title></head> <body> <center><h1>Bad Gateway</h1></center> </body> </html>", all, []int{502, 200}},
		"503":                    {sandbox.Fault{Status: 503, Body: "<title>later</title>"}, "503 <title>later</title>", all, []int{503, 200}},
		"HTML instead of a list": {sandbox.Fault{Status: 200, Body: "<html>"}, "200", "GET /api/systemusers: 200: an HTML page instead of JSON: is the URL right?", []int{200}},
		"401":                    {sandbox.Fault{Status: 401}, `401 {"error":"Unauthorized","message":"Unauthorized: api key user not found"}`, "GET /api/systemusers: 401: Unauthorized: api key user not found", []int{401}},
		"403":                    {sandbox.Fault{Status: 403}, `403 {"code":403,"message":"Forbidden","status":"PERMISSION_DENIED"}`, "GET /api/systemusers: 403: Forbidden", []int{403}},
		"204":                    {sandbox.Fault{Status: 204}, "204", "GET /api/systemusers: 204: read a page of users: unexpected end of JSON input", []int{204}},
		"reset":                  {sandbox.Fault{Drop: true}, "reset", all, []int{0, 200}},
		"reset after it":         {sandbox.Fault{Drop: true, After: true}, "reset", all, []int{0, 200}},
		"stall":                  {sandbox.Fault{Stall: sandbox.Duration(time.Minute)}, "reset", all, []int{0, 200}},
		"cut":                    {sandbox.Fault{Cut: true}, "200 unexpected EOF", all, []int{200, 200}},
		"a failure that is cut":  {sandbox.Fault{Status: 503, Cut: true}, "503 <html> <head><title>Service Unavailable</title></head> <body> unexpected EOF", all, []int{503, 200}},
		"slow":                   {sandbox.Fault{Slow: sandbox.Duration(8 * time.Second)}, "200", all, []int{200}},
		"delay":                  {sandbox.Fault{Delay: sandbox.Duration(time.Second)}, "200", all, []int{200}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same(t, "without the client", c.raw, rehearse(t, small(), once(c.fault)).told("GET", users, ""))
			r := rehearse(t, small(), once(c.fault))
			same(t, "with it", c.client, r.usernames())
			same(t, "sent", c.sent, r.sent())
		})
	}
}

// A client that gets a Retry-After waits for it, else a moment.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	r := rehearse(t, small(), once(sandbox.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}))
	r.usernames()
	same(t, "7 seconds", true, slices.ContainsFunc(r.waited, func(d time.Duration) bool { return d > 6*time.Second && d <= 7*time.Second }))
	r = rehearse(t, small(), once(sandbox.Fault{Status: 429}))
	r.usernames()
	same(t, "a moment", true, len(r.waited) == 1 && r.waited[0] <= time.Second)
}

// Writes are repeated where that is safe, and uncertain where they may have
// been made.
func TestWrites(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault     sandbox.Fault
		update    string // "" is no error
		create    string
		made      bool
		uncertain bool
	}{
		"429":            {sandbox.Fault{Status: 429}, "", "", true, false},
		"503":            {sandbox.Fault{Status: 503}, "", "POST /api/systemusers: 503: HTML page: Service Unavailable", false, true},
		"504 after it":   {sandbox.Fault{Status: 504, After: true}, "", "POST /api/systemusers: 504: HTML page: Gateway Timeout", true, true},
		"400":            {sandbox.Fault{Status: 400}, "PUT: 400: Bad Request", "POST /api/systemusers: 400: Bad Request", false, false},
		"reset":          {sandbox.Fault{Drop: true}, "", "POST /api/systemusers: read: connection reset by peer", false, true},
		"reset after it": {sandbox.Fault{Drop: true, After: true}, "", "POST /api/systemusers: read: connection reset by peer", true, true},
		"cut":            {sandbox.Fault{Cut: true}, "", "POST /api/systemusers: the answer was cut short: unexpected EOF", true, true},
		"stall after it": {sandbox.Fault{Stall: 1, After: true}, "", "POST /api/systemusers: read: connection reset by peer", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, small(), only(sandbox.Rule{Method: "PUT", Times: 1, Fault: c.fault}))
			id := r.userID("mira")
			_, err := r.client.UpdateUser(t.Context(), id, map[string]string{"jobTitle": "CEO"})
			same(t, "update", c.update, strings.Replace(line(err), " /api/systemusers/"+id, "", 1))
			if c.update == "" {
				same(t, "jobTitle", "CEO", r.user("mira")["jobTitle"])
			}
			r = rehearse(t, small(), only(sandbox.Rule{Method: "POST", Times: 1, Fault: c.fault}))
			_, err = r.client.CreateUser(t.Context(), map[string]string{"username": "ann", "email": "ann@kelp.example"})
			same(t, "create", c.create, line(err))
			same(t, "made", c.made, r.user("ann") != nil)
			same(t, "uncertain", c.uncertain, jumpcloud.Uncertain(err))
		})
	}
}

// line is an error without the addresses in it.
func line(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	if i, j := strings.Index(text, "read tcp "), strings.Index(text, ": read: "); i >= 0 && j > i {
		text = text[:i] + text[j+len(": "):]
	}
	return text
}

// waits of the sandbox add up to what was asked for.
func TestWaits(t *testing.T) {
	t.Parallel()
	const second = sandbox.Duration(time.Second)
	for name, c := range map[string]struct {
		rule sandbox.Rule
		want []time.Duration
	}{
		"delay": {sandbox.Rule{Fault: sandbox.Fault{Delay: 2 * second}}, []time.Duration{2 * time.Second}},
		"slow":  {sandbox.Rule{Fault: sandbox.Fault{Slow: 8 * second}}, slices.Repeat([]time.Duration{time.Second}, 8)},
		"stall": {sandbox.Rule{Fault: sandbox.Fault{Stall: 60 * second}}, []time.Duration{time.Minute}},
		"all":   {sandbox.Rule{Fault: sandbox.Fault{Delay: second, Stall: 5 * second}}, []time.Duration{time.Second, 5 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, small(), only(c.rule))
			r.told("GET", users, "")
			same(t, "waits", c.want, r.waits())
		})
	}
	r := rehearse(t, small(), only(sandbox.Rule{Jitter: second, Fault: sandbox.Fault{Delay: second}}))
	for range 20 {
		r.told("GET", users, "")
	}
	least, most := slices.Min(r.waits()), slices.Max(r.waits())
	same(t, "jitter", true, least >= time.Second && most < 2*time.Second && most-least > 500*time.Millisecond)
}

// A stall ends when the client gives up, and when the server stops.
func TestStallEndsWithItsClient(t *testing.T) {
	t.Parallel()
	stalled, left := make(chan struct{}), make(chan error, 1)
	r := rehearse(t, small(), once(sandbox.Fault{Stall: sandbox.Duration(10 * time.Minute)}), func(o *sandbox.Options) {
		o.Sleep = func(ctx context.Context, _ time.Duration) error {
			close(stalled)
			<-ctx.Done()
			left <- ctx.Err()
			return ctx.Err()
		}
	})
	ctx, giveUp := context.WithCancel(t.Context())
	go func() {
		<-stalled
		giveUp()
	}()
	if _, err := r.client.GetUser(ctx, r.userID("mira")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancelled request", err)
	}
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the sandbox's wait: %v", err)
	}
}

func TestStallEndsWithItsServer(t *testing.T) {
	t.Parallel()
	stalled := make(chan struct{})
	f := once(sandbox.Fault{Stall: sandbox.Duration(10 * time.Minute)})
	s := sandbox.New(small(), sandbox.Options{Faults: &f, Sleep: func(ctx context.Context, _ time.Duration) error {
		close(stalled)
		<-ctx.Done()
		return ctx.Err()
	}})
	url, stop, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error)
	go func() {
		_, err := http.Get(url + "/api/systemusers")
		answered <- err
	}()
	<-stalled
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := <-answered; err == nil {
		t.Error("a stalled request was answered")
	}
}

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
		"an entry went": {sandbox.Fault{Shift: 1}, "100 100 49 of 250 249 249", "2 of 2", "249 0 of 249"},
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

// count asks for a page, and is how many entries it has and its total, "-"
// for none.
func (r *rehearsal) count(path string) (int, string) {
	r.t.Helper()
	a, body, err := r.ask("GET", path, "")
	if err != nil {
		r.t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		r.t.Fatalf("%s: %v in %s", path, err, body)
	}
	total := any(a.Header.Get("X-Total-Count"))
	if m, ok := v.(map[string]any); ok {
		v, total = m["results"], m["totalCount"]
	}
	if total == nil || total == "" {
		total = "-"
	}
	return len(v.([]any)), fmt.Sprint(total)
}

// read is how many distinct ids a list has, how many come again, and the total.
func (r *rehearsal) read(l jumpcloud.Listing) string {
	r.t.Helper()
	pages, total, err := jumpcloud.List(r.t.Context(), r.client, l, func(all []jumpcloud.Record) ([]string, error) {
		var ids []string
		for _, u := range all {
			ids = append(ids, u.ID())
		}
		return ids, nil
	})
	if err != nil {
		return err.Error()
	}
	ids := slices.Sorted(slices.Values(slices.Concat(pages...)))
	n := len(slices.Compact(slices.Clone(ids)))
	return fmt.Sprint(n, " ", len(ids)-n, " of ", total)
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
	same(t, "a group", "201", r.told("POST", "/api/v2/usergroups", `{"name":" New ","attributes":{"ldapGroups":[{"name":" new "}],"n":null}}`))
	same(t, "its name", true, r.groupID("New") != "")
}

// A credential that is refused midway stops the client: it sends nothing
// more. So does a block of the address.
func TestRefusedMidway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault sandbox.Fault
		want  string
	}{
		"401": {sandbox.Fault{Status: 401}, "401: Unauthorized: api key user not found"},
		"403": {sandbox.Fault{Status: 403, Body: `{"message":"Your IP has been blocked due to suspected abuse"}`}, "403: Your IP has been blocked due to suspected abuse"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, people(250), only(sandbox.Rule{From: 3, Fault: c.fault}))
			same(t, "the third page", "GET /api/systemusers: "+c.want, r.usernames())
			same(t, "after that", true, strings.Contains(r.usernames(), "not sent, because the credential was refused before"))
			same(t, "sent", []int{200, 200, r.sent()[2]}, r.sent())
		})
	}
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

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
