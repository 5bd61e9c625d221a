package story_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/state"
)

// TestAdoption is how somebody begins: an export, of which the plan is
// empty, then one edited line, of which the plan is one change.
func TestAdoption(t *testing.T) {
	t.Parallel()
	w := newWorld(t, parseState(t, contents(t, filepath.Join(examplesDir, "startup", "live.json"))))
	org := w.Snapshot().Organizations[0]
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	for _, o := range exports {
		var b bytes.Buffer
		if err := state.Export(&b, w.read(t, org.ID, nil), o); err != nil {
			t.Fatal(err)
		}
		write(t, file, b.Bytes())
		if got := w.text(t, file); !strings.Contains(got, ": no change; 41 users, 12 groups, ") || strings.Contains(got, "Not in the file") {
			t.Errorf("the plan of the export %+v:\n%s", o, got)
		}
		edited := bytes.Replace(b.Bytes(), []byte("jobTitle: product manager"), []byte("jobTitle: Product Manager"), 1)
		write(t, file, edited)
		if got := w.text(t, file); !strings.Contains(got, "\n! uma.patel     jobTitle product manager -> Product Manager\n") || !strings.Contains(got, "\n1 change: people 1 updated.\n") {
			t.Errorf("the plan of one edited line:\n%s", got)
		}
	}
}

// text is the plan of a file as text.
func (w *world) text(t *testing.T, file string) string {
	t.Helper()
	org, _, err := w.plan(t, loadFile(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return printed(t, org)
}
