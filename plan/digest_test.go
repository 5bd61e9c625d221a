package plan

import (
	"testing"

	"rollcall/schema"
	"rollcall/state"
)

// Everything that apply sends is in the digest.
func TestDigestCovers(t *testing.T) {
	password := func(command ...string) Delta {
		from := state.Reference{Command: command}
		return Delta{Value: schema.Value{Field: schema.Password, Text: from.String()}, Secret: from}
	}
	manager := func(id string) Delta {
		return Delta{Value: schema.Value{Field: schema.Manager, Text: "mira"}, RefID: id}
	}
	seen := map[string]int{}
	for i, fields := range [][]Delta{
		{password("op", "read", "x")}, {password("op", "read", "y")}, {password("op", "read x")}, {password("op")},
		{manager("1")}, {manager("2")}, {manager("")}, {},
	} {
		o := Org{ID: "1", Changes: []Change{{Action: Update, Object: theUser("jon"), Fields: fields}}}
		if other, same := seen[digest(&o)]; same {
			t.Errorf("cases %d and %d have one digest", other, i)
		}
		seen[digest(&o)] = i
	}
}
