package state

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/jumpcloud/sandbox"
	"rollcall/schema"
)

// The fewest requests that tell whether memberships exist.
func TestEdgeReads(t *testing.T) {
	t.Parallel()
	edges := func(group string, users ...string) (all []IDEdge) {
		for _, u := range users {
			all = append(all, IDEdge{group, u})
		}
		return all
	}
	many := make([]string, 30)
	for i := range many {
		many[i] = fmt.Sprint("u", i)
	}
	tests := []struct {
		name    string
		edges   []IDEdge
		members map[string]int
		groups  []string
		users   int
	}{
		{"nothing", nil, nil, nil, 0},
		{"one of a small group", edges("g", "a"), map[string]int{"g": 5}, nil, 1},
		{"several of a small group", edges("g", "a", "b", "c"), map[string]int{"g": 5}, []string{"g"}, 0},
		{"several of a large group", edges("g", "a", "b", "c"), map[string]int{"g": 500}, nil, 3},
		{"one person in many groups", append(edges("g", "a"), append(edges("h", "a"), edges("i", "a")...)...), nil, nil, 1},
		{"two people in many groups", append(edges("g", "a", "b"), append(edges("h", "a", "b"), edges("i", "a", "b")...)...), nil, nil, 2},
		{"many of a small group and two of a large one", append(edges("g", many...), edges("h", "x", "y")...), map[string]int{"g": 30, "h": 5000}, []string{"g"}, 2},
		{"many of two groups", append(edges("g", many...), edges("h", many[:20]...)...), map[string]int{"g": 250, "h": 100}, []string{"g", "h"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			groups, users := EdgeReads(test.edges, test.members)
			if d := cmp.Diff(test.groups, groups); d != "" || len(users) != test.users {
				t.Errorf("%d users, want %d; groups (-want +got):\n%s", len(users), test.users, d)
			}
		})
	}
}

// What is read again is what Read has, but for managers, which are ids.
func TestReread(t *testing.T) {
	t.Parallel()
	users := people(250)
	users[0]["manager"], users[0]["recoveryEmail"] = "u001", map[string]any{"address": "Home@kelp.example"}
	server, c := serve(t, kelp(users, []sandbox.Group{{"name": "Data", "members": members(150), "attributes": map[string]any{"sambaEnabled": true}}}), sandbox.Options{DanglingMembers: true})
	live := mustRead(t, c, ReadOptions{})
	id := func(k schema.Kind, key string) string { return live.Objects[live.Find(k, key)].ID }
	boss, group := id(schema.User, "u001"), id(schema.Group, "Data")
	for _, n := range []int{1, 3, 4, 250} {
		var ids []string
		for i := range n {
			ids = append(ids, id(schema.User, fmt.Sprintf("u%03d", i)))
		}
		server.ResetRequests()
		steps := 0
		count := &Counter{Tell: func(done, _ int) { steps = done }}
		seen, err := Reread(t.Context(), c, schema.User, append(ids, "60aa0f2b1c9d440000a1b2ff"), nil, 250, count)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(server.Requests()), min(n+1, 3); got != want || steps != want || len(seen) != n {
			t.Errorf("%d people: %d requests and %d steps, want %d; %d seen", n, got, steps, want, len(seen))
		}
		want := live.Objects[live.Find(schema.User, "u000")]
		want.Values = append([]schema.Value{}, want.Values...)
		for i := range want.Values {
			if want.Values[i].Field == schema.Manager {
				want.Values[i].Text = boss
			}
		}
		if d := cmp.Diff(want, seen[ids[0]].Object); d != "" {
			t.Errorf("%d people: the first (-want +got):\n%s", n, d)
		}
	}
	seen, err := Reread(t.Context(), c, schema.Group, []string{group}, []string{group}, 1, nil)
	if d := cmp.Diff(live.Objects[live.Find(schema.Group, "Data")], seen[group].Object); d != "" || err != nil {
		t.Errorf("%v; group (-want +got):\n%s", err, d)
	}
}

func TestRereadEdges(t *testing.T) {
	t.Parallel()
	server, c := serve(t, kelp(people(250), []sandbox.Group{{"name": "Data", "members": members(150)}}), sandbox.Options{})
	live := mustRead(t, c, ReadOptions{})
	id := func(k schema.Kind, key string) string { return live.Objects[live.Find(k, key)].ID }
	group := id(schema.Group, "Data")
	for _, n := range []int{1, 2, 250} {
		var edges []IDEdge
		for i := range n {
			edges = append(edges, IDEdge{group, id(schema.User, fmt.Sprintf("u%03d", i))})
		}
		edges = append(edges, IDEdge{"60aa0f2b1c9d440000a1b2ff", edges[0].User})
		server.ResetRequests()
		steps := 0
		count := &Counter{Tell: func(done, _ int) { steps = done }}
		seen, err := RereadEdges(t.Context(), c, edges, map[string]int{group: 150}, count)
		if err != nil {
			t.Fatal(err)
		}
		got, want, cost := len(server.Requests()), min(n, 3), RereadEdgesCost(edges, map[string]int{group: 150})
		if got != want || steps != want || cost != want {
			t.Errorf("%d edges: %d requests, %d steps, a cost of %d, want %d", n, got, steps, cost, want)
		}
		for i, e := range edges {
			if want := i < 150 && e.Group == group; seen[e] != want {
				t.Errorf("edge %d of %d: %v, want %v", i, n, seen[e], want)
			}
		}
	}
}
