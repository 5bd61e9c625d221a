package state_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/state"
)

// Of a random file and a random organization: when everything is accepted,
// the plan is empty; what did not differ is written as it was.
func TestAcceptRandom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, other := filepath.Join(dir, "rollcall.yaml"), filepath.Join(dir, "live.yaml")
	rapid.Check(t, func(t *rapid.T) {
		w := &writer{T: t}
		text := w.file(randomWorld(t, true))
		write(t, file, text)
		live := randomWorld(t, false)
		write(t, other, (&writer{T: t, plain: true}).file(live))
		d, l := load(t, file, ""), liveOf(load(t, other, ""))
		got, err := state.Accept(d, l, "", os.ReadFile, everybody(d, l)...)
		if refused := (*state.AcceptError)(nil); errors.As(err, &refused) && mayRefuse(refused) {
			return
		}
		if err != nil {
			t.Fatalf("%v\nof:\n%s\nlive:\n%s", err, text, read(t, other))
		}
		after := text
		if changed := got.Files[file]; changed != nil {
			after = string(changed)
		}
		write(t, file, after)
		if left := planned(t, l, load(t, file, "")); len(left) > 0 {
			t.Fatalf("left in the plan: %q\nof:\n%s\nlive:\n%s\nbecame:\n%s", left, text, read(t, other), after)
		}
		for _, comment := range w.kept {
			if !strings.Contains(after, comment) {
				t.Fatalf("%q is gone\nof:\n%s\nlive:\n%s\nbecame:\n%s", comment, text, read(t, other), after)
			}
		}
		for name, entry := range w.entries {
			if !differs(got, name) && !strings.Contains(after, entry) {
				t.Fatalf("%s is as it was and written otherwise\nof:\n%s\nlive:\n%s\nbecame:\n%s", name, text, read(t, other), after)
			}
		}
		again, err := state.Accept(load(t, file, ""), l, "", os.ReadFile, everybody(d, l)[:0]...)
		if err != nil || len(again.Files) > 0 {
			t.Fatalf("accepting nothing: %v, %v", again, err)
		}
	})
}

// mayRefuse tells whether an error is one that the file is to blame for:
// defaults say what live does not have.
func mayRefuse(err *state.AcceptError) bool { return strings.Contains(err.Text, "defaults") }

// differs tells whether an entry has been changed, or a membership of
// anybody: it may be written at the other end.
func differs(a *state.Acceptance, name string) bool {
	return slices.ContainsFunc(a.Done, func(d state.Accepted) bool {
		return d.Kind.String()+":"+d.Name == name || regexp.MustCompile(`^(not )?in |^with|^removed$`).MatchString(d.What)
	})
}

