package cli

import (
	"fmt"
	"time"
)

// pace is how fast something goes.
type pace struct {
	began time.Time
	from  int // what was done already
}

// text is the rate and how long the rest takes at it, behind a comma; "" as
// long as nobody can tell. More says that the total will be higher, so that
// nobody knows how long the rest takes.
func (p pace) text(now time.Time, done, total int, more bool) string {
	took := now.Sub(p.began)
	if done <= p.from || took < time.Second {
		return ""
	}
	rate := float64(done-p.from) / took.Seconds()
	text := fmt.Sprintf(", %.1f/s", rate)
	if left := total - done; left > 0 && !more {
		text += fmt.Sprintf(", %s left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
	}
	return text
}
