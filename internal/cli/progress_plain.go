package cli

import (
	"fmt"
	"io"
	"time"

	"rollcall/plan/report"
)

// plainEvery is how often progress is told where there is no terminal: a log
// shows that a long run is alive, and a short one has no such line.
const plainEvery = 30 * time.Second

// plainLines are lines of progress in a log.
type plainLines struct {
	to         io.Writer
	now        func() time.Time
	began, was time.Time
}

func newPlainLines(r *run) *plainLines {
	now := r.now()
	return &plainLines{to: r.err, now: r.now, began: now, was: now}
}

// tell prints a line if it is time for one: how much is done, how fast, and how
// long the rest takes at that pace.
func (p *plainLines) tell(text, unit string, done, total int) {
	now := p.now()
	if now.Sub(p.was) < plainEvery {
		return
	}
	p.was = now
	line := fmt.Sprintf("rollcall: %s: %d/%d %s", report.Clean(text), done, total, unit)
	if took := now.Sub(p.began); done > 0 && took > 0 {
		rate := float64(done) / took.Seconds()
		line += fmt.Sprintf(", %.1f/s", rate)
		if left := total - done; left > 0 {
			line += fmt.Sprintf(", about %s left", (time.Duration(float64(left)/rate) * time.Second).Round(time.Second))
		}
	}
	fmt.Fprintln(p.to, line)
}
