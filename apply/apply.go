// Package apply makes the changes of a plan: one request a change, in the
// order of their needs, side by side where nothing stands between them.
package apply

import (
	"context"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/state"
)

// Status is what became of a change.
type Status string

const (
	Done    Status = "done"    // JumpCloud has it
	Failed  Status = "failed"  // JumpCloud refused it, or it could not be sent
	Blocked Status = "blocked" // it needs a change that was not made
	Stale   Status = "stale"   // JumpCloud has changed since the plan was made
	Skipped Status = "skipped" // not begun: the run was stopped before
)

// Statuses are all of them, in the order in which reports count them.
var Statuses = [...]Status{Done, Failed, Blocked, Stale, Skipped}

// Outcome is what became of one change.
type Outcome struct {
	Status    Status
	Err       error // of Failed and Stale
	BlockedBy int   // of Blocked: the index of a change that it needs
}

// Result is what became of a plan.
type Result struct {
	Changes []Outcome // of the plan's changes, by index
	Written int       // changes that were sent and took effect
}

// Options are how changes are made. The zero value works for plans without
// secrets.
type Options struct {
	Parallel int // changes at once; 0 is 8

	// Secret resolves a reference just before it is sent. Its errors must
	// not hold the secret. Nil fails the changes that need one.
	Secret func(state.Reference) (string, error)

	// Event is called for each outcome as it is known, by one goroutine at
	// a time. It may be nil.
	Event func(n int, o Outcome)
}

const defaultParallel = 8

// Run makes the changes of an organization's plan. A change that fails
// blocks what needs it and nothing else. When ctx ends, what has been sent
// is waited for and nothing new is begun. The error is for a plan that
// cannot be executed at all; what became of changes is in the Result.
func Run(ctx context.Context, c *jumpcloud.Client, p *plan.Org, o Options) (*Result, error) {
	s, err := newSchedule(p)
	if err != nil {
		return nil, err
	}
	if o.Parallel <= 0 {
		o.Parallel = defaultParallel
	}
	w := &writer{client: c, secret: o.Secret}
	r := &Result{Changes: make([]Outcome, len(p.Changes))}
	ids := newIDs(p)
	answers := make(chan answer)
	for running := 0; ; {
		for running < o.Parallel && ctx.Err() == nil && s.ready.Len() > 0 {
			n := s.next()
			job, err := ids.resolve(&p.Changes[n])
			running++
			go func() { answers <- w.make(context.WithoutCancel(ctx), n, job, err) }()
		}
		if running == 0 {
			break
		}
		a := <-answers
		running--
		r.record(s, ids, p, a, o.Event)
	}
	r.skip(s, o.Event)
	return r, nil
}

// answer is what came of one change.
type answer struct {
	n       int
	outcome Outcome
	written bool
	id      string // of the object that was created
}

// record notes an outcome and what follows from it for other changes.
func (r *Result) record(s *schedule, ids *ids, p *plan.Org, a answer, event func(int, Outcome)) {
	r.set(a.n, a.outcome, event)
	if a.written {
		r.Written++
	}
	if a.outcome.Status == Done {
		ids.created(&p.Changes[a.n], a.id)
		s.done(a.n)
		return
	}
	for _, b := range s.failed(a.n) {
		r.set(b.n, Outcome{Status: Blocked, BlockedBy: b.by}, event)
	}
}

func (r *Result) set(n int, o Outcome, event func(int, Outcome)) {
	r.Changes[n] = o
	if event != nil {
		event(n, o)
	}
}

// skip marks what was never begun.
func (r *Result) skip(s *schedule, event func(int, Outcome)) {
	for n := range r.Changes {
		if r.Changes[n].Status == "" {
			r.set(n, Outcome{Status: Skipped}, event)
		}
	}
}
