package story_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/plan"
	"rollcall/state"
)

const exported = `version: 1
org: {id: 5f3c0a1b9d2e4c0001a7b9e1, name: Bright Kelp}
policy: {dropped_users: suspend}
sources:
  - csv: hr/export.csv
    key: no
    map:
      employeeIdentifier: no
      firstname: given
      lastname: family
      email: mail
      jobTitle: title
      manager: {column: boss, by: employeeIdentifier}
      start: from
      end: to
    username: "{given}.{family}"
defaults:
  user: {groups: [All]}
groups:
  All: {}
  Leads: {members: [ann.ash]}
`

// exportedDay is a day with the export that HR has made.
type exportedDay struct {
	name    string
	on      string
	more    string // YAML of users
	rows    []string
	refused bool
	does    []string
}

// TestDaysOfAnExport follows an export over the days, each with the one before
// as its base: a plan, its apply, an empty plan behind it, and the same end
// when it is stopped after any change and run again.
func TestDaysOfAnExport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := newWorld(t, parseState(t, []byte(`{"organizations": [{"id": "`+kelpID+`", "name": "Bright Kelp", "users": [
		{"username": "mvoss", "email": "mira@kelp.example", "employeeIdentifier": "001", "firstname": "Mira", "lastname": "Voss", "state": "ACTIVATED"},
		{"username": "svc-backup", "email": "svc@kelp.example", "state": "ACTIVATED"}],
		"groups": [{"name": "All"}, {"name": "Leads"}]}]}`)))
	for _, d := range []exportedDay{
		{
			name: "the first plan, with a row that has no e-mail", on: "2026-11-02",
			rows: []string{"003;Bob;Birch;bob@kelp.example;Engineer;002;2026-11-02;", "002;Ann;Ash;ann@kelp.example;Lead;001;2026-11-01;", "001;Mira;Voss;mira@kelp.example;CEO;;;", "004;Cy;Cole;;Engineer;002;2026-11-10;"},
			does: []string{"create ann.ash", "create bob.birch", "update mvoss jobTitle", "activate ann.ash", "activate bob.birch", "add All ann.ash", "add All bob.birch", "add All mvoss", "add Leads ann.ash"},
		},
		{
			name: "the e-mail is there, and a promotion", on: "2026-11-03",
			rows: []string{"001;Mira;Voss;mira@kelp.example;CEO;;;", "002;Ann;Ash;ann@kelp.example;Head;001;2026-11-01;", "003;Bob;Birch;bob@kelp.example;Engineer;002;2026-11-02;", "004;Cy;Cole;cy@kelp.example;Engineer;002;2026-11-10;"},
			does: []string{"create cy.cole", "update ann.ash jobTitle", "add All cy.cole"},
		},
		{
			name: "nothing but a first day", on: "2026-11-10",
			rows: []string{"004;Cy;Cole;cy@kelp.example;Engineer;002;2026-11-10;", "001;Mira;Voss;mira@kelp.example;CEO;;;", "002;Ann;Ash;ann@kelp.example;Head;001;2026-11-01;", "003;Bob;Birch;bob@kelp.example;Engineer;002;2026-11-02;"},
			does: []string{"activate cy.cole"},
		},
		{
			name: "cut off behind the headings", on: "2026-11-11", refused: true,
		},
		{
			name: "a last day, another manager, a second Ann Ash, a blank e-mail", on: "2026-11-12",
			more: "  ann.ash2: {employeeIdentifier: \"005\"}\n",
			rows: []string{"001;Mira;Voss;mira@kelp.example;CEO;;;", "002;Ann;Ash;ann@kelp.example;Head;001;2026-11-01;", "003;Bob;Birch;;Engineer;004;2026-11-02;", "004;Cy;Cole;cy@kelp.example;Engineer;002;2026-11-10;2026-11-12", "005;Ann;Ash;ann2@kelp.example;Buyer;001;2026-11-10;"},
			does: []string{"create ann.ash2", "update bob.birch manager", "activate ann.ash2", "add All ann.ash2"},
		},
		{
			name: "the day after it, and a new name", on: "2026-11-13",
			more: "  ann.ash2: {employeeIdentifier: \"005\"}\n  bob.elm: {was: bob.birch}\n",
			rows: []string{"001;Mira;Voss;mira@kelp.example;CEO;;;", "002;Ann;Ash;ann@kelp.example;Head;001;2026-11-01;", "003;Bob;Elm;bob.elm@kelp.example;Engineer;002;2026-11-02;", "004;Cy;Cole;cy@kelp.example;Engineer;002;2026-11-10;2026-11-12", "005;Ann;Ash;ann2@kelp.example;Buyer;001;2026-11-10;"},
			does: []string{"suspend cy.cole state", "update bob.birch username", "update bob.birch email lastname manager"},
		},
		{
			name: "somebody is not there any more", on: "2026-11-14",
			more: "  bob.elm: {was: bob.birch}\n",
			rows: []string{"001;Mira;Voss;mira@kelp.example;CEO;;;", "002;Ann;Ash;ann@kelp.example;Head;001;2026-11-01;", "003;Bob;Elm;bob.elm@kelp.example;Engineer;002;2026-11-02;", "004;Cy;Cole;cy@kelp.example;Engineer;002;2026-11-10;2026-11-12"},
			does: []string{"suspend ann.ash2 state"},
		},
	} {
		w = w.since(w.past)
		w.day = d.on
		d.live(t, w, dir)
	}
}

// live plans and applies a day, whose file is the base of the next one.
func (d *exportedDay) live(t *testing.T, w *world, dir string) {
	t.Helper()
	file := filepath.Join(dir, "rollcall.yaml")
	write(t, file, []byte(strings.Replace(exported, "groups:\n  All", users(d.more)+"groups:\n  All", 1)))
	write(t, filepath.Join(dir, "hr/export.csv"), []byte("no;given;family;mail;title;boss;from;to\n"+strings.Join(append(d.rows, ""), "\n")))
	desired, before := loadFile(t, file), w.Snapshot()
	org, _, err := w.plan(t, desired)
	switch {
	case err != nil:
		t.Fatalf("%s: %v", d.name, err)
	case d.refused:
		if text := printed(t, org); !strings.Contains(text, "may_shrink allows 3") {
			t.Errorf("%s:\n%s", d.name, text)
		}
		return
	case len(org.Refused)+len(org.Held) > 0:
		t.Fatalf("%s: refused or held:\n%s", d.name, printed(t, org))
	}
	if diff := cmp.Diff(d.does, changeLines(org)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", d.name, diff)
	}
	w.apply(t, t.Context(), org, nil)
	planIsEmpty(t, w, desired)
	for k := 1; k < len(org.Changes); k++ {
		again := newWorld(t, before).since(w.past)
		again.day = d.on
		stopAndFinish(t, again, desired, k, w.Snapshot(), nil)
	}
	w.past = past{docs: []*state.Desired{desired}}
}

// users is a section of users, none if nobody is in it.
func users(entries string) string {
	if entries == "" {
		return ""
	}
	return "users:\n" + entries
}

// changeLines are changes in few words: of an update the fields, too.
func changeLines(org *plan.Org) (lines []string) {
	for _, c := range org.Changes {
		line := string(c.Action) + " " + c.Object.Name
		if c.To.Name != "" {
			line += " " + c.To.Name
		}
		if c.Action == plan.Update || c.Action == plan.Suspend {
			var fields []string
			for _, f := range c.Fields {
				fields = append(fields, f.Name())
			}
			slices.Sort(fields)
			line += " " + strings.Join(fields, " ")
		}
		lines = append(lines, line)
	}
	return lines
}
