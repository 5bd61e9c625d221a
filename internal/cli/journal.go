package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"rollcall/apply"
	"rollcall/plan"
	"rollcall/plan/report"
)

// journal is a file that tells what was written to JumpCloud, by whom and
// when: a line for the run, one for each organization that is refused or has
// no plan, one before and one after each write, one for what JumpCloud keeps
// differently, and one with totals. Each line is on the disk
// before the run goes on, so after a crash the writes that were in flight are
// the lines before without a line after.
//
// A line that cannot be written ends the run: its error is kept, and nothing
// is sent any more. A nil journal is none.
type journal struct {
	name string
	file journalFile
	now  func() time.Time
	id   string // of the run
	cut  bool   // the last line of the file is not whole
	runs bool   // the line of the run is written

	mu  sync.Mutex
	err error
}

// journalFile is an *os.File.
type journalFile interface {
	io.WriteCloser
	Sync() error
}

// journalStart begins each journal.
const journalStart = `{"format":"` + journalFormat + `"`

// openJournal opens a journal to append to it, or makes one; "" is none. A
// file that is something else is left alone. What an earlier run has left in
// flight is told.
func (r *run) openJournal(name string) (*journal, error) {
	if name == "" {
		return nil, nil
	}
	_, missing := os.Lstat(name)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", name, cause(err))
	}
	cut, err := r.inspect(name, f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := f.Chmod(0o600); err != nil { // it may have been made by hand, for all to read
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", name, cause(err)), f.Close())
	}
	if missing != nil {
		syncFolder(filepath.Dir(name))
	}
	now := r.now()
	return &journal{name: name, file: f, now: r.now, cut: cut, id: fmt.Sprintf("%s-%d", now.UTC().Format("20060102T150405.000Z"), os.Getpid())}, nil
}

// syncFolder makes a new file's name outlive a crash, where that is possible.
func syncFolder(name string) {
	if d, err := os.Open(name); err == nil {
		_ = d.Sync() // not all file systems can
		d.Close()
	}
}

// inspect refuses a file that is no journal, and tells whether its last line
// is not whole.
func (r *run) inspect(name string, f *os.File) (cut bool, err error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return false, fmt.Errorf("open journal %s: %w", name, cause(err))
	case !info.Mode().IsRegular():
		return false, hinted("name a file", "journal %s is no regular file", name)
	case info.Size() == 0:
		return false, nil
	}
	start := make([]byte, len(journalStart))
	if _, err := f.ReadAt(start, 0); err != nil && err != io.EOF || string(start) != journalStart {
		return false, hinted("name a new file, or one that rollcall has made", "%s is no journal of rollcall and is left as it is", name)
	}
	log, err := readJournal(f)
	if err != nil {
		return false, fmt.Errorf("read journal %s: %w", name, cause(err))
	}
	r.tellInFlight(name, log)
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return !bytes.Equal(last, []byte("\n")), err
}

// tellInFlight says which writes of the last run have no end.
func (r *run) tellInFlight(name string, log *journalLog) {
	open := log.inFlight()
	if len(open) == 0 || open[0].Run != log.Entries[len(log.Entries)-1].Run {
		return
	}
	for _, e := range open {
		r.warn("%s: the run that began at %s did not end: whether it made this is not known: %s", name, log.began(e.Run), e.text())
	}
}

// warn prints a warning.
func (r *run) warn(format string, args ...any) {
	fmt.Fprintln(r.err, r.errColor.warn("rollcall: warning: ")+report.Clean(fmt.Sprintf(format, args...)))
}

// write appends an entry and waits until it is on the disk.
func (j *journal) write(e journalEntry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	e.Run, e.Time = j.id, j.now().UTC().Format(journalTime)
	line, err := report.Line(e)
	if j.cut {
		line = append([]byte("\n"), line...)
	}
	if err == nil {
		_, err = j.file.Write(line)
	}
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.err = fmt.Errorf("write journal %s: %w", j.name, cause(err))
	}
	j.cut = false
	return j.err
}

const journalTime = "2006-01-02T15:04:05.000Z07:00"

// begin writes the line of a run, and one for each organization that has
// nothing to be applied for a reason. A run without either is no line.
func (j *journal) begin(e journalEntry, refused []journalEntry) error {
	if j == nil || len(e.Orgs)+len(refused) == 0 {
		return nil
	}
	for _, e := range append([]journalEntry{e}, refused...) {
		if err := j.write(e); err != nil {
			return fmt.Errorf("%w; nothing was sent", err)
		}
	}
	j.runs = true
	return nil
}

// of are the hooks for one organization.
func (j *journal) of(o *plan.Org) (before func(int, *plan.Change) error, after func(int, *plan.Change, apply.Outcome) error) {
	if j == nil {
		return nil, nil
	}
	before = func(n int, c *plan.Change) error {
		e := entryOf(eventBegin, o, n, c)
		e.Fields, e.Mail = fieldsOf(c), c.Mail
		return j.write(e)
	}
	after = func(n int, c *plan.Change, outcome apply.Outcome) error {
		e := entryOf(eventEnd, o, n, c)
		e.Status, e.Written, e.Created = string(outcome.Status), &outcome.Written, outcome.ID
		if outcome.Err != nil {
			e.Error = outcome.Err.Error()
		}
		return j.write(e)
	}
	return before, after
}

// differs writes what JumpCloud keeps differently.
func (j *journal) differs(o *plan.Org, d *apply.Difference) {
	if j == nil {
		return
	}
	e := entryOf(eventDiffers, o, d.Change, &o.Changes[d.Change])
	e.Error = d.Text
	for i := range d.Wanted {
		e.Fields = append(e.Fields, journalField{Name: d.Wanted[i].Name(), Wanted: d.Wanted[i].JSON(), Live: d.Live[i].JSON()})
	}
	_ = j.write(e) // end tells
}

// end writes the line with totals and closes the file. Its error is the
// first of any line.
func (j *journal) end(tasks []*task) error {
	if j == nil {
		return nil
	}
	defer j.file.Close()
	if !j.runs {
		return nil
	}
	e := journalEntry{Event: eventTotal, Totals: &journalTotals{}}
	for _, t := range tasks {
		e.Totals.add(t)
		if t.failed != nil {
			e.Error = t.failed.Error()
		}
	}
	if err := j.write(e); err != nil {
		return fmt.Errorf("%w; nothing was begun after that", err)
	}
	return nil
}
