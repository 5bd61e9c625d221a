package report

import (
	"fmt"
	"io"
	"strings"

	"rollcall/state"
)

// AccessMarkdown prints access lists for people to tick off and sign: a section
// a group or a manager, and a table in each.
func AccessMarkdown(w io.Writer, orgs []*state.Access, o AccessOptions) error {
	var b strings.Builder
	for i, org := range orgs {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "# Access in %s, as of %s\n", code(Clean(org.Label)), asOfText(o.AsOf))
		switch {
		case org.Unread != "":
			fmt.Fprintf(&b, "\n**NOT READ**: %s.\n", prose(org.Unread, proseMax))
		case org.Incomplete != "":
			fmt.Fprintf(&b, "\n**INCOMPLETE**: %s. Do not review this list.\n", prose(org.Incomplete, proseMax))
		}
		if org.Short > 0 {
			fmt.Fprintf(&b, "\n**NOT ALL READ**: %s with members who could not be read. People may be in more groups than this list says.\n", count(org.Short, "group"))
		}
		for _, part := range AccessParts([]*state.Access{org}, o.By) {
			accessSection(&b, part, o.By)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// accessSection is what one group or manager is asked to look at.
func accessSection(b *strings.Builder, p AccessPart, by AccessBy) {
	first := &p.Rows[0]
	switch {
	case p.Rest != "":
		fmt.Fprintf(b, "\n## %s\n\n", strings.ToUpper(p.Rest[:1])+p.Rest[1:])
	case by == ByManager:
		fmt.Fprintf(b, "\n## Reports of %s\n\n", code(Clean(p.Title)))
	case first.Membership == "dynamic":
		fmt.Fprintf(b, "\n## Group %s, members by rule%s\n\n", code(Clean(p.Title)), unlistedMark(first.GroupListed))
	default:
		fmt.Fprintf(b, "\n## Group %s%s\n\n", code(Clean(p.Title)), unlistedMark(first.GroupListed))
	}
	switch {
	case by == ByManager && first.Unnamed():
		for i := range p.Rows {
			fmt.Fprintf(b, "- %s: %s\n", groupCell(&p.Rows[i]), notRead(&p.Rows[i]))
		}
	case first.User != "":
		accessTable(b, p.Rows, accessCellsOf(p, by))
		b.WriteString("\nReviewed by \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_ on \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\n")
	case by == ByManager:
		for i := range p.Rows {
			fmt.Fprintf(b, "- %s%s\n", code(Clean(p.Rows[i].Group)), unlistedMark(p.Rows[i].GroupListed))
		}
	default:
		b.WriteString("No members.\n")
	}
}

// unlistedMark stands behind the name of a group that the file does not have.
func unlistedMark(l state.Listed) string {
	return map[state.Listed]string{state.No: ", not in the file", state.Absent: ", which the file wants deleted", state.Ignored: ", ignored"}[l]
}

// accessCell is a column of a table.
type accessCell struct {
	title string
	text  func(*state.AccessRow) string
}

// accessCellsOf are the columns that say something in a section.
func accessCellsOf(p AccessPart, by AccessBy) []accessCell {
	all := []accessCell{
		{"user", func(r *state.AccessRow) string { return codeOrNothing(r.User) }},
		{"name", func(r *state.AccessRow) string { return prose(fullName(r), proseMax) }},
		{"state", stateCell},
	}
	if by == ByGroup {
		all = append(all, accessCell{"manager", func(r *state.AccessRow) string { return codeOrNothing(r.Manager) }})
	} else {
		all = append(all, accessCell{"group", groupCell})
	}
	if files := p.Rows[0].GroupListed != state.NotAsked || p.Rows[0].UserListed != state.NotAsked; files {
		all = append(all, accessCell{"in file", inFile})
	}
	nothing := func(*state.AccessRow) string { return "" }
	return append(all, accessCell{"Approve", nothing}, accessCell{"Modify", nothing}, accessCell{"Revoke", nothing})
}

func accessTable(b *strings.Builder, rows []state.AccessRow, columns []accessCell) {
	line := func(cell func(accessCell) string) {
		for _, c := range columns {
			b.WriteString(strings.TrimRight("| "+cell(c), " ") + " ")
		}
		b.WriteString("|\n")
	}
	line(func(c accessCell) string { return c.title })
	line(func(accessCell) string { return "---" })
	for i := range rows {
		line(func(c accessCell) string { return c.text(&rows[i]) })
	}
}

// stateCell makes stand out who should perhaps not be in anything.
func stateCell(r *state.AccessRow) string {
	switch r.State {
	case state.Activated:
		return "activated"
	case "":
		return "**not read**"
	}
	return "**" + strings.ToLower(r.State) + "**"
}

func groupCell(r *state.AccessRow) string {
	if r.Membership == "unknown" {
		return "**not known**"
	}
	text := codeOrNothing(r.Group)
	if r.Membership == "dynamic" {
		text += " (rule)"
	}
	return text
}

// inFile says what of a row the files have; what they have not stands out.
func inFile(r *state.AccessRow) string {
	switch {
	case r.UserListed == state.No:
		return "**user not in file**"
	case r.UserListed == state.Absent:
		return "**user to be deleted**"
	case r.GroupID == "":
		return string(r.UserListed)
	case r.Listed == state.No:
		return "**no**"
	}
	return string(r.Listed)
}

func codeOrNothing(s string) string {
	if s == "" {
		return ""
	}
	return code(Clean(s))
}
