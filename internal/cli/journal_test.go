package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/apply"
	"rollcall/plan"
	"rollcall/schema"
)

// paper is a journal's file in memory, on which only so many writes and
// flushes succeed; less than 0 is all.
type paper struct {
	bytes.Buffer
	writes, syncs int
	synced        int // bytes that are on the disk
}

var errFull = errors.New("no space left on device")

func (p *paper) Write(b []byte) (int, error) {
	if p.writes--; p.writes == -1 {
		p.Buffer.Write(b[:len(b)/2]) // what a full disk takes of it
		return len(b) / 2, errFull
	}
	return p.Buffer.Write(b)
}

func (p *paper) Sync() error {
	if p.syncs--; p.syncs == -1 {
		return errFull
	}
	p.synced = p.Len()
	return nil
}

func (*paper) Close() error { return nil }

func newJournal(file journalFile) *journal {
	return &journal{name: "audit.jsonl", file: file, id: "r1", runs: true, now: func() time.Time {
		return time.Date(2026, 11, 23, 11, 0, 0, 123456789, time.FixedZone("", 3600))
	}}
}

func mustRead(t *testing.T, from io.Reader) *journalLog {
	t.Helper()
	log, err := readJournal(from)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

var (
	kelp = &plan.Org{ID: "5f3c0a1b9d2e4c0001a7b9e1", Name: "Bright Kelp"}
	eve  = &plan.Change{Action: plan.Create, Object: plan.Name{Kind: schema.User, Name: "eve"}}
)

// A line is on the disk, in UTC with milliseconds, when its hook returns.
func TestJournalLines(t *testing.T) {
	t.Parallel()
	file := &paper{writes: -1, syncs: -1}
	before, after := newJournal(file).of(kelp)
	hidden := *eve
	hidden.Object.Name = "e\u202eve"
	if err := before(3, &hidden); err != nil || file.synced != file.Len() {
		t.Errorf("%v, %d of %d bytes are on the disk", err, file.synced, file.Len())
	}
	if err := after(3, eve, apply.Outcome{Status: apply.Failed, Err: errors.New("no")}); err != nil || file.synced != file.Len() {
		t.Errorf("%v, %d of %d bytes are on the disk", err, file.synced, file.Len())
	}
	want := `{"event":"begin","time":"2026-11-23T10:00:00.123Z","run":"r1","org":{"id":"5f3c0a1b9d2e4c0001a7b9e1","name":"Bright Kelp"},"change":3,"action":"create","object":{"kind":"user","name":"e\u202eve"}}
{"event":"end","time":"2026-11-23T10:00:00.123Z","run":"r1","org":{"id":"5f3c0a1b9d2e4c0001a7b9e1","name":"Bright Kelp"},"change":3,"action":"create","object":{"kind":"user","name":"eve"},"status":"failed","written":false,"error":"no"}
`
	if d := cmp.Diff(want, file.String()); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
}

// After the first line that cannot be written, every line is refused, and
// nothing is written into the file any more.
func TestJournalThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]*paper{"write": {writes: 1, syncs: -1}, "flush": {writes: -1, syncs: 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJournal(file)
			before, after := j.of(kelp)
			if err := before(0, eve); err != nil {
				t.Fatal(err)
			}
			const want = "write journal audit.jsonl: no space left on device"
			size := -1
			for i, err := range []error{after(0, eve, apply.Outcome{Status: apply.Done}), before(1, eve), after(1, eve, apply.Outcome{})} {
				if err == nil || err.Error() != want || !errors.Is(err, errFull) {
					t.Errorf("line %d: error %v, want %s", i, err, want)
				}
				if size >= 0 && file.Len() != size {
					t.Errorf("line %d was written after the failure", i)
				}
				size = file.Len()
			}
			if err := j.end([]*task{{}}); err == nil || err.Error() != want+"; nothing was begun after that" {
				t.Errorf("end: %v", err)
			}
			if open := mustRead(t, file).inFlight(); name == "write" && len(open) != 1 {
				t.Errorf("in flight: %+v, want the first change", open)
			}
		})
	}
}

