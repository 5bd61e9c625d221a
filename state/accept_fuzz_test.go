package state_test

import (
	"errors"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/schema"
	"rollcall/state"
)

// FuzzAccept accepts everything of an organization that differs somehow from
// what any file wants: it ends, and refuses for a reason or makes a file that
// loads.
func FuzzAccept(f *testing.F) {
	cases, err := filepath.Glob("testdata/accept/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for i, name := range cases {
		c := readAcceptCase(f, name)
		f.Add(strings.ReplaceAll(c.files["rollcall.yaml"], "include:", "# include:"), byte(i))
		f.Add(c.live, byte(i))
	}
	f.Fuzz(func(t *testing.T, text string, seed byte) {
		file := filepath.Join(t.TempDir(), "rollcall.yaml")
		write(t, file, text)
		docs, _, err := state.Load([]string{file}, state.LoadOptions{Online: true})
		if err != nil || len(docs) == 0 || len(docs[0].Objects) > 50 {
			return
		}
		d := docs[0]
		live := drifted(d, seed)
		got, err := state.Accept(d, live, "", os.ReadFile, everybody(d, live)...)
		var refused *state.AcceptError
		switch {
		case errors.As(err, &refused) && strings.Contains(refused.Text, "does not come out"):
			t.Fatalf("%v:\n%s", err, text)
		case errors.As(err, &refused):
			return
		case err != nil:
			t.Fatal(err)
		}
		if changed := got.Files[file]; changed != nil {
			write(t, file, string(changed))
		}
		load(t, file, "")
	})
}

// drifted is an organization in which some of what a file wants is otherwise.
func drifted(d *state.Desired, seed byte) *state.Live {
	live := liveOf(d)
	chance := func(n uint32, words ...string) bool {
		h := fnv.New32a()
		h.Write([]byte{seed})
		h.Write([]byte(strings.Join(words, "\x00")))
		return h.Sum32()%n == 0
	}
	var objects []state.Object
	for _, o := range live.Objects {
		o.Values = slices.DeleteFunc(o.Values, func(v schema.Value) bool { return chance(4, o.Key, v.Name()) })
		for i, v := range o.Values {
			if f := schema.Of(v.Field); f.Type == schema.String && chance(3, o.Key, v.Name(), "other") {
				o.Values[i].Text += "x"
			}
		}
		if !chance(8, o.Key) {
			objects = append(objects, o)
		}
	}
	live.Objects = objects
	live.Facts = slices.Repeat([]state.Fact{{MembersRead: true, GroupsRead: true}}, len(objects))
	live.Edges = nil
	groups, _ := live.OfKind(schema.Group)
	users, _ := live.OfKind(schema.User)
	for _, g := range groups {
		for _, u := range users {
			if chance(3, g.Key, u.Key) {
				live.Edges = append(live.Edges, state.Edge{Group: g.Key, User: u.Key})
			}
		}
	}
	return live
}
