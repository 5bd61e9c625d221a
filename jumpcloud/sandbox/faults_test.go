package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
)

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
		"204":                    {sandbox.Fault{Status: 204}, "204", "GET /api/systemusers: 204", []int{204}},
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
			got, _, _ := strings.Cut(r.usernames(), ": read a page")
			same(t, "with it", c.client, got)
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

// Without a Sleep the sandbox really waits, but for nobody who has left.
func TestRealSleep(t *testing.T) {
	t.Parallel()
	f := only(sandbox.Rule{Fault: sandbox.Fault{Delay: 1}})
	s := sandbox.New(small(), sandbox.Options{Faults: &f})
	for _, ctx := range []context.Context{t.Context(), cancelled(t)} {
		q := httptest.NewRequestWithContext(ctx, "GET", "/api/organizations", nil)
		q.Header.Set("x-api-key", s.Key())
		w := httptest.NewRecorder()
		s.ServeHTTP(w, q)
		same(t, "status", 200, w.Code)
	}
	f = only(sandbox.Rule{Fault: sandbox.Fault{Delay: sandbox.Duration(10 * time.Minute)}})
	if err := s.SetFaults(f); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(cancelled(t), "GET", "/api/organizations", nil))
	same(t, "status", 302, w.Code)
}

func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
