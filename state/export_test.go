package state

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"rollcall/jumpcloud/sandbox"
	"rollcall/schema"
)

var update = flag.Bool("update", false, "write the golden files")

func export(t rapid.TB, live *Live, o ExportOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Export(&b, live, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// odd is live state with what a file cannot say.
func odd() *Live {
	v := func(f schema.FieldID, text string) schema.Value { return schema.Value{Field: f, Text: text} }
	part := func(f schema.FieldID, part, text string) schema.Value {
		return schema.Value{Field: f, Part: part, Text: text}
	}
	live := &Live{Org: Org{ID: kelpID, Name: "Bright Kelp", Region: "us", Objects: []Object{
		object(schema.User, "anna", v(schema.Email, "shared@kelp.example"), v(schema.State, "ACTIVATED"), v(schema.EmployeeIdentifier, "A1"), v(schema.Manager, "bo")),
		object(schema.User, "bo", v(schema.Email, "shared@kelp.example"), v(schema.State, "SUSPENDED"), v(schema.EmployeeIdentifier, "a1"), v(schema.Manager, "anna")),
		object(schema.User, "Cy", v(schema.State, "STAGED"), v(schema.Manager, "cy"), v(schema.MFA, `{"exclusion":true}`), v(schema.AccountLocked, "true")),
		object(schema.User, "dee", v(schema.State, "ACTIVATED"), v(schema.Company, "00123"), v(schema.Location, "NO"), v(schema.Department, " Sales "), v(schema.Manager, "#60ff"),
			v(schema.Description, "two\nlines, a \u202e trick and \U0001f600"),
			part(schema.PhoneNumbers, "", `[{"number":"1"}]`), part(schema.PhoneNumbers, "home", `[{"number":"2"},{"number":"3"}]`), part(schema.PhoneNumbers, "work", `[{"number":"+49 30"}]`),
			part(schema.Addresses, "work", `[{"country":"DE","locality":"Berlin","poBox":"1"}]`),
			part(schema.Attributes, "badge", `"1234"`), part(schema.Attributes, "shoe size", `"43"`),
			v(schema.SSHKeys, `[{"name":"laptop","public_key":"ssh-ed25519 AAAA"}]`), v(schema.AllowPublicKey, "false"), v(schema.UnixUID, "5001")),
		object(schema.User, "eve", v(schema.State, "ACTIVATED"), v(schema.Displayname, strings.Repeat("x", 1025)), v(schema.Manager, "dee"), v(schema.JobTitle, "1e3")),
		object(schema.User, "null", v(schema.State, "ACTIVATED"), v(schema.Manager, "white ")),
		object(schema.User, "white ", v(schema.State, "ACTIVATED")),
		object(schema.Group, "2024-01-01", v(schema.GroupEmail, "x@kelp.example")),
		object(schema.Group, "All: Users"),
		object(schema.Group, "Auto", v(schema.MembershipMethod, "DYNAMIC_AUTOMATED"), v(schema.MemberQuery, `{"filters":[{"field":"company","operator":"eq","value":"5"}],"queryType":"FilterQuery"}`)),
		object(schema.Group, "Data", part(schema.GroupAttributes, "ldapGroups", `[{"name":"data"}]`), part(schema.GroupAttributes, "sudo", `{"enabled":true,"withoutPassword":false}`)),
	}, Edges: []Edge{{"2024-01-01", "dee"}, {"All: Users", "#60ff"}, {"All: Users", "anna"}, {"All: Users", "cy"}, {"All: Users", "dee"}, {"All: Users", "white "},
		{"Auto", "dee"}, {"Data", "anna"}, {"Data", "dee"}}}}
	live.Facts = make([]Fact, len(live.Objects))
	live.Facts[live.Find(schema.Group, "Auto")].Dynamic = true
	for l := range live.Objects {
		if o := &live.Objects[l]; o.Kind == schema.Group {
			live.Facts[l].MembersRead = true
			for _, e := range live.Edges {
				if e.Group == o.Key {
					live.Facts[l].Members++
				}
			}
		}
	}
	return live
}

func TestExport(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]ExportOptions{
		"users": {}, "groups": {Memberships: "groups"}, "exact": {Memberships: "groups", Exact: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden := filepath.Join("testdata", "export", name+".yaml")
			got := export(t, odd(), o)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestExportNobody(t *testing.T) {
	t.Parallel()
	got := export(t, &Live{Incomplete: "users: 0 of 2 read"}, ExportOptions{})
	const want = "# A JumpCloud organization, written by `rollcall export`.\n" +
		"# Change it here: `rollcall plan` shows what would change in JumpCloud, `rollcall apply` changes it.\n" +
		"# What a file does not name is left alone; null clears a value.\n" +
		"# INCOMPLETE: users: 0 of 2 read.\n# Do not use this file: what was not read is missing in it. No group is exact in it.\nversion: 1\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := Export(&bytes.Buffer{}, &Live{}, ExportOptions{Memberships: "both"}); err == nil {
		t.Error("an unknown way to write memberships is no error")
	}
}

// A text comes back from YAML as the same text, whatever is in it, and never
// as anything but a text.
func TestTextNode(t *testing.T) {
	t.Parallel()
	check := func(t rapid.TB, s string) {
		n := sequence()
		n.Content = append(n.Content, textNode(s))
		layout(n, 0, 0)
		var b bytes.Buffer
		if err := encodeYAML(&b, n); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		var got []any
		if err := yaml.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%q as %q: %v", s, b.String(), err)
		}
		if diff := cmp.Diff([]any{s}, got); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", b.String(), diff)
		}
	}
	for _, s := range []string{"", " ", "~", "null", "NO", "yes", "y", "00123", "1e3", "0x1F", "1_000", "12:30", "2024-01-01", ".inf", "a: b", "a #b", "a:", "- a", "? a",
		"'", `"`, `\`, "a\\u0041", "*x", "&x", "!x", "%x", "@x", "`x", "<<", "=", "a\nb", "a\tb", "\x00", "\x7f", "\u0085", "\u2028", "\u202e", "\ufeff", "\u00a0x", "\U0001f600", "---", "...", "a,b", "[a]", "{a}"} {
		check(t, s)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.String().Draw(t, "text")) })
}

