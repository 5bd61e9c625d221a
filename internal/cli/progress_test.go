package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPlainProgress proves that a log gets a line at most every half minute,
// with counts, rate and the time left over all tasks.
func TestPlainProgress(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	var b bytes.Buffer
	r := &run{Global: &Global{}, err: &b, now: func() time.Time { return now }}
	p := &progress{text: "reading 2 organizations", unit: "requests", parts: map[int]part{}, plain: newPlainLines(r)}
	if p.onTerminal() {
		t.Error("a log is no terminal")
	}
	for _, step := range []struct {
		after             time.Duration
		task, done, total int
	}{
		{time.Second, 0, 1, 10}, {28 * time.Second, 1, 2, 10}, {time.Second, 0, 28, 100}, {time.Second, 1, 3, 10}, {29 * time.Second, 1, 10, 10}, {time.Second, 0, 100, 100},
	} {
		now = now.Add(step.after)
		p.of(step.task, "Kelp")(step.done, step.total)
	}
	p.print(func() { b.WriteString("a warning\n") })
	p.clear()
	p.of(0, "Kelp")(100, 100)
	want := "rollcall: reading 2 organizations: 30/110 requests, 1.0/s, 1m20s left\n" +
		"rollcall: reading 2 organizations: 38/110 requests, 0.6/s, 1m53s left\n" + "a warning\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestThrottled proves that a wait that JumpCloud asks for is told, and that
// --quiet and short ones are not.
func TestThrottled(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		quiet bool
		wait  time.Duration
		want  string
	}{
		{false, 90 * time.Second, "rollcall: JumpCloud asks to slow down: waiting until 12:01:30 UTC, 1m30s\n"},
		{false, 2 * time.Second, ""},
		{true, 90 * time.Second, ""},
	} {
		var b bytes.Buffer
		r := &run{Global: &Global{Quiet: c.quiet}, err: &b, now: func() time.Time { return now }}
		r.throttled(now.Add(c.wait))
		if d := cmp.Diff(c.want, b.String()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.wait, d)
		}
	}
}
