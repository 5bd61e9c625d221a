package state

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/jumpcloud"
	"rollcall/schema"
)

// oddTexts are texts that a file cannot hold, or not in every place.
var oddTexts = rapid.OneOf(texts, rapid.String(), rapid.SampledFrom([]string{
	" ", "\u00a0", "<<", "---", "...", "? ", "!!str x", "&a", "*a", "@", "a@b", "a@b@c", "{username}", "60aa0f2b1c9d440000a1b2c3", "\x00", "\xff", "\u2028", "\ufeff",
	"jca_0123456789abcdefABCDEF", "ghp_0123456789abcdefghijklmnopqrstuvwxyz", "-----BEGIN RSA PRIVATE KEY-----", "<<<<<<< HEAD", "\t", "x\ty", "none", "null", "true", "Static",
	strings.Repeat("long ", 300),
}))

// oddJSON is any JSON, objects with the members of some field among others.
func oddJSON(t *rapid.T, depth int) any {
	switch k := rapid.IntRange(0, 6).Draw(t, "kind"); {
	case k == 0:
		return nil
	case k == 1:
		return rapid.Bool().Draw(t, "bool")
	case k == 2:
		return rapid.SampledFrom([]any{0, 1, -1, 5001, 1.5, 1e30, json.Number("12345678901234567890")}).Draw(t, "number")
	case k == 3 || depth == 0:
		return oddTexts.Draw(t, "text")
	case k == 4:
		list := make([]any, rapid.IntRange(0, 3).Draw(t, "entries"))
		for i := range list {
			list[i] = oddJSON(t, depth-1)
		}
		return list
	}
	names := rapid.OneOf(rapid.SampledFrom([]string{"type", "name", "value", "number", "public_key", "locality", "address", "enabled", "filters", "field"}), oddTexts)
	object := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "members") {
		object[names.Draw(t, "member")] = oddJSON(t, depth-1)
	}
	return object
}

// oddField is a value that a live record might have for a field.
func oddField(t *rapid.T, f *schema.Field) any {
	entry := func() any {
		object := map[string]any{}
		for _, name := range append([]string{"type", "name", "value"}, f.Members...) {
			if rapid.IntRange(0, 3).Draw(t, name) > 0 {
				object[name] = oddTexts.Draw(t, name)
			}
		}
		return object
	}
	switch {
	case rapid.IntRange(0, 2).Draw(t, "any") == 0:
		return oddJSON(t, 3)
	case f.Type == schema.String || f.Type == schema.Enum:
		return rapid.OneOf(oddTexts, rapid.SampledFrom(append(f.Values, ""))).Draw(t, f.Name)
	case f.Type == schema.Bool:
		return rapid.Bool().Draw(t, f.Name)
	case f.Type == schema.Int:
		return rapid.Int().Draw(t, f.Name)
	case f.Type == schema.Ref:
		return rapid.SampledFrom([]string{"0", "1", "2", "3", "nobody"}).Draw(t, f.Name)
	case f.Kind == schema.Group && f.Type == schema.Map:
		return map[string]any{oddTexts.Draw(t, "name"): oddJSON(t, 3), "sudo": oddJSON(t, 2)}
	}
	list := make([]any, rapid.IntRange(0, 3).Draw(t, f.Name))
	for i := range list {
		if list[i] = entry(); f.Members == nil && rapid.Bool().Draw(t, "text") {
			list[i] = oddTexts.Draw(t, f.Name)
		}
	}
	return list
}

