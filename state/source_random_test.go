package state

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

const randomSource = `version: 1
org: {id: 5f3c0a1b9d2e4c0001a7b9e1}
sources:
  - csv: people.csv
    key: no
    map:
      employeeIdentifier: no
      firstname: first
      lastname: last
      email: mail
      jobTitle: title
      department: {column: dept, values: {eng: Engineering}}
      manager: {column: boss, by: employeeIdentifier}
      phoneNumbers.work: phone
      addresses.work.locality: city
      addresses.work.country: country
      attributes.badge: badge
      sudo: admin
      start: from
      end: to
      groups: [team, site]
    username: "{login}"
`

// hired is a random person: as YAML has one, and as a row has one.
type hired struct {
	name  string
	live  bool // by another name than the table proposes
	entry map[string]any
	row   map[string]string
	teams []string
}

// cellTexts are texts that a cell and a value of YAML can have, and which no
// program has damaged.
var cellTexts = rapid.OneOf(
	rapid.SampledFrom([]string{"", "NO", "00123", "null", "~", "a: b", "- x", "#", "two\nlines", `say "hi"`, "a,b;c\td|e", "{x}", "=1"}),
	rapid.Map(rapid.StringOf(rapid.RuneFrom([]rune("aZß é王,;|\"'\n#{}[]&*!%@:-0"))), strings.TrimSpace),
)

func randomHired(t *rapid.T, i int, others []hired) hired {
	h := hired{name: fmt.Sprintf("p%d.x", i), live: rapid.Bool().Draw(t, "live"), entry: map[string]any{}, row: map[string]string{}}
	h.row["login"], h.row["no"] = h.name, fmt.Sprintf("E%02d", i)
	h.row["mail"] = fmt.Sprintf("m%d@kelp.example", i)
	if h.live {
		h.name = fmt.Sprintf("live%d", i)
	}
	h.entry["employeeIdentifier"], h.entry["email"] = h.row["no"], h.row["mail"]
	h.text(t, "first", "firstname")
	h.text(t, "last", "lastname")
	h.text(t, "title", "jobTitle")
	if text := h.cell(t, "phone"); text != "" {
		h.entry["phoneNumbers"] = []any{map[string]any{"type": "work", "number": text}}
	}
	if text := h.cell(t, "badge"); text != "" {
		h.entry["attributes"] = map[string]any{"badge": text}
	}
	h.address(t)
	if rapid.Bool().Draw(t, "dept") {
		h.row["dept"], h.entry["department"] = rapid.SampledFrom([]string{"ENG", "eng"}).Draw(t, "dept"), "Engineering"
	}
	if rapid.Bool().Draw(t, "admin") {
		h.row["admin"], h.entry["sudo"] = rapid.SampledFrom([]string{"Yes", "1", "TRUE"}).Draw(t, "admin"), true
	}
	if rapid.Bool().Draw(t, "dates") {
		h.row["from"], h.entry["start"] = "2026-01-31", "2026-01-31"
		h.row["to"], h.entry["end"] = rapid.SampledFrom([]string{"2027-12-31", "31.12.2027", "31/12/2027"}).Draw(t, "to"), "2027-12-31"
	}
	if len(others) > 0 && rapid.Bool().Draw(t, "has a manager") {
		boss := rapid.SampledFrom(others).Draw(t, "manager")
		h.row["boss"], h.entry["manager"] = boss.row["no"], boss.name
	}
	h.teams = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Data", "Ops", "NO", "a, b"}), 0, 3, rapid.ID[string]).Draw(t, "teams")
	if len(h.teams) > 0 {
		h.entry["groups"] = h.teams
	}
	return h
}

func (h *hired) cell(t *rapid.T, column string) string {
	h.row[column] = cellTexts.Draw(t, column)
	return h.row[column]
}

func (h *hired) text(t *rapid.T, column, field string) {
	if text := h.cell(t, column); text != "" {
		h.entry[field] = text
	}
}

func (h *hired) address(t *rapid.T) {
	work := map[string]any{"type": "work"}
	for column, member := range map[string]string{"city": "locality", "country": "country"} {
		h.row[column] = rapid.SampledFrom([]string{"", "Berlin", "São Paulo"}).Draw(t, column)
		if h.row[column] != "" {
			work[member] = h.row[column]
		}
	}
	if len(work) > 1 {
		h.entry["addresses"] = []any{work}
	}
}

