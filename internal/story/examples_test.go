package story_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/cli"
	"rollcall/internal/openapitest"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/state"
)

const examplesDir = "../../examples"

// examples are the folders below examples, with how many organizations and
// people their files describe and what the first plan does.
var examples = map[string]struct {
	orgs, people int
	does         plan.Summary // without Requests, which a formula gives
}{
	"startup":   {1, 41, plan.Summary{Users: plan.Counts{Create: 2, Update: 6, Activate: 1, Suspend: 1}, Groups: plan.Counts{Create: 1, Update: 1}, Added: 8, Removed: 5, Mails: 1}},
	"msp":       {12, 94, plan.Summary{Users: plan.Counts{Create: 3, Update: 6, Activate: 1, Suspend: 1}, Added: 4, Removed: 2}},
	"oracle-hr": {1, 107, plan.Summary{Users: plan.Counts{Create: 96, Update: 11}, Groups: plan.Counts{Create: 9, Update: 2}, Added: 96, Removed: 1}},
}

// TestExamples runs each example as a person does who reads it: all commands
// on one embedded JumpCloud, over HTTP.
func TestExamples(t *testing.T) {
	t.Parallel()
	folders, err := os.ReadDir(examplesDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range folders {
		if d.Name() == "ci" {
			continue // scripts and workflows, which have tests of their own
		}
		t.Run(d.Name(), func(t *testing.T) {
			t.Parallel()
			if _, ok := examples[d.Name()]; !ok {
				t.Fatal("nothing is known of this example")
			}
			newExample(t, d.Name()).run(t)
		})
	}
}

// example is a folder of files with the world that it begins with.
type example struct {
	name, dir string
	world     *world
	before    sandbox.State
	url       string
	docs      []*state.Desired
}

func newExample(t *testing.T, name string) *example {
	t.Helper()
	e := &example{name: name, dir: filepath.Join(examplesDir, name)}
	raw, err := os.ReadFile(filepath.Join(e.dir, "live.json"))
	if err != nil {
		t.Fatal(err)
	}
	e.world = newWorld(t, parseState(t, raw))
	e.before = e.world.Snapshot()
	server := httptest.NewServer(openapitest.Wrap(t, e.world.Server))
	t.Cleanup(server.Close)
	e.url = server.URL
	if e.docs, _, err = state.Load([]string{e.dir}, state.LoadOptions{Strict: true}); err != nil {
		t.Fatal(err)
	}
	return e
}

// rollcall runs a command, which must exit with a code, and is what it
// prints on standard output.
func (e *example) rollcall(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	env := func(name string) string {
		if strings.HasPrefix(name, "JUMPCLOUD_") && strings.HasSuffix(name, "_KEY") {
			return e.world.Key()
		}
		return ""
	}
	args = append(args, "--api-url", e.url, "--rate", "1000000")
	if got := cli.Main(args, strings.NewReader(""), &out, &errOut, env); got != code {
		t.Fatalf("rollcall %v: exit code %d, want %d\n%s%s", args, got, code, out.String(), errOut.String())
	}
	return out.String()
}

func (e *example) run(t *testing.T) {
	e.rollcall(t, 0, "validate", "--strict", e.dir)
	reads, orgs := e.plan(t)
	e.count(t, orgs)

	e.world.ResetRequests()
	planned := e.rollcall(t, 2, "plan", "--exit-code", e.dir)
	if got := len(e.world.Requests()); got != reads {
		t.Errorf("plan cost %d requests, the formula says %d", got, reads)
	}
	e.shuffled(t, planned)

	e.apply(t, reads, orgs)
	e.after(t, orgs)
}

// apply holds what making and verifying all changes costs.
func (e *example) apply(t *testing.T, reads int, orgs []plan.Org) {
	t.Helper()
	e.world.ResetRequests()
	e.rollcall(t, 0, "apply", "--yes", e.dir)
	got, writes, looks := len(e.world.Requests()), 0, 0
	for i := range orgs {
		writes += applyFormula(orgs[i].Changes)
		cost := verifyFormula(&orgs[i], e.world.read(t, orgs[i].ID, nil))
		if looks += cost; orgs[i].Summary.Verify != cost || orgs[i].Summary.Requests != applyFormula(orgs[i].Changes) {
			t.Errorf("%s: the plan says %d requests and %d to verify, the formulas %d and %d", orgs[i].Name, orgs[i].Summary.Requests, orgs[i].Summary.Verify, applyFormula(orgs[i].Changes), cost)
		}
	}
	if got != reads+writes+looks {
		t.Errorf("apply cost %d requests, the formulas say %d, %d and %d", got, reads, writes, looks)
	}
}

// plan is the plan of each organization, and what reading them costs with
// the check of the organization, which is one list.
func (e *example) plan(t *testing.T) (reads int, orgs []plan.Org) {
	t.Helper()
	reads = pages(len(e.docs))
	for _, d := range e.docs {
		org, live, err := e.world.plan(t, d)
		if err != nil {
			t.Fatal(err)
		}
		reads += readFormula(d, live)
		orgs = append(orgs, *org)
	}
	return reads, orgs
}

// count compares what an example does with what it is known to do.
func (e *example) count(t *testing.T, orgs []plan.Org) {
	t.Helper()
	want, people := examples[e.name], 0
	var does plan.Summary
	for i := range orgs {
		people += peopleOf(e.docs[i])
		add(&does, orgs[i].Summary)
		if n := len(orgs[i].Held) + len(orgs[i].Refused); n > 0 {
			t.Errorf("%s: %d held or refused", orgs[i].Name, n)
		}
	}
	if len(orgs) != want.orgs || people != want.people {
		t.Errorf("%d organizations with %d people, want %d with %d", len(orgs), people, want.orgs, want.people)
	}
	if d := cmp.Diff(want.does, does); d != "" {
		t.Errorf("what the plan does (-want +got):\n%s", d)
	}
}

func add(sum *plan.Summary, s plan.Summary) {
	for _, x := range []struct{ to, of *plan.Counts }{{&sum.Users, &s.Users}, {&sum.Groups, &s.Groups}} {
		x.to.Create += x.of.Create
		x.to.Update += x.of.Update
		x.to.Activate += x.of.Activate
		x.to.Reactivate += x.of.Reactivate
		x.to.Suspend += x.of.Suspend
		x.to.Delete += x.of.Delete
	}
	sum.Added, sum.Removed, sum.Mails = sum.Added+s.Added, sum.Removed+s.Removed, sum.Mails+s.Mails
}

// shuffled plans again with the entries of all files in another order.
func (e *example) shuffled(t *testing.T, want string) {
	t.Helper()
	other := t.TempDir()
	for seed := range int64(3) {
		shuffleFolder(t, e.dir, other, seed)
		got := e.rollcall(t, 2, "plan", "--exit-code", other)
		if d := cmp.Diff(want, strings.ReplaceAll(got, other, e.dir)); d != "" {
			t.Errorf("the order of entries shows in the plan (-files +shuffled):\n%s", d)
		}
	}
}

// after is what must hold when everything has been applied.
func (e *example) after(t *testing.T, orgs []plan.Org) {
	t.Helper()
	again := e.rollcall(t, 0, "plan", "--exit-code", e.dir)
	if n := unchanged(again); n != len(orgs) {
		t.Errorf("%d of %d organizations have no change:\n%s", n, len(orgs), again)
	}
	after := e.world.Snapshot()
	for _, d := range e.docs {
		untouched(t, d, e.before.Organization(d.ID), after.Organization(d.ID))
	}
	if n := len(after.Mails); n != examples[e.name].does.Mails {
		t.Errorf("%d mails were sent: %v", n, after.Mails)
	}
	exported := t.TempDir()
	e.rollcall(t, 0, "export", "--dir", exported)
	e.rollcall(t, 0, "validate", "--strict", exported)
	again = e.rollcall(t, 0, "plan", "--exit-code", exported)
	if n := unchanged(again); n != len(orgs) || strings.Contains(again, "Not in the file") {
		t.Errorf("the plan of the export is not empty:\n%s", again)
	}
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var unchangedOrgs = regexp.MustCompile(`(?m)^No change in (\d+) organizations; `)

// unchanged is how many organizations a plan as text says do not change: a line
// each, or one for several.
func unchanged(text string) int {
	n := strings.Count(text, ": no change; ")
	if m := unchangedOrgs.FindStringSubmatch(text); m != nil {
		folded, _ := strconv.Atoi(m[1]) // digits: no error
		n += folded
	}
	return n
}
