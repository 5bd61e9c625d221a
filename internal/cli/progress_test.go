package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"rollcall/state"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// clock is a time that tests move on.
type clock struct{ now time.Time }

func (c *clock) after(d time.Duration) { c.now = c.now.Add(d) }

// onScreen is a run with a terminal of so many columns.
func onScreen(columns int) (*run, *screen, *clock) {
	s, c := &screen{columns: columns, lines: []string{""}}, &clock{noon}
	return &run{Global: &Global{}, err: s, columns: func() int { return s.columns }, now: func() time.Time { return c.now }}, s, c
}

// sessionsOf are sessions of organizations of these names.
func sessionsOf(names ...string) (all []*session) {
	for _, name := range names {
		all = append(all, &session{desired: &state.Desired{Org: state.Org{Name: name}}})
	}
	return all
}

// TestProgressOnATerminal proves that the line is drawn over again: at once,
// then as often as eyes follow, as wide as the terminal is at that moment, and
// taken away at the end.
func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	r, s, c := onScreen(100)
	fmt.Fprintln(r.err, "$ rollcall plan")
	p := r.progress(reading, sessionsOf("Bright Kelp"))
	step := func(after time.Duration, done, total int) {
		c.after(after)
		p.set(reading, 0, done, total)
	}
	s.shows(t, "nothing is known", "$ rollcall plan", "")
	step(0, 0, 2)
	s.shows(t, "first draw", "$ rollcall plan", "reading Bright Kelp  0/2 requests   0% |                    |")
	step(time.Millisecond, 1, 200)
	s.shows(t, "too soon", "$ rollcall plan", "reading Bright Kelp  0/2 requests   0% |                    |")
	step(10*time.Second, 50, 200)
	s.shows(t, "update", "$ rollcall plan", "reading Bright Kelp  50/200 requests, 5.0/s, 30s left  25% |█████               |")
	s.columns = 70
	step(10*time.Second, 100, 200)
	s.shows(t, "narrower", "$ rollcall plan", "reading Bright Kelp  100/200 requests, 5.0/s, 20s left")
	s.columns = 40
	step(10*time.Second, 150, 200)
	s.shows(t, "narrow", "$ rollcall plan", "reading Bright Kelp  150/200 requests")
	p.columns = func() int { return 0 } // it cannot be asked for a moment
	step(time.Second, 151, 200)
	s.shows(t, "no width", "$ rollcall plan", "reading Bright Kelp  151/200 requests")
	p.columns, s.columns = r.columns, 100
	step(time.Second, 160, 200)
	s.shows(t, "wide again", "$ rollcall plan", "reading Bright Kelp  160/200 requests, 5.0/s, 8s left  80% |████████████████    |")
	p.print(func() { fmt.Fprintln(r.err, "a warning") })
	s.shows(t, "a warning", "$ rollcall plan", "a warning", "reading Bright Kelp  160/200 requests, 5.0/s, 8s left  80% |████████████████    |")
	s.columns = 30
	p.clear()
	s.shows(t, "end", "$ rollcall plan", "a warning", "")
	step(time.Minute, 200, 200)
	p.print(func() { fmt.Fprintln(r.err, "the plan") })
	s.shows(t, "after the end", "$ rollcall plan", "a warning", "the plan", "")
}

// TestProgressFits proves that the line never reaches the end of a terminal,
// however wide characters are, and that counts are on it if they can be.
func TestProgressFits(t *testing.T) {
	t.Parallel()
	for columns := 1; columns < 200; columns++ {
		for _, names := range [][]string{{"Bright Kelp"}, {"海藻株式会社の東京本社"}, {"Oak", "海藻株式会社の東京本社と大阪支社と京都支社", "A name of more than twenty-four columns"}} {
			r, _, c := onScreen(columns)
			p := r.progress(reading, sessionsOf(names...))
			for i := range names {
				c.after(7 * time.Second)
				p.set(reading, i, 1234, 54321)
				line := p.line(columns)
				if n := uniseg.StringWidth(line); n > max(1, columns-keptFree) {
					t.Errorf("%d of %d columns: %q", n, columns, line)
				}
				if columns >= 40 && !strings.Contains(line, fmt.Sprintf("  %d/%d requests", 1234*(i+1), 54321*(i+1))) {
					t.Errorf("%d columns: %q has no counts", columns, line)
				}
			}
		}
	}
}

