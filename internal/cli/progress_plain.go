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

// paceOf is how fast something goes, from its beginning on.
type paceOf struct {
	now   func() time.Time
	began time.Time
}

func newPace(now func() time.Time) *paceOf { return &paceOf{now, now()} }

// text is the rate and how long the rest takes at it, behind a comma; "" as
// long as nobody can tell, and of a nil pace.
func (p *paceOf) text(done, total int) string {
	if p == nil {
		return ""
	}
	took := p.now().Sub(p.began)
	if done == 0 || took < time.Second {
		return ""
	}
	rate := float64(done) / took.Seconds()
	text := fmt.Sprintf(", %.1f/s", rate)
	if left := total - done; left > 0 {
		text += fmt.Sprintf(", %s left", (time.Duration(float64(left)/rate) * time.Second).Round(time.Second))
	}
	return text
}

// plainLines are lines of progress in a log.
type plainLines struct {
	to   io.Writer
	pace *paceOf
	was  time.Time
}

func newPlainLines(r *run) *plainLines {
	pace := newPace(r.now)
	return &plainLines{to: r.err, pace: pace, was: pace.began}
}

// tell prints a line if it is time for one: how much is done, how fast, and how
// long the rest takes at that pace.
func (p *plainLines) tell(text, unit string, done, total int) {
	now := p.pace.now()
	if now.Sub(p.was) < plainEvery {
		return
	}
	p.was = now
	fmt.Fprintf(p.to, "rollcall: %s: %d/%d %s%s\n", report.Clean(text), done, total, unit, p.pace.text(done, total))
}
