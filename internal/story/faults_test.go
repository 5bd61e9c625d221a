package story_test

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/state"
)

// TestFaults holds that running again finishes what was left, whatever goes
// wrong and wherever a run is stopped, from the file as well as with the same
// saved plan: each write takes effect once, those of a quiet day and no
// others, and what is live in the end is what it is then. See journey.
func TestFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var seen tally
	rapid.Check(t, func(rt *rapid.T) {
		m := &maker{T: rt}
		r := m.organization()
		m.file(r)
		crowd := m.chance(10, "a crowd")
		if crowd {
			r.policy["unlisted_users"] = "ignore"
		}
		y := &journey{T: rt, dir: dir, random: r, live: r.state(), seen: &seen, saves: m.chance(50, "a saved plan"), stops: m.stops(), faults: m.faults(crowd)}
		if crowd {
			join(&y.live.Organizations[0], 101)
		}
		y.start()
	})
	seen.journeys(t)
}

// journey is a file that is applied to an organization on a bad day.
type journey struct {
	*rapid.T

	dir    string
	random *random
	live   sandbox.State
	saves  bool
	stops  []stop // of the bad runs
	faults sandbox.Faults
	seen   *tally
}

// start finds out how it should end, on a quiet day, and then goes.
func (y *journey) start() {
	text := y.random.yaml(y.T)
	file := filepath.Join(y.dir, "faults.yaml")
	write(y.T, file, text)
	docs, _, err := state.Load([]string{file}, state.LoadOptions{})
	if err != nil {
		return
	}
	calm := newRough(y.T, y.live)
	before := calm.Snapshot()
	whole := &way{desired: docs[0], allow: append(allLimits(), plan.Allow{Name: "reactivate_users", N: 1000})}
	org, _, _, err := whole.left(y.T.Context(), calm.client(y.T).WithOrg(docs[0].ID))
	if err != nil || len(org.Refused) > 0 || len(org.Changes) == 0 {
		return
	}
	if (&proof{random: y.random}).halfway(org) {
		y.saves = true // a run from the file may end elsewhere when it was stopped
	}
	if y.saves {
		whole.saved = reload(y.T, org)
	}
	y.T.Logf("%s\n%s\nsaved %v, stops %+v, faults %+v", text, printed(y.T, org), y.saves, y.stops, y.faults)
	if err := calm.run(y.T, whole, stop{}); err != nil {
		y.T.Fatalf("on a quiet day: %v", err)
	}
	after := calm.Snapshot()
	untouched(y.T, docs[0], &before.Organizations[0], &after.Organizations[0])
	y.travel(whole, calm)
}

// travel runs again and again: on bad days first, then on quiet ones.
func (y *journey) travel(how *way, calm *rough) {
	y.seen.add("all journeys")
	w := newRough(y.T, y.live)
	if err := w.SetFaults(y.faults); err != nil {
		y.T.Fatal(err)
	}
	end, at := calm.Snapshot(), false
	for _, s := range y.stops {
		err := w.run(y.T, how, s)
		y.T.Logf("a bad run: %v", err)
		if err == nil {
			at = true
			y.arrived(w, end)
		}
	}
	y.meet(w)
	if err := w.SetFaults(sandbox.Faults{}); err != nil {
		y.T.Fatal(err)
	}
	for run := 0; ; run++ {
		err := w.run(y.T, how, stop{})
		if err == nil {
			break
		}
		y.T.Logf("a quiet run: %v", err)
		if run == 3 {
			y.T.Fatal("four quiet runs do not finish it")
		}
		_ = w.clock.Sleep(y.T.Context(), time.Hour) // nobody runs again at once for ever
	}
	y.arrived(w, end)
	y.compare(w, calm)
	y.seen.mode(y.saves, at)
}

// arrived holds that a run that ends with 0 has done all.
func (y *journey) arrived(w *rough, want sandbox.State) {
	y.T.Helper()
	if d := cmp.Diff(essence(y.T, want), essence(y.T, w.Snapshot())); d != "" {
		y.T.Fatalf("exit code 0, but live is not as on a quiet day (-want +got):\n%s", d)
	}
}

// compare holds that the same was written as on a quiet day, and mailed. Two
// changes of one person may be one when only one run is left for them.
func (y *journey) compare(w, calm *rough) {
	y.T.Helper()
	want, got := calm.sorted(), w.sorted()
	if !y.saves {
		want, got = slices.Compact(want), slices.Compact(got)
	}
	if d := cmp.Diff(want, got); d != "" || len(w.effects) > len(calm.effects) {
		y.T.Errorf("writes that took effect (-quiet day +bad day):\n%s\n%q", d, w.effects)
	}
	if d := cmp.Diff(mails(calm), mails(w)); d != "" {
		y.T.Errorf("mails (-quiet day +bad day):\n%s", d)
	}
}

func mails(w *rough) (list []string) {
	for _, m := range w.Snapshot().Mails {
		list = append(list, m.Kind+" "+m.To+" "+m.User)
	}
	slices.Sort(list)
	return list
}

// meet counts the troubles that requests met.
func (y *journey) meet(w *rough) {
	met := map[string]bool{}
	for _, r := range w.Requests() {
		for _, kind := range troubles {
			if r.Fault != nil && kind.met(r.Fault) {
				met[kind.name] = true
			}
		}
	}
	for name := range maps.Keys(met) {
		y.seen.add("met " + name)
	}
}

// mode counts a journey that has reached its end.
func (n *tally) mode(saved, early bool) {
	n.add(map[bool]string{false: "from the file", true: "saved"}[saved])
	if early {
		n.add("done on a bad day")
	}
}

// journeys holds that there were enough of all kinds.
func (n *tally) journeys(t *testing.T) {
	t.Helper()
	for _, what := range sortedKeys(n.count) {
		t.Logf("%5d %s", n.count[what], what)
	}
	all := n.count["all journeys"]
	if all < 40 {
		return // too few to tell
	}
	if n.count["from the file"] < all/5 || n.count["saved"] < all/5 || n.count["done on a bad day"] < all/20 {
		t.Errorf("of %d journeys too few are of a kind", all)
	}
	for _, kind := range troubles {
		if n.count["met "+kind.name] == 0 {
			t.Errorf("nobody met %s", kind.name)
		}
	}
}
