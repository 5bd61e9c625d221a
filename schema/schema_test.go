package schema

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

var updateFiles = flag.Bool("update", false, "write the generated schemas")

func TestSchemasAreFresh(t *testing.T) {
	for _, c := range []struct {
		file     string
		node     *node
		embedded []byte
	}{
		{"rollcall.schema.json", documentNode(), Document()},
		{"plan.schema.json", planNode(), Plan()},
	} {
		t.Run(c.file, func(t *testing.T) {
			want, err := c.node.indented()
			if err != nil {
				t.Fatal(err)
			}
			if *updateFiles {
				if err := os.WriteFile(c.file, want, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if !bytes.Equal(c.embedded, want) {
				t.Errorf("%s is stale, run go test ./schema -update (-checked in +generated):\n%s", c.file, cmp.Diff(string(c.embedded), string(want)))
			}
		})
	}
}

func compile(t *testing.T, id string, schema []byte) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	if err := c.AddResource(id, bytes.NewReader(schema)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const planText = `{"format":"rollcall.plan/1","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","masked":false,"as_of":"2026-11-23","base":null,"tool":"rollcall 0.1.0",
"orgs":[{"id":"5f3c0a1b9d2e4c0001a7b9e1","name":"Bright Kelp","region":"us","digest":"",
 "read":{"users":1482,"groups":214,"memberships":9120,"complete":true},
 "changes":[
  {"action":"update","object":{"kind":"user","name":"jon.adeyemi","id":"60"},"to":null,
   "fields":[{"name":"jobTitle","old":"CTO","new":"CEO","origin":"change"},{"name":"attributes.badge","old":null,"new":"1","origin":"unknown"}],"needs":[],
   "origin":"change","reason":"","hazards":["takeover"],"source":{"file":"people.yaml","line":41,"column":3},"mail":null},
  {"action":"add","object":{"kind":"group","name":"Data","id":null},"to":{"kind":"user","name":"mira.voss","id":"60"},"fields":[],"needs":[0],
   "origin":"unknown","reason":"","hazards":[],"source":null,"mail":null}],
 "held":[{"action":"reactivate","object":{"kind":"user","name":"x","id":"1"},"to":null,"fields":[],"needs":[],"origin":"unknown","reason":"suspended live","hazards":[],"source":null,"mail":null,"allow":"reactivate_users=1"}],
 "summary":{"user":{"create":0,"update":1,"activate":0,"reactivate":0,"suspend":0,"delete":0},"group":{"create":0,"update":0,"delete":0},"membership":{"add":1,"remove":0},"mails":0,"requests":2},
 "limits":[{"name":"suspend_users","group":null,"count":0,"of":1482,"limit":50,"exceeded":false}],
 "unlisted":{"users":["x"],"groups":[],"memberships":[{"group":"a","user":"b"}]},"dropped":{"users":[]},"notes":[{"severity":"note","text":"x","source":null}],"error":""}],
"refused":[{"org":"5f3c","reason":"too many","allow":"suspend_users=12"}]}`

func TestPlanSchema(t *testing.T) {
	t.Parallel()
	s := compile(t, planID, Plan())
	for _, c := range []struct {
		name, old, new string
		ok             bool
	}{
		{"as designed", "", "", true},
		{"unknown key", `"mails":0`, `"mails":0,"more":1`, false},
		{"unknown action", `"action":"add"`, `"action":"join"`, false},
		{"unknown field", `"attributes.badge"`, `"attribute.badge"`, false},
		{"unknown hazard", `"takeover"`, `"boom"`, false},
		{"unknown limit", `"suspend_users","group"`, `"suspend","group"`, false},
		{"no digest", `"digest":"",`, ``, false},
		{"list that is null", `"needs":[]`, `"needs":null`, false},
	} {
		v, err := decode([]byte(strings.Replace(planText, c.old, c.new, 1)))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := s.Validate(v); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// An editor, which knows nothing of what text means, must not flag what
// rollcall takes: scalars by YAML's own types meet the schema.
func TestEditorsTakeWhatIsTaken(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/document.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc := parse(t, string(text))
	if got := lines(Check(doc, false)); len(got) > 0 {
		t.Errorf("problems: %q", got)
	}
	if got := allProblems(doc.Content[0]); len(got) > 0 {
		t.Errorf("problems of values: %q", got)
	}
	s := compile(t, documentID, Document())
	untyped := (&checker{}).value(doc.Content[0], nil)
	if err := s.Validate(untyped); err != nil {
		t.Errorf("%#v", err)
	}
	fragment := untyped.(map[string]any)
	delete(fragment, "version")
	if err := s.Validate(fragment); err == nil {
		t.Error("a fragment with org and policy meets the schema")
	}
	for _, key := range []string{"org", "include", "policy"} {
		delete(fragment, key)
	}
	if err := s.Validate(fragment); err != nil {
		t.Errorf("fragment: %#v", err)
	}
}

// allProblems are FromYAML's of all fields of users and groups.
func allProblems(root *yaml.Node) (got []string) {
	for kind, section := range []string{"users", "groups"} {
		entries := member(root, section).Content
		for i := 1; i < len(entries); i += 2 {
			for j := 0; j < len(entries[i].Content); j += 2 {
				if f := Lookup(Kind(kind), entries[i].Content[j].Value); f != nil {
					_, problems := f.FromYAML(entries[i].Content[j+1], nil)
					got = append(got, lines(problems)...)
				}
			}
		}
	}
	return got
}
