// Package apply makes the changes of a plan: one request a change, in the
// order of their needs, side by side where nothing stands between them.
package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

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
	Skipped Status = "skipped" // not begun, or nothing sent: the run was stopped before
)

// Statuses are all of them, in the order in which reports count them.
var Statuses = [...]Status{Done, Failed, Blocked, Stale, Skipped}

// Outcome is what became of one change.
type Outcome struct {
	Status    Status
	Err       error  // of Failed, Stale and Skipped; it does not name the change again
	BlockedBy int    // of Blocked: the first of its needs that was not made
	ID        string // of a Create that is done: what is there now
	Written   bool   // JumpCloud was changed; a Done change may have been there already
}

// Result is what became of a plan.
type Result struct {
	Changes []Outcome // of the plan's changes, by index
	Written int       // changes that were sent and took effect
	Stopped error     // why the run ended before everything was tried; nil if it did not
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

	// Live is what was read for the plan: dates of passwords are taken from it,
	// and numbers of people and members. Nil knows nothing.
	Live *state.Live

	// Before is called before a change is begun, and After when its outcome is
	// known, in the change's own goroutine, several at once. The change names
	// all ids. What Before refuses is not sent, and after an error of either
	// nothing new is begun. Changes that are never begun have neither. Nil is
	// nobody.
	Before func(n int, c *plan.Change) error
	After  func(n int, c *plan.Change, o Outcome) error

	// Sleep waits for what JumpCloud shows late; nil really sleeps.
	Sleep func(context.Context, time.Duration) error

	// Event is called once for each change, as soon as its outcome is known,
	// by one goroutine at a time. It may be nil.
	Event func(n int, o Outcome)

	Progress func(done, total int) // of Verify: the Tell of a state.Counter; nil is nobody
}

const defaultParallel = 8

// errInterrupted is why a run stops whose context has ended.
var errInterrupted = errors.New("interrupted")

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
		plan: p, schedule: s, o: o, ids: ids{}, answers: make(chan answer),
		result: &Result{Changes: make([]Outcome, len(p.Changes))},
		writer: &writer{
			client: c, secret: o.Secret, sleep: sleepOf(o), stopped: func() bool { return ctx.Err() != nil },
			renamed: newNames(p), activated: activatedBy(p), passwords: passwordDates(o.Live),
		},
	}
	r.all(ctx)
	r.rest()
	return r.result, nil
}

// run is a plan while it is applied. Only writer is used side by side.
type run struct {
	plan     *plan.Org
	o        Options
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
	stop    error // why nothing new may be begun, nil if it may
}

// all makes the changes, so many at once. Requests do not end with ctx.
func (r *run) all(ctx context.Context) {
	for running := 0; ; running-- {
		for running < r.o.Parallel && r.schedule.ready.Len() > 0 && !r.stopped(ctx) {
			r.start(context.WithoutCancel(ctx), r.schedule.next())
			running++
		}
		if running == 0 {
			return
		}
		a := <-r.answers
		r.result.Stopped = cmp.Or(r.result.Stopped, a.stop)
		r.record(a)
	}
}

// stopped tells whether nothing new may be begun, and remembers why.
func (r *run) stopped(ctx context.Context) bool {
	if r.result.Stopped == nil && ctx.Err() != nil {
		r.result.Stopped = errInterrupted
	}
	if r.result.Stopped == nil {
		r.result.Stopped = r.writer.client.Refused()
	}
	return r.result.Stopped != nil
}

// start makes change n beside what is under way.
func (r *run) start(ctx context.Context, n int) {
	c, err := r.ids.resolve(&r.plan.Changes[n])
	go func() {
		a := answer{n: n, outcome: Outcome{Status: Failed, Err: err}}
		if err == nil {
			a.outcome, a.stop = r.make(ctx, n, &c)
		}
		r.answers <- a
	}()
}

// make makes a change between Before and After.
func (r *run) make(ctx context.Context, n int, c *plan.Change) (o Outcome, stop error) {
	if r.o.Before != nil {
		if stop = r.o.Before(n, c); stop != nil {
			return Outcome{Status: Failed, Err: fmt.Errorf("not sent: %w", stop)}, stop
		}
	}
	o = r.writer.make(ctx, c)
	if r.o.After != nil {
		stop = r.o.After(n, c, o)
	}
	return o, stop
}

// record notes an outcome and what follows from it for other changes. What
// needs a change that was skipped is left to rest.
func (r *run) record(a answer) {
	r.set(a.n, a.outcome)
	if a.outcome.Written {
		r.result.Written++
	}
	made := a.outcome.Status == Done
	if made {
		r.ids.created(&r.plan.Changes[a.n], a.outcome.ID)
	}
	if a.outcome.Status == Skipped {
		r.result.Stopped = cmp.Or(r.result.Stopped, r.writer.client.Refused(), a.outcome.Err)
		return
	}
	for _, b := range r.schedule.settle(a.n, made) {
		r.set(b.n, Outcome{Status: Blocked, BlockedBy: b.by})
	}
}

func (r *run) set(n int, o Outcome) {
	r.result.Changes[n] = o
	if r.o.Event != nil {
		r.o.Event(n, o)
	}
}

// sleepOf is the Sleep of options.
func sleepOf(o Options) func(context.Context, time.Duration) error {
	if o.Sleep != nil {
		return o.Sleep
	}
	return func(ctx context.Context, d time.Duration) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return nil
		}
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
		o := Outcome{Status: Skipped, Err: fmt.Errorf("not begun: %w", r.result.Stopped)}
		for _, m := range r.plan.Changes[n].Needs {
			if s := r.result.Changes[m].Status; s != Done && s != Skipped {
				o = Outcome{Status: Blocked, BlockedBy: m}
				break
			}
		}
		r.set(n, o)
	}
}
