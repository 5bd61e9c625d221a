package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// pageGroup is who joins and who leaves a group.
type pageGroup struct {
	Tags, Name string
	New        bool
	Moves      []pageMove
}

// pageMove is people who join or leave a group for one reason.
type pageMove struct {
	Sign    pageSign
	Action  string // as in tags
	Title   string
	Members []pageMember

	reason string
}

// pageMember is who joins or leaves, and its hazards.
type pageMember struct{ Name, Hazards string }

// groups are those that people join or leave, by name.
func groups(o *plan.Org) []pageGroup {
	byName := map[string][]*plan.Change{}
	created := map[string]bool{}
	for i := range o.Changes {
		switch c := &o.Changes[i]; {
		case c.Action == plan.Add || c.Action == plan.Remove:
			byName[c.Object.Name] = append(byName[c.Object.Name], c)
		case c.Action == plan.Create && c.Object.Kind == schema.Group:
			created[c.Object.Name] = true
		}
	}
	var all []pageGroup
	for name, changes := range byName {
		all = append(all, pageGroup{Tags: tagSet{}.of(changes), Name: Clean(name), New: created[name], Moves: movesOf(changes)})
	}
	slices.SortFunc(all, func(a, b pageGroup) int { return compareNames(a.Name, b.Name) })
	return all
}

// movesOf are the changes of one group: who joins first, then by reason.
func movesOf(changes []*plan.Change) []pageMove {
	type key struct {
		action plan.Action
		reason string
	}
	place := map[key]int{}
	var all []pageMove
	for _, c := range changes {
		k := key{c.Action, moveReason(c)}
		at, ok := place[k]
		if !ok {
			at = len(all)
			place[k] = at
			all = append(all, pageMove{Sign: moveSigns[c.Action], Action: actionCodes[c.Action], reason: k.reason})
		}
		all[at].Members = append(all[at].Members, memberOf(c))
	}
	for i := range all {
		all[i].finish()
	}
	slices.SortFunc(all, func(a, b pageMove) int {
		return cmp.Or(strings.Compare(a.Action, b.Action), strings.Compare(a.reason, b.reason))
	})
	return all
}

var moveSigns = map[plan.Action]pageSign{plan.Add: add, plan.Remove: remove}

// moveReason is why somebody joins or leaves, and whether that is not
// simply asked for.
func moveReason(c *plan.Change) string {
	if c.Origin == plan.Conflict || c.Origin == plan.Drift {
		return joined(joined(string(c.Origin), until(c)), Clean(c.Reason))
	}
	return joined(until(c), reasonOf(c))
}

// finish sorts the members and tells how many they are.
func (m *pageMove) finish() {
	slices.SortFunc(m.Members, func(a, b pageMember) int { return compareNames(a.Name, b.Name) })
	verb := "joins"
	if m.Sign == remove {
		verb = "leaves"
	}
	if n := len(m.Members); n > 1 {
		m.Title = fmt.Sprintf("%d %s", n, strings.TrimSuffix(verb, "s"))
	} else {
		m.Title = verb
	}
	if m.reason != "" {
		m.Title += " (" + m.reason + ")"
	}
}

func memberOf(c *plan.Change) pageMember {
	hazards := make([]string, len(c.Hazards))
	for i, h := range c.Hazards {
		hazards[i] = string(h)
	}
	return pageMember{Clean(c.To.Name), strings.Join(hazards, ", ")}
}

func compareNames(a, b string) int {
	return cmp.Or(strings.Compare(state.Fold(a), state.Fold(b)), strings.Compare(a, b))
}
