package apply_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/apply"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/state"
)

// wanted asks of kelp for a change of each kind.
const wanted = `version: 1
org: {id: ` + orgID + `, name: Bright Kelp}
defaults:
  user: {email: "{username}@kelp.example"}
users:
  anna: {was: ann, email: anna@kelp.example, jobTitle: null, manager: eve, attributes: {badge: "9", tshirt: null}, phoneNumbers: [{type: home, number: null}]}
  bob: {state: activated, groups: [Ops]}
  sue: {ensure: absent}
  max: {state: suspended, manager: null, groups: []}
  eve: {state: activated, activation_email: boss@kelp.example, password: {from: {env: EVE}}, ssh_keys: [{name: k, public_key: ssh-rsa x}], groups: [Ops, Data Team]}
  joe: {manager: kim, state: suspended}
  kim: {manager: eve, groups: [Data Team]}
groups:
  Data Team: {was: Data, description: All data, exact: true, attributes: {sambaEnabled: null}}
  Ops: {email: ops@kelp.example}
  Rule: {membershipMethod: STATIC, memberQuery: null, members: [bob]}
`

func desired(t *testing.T) *state.Desired {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	if err := os.WriteFile(file, []byte(wanted), 0o600); err != nil {
		t.Fatal(err)
	}
	docs, _, err := state.Load([]string{file}, state.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return docs[0]
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// diff plans from what is live now.
func (w *world) diff(t *testing.T, rt fataler, d *state.Desired) *plan.Org {
	rt.Helper()
	live, err := state.Read(t.Context(), w.client, state.ReadOptions{Desired: d})
	if err != nil {
		rt.Fatalf("read: %v", err)
	}
	p, err := plan.Diff(nil, live, d, plan.Options{AsOf: "2026-11-23", Allow: []plan.Allow{{Name: "group", Value: "Rule"}}})
	if err != nil {
		rt.Fatalf("diff: %v", err)
	}
	if len(p.Refused) > 0 {
		rt.Fatalf("refused: %v", p.Refused)
	}
	return p
}

func (w *world) apply(t *testing.T, rt fataler, p *plan.Org, parallel int) *apply.Result {
	rt.Helper()
	result, err := apply.Run(t.Context(), w.client, p, apply.Options{Parallel: parallel, Secret: secret, Sleep: noSleep})
	if err != nil {
		rt.Fatalf("apply: %v", err)
	}
	return result
}

// verified checks that what was done is found as it was wanted.
func (w *world) verified(t *testing.T, rt fataler, p *plan.Org, result *apply.Result) {
	rt.Helper()
	found, err := apply.Verify(t.Context(), w.client, p, result, apply.Options{Sleep: noSleep})
	if err != nil || len(found) > 0 {
		rt.Fatalf("verification: %v, differences %+v", err, found)
	}
}

// kept checks that changes are done, and that JumpCloud keeps their values as
// they were wanted.
func (w *world) kept(t *testing.T, changes ...plan.Change) {
	t.Helper()
	result := w.run(t, changes...)
	if d := cmp.Diff(done(len(changes)), told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	w.verified(t, t, &plan.Org{ID: orgID, Changes: changes}, result)
}

// mails is who got how many.
func (w *world) mails() []string {
	var to []string
	for _, m := range w.Snapshot().Mails {
		to = append(to, m.User+" at "+m.To)
	}
	slices.Sort(to)
	return to
}

func TestPlanAfterApplyIsEmpty(t *testing.T) {
	t.Parallel()
	d := desired(t)
	for _, parallel := range []int{1, 8} {
		w := newWorld(t, kelp(), sandbox.Options{})
		p := w.diff(t, t, d)
		w.sent = nil
		result := w.apply(t, t, p, parallel)
		if diff := cmp.Diff(done(len(p.Changes)), told(result)); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		if len(w.sent) != p.Summary.Requests || p.Summary.Requests != formula(p.Changes) {
			t.Errorf("%d requests, the plan says %d, the formula %d", len(w.sent), p.Summary.Requests, formula(p.Changes))
		}
		w.verified(t, t, p, result)
		if again := w.diff(t, t, d); len(again.Changes)+len(again.Held) > 0 {
			t.Errorf("the plan after apply has %+v, held %+v", again.Changes, again.Held)
		}
		if diff := cmp.Diff([]string{"bob at bob@kelp.example", "eve at boss@kelp.example"}, w.mails()); diff != "" {
			t.Errorf("mails (-want +got):\n%s", diff)
		}
	}
}

// faults are what may become of a request; most go well.
var faults = []*sandbox.Fault{
	nil, nil, nil, nil, nil, nil,
	{Status: http.StatusBadRequest, Body: `{"message":"no"}`},
	{Status: http.StatusInternalServerError, Body: `{"message":"oops"}`},
	{Status: http.StatusServiceUnavailable, Body: `{"message":"late"}`, After: true},
	{Drop: true},
	{Drop: true, After: true},
}

// Whatever goes wrong in a first run, before or after JumpCloud has made a
// change, a second run finishes it, and nobody gets a second mail.
func TestRunningAgainFinishesWhatWasLeft(t *testing.T) {
	t.Parallel()
	d := desired(t)
	rapid.Check(t, func(rt *rapid.T) {
		script := rapid.SliceOfN(rapid.SampledFrom(faults), 0, 60).Draw(rt, "faults")
		var on atomic.Bool
		next := 0 // requests come one at a time
		w := newWorld(t, kelp(), sandbox.Options{Before: func(*http.Request) *sandbox.Fault {
			if !on.Load() || next == len(script) {
				return nil
			}
			next++
			return script[next-1]
		}})
		first := w.diff(t, rt, d)
		on.Store(true)
		result := w.apply(t, rt, first, 1)
		on.Store(false)
		w.verified(t, rt, first, result)
		second := w.diff(t, rt, d)
		again := w.apply(t, rt, second, 1)
		if again.Count(apply.Done) != len(second.Changes) {
			rt.Fatalf("first run:\n%s\nsecond run:\n%s", strings.Join(told(result), "\n"), strings.Join(told(again), "\n"))
		}
		if third := w.diff(t, rt, d); len(third.Changes)+len(third.Held) > 0 {
			rt.Fatalf("the plan after the second run has %+v, held %+v", third.Changes, third.Held)
		}
		if diff := cmp.Diff([]string{"bob at bob@kelp.example", "eve at boss@kelp.example"}, w.mails()); diff != "" {
			rt.Fatalf("mails (-want +got):\n%s", diff)
		}
	})
}
