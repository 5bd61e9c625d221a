package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
)

func printed(t *testing.T, p *plan.Plan, o report.JSONOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func saved(t *testing.T, p *plan.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.Save(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestJSONGolden(t *testing.T) {
	t.Parallel()
	s, err := jsonschema.CompileString("plan.schema.json", string(schema.Plan()))
	if err != nil {
		t.Fatal(err)
	}
	for _, story := range stories() {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			masked := printed(t, story.plan, report.JSONOptions{Masked: true})
			if story.name != "many" { // which only repeats itself
				golden(t, story.name+".json", masked)
			}
			validate(t, s, masked)
			validate(t, s, saved(t, story.plan))
		})
	}
}

func validate(t *testing.T, s *jsonschema.Schema, document []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%#v", err)
	}
}

func TestJSONMasksPersonalFields(t *testing.T) {
	t.Parallel()
	for _, s := range stories() {
		masked := string(printed(t, s.plan, report.JSONOptions{Masked: true}))
		for _, secret := range []string{"00107", "+49 30", "anna@home", "ak@elsewhere", "assistant@home"} {
			if strings.Contains(masked, secret) {
				t.Errorf("%s: %q is not masked:\n%s", s.name, secret, masked)
			}
		}
		if !strings.Contains(masked, `"masked": true`) {
			t.Errorf("%s does not say that it is masked", s.name)
		}
	}
	for _, test := range []struct {
		org  plan.Org
		want string
	}{
		{rename(), `"old": "anna@home.example"`}, {mover(), `"old": "+49 30 1"`}, {held(), `"mail": "assistant@home.example"`},
	} {
		shown := string(printed(t, run(test.org), report.JSONOptions{}))
		if !strings.Contains(shown, test.want) || !strings.Contains(shown, `"masked": false`) {
			t.Errorf("no %s in\n%s", test.want, shown)
		}
	}
}

