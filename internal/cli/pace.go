package cli

import (
	"fmt"
	"time"
)

// pace is how fast something goes, in one stretch of time or several.
type pace struct {
	began time.Time // this stretch
	from  int       // what was done before it
	took  time.Duration
	made  int // in the stretches before, which took so long
}

// stop ends a stretch.
func (p *pace) stop(now time.Time, done int) {
	p.took, p.made = p.took+now.Sub(p.began), p.made+done-p.from
}

// start begins a stretch.
func (p *pace) start(now time.Time, done int) { p.began, p.from = now, done }

// text is the rate and how long the rest takes at it, behind a comma; "" as
// long as nobody can tell. More says that the total will be higher, so that
// nobody knows how long the rest takes.
func (p *pace) text(now time.Time, done, total int, more bool) string {
	made, took := p.made+done-p.from, p.took+now.Sub(p.began)
	if made <= 0 || took < time.Second {
		return ""
	}
	rate := float64(made) / took.Seconds()
	text := fmt.Sprintf(", %.1f/s", rate)
	if left := total - done; left > 0 && !more {
		text += fmt.Sprintf(", %s left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
	}
	return text
}
