package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestThrottled proves that a wait that JumpCloud asks for is told, once
// however many requests it refuses, and that --quiet and short ones are not.
func TestThrottled(t *testing.T) {
	t.Parallel()
	const first = "rollcall: JumpCloud asks to slow down: waiting until 12:01:30 UTC, 1m30s\n"
	type ask struct{ after, wait time.Duration }
	for _, c := range []struct {
		name  string
		quiet bool
		asks  []ask
		want  string
	}{
		{"one", false, []ask{{0, 90 * time.Second}}, first},
		{"short", false, []ask{{0, 2 * time.Second}}, ""},
		{"quiet", true, []ask{{0, 90 * time.Second}}, ""},
		{"several at once", false, []ask{{0, 90 * time.Second}, {40 * time.Millisecond, 90 * time.Second}, {time.Second, 91 * time.Second}, {time.Second, 30 * time.Second}}, first},
		{"much longer", false, []ask{{0, 90 * time.Second}, {10 * time.Second, 5 * time.Minute}},
			first + "rollcall: JumpCloud asks to slow down: waiting until 12:05:10 UTC, 5m0s\n"},
		{"again", false, []ask{{0, 90 * time.Second}, {90 * time.Second, 10 * time.Second}},
			first + "rollcall: JumpCloud asks to slow down: waiting until 12:01:40 UTC, 10s\n"},
		{"longer bit by bit", false, []ask{{0, 90 * time.Second}, {0, 93 * time.Second}, {0, 96 * time.Second}, {0, 99 * time.Second}},
			first + "rollcall: JumpCloud asks to slow down: waiting until 12:01:36 UTC, 1m36s\n"},
	} {
		var b bytes.Buffer
		now := noon
		r := &run{Global: &Global{Quiet: c.quiet}, err: &b, now: func() time.Time { return now }}
		for _, a := range c.asks {
			now = now.Add(a.after)
			r.throttled(now.Add(a.wait))
		}
		if d := cmp.Diff(c.want, b.String()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}