// TestJSONKeepsTexts holds that what is escaped for the eye is still the
// same text to a machine.
func TestJSONKeepsTexts(t *testing.T) {
	t.Parallel()
	var got struct {
		Orgs []struct {
			Name    string
			Changes []struct {
				Object struct{ Name string }
				Fields []struct{ Old, New any }
			}
		}
	}
	o := hostile()
	if err := json.Unmarshal(printed(t, run(o), report.JSONOptions{}), &got); err != nil {
		t.Fatal(err)
	}
	texts := []any{got.Orgs[0].Name, got.Orgs[0].Changes[0].Object.Name, got.Orgs[0].Changes[1].Object.Name,
		got.Orgs[0].Changes[0].Fields[0].Old, got.Orgs[0].Changes[0].Fields[3].New}
	c := o.Changes[0]
	want := []any{o.Name, c.Object.Name, o.Changes[1].Object.Name, c.Fields[0].Old, c.Fields[3].Text}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSave holds that a saved plan has all that apply needs, and that no
// byte of it can change without its checksum.
func TestSave(t *testing.T) {
	t.Parallel()
	got := string(saved(t, run(joiner())))
	open, sum, ok := strings.Cut(got, ",\n  \"checksum\": \"sha256:")
	if !ok || !strings.HasSuffix(sum, "\"\n}\n") {
		t.Fatalf("does not end with a checksum:\n%s", got)
	}
	of := sha256.Sum256([]byte(open + "\n}\n"))
	if want := hex.EncodeToString(of[:]); strings.TrimSuffix(sum, "\"\n}\n") != want {
		t.Errorf("checksum %s, want %s", sum, want)
	}
	for _, want := range []string{
		`"masked": false`, `"new": "00107"`, `"new_id": "60aa0f2b1c9d440000a1b2c3"`, `"mail": "send"`,
		`"env": "LINUS_PASSWORD"`, `"needs": [`, `"line": 12`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if kept := string(saved(t, run(mover()))); !strings.Contains(kept, `"+49 30 9"`) {
		t.Errorf("the number that the request must carry too is missing:\n%s", kept)
	}
	if command := string(saved(t, run(hazards()))); !strings.Contains(command, `"read"`) {
		t.Errorf("the arguments of the command are missing:\n%s", command)
	}
	for _, only := range []string{"checksum", `"keep"`, `"secret"`, "new_id"} {
		if out := printed(t, run(joiner(), mover()), report.JSONOptions{}); bytes.Contains(out, []byte(only)) {
			t.Errorf("%s is printed, and belongs into saved plans only", only)
		}
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	c := rename().Changes[1]
	var b bytes.Buffer
	if err := report.Event(&b, &plan.Org{ID: "5f3c", Name: "Bright Kelp"}, "failed", c, errors.New("update user: 400 \x1b[31m<bad>\nsecond line")); err != nil {
		t.Fatal(err)
	}
	want := `{"status":"failed","org":{"id":"5f3c","name":"Bright Kelp"},"change":{"action":"update","object":{"kind":"user","name":"anna.weiss","id":"60c1"},"to":null,"fields":[` +
		`{"name":"email","old":"anna.weiss@brightkelp.example","new":"anna.klein@brightkelp.example","origin":"unknown"},` +
		`{"name":"lastname","old":"Weiss","new":"Klein","origin":"unknown"},` +
		`{"name":"alternateEmail","old":"***@home.example","new":"***@elsewhere.example","origin":"unknown"}],` +
		`"needs":[],"origin":"unknown","reason":"","hazards":["takeover"],"source":{"file":"rollcall.yaml","line":5,"column":3},"mail":null},` +
		`"error":"update user: 400 \u001b[31m<bad>\nsecond line"}` + "\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.Reset()
	if err := report.Event(&b, &plan.Org{}, "done", c, nil); err != nil || !strings.HasSuffix(b.String(), `"error":""}`+"\n") {
		t.Errorf("without an error: %v, %s", err, b.String())
	}
}

// TestOrgEvent proves that an organization to which nothing is applied says so in
// the words of the plan, and that others have no line.
func TestOrgEvent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		org  plan.Org
		want string
	}{
		"fine": {},
		"refused": {plan.Org{Refused: []plan.Refusal{{Org: "5f3c", Reason: "too many", Allow: "delete_users=4"}, {Org: "5f3c", Reason: "unread", Hint: "run again"}}},
			`{"status":"refused","org":{"id":"5f3c","name":"Bright Kelp"},"change":null,"refused":[` +
				`{"org":"5f3c","reason":"too many","allow":"delete_users=4"},{"org":"5f3c","reason":"unread","hint":"run again","allow":null}],"error":"too many; unread"}` + "\n"},
		"without a plan": {plan.Org{Error: "401: no", ErrorKind: plan.Unauthorized, ErrorHint: "check the key"},
			`{"status":"failed","org":{"id":"5f3c","name":"Bright Kelp"},"change":null,"error_kind":"unauthorized","error_hint":"check the key","error":"401: no"}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			c.org.ID, c.org.Name = "5f3c", "Bright Kelp"
			if err := report.OrgEvent(&b, &c.org); err != nil || b.String() != c.want {
				t.Errorf("error %v (-want +got):\n%s", err, cmp.Diff(c.want, b.String()))
			}
		})
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWritesSayWhyTheyFail(t *testing.T) {
	t.Parallel()
	p := run(mover())
	for name, write := range map[string]func() error{
		"Text":  func() error { return report.Text(full{}, p, report.TextOptions{}) },
		"JSON":  func() error { return report.JSON(full{}, p, report.JSONOptions{}) },
		"Save":  func() error { return report.Save(full{}, p) },
		"Event": func() error { return report.Event(full{}, &p.Orgs[0], "done", p.Orgs[0].Changes[0], nil) },
	} {
		if err := write(); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