// rows are a person's rows: one, or one for each group.
func (h *hired) rows(t *rapid.T) (rows []map[string]string) {
	teams := h.teams
	for first := true; first || len(teams) > 0; first = false {
		row := maps.Clone(h.row)
		for _, column := range []string{"team", "site"} {
			if len(teams) > 0 && rapid.Bool().Draw(t, "in one row") {
				row[column], teams = teams[0], teams[1:]
			}
		}
		if !first && rapid.Bool().Draw(t, "says little") {
			row = map[string]string{"no": h.row["no"], "team": row["team"], "site": row["site"]}
		}
		rows = append(rows, row)
	}
	return rows
}

// tableOf is a table as some program writes it.
func tableOf(t *rapid.T, rows []map[string]string) string {
	headings := rapid.Permutation(strings.Fields("no first last mail title dept boss phone city country badge admin from to team site login")).Draw(t, "columns")
	delimiter := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "delimiter")
	end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
	always := rapid.Bool().Draw(t, "quotes everything")
	lines := []string{strings.Join(headings, delimiter)}
	for _, row := range rapid.Permutation(rows).Draw(t, "rows") {
		cells := make([]string, len(headings))
		for i, heading := range headings {
			if cells[i] = row[heading]; always || strings.ContainsAny(cells[i], ",;\t|\"\n") {
				cells[i] = `"` + strings.ReplaceAll(cells[i], `"`, `""`) + `"`
			}
		}
		lines = append(lines, strings.Join(cells, delimiter))
	}
	text := strings.Join(lines, end) + rapid.SampledFrom([]string{"", end, end + end}).Draw(t, "end")
	switch rapid.IntRange(0, 2).Draw(t, "encoding") {
	case 1:
		return "\ufeff" + text
	case 2:
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	return text
}

// TestSourceIsYAML proves that people of a table, in any order of rows and
// columns and as any program writes it, are those whom somebody would have
// written in YAML, with the usernames that live has.
func TestSourceIsYAML(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		var people []hired
		var rows []map[string]string
		users, live := map[string]any{}, map[string]any{}
		for i := range rapid.IntRange(0, 6).Draw(t, "people") {
			h := randomHired(t, i, people)
			people, rows = append(people, h), append(rows, h.rows(t)...)
			users[h.name] = h.entry
			if h.live {
				live[h.name] = map[string]any{"employeeIdentifier": h.row["no"], "email": fmt.Sprintf("old%d@kelp.example", i)}
			}
		}
		want := loadYAML(t, dir, users)
		there := AsLive(loadYAML(t, dir, live), &Desired{})

		table := tableOf(t, rows)
		writeFile(t, filepath.Join(dir, "people.csv"), table)
		name := filepath.Join(dir, "source.yaml")
		writeFile(t, name, randomSource)
		docs, problems, err := Load([]string{name}, LoadOptions{Online: true})
		if err != nil {
			t.Fatalf("%v, %v\n%s", err, problems, table)
		}
		got, problems, err := docs[0].WithLive(there)
		if err != nil || len(problems) > 0 {
			t.Fatalf("%v, %v\n%s", err, problems, table)
		}
		if d := cmp.Diff(want.Objects, got.Objects); d != "" {
			t.Fatalf("%s\n(-YAML +table):\n%s", table, d)
		}
		if d := cmp.Diff(want.Edges, got.Edges); d != "" {
			t.Fatalf("%s\nmemberships (-YAML +table):\n%s", table, d)
		}
		if !slices.EqualFunc(want.Intents, got.Intents, alike) {
			t.Fatalf("%s\nintents %+v, want %+v", table, got.Intents, want.Intents)
		}
	})
}

// loadYAML is a document of people.
func loadYAML(t rapid.TB, dir string, users map[string]any) *Desired {
	t.Helper()
	doc := map[string]any{"version": 1, "org": map[string]any{"id": "5f3c0a1b9d2e4c0001a7b9e1"}}
	if len(users) > 0 {
		doc["users"] = users
	}
	text, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return loadText(t, dir, string(text))
}
