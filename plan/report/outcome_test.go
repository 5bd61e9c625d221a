package report_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/plan/report"
)

// applied is a run that failed in part.
func applied() []report.Applied {
	c, other := joiner().Changes, mover().Changes
	return []report.Applied{
		{Org: "Bright Kelp", Outcomes: []report.Outcome{
			{Change: c[0], Status: "failed", Err: errors.New(`create user "linus.berg": POST /api/systemusers: 400 email is\x1b[31m already in use by another user of JumpCloud`)},
			{Change: c[1], Status: "blocked", Blocker: &c[0]},
			{Change: c[2], Status: "blocked", Blocker: &c[0]},
			{Change: other[0], Status: "done"},
			{Change: other[1], Status: "stale", Err: errors.New("description is no longer \x1b what the plan saw")},
		}},
		{Org: "Kelp\u202e 山田", Outcomes: []report.Outcome{{Change: other[3], Status: "done"}}},
	}
}

func TestOutcomesGolden(t *testing.T) {
	t.Parallel()
	for name, width := range map[string]int{"outcomes.txt": 0, "outcomes.80.txt": 80} {
		var b bytes.Buffer
		if err := report.OutcomesText(&b, applied(), report.TextOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
		var painted bytes.Buffer
		if err := report.OutcomesText(&painted, applied(), report.TextOptions{Width: width, Color: true}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b.String(), escapes.ReplaceAllString(painted.String(), "")); diff != "" {
			t.Errorf("%s (-plain +painted without escapes):\n%s", name, diff)
		}
	}
}

func TestOutcomeText(t *testing.T) {
	t.Parallel()
	all := applied()[0].Outcomes
	for _, test := range []struct {
		outcome report.Outcome
		want    string
	}{
		{all[3], "ok       update user jon.adeyemi (jobTitle, department, costCenter, manager, phoneNumbers.work, attributes.floor, attributes.tshirt, tags)\n"},
		{all[1], "blocked  activate user linus.berg: it needs what was not done: create user linus.berg\n"},
		{all[4], `stale    update group Data (description): description is no longer \u001b what the plan saw` + "\n"},
	} {
		var b bytes.Buffer
		if err := report.OutcomeText(&b, test.outcome, report.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, b.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
