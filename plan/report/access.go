package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"rollcall/state"
)

// AccessOptions say how access reviews are printed.
type AccessOptions struct {
	AsOf time.Time // when JumpCloud was read
	By   AccessBy  // in Markdown, what a section is; rows have to be in its order
	BOM  bool      // a table begins with a byte order mark
}

// AccessBy says whose list is whose: a group's, or a manager's.
type AccessBy string

const (
	ByGroup   AccessBy = "group"
	ByManager AccessBy = "manager"
)

// Compare orders rows as lists of AccessBy are.
func (by AccessBy) Compare(x, y state.AccessRow) int {
	if by == ByManager {
		return state.CompareByManager(x, y)
	}
	return state.CompareByGroup(x, y)
}

// accessColumns are the headings of an access review as a table. The last
// three are for whoever reviews it.
var accessColumns = []string{
	"As of", "Organization", "Username", "Name", "E-mail", "State", "Manager", "Group", "Membership",
	"User in file", "Group in file", "Membership in file", "Approve", "Modify", "Revoke",
}

// asOfText is a moment as reviews have it: UTC, to the second.
func asOfText(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// mark is what stands behind the moment of a list that nobody must trust.
func mark(o *state.Access) string {
	switch {
	case o.Unread != "":
		return " NOT READ"
	case o.Incomplete != "":
		return " INCOMPLETE"
	}
	return ""
}

// notRead says how many members of a group are unnamed; "" if none is.
func notRead(r *state.AccessRow) string {
	switch {
	case r.Unread < 0:
		return "members could not be read, how many is not known"
	case r.Unread > 0:
		return fmt.Sprintf("%d of %d members could not be read", r.Unread, r.Members)
	}
	return ""
}

// fullName is the name of a person, or what stands for those who have none here.
func fullName(r *state.AccessRow) string {
	if r.Unnamed() {
		return notRead(r)
	}
	return r.FullName
}

// AccessCSV prints access lists as a table: UTF-8, commas, CRLF (RFC 4180), so
// that spreadsheets take it. A cell that they would take for a formula has a
// quote in front. Each row of an incomplete list is marked behind its moment, and
// a list without rows that is marked has one of its own.
func AccessCSV(w io.Writer, orgs []*state.Access, o AccessOptions) error {
	if o.BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	_ = out.Write(accessColumns) // Error tells
	for _, org := range orgs {
		rows := org.Rows
		if len(rows) == 0 && mark(org) != "" {
			rows = []state.AccessRow{{}}
		}
		for i := range rows {
			_ = out.Write(accessCells(org, &rows[i], o.AsOf))
		}
	}
	out.Flush()
	return out.Error()
}

func accessCells(org *state.Access, r *state.AccessRow, asOf time.Time) []string {
	cells := []string{
		asOfText(asOf) + mark(org), org.Label, r.User, fullName(r), r.Email, strings.ToLower(r.State), r.Manager, r.Group, r.Membership,
		string(r.UserListed), string(r.GroupListed), string(r.Listed), "", "", "",
	}
	for i := range cells {
		cells[i] = harmless(Clean(cells[i]))
	}
	return cells
}

// harmless is a cell that no spreadsheet takes for a formula, the full-width
// signs included that some take for the others. What Clean escapes is one
// already.
func harmless(cell string) string {
	if strings.IndexAny(strings.TrimLeft(cell, " \u3000"), "=+-@＝＋－＠") == 0 {
		return "'" + cell
	}
	return cell
}

// accessFormat names the JSON of access reviews and its version.
const accessFormat = "rollcall.access/1"

type (
	wireAccess struct {
		Format string          `json:"format"`
		AsOf   string          `json:"as_of"`
		Orgs   []wireAccessOrg `json:"orgs"`
	}
	wireAccessOrg struct {
		ID         string          `json:"id"`
		Name       string          `json:"name"`
		Complete   bool            `json:"complete"`
		Incomplete string          `json:"incomplete"` // why not; "" if complete
		Error      string          `json:"error"`      // why there is nothing; "" if there is
		Short      int             `json:"groups_with_unread_members"`
		Rows       []wireAccessRow `json:"rows"`
	}
	wireAccessRow struct {
		User        *wireAccessUser  `json:"user"`       // null of a group without members; "#" without an id of members who could not be read
		Group       *wireAccessGroup `json:"group"`      // null of somebody in no group
		Membership  *string          `json:"membership"` // static or dynamic; of somebody in no group null, or unknown if a group has unread members; null of a group without members
		InFile      *string          `json:"membership_in_file"`
		UserInFile  *string          `json:"user_in_file"` // yes, no, absent or ignored; null without files
		GroupInFile *string          `json:"group_in_file"`
	}
	wireAccessUser struct {
		Username string  `json:"username"`
		ID       string  `json:"id"`
		Name     string  `json:"name"`
		Email    string  `json:"email"`
		State    string  `json:"state"`
		Manager  *string `json:"manager"`
	}
	wireAccessGroup struct {
		Name    string `json:"name"`
		ID      string `json:"id"`
		Dynamic bool   `json:"dynamic"`
		Unread  *int   `json:"unread_members"` // members who could not be read; null if how many is not known
	}
)

// AccessJSON prints access lists with names and ids.
func AccessJSON(w io.Writer, orgs []*state.Access, o AccessOptions) error {
	out := wireAccess{Format: accessFormat, AsOf: asOfText(o.AsOf), Orgs: make([]wireAccessOrg, len(orgs))}
	for i, org := range orgs {
		rows := make([]wireAccessRow, len(org.Rows))
		for n := range org.Rows {
			rows[n] = wireAccessOf(&org.Rows[n])
		}
		out.Orgs[i] = wireAccessOrg{org.ID, org.Name, mark(org) == "", org.Incomplete, org.Unread, org.Short, rows}
	}
	return Encode(w, out)
}

func wireAccessOf(r *state.AccessRow) wireAccessRow {
	row := wireAccessRow{UserInFile: orNull(string(r.UserListed)), GroupInFile: orNull(string(r.GroupListed)), InFile: orNull(string(r.Listed))}
	if r.User != "" {
		row.User = &wireAccessUser{r.User, r.UserID, r.FullName, r.Email, strings.ToLower(r.State), orNull(r.Manager)}
	}
	if r.GroupID != "" {
		row.Group = &wireAccessGroup{r.Group, r.GroupID, r.Membership == "dynamic", unreadOrNull(r)}
	}
	if row.User != nil {
		row.Membership = orNull(r.Membership)
	}
	return row
}

func unreadOrNull(r *state.AccessRow) *int {
	if r.Unread < 0 {
		return nil
	}
	return &r.Unread
}

// AccessPart is the list of one group or manager, or of what has none.
type AccessPart struct {
	Title string // the group or manager; "" of the others
	Rest  string // what the others are, as "in no group" or "groups without members"
	*state.Access
}

// AccessParts are the lists of groups or managers, in their order. Rows have
// to be in the order of by.
func AccessParts(orgs []*state.Access, by AccessBy) (parts []AccessPart) {
	for _, o := range orgs {
		was := ""
		for i := range o.Rows {
			part, key := partOf(o, &o.Rows[i], by)
			if i > 0 && key == was {
				last := parts[len(parts)-1].Access
				last.Rows = append(last.Rows, o.Rows[i])
				continue
			}
			was = key
			one := *o
			one.Rows = []state.AccessRow{o.Rows[i]}
			if by == ByGroup && part.Title != "" {
				one.Short = shortOf(&o.Rows[i])
			}
			part.Access = &one
			parts = append(parts, part)
		}
	}
	return parts
}

// shortOf is 1 of a group with unnamed members.
func shortOf(r *state.AccessRow) int {
	if r.Unread != 0 {
		return 1
	}
	return 0
}

// partOf is what a row belongs to, and a key that all rows of it share.
func partOf(o *state.Access, r *state.AccessRow, by AccessBy) (p AccessPart, key string) {
	switch {
	case by == ByManager && r.User == "":
		p.Rest = "groups without members"
	case by == ByManager && r.Unnamed():
		p.Rest = "members not read"
	case by == ByManager && r.Manager == "":
		p.Rest = "without a manager"
	case by == ByManager:
		p.Title, key = r.Manager, r.Manager
	case r.GroupID == "" && o.Short > 0:
		p.Rest = "in no group that was read"
	case r.GroupID == "":
		p.Rest = "in no group"
	default:
		p.Title, key = r.Group, r.GroupID
	}
	return p, cmp.Or(key, p.Rest)
}
