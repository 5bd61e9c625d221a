package jumpcloud

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// errUnreachable is what the net package says when there is no connection.
var errUnreachable = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}

// errCut is what bound says of a body that ended too early.
var errCut = io.ErrUnexpectedEOF

func TestRetry(t *testing.T) {
	t.Parallel()
	const user, users, members = "/api/systemusers/5f", "/api/systemusers", "/api/v2/usergroups/5f/members"
	tests := []struct {
		name         string
		method, path string
		answers      []any // a status or an error each; the last one stays
		sent         int
		want         any
	}{
		{"success", "GET", user, []any{200}, 1, 200},
		{"get 429", "GET", user, []any{429, 200}, 2, 200},
		{"get 500 502 503 504", "GET", user, []any{500, 502, 503, 504, 200}, 5, 200},
		{"get gives up after four", "GET", user, []any{503}, 5, 503},
		{"get cut body", "GET", user, []any{errCut, 200}, 2, 200},
		{"get keeps failing", "GET", user, []any{errCut}, 5, errCut},
		{"get 404", "GET", user, []any{404}, 1, 404},
		{"get 501", "GET", user, []any{501}, 1, 501},
		{"get redirect", "GET", user, []any{302}, 1, 302},
		{"get too large", "GET", user, []any{errTooLarge{1}}, 1, errTooLarge{1}},
		{"put 503", "PUT", user, []any{503, 200}, 2, 200},
		{"put cut", "PUT", user, []any{errCut, 200}, 2, 200},
		{"delete 503", "DELETE", user, []any{503, 200}, 2, 200},
		{"member 503", "POST", members, []any{503, 204}, 2, 204},
		{"member cut", "POST", members, []any{errCut, 204}, 2, 204},
		{"activate 503", "POST", user + "/state/activate", []any{503, 200}, 2, 200},
		{"suspend 503", "POST", user + "/state/suspend", []any{503, 200}, 2, 200},
		{"unlock 503", "POST", user + "/unlock", []any{503, 200}, 2, 200},
		{"search 503", "POST", "/api/search/systemusers", []any{503, 200}, 2, 200},
		{"create user 429", "POST", users, []any{429, 200}, 2, 200},
		{"create user unreachable", "POST", users, []any{errUnreachable, 200}, 2, 200},
		{"create user 500", "POST", users, []any{500}, 1, 500},
		{"create user 503", "POST", users, []any{503}, 1, 503},
		{"create user cut", "POST", users, []any{errCut}, 1, errCut},
		{"create group 503", "POST", "/api/v2/usergroups", []any{503}, 1, 503},
		{"create group cut", "POST", "/api/v2/usergroups", []any{errCut}, 1, errCut},
		{"create group 429", "POST", "/api/v2/usergroups", []any{429, 201}, 2, 201},
		{"put with a password cut", "PUT", user + "?fullValidationDetails=password", []any{errCut}, 1, errCut},
		{"put with a password 429", "PUT", user + "?fullValidationDetails=password", []any{429, 200}, 2, 200},
		{"password cut", "POST", user + "/password", []any{errCut}, 1, errCut},
		{"password 503", "POST", user + "/password", []any{503}, 1, 503},
		{"ssh key 503", "POST", user + "/sshkeys", []any{503}, 1, 503},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sent := 0
			next := roundTrip(func(req *http.Request) (*http.Response, error) {
				if req.Method != "GET" {
					if body, _ := io.ReadAll(req.Body); string(body) != "{}" {
						t.Errorf("request %d has the body %q, want {}", sent+1, body)
					}
				}
				a := test.answers[min(sent, len(test.answers)-1)]
				sent++
				if err, ok := a.(error); ok {
					return nil, err
				}
				return reply(a.(int), "body"), nil
			})
			r := retry{next: next, safe: repeatable, sleep: noSleep, random: func() float64 { return 0 }}
			req := get(t, test.path)
			if test.method != "GET" {
				req = post(t, test.path, "{}")
				req.Method = test.method
			}
			resp, err := r.RoundTrip(req)
			if sent != test.sent {
				t.Errorf("%d requests, want %d", sent, test.sent)
			}
			if want, ok := test.want.(error); ok {
				if !errors.Is(err, want) {
					t.Errorf("error %v, want %v", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if body, _ := io.ReadAll(resp.Body); resp.StatusCode != test.want || string(body) != "body" {
				t.Errorf("%d %q, want %d with its body", resp.StatusCode, body, test.want)
			}
		})
	}
}

func TestRetryWaits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		random float64
		want   []time.Duration
	}{
		{"shortest", 0, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}},
		{"middle", 0.5, []time.Duration{750 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second, 6 * time.Second}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var slept []time.Duration
			r := retry{
				next:   roundTrip(func(*http.Request) (*http.Response, error) { return reply(503, ""), nil }),
				safe:   repeatable,
				random: func() float64 { return test.random },
				sleep: func(_ context.Context, d time.Duration) error {
					slept = append(slept, d)
					return nil
				},
			}
			if _, err := r.RoundTrip(get(t, "/api/systemusers")); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, slept); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBackoffIsCapped(t *testing.T) {
	t.Parallel()
	for attempt := range 100 {
		for _, random := range []float64{0, 0.999} {
			if d := backoff(backoffMin, backoffMax, attempt, random); d < backoffMin/2 || d > backoffMax {
				t.Errorf("attempt %d: %v, want %v to %v", attempt, d, backoffMin/2, backoffMax)
			}
		}
	}
}

func TestRetryEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	r := retry{
		next: roundTrip(func(*http.Request) (*http.Response, error) {
			sent++
			return reply(503, ""), nil
		}),
		safe:   repeatable,
		random: func() float64 { return 0 },
		sleep: func(ctx context.Context, _ time.Duration) error {
			cancel()
			return ctx.Err()
		},
	}
	_, err := r.RoundTrip(get(t, "/api/systemusers").WithContext(ctx))
	if !errors.Is(err, context.Canceled) || sent != 1 {
		t.Errorf("error %v after %d requests, want context canceled after 1", err, sent)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		header []string
		want   time.Duration
		ok     bool
	}{
		{"none", nil, 0, false},
		{"seconds", []string{"Retry-After", "7"}, 7 * time.Second, true},
		{"zero", []string{"Retry-After", "0"}, 0, true},
		{"negative", []string{"Retry-After", "-1"}, 0, false},
		{"words", []string{"Retry-After", "soon"}, 0, false},
		{"overflow", []string{"Retry-After", "99999999999999999999"}, 0, false},
		{"date", []string{"Retry-After", "Tue, 24 Nov 2026 10:00:09 GMT"}, 9 * time.Second, true},
		{"past date", []string{"Retry-After", "Tue, 24 Nov 2026 09:00:00 GMT"}, 0, true},
		{"date by the server's clock", []string{"Retry-After", "Tue, 24 Nov 2026 12:00:09 GMT", "Date", "Tue, 24 Nov 2026 12:00:04 GMT"}, 5 * time.Second, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, ok := retryAfter(reply(429, "", test.header...), now)
			if got != test.want || ok != test.ok {
				t.Errorf("retryAfter = %v, %v, want %v, %v", got, ok, test.want, test.ok)
			}
		})
	}
}

func TestRoughly(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		5*time.Minute + time.Second: "6 minutes", time.Hour: "60 minutes", 2*time.Hour + time.Second: "3 hours",
		24 * time.Hour: "24 hours", 639896 * time.Hour: "for more than a day",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestRetryAfterTooLong(t *testing.T) {
	t.Parallel()
	c, s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
	})
	_, err := c.GetUser(t.Context(), "5f")
	want := "GET /api/systemusers/5f: 429: Too Many Requests; the server asks to wait 60 minutes"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if n := len(s.seen()); n != 1 {
		t.Errorf("%d requests, want 1: nobody waits an hour", n)
	}
}
