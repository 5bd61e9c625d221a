package state

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/schema"
)

// templateFields are columns of JumpCloud's import template for fields of one
// text, with what random people have in them.
var templateFields = []struct {
	heading string
	field   schema.FieldID
	part    string
	texts   []string
}{
	{"FirstName", schema.Firstname, "", []string{"Zoë", "O'Neil", "Li, Bo", `"Q"`}},
	{"LastName", schema.Lastname, "", []string{"Groß", "da Silva", "x;y"}},
	{"alternateEmail", schema.AlternateEmail, "", []string{"home@kelp.example"}},
	{"jobTitle", schema.JobTitle, "", []string{"Manager, Sales", "00123", "NO", "two\nlines"}},
	{"department", schema.Department, "", []string{"Sales", "null"}},
	{"costCenter", schema.CostCenter, "", []string{"1e3"}},
	{"company", schema.Company, "", []string{"Kelp GmbH", "~"}},
	{"description", schema.Description, "", []string{"a # b: c", "- x"}},
	{"mobile_number", schema.PhoneNumbers, "mobile", []string{"+49 30 1234", "007"}},
	{"work_fax_number", schema.PhoneNumbers, "work_fax", []string{"1"}},
	{"unix_uid", schema.UnixUID, "", []string{"5001", "6001"}},
	{"sudo", schema.Sudoer, "", []string{"true"}},
	{"password_never_expires", schema.PasswordNeverExpires, "", []string{"true"}},
	{"Attribute1_value", schema.Attributes, "badge", []string{"0123", "x"}},
}

// randomRow is a random live person and the row that says the same.
func randomRow(t *rapid.T, i int, boss string, groups []string) (o Object, edges []Edge, row map[string]string) {
	name := fmt.Sprintf("p%02d", i)
	row = map[string]string{"Username": name, "Email": name + "@kelp.example", "employeeIdentifier": fmt.Sprintf("%05d", i), "manager": boss}
	values := []schema.Value{
		{Field: schema.Email, Text: row["Email"]}, {Field: schema.EmployeeIdentifier, Text: row["employeeIdentifier"]},
	}
	if boss != "" {
		values = append(values, schema.Value{Field: schema.Manager, Text: boss})
	}
	for _, f := range templateFields {
		if !rapid.Bool().Draw(t, f.heading) {
			continue
		}
		text := rapid.SampledFrom(f.texts).Draw(t, f.heading)
		row[f.heading] = text
		switch schema.Of(f.field).Type {
		case schema.ByType:
			text = fmt.Sprintf(`[{"number":%q}]`, text)
		case schema.Map:
			row["Attribute1_name"], text = f.part, fmt.Sprintf("%q", text)
		}
		values = append(values, schema.Value{Field: f.field, Part: f.part, Text: text})
	}
	for n, group := range groups {
		if rapid.Bool().Draw(t, "in "+group) {
			row[fmt.Sprintf("Group%d", n+1)] = group
			edges = append(edges, Edge{group, name})
		}
	}
	return object(schema.User, name, values...), edges, row
}

// TestImportOfExport proves that people who are exported in CSV form, in any
// order of rows and columns and with any delimiter, are imported as those that
// export writes.
func TestImportOfExport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		live := &Live{Org: Org{ID: kelpID, Name: "Bright Kelp", Region: "us"}}
		groups := []string{"All: Users", "Data", "NO"}
		var rows []map[string]string
		for i := range rapid.IntRange(1, 6).Draw(t, "people") {
			boss := ""
			if i > 0 && rapid.Bool().Draw(t, "has a manager") {
				boss = live.Objects[rapid.IntRange(0, i-1).Draw(t, "manager")].Key
			}
			o, edges, row := randomRow(t, i, boss, groups)
			live.Objects, live.Edges, rows = append(live.Objects, o), append(live.Edges, edges...), append(rows, row)
		}
		for _, g := range groups {
			live.Objects = append(live.Objects, object(schema.Group, g))
		}
		slices.SortFunc(live.Edges, CompareEdges)
		live.Facts = make([]Fact, len(live.Objects))
		for l := range live.Facts {
			live.Facts[l].MembersRead = live.Objects[l].Kind == schema.Group
		}
		want := loadText(t, dir, export(t, live, ExportOptions{}))

		file := filepath.Join(dir, "people.csv")
		writeFile(t, file, csvOf(t, rows))
		im, notes, err := Import(file, ImportOptions{})
		if err != nil || len(notes) > 0 {
			t.Fatalf("%v\n%v", err, notes)
		}
		var b bytes.Buffer
		if _, err := im.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		text := "version: 1\norg: {id: " + kelpID + ", name: Bright Kelp}\n" + b.String() + "groups: {\"All: Users\": {}, Data: {}, \"NO\": {}}\n"
		got := loadText(t, dir, text)
		if d := cmp.Diff(want.Objects, got.Objects); d != "" {
			t.Fatalf("%s\n(-export +import):\n%s", text, d)
		}
		if d := cmp.Diff(want.Edges, got.Edges); d != "" {
			t.Fatalf("memberships (-export +import):\n%s", d)
		}
	})
}

