package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rollcall/state"
)

// tighten makes the policy of a revision no looser than that of its base:
// protected is what either protects, and of a limit the stricter counts. What
// the revision loosens is named in Org.Loosened; reviewed exceptions
// (policy.allow) are named and count at once, which is what they are for.
func (d *differ) tighten() {
	if d.base == nil {
		return
	}
	was, now := &d.base.Policy, d.want.Policy
	now.Protect.Users = d.keepProtected("users", was.Protect.Users, now.Protect.Users)
	now.Protect.Groups = d.keepProtected("groups", was.Protect.Groups, now.Protect.Groups)
	now.Limits = d.stricter(was.Limits, now.Limits)
	d.loosenedLadder("unlisted_users", was.UnlistedUsers, now.UnlistedUsers)
	d.loosenedLadder("dropped_users", was.DroppedUsers, now.DroppedUsers)
	d.loosenedNames("ignore.users hides", was.Ignore.Users, now.Ignore.Users)
	d.loosenedNames("ignore.groups hides", was.Ignore.Groups, now.Ignore.Groups)
	if !slices.EqualFunc(was.Scope, now.Scope, sameFilter) {
		d.loosened("scope is another: %s instead of %s decides who counts as unlisted", filters(now.Scope), filters(was.Scope))
	}
	for _, a := range now.Allow {
		if !slices.ContainsFunc(was.Allow, func(b state.Allow) bool { return allowText(a) == allowText(b) }) {
			d.loosened("allow %s", allowText(a))
		}
	}
	want := *d.want // the caller's stays as it is
	want.Policy = now
	d.want, d.out.Policy = &want, now
}

func (d *differ) loosened(format string, args ...any) {
	d.out.Loosened = append(d.out.Loosened, "policy."+fmt.Sprintf(format, args...))
}

// keepProtected is what both revisions protect together.
func (d *differ) keepProtected(kind string, was, now []string) []string {
	all := slices.Clone(now)
	for _, glob := range was {
		if !slices.Contains(now, glob) {
			all = append(all, glob)
			d.loosened("protect.%s no longer has %s; it is protected until this is merged", kind, glob)
		}
	}
	return all
}

// stricter are the limits of this revision, those replaced that allow more
// here than the base's do.
func (d *differ) stricter(was, now map[string]state.Limit) map[string]state.Limit {
	all := maps.Clone(now)
	if all == nil {
		all = map[string]state.Limit{}
	}
	for i := range limitTable {
		row := &limitTable[i]
		d.lower(all, was, row.name, row.ceiling, d.measure(row.of))
	}
	d.lower(all, was, addMembers, addCeiling, d.measure(ofUsers))
	for _, members := range []int{5, 10, 50, 100, 1000} { // it is measured group by group
		if old, wrote := was[shrinkGroup]; wrote && limitOr(all, shrinkGroup, state.Limit{Max: members, Percent: 50}).Of(members) > old.Of(members) {
			all[shrinkGroup] = old
			d.loosened("limits.shrink_group allows more than it did; the stricter one holds until this is merged")
		}
	}
	return all
}

// lower puts the base's number in the place of a limit that allows more of n.
func (d *differ) lower(all, was map[string]state.Limit, name string, ceiling state.Limit, n int) {
	before, after := limitOr(was, name, ceiling).Of(n), limitOr(all, name, ceiling).Of(n)
	if after > before {
		all[name] = state.Limit{Min: before, Max: before}
		d.loosened("limits.%s is raised from %d to %d here; %d holds until this is merged", name, before, after, before)
	}
}

// limitOr is a limit that is written, else its default.
func limitOr(limits map[string]state.Limit, name string, otherwise state.Limit) state.Limit {
	if l, ok := limits[name]; ok {
		return l
	}
	return otherwise
}

// loosenedLadder names a policy that does more to people than it did.
func (d *differ) loosenedLadder(name, was, now string) {
	if slices.Index(ladders, now) > max(slices.Index(ladders, was), slices.Index(ladders, "report")) {
		d.loosened("%s is %s and was %s", name, now, was)
	}
}

func (d *differ) loosenedNames(what string, was, now []string) {
	for _, glob := range now {
		if !slices.Contains(was, glob) {
			d.loosened("%s %s", what, glob)
		}
	}
}

// allowText is an exception as --allow takes it, and its last day.
func allowText(a state.Allow) string {
	text := fmt.Sprintf("%s=%d", a.Limit, a.N)
	if a.Name != "" {
		text = a.Limit + "=" + a.Name
	}
	if !a.Until.IsZero() {
		text += " until " + a.Until.Format(time.DateOnly)
	}
	return strings.TrimSpace(text)
}

func sameFilter(a, b state.Filter) bool {
	return a.Field == b.Field && a.Operator == b.Operator && a.Value == b.Value
}

// filters is a scope in words.
func filters(scope []state.Filter) string {
	texts := make([]string, len(scope))
	for i, f := range scope {
		texts[i] = f.Field + " " + f.Operator + " " + f.Value
	}
	return cmp.Or(strings.Join(texts, " and "), "everybody")
}
