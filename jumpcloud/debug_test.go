package jumpcloud

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestDebug(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		path string
		resp *http.Response
		err  error
		want string
	}{
		{"status", "/api/systemusers", reply(200, "x"), nil, "GET /api/systemusers 200 12ms\n"},
		{"no query", "/api/systemusers?filter=email:$eq:mira@x.example", reply(404, ""), nil, "GET /api/systemusers 404 12ms\n"},
		{"error", "/api/systemusers", nil, errors.New("bad\nluck with jca_key"), "GET /api/systemusers bad luck with [redacted] 12ms\n"},
		{"path on one line", "/api/systemusers/a%0Ab", reply(200, ""), nil, "GET /api/systemusers/a%0Ab 200 12ms\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			ticks := []time.Time{time.Unix(0, 0), time.Unix(0, 12_300_000)}
			d := &debug{to: &out, secrets: newSecrets("jca_key"),
				now: func() time.Time {
					now := ticks[0]
					ticks = ticks[1:]
					return now
				},
				next: roundTrip(func(*http.Request) (*http.Response, error) { return test.resp, test.err }),
			}
			resp, err := d.RoundTrip(withHeader(get(t, test.path), "x-api-key", "jca_key"))
			if resp != test.resp || !errors.Is(err, test.err) {
				t.Errorf("handed on %v, %v", resp, err)
			}
			if out.String() != test.want {
				t.Errorf("wrote %q, want %q", out.String(), test.want)
			}
		})
	}
}

func TestCounter(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	c := counter{sent: &sent, next: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errCut })}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { c.RoundTrip(get(t, "/")) })
	}
	wg.Wait()
	if sent.Load() != 10 {
		t.Errorf("counted %d, want 10, failures too", sent.Load())
	}
}
