package story_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/apply"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/state"
)

// A plan that is saved and loaded is the same, stopping after any change and
// applying it again finishes it, and applying it once more writes nothing.
func TestSavedPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			s := tell(t, file)
			if s.options.refused || s.options.errors || s.options.invalid || s.options.fails+s.options.crowd > 0 {
				t.Skip("the plan is not applied whole")
			}
			s.applySaved(t)
		})
	}
}

func (s *told) applySaved(t *testing.T) {
	w := s.world(t)
	org, _, err := w.plan(t, loadFile(t, s.yaml()), s.options.allow...)
	if err != nil {
		t.Fatal(err)
	}
	loaded := reload(t, org)
	if d := cmp.Diff(org.Changes, loaded.Changes, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(plan.Change{}, "Spends")); d != "" {
		t.Fatalf("saved and loaded (-saved +loaded):\n%s", d)
	}
	again := w.recheck(t, loaded, s.options)
	if len(again.Made)+len(again.Stale)+len(again.Org.Refused) > 0 || again.Org.Digest != org.Digest {
		t.Fatalf("nothing has changed, but %d are made, %v stale, %v refused, digest %s", len(again.Made), again.Stale, again.Org.Refused, again.Org.Digest)
	}
	w.apply(t, t.Context(), again.Org, nil)
	after := w.Snapshot()
	s.expectMade(t, w, loaded)
	for k := 1; k < len(org.Changes); k++ {
		s.stopSaved(t, loaded, k, after)
	}
}

// reload is an organization's plan, saved and loaded.
func reload(t tb, org *plan.Org) *plan.Org {
	t.Helper()
	var b bytes.Buffer
	if err := report.Save(&b, plan.New([]plan.Org{*org}, today, "rollcall", plan.Options{})); err != nil {
		t.Fatal(err)
	}
	p, err := report.Load(&b)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return &p.Orgs[0]
}

// recheck reads the world and holds a saved plan against it.
func (w *world) recheck(t *testing.T, saved *plan.Org, o options) *plan.Rechecked {
	t.Helper()
	live, err := state.Read(t.Context(), w.client.WithOrg(saved.ID), state.ReadOptions{ID: saved.ID, Name: saved.Name, Region: saved.Region, More: saved.Details()})
	if err != nil {
		t.Fatal(err)
	}
	return plan.Recheck(saved, live, plan.Options{AsOf: today, Allow: o.allow})
}

// expectMade checks that nothing of a plan that was applied is left.
func (s *told) expectMade(t *testing.T, w *world, saved *plan.Org) {
	t.Helper()
	r := w.recheck(t, saved, s.options)
	if len(r.Org.Changes)+len(r.Stale) > 0 || len(r.Made) != len(saved.Changes) {
		t.Fatalf("%d of %d are made, stale are %+v, left is:\n%s", len(r.Made), len(saved.Changes), r.Stale, printed(t, r.Org))
	}
}

// stopSaved stops an apply after k changes and finishes it with the same
// saved plan.
func (s *told) stopSaved(t *testing.T, saved *plan.Org, k int, want sandbox.State) {
	t.Helper()
	w := newWorld(t, s.live)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := 0
	w.apply(t, ctx, w.recheck(t, saved, s.options).Org, func(int, apply.Outcome) {
		if done++; done == k {
			stop()
		}
	})
	left := w.recheck(t, saved, s.options)
	if len(left.Stale)+len(left.Org.Refused) > 0 {
		t.Fatalf("stopped after %d: stale %+v, refused %v", k, left.Stale, left.Org.Refused)
	}
	w.apply(t, t.Context(), left.Org, nil)
	if d := cmp.Diff(essence(t, want), essence(t, w.Snapshot())); d != "" {
		t.Fatalf("stopped after %d and applied again (-want +got):\n%s", k, d)
	}
	s.expectMade(t, w, saved)
}
