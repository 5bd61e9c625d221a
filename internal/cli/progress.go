package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/rivo/uniseg"

	"rollcall/plan/report"
)

// How often a line is drawn on a terminal, and how often one is printed
// where there is none: a log shows that a long run is alive, and a short one
// has no such line.
const (
	drawEvery  = 50 * time.Millisecond
	printEvery = 30 * time.Second
)

// progress is a line on a terminal that says what is going on, how far it is,
// how fast and until when. Where there is no terminal it is a line of text now
// and then. A nil progress shows nothing.
type progress struct {
	to      io.Writer
	now     func() time.Time
	columns func() int // of the terminal, asked at each drawing; nil without one
	names   []string   // of the organizations, by task; "" for the only one
	widest  int        // columns of the widest name
	only    string     // the name of the only one; "" for several
	tasks   int        // how many will have a part in a stage

	mu    sync.Mutex
	parts [len(stages)]map[int]part // by task; those whose turn has not come may be missing
	shown stage                     // the one that the line is about
	name  string                    // of the task that went on last
	paces [len(stages)]pace         // while they are shown
	last  time.Time                 // when something was shown
	width int                       // of the terminal when it was asked last
	drawn int                       // columns of the line that stands on the terminal; 0 for none
	over  bool
}

// stage is something that a run does with each of its organizations. Where
// several go on side by side, the line is about the first.
type stage uint8

const (
	reading stage = iota
	applying
	verifying
)

// stages are what the line says is done, and what of it is counted.
var stages = [...]struct{ verb, unit string }{
	reading: {"reading", "requests"}, applying: {"applying to", "changes"}, verifying: {"verifying", "requests"},
}

// part is how far one task is in a stage.
type part struct {
	done, total int
	busy        bool // it goes on
}

// progress starts a line about the sessions that have not failed and their
// first stage, unless --quiet or --debug is given.
func (r *run) progress(first stage, sessions []*session) *progress {
	if r.Quiet || r.Debug {
		return nil
	}
	p := &progress{to: r.err, now: r.now, shown: first}
	p.paces[first].start(r.now(), 0)
	if r.columns() > 0 {
		p.columns = r.columns
	} else {
		p.last = r.now()
	}
	for s := range p.parts {
		p.parts[s] = map[int]part{}
	}
	for _, s := range sessions {
		name := report.Clean(among(sessions, s))
		p.names, p.widest = append(p.names, name), max(p.widest, min(uniseg.StringWidth(name), widestName))
		if s.err == nil {
			p.tasks++
		}
	}
	if len(sessions) == 1 {
		p.only = report.Clean(sessions[0].label())
	}
	r.line.Store(p)
	return p
}

// onTerminal tells whether the line is one that is drawn over again.
func (p *progress) onTerminal() bool { return p != nil && p.columns != nil }

// expect says how much a task will be whose turn has not come.
func (p *progress) expect(s stage, task, total int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parts[s][task] = part{total: total}
}

// of is the report function of a task in a stage.
func (p *progress) of(s stage, task int) func(done, total int) {
	return func(done, total int) { p.set(s, task, done, total) }
}

// set says how far a task is that goes on.
func (p *progress) set(s stage, task, done, total int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parts[s][task] = part{done, total, true}
	if s == p.current() {
		p.name = p.names[task]
	}
	p.show()
}

// end says that nothing more comes of a task in a stage.
func (p *progress) end(s stage, task int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	done := p.parts[s][task].done
	p.parts[s][task] = part{done: done, total: done}
	p.show()
}

// current is the first stage in which something goes on, else the one that
// is shown.
func (p *progress) current() stage {
	for s, parts := range p.parts {
		for _, t := range parts {
			if t.busy {
				return stage(s)
			}
		}
	}
	return p.shown
}

// sum is how far all tasks are together in a stage.
func (p *progress) sum(s stage) (done, total int) {
	for _, t := range p.parts[s] {
		done, total = done+t.done, total+t.total
	}
	return done, total
}

// turn turns to the stage that the line is about now, if it is another one.
func (p *progress) turn(now time.Time) bool {
	was, s := p.shown, p.current()
	if s == was {
		return false
	}
	done, _ := p.sum(was)
	p.paces[was].stop(now, done)
	done, _ = p.sum(s)
	p.paces[s].start(now, done)
	p.shown = s
	return true
}

// show draws or prints a line if it is time for one: on a terminal also when
// another stage begins.
func (p *progress) show() {
	now, every := p.now(), printEvery
	if p.columns != nil {
		every = drawEvery
	}
	fresh := p.turn(now)
	if early := now.Sub(p.last) < every; p.over || early && (p.columns == nil || !fresh) {
		return
	}
	p.last = now
	if p.columns != nil {
		p.draw()
		return
	}
	t := p.texts()
	fmt.Fprintf(p.to, "rollcall: %s: %s%s\n", t.head, t.counts, t.pace)
}

// print writes something above the line.
func (p *progress) print(write func()) {
	if p == nil {
		write()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	again := p.drawn > 0
	p.erase()
	write()
	if again {
		p.draw()
	}
}

// clear takes the line away; nothing is shown after it.
func (p *progress) clear() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.erase()
}

// standing tells whether the line stands on a terminal now.
func (p *progress) standing() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.drawn > 0
}
