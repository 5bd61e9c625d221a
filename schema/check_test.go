package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// lines are problems as one text each: place, severity unless it is an
// error, text, hint, and whether it may show a secret.
func lines(problems []NodeProblem) []string {
	var out []string
	for _, p := range problems {
		s := fmt.Sprintf("%d:%d: ", p.Node.Line, p.Node.Column)
		if p.Severity != Error {
			s += [...]string{"note: ", "warning: "}[p.Severity]
		}
		s += p.Text
		if p.Hint != "" {
			s += " [" + p.Hint + "]"
		}
		if p.Secret {
			s += " [secret]"
		}
		out = append(out, s)
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const reference = "a reference such as {env: NAME} or {file: PATH}, never the secret itself"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty users", "version: 1\nusers:\n", []string{"2:1: users has nothing behind it: it must be a mapping of usernames; remove the key if there is nothing to say"}},
		{"users in braces", "version: 1\nusers: {}\n", nil},
		{"users a list", "version: 1\nusers: [a]\n", []string{"2:8: users must be a mapping of usernames, not a list"}},
		{"another version", "version: 2\n", []string{"1:10: version 2 is not known: this rollcall reads version 1"}},
		{"quoted version", "version: '1'\n", []string{"1:10: version must be a whole number: write 1, without quotes"}},
		{"no version", "org: {name: A}\nusers: {}\n", []string{"1:1: version is missing: write version: 1 at the top; without it a file is a fragment, with only defaults, users and groups"}},
		{"a list", "[a]\n", []string{"1:1: a document must be a mapping with version, org, users and groups, not a list"}},
		{"a text", "hello\n", []string{"1:1: a document must be a mapping with version, org, users and groups"}},
		{"ids", "version: 1\norg: {id: 501234567890123456789012, name: 2024}\n", nil},
		{"short id", "version: 1\norg: {id: 5012}\n", []string{"2:11: id must be an id of 24 hexadecimal digits"}},
		{"region", "version: 1\norg: {region: uss}\n", []string{"2:15: region must be us, eu or in [did you mean us?]"}},
		{"literal key", "version: 1\norg: {api_key: hunter2}\n", []string{"2:16: api_key must be " + reference + " [secret]"}},
		{"two references", "version: 1\norg: {api_key: {env: A, file: B}}\n", []string{"2:16: api_key must be only one of env or file [secret]"}},
		{"no reference", "version: 1\norg: {api_key: {}}\n", []string{"2:16: api_key is empty: it must be " + reference + " [secret]"}},
		{"half an account", "version: 1\norg: {service_account: {client_id: {env: A}}}\n", []string{"2:24: service_account needs client_secret"}},
		{"unknown keys", "version: 1\nusers:\n  a: {job_title: x, manger: y, exact: true, username: z, limits: 3, hired: x}\n", []string{
			"3:7: unknown key job_title [did you mean jobTitle?]",
			"3:21: unknown key manger [did you mean manager?]",
			"3:32: unknown key exact [exact belongs in a group]",
			"3:45: unknown key username [the username is the key of the entry; to rename somebody, add was: OLD under the new name]",
			"3:58: unknown key limits [limits belongs in policy]",
			"3:69: unknown key hired",
		}},
		{"keys of later versions", "version: 1\nwebhooks: []\n", []string{"2:1: unknown key webhooks: known here are defaults, groups, include, org, policy, sources, users, version"}},
		{"wrong level", "version: 1\nlimits: {}\n", []string{"2:1: unknown key limits [limits belongs in policy]"}},
		{"entries that are none", "version: 1\nusers:\n  b:\n  c: null\n  d: ~\n  firstname: X\n  e: [1]\n", []string{
			"3:3: b has nothing behind it: it must be a mapping of a person's fields, {} if there are none; remove the key if there is nothing to say",
			"4:6: c cannot be null: it must be a mapping of a person's fields, {} if there are none; remove the key if there is nothing to say",
			"5:6: d cannot be ~: it must be a mapping of a person's fields, {} if there are none; remove the key if there is nothing to say",
			"6:14: firstname is a field of a user: it belongs under a name",
			"7:6: e must be a mapping of a person's fields, {} if there are none, not a list",
		}},
		{"same shape, another value", "version: 1\nusers:\n  a: {ensure: absent}\n  b: {ensure: gone}\n", []string{"4:15: ensure must be absent"}},
		{"same key, other sections", "version: 1\nusers:\n  a: {company: X}\ngroups:\n  a: {company: X}\n", []string{"5:7: unknown key company [company belongs in a person]"}},
		{"policy", "version: 1\npolicy:\n  unlisted_users: reprot\n  limits: {suspend_users: -1, mails: 10..5%..200, create_users: lots}\n  allow: [{}, {suspend_users: '12', until: tomorrow}]\n  scope: [{field: x, operator: eq}]\n", []string{
			"3:19: unlisted_users must be ignore, report, suspend or delete [did you mean report?]",
			"4:27: suspend_users must be a number, or N..P%..M as in 10..5%..200",
			"4:65: create_users must be a number, or N..P%..M as in 10..5%..200",
			"5:11: an entry of allow is empty: it must be a mapping such as {suspend_users: 12, until: 2026-12-01}",
			"5:31: suspend_users must be a whole number: write 12, without quotes",
			"5:44: until must be a date such as 2026-12-31",
			"6:11: an entry of scope needs value",
			"6:32: operator must be $eq, $ne, $in, $nin, $gt, $gte, $lt, $lte or $sw [did you mean $eq?]",
		}},
		{"shape of fields", "version: 1\nusers:\n  a:\n    phoneNumbers: {work: 1}\n    addresses: [{type: work, city: Berlin}]\n    ssh_keys: [{name: x}]\n    mfa: {exclusion: yes, x: 1}\n    groups: X\n    attributes: {a: [1], b: {c: 1}}\n    sudo: [x]\n", []string{
			"4:19: phoneNumbers must be a list, not a mapping",
			"5:30: unknown key city: known here are country, extendedAddress, locality, poBox, postalCode, region, streetAddress, type",
			"6:16: an entry of ssh_keys needs public_key",
			"7:22: exclusion must be true or false: write true, without quotes",
			"7:27: unknown key x: known here are exclusion, exclusionDays, exclusionUntil",
			"8:13: groups must be a list of group names",
			"9:21: a must be text, not a list",
			"9:29: b must be text, not a mapping",
			"10:11: sudo must be true or false, not a list",
		}},
		{"scalars of fields are left to FromYAML", "version: 1\nusers:\n  a: {sudo: yes, unix_uid: x, phoneNumbers: x, attributes: {}, mfa: x, state: foo, tags: ~}\n", nil},
		{"passwords", "version: 1\nusers:\n  a: {password: hunter2}\n  b: {password: {from: {command: ls, env: X}, literal: hunter2}}\n  c: {password: {from: {env: X}, since: 2026-11-20}}\n", []string{
			"3:17: password must be a reference such as {from: {env: NAME}}, never the password itself [secret]",
			"4:24: from must be only one of command, env or file [secret]",
			"4:34: command must be a list: a program and its arguments [secret]",
			"4:47: unknown key literal: known here are from, since [secret]",
		}},
		{"recoveryEmail", "version: 1\nusers:\n  a: {recoveryEmail: {adress: x}}\n  b: {recoveryEmail: {address: x}}\n", []string{
			"3:22: recoveryEmail needs address",
			"3:23: unknown key adress [did you mean address?]",
		}},
		{"yaml that is not taken", "version: 1\nusers:\n  a: &x {firstname: A}\n  b: *x\n  c: {<<: *x, lastname: !!str 5}\n  a: {}\n  ? [x]\n  : {}\n", []string{
			"3:6: anchors (&x) are not taken: remove it; what many have in common belongs in defaults",
			"4:6: aliases (*x) are not taken: write the value out, or use defaults",
			"5:7: merge keys (<<) are not taken: use defaults",
			"5:11: aliases (*x) are not taken: write the value out, or use defaults",
			"5:25: tags (!!str) are not taken: remove it; quotes make a text of anything",
			"6:3: a is already written at line 3: keep one of the two",
			"7:5: a key must be a text",
		}},
		{"group fields", "version: 1\ngroups:\n  A B: {attributes: {sudo: {enabled: yes}, posixGroups: [{id: x, name: 5}], custom: {a: 1}}, members: [{group: x}], memberQuery: {filters: {}}}\n", []string{
			"3:28: sudo needs withoutPassword",
			"3:38: enabled must be true or false: write true, without quotes",
			"3:63: id must be a whole number",
			"3:104: an entry of members must be text, not a mapping",
			"3:140: filters must be a list, not a mapping",
		}},
		{"defaults", "version: 1\ndefaults: {user: {password: x, was: z, firstname: [x]}, group: {members: [x]}, people: {}}\n", []string{
			"2:19: unknown key password [password belongs in a person]",
			"2:32: unknown key was [was belongs in a person or a group]",
			"2:51: firstname must be text, not a list",
			"2:65: unknown key members [members belongs in a group]",
			"2:80: unknown key people: known here are group, user",
		}},
		{"names are quoted", "version: 1\nusers:\n  \"a\\u202eb\": 1\n", []string{`3:15: "a\u202eb" must be a mapping of a person's fields, {} if there are none`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, lines(Check(parse(t, c.text), false))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckFragment(t *testing.T) {
	t.Parallel()
	doc := parse(t, "users: {a: {}}\ngroups: {b: {}}\ndefaults: {user: {company: X}}\n")
	if p := Check(doc, true); len(p) > 0 {
		t.Errorf("problems %q", lines(p))
	}
	want := []string{"1:1: unknown key org [org belongs in the document]"}
	if diff := cmp.Diff(want, lines(Check(parse(t, "org: {name: A}\n"), true))); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if got := lines(Check(&yaml.Node{Kind: yaml.DocumentNode}, true)); len(got) != 1 || !strings.HasSuffix(got[0], "the document is empty") {
		t.Errorf("empty document: %q", got)
	}
}

// Many people of one shape are checked by their shape, and each place of
// what is wrong is still told.
func TestCheckManyAlike(t *testing.T) {
	t.Parallel()
	text := manyUsers(50, false) + "  odd: {firstname: [x]}\n"
	got := lines(Check(parse(t, text), false))
	if diff := cmp.Diff([]string{"654:20: firstname must be text, not a list"}, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// More keys than are compared one by one.
func TestCheckDuplicateAmongMany(t *testing.T) {
	t.Parallel()
	text := manyUsers(100, false) + "  user.00042: {}\n"
	got := lines(Check(parse(t, text), false))
	if diff := cmp.Diff([]string{"1304:3: user.00042 is already written at line 550: keep one of the two"}, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// A bomb of aliases is never followed.
func TestCheckBomb(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("version: 1\na0: &a0 [x]\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	if got := Check(parse(t, b.String()), false); len(got) != 40+40+2*39 { // anchors, unknown keys, aliases
		t.Errorf("%d problems", len(got))
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"version: 1\nusers:\n  a: {firstname: X, phoneNumbers: [{type: work, number: 1}]}\n", "users: {a: &x {}, b: *x, <<: {}}", "? [a]\n: b", "version: 1\ngroups: {A: {attributes: {sudo: {}}}}", "- a\n- - b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var doc yaml.Node
		if yaml.Unmarshal([]byte(text), &doc) != nil {
			return
		}
		for _, fragment := range []bool{false, true} {
			first := lines(Check(&doc, fragment))
			if diff := cmp.Diff(first, lines(Check(&doc, fragment))); diff != "" {
				t.Fatalf("checked twice (-first +second):\n%s", diff)
			}
		}
	})
}
