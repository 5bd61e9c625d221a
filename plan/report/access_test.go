package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"pgregory.net/rapid"

	"rollcall/plan/report"
	"rollcall/state"
)

var asOf = time.Date(2026, 11, 26, 10, 30, 0, 0, time.FixedZone("", 3600))

// accessLists are an organization, one that is incomplete, one with nothing in
// it, one that could not be read, and one with unnamed members.
func accessLists() []*state.Access {
	return []*state.Access{
		{ID: "5f3c", Name: "Bright Kelp", Label: "Bright Kelp", Rows: []state.AccessRow{
			{User: "ada", UserID: "60a", FullName: "Ada L.", Email: "ada@kelp.example", State: state.Activated, Group: "Auto", GroupID: "61a", Membership: "dynamic", UserListed: state.Yes, GroupListed: state.No, Listed: state.ByRule},
			{User: "ada", UserID: "60a", FullName: "Ada L.", Email: "ada@kelp.example", State: state.Activated, Group: "Data", GroupID: "61b", Membership: "static", UserListed: state.Yes, GroupListed: state.Yes, Listed: state.Yes},
			{User: "bo", UserID: "60b", FullName: "Bo Müller", Email: "bo@kelp.example", State: state.Suspended, Manager: "ada", Group: "Data", GroupID: "61b", Membership: "static", UserListed: state.Yes, GroupListed: state.Yes, Listed: state.No},
			{User: "svc-a", UserID: "60c", State: state.Activated, Group: "Data", GroupID: "61b", Membership: "static", UserListed: state.Ignored, GroupListed: state.Yes, Listed: state.Ignored},
			{User: "#60ff", UserID: "60ff", Group: "Data", GroupID: "61c", Membership: "static", GroupListed: state.Absent, Listed: state.No},
			{Group: "Empty", GroupID: "61d", Membership: "static", GroupListed: state.No},
			{User: "cy", UserID: "60d", FullName: "=2+2", State: state.Staged, Manager: "ada", UserListed: state.No},
			{User: "di", UserID: "60e", FullName: "Di", State: state.Activated, Manager: "bo", UserListed: state.Absent},
		}},
		{ID: "5f3d", Name: "Hartwell", Label: "Hartwell", Incomplete: "users: 1 of 3 read", Rows: []state.AccessRow{
			{User: "jo", UserID: "60a", State: state.Activated, Group: "All", GroupID: "62a", Membership: "static"},
		}},
		{ID: "5f3e", Name: "Empty | Ltd", Label: "Empty | Ltd", Incomplete: "groups: 0 of 2 read"},
		{ID: "5f3f", Label: "5f3f", Unread: "GET /api/organizations: 401 Unauthorized"},
		{ID: "5f40", Name: "Short", Label: "Short", Short: 3, Rows: []state.AccessRow{
			{User: "#", Group: "Admins", GroupID: "63a", Membership: "static", Unread: 1, Members: 1},
			{User: "#", Group: "Auto", GroupID: "63b", Membership: "dynamic", Unread: -1},
			{User: "#", Group: "Data", GroupID: "63c", Membership: "static", Unread: 2, Members: 4},
			{User: "#60ff", UserID: "60ff", Group: "Data", GroupID: "63c", Membership: "static", Unread: 2, Members: 4},
			{User: "ada", UserID: "60a", State: state.Activated, Group: "Data", GroupID: "63c", Membership: "static", Unread: 2, Members: 4},
			{Group: "Empty", GroupID: "63d", Membership: "static"},
			{User: "bo", UserID: "60b", State: state.Activated, Manager: "ada", Membership: "unknown"},
		}},
	}
}

// byManager are accessLists in the order of managers.
func byManager() []*state.Access {
	orgs := accessLists()
	for _, o := range orgs {
		slices.SortFunc(o.Rows, report.ByManager.Compare)
	}
	return orgs
}

func TestAccessGolden(t *testing.T) {
	t.Parallel()
	for name, print := range map[string]func(*bytes.Buffer) error{
		"access.csv": func(b *bytes.Buffer) error {
			return report.AccessCSV(b, accessLists(), report.AccessOptions{AsOf: asOf})
		},
		"access.json": func(b *bytes.Buffer) error {
			return report.AccessJSON(b, accessLists(), report.AccessOptions{AsOf: asOf})
		},
		"access.group.md": func(b *bytes.Buffer) error {
			return report.AccessMarkdown(b, accessLists(), report.AccessOptions{AsOf: asOf, By: report.ByGroup})
		},
		"access.manager.md": func(b *bytes.Buffer) error {
			return report.AccessMarkdown(b, byManager(), report.AccessOptions{AsOf: asOf, By: report.ByManager})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := print(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.Bytes())
		})
	}
}

