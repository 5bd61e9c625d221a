package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// fromYAML is what a value of a field gives, as texts: part=text.
func fromYAML(t testing.TB, k Kind, key, value string) (got, problems []string) {
	t.Helper()
	doc := parse(t, "x: "+value+"\n")
	values, found := Lookup(k, key).FromYAML(doc.Content[0].Content[1], nil)
	for _, v := range values {
		if v.Part != "" {
			got = append(got, v.Part+"="+v.Text)
		} else {
			got = append(got, v.Text)
		}
	}
	return got, lines(found)
}

func TestFromYAMLScalars(t *testing.T) {
	t.Parallel()
	clear, remove := "write null to clear it, or remove the key to leave it unmanaged", "write a value, or remove the key to leave it unmanaged"
	for _, c := range []struct{ key, value, want, problem string }{
		{"firstname", "Mira", "Mira", ""},
		{"firstname", "00123", "00123", ""},
		{"firstname", "NO", "NO", ""},
		{"firstname", "1e3", "1e3", ""},
		{"firstname", "2026-11-20", "2026-11-20", ""},
		{"firstname", "true", "true", ""},
		{"firstname", "0x1F", "0x1F", ""},
		{"firstname", ".inf", ".inf", ""},
		{"firstname", "null", "", ""},
		{"firstname", `"null"`, "null", ""},
		{"firstname", `""`, "", ""},
		{"firstname", "", "-", "1:3: firstname: has nothing behind it: " + clear},
		{"firstname", "~", "-", "1:4: firstname: ~ is not a value: " + clear},
		{"firstname", "NULL", "-", "1:4: firstname: NULL is not a value: " + clear},
		{"firstname", "Null", "-", "1:4: firstname: Null is not a value: " + clear},
		{"firstname", `" Mira "`, "Mira", "1:4: note: firstname: the white space around it is left out"},
		{"firstname", `"  "`, "-", "1:4: firstname is only white space: " + clear},
		{"firstname", strings.Repeat("é", 1024), strings.Repeat("é", 1024), ""},
		{"firstname", strings.Repeat("é", 1025), "-", "1:4: firstname has 1025 characters, JumpCloud takes at most 1024"},
		{"employeeIdentifier", strings.Repeat("1", 257), "-", "1:4: employeeIdentifier has 257 characters, JumpCloud takes at most 256"},
		{"employeeIdentifier", "null", "", ""},
		{"email", "Mira@Kelp.example", "mira@kelp.example", "1:4: note: email is kept in lower case"},
		{"email", "mira@kelp.example", "mira@kelp.example", ""},
		{"email", "null", "-", "1:4: email cannot be cleared: " + remove},
		{"email", `""`, "-", "1:4: email cannot be cleared: " + remove},
		{"email", "~", "-", "1:4: email: ~ is not a value: " + remove},
		{"manager", "mira.voss", "mira.voss", ""},
		{"manager", "00002", "00002", ""},
		{"manager", "null", "", ""},
		{"recoveryEmail", "A@b.example", "a@b.example", "1:4: note: recoveryEmail is kept in lower case"},
		{"recoveryEmail", "{address: a@b.example}", "a@b.example", ""},
		{"recoveryEmail", "{address: null}", "", ""},
		{"recoveryEmail", "{address: ~}", "-", "1:14: recoveryEmail: ~ is not a value: " + clear},
		{"state", "Activated", "ACTIVATED", ""},
		{"state", "active", "-", "1:4: state must be staged, activated or suspended [did you mean activated?]"},
		{"state", "suspend", "-", "1:4: state must be staged, activated or suspended [did you mean suspended?]"},
		{"state", "gone", "-", "1:4: state must be staged, activated or suspended"},
		{"state", "null", "-", "1:4: state cannot be cleared: " + remove},
		{"suspended", "true", "true", ""},
		{"suspended", "null", "-", "1:4: suspended cannot be cleared: " + remove},
		{"sudo", "true", "true", ""},
		{"sudo", "false", "false", ""},
		{"sudo", "null", "false", ""},
		{"allow_public_key", "null", "true", ""},
		{"activated", "null", "false", ""},
		{"sudo", `""`, "-", "1:4: sudo must be true or false"},
		{"sudo", "yes", "-", "1:4: sudo must be true or false: write true, without quotes"},
		{"sudo", "Off", "-", "1:4: sudo must be true or false: write false, without quotes"},
		{"sudo", "TRUE", "-", "1:4: sudo must be true or false: write true, without quotes"},
		{"sudo", `"true"`, "-", "1:4: sudo must be true or false: write true, without quotes"},
		{"unix_uid", "5001", "5001", ""},
		{"unix_uid", "null", "-", "1:4: unix_uid cannot be cleared: " + remove},
		{"unix_uid", "0", "-", "1:4: unix_uid must be 1 or more"},
		{"unix_uid", "05", "-", "1:4: unix_uid must be a whole number in decimal digits"},
		{"unix_uid", "0x10", "-", "1:4: unix_uid must be a whole number in decimal digits"},
		{"unix_uid", "1.5", "-", "1:4: unix_uid must be a whole number in decimal digits"},
		{"unix_uid", `"5001"`, "-", "1:4: unix_uid must be a number: write 5001, without quotes"},
		{"password", "{from: {env: X}}", "-", ""},
		{"firstname", "[a]", "-", ""}, // Check's
	} {
		name := c.value
		if len(name) > 30 {
			name = fmt.Sprint(len(name))
		}
		t.Run(c.key+" "+name, func(t *testing.T) {
			t.Parallel()
			got, problems := fromYAML(t, User, c.key, c.value)
			var want, wantProblems []string
			if c.want != "-" {
				want = []string{c.want}
			}
			if c.problem != "" {
				wantProblems = []string{c.problem}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(wantProblems, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromYAMLParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind              Kind
		key, value        string
		want, wantProblem []string
	}{
		{User, "phoneNumbers", "null", []string{"[]"}, nil},
		{User, "phoneNumbers", "[]", []string{"[]"}, nil},
		{User, "phoneNumbers", "[{type: work, number: +49 30 1}, {type: home, number: 0049}]", []string{`home=[{"number":"0049"}]`, `work=[{"number":"+49 30 1"}]`}, nil},
		{User, "phoneNumbers", "[{type: work, number: b}, {type: work, number: a}]", []string{`work=[{"number":"a"},{"number":"b"}]`}, nil},
		{User, "phoneNumbers", "[{number: 5}]", []string{`[{"number":"5"}]`}, nil},
		{User, "phoneNumbers", "[{type: work, number: null}]", []string{"work="}, nil},
		{User, "phoneNumbers", "[{type: work, number: null}, {number: 1, type: work}]", nil, []string{"1:33: phoneNumbers of type work are both written and removed: keep one of the two"}},
		{User, "phoneNumbers", "[{type: work}]", nil, []string{"1:5: an entry of phoneNumbers that says nothing: write number: null to remove it"}},
		{User, "phoneNumbers", "[{type: work, number: ~}]", nil, []string{"1:26: phoneNumbers.number: ~ is not a value: write null to clear it, or remove the key to leave it unmanaged"}},
		{User, "phoneNumbers", "[+49 30 1]", nil, []string{"1:5: an entry of phoneNumbers must be a mapping: {type: work, number: ...}"}},
		{User, "phoneNumbers", "+49 30 1", nil, []string{"1:4: phoneNumbers must be a list"}},
		{User, "phoneNumbers", "~", nil, []string{"1:4: phoneNumbers: ~ is not a value: write null to clear it, or remove the key to leave it unmanaged"}},
		{User, "addresses", "[{type: work, locality: Berlin, country: DE, region: null}]", []string{`work=[{"country":"DE","locality":"Berlin"}]`}, nil},
		{User, "addresses", "[{type: work, country: null}]", []string{"work="}, nil},
		{User, "attributes", `{tshirt: null, badge: 0123, Ok: " x "}`, []string{`Ok="x"`, `badge="0123"`, "tshirt="}, []string{"1:36: note: attributes.Ok: the white space around it is left out"}},
		{User, "attributes", "null", nil, []string{"1:4: attributes cannot be emptied as a whole: name each one to be removed, as in {badge: null}, or remove the key to leave them unmanaged"}},
		{User, "attributes", "{}", nil, []string{"1:4: attributes cannot be emptied as a whole: name each one to be removed, as in {badge: null}, or remove the key to leave them unmanaged"}},
		{User, "attributes", `{badge: ""}`, nil, []string{"1:12: attributes.badge is empty: write null to remove it"}},
		{User, "attributes", `{badge: ~}`, nil, []string{"1:12: attributes.badge: ~ is not a value: write null to clear it, or remove the key to leave it unmanaged"}},
		{User, "attributes", `{badge no: 1}`, nil, []string{`1:5: "badge no" is no attribute name: letters and digits only, at most 32`}},
		{User, "attributes", `{badge no: null}`, []string{"badge no="}, nil},
		{User, "attributes", `{badge: 1, Badge: 2}`, []string{`Badge="2"`, `badge="1"`}, []string{"1:15: attributes.Badge differs from attributes.badge only in case: keep one of the two"}},
		{User, "attributes", `x`, nil, []string{"1:4: attributes must be a mapping of names"}},
		{User, "ssh_keys", "[{name: b, public_key: k2}, {public_key: k1, name: a}]", []string{`[{"name":"a","public_key":"k1"},{"name":"b","public_key":"k2"}]`}, nil},
		{User, "ssh_keys", "null", []string{"[]"}, nil},
		{User, "ssh_keys", "[{name: a, public_key: null}]", nil, []string{"1:27: ssh_keys.public_key is empty: write a text, or remove the entry"}},
		{User, "ssh_keys", "[x]", nil, []string{"1:5: an entry of ssh_keys must be a mapping of name and public_key"}},
		{User, "tags", "[b, 01, b]", []string{`["01","b"]`}, nil},
		{User, "tags", "[null]", nil, []string{"1:5: an empty entry of tags: write a text, or remove the entry"}},
		{User, "relationships", "[{type: a, value: 1}]", []string{`[{"type":"a","value":"1"}]`}, nil},
		{User, "mfa", "{exclusion: true, exclusionUntil: 2026-12-01, exclusionDays: 3}", []string{`{"exclusion":true,"exclusionDays":3,"exclusionUntil":"2026-12-01"}`}, nil},
		{User, "mfa", "null", nil, []string{"1:4: mfa cannot be cleared: write a value, or remove the key to leave it unmanaged"}},
		{User, "mfa", "{}", nil, []string{"1:4: mfa cannot be cleared: write a value, or remove the key to leave it unmanaged"}},
		{User, "mfa", "true", nil, []string{"1:4: mfa must be a mapping"}},
		{Group, "membershipMethod", "NotSet", []string{"STATIC"}, nil},
		{Group, "membershipMethod", "null", []string{"STATIC"}, nil},
		{Group, "membershipMethod", "dynamic_automated", []string{"DYNAMIC_AUTOMATED"}, nil},
		{Group, "memberQuery", "null", []string{""}, nil},
		{Group, "memberQuery", "{queryType: Filter, filters: [{field: 1, value: 5}, {value: 00123}, {value: 1e3}, {value: NO}, {value: -1.5}, {value: null}]}", []string{
			`{"filters":[{"field":"1","value":5},{"value":"00123"},{"value":"1e3"},{"value":"NO"},{"value":-1.5},{"value":null}],"queryType":"Filter"}`,
		}, nil},
		{Group, "memberQuery", "{filters: ~}", nil, []string{"1:14: memberQuery.filters has nothing behind it: write null or a value"}},
		{Group, "memberQueryExemptions", "[{type: user, id: 501234567890123456789012}]", []string{`[{"id":"501234567890123456789012","type":"user"}]`}, nil},
		{Group, "attributes", "{radius: {reply: [{name: Tunnel-Type, value: 13}]}, posixGroups: [{id: 5001, name: 77}], sambaEnabled: true, custom: {value: 13}, gone: null}", []string{
			`custom={"value":13}`, "gone=", `posixGroups=[{"id":5001,"name":"77"}]`, `radius={"reply":[{"name":"Tunnel-Type","value":"13"}]}`, "sambaEnabled=true",
		}, nil},
		{Group, "attributes", "{radius: {}}", nil, []string{"1:13: attributes.radius is empty: write null to remove it"}},
		{Group, "attributes", "null", nil, []string{"1:4: attributes cannot be emptied as a whole: name each one to be removed, as in {radius: null}, or remove the key to leave them unmanaged"}},
	} {
		t.Run(c.key+" "+c.value, func(t *testing.T) {
			t.Parallel()
			got, problems := fromYAML(t, c.kind, c.key, c.value)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.wantProblem, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever a file gives a field: it is taken, or Check or FromYAML says why
// not; what is taken reads the same again.
func FuzzFromYAML(f *testing.F) {
	for i := range table {
		for _, s := range []string{"null", "~", "x", "[]", "{}", "true", "5001", "[{type: work, number: 1}]", "{address: x}", "{a: null, b: 1}", "{exclusion: yes}", "&a [*a]", "[[x]]", "!!str 1"} {
			f.Add(uint8(i), s)
		}
	}
	f.Fuzz(func(t *testing.T, id uint8, text string) {
		field := Of(FieldID(id % uint8(fieldCount)))
		var doc yaml.Node
		if field.Key || field.Type == Secret || yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) != 1 {
			return
		}
		n := doc.Content[0]
		values, problems := field.FromYAML(n, nil)
		for _, p := range problems {
			if p.Node == nil || p.Text == "" {
				t.Errorf("problem without a place or a text: %+v", p)
			}
		}
		if len(values) == 0 && len(problems) == 0 && len(Check(inDocument(field, n), false)) == 0 {
			t.Errorf("%s: %q says nothing and nobody says why", field.Name, text)
		}
		for i := 1; i < len(values); i++ {
			if Compare(values[i-1], values[i]) > 0 {
				t.Errorf("parts are not sorted: %q", values)
			}
		}
	})
}

// inDocument is a document in which a field has a value.
func inDocument(f *Field, value *yaml.Node) *yaml.Node {
	str := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
	wrap := func(key string, v *yaml.Node) *yaml.Node {
		return &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{str(key), v}}
	}
	doc := wrap(f.Kind.String()+"s", wrap("x", wrap(f.Name, value)))
	doc.Content = append(doc.Content, str("version"), &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"})
	return doc
}
