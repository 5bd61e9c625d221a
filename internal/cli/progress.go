package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"rollcall/plan/report"
)

// barWidth is the width of the bar itself; a terminal that has no room for
// it and the text beside it shows the text alone.
const barWidth = 20

// widestName is how much room is kept for the name of an organization.
const widestName = 24

// progress is a line on a terminal that says what is going on, how far it is,
// how fast and until when. Where there is no terminal it is a line of text now
// and then. A nil progress shows nothing.
type progress struct {
	mu    sync.Mutex
	bar   *progressbar.ProgressBar // nil without a terminal
	plain *plainLines              // nil with one
	text  string
	task  string // the one that went on last, behind a colon; "" for none
	unit  string
	room  int // characters that text and task may have
	parts map[int]part
	pace  *paceOf // of the line; nil where there is no room for it
}

// part is how far one of several tasks is.
type part struct{ done, total int }

// progress starts a line about sessions, if standard error is a terminal and
// neither --quiet nor --debug is given. Verb is what is done to them, unit what
// is counted: requests, changes.
func (r *run) progress(verb string, sessions []*session, unit string) *progress {
	columns := width(r.err)
	switch {
	case r.Quiet || r.Debug:
		return nil
	case columns == 0:
		return &progress{text: verb + " " + several(sessions), unit: unit, parts: map[int]part{}, plain: newPlainLines(r)}
	}
	p := r.drawn(verb, sessions, unit, columns)
	r.line.Store(p)
	return p
}

// tellWaits is how long a wait must be to be told.
const tellWaits = 5 * time.Second

// throttled tells that JumpCloud asks to wait, above the line of progress.
func (r *run) throttled(until time.Time) {
	if now := r.now(); until.Sub(now) >= tellWaits {
		r.line.Load().print(func() {
			r.say("JumpCloud asks to slow down: waiting until %s UTC, %s", until.UTC().Format(time.TimeOnly), until.Sub(now).Round(time.Second))
		})
	}
}

// drawn is a line for a terminal of so many columns.
func (r *run) drawn(verb string, sessions []*session, unit string, columns int) *progress {
	names := 0
	for _, s := range sessions {
		names = max(names, len([]rune(among(sessions, s))))
	}
	return newProgress(r.err, verb+" "+several(sessions), unit, columns, min(names, widestName), r.now)
}

// newProgress is a line of so many columns with a text, and room behind it
// for so many characters of a name.
func newProgress(to io.Writer, text, unit string, columns, name int, now func() time.Time) *progress {
	const percent, rate = " 100% ||", ", 1234.5/s, 59m59s left"
	text = report.Clean(text)
	room := columns - len("  12345/12345 ") - len(unit) - len(percent) - 1
	p := &progress{text: text, unit: unit, parts: map[int]part{}}
	if room-len(rate) >= len([]rune(text)) {
		room -= len(rate)
		p.pace = newPace(now)
	}
	bar := min(barWidth, room-len([]rune(text))-name-len(": "))
	options := []progressbar.Option{
		progressbar.OptionSetWriter(to), progressbar.OptionThrottle(50 * time.Millisecond),
		progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetWidth(max(bar, 1)), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
	}
	if bar > 0 {
		room = len([]rune(text)) + name + len(": ")
	}
	p.room = room
	p.bar = progressbar.NewOptions(1, options...)
	return p
}

// onTerminal tells whether the line is one that is drawn over again.
func (p *progress) onTerminal() bool { return p != nil && p.bar != nil }

// clip shortens a text to a number of characters.
func clip(text string, to int) string {
	runes := []rune(text)
	if to = max(to, 1); len(runes) <= to {
		return text
	}
	return string(runes[:to-1]) + "…"
}

// of is the report function of one of several tasks, which the line names;
// "" names none.
func (p *progress) of(task int, name string) func(done, total int) {
	if p == nil {
		return nil
	}
	return func(done, total int) { p.name(name).set(task, done, total) }
}

// name puts the name of a task behind the text of the line.
func (p *progress) name(task string) *progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.task = ""
	if task != "" {
		p.task = ": " + report.Clean(task)
	}
	return p
}

func (p *progress) set(task, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parts == nil {
		return
	}
	p.parts[task] = part{done, total}
	done, total = p.sum()
	if p.plain != nil {
		p.plain.tell(p.text, p.unit, done, total)
		return
	}
	p.bar.Describe(p.line())
	p.bar.ChangeMax(total + 1) // a full bar is a finished one, and more may come
	_ = p.bar.Set(done)        // what cannot be drawn is no error of the run
}

// sum is how far all tasks are together.
func (p *progress) sum() (done, total int) {
	for _, t := range p.parts {
		done, total = done+t.done, total+t.total
	}
	return done, total
}

// line is the text of the line.
func (p *progress) line() string {
	const readable = 6 // characters of a name that still say something
	done, total := p.sum()
	text := p.text
	if len([]rune(text))+min(len([]rune(p.task)), len(": ")+readable) <= p.room {
		text += p.task
	}
	return fmt.Sprintf("%s  %d/%d %s%s", clip(text, p.room), done, total, p.unit, p.pace.text(done, total))
}

// print writes something above the line.
func (p *progress) print(write func()) {
	if p == nil {
		write()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		write()
		return
	}
	_ = p.bar.Clear()
	write()
	if p.parts != nil {
		_ = p.bar.RenderBlank()
	}
}

// clear takes the line away; nothing is shown after it.
func (p *progress) clear() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parts = nil
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