// TestAccessTable proves the bytes of a table that spreadsheets depend on.
func TestAccessTable(t *testing.T) {
	t.Parallel()
	table := func(o report.AccessOptions) string {
		var b bytes.Buffer
		if err := report.AccessCSV(&b, accessLists(), o); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	plain, marked := table(report.AccessOptions{AsOf: asOf}), table(report.AccessOptions{AsOf: asOf, BOM: true})
	if marked != "\ufeff"+plain {
		t.Errorf("with a byte order mark %q, want it in front of %q", marked, plain)
	}
	if n := strings.Count(plain, "\n"); n != strings.Count(plain, "\r\n") || n != 19 {
		t.Errorf("%d lines, not all end with CRLF:\n%q", n, plain)
	}
}

// TestAccessCells proves that no name becomes a formula, a second cell or line,
// or shows otherwise than it is.
func TestAccessCells(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"=1+1": "'=1+1", "+49 30": "'+49 30", "-x": "'-x", "@SUM(A1)": "'@SUM(A1)", " =1": "' =1", "\u3000=1": "'\u3000=1",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠1": "'＠1",
		"\t=1": `\t=1`, "\r=1": `\r=1`, "a\n=1": `a\n=1`, "a,\"b\"": `a,"b"`, "a\u202eb": `a\u202eb`, "a=b": "a=b", "\xff": `\xff`, "": "", "'=1": "'=1",
	} {
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff([]string{want, want, want, want, want}, namesOf(t, name)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// namesOf are the cells of a table in which everything has one name.
func namesOf(t rapid.TB, name string) []string {
	t.Helper()
	var b bytes.Buffer
	row := state.AccessRow{User: name, UserID: "1", FullName: name, Manager: name, Group: name, GroupID: "2", State: state.Activated}
	if err := report.AccessCSV(&b, []*state.Access{{Label: name, Rows: []state.AccessRow{row}}}, report.AccessOptions{AsOf: asOf}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	r := rows[1]
	return []string{r[1], r[2], r[3], r[6], r[7]}
}

// TestAccessAnyName proves that any name stays one harmless cell of a table and
// one cell of a Markdown table, with no link, picture or HTML made of it.
func TestAccessAnyName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-=+@| <>\[\]()*_`+"`"+`\\!a-c\n]{0,12}`)).Draw(t, "name")
		for _, cell := range namesOf(t, name) {
			if strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@\t\r\n") == 0 {
				t.Errorf("%q is a formula", cell)
			}
		}
		row := state.AccessRow{User: "u" + name, UserID: "1", FullName: name, Manager: name, Group: name, GroupID: "2", State: state.Activated}
		var b bytes.Buffer
		if err := report.AccessMarkdown(&b, []*state.Access{{Label: name, Rows: []state.AccessRow{row}}}, report.AccessOptions{AsOf: asOf, By: report.ByGroup}); err != nil {
			t.Fatal(err)
		}
		p := parse(b.String())
		cells, headings := 0, 0
		each(p, func(*east.TableCell) { cells++ })
		each(p, func(*ast.Heading) { headings++ })
		bad := 0
		each(p, func(*ast.Link) { bad++ })
		each(p, func(*ast.Image) { bad++ })
		each(p, func(*ast.AutoLink) { bad++ })
		each(p, func(*ast.RawHTML) { bad++ })
		each(p, func(*ast.HTMLBlock) { bad++ })
		if cells != 2*7 || headings != 2 || bad > 0 {
			t.Errorf("%d cells, %d headings, %d of harm:\n%s", cells, headings, bad, b.String())
		}
	})
}

// TestAccessShortParts proves whose list says what of a group with unnamed members.
func TestAccessShortParts(t *testing.T) {
	t.Parallel()
	for by, orgs := range map[report.AccessBy][]*state.Access{report.ByGroup: accessLists()[4:], report.ByManager: byManager()[4:]} {
		want := map[report.AccessBy][]string{
			report.ByGroup:   {"Admins 1 1", "Auto 1 1", "Data 3 1", "Empty 1 0", "in no group that was read 1 3"},
			report.ByManager: {"ada 1 3", "without a manager 2 3", "members not read 3 3", "groups without members 1 3"},
		}
		var got []string
		for _, p := range report.AccessParts(orgs, by) {
			got = append(got, fmt.Sprint(p.Title+p.Rest, " ", len(p.Rows), " ", p.Short))
		}
		if d := cmp.Diff(want[by], got); d != "" {
			t.Errorf("by %s (-want +got):\n%s", by, d)
		}
	}
}

// TestAccessJSONShape proves what machines may rely on.
func TestAccessJSONShape(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := report.AccessJSON(&b, accessLists(), report.AccessOptions{AsOf: asOf}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Format string
		AsOf   string `json:"as_of"`
		Orgs   []struct {
			Complete bool
			Error    string
			Rows     []struct {
				User, Group *struct{ ID string }
				Membership  *string
				InFile      *string `json:"membership_in_file"`
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != "rollcall.access/1" || got.AsOf != "2026-11-26T09:30:00Z" {
		t.Errorf("%s as of %s", got.Format, got.AsOf)
	}
	for i, complete := range []bool{true, false, false, false, true} {
		if got.Orgs[i].Complete != complete || got.Orgs[i].Rows == nil || (got.Orgs[i].Error != "") != (i == 3) {
			t.Errorf("organization %d: %+v", i, got.Orgs[i])
		}
	}
	for _, r := range got.Orgs[0].Rows {
		if both := r.User != nil && r.Group != nil; (r.Membership != nil) != both || (r.InFile != nil) != both || r.User == nil && r.Group == nil {
			t.Errorf("a row of user %v and group %v: membership %v, in file %v", r.User, r.Group, r.Membership, r.InFile)
		}
	}
}
