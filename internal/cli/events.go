package cli

import (
	"errors"
	"fmt"
	"sync"

	"rollcall/apply"
	"rollcall/plan/report"
)

// events prints what becomes of changes while plans are applied: lines of
// JSON on standard output, or text on standard error. Lines come in the order
// of the organizations and of the changes in their plans, whatever ends first:
// what is early waits until all before it are out.
type events struct {
	*run
	json  bool
	once  bool // what is told of a failure goes where the summary goes, which tells more
	bar   *progress
	tasks []*task

	mu    sync.Mutex
	came  [][]apply.Outcome // by task and change; one without a status has not come yet
	count []int             // of those that came, by task
	over  []bool            // by task: no more will come
	task  int               // of the next line
	next  int               // change of the next line
}

func (r *run) newEvents(cmd *applyCmd, tasks []*task, bar *progress) *events {
	e := &events{
		run: r, json: cmd.Format == "json", once: samePlace(r.out.to, r.err), bar: bar, tasks: tasks,
		count: make([]int, len(tasks)), over: make([]bool, len(tasks)),
	}
	for _, t := range tasks {
		e.came = append(e.came, make([]apply.Outcome, len(t.org.Changes)))
	}
	return e
}

// add takes the outcome of change n of a task. It is called by several
// goroutines, as end is.
func (e *events) add(task, n int, o apply.Outcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.came[task][n] = o
	e.count[task]++
	e.release()
	e.bar.set(applying, task, e.count[task], len(e.came[task]))
}

// end says that a task has no more outcomes.
func (e *events) end(task int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over[task] = true
	e.release()
	e.bar.end(applying, task)
}

// release prints what has come, up to the first change that has not.
func (e *events) release() {
	for ; e.task < len(e.tasks); e.task, e.next = e.task+1, 0 {
		for ; e.next < len(e.came[e.task]); e.next++ {
			o := e.came[e.task][e.next]
			switch {
			case o.Status != "":
				e.print(e.tasks[e.task], e.next, o)
			case !e.over[e.task]:
				return
			}
		}
		if !e.over[e.task] {
			return
		}
	}
}

// print prints one line, if there is one for it: what was not begun and why
// is told in the summary alone.
func (e *events) print(t *task, n int, o apply.Outcome) {
	switch {
	case e.json:
		err := o.Err
		if o.Status == apply.Blocked {
			err = errors.New("needs " + changeText(&t.org.Changes[o.BlockedBy]))
		}
		_ = report.Event(e.out, t.org, string(o.Status), t.org.Changes[n], err) // e.out remembers a failed write
		_ = e.out.Flush()
	case o.Status == apply.Done && !e.bar.onTerminal() && !e.Quiet, o.Status == apply.Failed && !e.once:
		line := e.errColor.status(o.Status) + "  "
		if len(e.tasks) > 1 {
			line += report.Clean(t.label()) + ": "
		}
		e.bar.print(func() { fmt.Fprintln(e.err, line+changeText(&t.org.Changes[n])) })
	}
}

// status is a status in seven columns and its colour.
func (c colors) status(s apply.Status) string {
	text := fmt.Sprintf("%-7s", s)
	switch s {
	case apply.Done:
		return c.good(text)
	case apply.Failed:
		return c.bad(text)
	}
	return c.warn(text)
}
