package story_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rollcall/apply"
	"rollcall/internal/openapitest"
	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/state"
)

// today is the day of all plans and of the sandbox's clock.
const today = "2026-11-23"

// tb is what a test and a check of random worlds have in common.
type tb interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// world is a sandbox and a client of it. Between them each request and each
// answer is held against the official documents.
type world struct {
	*sandbox.Server
	client *jumpcloud.Client
	past   past
	day    string // of its plans
}

// past is the base that plans of a world have.
type past struct {
	docs  []*state.Desired // of the base revision
	drift bool             // the file is its own base
}

// of is the base of a document, nil if there is none.
func (p past) of(d *state.Desired) *state.Desired {
	if p.drift {
		return d
	}
	if i := slices.IndexFunc(p.docs, func(b *state.Desired) bool { return b.ID == d.ID }); i >= 0 {
		return p.docs[i]
	}
	return nil
}

// name is what plans call the base.
func (p past) name() string {
	switch {
	case p.drift:
		return "the file itself"
	case len(p.docs) > 0:
		return "main"
	}
	return ""
}

// since is the world with another base.
func (w *world) since(p past) *world {
	other := *w
	other.past = p
	return &other
}

// newWorld is a world with a live state. Requests that are not as documented
// fail t.
func newWorld(t testing.TB, live sandbox.State) *world {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	server := sandbox.New(live, sandbox.Options{Now: now})
	client, err := jumpcloud.New(jumpcloud.Options{
		URL: "http://127.0.0.1", APIKey: server.Key(), Rate: -1,
		Transport: inMemory{openapitest.Wrap(t, server)},
		Sleep:     func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return &world{Server: server, client: client, day: today}
}

// inMemory is a transport that needs no network.
type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	answer := w.Result()
	answer.Request = r
	return answer, r.Context().Err()
}

func parseState(t tb, raw []byte) sandbox.State {
	t.Helper()
	live, err := sandbox.ParseState(raw)
	if err != nil {
		t.Fatal(err)
	}
	return live
}

// loadFile is the only document of a file.
func loadFile(t tb, path string) *state.Desired {
	t.Helper()
	return loadAll(t, path)[0]
}

// loadAll are the documents of a file.
func loadAll(t tb, path string) []*state.Desired {
	t.Helper()
	docs, _, err := state.Load([]string{path}, state.LoadOptions{Online: true})
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return docs
}

func write(t tb, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// read is what the plan of desired needs to know, or everything.
func (w *world) read(t tb, org string, desired *state.Desired) *state.Live {
	t.Helper()
	o := state.ReadOptions{ID: org, Desired: desired}
	if desired != nil {
		o.More = plan.BaseDetails(w.past.of(desired), desired)
	}
	live, err := state.Read(t.Context(), w.client.WithOrg(org), o)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return live
}

// plan reads the world and compares it with what is desired and, if there is
// one, with the base.
func (w *world) plan(t tb, desired *state.Desired, allow ...plan.Allow) (*plan.Org, *state.Live, error) {
	t.Helper()
	live := w.read(t, desired.ID, desired)
	base := w.past.of(desired)
	desired, _, err := desired.WithLive(live)
	switch {
	case err != nil:
		return nil, live, err
	case w.past.drift:
		base = desired
	default:
		base = bound(t, base, live)
	}
	org, err := plan.Diff(base, live, desired, plan.Options{AsOf: w.day, Allow: allow})
	return org, live, err
}

// bound is a document, which may be none, whose sources know who is live.
func bound(t tb, d *state.Desired, live *state.Live) *state.Desired {
	t.Helper()
	d, _, err := d.WithLive(live)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) apply(t tb, ctx context.Context, org *plan.Org, event func(int, apply.Outcome)) *apply.Result {
	t.Helper()
	secret := func(r state.Reference) (string, error) { return "Correct-horse-9-" + r.Env, nil }
	result, err := apply.Run(ctx, w.client.WithOrg(org.ID), org, apply.Options{Secret: secret, Event: event})
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return result
}

// verify reads again what was applied: all is as it was wanted, for as many
// requests as the plan says.
func (w *world) verify(t tb, live *state.Live, org *plan.Org, result *apply.Result) {
	t.Helper()
	w.ResetRequests()
	differences, err := apply.Verify(t.Context(), w.client.WithOrg(org.ID), org, result, apply.Options{Live: live})
	if err != nil || len(differences) > 0 {
		t.Errorf("verify: %v, %v", differences, err)
	}
	if got := len(w.Requests()); got != org.Summary.Verify {
		t.Errorf("verifying cost %d requests, the plan says %d: %v", got, org.Summary.Verify, w.Requests())
	}
}

// applyFirst stops an apply after a number of changes.
func (w *world) applyFirst(t tb, org *plan.Org, changes int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := 0
	w.apply(t, ctx, org, func(int, apply.Outcome) {
		if done++; done == changes {
			stop()
		}
	})
}
