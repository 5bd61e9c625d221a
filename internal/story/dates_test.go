package story_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/plan"
)

const contractor = `version: 1
org: {id: 5f3c0a1b9d2e4c0001a7b9e1, name: Bright Kelp}
users:
  cleo.temp:
    email: cleo.temp@kelp.example
    start: 2026-12-01
    end: 2027-03-31
    groups: [Data, {group: Admins, until: 2027-01-15}]
`

// TestLifeOfAContractor plans and applies one file on day after day: each day
// does what its dates say and nothing twice, and the day after is quiet.
func TestLifeOfAContractor(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	write(t, file, []byte(contractor))
	w := newWorld(t, parseState(t, []byte(`{"organizations": [{"id": "`+kelpID+`", "name": "Bright Kelp",
		"users": [{"username": "mira.voss", "email": "mira.voss@kelp.example", "state": "ACTIVATED"}],
		"groups": [{"name": "Data"}, {"name": "Admins"}]}]}`)))
	for _, day := range []struct {
		on   string
		does []string
	}{
		{"2026-11-20", []string{"create cleo.temp", "add Admins cleo.temp", "add Data cleo.temp"}},
		{"2026-11-30", nil},
		{"2026-12-01", []string{"activate cleo.temp"}},
		{"2027-01-15", nil},
		{"2027-01-16", []string{"remove Admins cleo.temp"}},
		{"2027-03-31", nil},
		{"2027-04-01", []string{"suspend cleo.temp"}},
		{"2027-04-02", nil},
		{"2029-01-01", nil},
	} {
		if d := cmp.Diff(day.does, w.live(t, file, day.on)); d != "" {
			t.Errorf("on %s (-want +got):\n%s", day.on, d)
		}
		if again := w.live(t, file, day.on); again != nil {
			t.Errorf("on %s again: %q", day.on, again)
		}
	}
}

// live applies a file on a day and is what was done.
func (w *world) live(t *testing.T, file, day string) (did []string) {
	t.Helper()
	desired := loadFile(t, file)
	org, err := plan.Diff(nil, w.read(t, desired.ID, desired), desired, plan.Options{AsOf: day})
	if err != nil {
		t.Fatal(err)
	}
	for i := range org.Changes {
		c := &org.Changes[i]
		if c.Origin == plan.Drift || c.Object.ID != "" && c.Action != plan.Add && c.Origin != plan.Date {
			t.Errorf("on %s: %s %s is of origin %s", day, c.Action, c.Object.Name, c.Origin)
		}
		did = append(did, strings.TrimSpace(string(c.Action)+" "+c.Object.Name+" "+c.To.Name))
	}
	if result := w.apply(t, t.Context(), org, nil); result.Written != len(did) {
		t.Errorf("on %s: %d of %d changes were written", day, result.Written, len(did))
	}
	return did
}

// TestGivenBack proves that whoever a date has suspended stays so when the
// date is taken out of the file, as anybody whom somebody suspended.
func TestGivenBack(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	head := "version: 1\norg: {id: " + kelpID + "}\nusers:\n"
	w := newWorld(t, parseState(t, []byte(`{"organizations": [{"id": "`+kelpID+`", "name": "Bright Kelp",
		"users": [{"username": "a", "email": "a@kelp.example", "state": "ACTIVATED"}, {"username": "b", "email": "b@kelp.example", "state": "ACTIVATED"}]}]}`)))
	write(t, file, []byte(head+"  a: {end: 2026-11-01}\n"))
	w.live(t, file, today)
	for _, line := range []string{"  a: {}\n", "  a: {end: 2027-11-01}\n", "  a: {start: 2026-01-01}\n"} {
		if err := os.WriteFile(file, []byte(head+line), 0o600); err != nil {
			t.Fatal(err)
		}
		if did := w.live(t, file, today); did != nil {
			t.Errorf("%s: %q", strings.TrimSpace(line), did)
		}
	}
}
