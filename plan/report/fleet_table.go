package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"

	"rollcall/plan"
)

// fleetTable is what became of each of several organizations: numbers under
// headings, and a word.
type fleetTable struct {
	heads []string
	rows  []fleetRow
}

// fleetRow is one organization. Its name ends with tail, which is never cut.
type fleetRow struct {
	name, tail string
	numbers    []string
	state      string
	style      style
}

// Columns of the table: the name has what the others leave, within bounds. A
// narrow terminal gets narrow numbers, and a very narrow one none.
const (
	fleetName    = 40
	fleetNameMin = 12
	fleetTight   = 5 // of each number, and more for a longer heading
	idEnd        = 6 // characters of an id that tell two of one name apart
)

// fleet prints what is planned for each of several organizations, those that
// are folded in one row.
func (t *text) fleet(calm []*plan.Org) {
	table := fleetTable{heads: []string{"users", "+", "!", "-", "held"}}
	for i := range t.plan.Orgs {
		if o := &t.plan.Orgs[i]; !slices.Contains(calm, o) {
			table.rows = append(table.rows, t.fleetRow(o))
		}
	}
	if len(t.plan.Orgs) < 2 || len(table.rows) == 0 {
		return
	}
	table.addSame(len(calm))
	t.title(plain, "Summary of "+count(len(t.plan.Orgs), "organization")+ofShard(t.plan))
	t.table(&table)
	t.gap()
}

func (t *text) fleetRow(o *plan.Org) fleetRow {
	r := nameRow(t.plan, o)
	r.state, r.style = t.fate(o)
	if o.Error == "" {
		gained, changed, lost := signs(&o.Summary)
		r.numbers = []string{strconv.Itoa(o.Read.Users), unlessNone(gained), unlessNone(changed), unlessNone(lost), unlessNone(len(o.Held))}
	}
	return r
}

// nameRow is a row with nothing but the name.
func nameRow(p *plan.Plan, o *plan.Org) (r fleetRow) {
	r.name = orgName(p, o)
	if name, same := strings.CutSuffix(r.name, twin(o)); same {
		id := Clean(o.ID)
		r.name, r.tail = name, " (..."+id[max(0, len(id)-idEnd):]+")"
	}
	return r
}

// fate is what apply would do to an organization, in a word.
func (t *text) fate(o *plan.Org) (string, style) {
	switch {
	case o.Error != "":
		return "NO PLAN", alarm
	case len(o.Refused) > 0 || o.Read.Incomplete != "":
		return "REFUSED", alarm
	case len(o.Changes) > 0:
		return "to change", plain
	case len(o.Held) > 0:
		return "held", plain
	case t.options.Drift && hasUnlisted(o):
		return "unlisted", plain
	case classOf(o, t.options.Drift) == quiet:
		return "unchanged", dim
	}
	return "notes", plain
}

// signs counts changes by their sign.
func signs(s *plan.Summary) (gained, changed, lost int) {
	u, g := &s.Users, &s.Groups
	return u.Create + u.Activate + u.Reactivate + g.Create + s.Added, u.Update + g.Update, u.Suspend + u.Delete + g.Delete + s.Removed
}

// Applied is what became of one organization while a plan was applied.
type Applied struct {
	Numbers []int  // below the headings; nil if nothing was tried
	State   string // a word; "" if nothing was to be done
	Bad     bool   // something to be done was not
}

// AppliedTable prints what became of the organizations of a plan, a row each,
// those with nothing to do in one, and a sentence about them all.
func AppliedTable(w io.Writer, p *plan.Plan, heads []string, all []Applied, end string, o TextOptions) {
	t := &text{printer: printer{color: o.Color, width: o.Width}, plan: p, options: o}
	table, same := fleetTable{heads: heads}, 0
	for i, a := range all {
		if a.State == "" {
			same++
			continue
		}
		r := nameRow(p, &p.Orgs[i])
		r.state = a.State
		if a.Bad {
			r.style = alarm
		}
		for _, n := range a.Numbers {
			r.numbers = append(r.numbers, unlessNone(n))
		}
		table.rows = append(table.rows, r)
	}
	table.addSame(same)
	t.row("")
	t.say(plain, 0, sentence("Applied to "+count(len(all), "organization")+ofShard(p))...)
	t.table(&table)
	t.gap()
	t.say(bold, 0, sentence(end)...)
	_, _ = w.Write(t.Bytes()) // who prints it remembers a failed write
}

// addSame adds a row for those of which there is no more to say.
func (table *fleetTable) addSame(n int) {
	if n > 0 {
		table.rows = append(table.rows, fleetRow{name: fmt.Sprintf("%d unchanged", n), style: dim})
	}
}

// table prints rows below their headings.
func (t *text) table(table *fleetTable) {
	name, word := fleetNameMin, 0
	for i := range table.rows {
		r := &table.rows[i]
		name, word = max(name, columns(r.name+r.tail)), max(word, columns(r.state))
	}
	number := table.numberWidth(2)
	if room := t.width - headAt - len("  ") - word; t.width > 0 {
		name = min(name, fleetName)
		if name+number*len(table.heads) > room {
			number = table.numberWidth(1)
		}
		if fleetNameMin+number*len(table.heads) > room {
			number = 0
		}
		name = max(min(name, room-number*len(table.heads)), fleetNameMin)
	}
	t.tableRow(&fleetRow{name: "organization", numbers: table.heads, style: dim}, name, number, len(table.heads))
	for i := range table.rows {
		t.tableRow(&table.rows[i], name, number, len(table.heads))
	}
}

// numberWidth is how wide each number is with so many columns before it.
func (table *fleetTable) numberWidth(gap int) int {
	width := fleetTight
	for _, head := range table.heads {
		width = max(width, columns(head)+gap)
	}
	return width
}

// tableRow prints a row: so many columns for the name, and for each of so many
// numbers; 0 for none of them.
func (t *text) tableRow(r *fleetRow, name, number, numbers int) {
	text := shortened(r.name, name-columns(r.tail)) + r.tail
	text = strings.Repeat(" ", headAt) + text + strings.Repeat(" ", max(name-columns(text), 0))
	for i := range numbers {
		cell := ""
		if i < len(r.numbers) {
			cell = r.numbers[i]
		}
		if number > 0 {
			text += strings.Repeat(" ", max(number-columns(cell), 1)) + cell
		}
	}
	t.row(t.paint(r.style, strings.TrimRight(text+"  "+r.state, " ")))
}

// unlessNone is a number, blank for none.
func unlessNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// shortened is a text of at most some columns, with ... for what is left out.
func shortened(text string, most int) string {
	switch {
	case columns(text) <= most:
		return text
	case most <= len("..."):
		return ""
	}
	var b strings.Builder
	used := 0
	for g := uniseg.NewGraphemes(text); g.Next() && used+g.Width() <= most-len("..."); {
		b.WriteString(g.Str())
		used += g.Width()
	}
	return b.String() + "..."
}
