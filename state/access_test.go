package state

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
)

// accessLive is an organization with all that a review must not miss: somebody
// in no group, a group without members, a rule, a member who was not read, and
// two groups of one name.
func accessLive() *Live {
	v := func(f schema.FieldID, text string) schema.Value { return schema.Value{Field: f, Text: text} }
	live := &Live{Org: Org{ID: kelpID, Name: "Bright Kelp", Objects: []Object{
		object(schema.User, "Ada", v(schema.State, Activated), v(schema.Firstname, "Ada"), v(schema.Lastname, "L"), v(schema.Displayname, "Countess")),
		object(schema.User, "bo", v(schema.Email, "bo@kelp.example"), v(schema.State, Suspended), v(schema.Firstname, "Bo"), v(schema.Manager, "ada")),
		object(schema.User, "cy", v(schema.State, Staged), v(schema.Manager, "#60ff")),
		object(schema.User, "svc-a", v(schema.State, Activated), v(schema.Manager, "bo")),
		object(schema.Group, "All"), object(schema.Group, "Data"), object(schema.Group, "Empty"), object(schema.Group, "Twin"), object(schema.Group, "Twin#2"),
	}, Edges: []Edge{{"All", "ada"}, {"Data", "#60ff"}, {"Data", "ada"}, {"Data", "bo"}, {"Data", "svc-a"}, {"Twin", "ada"}, {"Twin#2", "bo"}}}}
	live.Facts = make([]Fact, len(live.Objects))
	for i := range live.Objects {
		live.Objects[i].ID = "id-" + live.Objects[i].Key
	}
	twin := live.Find(schema.Group, "Twin#2")
	live.Objects[twin].Name = "Twin"
	live.Facts[live.Find(schema.Group, "All")].Dynamic = true
	return live
}

// cells are all of a row.
func (r AccessRow) cells() []string {
	return []string{r.User, r.UserID, r.FullName, r.Email, r.State, r.Manager, r.Group, r.GroupID, r.Membership, string(r.UserListed), string(r.GroupListed), string(r.Listed)}
}

func rowsOf(a *Access) (all [][]string) {
	for _, r := range a.Rows {
		all = append(all, r.cells())
	}
	return all
}

