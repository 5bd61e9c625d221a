package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

// TestChaos kills an apply at some write, again and again, and finishes it
// with the same saved plan each time.
func TestChaos(t *testing.T) {
	t.Parallel()
	_, saved, made := bigPlan(t)
	kills := 20
	if testing.Short() {
		kills = 5
	}
	r := rand.New(rand.NewPCG(20261123, 1))
	for i := range kills {
		at := 1 + i*bigChanges/kills + r.IntN(bigChanges/kills)
		when := r.IntN(3)
		t.Run(fmt.Sprintf("write %d", at), func(t *testing.T) { kill(t, at, when, saved, made) })
	}
}

// When a process is killed: before its write takes effect, so that it never
// does, or before the write does all the same, or after that.
const (
	lost = iota
	before
	after
)

// kill kills an apply when a write has come, and finishes it.
func kill(t *testing.T, at, when int, saved string, made sandbox.State) {
	var p *process
	started := make(chan struct{})
	end := func(n, then int) {
		if <-started; n == at && when == then {
			_ = p.cmd.Process.Kill() // an error is that it has ended
		}
	}
	live, _ := bigStory()
	a, journal := newArena(t, live, hooks{
		arrived: func(n int) bool {
			end(n, lost)
			end(n, before)
			return n != at || when != lost
		},
		answered: func(n int) { end(n, after) },
	}), filepath.Join(memory(t), "audit.jsonl")
	p = a.process("apply", "--plan", saved, "--journal", journal)
	close(started)
	if code := p.end(); code != -1 {
		t.Fatalf("exit code %d, want an end by the signal", code)
	}
	a.wait()
	open := a.readKilled(t, journal)
	a.finish(t, open, journal, saved, made)
}

// memory is a folder in memory if there is one: a kill takes nothing from a
// file, whether it is on a disk or not.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "rollcall")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func openLog(t *testing.T, journal string) *journalLog {
	t.Helper()
	f, err := os.Open(journal)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return mustRead(t, f)
}

// readKilled holds that the journal of a run that was killed names each
// write that reached the server, and is those in flight.
func (a *arena) readKilled(t *testing.T, journal string) (open []journalEntry) {
	t.Helper()
	log := openLog(t, journal)
	begun := map[string]bool{}
	for i := range log.Entries {
		if e := &log.Entries[i]; e.Event == eventBegin {
			begun[nameOf(e)] = true
		}
	}
	for _, write := range a.came() {
		if !begun[write] {
			t.Errorf("the server saw %q, which the journal does not name", write)
		}
	}
	open = log.inFlight()
	if len(open) == 0 || len(open) > 8 || log.Entries[0].Event != eventRun || log.Cut > 1 {
		t.Errorf("%d lines, %d changes in flight, %d lines cut", len(log.Entries), len(open), log.Cut)
	}
	return open
}

// finish applies the same plan again: nothing is done twice.
func (a *arena) finish(t *testing.T, open []journalEntry, journal, saved string, made sandbox.State) {
	t.Helper()
	got := a.rollcall("apply", "--plan", saved, "--journal", journal)
	if got.code != exitOK {
		t.Fatalf("the same plan again: %+v", got)
	}
	for i := range open {
		if want := "whether it made this is not known: " + open[i].text() + "\n"; !strings.Contains(got.errOut, want) {
			t.Errorf("%q is not told:\n%s", want, got.errOut)
		}
	}
	a.is(t, made)
	if n := a.effects(); n != bigChanges {
		t.Errorf("%d writes took effect, want %d", n, bigChanges)
	}
	log := openLog(t, journal)
	if last := log.Entries[len(log.Entries)-1]; last.Event != eventTotal || len(log.inFlight()) != len(open) {
		t.Errorf("the last line is %+v, %d changes are in flight", last, len(log.inFlight()))
	}
}
