package cli

import (
	"sync"
	"time"
)

// tellWaits is how long a wait must be to be told, and how much longer than
// the one that was told.
const tellWaits = 5 * time.Second

// waits remembers until when the wait lasts that was told last.
type waits struct {
	mu   sync.Mutex
	told time.Time
}

// news tells whether a wait is to be told: requests that are refused at once
// each ask for nearly the same one.
func (w *waits) news(now, until time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if until.Sub(now) < tellWaits || until.Sub(w.told) < tellWaits {
		return false
	}
	w.told = until
	return true
}

// throttled tells that JumpCloud asks to wait, above the line of progress.
func (r *run) throttled(until time.Time) {
	now := r.now()
	if !r.waits.news(now, until) {
		return
	}
	r.line.Load().print(func() {
		r.say("JumpCloud asks to slow down: waiting until %s UTC, %s", until.UTC().Format(time.TimeOnly), until.Sub(now).Round(time.Second))
	})
}