func read(t rapid.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// everybody is all people and groups of file and live.
func everybody(d *state.Desired, l *state.Live) (who []string) {
	for _, o := range slices.Concat(d.Objects, l.Objects) {
		if name := o.Kind.String() + ":" + o.Name; !slices.Contains(who, name) {
			who = append(who, name)
		}
	}
	return who
}

// value is a text, or what a mapping or list has; a key that is there without
// a value is null.
type value struct {
	text  string
	plain bool // no text: true, null, 5
	keys  []string
	items []value
	list  bool
}

func text(s string) value  { return value{text: s} }
func plain(s string) value { return value{text: s, plain: true} }

func (v *value) put(key string, item value) {
	v.keys, v.items = append(v.keys, key), append(v.items, item)
}

func list(items ...value) value { return value{items: items, list: true} }

var someTexts = rapid.SampledFrom([]string{
	"x", "Two words", "it's", `a "b"`, "00123", "null", "yes", "a: b", "c # no", "# x", "Zoë ü", "two\nlines", "a\n\n  b", "tab\tx", "😀 x", "-", "- a", "[a]", "{b}", "a, b", "1", "1.5", "true", "~",
	"x: ", "'", `"`, `\`, "a\\nb", "\u00a0x\u2028y", "long " + strings.Repeat("text ", 30) + "end", "|", ">", "%a", "@a", "`", "?", ": a", "!a", "&a", "*a", "---", "...",
})

// randomWorld is a document: people and groups, most of them in file and
// live. What only a file says comes with inFile.
func randomWorld(t *rapid.T, inFile bool) value {
	some := func(what string) bool { return rapid.IntRange(0, 2).Draw(t, what) > 0 }
	var world, users, groups value
	world.put("version", plain("1"))
	if inFile && rapid.Bool().Draw(t, "defaults") {
		world.put("defaults", randomDefaults(t))
	}
	var names []string
	for i := range 5 {
		if some("user") {
			name := [...]string{"ann", "Bob.b", "cy", "dee", "eve"}[i]
			users.put(name, randomUser(t, name, i, names, inFile))
			names = append(names, name)
		}
	}
	for _, name := range []string{"G", "Data Team", "x: y"} {
		groups.put(name, randomGroup(t, names, inFile))
	}
	for _, section := range rapid.Permutation([]string{"users", "groups"}).Draw(t, "order") {
		if all := map[string]value{"users": users, "groups": groups}[section]; len(all.keys) > 0 {
			world.put(section, all)
		}
	}
	return world
}

func randomDefaults(t *rapid.T) value {
	var user, defaults value
	user.put("company", text("{username} Ltd"))
	user.put("attributes", value{keys: []string{"shirt"}, items: []value{text("M")}})
	if rapid.Bool().Draw(t, "phones") {
		user.put("phoneNumbers", list(value{keys: []string{"type", "number"}, items: []value{text("work"), text("1")}}))
	}
	if rapid.IntRange(0, 9).Draw(t, "groups") == 0 {
		user.put("groups", list(text("G")))
	}
	defaults.put("user", user)
	return defaults
}

func randomUser(t *rapid.T, name string, i int, above []string, inFile bool) (u value) {
	some := func(what string) bool { return rapid.Bool().Draw(t, what) }
	if !inFile || some("state") {
		u.put("state", text(rapid.SampledFrom([]string{"staged", "activated", "suspended"}).Draw(t, "state")))
	}
	u.put("email", text(strings.ToLower(name)+strconv.Itoa(rapid.IntRange(0, 1).Draw(t, "email"))+"@kelp.example"))
	for _, field := range []string{"firstname", "jobTitle", "description", "company"} {
		switch rapid.IntRange(0, 3).Draw(t, field) {
		case 0, 1:
			u.put(field, text(someTexts.Draw(t, field)))
		case 2:
			u.put(field, plain("null"))
		}
	}
	if some("number") {
		u.put("employeeIdentifier", text(fmt.Sprint("00", i, rapid.IntRange(0, 1).Draw(t, "number"))))
	}
	if some("sudo") {
		u.put("sudo", plain(strconv.FormatBool(some("sudoer"))))
	}
	if len(above) > 0 && some("managed") {
		u.put("manager", text(rapid.SampledFrom(above).Draw(t, "manager")))
	}
	if some("attributes") {
		u.put("attributes", randomMembers(t, "badge", "shirt", "other"))
	}
	for _, field := range []string{"phoneNumbers", "addresses"} {
		if some(field) {
			u.put(field, randomParts(t, map[string]string{"phoneNumbers": "number", "addresses": "locality"}[field]))
		}
	}
	if some("keys") {
		keys := list()
		for range rapid.IntRange(0, 3).Draw(t, "keys") {
			keys.items = append(keys.items, value{keys: []string{"name", "public_key"}, items: []value{text(someTexts.Draw(t, "name")), text(rapid.SampledFrom([]string{"ssh-rsa A", "ssh-rsa B", "x"}).Draw(t, "key"))}})
		}
		u.put("ssh_keys", keys)
	}
	if in := randomNames(t, "G", "Data Team", "x: y"); len(in.items) > 0 {
		u.put("groups", in)
	}
	return u
}

func randomMembers(t *rapid.T, names ...string) (v value) {
	for _, name := range names {
		if rapid.Bool().Draw(t, name) {
			v.put(name, text(someTexts.Draw(t, name)))
		}
	}
	if len(v.keys) == 0 {
		v.put(names[0], plain("null"))
	}
	return v
}

func randomParts(t *rapid.T, member string) value {
	parts := list()
	for _, kind := range rapid.SliceOfN(rapid.SampledFrom([]string{"work", "home", "work_fax"}), 0, 3).Draw(t, "types") {
		parts.items = append(parts.items, value{keys: []string{"type", member}, items: []value{text(kind), text(someTexts.Draw(t, member))}})
	}
	return parts
}

func randomNames(t *rapid.T, all ...string) value {
	names := list()
	for _, name := range all {
		if rapid.IntRange(0, 2).Draw(t, name) == 0 {
			names.items = append(names.items, text(name))
		}
	}
	return names
}

func randomGroup(t *rapid.T, users []string, inFile bool) value {
	g := value{keys: []string{}}
	if rapid.Bool().Draw(t, "description") {
		g.put("description", text(someTexts.Draw(t, "description")))
	}
	if rapid.Bool().Draw(t, "attributes") {
		g.put("attributes", value{keys: []string{"sambaEnabled", "ldapGroups"}, items: []value{
			plain(strconv.FormatBool(rapid.Bool().Draw(t, "samba"))),
			list(value{keys: []string{"name"}, items: []value{text(someTexts.Draw(t, "name"))}}),
		}})
	}
	if inFile && rapid.Bool().Draw(t, "exact") {
		g.put("exact", plain("true"))
		g.put("members", randomNames(t, users...))
	} else if members := randomNames(t, users...); len(members.items) > 0 {
		g.put("members", members)
	}
	return g
}