// TestProgressOfSeveral proves that the line says how many organizations it
// counts as long as others wait, and then nothing of the time left; and that it
// names the one that went on last.
func TestProgressOfSeveral(t *testing.T) {
	t.Parallel()
	r, s, c := onScreen(120)
	sessions := sessionsOf("Kelp", "Oak", "Elm", "Fir")
	sessions[2].err = fmt.Errorf("no credential")
	p := r.progress(reading, sessions)
	step := func(task, done, total int) {
		c.after(time.Second)
		p.set(reading, task, done, total)
	}
	step(0, 1, 4)
	s.shows(t, "first", "reading 1 of 3 organizations: Kelp  1/4 requests, 1.0/s  25% |█████               |")
	step(1, 2, 4)
	s.shows(t, "second", "reading 2 of 3 organizations: Oak  3/8 requests, 1.5/s  37% |███████             |")
	c.after(time.Second)
	p.end(reading, 0)
	s.shows(t, "first failed", "reading 2 of 3 organizations: Oak  3/5 requests, 1.0/s  60% |████████████        |")
	step(3, 1, 5)
	s.shows(t, "all", "reading 3 organizations: Fir  4/10 requests, 1.0/s, 6s left  40% |████████            |")
}

// TestProgressOfAnApply proves that all that is to be done counts from the
// beginning, and that the line is about verifying where nothing else goes on.
func TestProgressOfAnApply(t *testing.T) {
	t.Parallel()
	r, s, c := onScreen(100)
	tasks := []*task{orgOf("Kelp", "ann", "bob"), orgOf("Oak", "cy", "dee")}
	tasks[0].org.Summary.Verify, tasks[1].org.Summary.Verify = 3, 5
	p := r.applyProgress([]*session{tasks[0].session, tasks[1].session}, tasks)
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() { p.set(applying, 0, 0, 2) }, "applying to 2 organizations: Kelp  0/4 changes   0% |                    |"},
		{func() { p.set(applying, 0, 2, 2) }, "applying to 2 organizations: Kelp  2/4 changes, 2.0/s, 1s left  50% |██████████          |"},
		{func() { p.end(applying, 0) }, "applying to 2 organizations: Kelp  2/4 changes, 1.0/s, 2s left  50% |██████████          |"},
		{func() { p.set(verifying, 0, 0, 4) }, "verifying 2 organizations: Kelp  0/9 requests   0% |                    |"},
		{func() { p.set(verifying, 0, 2, 4) }, "verifying 2 organizations: Kelp  2/9 requests, 2.0/s, 4s left  22% |████                |"},
		{func() { p.set(applying, 1, 0, 2) }, "applying to 2 organizations: Oak  2/4 changes, 0.7/s, 3s left  50% |██████████          |"},
		{func() { p.set(verifying, 0, 3, 4); p.end(verifying, 0) }, "applying to 2 organizations: Oak  2/4 changes, 0.5/s, 4s left  50% |██████████          |"},
		{func() { p.set(applying, 1, 2, 2) }, "applying to 2 organizations: Oak  4/4 changes, 0.8/s 100% |████████████████████|"},
		{func() { p.end(applying, 1); p.set(verifying, 1, 0, 5) }, "verifying 2 organizations: Oak  3/8 requests, 1.0/s, 5s left  37% |███████             |"},
		{func() { p.set(verifying, 1, 5, 5) }, "verifying 2 organizations: Oak  8/8 requests, 2.3/s 100% |████████████████████|"},
	} {
		step.do()
		s.shows(t, "next", step.want)
		c.after(time.Second)
	}
}

// TestInterruptTakesTheLineAway proves that nothing is left of a line, and of
// the ^C that the terminal writes behind it.
func TestInterruptTakesTheLineAway(t *testing.T) {
	t.Parallel()
	const stopping = "rollcall: stopping after what is in flight; interrupt again to stop at once"
	for _, columns := range []int{20, 34, 35, 36, 37, 80} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			r, s, c := onScreen(columns)
			p := r.progress(reading, sessionsOf("Bright Kelp"))
			p.set(reading, 0, 1, 4)
			fmt.Fprint(s, "^C")
			r.interrupted()
			s.shows(t, "reading", "")
			p = r.progress(applying, sessionsOf("Bright Kelp"))
			r.writing.Store(true)
			p.set(applying, 0, 1, 4)
			line := p.line(columns)
			fmt.Fprint(s, "^C")
			r.interrupted()
			s.shows(t, "applying", stopping, line)
			c.after(time.Second)
			p.set(applying, 0, 2, 4)
			s.shows(t, "what is in flight", stopping, p.line(columns))
			fmt.Fprint(s, "^C")
			r.stoppedAtOnce()
			s.shows(t, "at once", stopping, "rollcall: stopped at once; rollcall plan shows what is left", "")
		})
	}
}

