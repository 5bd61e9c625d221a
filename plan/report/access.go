package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"rollcall/state"
)

// accessFormat names the JSON of access reviews and its version.
const accessFormat = "rollcall.access/1"

// accessColumns are the headings of an access review as a table. The last
// three are for whoever reviews it.
var accessColumns = []string{
	"As of", "Organization", "Username", "Name", "E-mail", "State", "Manager", "Group", "Membership", "User in file", "Membership in file", "Approve", "Modify", "Revoke",
}

// asOfText is a moment as reviews have it: UTC, to the second.
func asOfText(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// AccessCSV prints access lists as a table: UTF-8, commas, CRLF (RFC 4180), so
// that spreadsheets take it. A cell that they would take for a formula has a
// quote in front.
func AccessCSV(w io.Writer, orgs []*state.Access, asOf time.Time) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(accessColumns); err != nil {
		return err
	}
	for _, o := range orgs {
		for _, r := range o.Rows {
			cells := []string{
				asOfText(asOf), accessLabel(o), r.User, r.FullName, r.Email, strings.ToLower(r.State), r.Manager, r.Group, r.Membership, string(r.UserListed), string(r.Listed), "", "", "",
			}
			for i := range cells {
				cells[i] = harmless(Clean(cells[i]))
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// harmless is a cell that no spreadsheet takes for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

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
		Incomplete string          `json:"incomplete,omitempty"` // why not
		Rows       []wireAccessRow `json:"rows"`
	}
	wireAccessRow struct {
		User       *wireAccessName `json:"user"` // null of a group without members
		Name       string          `json:"name"` // first and last name, or the display name
		Email      string          `json:"email"`
		State      string          `json:"state"`
		Manager    *string         `json:"manager"`
		Group      *wireAccessName `json:"group"` // null of somebody in no group
		Membership *string         `json:"membership"`
		UserInFile *string         `json:"user_in_file"` // yes, no or ignored; null without files
		InFile     *string         `json:"membership_in_file"`
	}
	wireAccessName struct {
		Name string `json:"name"`
		ID   string `json:"id"`
	}
)

// AccessJSON prints access lists with names and ids.
func AccessJSON(w io.Writer, orgs []*state.Access, asOf time.Time) error {
	out := wireAccess{Format: accessFormat, AsOf: asOfText(asOf), Orgs: []wireAccessOrg{}}
	for _, o := range orgs {
		rows := make([]wireAccessRow, len(o.Rows))
		for i, r := range o.Rows {
			rows[i] = wireAccessRow{
				User: named(r.User, r.UserID), Name: r.FullName, Email: r.Email, State: strings.ToLower(r.State), Manager: orNull(r.Manager),
				Group: named(r.Group, r.GroupID), Membership: orNull(r.Membership), UserInFile: orNull(string(r.UserListed)), InFile: orNull(string(r.Listed)),
			}
		}
		out.Orgs = append(out.Orgs, wireAccessOrg{o.ID, o.Name, o.Incomplete == "", o.Incomplete, rows})
	}
	return Encode(w, out)
}

func named(name, id string) *wireAccessName {
	if name == "" && id == "" {
		return nil
	}
	return &wireAccessName{name, id}
}

// AccessMarkdown prints access lists for people to tick off: a section a group,
// or with byManager a manager, and a table in each.
func AccessMarkdown(w io.Writer, orgs []*state.Access, asOf time.Time, by AccessBy) error {
	var b strings.Builder
	for _, o := range orgs {
		fmt.Fprintf(&b, "# Access in %s, as of %s\n\n", prose(accessLabel(o), proseMax), asOfText(asOf))
		if o.Incomplete != "" {
			fmt.Fprintf(&b, "**INCOMPLETE**: %s. Do not review this list.\n\n", prose(o.Incomplete, proseMax))
		}
		for _, part := range AccessParts([]*state.Access{o}, by) {
			accessTable(&b, part, by)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// AccessBy says whose list is whose: a group's, or a manager's.
type AccessBy string

const (
	ByGroup   AccessBy = "group"
	ByManager AccessBy = "manager"
)

// AccessPart is the list of one group or manager.
type AccessPart struct {
	Title string // "" of those who have none
	*state.Access
}

// AccessParts are the lists of groups or managers, in their order. Rows have
// to be sorted by the same.
func AccessParts(orgs []*state.Access, by AccessBy) (parts []AccessPart) {
	for _, o := range orgs {
		for _, r := range o.Rows {
			title := r.Group
			if by == ByManager {
				title = r.Manager
			}
			if n := len(parts); n > 0 && parts[n-1].ID == o.ID && parts[n-1].Title == title {
				parts[n-1].Rows = append(parts[n-1].Rows, r)
				continue
			}
			part := *o
			part.Rows = []state.AccessRow{r}
			parts = append(parts, AccessPart{title, &part})
		}
	}
	return parts
}

// accessTable is a section with its table.
func accessTable(b *strings.Builder, p AccessPart, by AccessBy) {
	none := map[AccessBy]string{ByGroup: "In no group", ByManager: "Without a manager"}
	title := none[by]
	if p.Title != "" {
		title = map[AccessBy]string{ByGroup: "Group ", ByManager: "Reports of "}[by] + code(cut(Clean(p.Title), nameMax))
	}
	fmt.Fprintf(b, "## %s\n\n| user | name | state | manager | group | in file | Approve | Modify | Revoke |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n", title)
	for _, r := range p.Rows {
		state := strings.ToLower(r.State)
		if state == "suspended" || state == "staged" {
			state = "**" + state + "**"
		}
		group := codeOrNothing(r.Group)
		if r.Membership == "dynamic" {
			group += " (rule)"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | | | |\n", codeOrNothing(r.User), prose(r.FullName, proseMax), state, codeOrNothing(r.Manager), group, inFile(r))
	}
	b.WriteString("\n")
}

// inFile says what of a row the files have.
func inFile(r state.AccessRow) string {
	switch {
	case r.User == "" || r.UserListed == state.NotAsked:
		return ""
	case r.UserListed != state.Yes:
		return "user: " + string(r.UserListed)
	case r.Group == "":
		return "yes"
	}
	return string(r.Listed)
}

func codeOrNothing(s string) string {
	if s == "" {
		return ""
	}
	return code(cut(Clean(s), nameMax))
}

// accessLabel is what an organization is called.
func accessLabel(o *state.Access) string {
	if o.Name != "" {
		return o.Name
	}
	return o.ID
}
