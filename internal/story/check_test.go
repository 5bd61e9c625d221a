package story_test

import (
	"bytes"
	"encoding/json"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// readFormula is how many requests a read may cost: pages of a hundred
// users, groups and members, and one for each thing that a list omits.
func readFormula(desired *state.Desired, live *state.Live) int {
	pages := func(n int) int { return max(1, (n+99)/100) }
	n := pages(live.Totals.Users) + pages(live.Totals.Groups)
	groups, first := live.OfKind(schema.Group)
	for j := range groups {
		i := desiredOf(desired, &groups[j])
		switch {
		case i >= 0 && desired.Intents[i].Absent:
			n++
		case live.Facts[first+j].MembersRead:
			n += pages(live.Facts[first+j].Members)
		case i >= 0 && changesRule(&desired.Objects[i]) && live.Facts[first+j].Dynamic:
			n++
		}
		if i >= 0 && namesOmitted(&desired.Objects[i]) {
			n++
		}
	}
	return n + personReads(desired, live)
}

// personReads are the lists of one person's groups.
func personReads(desired *state.Desired, live *state.Live) (n int) {
	users, _ := live.OfKind(schema.User)
	for j := range users {
		i := desiredOf(desired, &users[j])
		if i < 0 || desired.Intents[i].Absent {
			continue
		}
		want, _ := desired.Objects[i].Get(schema.State, "")
		now, _ := users[j].Get(schema.State, "")
		if desired.Intents[i].NoGroups || want == "ACTIVATED" && now == "SUSPENDED" {
			n++
		}
	}
	return n
}

// desiredOf is the entry of the file that a live object belongs to, -1 for none.
func desiredOf(desired *state.Desired, live *state.Object) int {
	if i := desired.Find(live.Kind, live.Key); i >= 0 {
		return i
	}
	for i := range desired.Objects {
		if desired.Objects[i].Kind == live.Kind && slices.Contains(desired.Intents[i].Was, live.Key) {
			return i
		}
	}
	return -1
}

func changesRule(o *state.Object) bool {
	for _, v := range o.Values {
		if schema.Of(v.Field).Hazard == schema.RuleChange {
			return true
		}
	}
	return false
}

func namesOmitted(o *state.Object) bool {
	return slices.ContainsFunc(o.Values, func(v schema.Value) bool { return schema.Of(v.Field).ListOmits })
}

// shuffled plans from the same file with its entries in another order.
func (s *told) shuffled(t *testing.T, w *world, want *plan.Org) {
	t.Helper()
	var doc yaml.Node
	data, err := os.ReadFile(filepath.Join(s.dir, "rollcall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	shuffle(&doc, rand.New(rand.NewSource(1)))
	data, err = yaml.Marshal(&doc)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	write(t, file, data)
	got, _, err := w.plan(t, loadFile(t, file), s.options)
	if err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	text(t, &a, want)
	text(t, &b, got)
	if d := cmp.Diff(a.String(), b.String()); d != "" || got.Digest != want.Digest {
		t.Errorf("the order of entries shows in the plan (-file +shuffled):\n%s", d)
	}
}

// shuffle changes the order of every mapping below a document.
func shuffle(n *yaml.Node, r *rand.Rand) {
	for _, c := range n.Content {
		shuffle(c, r)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	r.Shuffle(len(n.Content)/2, func(i, j int) {
		for k := range 2 {
			n.Content[2*i+k], n.Content[2*j+k] = n.Content[2*j+k], n.Content[2*i+k]
		}
	})
}

// unmanaged checks that what the plan does not name is as it was.
func (s *told) unmanaged(t *testing.T, org *plan.Org, before, after sandbox.State) {
	t.Helper()
	touched := map[string]map[string]bool{} // id -> fields
	deleted := map[string]bool{}
	for _, c := range org.Changes {
		if touched[c.Object.ID] == nil {
			touched[c.Object.ID] = map[string]bool{}
		}
		for _, f := range c.Fields {
			name, _, _ := strings.Cut(f.Name(), ".")
			touched[c.Object.ID][name] = true
		}
		switch c.Action {
		case plan.Delete:
			deleted[c.Object.ID] = true
		case plan.Add, plan.Remove:
			touched[c.Object.ID]["members"] = true
		}
	}
	was, is := records(t, before), records(t, after)
	for id, r := range was {
		if now := is[id]["username"]; now != "" && now != r["username"] && touched[id]["username"] {
			rename(was, r["username"], now) // groups list their members by name
		}
	}
	for id, old := range was {
		if deleted[id] {
			continue
		}
		for name, text := range old {
			if touched[id][name] || name == "suspended" && touched[id]["state"] || name == "activated" || name == "password_date" && touched[id]["password"] {
				continue
			}
			if name == "members" && len(deleted) > 0 {
				continue // those of deleted people are gone
			}
			if got := is[id][name]; got != text {
				t.Errorf("%s of %s was %s and is %s", name, old["username"]+old["name"], text, got)
			}
		}
	}
}

// rename is what a user's new name, as JSON, makes of the members of groups.
func rename(records map[string]map[string]string, old, new string) {
	for _, r := range records {
		if members, ok := r["members"]; ok {
			r["members"] = strings.ReplaceAll(members, old, new)
		}
	}
}

// records are the users and groups of a state, by id, each member as JSON.
func records(t *testing.T, s sandbox.State) map[string]map[string]string {
	t.Helper()
	b, err := json.Marshal(s.Organizations)
	if err != nil {
		t.Fatal(err)
	}
	var orgs []struct{ Users, Groups []map[string]json.RawMessage }
	if err := json.Unmarshal(b, &orgs); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, org := range orgs {
		for _, r := range append(org.Users, org.Groups...) {
			record := map[string]string{}
			for k, v := range r {
				record[k] = string(v)
			}
			id := strings.Trim(record["_id"]+record["id"], `"`)
			if _, ok := record["_id"]; ok {
				id = strings.Trim(record["_id"], `"`)
			}
			all[id] = record
		}
	}
	if len(all) == 0 {
		t.Fatal("no records")
	}
	return all
}
