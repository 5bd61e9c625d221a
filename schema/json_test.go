package schema

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

func TestFromJSON(t *testing.T) {
	t.Parallel()
	one := func(text string) []Value { return []Value{{Text: text}} }
	for _, c := range []struct {
		kind      Kind
		name, raw string
		want      []Value // Field is filled in
	}{
		{User, "firstname", `"Mira"`, one("Mira")},
		{User, "firstname", `" Mira "`, one(" Mira ")},
		{User, "firstname", `"a\"bé\n"`, one("a\"bé\n")},
		{User, "firstname", `"  "`, nil},
		{User, "firstname", `""`, nil},
		{User, "firstname", `null`, nil},
		{User, "firstname", ``, nil},
		{User, "employeeIdentifier", `17`, one("17")},
		{User, "email", `"A@B.example"`, one("a@b.example")},
		{User, "sudo", `true`, one("true")},
		{User, "sudo", `false`, nil},
		{User, "allow_public_key", `true`, nil},
		{User, "allow_public_key", `false`, one("false")},
		{User, "suspended", `true`, nil},
		{User, "password", `"x"`, nil},
		{User, "unix_uid", `5001`, one("5001")},
		{User, "unix_uid", `5001.0`, one("5001")},
		{User, "state", `"activated"`, one("ACTIVATED")},
		{User, "state", `"NEWLY_MADE"`, one("NEWLY_MADE")},
		{User, "manager", `"60aa0f2b1c9d440000a1b2c3"`, one("60aa0f2b1c9d440000a1b2c3")},
		{User, "recoveryEmail", `{"address":"X@y.example","verified":true}`, one("x@y.example")},
		{User, "recoveryEmail", `{"address":""}`, nil},
		{User, "recoveryEmail", `{"verified":false}`, nil},
		{User, "phoneNumbers", `[]`, nil},
		{User, "phoneNumbers", `[{"id":"1","type":"work","number":" 2 "},{"number":"3"},{"type":"work","number":"1"},{"type":"home","number":""}]`, []Value{
			{Part: "", Text: `[{"number":"3"}]`}, {Part: "work", Text: `[{"number":"1"},{"number":"2"}]`},
		}},
		{User, "addresses", `[{"_id":"1","type":"work","country":"DE","region":null,"poBox":"","locality":"Köln"}]`, []Value{{Part: "work", Text: `[{"country":"DE","locality":"Köln"}]`}}},
		{User, "attributes", `[{"name":"z","value":"<1>"},{"name":"a","value":""},{"name":"b","value":"2"}]`, []Value{{Part: "b", Text: `"2"`}, {Part: "z", Text: `"<1>"`}}},
		{User, "ssh_keys", `[{"_id":"2","create_date":"x","name":"b","public_key":"k"},{"public_key":"k\n","name":"a"}]`, one(`[{"name":"a","public_key":"k"},{"name":"b","public_key":"k"}]`)},
		{User, "tags", `["b","a","b"]`, one(`["a","b"]`)},
		{User, "mfa", `{"exclusion":false,"configured":true}`, one(`{"exclusion":false}`)},
		{User, "mfa", `{"configured":true}`, nil},
		{Group, "membershipMethod", `"NOTSET"`, nil},
		{Group, "membershipMethod", `"STATIC"`, nil},
		{Group, "membershipMethod", `"DYNAMIC_AUTOMATED"`, one("DYNAMIC_AUTOMATED")},
		{Group, "memberQuery", `{"queryType":"Filter", "filters":[{"value":1}]}`, one(`{"filters":[{"value":1}],"queryType":"Filter"}`)},
		{Group, "memberQueryExemptions", `[{"id":"b","type":"user","attributes":null},{"type":"user","id":"a"}]`, one(`[{"id":"a","type":"user"},{"id":"b","type":"user"}]`)},
		{Group, "attributes", `{"sudo":{"withoutPassword":false,"enabled":true},"ldapGroups":[],"radius":null,"Hello":"World"}`, []Value{
			{Part: "Hello", Text: `"World"`}, {Part: "sudo", Text: `{"enabled":true,"withoutPassword":false}`},
		}},
	} {
		t.Run(c.name+" "+c.raw, func(t *testing.T) {
			t.Parallel()
			f := Lookup(c.kind, c.name)
			for i := range c.want {
				c.want[i].Field = f.ID
			}
			got, err := f.FromJSON(json.RawMessage(c.raw), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHasNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`0`: true, `-1`: true, `[1]`: true, `{"a":2}`: true, `{"a":[true,{"b":1e3}]}`: true, `["\\",4]`: true,
		`null`: false, `"1"`: false, `["a 1","\"2"]`: false, `{"3":"+49 30 1"}`: false, `"\\\"5"`: false, `"`: false, `"\`: false,
	} {
		if got := hasNumber([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestFromJSONErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind            Kind
		name, raw, want string
	}{
		{User, "firstname", `["s3cret"]`, "user field firstname: an array where a text belongs"},
		{User, "firstname", `{"s3cret":1}`, "user field firstname: an object where a text belongs"},
		{User, "sudo", `"s3cret"`, "user field sudo: neither true nor false"},
		{User, "unix_uid", `1.5`, "user field unix_uid: not a whole number"},
		{User, "phoneNumbers", `{"a":1}`, "user field phoneNumbers: not an array"},
		{User, "phoneNumbers", `["s3cret"]`, "user field phoneNumbers: an entry is not an object"},
		{Group, "attributes", `["s3cret"]`, "group field attributes: not an object"},
		{Group, "memberQuery", `"s3cret"`, "group field memberQuery: not an object"},
	} {
		_, err := Lookup(c.kind, c.name).FromJSON(json.RawMessage(c.raw), nil)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s %s: error %v, want %s", c.name, c.raw, err, c.want)
		}
	}
}

func TestValueJSONAndBody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value      Value
		json, body string
	}{
		{Value{Firstname, "", `M"ira`}, `"M\"ira"`, `"M\"ira"`},
		{Value{Firstname, "", ""}, `null`, `""`},
		{Value{EmployeeIdentifier, "", "00123"}, `"00123"`, `"00123"`},
		{Value{EmployeeIdentifier, "", ""}, `null`, `null`},
		{Value{Manager, "", "5f3c"}, `"5f3c"`, `"5f3c"`},
		{Value{Manager, "", ""}, `null`, `null`},
		{Value{RecoveryEmail, "", "a@b"}, `"a@b"`, `{"address":"a@b"}`},
		{Value{RecoveryEmail, "", ""}, `null`, `{"address":""}`},
		{Value{Sudoer, "", "false"}, `false`, `false`},
		{Value{UnixUID, "", "5001"}, `5001`, `5001`},
		{Value{UnixUID, "", ""}, `null`, `null`},
		{Value{State, "", "STAGED"}, `"STAGED"`, `"STAGED"`},
		{Value{PhoneNumbers, "work", `[{"number":"1"}]`}, `"1"`, `[{"number":"1","type":"work"}]`},
		{Value{PhoneNumbers, "work", `[{"number":"1"},{"number":"2"}]`}, `[{"number":"1"},{"number":"2"}]`, `[{"number":"1","type":"work"},{"number":"2","type":"work"}]`},
		{Value{PhoneNumbers, "work", ""}, `null`, `[]`},
		{Value{PhoneNumbers, "", "[]"}, `null`, `[]`},
		{Value{Addresses, "home", `[{"country":"DE"}]`}, `{"country":"DE"}`, `[{"country":"DE","type":"home"}]`},
		{Value{Attributes, "badge", `"1"`}, `"1"`, `[{"name":"badge","value":"1"}]`},
		{Value{Attributes, "badge", ""}, `null`, `[]`},
		{Value{GroupAttributes, "sudo", `{"enabled":true}`}, `{"enabled":true}`, `{"sudo":{"enabled":true}}`},
		{Value{SSHKeys, "", "[]"}, `null`, `[]`},
		{Value{Tags, "", `["a"]`}, `["a"]`, `["a"]`},
		{Value{MFA, "", `{"exclusion":true}`}, `{"exclusion":true}`, `{"exclusion":true}`},
		{Value{MemberQuery, "", ""}, `null`, ``},
		{Value{MembershipMethod, "", "STATIC"}, `"STATIC"`, `"STATIC"`},
		{Value{Password, "", "env:X"}, `"env:X"`, `"env:X"`},
	} {
		if got := string(c.value.JSON()); got != c.json {
			t.Errorf("%s %q: JSON %s, want %s", c.value.Name(), c.value.Text, got, c.json)
		}
		if got := string(c.value.Body()); got != c.body {
			t.Errorf("%s %q: body %s, want %s", c.value.Name(), c.value.Text, got, c.body)
		}
	}
}

func TestArray(t *testing.T) {
	t.Parallel()
	keep := [][]byte{
		[]byte(`{"id":"1","type":"home","number":"7","extension":"9","note":null}`),
		[]byte(`{"_id":"2","type":"work","number":"8"}`),
		[]byte(`{"number":"9"}`),
		[]byte(`null`), []byte(`"x"`),
	}
	parts := []Value{{PhoneNumbers, "mobile", `[{"number":"2"}]`}, {PhoneNumbers, "work", ""}}
	want := `[{"extension":"9","number":"7","type":"home"},{"number":"9"},{"number":"2","type":"mobile"}]`
	if diff := cmp.Diff(want, string(Array(PhoneNumbers, keep, parts))); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	keep = [][]byte{[]byte(`{"name":"a","value":"1"}`), []byte(`{"name":"b","value":"2"}`)}
	got := Array(Attributes, keep, []Value{{Attributes, "a", `"3"`}})
	if diff := cmp.Diff(`[{"name":"b","value":"2"},{"name":"a","value":"3"}]`, string(got)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	live := json.RawMessage(`{"sudo":{"enabled":true},"posixGroups":[{"id":1,"name":"<x>"}],"Hello":"World"}`)
	parts := []Value{{GroupAttributes, "Hello", ""}, {GroupAttributes, "sambaEnabled", "true"}, {GroupAttributes, "sudo", `{"enabled":false}`}}
	want := `{"posixGroups":[{"id":1,"name":"<x>"}],"sambaEnabled":true,"sudo":{"enabled":false}}`
	if diff := cmp.Diff(want, string(Merge(live, parts))); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	for _, none := range []string{"", "null", "{}", `"x"`} {
		if got := string(Merge(json.RawMessage(none), nil)); got != "{}" {
			t.Errorf("Merge(%q) = %s", none, got)
		}
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field FieldID
		a, b  string
		want  bool
	}{
		{Firstname, "a", "a", true},
		{Firstname, "a ", "a", true},
		{Firstname, "a", "A", false},
		{MFA, `{"exclusion":true,"exclusionUntil":"x"}`, `{"exclusion":true}`, true},
		{MFA, "", `{"exclusion":false}`, true},
		{MFA, "", `{"exclusion":true}`, false},
		{MemberQuery, `{"a":1}`, `{"a":2}`, false},
		{Attributes, `"a"`, `"b"`, false},
	} {
		if got := Equal(c.field, c.a, c.b); got != c.want {
			t.Errorf("Equal(%s, %q, %q) = %v", Of(c.field).Name, c.a, c.b, got)
		}
	}
}

// liveJSON draws what JumpCloud may send of a field.
func liveJSON(t *rapid.T, f *Field) any {
	word := rapid.StringMatching(`[a-zA-Z0-9éß<"\\ ]{0,8}`)
	object := func(names ...string) any {
		m := map[string]any{"id": "server", "_id": "server"}
		for _, n := range names {
			m[n] = word.Draw(t, n)
		}
		return m
	}
	entries := func(make func() any) any {
		list := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "entries") {
			list = append(list, make())
		}
		return list
	}
	switch {
	case f.Type == Bool:
		return rapid.Bool().Draw(t, "bool")
	case f.Type == Int:
		return rapid.IntRange(1, 1<<31).Draw(t, "int")
	case f.Type == Ref:
		return rapid.StringMatching(`[0-9a-f]{24}`).Draw(t, "id")
	case f.Type == Enum:
		return rapid.SampledFrom(f.Values).Draw(t, "enum")
	case f.Type == Map && f.Kind == User:
		i := 0
		return entries(func() any {
			i++
			return map[string]any{"name": word.Draw(t, "name") + string(rune('a'+i)), "value": word.Draw(t, "value")}
		})
	case f.Type == ByType:
		return entries(func() any { return object(append([]string{"type"}, f.Members...)...) })
	case f.Type == List && f.ID == Tags:
		return entries(func() any { return word.Draw(t, "tag") })
	case f.Type == List && f.Members != nil:
		return entries(func() any { return object(f.Members...) })
	case f.Type == List:
		return entries(func() any { return object("type") })
	case f.Type == Object && f.ID == MFA:
		return map[string]any{"exclusion": rapid.Bool().Draw(t, "exclusion"), "configured": true}
	case f.Type == Object, f.Type == Map:
		return map[string]any{"filters": entries(func() any { return object("field") }), "queryType": word.Draw(t, "type")}
	case f.Wrap != "":
		return map[string]any{f.Wrap: word.Draw(t, "text")}
	}
	return word.Draw(t, "text")
}

// shuffled is a JSON value with its arrays in another order.
func shuffled(t *rapid.T, v any) any {
	if list, ok := v.([]any); ok && len(list) > 1 {
		return rapid.Permutation(list).Draw(t, "order")
	}
	return v
}

func values(t *rapid.T, f *Field, v any) []Value {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.FromJSON(raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What is read can be written and reads the same again, and no order that
// a server chooses makes a difference.
func TestLiveRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := Of(FieldID(rapid.IntRange(0, int(fieldCount)-1).Draw(t, "field")))
		if f.Alias || f.Type == Secret {
			return
		}
		live := liveJSON(t, f)
		want := values(t, f, live)
		if diff := cmp.Diff(want, values(t, f, shuffled(t, live))); diff != "" {
			t.Fatalf("%s: another order (-want +got):\n%s", f.Name, diff)
		}
		var body json.RawMessage
		switch {
		case f.Type == Map && f.Kind == Group:
			body = Merge(nil, want)
		case f.Type == Map, f.Type == ByType:
			body = Array(f.ID, nil, want)
		case len(want) == 0:
			body = Value{Field: f.ID, Text: f.Unset}.Body()
		default:
			body = want[0].Body()
		}
		got, err := f.FromJSON(body, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s: written as %s (-want +got):\n%s", f.Name, body, diff)
		}
	})
}

// What is read, written into a file as JSON (which is YAML) and loaded is
// equal to what is live.
func TestFileRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := Of(FieldID(rapid.IntRange(0, int(fieldCount)-1).Draw(t, "field")))
		if f.Alias || f.Key || f.Type == Secret {
			return
		}
		want := values(t, f, liveJSON(t, f))
		for _, v := range want {
			if f.Type == Map && f.Kind == User && !attributeName(v.Part) {
				return // such a name may be live, but nobody can write it
			}
		}
		text, ok := fileText(f, want)
		if !ok {
			return
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, problems := f.FromYAML(doc.Content[0], nil)
		for _, p := range problems {
			if p.Severity == Error {
				t.Fatalf("%s: %s: %s", f.Name, text, p.Text)
			}
		}
		same := slices.EqualFunc(want, got, func(a, b Value) bool { return Compare(a, b) == 0 && Equal(f.ID, a.Text, b.Text) })
		if !same {
			t.Fatalf("%s: %s (-live +file):\n%s", f.Name, text, cmp.Diff(want, got))
		}
	})
}

// fileText is how a file would have live values, and whether it can.
func fileText(f *Field, live []Value) ([]byte, bool) {
	if len(live) == 0 {
		return nil, false
	}
	switch {
	case f.Type == Map:
		members := map[string]json.RawMessage{}
		for _, v := range live {
			members[v.Part] = v.JSON()
		}
		text, err := json.Marshal(members)
		return text, err == nil
	case f.Type == ByType:
		return Array(f.ID, nil, live), true
	}
	return live[0].JSON(), true
}

func FuzzFromJSON(f *testing.F) {
	for i := range table {
		for _, s := range []string{"null", `"x"`, "true", "5", "[]", "{}", `[{"type":"work","number":"1"}]`, `[{"name":"a","value":1}]`, `{"address":"x"}`, `{"a":[{"b":null}]}`, `["a","b"]`} {
			f.Add(uint8(i), s)
		}
	}
	f.Fuzz(func(t *testing.T, id uint8, raw string) {
		field := Of(FieldID(id % uint8(fieldCount)))
		values, err := field.FromJSON(json.RawMessage(raw), nil)
		if err != nil {
			return
		}
		for _, v := range values {
			if v.Field != field.ID || !json.Valid(v.JSON()) {
				t.Errorf("%s: %q gives %+v", field.Name, raw, v)
			}
			if body := v.Body(); !json.Valid(body) {
				t.Errorf("%s: %q is written as %q", field.Name, raw, body)
			}
		}
	})
}