func TestNoJournal(t *testing.T) {
	t.Parallel()
	var j *journal
	if before, after := j.of(kelp); before != nil || after != nil {
		t.Error("a nil journal has hooks")
	}
	j.differs(kelp, nil)
	if err := errors.Join(j.begin(journalEntry{Orgs: make([]journalOrg, 1)}, nil), j.end([]*task{{}})); err != nil {
		t.Error(err)
	}
}

// Lines of changes that are made side by side are whole.
func TestJournalSideBySide(t *testing.T) {
	t.Parallel()
	const changes = 50
	file := &paper{writes: -1, syncs: -1}
	before, after := newJournal(file).of(kelp)
	var all sync.WaitGroup
	for n := range changes {
		all.Go(func() {
			if err := errors.Join(before(n, eve), after(n, eve, apply.Outcome{Status: apply.Done})); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	log := mustRead(t, file)
	if len(log.Entries) != 2*changes || log.Cut != 0 || len(log.inFlight()) != 0 {
		t.Errorf("%d entries, %d cut, in flight %v", len(log.Entries), log.Cut, log.inFlight())
	}
}

// Whatever a run that was killed has left, the next lines are whole.
func TestJournalAfterACutLine(t *testing.T) {
	t.Parallel()
	const first = journalStart + `,"event":"run","time":"2026-11-23T09:00:00.000Z","run":"r0"}` + "\n"
	begin := func(n int) string {
		return fmt.Sprintf(`{"event":"begin","time":"2026-11-23T09:00:01.000Z","run":"r0","org":{"id":"o","name":"Kelp"},"change":%d,"action":"add","object":{"kind":"group","name":"Data"},"to":{"kind":"user","name":"eve"}}`+"\n", n)
	}
	whole := first + begin(0) + begin(1)
	for cut := len(journalStart); cut <= len(whole); cut++ {
		name := filepath.Join(t.TempDir(), "audit.jsonl")
		if err := os.WriteFile(name, []byte(whole[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		r := &run{err: &said, now: time.Now, env: func(string) string { return "" }}
		j, err := r.openJournal(name)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := errors.Join(j.write(journalEntry{Event: eventTotal}), j.file.Close()); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		log := mustRead(t, bytes.NewReader(text))
		if last := log.Entries[len(log.Entries)-1]; last.Event != eventTotal {
			t.Fatalf("cut at %d: the last entry is %+v", cut, last)
		}
		if told, want := strings.Count(said.String(), "did not end"), len(log.inFlight()); told != want {
			t.Fatalf("cut at %d: %d writes told, %d in flight:\n%s", cut, told, want, said.String())
		}
	}
}

func FuzzReadJournal(f *testing.F) {
	f.Add([]byte(journalStart + `,"event":"run"}` + "\n{\"event\":\"begin\""))
	f.Add([]byte("\n\n{}\nnull\n{\"event\":\"end\",\"change\":0,\"org\":{}}"))
	f.Add([]byte{0xff, 0, '\r', '\n'})
	f.Fuzz(func(t *testing.T, text []byte) {
		log, err := readJournal(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(text, []byte("\n")) + 1
		if len(log.Entries)+log.Cut > lines || len(log.inFlight()) > len(log.Entries) {
			t.Errorf("%d entries and %d cut of %d lines", len(log.Entries), log.Cut, lines)
		}
		for _, e := range log.inFlight() {
			_ = e.text()
		}
		again, err := readJournal(bytes.NewReader(append(text, "\n{\"event\":\"total\"}\n"...)))
		if err != nil || len(again.Entries) != len(log.Entries)+1 {
			t.Errorf("%v: a line more gives %d entries after %d", err, len(again.Entries), len(log.Entries))
		}
	})
}
