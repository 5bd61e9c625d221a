package story_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"time"

	"rollcall/apply"
	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/state"
)

// clock is time that passes only while somebody waits.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// rough is a world in which requests go wrong and runs are stopped. It notes
// each write that has changed something.
type rough struct {
	*sandbox.Server
	*ledger
	clock *clock

	mu   sync.Mutex // of what follows, and one request at a time
	stop stop
	sent int // requests of this run
}

// stop is where a run ends: before its request At, from 1 on; 0 is never.
type stop struct {
	at     int
	killed bool               // nothing is sent from there on; else the run is interrupted
	cancel context.CancelFunc // of the run
}

func newRough(t tb, live sandbox.State) *rough {
	c := &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	s := sandbox.New(live, sandbox.Options{Now: c.Now, Sleep: c.Sleep})
	return &rough{Server: s, clock: c, ledger: newLedger(t, s)}
}

// client is one that has not learned anything yet, and sends one request at a
// time, so that the same journey goes the same way again.
func (w *rough) client(t tb) *jumpcloud.Client {
	t.Helper()
	c, err := jumpcloud.New(jumpcloud.Options{URL: "http://127.0.0.1", APIKey: w.Key(), Rate: -1, Transport: w, Sleep: w.clock.Sleep, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// RoundTrip is http.RoundTripper.
func (w *rough) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent++; w.stop.at > 0 && w.sent >= w.stop.at {
		w.stop.cancel()
		if w.stop.killed {
			return nil, syscall.ECONNREFUSED
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := serve(w.Server, r)
	w.note(r, body)
	return answer, err
}

// serve is an answer as a connection brings it: whole, cut, or not at all.
func serve(h http.Handler, r *http.Request) (answer *http.Response, err error) {
	rec := httptest.NewRecorder()
	cut := func() (aborted bool) {
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				panic(p)
			} else if p != nil {
				aborted = true
			}
		}()
		h.ServeHTTP(rec, r)
		return false
	}()
	answer = rec.Result()
	answer.Request = r
	switch {
	case cut && answer.Header.Get("Content-Length") == "":
		return nil, syscall.ECONNRESET
	case cut:
		answer.Body = io.NopCloser(io.MultiReader(answer.Body, broken{}))
	}
	return answer, nil
}

// broken is a connection that ends too early.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// way is how a run knows what to do: from a file, or from a saved plan.
type way struct {
	desired *state.Desired
	allow   []plan.Allow
	saved   *plan.Org // nil plans anew
}

// left is what is to be done now. The error is that of reading, or of a file
// and an organization that do not go together.
func (y *way) left(ctx context.Context, c *jumpcloud.Client) (org *plan.Org, live *state.Live, stale int, err error) {
	o := plan.Options{AsOf: today, Allow: y.allow}
	if y.saved == nil {
		live, err = state.Read(ctx, c, state.ReadOptions{ID: y.desired.ID, Desired: y.desired})
		if err == nil {
			org, err = plan.Diff(nil, live, y.desired, o)
		}
		return org, live, 0, err
	}
	live, err = state.Read(ctx, c, state.ReadOptions{ID: y.saved.ID, Name: y.saved.Name, Region: y.saved.Region, More: y.saved.Details()})
	if err != nil {
		return nil, nil, 0, err
	}
	r := plan.Recheck(y.saved, live, o)
	return r.Org, live, len(r.Stale), nil
}

// errLeft is a run after which something is left to do.
var errLeft = errors.New("something is left")

// run is one run of rollcall, a process of its own: it reads, plans, applies
// and verifies. It is nil where the exit code would be 0.
func (w *rough) run(t tb, y *way, s stop) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.cancel = cancel
	w.mu.Lock()
	w.stop, w.sent = s, 0
	w.mu.Unlock()
	client := w.client(t).WithOrg(y.desired.ID)
	org, live, stale, err := y.left(ctx, client)
	switch {
	case err != nil:
		return err
	case len(org.Refused) > 0:
		return errors.New(org.Refused[0].Reason)
	}
	return w.apply(ctx, t, client, org, live, stale)
}

func (w *rough) apply(ctx context.Context, t tb, client *jumpcloud.Client, org *plan.Org, live *state.Live, stale int) error {
	t.Helper()
	secret := func(r state.Reference) (string, error) { return "Correct-horse-9-" + r.Env, nil }
	o := apply.Options{Secret: secret, Live: live, Sleep: w.clock.Sleep, Parallel: 1}
	before := len(w.sorted())
	result, err := apply.Run(ctx, client, org, o)
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	w.counted(t, result, len(w.sorted())-before)
	differences, err := apply.Verify(ctx, client, org, result, o)
	for n := range differences {
		t.Errorf("%s %s is kept differently: %+v", org.Changes[differences[n].Change].Action, org.Changes[differences[n].Change].Object, differences[n])
	}
	for _, o := range result.Changes {
		err = errors.Join(err, o.Err)
	}
	if stale > 0 || result.Count(apply.Done) < len(org.Changes) {
		err = errors.Join(errLeft, err)
	}
	return err
}

// counted holds that a run says of each write that took effect that it was
// made, or that this is not known. It may take what another run has made for
// its own: after a POST that was lost nobody can tell.
func (w *rough) counted(t tb, result *apply.Result, effects int) {
	t.Helper()
	unknown := 0
	for _, o := range result.Changes {
		if o.Err != nil && strings.Contains(o.Err.Error(), "is not known") {
			unknown++
		}
	}
	if effects > result.Written+unknown {
		t.Errorf("%d writes took effect, the run says %d, and that of %d it does not know", effects, result.Written, unknown)
	}
}
