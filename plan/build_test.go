package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/schema"
	"rollcall/state"
)

// values are an object's canonical texts by field; a part is written apart.
type values map[schema.FieldID]string

// liveBuilder makes a Live by hand.
type liveBuilder struct{ state.Live }

func (b *liveBuilder) user(name string, v values) *liveBuilder {
	return b.object(schema.User, name, v, state.Fact{Created: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
}

func (b *liveBuilder) group(name string, v values, members ...string) *liveBuilder {
	for _, m := range members {
		b.Edges = append(b.Edges, state.Edge{Group: name, User: m})
	}
	return b.object(schema.Group, name, v, state.Fact{Members: len(members), MembersRead: true, Dynamic: v[schema.MembershipMethod] == "DYNAMIC_AUTOMATED"})
}

func (b *liveBuilder) object(k schema.Kind, name string, v values, f state.Fact) *liveBuilder {
	o := object(k, name, v)
	o.ID = fmt.Sprintf("%s-%s", k, name)
	b.Objects = append(b.Objects, o)
	b.Facts = append(b.Facts, f)
	return b
}

func compareObjects(a, b *state.Object) int {
	return cmp.Or(int(a.Kind)-int(b.Kind), strings.Compare(a.Key, b.Key))
}

func object(k schema.Kind, name string, v values) state.Object {
	o := state.Object{Kind: k, Name: name, Key: name}
	if k == schema.User {
		o.Key = state.Fold(name)
	}
	for f, text := range v {
		o.Values = append(o.Values, schema.Value{Field: f, Text: text})
	}
	slices.SortFunc(o.Values, schema.Compare)
	return o
}

func (b *liveBuilder) done() *state.Live {
	type pair struct {
		o state.Object
		f state.Fact
	}
	pairs := make([]pair, len(b.Objects))
	for i := range b.Objects {
		pairs[i] = pair{b.Objects[i], b.Facts[i]}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return compareObjects(&a.o, &b.o) })
	for i, p := range pairs {
		b.Objects[i], b.Facts[i] = p.o, p.f
	}
	slices.SortFunc(b.Edges, state.CompareEdges)
	users, _ := b.OfKind(schema.User)
	b.Totals = state.Totals{Users: len(users), Groups: len(b.Objects) - len(users), Memberships: len(b.Edges)}
	b.ID, b.Name = "5f3c0a1b9d2e4c0001a7b9e1", "Bright Kelp"
	return &b.Live
}

// desiredBuilder makes a Desired by hand.
type desiredBuilder struct{ state.Desired }

func (b *desiredBuilder) user(name string, v values, in state.Intent) *desiredBuilder {
	b.Objects = append(b.Objects, object(schema.User, name, v))
	b.Intents = append(b.Intents, in)
	return b
}

func (b *desiredBuilder) group(name string, v values, in state.Intent, members ...string) *desiredBuilder {
	for _, m := range members {
		b.Edges = append(b.Edges, state.Edge{Group: name, User: m})
	}
	b.Objects = append(b.Objects, object(schema.Group, name, v))
	b.Intents = append(b.Intents, in)
	return b
}

func (b *desiredBuilder) done() *state.Desired {
	type pair struct {
		o  state.Object
		in state.Intent
	}
	pairs := make([]pair, len(b.Objects))
	for i := range b.Objects {
		pairs[i] = pair{b.Objects[i], b.Intents[i]}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return compareObjects(&a.o, &b.o) })
	for i, p := range pairs {
		b.Objects[i], b.Intents[i] = p.o, p.in
	}
	slices.SortFunc(b.Edges, state.CompareEdges)
	b.Policy.UnlistedUsers = cmp.Or(b.Policy.UnlistedUsers, "report")
	b.Policy.UnlistedGroups = cmp.Or(b.Policy.UnlistedGroups, "report")
	b.ID, b.Name, b.Timezone = "5f3c0a1b9d2e4c0001a7b9e1", "Bright Kelp", time.UTC
	return &b.Desired
}

// diff is the plan of a case on a fixed day.
func diff(t testing.TB, live *state.Live, desired *state.Desired, allow ...Allow) *Org {
	t.Helper()
	o, err := Diff(nil, live, desired, Options{AsOf: "2026-11-23", Allow: allow})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// lines is a plan's changes, a short line each.
func lines(o *Org) (got []string) {
	for _, c := range o.Changes {
		got = append(got, line(&c))
	}
	return got
}

func line(c *Change) string {
	s := fmt.Sprintf("%s %s %s", c.Action, c.Object.Kind, c.Object.Name)
	if c.To.Name != "" {
		s += " " + c.To.Name
	}
	for _, f := range c.Fields {
		s += fmt.Sprintf(" %s:%s->%s", f.Name(), f.Old, f.Text)
	}
	return s
}
