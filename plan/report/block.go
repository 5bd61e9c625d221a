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

// Signs, as a diff colours them.
const (
	add    = '+'
	remove = '-'
	modify = '!'
)

// foldFrom is how many people must have the same harmless change for it to
// be told once for all of them.
const foldFrom = 5

// view is the plan of one organization, regrouped from requests to what
// happens to each person and group.
type view struct {
	loosened  []string // how the revision weakens its policy, clean
	held      []block  // not done without being allowed
	conflicts []block  // of whom file and JumpCloud changed the same, each its own way
	first     []block  // hazards and losses
	rest      []block
	drift     []block // what was changed in JumpCloud and would be set back

	asked, dated bool // whether the revision, and whether dates of the base cause any of what is not drift
}

// sections are all blocks of a view, in the order in which they are shown.
func (v *view) sections() [][]block {
	return [][]block{v.held, v.conflicts, v.first, v.rest, v.drift}
}

// block is what a plan does to one person or group, or to several people
// the same. Its texts are clean, but for the names of groups.
type block struct {
	kind      schema.Kind
	names     []string
	sign      byte
	rank      rank
	drift     bool            // nothing that the file or a date asks for
	verbs     []string        // what happens to it as a whole
	hazards   []schema.Hazard // each once
	conflicts []conflict
	created   bool // deltas are its first values
	deltas    []delta
	gained    []moves // by their last day, those without one first
	lost      []moves
	reasons   []string // why its values change, where that is not plain from the file
	allow     string   // of a held change: what --allow takes
	changes   []*plan.Change

	key string // the same for blocks that can be told as one; "" for none
}

// moves are groups that somebody joins or leaves, and what is to be said of
// all of them: why, or until when.
type moves struct {
	groups []string // names as they are, sorted
	note   string
}

// withGroup are moves with one more group.
func withGroup(all []moves, group, note string) []moves {
	i := slices.IndexFunc(all, func(m moves) bool { return m.note == note })
	if i < 0 {
		i = len(all)
		all = append(all, moves{note: note})
	}
	all[i].groups = append(all[i].groups, group)
	slices.Sort(all[i].groups)
	return all
}

// conflict is what the file and JumpCloud both changed since the base.
type conflict struct {
	what             string // the field or part, or what happens
	base, live, file string // what is shown; "" where what says it all
}

// rank orders the blocks of a section.
type rank uint8

const (
	deletes rank = iota
	suspends
	endangers
	leaves
	creates
	activates
	updates
	joins
)

// subject is a person or group and the changes that concern them.
type subject struct {
	values
	plan.Name
	own          []*plan.Change // of the object itself, in plan order
	gained, shed []*plan.Change // memberships of a person
}

// regroup makes a view of a plan: memberships stand with the person.
func (s values) regroup(o *plan.Org) view {
	var v view
	for _, what := range o.Loosened {
		v.loosened = append(v.loosened, "loosened: "+Clean(strings.TrimPrefix(what, "policy.")))
	}
	for i := range o.Held {
		v.held = append(v.held, s.held(&o.Held[i]))
	}
	own, drift := byCause(o.Changes)
	v.asked, v.dated = len(o.Loosened) > 0 || slices.ContainsFunc(own, isAsked), slices.ContainsFunc(own, isDated)
	for _, who := range s.subjects(own) {
		switch b := who.block(); {
		case len(b.conflicts) > 0:
			v.conflicts = append(v.conflicts, b)
		case len(b.hazards) > 0 || b.rank <= leaves:
			v.first = append(v.first, b)
		default:
			v.rest = append(v.rest, b)
		}
	}
	for _, who := range s.subjects(drift) {
		b := who.block()
		b.drift = true
		v.drift = append(v.drift, b)
	}
	v.conflicts, v.first, v.rest, v.drift = fold(v.conflicts), fold(v.first), fold(v.rest), fold(v.drift)
	return v
}

func (s values) held(h *plan.Held) block {
	who := h.Object
	if h.Action == plan.Add || h.Action == plan.Remove {
		who = h.To
	}
	return block{
		kind: who.Kind, names: []string{Clean(who.Name)},
		verbs: []string{because(s.heldVerb(h), h.Reason)}, allow: h.Allow, changes: []*plan.Change{&h.Change},
	}
}

// subjects are the people and groups of changes, in order of first mention.
func (s values) subjects(changes []plan.Change) []*subject {
	var all []*subject
	by := map[plan.Name]*subject{}
	of := func(n plan.Name) *subject {
		key := plan.Name{Kind: n.Kind, ID: n.ID}
		if n.ID == "" {
			key.Name = n.Name
		}
		if by[key] == nil {
			by[key] = &subject{values: s, Name: n}
			all = append(all, by[key])
		}
		return by[key]
	}
	for i := range changes {
		switch c := &changes[i]; c.Action {
		case plan.Add:
			who := of(c.To)
			who.gained = append(who.gained, c)
		case plan.Remove:
			who := of(c.To)
			who.shed = append(who.shed, c)
		default:
			who := of(c.Object)
			who.own = append(who.own, c)
		}
	}
	return all
}

// creation is the change that makes the object, nil if it is live.
func (s *subject) creation() *plan.Change {
	for _, c := range s.own {
		if c.Action == plan.Create {
			return c
		}
	}
	return nil
}

