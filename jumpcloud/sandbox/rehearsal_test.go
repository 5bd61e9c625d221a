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

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

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

// only is one rule.
func only(r sandbox.Rule) sandbox.Faults { return sandbox.Faults{Rules: []sandbox.Rule{r}} }

// once befalls the first request.
func once(f sandbox.Fault) sandbox.Faults { return only(sandbox.Rule{Times: 1, Fault: f}) }

const users = "/api/systemusers?limit=100&sort=_id"

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