// oddEntry is an object with a random value in every field; what no live
// record can have is left out.
func oddEntry(t *rapid.T, k schema.Kind, id int) []entry {
	record := jumpcloud.Record{"id": json.RawMessage(fmt.Sprintf(`"%d"`, id))}
	set := func(name string, v any) {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		record[name] = raw
	}
	set(keyField[k].Name, rapid.OneOf(oddTexts, rapid.SampledFrom([]string{"mira", "Mira", "Data", "data"})).Draw(t, "name"))
	for _, f := range schema.Fields(k) {
		if f.Key || rapid.Bool().Draw(t, "unset") {
			continue
		}
		set(f.Name, oddField(t, f))
		if _, err := f.FromJSON(record[f.Name], nil); err != nil {
			delete(record, f.Name)
		}
	}
	entries, err := convert(k, []jumpcloud.Record{record})
	if err != nil {
		t.Fatal(err)
	}
	if entries[0].Key == "" {
		return nil
	}
	if entries[0].Values, err = values(k, record, true, nil); err != nil {
		t.Fatal(err)
	}
	return entries
}

// oddLive is an organization of odd people and groups.
func oddLive(t *rapid.T) *Live {
	r := &reader{live: &Live{Org: Org{ID: kelpID, Name: strings.ToValidUTF8(oddTexts.Draw(t, "org"), "?"), Region: "us"}}}
	for _, k := range []schema.Kind{schema.User, schema.Group} {
		var list []entry
		for id := range rapid.IntRange(0, 4).Draw(t, "objects") {
			list = append(list, oddEntry(t, k, id)...)
		}
		list = distinct(list)
		for i := range list {
			r.live.Objects, r.live.Facts = append(r.live.Objects, list[i].Object), append(r.live.Facts, list[i].Fact)
		}
		if k == schema.User {
			r.users = keysByID(list)
		}
	}
	r.nameManagers()
	groups, first := r.live.OfKind(schema.Group)
	for i := range groups {
		n := rapid.IntRange(0, first).Draw(t, "members")
		for _, u := range r.live.Objects[:n] {
			r.live.Edges = append(r.live.Edges, Edge{groups[i].Key, u.Key})
		}
		if rapid.Bool().Draw(t, "stranger") {
			r.live.Edges = append(r.live.Edges, Edge{groups[i].Key, "#60ff"})
			n++
		}
		r.live.Facts[first+i].MembersRead, r.live.Facts[first+i].Members = true, n
	}
	slices.SortFunc(r.live.Edges, CompareEdges)
	return r.live
}

// Whatever is live, what is exported of it loads without errors, and says
// nothing but what is live.
func TestExportOfOddLiveLoads(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	rapid.Check(t, func(t *rapid.T) {
		live := oddLive(t)
		text := export(t, live, ExportOptions{Memberships: rapid.SampledFrom([]string{"users", "groups"}).Draw(t, "memberships"), Exact: rapid.Bool().Draw(t, "exact")})
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		docs, _, err := Load([]string{file}, LoadOptions{})
		if err != nil || len(docs) != 1 {
			t.Fatalf("%v, %d documents of:\n%s", err, len(docs), text)
		}
		for i := range docs[0].Objects {
			sameAsLive(t, live, docs[0], i)
		}
		for _, e := range docs[0].Edges {
			if !slices.Contains(live.Edges, e) {
				t.Errorf("membership %v is not live", e)
			}
		}
		if t.Failed() {
			t.Log(text)
		}
	})
}

func sameAsLive(t *rapid.T, live *Live, d *Desired, i int) {
	want := &d.Objects[i]
	l := live.Find(want.Kind, want.Key)
	if l < 0 {
		t.Errorf("%s %q is not live", want.Kind, want.Name)
		return
	}
	for _, v := range want.Values {
		if text, _ := live.Objects[l].Get(v.Field, v.Part); !schema.Equal(v.Field, text, v.Text) {
			t.Errorf("%s %q: %s is %q, live %q", want.Kind, want.Name, v.Name(), v.Text, text)
		}
	}
	strangers := live.Facts[l].Members > len(live.membersOf(want.Key)) || slices.Contains(live.membersOf(want.Key), "#60ff")
	if d.Intents[i].Exact && strangers {
		t.Errorf("group %q is exact, and not all its members are in the file", want.Name)
	}
}

// membersOf are the keys of a group's members.
func (l *Live) membersOf(group string) (users []string) {
	for _, e := range l.Edges {
		if e.Group == group {
			users = append(users, e.User)
		}
	}
	return users
}