func (s *subject) block() block {
	b := block{kind: s.Kind, names: []string{Clean(s.Name.Name)}, created: s.creation() != nil, rank: joins}
	b.changes = slices.Concat(s.own, s.gained, s.shed)
	for _, c := range s.own {
		b.add(s, c)
	}
	for _, c := range s.gained {
		b.gained = withGroup(b.gained, c.Object.Name, until(c))
		b.hazards = append(b.hazards, c.Hazards...)
		b.conflicts = append(b.conflicts, disputes(s.values, c)...)
	}
	for _, c := range s.shed {
		b.lose(c)
		b.conflicts = append(b.conflicts, disputes(s.values, c)...)
	}
	slices.SortFunc(b.gained, func(x, y moves) int { return strings.Compare(x.note, y.note) })
	slices.Sort(b.hazards)
	b.hazards = slices.Compact(b.hazards)
	if len(b.hazards) > 0 {
		b.rank = min(b.rank, endangers)
	}
	b.sign = b.signed()
	b.key = s.key(&b)
	return b
}

// add adds a change of the object itself.
func (b *block) add(s *subject, c *plan.Change) {
	b.rank = min(b.rank, rankOf(c))
	b.hazards = append(b.hazards, c.Hazards...)
	if verb := s.verb(c); verb != "" {
		b.verbs = append(b.verbs, verb)
	}
	for _, d := range c.Fields {
		if d.Field != schema.State && !schema.Of(d.Field).Key && d.Origin != plan.Conflict {
			b.deltas = append(b.deltas, s.deltas(d)...)
		}
	}
	b.conflicts = append(b.conflicts, disputes(s.values, c)...)
	if c.Action == plan.Update && c.Reason != "" && renamed(c) == "" && !b.created {
		b.reasons = append(b.reasons, Clean(c.Reason))
	}
}

// lose adds a group that the person leaves, to others left for the same reason.
func (b *block) lose(c *plan.Change) {
	b.rank = min(b.rank, leaves)
	b.hazards = append(b.hazards, c.Hazards...)
	b.lost = withGroup(b.lost, c.Object.Name, reasonOf(c))
}

// disputes are what the file and JumpCloud both changed: values, or all of
// a change that has no values in conflict.
func disputes(s values, c *plan.Change) (all []conflict) {
	for _, d := range c.Fields {
		if d.Origin == plan.Conflict {
			all = append(all, s.conflict(d))
		}
	}
	if c.Origin == plan.Conflict && len(all) == 0 {
		all = append(all, conflict{what: changeName(c) + ": changed in JumpCloud and in the file"})
	}
	return all
}

func rankOf(c *plan.Change) rank {
	switch c.Action {
	case plan.Delete:
		return deletes
	case plan.Suspend:
		return suspends
	case plan.Reactivate:
		return endangers
	case plan.Create:
		return creates
	case plan.Activate:
		return activates
	}
	return updates
}

// signed is the sign of the whole block.
func (b *block) signed() byte {
	switch {
	case b.rank <= suspends:
		return remove
	case b.created:
		return add
	case len(b.verbs)+len(b.deltas)+len(b.conflicts) > 0:
		return modify
	case len(b.lost) == 0:
		return add
	case len(b.gained) == 0:
		return remove
	}
	return modify
}

// key is what blocks must have in common to be told as one: everything but
// the name, by canonical values and not by what is shown of them. A person
// in danger or in conflict, a new one and one who gets another name or state
// stands alone.
func (s *subject) key(b *block) string {
	if b.kind != schema.User || len(b.hazards)+len(b.conflicts) > 0 || b.rank < leaves || b.rank == creates {
		return ""
	}
	var k strings.Builder
	for _, c := range s.own {
		if renamed(c) != "" {
			return ""
		}
		fmt.Fprintf(&k, "%s %q %q\n", c.Action, c.Mail, c.Reason)
		for _, d := range c.Fields {
			fmt.Fprintf(&k, "%d %q %q %q\n", d.Field, d.Part, d.Old, d.Text)
		}
	}
	fmt.Fprintf(&k, "%q %q", b.gained, b.lost)
	return k.String()
}

// fold tells blocks that differ in the name only as one, where there are
// enough of them, and sorts.
func fold(blocks []block) []block {
	slices.SortStableFunc(blocks, compareBlocks)
	count := map[string]int{}
	for i := range blocks {
		count[blocks[i].key]++
	}
	var out []block
	place := map[string]int{}
	for _, b := range blocks {
		if b.key == "" || count[b.key] < foldFrom {
			out = append(out, b)
			continue
		}
		if i, ok := place[b.key]; ok {
			out[i].names, out[i].changes = append(out[i].names, b.names...), append(out[i].changes, b.changes...)
			continue
		}
		place[b.key] = len(out)
		out = append(out, b)
	}
	return out
}

// compareBlocks puts people before groups, what is worse first, then names.
func compareBlocks(a, b block) int {
	return cmp.Or(
		cmp.Compare(a.kind, b.kind), cmp.Compare(a.rank, b.rank),
		strings.Compare(state.Fold(a.names[0]), state.Fold(b.names[0])), strings.Compare(a.names[0], b.names[0]),
	)
}
