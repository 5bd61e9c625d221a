package story_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"rollcall/apply"
	"rollcall/plan"
	"rollcall/state"
)

// TestMain makes random tests the same each time, unless -rapid.seed says
// otherwise.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f.Value.String() == "0" {
		_ = f.Value.Set("20261123") // a number: no error
	}
	os.Exit(m.Run())
}

// TestRandom holds, for random organizations and random files about them,
// what a plan and its apply promise. See prove.
func TestRandom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var seen tally
	rapid.Check(t, func(rt *rapid.T) {
		m := &maker{T: rt}
		r := m.organization()
		m.file(r)
		p := &proof{TB: t, T: rt, dir: dir, random: r, seen: &seen}
		if m.chance(60, "has a base") {
			p.base = m.base(r)
		}
		p.allow = m.allow()
		p.stop = m.int(1, 100, "stop after")
		p.prove()
	})
	seen.check(t)
}

// allow lets most plans pass all limits and holds.
func (m *maker) allow() []plan.Allow {
	switch {
	case m.chance(10, "nothing is allowed"):
		return nil
	case m.chance(50, "reactivations are allowed"):
		return append(allLimits(), plan.Allow{Name: "reactivate_users", N: 1000}, plan.Allow{Name: "recreate_users", N: 1000})
	}
	return allLimits()
}

// allLimits lets a plan pass every limit.
func allLimits() (list []plan.Allow) {
	for _, name := range strings.Fields("suspend_users delete_users delete_groups remove_members shrink_group create_users activate_users mails add_members reset_passwords") {
		list = append(list, plan.Allow{Name: name, N: 1000})
	}
	for _, name := range []string{"All", "Data & Co", "ops", "Rule: 7", "x"} {
		list = append(list, plan.Allow{Name: "group", Value: name})
	}
	return list
}

// proof is one random organization with its file.
type proof struct {
	testing.TB // of the whole test
	*rapid.T   // of this organization

	dir    string
	random *random
	base   *random // the revision before, nil for none
	allow  []plan.Allow
	stop   int
	seen   *tally
}

// prove plans and applies once, and holds what must be so.
func (p *proof) prove() {
	was, ok := p.past()
	text := p.random.yaml(p.T)
	file := filepath.Join(p.dir, "random.yaml")
	write(p.T, file, text)
	p.T.Logf("%s", text)
	docs, _, err := state.Load([]string{file}, state.LoadOptions{})
	if err != nil || !ok {
		p.seen.add("problems in the file")
		p.T.Logf("load: %v", err)
		return
	}
	w, desired := newWorld(p.TB, p.random.state()).since(was), docs[0]
	if base := w.past.of(desired); base != nil {
		if _, _, err := w.since(past{}).plan(p.T, base); err != nil {
			p.seen.add("problems of the base with live")
			return
		}
	}
	w.ResetRequests()
	offlineIsEmpty(p.T, desired)
	before := w.Snapshot()
	org, live, err := w.plan(p.T, desired, p.allow...)
	if err != nil {
		p.seen.add("problems with live")
		p.T.Logf("diff: %v", err)
		return
	}
	p.T.Logf("%s", printed(p.T, org))
	originsAre(p.T, w.past.of(desired), desired, &before.Organizations[0], org)
	p.formulas(w, desired, live, org)
	p.datesTighten(nil, desired, live)
	p.datesTighten(desired, desired, live)
	p.shuffled(w, text, org)
	if len(org.Refused) > 0 {
		p.seen.add("refused")
		return
	}
	p.seen.plan(org)
	p.applyAll(w, live, org)
	after := w.Snapshot()
	untouchedSince(p.T, w.past.of(desired), desired, &before.Organizations[0], &after.Organizations[0])
	p.emptyAfter(w, desired)
	exportIsEmpty(p.T, w, desired.ID, p.dir, exports[p.stop%len(exports)])
	if n := len(org.Changes); n > 1 && !p.halfway(org) {
		if p.allow == nil {
			p.allow = allLimits() // a limit that the whole plan kept may be less for what is left of it
		}
		stopAndFinish(p.T, newWorld(p.TB, p.random.state()).since(was), desired, 1+p.stop%(n-1), after, p.allow)
	}
}

// offlineIsEmpty compares a file with itself, without JumpCloud.
func offlineIsEmpty(t tb, file *state.Desired) {
	t.Helper()
	org, err := plan.Diff(file, state.AsLive(file.On(today), file.On(today)), file, plan.Options{AsOf: today, Offline: true})
	if err != nil {
		t.Fatalf("offline: %v", err)
	}
	if len(org.Changes)+len(org.Held)+len(org.Refused) > 0 {
		t.Fatalf("a file differs from itself:\n%s", printed(t, org))
	}
}

// past is the base as it is loaded, from a file of the same name; not ok if it
// does not load.
func (p *proof) past() (was past, ok bool) {
	if p.base == nil {
		return past{}, true
	}
	text := p.base.yaml(p.T)
	file := filepath.Join(p.dir, "random.yaml")
	write(p.T, file, text)
	p.T.Logf("base:\n%s", text)
	docs, _, err := state.Load([]string{file}, state.LoadOptions{})
	p.T.Logf("load: %v", err)
	return past{docs: docs}, err == nil
}

// halfway tells whether an interrupted run may end elsewhere than a whole
// one: the state by defaults is only for people who are created, so nobody
// is let in between whose creation and activation the run ended, and whom
// policy.unlisted_users: delete has suspended the next run deletes.
func (p *proof) halfway(org *plan.Org) bool {
	return slices.ContainsFunc(org.Changes, func(c plan.Change) bool {
		return p.random.lets == "activated" && c.Action == plan.Activate && c.Object.ID == "" ||
			p.deletes() && c.Action == plan.Suspend && c.Reason != ""
	})
}