func loadText(t rapid.TB, dir, text string) *Desired {
	t.Helper()
	name := filepath.Join(dir, "rollcall.yaml")
	writeFile(t, name, text)
	all, _, err := Load([]string{name}, LoadOptions{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return all[0]
}

// csvOf is a table of rows, in any order of rows and columns.
func csvOf(t *rapid.T, rows []map[string]string) string {
	var headings []string
	for _, row := range rows {
		for heading := range row {
			if !slices.Contains(headings, heading) {
				headings = append(headings, heading)
			}
		}
	}
	slices.Sort(headings)
	headings = rapid.Permutation(headings).Draw(t, "columns")
	rows = rapid.Permutation(rows).Draw(t, "rows")
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "delimiter")
	w.UseCRLF = rapid.Bool().Draw(t, "CRLF")
	_ = w.Write(headings)
	for _, row := range rows {
		var cells []string
		for _, h := range headings {
			cells = append(cells, row[h])
		}
		_ = w.Write(cells) // to memory
	}
	w.Flush()
	return b.String()
}

func TestProposedUsername(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Zoë.Groß-Li": "zoe.gross-li", "Łukasz.O'Brien": "lukasz.obrien", "van der Berg": "vanderberg", "Åsa.Ångström": "asa.angstrom",
		"Søren.Østergaard": "soren.ostergaard", "mira@kelp.example": "mira", "123.Ada": "ada", "张.伟": "", "Nguyễn.Thị": "nguyen.thi",
		"a..b": "a.b", "x.": "x", "İpek.Şahin": "ipek.sahin", "a.very.long.name.of.somebody.with.titles": "a.very.long.name.of.somebody.w",
	} {
		got := ProposedUsername(text)
		if got != want {
			t.Errorf("%q is called %q, want %q", text, got, want)
		}
		if got != "" && BadUsername(got) != "" {
			t.Errorf("%q: %s", got, BadUsername(got))
		}
	}
}

// TestImportIntoKeepsTheRest proves that only lines are added, and none is
// changed, whatever the layout; and that the result is loaded.
func TestImportIntoKeepsTheRest(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"block":     "version: 1 # one\norg: {name: Kelp}\n\nusers:\n  # first\n  ada: {email: ada@kelp.example}\n\n# groups\ngroups: {}\n",
		"CRLF":      "version: 1\r\norg: {name: Kelp}\r\nusers:\r\n  ada: {email: ada@kelp.example}\r\n",
		"no users":  "version: 1\norg: {name: Kelp} # no newline",
		"flow":      "version: 1\norg: {name: Kelp}\nusers: {ada: {email: ada@kelp.example}} # in one line\n",
		"fragment":  "users:\n    ada: {email: ada@kelp.example} # four spaces\n",
		"empty map": "version: 1\norg: {name: Kelp}\nusers: {}\n",
		"BOM":       "\ufeffversion: 1\norg: {name: Kelp}\nusers:\n  ada: {email: ada@kelp.example}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			into, table := filepath.Join(dir, "rollcall.yaml"), filepath.Join(dir, "new.csv")
			writeFile(t, into, text)
			writeFile(t, table, "username,email\nbo,bo@kelp.example\nada,other@kelp.example\n")
			im, _, err := Import(table, ImportOptions{Into: into, Add: true})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"bo"}
			if !strings.Contains(text, "ada") {
				want = []string{"ada", "bo"}
			}
			if d := cmp.Diff(want, im.People); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			got := string(im.Text)
			for _, line := range strings.SplitAfter(text, "\n") {
				line = strings.TrimRight(line, "\r\n}")
				line, _, _ = strings.Cut(line, "users: {")
				if !strings.Contains(got, line) {
					t.Errorf("%q is lost in:\n%s", line, got)
				}
			}
			if strings.Contains(text, "\r\n") && strings.Contains(strings.ReplaceAll(got, "\r\n", ""), "\n") {
				t.Errorf("mixed line ends in %q", got)
			}
			if have, err := os.ReadFile(into); err != nil || string(have) != text || string(im.Read) != text {
				t.Errorf("Import itself wrote: %v", err)
			}
		})
	}
}

// TestImportNotesGroups tells in one line of the groups that no file declares.
func TestImportNotesGroups(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, groups, want string }{
		{"all declared", "{Data: {}, Admins: {}, Ops: {}}", ""},
		{"one", "{Data: {}, Ops: {}}", "only JumpCloud can tell whether these groups, which the files do not declare, are there: Admins"},
		{"several", "{Data: {}}", "only JumpCloud can tell whether these groups, which the files do not declare, are there: Admins, Ops"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			into, table := filepath.Join(dir, "rollcall.yaml"), filepath.Join(dir, "new.csv")
			writeFile(t, into, "version: 1\norg: {name: Kelp}\ngroups: "+c.groups+"\n")
			writeFile(t, table, "username,email,Group1,Group2\nbo,bo@kelp.example,Ops,Data\ncy,cy@kelp.example,Admins,Ops\n")
			_, problems, err := Import(table, ImportOptions{Into: into, Add: true})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, p := range problems {
				if p.Severity == Note {
					got += p.Text
				}
			}
			if got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}
