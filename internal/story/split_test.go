package story_test

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/apply"
	"rollcall/plan"
	"rollcall/state"
)

// TestSplitRevisions holds that a change of the file may be merged and applied
// in two parts: what JumpCloud is in the end is the same as after both at once.
func TestSplitRevisions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var seen tally
	rapid.Check(t, func(rt *rapid.T) {
		m := &maker{T: rt}
		s := &split{TB: t, T: rt, dir: dir}
		base := m.organization()
		m.file(base)
		next := m.base(base) // which differs from it as a base would
		sameOwners(base, next)
		s.revisions = []*random{base, m.between(base, next), next}
		for _, r := range s.revisions {
			r.template, r.lets = next.template, next.lets
			r.policy = maps.Clone(next.policy)
			delete(r.policy, "scope") // an exact group keeps who has left the file and is out of scope
			for _, ladder := range []string{"unlisted_users", "dropped_users"} {
				if r.policy[ladder] == "delete" {
					r.policy[ladder] = "suspend" // or the second step would come in the second run
				}
			}
		}
		seen.add(s.prove())
	})
	for what, n := range seen.count {
		t.Logf("%5d %s", n, what)
	}
	if all := seen.count["all"]; all >= 50 && seen.count["proven"] < all/4 {
		t.Errorf("of %d changes only %d were applied both ways", all, seen.count["proven"])
	}
}

// sameOwners leaves exact or dynamic only the groups that are so in two
// revisions: one that is in the first alone would take out, in between, members
// of whom nothing is said any more at the end. Nobody gets a former name back,
// which could mean two in between.
func sameOwners(base, next *random) {
	for i, b := range base.bands {
		n := next.bands[i]
		if b.dynamic != n.dynamic || b.called != b.name && b.called != n.called {
			n.entry, n.members, n.dynamic = nil, nil, b.dynamic
		}
		if b.entry["exact"] != n.entry["exact"] {
			delete(b.entry, "exact")
			delete(n.entry, "exact")
		}
	}
	for i, s := range base.people {
		if n := next.people[i]; s.called != s.name && s.called != n.called {
			n.entry, n.groups, n.absent, n.bare = nil, nil, false, false
		}
	}
}

// between has some of the entries of each of two revisions.
func (m *maker) between(base, next *random) *random {
	out := base.blank()
	for i := range out.people {
		s := pick(m, "revision of a person", base, next).people[i]
		copied := *s
		copied.entry, copied.groups = maps.Clone(s.entry), append([]string(nil), s.groups...)
		out.people[i] = &copied
	}
	for i := range out.bands {
		b := pick(m, "revision of a group", base, next).bands[i]
		copied := *b
		copied.entry, copied.members = maps.Clone(b.entry), append([]string(nil), b.members...)
		out.bands[i] = &copied
	}
	return out
}

// split is a change of a file in one part and in two.
type split struct {
	testing.TB
	*rapid.T

	dir       string
	revisions []*random // the base, what is in between, and the last
}

// prove applies the base, and from there the last revision at once and in two
// parts. It is what became of that.
func (s *split) prove() string {
	docs := make([]*state.Desired, len(s.revisions))
	for i, r := range s.revisions {
		file, text := filepath.Join(s.dir, "random.yaml"), r.yaml(s.T)
		write(s.T, file, text)
		s.T.Logf("%s", text)
		loaded, _, err := state.Load([]string{file}, state.LoadOptions{})
		if err != nil {
			return "a revision does not load"
		}
		docs[i] = loaded[0]
	}
	w := newWorld(s.TB, s.revisions[0].state())
	if !s.apply(w, nil, docs[0]) {
		return "the base is not applied whole"
	}
	begin := w.Snapshot()
	if !s.apply(w, docs[0], docs[2]) {
		return "the change is not applied whole"
	}
	parts := newWorld(s.TB, begin)
	if !s.apply(parts, docs[0], docs[1]) || !s.apply(parts, docs[1], docs[2]) {
		return "a part is not applied whole"
	}
	if d := cmp.Diff(essence(s.T, w.Snapshot()), essence(s.T, parts.Snapshot())); d != "" {
		s.T.Fatalf("in two parts it is another (-at once +in parts):\n%s", d)
	}
	return "proven"
}

// apply makes everything that a revision changes, and is false if that is not
// all.
func (s *split) apply(w *world, base, desired *state.Desired) bool {
	allow := append(allLimits(), plan.Allow{Name: "reactivate_users", N: 1000}, plan.Allow{Name: "recreate_users", N: 1000})
	w = w.since(past{docs: []*state.Desired{base}})
	if base == nil {
		w = w.since(past{})
	}
	org, _, err := w.plan(s.T, desired, allow...)
	if err != nil || len(org.Refused)+len(org.Held) > 0 {
		return false
	}
	s.T.Logf("%s", printed(s.T, org))
	return w.apply(s.T, s.T.Context(), org, nil).Count(apply.Done) == len(org.Changes)
}
