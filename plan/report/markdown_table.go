package report

import (
	"fmt"
	"strings"

	"rollcall/schema"
)

// tableHead begins a table of blocks.
const tableHead = "| person | change | groups gained | groups lost |\n| --- | --- | --- | --- |\n"

// table is what the revision changes, a person or group a row.
func (m *markdown) table(b *strings.Builder, s *section) {
	blocks := s.own()
	if len(blocks) == 0 {
		return
	}
	if s.detail >= short {
		fmt.Fprintf(b, "**%s**: %s.\n\n", m.yours(s), m.elsewhere())
		return
	}
	rows := m.rows(blocks, s.detail)
	if s.detail < some && m.loud() > foldQuiet {
		b.WriteString(details(m.yours(s)+": "+count(len(rows), "row"), tableHead+strings.TrimSuffix(strings.Join(rows, ""), "\n")))
		return
	}
	b.WriteString("**" + m.yours(s) + "**\n\n")
	all := len(rows)
	if s.detail == some {
		rows = rows[:s.shown]
	}
	if len(rows) > 0 {
		b.WriteString(tableHead + strings.Join(rows, "") + "\n")
	}
	if len(rows) < all {
		fmt.Fprintf(b, "**And %s**: %s.\n\n", count(all-len(rows), "more row"), m.elsewhere())
	}
}

// yours is what the changes but for drift are called.
func (m *markdown) yours(s *section) string {
	if m.plan.Base == "" {
		return "Changes"
	}
	return s.view.yours()
}

// drift is folded: the revision did not cause it.
func (m *markdown) drift(b *strings.Builder, s *section) {
	if len(s.drifted) == 0 {
		return
	}
	title := "Drift, done in JumpCloud and not by this change: " + m.drifted(s)
	if s.detail >= some {
		b.WriteString(title + ".\n\n")
		return
	}
	b.WriteString(details(title, tableHead+strings.TrimSuffix(strings.Join(m.rows(s.view.drift, s.detail), ""), "\n")))
}

// rows are blocks as rows of a table.
func (m *markdown) rows(blocks []block, d detail) []string {
	if d >= shapes {
		blocks = shaped(blocks)
	}
	rows := make([]string, len(blocks))
	for i := range blocks {
		b := &blocks[i]
		rows[i] = fmt.Sprintf("| %s | %s | %s | %s |\n", people(b, d), strings.Join(doings(b), "<br>"), gains(b, d), losses(b, d))
	}
	return rows
}

// people is whom a row is about: all of them where access is given or
// taken and there is room, else the first ones.
func people(b *block, d detail) string {
	if len(b.names) == 1 {
		return subjectOf(b, nameMax)
	}
	most := nameFew
	if b.rank <= suspends {
		most = manyNames
	}
	if d == whole && len(b.gained)+len(b.lost)+len(b.verbs) > 0 {
		most = len(b.names)
	}
	return "**" + b.title() + "**: " + firstCodes(b.names, most)
}

// doings are what happens to people, but for their groups.
func doings(b *block) (parts []string) {
	for _, verb := range b.verbs {
		parts = append(parts, prose(verb, proseMax))
	}
	for _, h := range b.hazards {
		parts = append(parts, "**"+string(h)+"**")
	}
	for _, c := range b.conflicts {
		parts = append(parts, disputed(c, valueMax))
	}
	values := make([]string, len(b.deltas))
	for i, d := range b.deltas {
		values[i] = difference(d)
		if b.created && d.sign == add && !d.entry {
			values[i] = prose(d.name, nameMax) + " " + shown(d.new, valueMax)
		}
	}
	if b.created && len(values) > 0 {
		values = []string{"with " + strings.Join(values, ", ")}
	}
	parts = append(parts, values...)
	for _, reason := range b.reasons {
		parts = append(parts, "because "+prose(reason, proseMax))
	}
	return parts
}

func gains(b *block, d detail) string {
	if len(b.gained) == 0 {
		return ""
	}
	if b.drift {
		return "re-grants " + movesList(b.gained, d)
	}
	return movesList(b.gained, d)
}

func losses(b *block, d detail) string { return movesList(b.lost, d) }

func movesList(all []moves, d detail) string {
	parts := make([]string, len(all))
	for i, m := range all {
		parts[i] = groupList(m.groups, d)
		if m.note != "" {
			parts[i] += " (" + prose(m.note, proseMax) + ")"
		}
	}
	return strings.Join(parts, "<br>")
}

func groupList(names []string, d detail) string {
	if d == whole {
		return codes(names)
	}
	return firstCodes(names, nameFew)
}

// shapeVerbs say what happens to people who are told together without the
// particulars of each.
var shapeVerbs = map[rank]string{
	deletes: "will be deleted: this cannot be undone", suspends: "will be suspended: no more access",
	endangers: "will be reactivated: gets access again", creates: "will be created", activates: "will be activated: gets access",
}

// shaped tells people as one of whom the same fields change and who gain
// and lose the same groups, whatever the values are. Who must be looked at
// stands alone.
func shaped(blocks []block) []block {
	var out []block
	place, alone := map[string]int{}, map[string]bool{}
	for _, b := range blocks {
		key := b.shape()
		i, ok := place[key]
		if key == "" || !ok {
			place[key] = len(out)
			alone[key] = true
			out = append(out, b)
			continue
		}
		if alone[key] {
			out[i], alone[key] = out[i].vague(), false
		}
		out[i].names = append(out[i].names, b.names...)
	}
	return out
}

// shape is the same for people who can be told together; "" for none.
func (b *block) shape() string {
	if b.kind != schema.User || len(b.hazards)+len(b.conflicts) > 0 || len(b.verbs) > 0 && shapeVerbs[b.rank] == "" {
		return ""
	}
	names := []string{}
	for _, d := range b.deltas {
		if !b.created && (len(names) == 0 || names[len(names)-1] != d.name) {
			names = append(names, d.name)
		}
	}
	return fmt.Sprintf("%d %v %v %q %q %q", b.rank, b.created, len(b.verbs) > 0, names, b.gained, b.lost)
}

// vague is a block without particulars, for others to join.
func (b block) vague() block {
	names := append([]string(nil), b.names...)
	var deltas []delta
	for _, d := range b.deltas {
		if !b.created && (len(deltas) == 0 || deltas[len(deltas)-1].name != d.name) {
			deltas = append(deltas, delta{name: d.name, field: d.field})
		}
	}
	b.names, b.deltas, b.reasons = names, deltas, nil
	if len(b.verbs) > 0 {
		b.verbs = []string{shapeVerbs[b.rank]}
	}
	return b
}
