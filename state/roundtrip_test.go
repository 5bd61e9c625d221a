package state

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/schema"
)

// What is read and exported loads as the same values and memberships, for
// any organization whose values a file can hold.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		live := readRandom(t)
		o := ExportOptions{Memberships: rapid.SampledFrom([]string{"users", "groups"}).Draw(t, "memberships"), Exact: rapid.Bool().Draw(t, "exact")}
		text := export(t, live, o)
		file := filepath.Join(dir, "rollcall.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		docs, problems, err := Load([]string{file}, LoadOptions{})
		if err != nil || len(problems) > 0 || len(docs) != 1 {
			t.Fatalf("%v, %v, %d documents of:\n%s", err, problems, len(docs), text)
		}
		if strings.Contains(text, "# left out") {
			t.Fatalf("something is left out:\n%s", text)
		}
		if diff := diffLoaded(live, docs[0]); diff != "" {
			t.Fatalf("%s\nof:\n%s", diff, text)
		}
	})
}

// diffLoaded is what differs between live state and the file made of it.
func diffLoaded(live *Live, d *Desired) string {
	var want, got []string
	for i := range live.Objects {
		want = append(want, lines(&live.Objects[i])...)
	}
	for i := range d.Objects {
		got = append(got, lines(&d.Objects[i])...)
	}
	static := slices.DeleteFunc(slices.Clone(live.Edges), func(e Edge) bool { return live.Facts[live.Find(schema.Group, e.Group)].Dynamic })
	for _, e := range static {
		want = append(want, fmt.Sprintf("member %q of %q", e.User, e.Group))
	}
	for _, e := range d.Edges {
		got = append(got, fmt.Sprintf("member %q of %q", Fold(e.User), e.Group))
	}
	return cmp.Diff(append(want, live.ID, live.Name), append(got, d.ID, d.Name))
}

// lines are an object's exported values, a line each.
func lines(o *Object) []string {
	all := []string{fmt.Sprintf("%s %q", o.Kind, o.Name)}
	for _, v := range o.Values {
		if f := schema.Of(v.Field); !f.NoExport && f.Type != schema.Secret {
			text := v.Text
			if f.Type == schema.Ref {
				text = Fold(text)
			}
			all = append(all, fmt.Sprintf("%s %q: %s %q", o.Kind, o.Key, v.Name(), text))
		}
	}
	return all
}

// readRandom is everything of a random organization.
func readRandom(t *rapid.T) *Live {
	users := rapid.Custom(randomUsers).Draw(t, "users")
	groups := randomGroups(t, users)
	s := sandbox.New(kelp(users, groups), sandbox.Options{})
	h := httptest.NewServer(s)
	defer h.Close()
	c, err := jumpcloud.New(jumpcloud.Options{URL: h.URL, APIKey: s.Key(), Rate: -1, Sleep: noSleep})
	if err != nil {
		t.Fatal(err)
	}
	live, err := Read(t.Context(), c.WithOrg(kelpID), ReadOptions{ID: kelpID, Name: "Bright Kelp"})
	if err != nil || live.Incomplete != "" {
		t.Fatalf("%v, incomplete %q", err, live.Incomplete)
	}
	return live
}

// texts are what a field may hold: any text without outer white space.
var texts = rapid.OneOf(
	rapid.SampledFrom([]string{"", "NO", "00123", "null", "~", "1e3", "a: b", "- x", "#", "two\nlines", "\u202e"}),
	rapid.Map(rapid.StringN(0, 12, -1), strings.TrimSpace),
)

func randomUsers(t *rapid.T) []sandbox.User {
	users := make([]sandbox.User, rapid.IntRange(0, 6).Draw(t, "users"))
	for i := range users {
		name := fmt.Sprintf("%s%d", rapid.StringMatching(`[A-Za-z][A-Za-z._-]{0,5}`).Draw(t, "username"), i)
		u := sandbox.User{"username": name, "email": name + "@kelp.example", "state": rapid.SampledFrom([]string{"STAGED", "ACTIVATED", "SUSPENDED"}).Draw(t, "state")}
		for _, field := range []string{"firstname", "jobTitle", "location", "description", "costCenter", "managedAppleId"} {
			u[field] = texts.Draw(t, field)
		}
		for _, field := range []string{"sudo", "allow_public_key", "ldap_binding_user", "enable_managed_uid"} {
			u[field] = rapid.Bool().Draw(t, field)
		}
		if i > 0 && rapid.Bool().Draw(t, "managed") {
			u["manager"] = users[rapid.IntRange(0, i-1).Draw(t, "manager")]["username"]
		}
		u["phoneNumbers"] = entries(t, "number", "type", rapid.SampledFrom([]string{"work", "home", "NO", "1"}))
		u["addresses"] = entries(t, "locality", "type", rapid.SampledFrom([]string{"work", "home"}))
		u["attributes"] = entries(t, "value", "name", rapid.SampledFrom([]string{"badge", "NO", "007", "x"}))
		users[i] = u
	}
	return users
}

// entries are up to three entries of an array, no two with one key.
func entries(t *rapid.T, member, key string, keys *rapid.Generator[string]) []any {
	var list []any
	for _, k := range rapid.SliceOfNDistinct(keys, 0, 2, rapid.ID[string]).Draw(t, key) {
		list = append(list, map[string]any{key: k, member: texts.Draw(t, member)})
	}
	return list
}

func randomGroups(t *rapid.T, users []sandbox.User) []sandbox.Group {
	names := texts.Filter(func(s string) bool { return s != "" })
	var groups []sandbox.Group
	for _, name := range rapid.SliceOfNDistinct(names, 0, 4, strings.ToLower).Draw(t, "groups") {
		g := sandbox.Group{"name": name, "description": texts.Draw(t, "description")}
		if rapid.Bool().Draw(t, "dynamic") {
			g["membershipMethod"] = "DYNAMIC_AUTOMATED"
			g["memberQuery"] = map[string]any{"queryType": "FilterQuery", "filters": []any{map[string]any{"field": "company", "operator": "eq", "value": texts.Draw(t, "value")}}}
		}
		if rapid.Bool().Draw(t, "sudoers") {
			g["attributes"] = map[string]any{"sudo": map[string]any{"enabled": true, "withoutPassword": rapid.Bool().Draw(t, "free")}}
		}
		var in []any
		for _, u := range users {
			if rapid.Bool().Draw(t, "member") {
				in = append(in, u["username"])
			}
		}
		g["members"] = in
		groups = append(groups, g)
	}
	return groups
}