// deletes tells whether a policy may delete people.
func (p *proof) deletes() bool {
	return p.random.policy["unlisted_users"] == "delete" || p.random.policy["dropped_users"] == "delete"
}

// formulas holds what reading and applying cost.
func (p *proof) formulas(w *world, desired *state.Desired, live *state.Live, org *plan.Org) {
	if got, want := len(w.Requests()), readFormula(desired, live); got != want {
		p.T.Errorf("reading cost %d requests, the formula says %d", got, want)
	}
	if want := applyFormula(org.Changes); org.Summary.Requests != want {
		p.T.Errorf("the plan says %d requests, the formula %d", org.Summary.Requests, want)
	}
}

// shuffled plans from the same file in another order.
func (p *proof) shuffled(w *world, text []byte, want *plan.Org) {
	p.T.Helper()
	write(p.T, filepath.Join(p.dir, "in", "random.yaml"), text)
	shuffleFolder(p.T, filepath.Join(p.dir, "in"), filepath.Join(p.dir, "out"), int64(p.stop))
	if p.base != nil {
		w = w.since(p.shuffledPast())
	}
	got, _, err := w.plan(p.T, loadFile(p.T, filepath.Join(p.dir, "out", "random.yaml")), p.allow...)
	if err != nil {
		p.T.Fatalf("shuffled: %v", err)
	}
	if a, b := printed(p.T, want), printed(p.T, got); a != b || got.Digest != want.Digest {
		p.T.Fatalf("the order of entries shows in the plan:\n%s\n%s", a, b)
	}
}

// shuffledPast is the base with its entries in another order.
func (p *proof) shuffledPast() past {
	in := filepath.Join(p.dir, "base", "out", "random.yaml")
	write(p.T, filepath.Join(p.dir, "base", "in", "random.yaml"), p.base.yaml(p.T))
	shuffleFolder(p.T, filepath.Join(p.dir, "base", "in"), filepath.Dir(in), int64(p.stop))
	docs := loadAll(p.T, in)
	docs[0].Pos.Files[0] = filepath.Join(p.dir, "out", "random.yaml")
	return past{docs: docs}
}

// applyAll makes all changes, with as many requests as the plan says.
func (p *proof) applyAll(w *world, live *state.Live, org *plan.Org) {
	p.T.Helper()
	w.ResetRequests()
	result := w.apply(p.T, p.T.Context(), org, nil)
	for i, o := range result.Changes {
		if o.Status != apply.Done {
			p.T.Errorf("%s %s %s is %s: %v", org.Changes[i].Action, org.Changes[i].Object.Name, org.Changes[i].To.Name, o.Status, o.Err)
		}
	}
	if got := len(w.Requests()); got != org.Summary.Requests {
		p.T.Errorf("apply cost %d requests, the plan says %d", got, org.Summary.Requests)
	}
	w.verify(p.T, live, org, result)
}

// emptyAfter holds that the next plan is empty, with the same base and with
// the file as its own, but for the second step of policies that delete.
func (p *proof) emptyAfter(w *world, desired *state.Desired) {
	p.T.Helper()
	for _, next := range []past{w.past, {drift: true}} {
		again, _, err := w.since(next).plan(p.T, desired, p.allow...)
		if err != nil {
			p.T.Fatalf("plan after apply: %v", err)
		}
		for i := range again.Changes {
			if c := &again.Changes[i]; !p.deletes() || c.Action != plan.Delete && c.Reason == "" {
				p.T.Fatalf("the plan after apply with base %q is not empty:\n%s", next.name(), printed(p.T, again))
			}
		}
	}
}

// tally counts what random plans are and do, so that nothing is skipped
// without being noticed.
type tally struct {
	mu    sync.Mutex
	count map[string]int
}

func (n *tally) add(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.count == nil {
		n.count = map[string]int{}
	}
	n.count["all"]++
	n.count[what]++
}

// plan counts a plan that is applied, and each kind of change once.
func (n *tally) plan(org *plan.Org) {
	what := "applied"
	if len(org.Changes) == 0 {
		what = "empty"
	}
	n.add(what)
	n.mu.Lock()
	defer n.mu.Unlock()
	kinds := map[string]bool{"held": len(org.Held) > 0}
	for i := range org.Changes {
		c := &org.Changes[i]
		kinds[fmt.Sprint(c.Action, " ", c.Object.Kind)] = true
		kinds["origin "+string(c.Origin)] = true
		for _, f := range c.Fields {
			kinds["field "+f.Name()] = true
		}
	}
	for kind, is := range kinds {
		if is {
			n.count[kind]++
		}
	}
}

// check holds that most plans were applied, and that all kinds of changes
// were among them.
func (n *tally) check(t *testing.T) {
	t.Helper()
	for _, what := range sortedKeys(n.count) {
		t.Logf("%5d %s", n.count[what], what)
	}
	all := n.count["all"]
	if all < 50 {
		return // too few to tell
	}
	if n.count["applied"] < all*6/10 {
		t.Errorf("of %d plans only %d were applied", all, n.count["applied"])
	}
	for _, kind := range []string{"held", "create user", "update user", "activate user", "reactivate user", "suspend user", "delete user", "create group", "update group", "delete group", "add group", "remove group", "origin unknown", "origin change", "origin drift", "origin conflict", "origin dropped", "origin date"} {
		if n.count[kind] == 0 {
			t.Errorf("no plan has %s", kind)
		}
	}
}