func TestAccessWithoutFiles(t *testing.T) {
	t.Parallel()
	live := accessLive()
	live.Incomplete = "users: 4 of 5 read"
	a := AccessOf(live, nil)
	if a.ID != kelpID || a.Name != "Bright Kelp" || a.Incomplete != live.Incomplete {
		t.Errorf("%q %q, incomplete %q", a.ID, a.Name, a.Incomplete)
	}
	want := [][]string{
		{"Ada", "id-ada", "Countess", "", Activated, "", "All", "id-All", "dynamic", "", "", ""},
		{"#60ff", "60ff", "", "", "", "", "Data", "id-Data", "static", "", "", ""},
		{"Ada", "id-ada", "Countess", "", Activated, "", "Data", "id-Data", "static", "", "", ""},
		{"bo", "id-bo", "Bo", "bo@kelp.example", Suspended, "Ada", "Data", "id-Data", "static", "", "", ""},
		{"svc-a", "id-svc-a", "", "", Activated, "bo", "Data", "id-Data", "static", "", "", ""},
		{"", "", "", "", "", "", "Empty", "id-Empty", "static", "", "", ""},
		{"Ada", "id-ada", "Countess", "", Activated, "", "Twin", "id-Twin", "static", "", "", ""},
		{"bo", "id-bo", "Bo", "bo@kelp.example", Suspended, "Ada", "Twin", "id-Twin#2", "static", "", "", ""},
		{"cy", "id-cy", "", "", Staged, "#60ff", "", "", "", "", "", ""},
	}
	if d := cmp.Diff(want, rowsOf(a)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestAccessShort proves that a group with members of whom nothing was read is
// none without members, and that then nobody is said to be in no group.
func TestAccessShort(t *testing.T) {
	t.Parallel()
	live := accessLive()
	fact := func(group string) *Fact { return &live.Facts[live.Find(schema.Group, group)] }
	fact("Data").Members, fact("Empty").Members, fact("All").Uncounted, fact("Twin").Members = 6, 1, true, 1
	a := AccessOf(live, nil)
	got := map[string][3]int{} // by group id: rows, unnamed members, members
	for _, r := range a.Rows {
		if r.Unnamed() != (r.User == "#") || r.GroupID == "" && r.Membership != "unknown" {
			t.Errorf("row %v", r.cells())
		}
		if r.Unnamed() {
			got[r.GroupID] = [3]int{got[r.GroupID][0] + 1, r.Unread, r.Members}
		}
		if r.User == "" {
			got[r.GroupID] = [3]int{}
		}
	}
	want := map[string][3]int{"id-All": {1, -1, 0}, "id-Data": {1, 2, 6}, "id-Empty": {1, 1, 1}}
	if d := cmp.Diff(want, got); d != "" || a.Short != 3 {
		t.Errorf("%d groups are short (-want +got):\n%s", a.Short, d)
	}
	for _, c := range []struct {
		kind        schema.Kind
		name        string
		rows, short int
	}{{schema.User, "CY", 4, 3}, {schema.Group, "Data", 5, 1}, {schema.Group, "Twin", 2, 0}} {
		one := *a
		one.Rows = slices.Clone(a.Rows)
		if one.Keep(c.kind, c.name); len(one.Rows) != c.rows || one.Short != c.short {
			t.Errorf("of %s: %d rows, %d short, want %d and %d", c.name, len(one.Rows), one.Short, c.rows, c.short)
		}
	}
}

// TestAccessListed proves what of user, group and membership the files are said
// to have.
func TestAccessListed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		want       map[[2]string][3]Listed // by user and group: user, group, membership
	}{
		{"groups of people and members of groups", "users: {ada: {groups: [Data]}, bo: {}}\ngroups: {Twin: {members: [ada]}}", map[[2]string][3]Listed{
			{"Ada", "Data"}: {Yes, Yes, Yes}, {"bo", "Data"}: {Yes, Yes, No}, {"#60ff", "Data"}: {NotAsked, Yes, No}, {"svc-a", "Data"}: {No, Yes, No},
			{"Ada", "All"}: {Yes, No, ByRule}, {"", "Empty"}: {NotAsked, No, NotAsked}, {"cy", ""}: {No, NotAsked, NotAsked}, {"Ada", "Twin"}: {Yes, Yes, Yes},
		}},
		{"what is ignored is no finding", "policy: {ignore: {users: [svc-*], groups: [Twin]}}\nusers: {ada: {}}", map[[2]string][3]Listed{
			{"svc-a", "Data"}: {Ignored, No, Ignored}, {"Ada", "Twin"}: {Yes, Ignored, Ignored}, {"bo", "Data"}: {No, No, No},
		}},
		{"what is to be deleted is not wanted", "users: {bo: {ensure: absent}}\ngroups: {Empty: {ensure: absent}}", map[[2]string][3]Listed{
			{"bo", "Data"}: {Absent, No, No}, {"", "Empty"}: {NotAsked, Absent, NotAsked},
		}},
		{"by a former name", "users: {beth: {was: bo, groups: [Numbers]}}\ngroups: {Numbers: {was: Data}}", map[[2]string][3]Listed{
			{"bo", "Data"}: {Yes, Yes, Yes},
		}},
		{"until a day that is over, and one that is not", "users: {ada: {groups: [{group: Data, until: 2026-11-25}]}, bo: {groups: [{group: Data, until: 2026-11-26}]}}", map[[2]string][3]Listed{
			{"Ada", "Data"}: {Yes, Yes, No}, {"bo", "Data"}: {Yes, Yes, Yes},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := t.TempDir() + "/org.yaml"
			writeFile(t, file, "version: 1\norg: {id: "+kelpID+"}\n"+c.file+"\n")
			all, _, err := Load([]string{file}, LoadOptions{Online: true})
			if err != nil {
				t.Fatal(err)
			}
			got := map[[2]string][3]Listed{}
			for _, r := range AccessOf(accessLive(), all[0].On("2026-11-26")).Rows {
				key := [2]string{r.User, r.Group}
				if _, asked := c.want[key]; asked {
					got[key] = [3]Listed{r.UserListed, r.GroupListed, r.Listed}
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestAccessByManager proves the order of a list by managers.
func TestAccessByManager(t *testing.T) {
	t.Parallel()
	rows := []AccessRow{
		{Group: "Empty", GroupID: "1"}, {User: "#", Group: "B", GroupID: "2"}, {User: "cy", Group: "B", GroupID: "2"}, {User: "Bo", Manager: "ada", Group: "B", GroupID: "2"},
		{User: "bo", Manager: "ada", Group: "A", GroupID: "3"}, {User: "al", Manager: "zoe"}, {User: "Ann", Manager: "ada"},
	}
	for i, x := range rows {
		for j, y := range rows {
			if a, b := CompareByManager(x, y), CompareByManager(y, x); a != -b || (a == 0) != (i == j) {
				t.Errorf("%v and %v: %d and %d", x.cells(), y.cells(), a, b)
			}
		}
	}
	order := []int{6, 4, 3, 5, 2, 1, 0}
	for n := 1; n < len(order); n++ {
		if x, y := rows[order[n-1]], rows[order[n]]; CompareByManager(x, y) >= 0 {
			t.Errorf("%v does not come before %v", x.cells(), y.cells())
		}
	}
}
