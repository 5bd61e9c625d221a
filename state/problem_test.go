package state

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCountHasWhatIsNotListed(t *testing.T) {
	t.Parallel()
	ps := Problems{{Severity: Error}, {Severity: Warning}, {Severity: Error, Stands: 40}}
	if e, w := ps.Count(Error), ps.Count(Warning); e != 41 || w != 1 {
		t.Errorf("%d errors and %d warnings, want 41 and 1", e, w)
	}
}

// Where JumpCloud will be asked, nothing is said about people whom only it
// may know.
func TestOnlineLoadDoesNotGuess(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.yaml")
	text := "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1}\nusers: {ann: {manager: somebody}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for online, want := range map[bool]int{true: 0, false: 1} {
		if _, found, err := Load([]string{file}, LoadOptions{Online: online}); err != nil || len(found) != want {
			t.Errorf("online %v: %v, %v; want %d problems", online, found, err, want)
		}
	}
}
