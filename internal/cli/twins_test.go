package cli

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// Two processes that make the same at once end where one would, whatever of
// it each of them finds done already, and a third one finds nothing to do.
func TestTwins(t *testing.T) {
	t.Parallel()
	file, saved, made := bigPlan(t)
	for name, args := range map[string][]string{
		"file":       append([]string{"apply", file, "--yes"}, allowBig...),
		"saved plan": {"apply", "--plan", saved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live, _ := bigStory()
			var first sync.WaitGroup // writes of each: nobody writes before both have planned
			first.Add(2)
			meet := func() hooks {
				return hooks{arrived: func(n int) bool {
					if n == 1 {
						first.Done()
					}
					first.Wait()
					return true
				}}
			}
			a := newArena(t, live, meet())
			b := arenaOf(t, a.server, meet())
			p, q := a.process(args...), b.process(args...)
			p.twin(t)
			q.twin(t)
			a.is(t, made)
			done := a.effects()
			third := arenaOf(t, a.server, hooks{})
			if got := third.rollcall(args...); got.code != exitOK || a.effects() != done {
				t.Errorf("a third run: %+v", got)
			}
		})
	}
}

// twin ends a process that another one has helped: all done, or what is not
// is told, with a code that says whether anything was written.
func (p *process) twin(t *testing.T) {
	t.Helper()
	out := p.rest(p.stdout)
	code := p.end()
	t.Logf("exit code %d: %s", code, out[strings.LastIndex(out, "Bright Kelp: "):])
	if !slices.Contains([]int{exitOK, exitRefused, exitPartial}, code) {
		t.Errorf("exit code %d, want 0, 3 or 4", code)
	}
	if told := strings.Contains(out, "  stale  ") || strings.Contains(out, "  failed  ") || strings.Contains(out, "  blocked  "); told != (code != exitOK) {
		t.Errorf("exit code %d, told is:\n%s", code, out)
	}
}
