package state

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/schema"
)

func TestNames(t *testing.T) {
	t.Parallel()
	n := Names{Users: []string{"svc-*", "Break?glass", `a\*b`, ""}, Groups: []string{"All *", "*/*", "[x]"}}
	for _, tt := range []struct {
		kind schema.Kind
		name string
		want bool
	}{
		{schema.User, "svc-backup", true},
		{schema.User, "SVC-Backup", true},
		{schema.User, "svc-", true},
		{schema.User, "svc", false},
		{schema.User, "my-svc-backup", false},
		{schema.User, "break-glass", true},
		{schema.User, "breakglass", false},
		{schema.User, "a*b", true},
		{schema.User, "axb", false},
		{schema.User, "", true},
		{schema.Group, "All Users", true},
		{schema.Group, "all users", false},
		{schema.Group, "Ops/Prod/EU", true},
		{schema.Group, "Ops", false},
		{schema.Group, "[x]", true},
		{schema.Group, "x", false},
	} {
		match := n.Group
		if tt.kind == schema.User {
			match = n.User
		}
		if got := match(tt.name); got != tt.want {
			t.Errorf("%s %q: got %v, want %v", tt.kind, tt.name, got, tt.want)
		}
	}
}

// Every text matches a glob made from it by escaping, and by putting a *
// in the place of any piece of it.
func TestGlobOfName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := []rune(rapid.StringOf(rapid.RuneFrom([]rune(`ab*?\`))).Draw(t, "name"))
		from := rapid.IntRange(0, len(name)).Draw(t, "from")
		to := rapid.IntRange(from, len(name)).Draw(t, "to")
		escaped := func(part []rune) (g string) {
			for _, r := range part {
				g += `\` + string(r)
			}
			return g
		}
		if g := escaped(name); !matchGlob(g, string(name)) {
			t.Fatalf("%q does not match %q", g, string(name))
		}
		if g := escaped(name[:from]) + "*" + escaped(name[to:]); !matchGlob(g, string(name)) {
			t.Fatalf("%q does not match %q", g, string(name))
		}
		if g := escaped(name) + "?"; matchGlob(g, string(name)) {
			t.Fatalf("%q matches %q", g, string(name))
		}
	})
}

func TestFilterMatch(t *testing.T) {
	t.Parallel()
	mira := &Object{Kind: schema.User, Key: "mira.voss", Name: "Mira.Voss", Values: []schema.Value{
		{Field: schema.Email, Text: "mira@kelp.example"},
		{Field: schema.State, Text: "SUSPENDED"},
		{Field: schema.Department, Text: "R|D"},
		{Field: schema.Manager, Text: "jon.adeyemi"},
		{Field: schema.Attributes, Part: "badge", Text: `"12"`},
		{Field: schema.UnixUID, Text: "5001"},
	}}
	for _, tt := range []struct {
		field, operator, value string
		want                   bool
	}{
		{"username", "$eq", "mira.VOSS", true},
		{"username", "$sw", "mira", true},
		{"email", "$eq", "Mira@Kelp.example", true},
		{"email", "$ne", "mira@kelp.example", false},
		{"state", "$in", "staged|suspended", true},
		{"suspended", "$eq", "true", true},
		{"manager", "$eq", "Jon.Adeyemi", true},
		{"department", "$eq", "R|D", true},
		{"department", "$eq", "r|d", false},
		{"department", "$in", `Sales|R\|D`, true},
		{"department", "$in", "R|D", false},
		{"department", "$nin", "R|D", true},
		{"department", "$nin", `R\|D`, false},
		{"department", "$gt", "R", true},
		{"department", "$lt", "R", false},
		{"company", "$eq", "", true},
		{"company", "$ne", "Kelp", true},
		{"allow_public_key", "$eq", "true", true},
		{"sudo", "$eq", "false", true},
		{"attributes.badge", "$eq", "12", true},
		{"attributes.other", "$eq", "", true},
		{"unix_uid", "$gt", "999", true},
		{"unix_uid", "$gte", "5001", true},
		{"unix_uid", "$lt", "5001", false},
		{"unix_uid", "$lte", "5001", true},
		{"unix_uid", "$gt", "many", false},
		{"unix_guid", "$lt", "9", false},
		{"badge", "$ne", "12", false},
		{"company", "eq", "", false},
	} {
		f := Filter{Field: tt.field, Operator: tt.operator, Value: tt.value}
		if diff := cmp.Diff(tt.want, f.Match(mira)); diff != "" {
			t.Errorf("%s %s %q (-want +got):\n%s", tt.field, tt.operator, tt.value, diff)
		}
	}
}
