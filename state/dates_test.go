package state

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEmptying proves of which groups the files alone tell that a date will
// empty them, and from which day on.
func TestEmptying(t *testing.T) {
	t.Parallel()
	const until = "rollcall.yaml:3:40: warning: group \"X\" will have no member from the day after 2026-11-30 on: all of them are written until a day"
	for _, c := range []struct{ name, day, users, groups, want string }{
		{"the only one has a last day", "2026-11-26", "a: {groups: [{group: X, until: 2026-11-30}]}", "X: {}", until},
		{"the last day itself", "2026-11-30", "a: {groups: [{group: X, until: 2026-11-30}]}", "X: {}", until},
		{"it is over", "2026-12-01", "a: {groups: [{group: X, until: 2026-11-30}]}", "X: {}", ""},
		{"the other one is over", "2026-11-26", "a: {groups: [{group: X, until: 2026-11-30}]}, b: {groups: [{group: X, until: 2026-11-25}]}", "X: {}", until},
		{"the other one stays longer", "2026-11-26", "b: {groups: [{group: X, until: 2026-11-30}]}, a: {groups: [{group: X, until: 2026-11-29}]}", "X: {}", until},
		{"the other one stays", "2026-11-26", "a: {groups: [{group: X, until: 2026-11-30}]}, b: {groups: [X]}", "X: {}", ""},
		{"somebody else is a member", "2026-11-26", "a: {groups: [{group: X, until: 2026-11-30}]}", "X: {members: [c]}", ""},
		{"a former name", "2026-11-26", "a: {groups: [{group: Y, until: 2026-11-30}]}", "X: {was: Y}", until},
		{"not declared", "2026-11-26", "a: {groups: [{group: X, until: 2026-11-30}]}", "Y: {}", ""},
	} {
		dir := t.TempDir()
		d := loadText(t, dir, "version: 1\norg: {name: Kelp}\nusers: {"+c.users+"}\ngroups: {"+c.groups+"}\n")
		var got string
		for _, p := range d.Emptying(c.day) {
			got += p.String()
		}
		if d := cmp.Diff(c.want, strings.ReplaceAll(got, dir+string(filepath.Separator), "")); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}