// The words of YAML 1.1 and numbers are quoted, names of people are not.
func TestPlainText(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"Mira Voss": true, "mira@kelp.example": true, "O'Neil": true, "Zoë": true, "R&D (EU)": true, "a:b": true,
		"": false, "NO": false, "On": false, "1a": false, "Jr. ": false, "a: b": false, "a #b": false, "-a": false, "a\tb": false, "a\u200bb": false, "x,y": false,
	} {
		if got := plainText(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}

func TestCircles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"a", "b", "c", "d", "e", "f"}
		o := &Org{}
		boss := map[string]string{}
		for _, name := range names {
			boss[name] = rapid.SampledFrom(append([]string{"", "#x"}, names...)).Draw(t, name)
			o.Objects = append(o.Objects, object(schema.User, name, schema.Value{Field: schema.Manager, Text: boss[name]}))
		}
		in := circles(o)
		for _, name := range names {
			at, back := boss[name], false
			for range names {
				back = back || at == name
				at = boss[at]
			}
			if in[name] != back {
				t.Fatalf("%s of %v: got %v, want %v", name, boss, in[name], back)
			}
		}
	})
}

// Lines are as wide as they may be and no wider, unless one value is.
func TestExportWidth(t *testing.T) {
	t.Parallel()
	users := people(3)
	for i := range users {
		users[i]["firstname"] = strings.Repeat("Mira ", 8+8*i) + "Voss"
	}
	groups := []sandbox.Group{}
	for _, name := range []string{"A", "B", "C"} {
		groups = append(groups, sandbox.Group{"name": strings.Repeat(name, 30), "members": members(3)})
	}
	_, c := serve(t, kelp(users, groups), sandbox.Options{})
	lines := strings.Split(export(t, mustRead(t, c, ReadOptions{}), ExportOptions{}), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return len(line) <= exportWidth || !strings.Contains(line, ", ") })
	if len(lines) > 0 {
		t.Errorf("too wide: %q", lines)
	}
}

// What is exported has the shape of a desired-state file.
func TestExportShape(t *testing.T) {
	t.Parallel()
	for _, o := range []ExportOptions{{}, {Memberships: "groups", Exact: true}} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(export(t, odd(), o)), &doc); err != nil {
			t.Fatal(err)
		}
		for _, p := range schema.Check(&doc, false) {
			t.Errorf("%d:%d: %s", p.Node.Line, p.Node.Column, p.Text)
		}
	}
}
