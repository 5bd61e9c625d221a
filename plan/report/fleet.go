package report

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"

	"rollcall/plan"
)

// quietOrgs are the organizations of a plan of which there is no more to say
// than that they do not change.
func quietOrgs(p *plan.Plan) (quiet []*plan.Org) {
	for i := range p.Orgs {
		if isBrief(&p.Orgs[i]) {
			quiet = append(quiet, &p.Orgs[i])
		}
	}
	return quiet
}

// fold prints one line for organizations that do not change, if there are
// several.
func (t *text) fold(orgs []*plan.Org) {
	if len(orgs) < 2 {
		return
	}
	var read plan.Read
	names := make([]string, len(orgs))
	for i, o := range orgs {
		names[i] = orgName(o)
		read.Users, read.Groups, read.Memberships = read.Users+o.Read.Users, read.Groups+o.Read.Groups, read.Memberships+o.Read.Memberships
	}
	if more := len(names) - nameFew; more > 1 {
		names = append(names[:nameFew], fmt.Sprintf("and %d more", more))
	}
	t.gap()
	t.say(bold, 0, sentence(fmt.Sprintf("No change in %s; %s", count(len(orgs), "organization"), readOf(&plan.Org{Read: read, Offline: orgs[0].Offline})))...)
	t.say(plain, headAt, list(names)...)
}

// orgName is what an organization is called in a table.
func orgName(o *plan.Org) string {
	return cmp.Or(Clean(o.Name), Clean(o.ID), "the organization of the key")
}

// fleetRow is an organization in the table of a run.
type fleetRow struct {
	name, state           string
	users                 int // -1 if they were not read
	gained, changed, lost int
	held                  int
	style                 style
}

// fleetRows are the organizations of a run that are more than unchanged, in
// their order.
func fleetRows(p *plan.Plan) (rows []fleetRow) {
	for i := range p.Orgs {
		o := &p.Orgs[i]
		if isBrief(o) {
			continue
		}
		s := &o.Summary
		r := fleetRow{name: orgName(o), users: o.Read.Users, held: len(o.Held), state: "to change",
			gained:  s.Users.Create + s.Users.Activate + s.Users.Reactivate + s.Groups.Create + s.Added,
			changed: s.Users.Update + s.Groups.Update,
			lost:    s.Users.Suspend + s.Users.Delete + s.Groups.Delete + s.Removed,
		}
		switch {
		case o.Error != "":
			r.state, r.users, r.style = "NO PLAN", -1, alarm
		case len(o.Refused) > 0:
			r.state, r.style = "REFUSED", alarm
		case len(o.Changes) == 0 && len(o.Held) > 0:
			r.state = "held"
		case len(o.Changes) == 0:
			r.state = "notes"
		}
		rows = append(rows, r)
	}
	return rows
}

// Columns of the table: the name has what the others leave, within bounds. A
// narrow terminal gets narrow numbers, and a very narrow one none.
const (
	fleetName    = 40
	fleetNameMin = 12
	fleetNumbers = 5
	fleetNumber  = 7
	fleetTight   = 5
	fleetState   = 9
)

// numberWidth is how wide each number is, 0 for none.
func (t *text) numberWidth() int {
	room := t.width - headAt - fleetNameMin - 2 - fleetState
	switch {
	case t.width == 0 || room >= fleetNumbers*fleetNumber:
		return fleetNumber
	case room >= fleetNumbers*fleetTight:
		return fleetTight
	}
	return 0
}

// table prints what becomes of each of several organizations, those that do
// not change in one row.
func (t *text) table() {
	rows := fleetRows(t.plan)
	if len(t.plan.Orgs) < 2 || len(rows) == 0 {
		return
	}
	name := fleetNameMin
	for _, r := range rows {
		name = max(name, columns(r.name))
	}
	name = min(name, fleetName)
	if t.width > 0 {
		name = max(min(name, t.width-headAt-fleetNumbers*t.numberWidth()-2-fleetState), fleetNameMin)
	}
	t.title(plain, "Summary of "+count(len(t.plan.Orgs), "organization")+ofShard(t.plan))
	t.fleetLine(dim, name, "organization", "users", "+", "!", "-", "held", "")
	for _, r := range rows {
		users := strconv.Itoa(r.users)
		if r.users < 0 {
			users = ""
		}
		t.fleetLine(r.style, name, r.name, users, unlessNone(r.gained), unlessNone(r.changed), unlessNone(r.lost), unlessNone(r.held), r.state)
	}
	if same := len(t.plan.Orgs) - len(rows); same > 0 {
		t.fleetLine(dim, name, fmt.Sprintf("%d unchanged", same))
	}
	t.gap()
}

// ofShard says which part of the organizations a plan is about, "" for all.
func ofShard(p *plan.Plan) string {
	if p.Shard == "" {
		return ""
	}
	return ", shard " + p.Shard
}

// unlessNone is a number, blank for none.
func unlessNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// fleetLine prints a row of the table: a name, numbers, and a word.
func (t *text) fleetLine(s style, width int, name string, cells ...string) {
	name = shortened(name, width)
	line := strings.Repeat(" ", headAt) + name + strings.Repeat(" ", width-columns(name))
	for i, cell := range cells {
		if i == len(cells)-1 {
			line += "  " + cell
			continue
		}
		if n := t.numberWidth(); n > 0 {
			line += strings.Repeat(" ", max(n-columns(cell), 1)) + cell
		}
	}
	t.row(t.paint(s, strings.TrimRight(line, " ")))
}

// shortened is a text of at most some columns, with ... for what is left out.
func shortened(text string, most int) string {
	if columns(text) <= most {
		return text
	}
	var b strings.Builder
	used := 0
	for g := uniseg.NewGraphemes(text); g.Next() && used+g.Width() <= most-len("..."); {
		b.WriteString(g.Str())
		used += g.Width()
	}
	return b.String() + "..."
}
