package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
	"rollcall/state"
)

// The chart has who moves, who comes, and everybody above them.
func TestLines(t *testing.T) {
	t.Parallel()
	under := func(boss string) values { return values{schema.Manager: boss} }
	var l liveBuilder
	l.user("top", nil).user("mid", under("top")).user("Ann", under("mid")).user("bob", under("ann")).user("cy", under("top")).user("dee", under("cy"))
	var w desiredBuilder
	w.user("ann", under("cy"), state.Intent{})
	w.user("New", values{schema.Manager: "ann", schema.Email: "new@kelp.example"}, state.Intent{})
	org := diff(t, l.done(), w.done())
	want := []Line{{"Ann", "mid", "cy"}, {"cy", "top", "top"}, {"mid", "top", "top"}, {"New", "", "Ann"}, {"top", "", ""}}
	if d := cmp.Diff(want, org.Lines); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