// TestPlainProgress proves that a log gets a line at most every half minute,
// with counts, rate and the time left over all tasks.
func TestPlainProgress(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	var b bytes.Buffer
	r := &run{Global: &Global{}, err: &b, columns: func() int { return 0 }, now: func() time.Time { return c.now }}
	p := r.progress(reading, sessionsOf("Kelp", "Oak"))
	if p.onTerminal() {
		t.Error("a log is no terminal")
	}
	for _, step := range []struct {
		after             time.Duration
		task, done, total int
	}{
		{time.Second, 0, 1, 10}, {28 * time.Second, 1, 2, 10}, {time.Second, 0, 28, 100}, {time.Second, 1, 3, 10}, {29 * time.Second, 1, 10, 10}, {time.Second, 0, 100, 100},
	} {
		c.after(step.after)
		p.of(reading, step.task)(step.done, step.total)
	}
	p.print(func() { b.WriteString("a warning\n") })
	r.writing.Store(true)
	r.interrupted()
	p.clear()
	c.after(time.Hour)
	p.of(reading, 0)(100, 100)
	want := "rollcall: reading 2 organizations: 30/110 requests, 1.0/s, 1m20s left\n" +
		"rollcall: reading 2 organizations: 38/110 requests, 0.6/s, 1m54s left\n" + "a warning\n" +
		"rollcall: stopping after what is in flight; interrupt again to stop at once\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestNoProgress proves that --quiet and --debug show no line, not even on a
// terminal.
func TestNoProgress(t *testing.T) {
	t.Parallel()
	for _, g := range []Global{{Quiet: true}, {Debug: true}} {
		r, s, c := onScreen(80)
		r.Global = &g
		p := r.progress(applying, sessionsOf("Kelp"))
		p.expect(applying, 0, 4)
		p.of(applying, 0)(1, 4)
		c.after(time.Hour)
		p.end(applying, 0)
		p.print(func() { fmt.Fprint(r.err, "a warning") })
		p.clear()
		s.shows(t, fmt.Sprintf("%+v", g), "a warning")
	}
}

// TestProgressOfCommands proves that a command draws each of its stages, and
// leaves no line behind.
func TestProgressOfCommands(t *testing.T) {
	t.Parallel()
	server := startSandbox(t, keyedState)
	file := writeText(t, "rollcall.yaml", oneDocument)
	env := map[string]string{"JUMPCLOUD_API_KEY": "jca_test", "JUMPCLOUD_API_URL": server.url}
	for _, c := range []struct {
		args, drawn []string
	}{
		{[]string{"apply", "--yes", "--no-verify", "--quiet", file}, nil},
		{[]string{"export"}, []string{"reading"}},
		{[]string{"apply", "--yes", writeText(t, "rollcall.yaml", strings.Replace(oneDocument, "Engineer", "Chief", 1))}, []string{"reading", "applying to", "verifying"}},
		{[]string{"apply", "--yes", "--no-verify", file}, []string{"reading", "applying to"}},
	} {
		r, s, _ := onScreen(80)
		var g grammar
		var out, written bytes.Buffer
		r.Global, r.out, r.err, r.env = &g.Global, newSink(&out), io.MultiWriter(s, &written), func(name string) string { return env[name] }
		r.began = r.now()
		if err := r.main(t.Context(), &g, c.args); err != nil {
			t.Fatalf("%q: %v", c.args, err)
		}
		s.shows(t, strings.Join(c.args, " "), "")
		var drawn []string
		for _, verb := range []string{"reading", "applying to", "verifying"} {
			if strings.Contains(written.String(), "\r"+verb+" Bright Kelp  0/") {
				drawn = append(drawn, verb)
			}
		}
		if d := cmp.Diff(c.drawn, drawn); d != "" {
			t.Errorf("%q: drawn (-want +got):\n%s\n%q", c.args, d, written.String())
		}
	}
}
