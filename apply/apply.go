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
	Err       error // of Failed and Stale; it does not name the change again
	BlockedBy int   // of Blocked: the first of its needs that was not made
}

// Result is what became of a plan.
type Result struct {
	Changes []Outcome // of the plan's changes, by index
	Written int       // changes that were sent and took effect
}

// Count is how many changes have a status.
func (r *Result) Count(s Status) (n int) {
	for i := range r.Changes {
		if r.Changes[i].Status == s {
			n++
		}
	}
	return n
}

// Options are how changes are made. The zero value works for plans without
// secrets.
type Options struct {
	Parallel int // changes at once; 0 is 8

	// Secret resolves a reference just before it is sent. Its errors must
	// not hold the secret. Nil fails the changes that need one.
	Secret func(state.Reference) (string, error)

	// Event is called once for each change, as soon as its outcome is known,
	// by one goroutine at a time. It may be nil.
	Event func(n int, o Outcome)
}

const defaultParallel = 8

// Run makes the changes of an organization's plan. A change that fails
// blocks what needs it and nothing else. When ctx ends, what has been sent
// is waited for and nothing new is begun; the same when the client sends
// nothing any more because its credential was refused. The error is for a
// plan that cannot be executed at all; what became of changes is in the
// Result.
func Run(ctx context.Context, c *jumpcloud.Client, p *plan.Org, o Options) (*Result, error) {
	s, err := newSchedule(p)
	if err != nil {
		return nil, err
	}
	if o.Parallel <= 0 {
		o.Parallel = defaultParallel
	}
	r := &run{
		plan: p, schedule: s, event: o.Event,
		writer: &writer{client: c, secret: o.Secret, renamed: newNames(p)},
		ids:    ids{}, answers: make(chan answer),
		result: &Result{Changes: make([]Outcome, len(p.Changes))},
	}
	r.all(ctx, o.Parallel)
	r.rest()
	return r.result, nil
}

// run is a plan while it is applied. Only writer is used side by side.
type run struct {
	plan     *plan.Org
	event    func(int, Outcome)
	schedule *schedule
	writer   *writer
	ids      ids
	answers  chan answer
	result   *Result
}

// answer is what came of one change.
type answer struct {
	n       int
	outcome Outcome
	written bool
	id      string // of the object that was created
}

// all makes the changes, so many at once. Requests do not end with ctx.
func (r *run) all(ctx context.Context, parallel int) {
	running, stopped := 0, false
	for {
		for running < parallel && !stopped && ctx.Err() == nil && r.schedule.ready.Len() > 0 {
			r.start(context.WithoutCancel(ctx), r.schedule.next())
			running++
		}
		if running == 0 {
			return
		}
		a := <-r.answers
		running--
		stopped = stopped || jumpcloud.Stopped(a.outcome.Err)
		r.record(a)
	}
}

// start makes change n beside what is under way.
func (r *run) start(ctx context.Context, n int) {
	c, err := r.ids.resolve(&r.plan.Changes[n])
	go func() { r.answers <- r.writer.make(ctx, n, &c, err) }()
}

// record notes an outcome and what follows from it for other changes.
func (r *run) record(a answer) {
	r.set(a.n, a.outcome)
	if a.written {
		r.result.Written++
	}
	made := a.outcome.Status == Done
	if made {
		r.ids.created(&r.plan.Changes[a.n], a.id)
	}
	for _, b := range r.schedule.settle(a.n, made) {
		r.set(b.n, Outcome{Status: Blocked, BlockedBy: b.by})
	}
}

func (r *run) set(n int, o Outcome) {
	r.result.Changes[n] = o
	if r.event != nil {
		r.event(n, o)
	}
}

// rest settles what was never begun because the run was stopped: blocked if
// it could not have been made, else skipped. Needs come before what needs
// them.
func (r *run) rest() {
	for n := range r.result.Changes {
		if r.result.Changes[n].Status != "" {
			continue
		}
		o := Outcome{Status: Skipped}
		for _, m := range r.plan.Changes[n].Needs {
			if s := r.result.Changes[m].Status; s != Done && s != Skipped {
				o = Outcome{Status: Blocked, BlockedBy: m}
				break
			}
		}
		r.set(n, o)
	}
}
