package apply_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/apply"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// action is changes made one after the other to kelp.
type action struct {
	name    string
	changes []plan.Change
	want    []string // outcomes
	sent    []string // requests; <name> stands for the id of somebody created
	written int
}

func (a *action) run(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{})
	result := w.run(t, a.changes...)
	if d := cmp.Diff(a.want, told(result)); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if d := cmp.Diff(a.sent, w.named(t)); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	if result.Written != a.written {
		t.Errorf("written %d, want %d", result.Written, a.written)
	}
}

func done(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = "done"
	}
	return lines
}

func password(from string) plan.Delta {
	ref := state.Reference{Env: from}
	return plan.Delta{Value: schema.Value{Field: schema.Password, Text: ref.String()}, Secret: ref}
}

// manager is a delta to somebody by name, and by id where there is one.
func manager(name, id string) plan.Delta {
	return plan.Delta{Value: schema.Value{Field: schema.Manager, Text: name}, RefID: id}
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	tests := []action{
		{
			name:    "without a state is staged, whatever the organization's default",
			changes: []plan.Change{newUser("eve")},
			sent:    []string{`POST /api/systemusers {"email":"eve@kelp.example","state":"STAGED","username":"eve"}`},
		},
		{
			name:    "suspended carries the mirror of the state",
			changes: []plan.Change{newUser("eve", set(schema.State, "", "SUSPENDED"))},
			sent:    []string{`POST /api/systemusers {"email":"eve@kelp.example","state":"SUSPENDED","suspended":true,"username":"eve"}`},
		},
		{
			name: "a field of each type",
			changes: []plan.Change{newUser("eve", set(schema.State, "", "STAGED"), set(schema.Firstname, "", "Eve <&>"), set(schema.Sudoer, "false", "true"),
				set(schema.UnixUID, "", "7001"), manager("Ann", annID), set(schema.RecoveryEmail, "", "eve@home.example"),
				part(schema.PhoneNumbers, "work", "", `[{"number":"5"}]`), part(schema.PhoneNumbers, "home", "", `[{"number":"6"}]`),
				part(schema.Attributes, "badge", "", `"8"`), set(schema.Relationships, "[]", `[{"type":"mentor","value":"ann"}]`),
				set(schema.MFA, "", `{"exclusion":true,"exclusionDays":3}`), password("EVE"))},
			sent: []string{`POST /api/systemusers?fullValidationDetails=password {"attributes":[{"name":"badge","value":"8"}],"email":"eve@kelp.example","firstname":"Eve \u003c\u0026\u003e",` +
				`"manager":"` + annID + `","mfa":{"exclusion":true,"exclusionDays":3},"password":"horse-EVE","phoneNumbers":[{"number":"6","type":"home"},{"number":"5","type":"work"}],` +
				`"recoveryEmail":{"address":"eve@home.example"},"relationships":[{"type":"mentor","value":"ann"}],"state":"STAGED","sudo":true,"unix_uid":7001,"username":"eve"}`},
		},
		{
			name: "what follows finds the ids of what was created",
			changes: []plan.Change{
				to(plan.Create, group("New", "")), newUser("Boss"), after(newUser("eve", manager("boss", "")), 1),
				after(to(plan.Update, user("eve", ""), set(schema.SSHKeys, "[]", `[{"name":"k","public_key":"ssh-rsa x"}]`)), 2),
				after(plan.Change{Action: plan.Activate, Object: user("eve", ""), Mail: "none"}, 3),
				after(plan.Change{Action: plan.Add, Object: group("New", ""), To: user("eve", "")}, 0, 2),
				after(to(plan.Update, user("Ann", annID), manager("Boss", "")), 1),
			},
			sent: []string{
				`POST /api/v2/usergroups {"name":"New"}`,
				`POST /api/systemusers {"email":"Boss@kelp.example","state":"STAGED","username":"Boss"}`,
				`POST /api/systemusers {"email":"eve@kelp.example","manager":"<Boss>","state":"STAGED","username":"eve"}`,
				`PUT /api/systemusers/<eve> {"ssh_keys":[{"name":"k","public_key":"ssh-rsa x"}]}`,
				`POST /api/systemusers/<eve>/state/activate {"email":false}`,
				`POST /api/v2/usergroups/<New>/members {"id":"<eve>","op":"add","type":"user"}`,
				`PUT /api/systemusers/` + annID + ` {"manager":"<Boss>"}`,
			},
		},
	}
	for _, test := range tests {
		test.want, test.written = done(len(test.changes)), len(test.changes)
		t.Run(test.name, test.run)
	}
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	ann := user("Ann", annID)
	tests := []action{
		{
			name: "clears each type of field",
			changes: []plan.Change{to(plan.Update, ann, set(schema.JobTitle, "CEO", ""), set(schema.EmployeeIdentifier, "00001", ""), set(schema.Manager, "bob", ""),
				set(schema.AllowPublicKey, "false", "true"), set(schema.SSHKeys, `[{}]`, "[]"))},
			sent: []string{`PUT /api/systemusers/` + annID + ` {"allow_public_key":true,"employeeIdentifier":null,"jobTitle":"","manager":null,"ssh_keys":[]}`},
		},
		{
			name: "keeps the entries that the plan does not name",
			changes: []plan.Change{{Action: plan.Update, Object: ann,
				Fields: fields(part(schema.PhoneNumbers, "home", `[{"number":"2"}]`, ""), part(schema.PhoneNumbers, "mobile", "", `[{"number":"3"}]`),
					part(schema.Attributes, "badge", `"7"`, `"9"`), part(schema.Attributes, "tshirt", `"L"`, "")),
				Keep: append(keep(schema.PhoneNumbers, `{"id":"x1","type":"work","number":"1"}`, `{"id":"x2","type":"home","number":"2"}`),
					keep(schema.Attributes, `{"name":"badge","value":"7"}`, `{"name":"tshirt","value":"L"}`, `{"name":"locker","value":"4"}`)...)}},
			sent: []string{`PUT /api/systemusers/` + annID + ` {"attributes":[{"name":"locker","value":"4"},{"name":"badge","value":"9"}],"phoneNumbers":[{"number":"1","type":"work"},{"number":"3","type":"mobile"}]}`},
		},
		{
			name:    "reactivation carries both fields of the state and all others",
			changes: []plan.Change{to(plan.Reactivate, user("sue", sueID), set(schema.State, "SUSPENDED", "ACTIVATED"), set(schema.JobTitle, "", "CFO"))},
			sent:    []string{`PUT /api/systemusers/` + sueID + ` {"jobTitle":"CFO","state":"ACTIVATED","suspended":false}`},
		},
		{
			name:    "password",
			changes: []plan.Change{to(plan.Update, ann, password("ANN"), set(schema.JobTitle, "CEO", "CTO"))},
			sent:    []string{`PUT /api/systemusers/` + annID + `?fullValidationDetails=password {"jobTitle":"CTO","password":"horse-ANN"}`},
		},
		{
			name:    "rename",
			changes: []plan.Change{to(plan.Update, ann, set(schema.Username, "Ann", "anna"))},
			sent:    []string{`PUT /api/systemusers/` + annID + ` {"username":"anna"}`},
		},
	}
	for _, test := range tests {
		test.want, test.written = done(len(test.changes)), len(test.changes)
		t.Run(test.name, test.run)
	}
}

func TestActivateUser(t *testing.T) {
	t.Parallel()
	tests := []struct{ mail, body, to string }{
		{"send", `{}`, "bob@kelp.example"},
		{"", `{}`, "bob@kelp.example"},
		{"none", `{"email":false}`, ""},
		{"boss@kelp.example", `{"email":"boss@kelp.example"}`, "boss@kelp.example"},
	}
	for _, test := range tests {
		t.Run("mail "+test.mail, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kelp(), sandbox.Options{})
			result := w.run(t, plan.Change{Action: plan.Activate, Object: user("bob", bobID), Mail: test.mail})
			if d := cmp.Diff(done(1), told(result)); d != "" {
				t.Errorf("outcomes (-want +got):\n%s", d)
			}
			if d := cmp.Diff([]string{"POST /api/systemusers/" + bobID + "/state/activate " + test.body}, w.named(t)); d != "" {
				t.Errorf("requests (-want +got):\n%s", d)
			}
			var to []string
			for _, m := range w.Snapshot().Mails {
				to = append(to, m.To)
			}
			if test.to == "" && to != nil || test.to != "" && !cmp.Equal(to, []string{test.to}) {
				t.Errorf("mails to %v, want %q", to, test.to)
			}
		})
	}
}

func TestSuspendUser(t *testing.T) {
	t.Parallel()
	ann, sue := user("ann", annID), user("sue", sueID)
	get := func(id string) string { return "GET /api/systemusers/" + id }
	tests := []action{
		{
			name:    "looks, then writes both fields of the state",
			changes: []plan.Change{suspend(ann)},
			want:    done(1), written: 1,
			sent: []string{get(annID), `PUT /api/systemusers/` + annID + ` {"state":"SUSPENDED","suspended":true}`},
		},
		{
			name:    "with all other fields in the same PUT",
			changes: []plan.Change{suspend(ann, set(schema.JobTitle, "CEO", "Founder"))},
			want:    done(1), written: 1,
			sent: []string{get(annID), `PUT /api/systemusers/` + annID + ` {"jobTitle":"Founder","state":"SUSPENDED","suspended":true}`},
		},
		{
			name:    "suspended meanwhile: nothing left to write",
			changes: []plan.Change{suspend(sue)},
			want:    done(1), sent: []string{get(sueID)},
		},
		{
			name:    "suspended meanwhile, but another field is left",
			changes: []plan.Change{suspend(sue, set(schema.JobTitle, "", "CFO"))},
			want:    done(1), written: 1,
			sent: []string{get(sueID), `PUT /api/systemusers/` + sueID + ` {"jobTitle":"CFO","state":"SUSPENDED","suspended":true}`},
		},
		{
			name:    "another person has the id",
			changes: []plan.Change{suspend(user("joe", annID))},
			want:    []string{`stale: user "joe" is named "Ann" now; plan again`}, sent: []string{get(annID)},
		},
		{
			name:    "gone",
			changes: []plan.Change{suspend(user("joe", noID))},
			want:    []string{`stale: user "joe" is not in JumpCloud any more; plan again`}, sent: []string{get(noID)},
		},
		{
			name:    "renamed by the plan before",
			changes: []plan.Change{to(plan.Update, ann, set(schema.Username, "Ann", "anna")), suspend(ann)},
			want:    done(2), written: 2,
			sent: []string{`PUT /api/systemusers/` + annID + ` {"username":"anna"}`, get(annID), `PUT /api/systemusers/` + annID + ` {"state":"SUSPENDED","suspended":true}`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	get := func(id string) string { return "GET /api/systemusers/" + id }
	tests := []action{
		{
			name:    "suspended, without cascade",
			changes: []plan.Change{to(plan.Delete, user("sue", sueID))},
			want:    done(1), written: 1,
			sent: []string{get(sueID), "DELETE /api/systemusers/" + sueID},
		},
		{
			name:    "staged",
			changes: []plan.Change{to(plan.Delete, user("bob", bobID))},
			want:    done(1), written: 1,
			sent: []string{get(bobID), "DELETE /api/systemusers/" + bobID},
		},
		{
			name:    "gone already",
			changes: []plan.Change{to(plan.Delete, user("joe", noID))},
			want:    done(1), sent: []string{get(noID)},
		},
		{
			name:    "let in again",
			changes: []plan.Change{to(plan.Delete, user("max", maxID))},
			want:    []string{`stale: user "max" is active (state "ACTIVATED") and is not deleted: suspend them first; plan again`}, sent: []string{get(maxID)},
		},
		{
			name:    "another person has the id",
			changes: []plan.Change{to(plan.Delete, user("joe", sueID))},
			want:    []string{`stale: user "joe" is named "sue" now; plan again`}, sent: []string{get(sueID)},
		},
		{
			name: "a manager whose report keeps them",
			changes: []plan.Change{to(plan.Update, user("max", maxID), manager("sue", sueID)),
				after(to(plan.Delete, user("sue", sueID)), 0)},
			want: []string{"done", "failed: DELETE /api/systemusers/" + sueID + ": 409: The user is the manager of 1 users: remove or replace them as manager first"}, written: 1,
			sent: []string{`PUT /api/systemusers/` + maxID + ` {"manager":"` + sueID + `"}`, get(sueID), "DELETE /api/systemusers/" + sueID},
		},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

func TestPasswordThatCannotBeResolvedSendsNothing(t *testing.T) {
	t.Parallel()
	fails := func(text string, err error) func(state.Reference) (string, error) {
		return func(state.Reference) (string, error) { return text, err }
	}
	tests := []struct {
		name    string
		resolve func(state.Reference) (string, error)
		want    string
	}{
		{"no resolver", nil, "failed: nothing resolves env:ANN"},
		{"error", fails("", errors.New("not set")), "failed: password from env:ANN: not set"},
		{"empty", fails("", nil), "failed: password from env:ANN: it is empty"},
		{"not text", fails("\xff\xfe", nil), "failed: password from env:ANN: it is not UTF-8 text, and JSON cannot carry it as it is"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kelp(), sandbox.Options{})
			result := w.runWith(t, apply.Options{Secret: test.resolve}, to(plan.Update, user("Ann", annID), password("ANN")), newUser("eve", password("ANN")))
			if d := cmp.Diff([]string{test.want, test.want}, told(result)); d != "" {
				t.Errorf("outcomes (-want +got):\n%s", d)
			}
			if len(w.sent) > 0 {
				t.Errorf("sent %q", w.sent)
			}
		})
	}
}

// Every field of the table passes the strict server and the official
// documents, when a person is created and when one is updated.
func TestEveryUserField(t *testing.T) {
	t.Parallel()
	for _, f := range schema.Fields(schema.User) {
		if f.Key || f.Alias || f.ID == schema.Email || f.ID == schema.State {
			continue
		}
		delta := sample(f)
		if f.Write&schema.Create != 0 {
			t.Run("create "+f.Name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, kelp(), sandbox.Options{})
				w.kept(t, newUser("eve", delta))
				holds(t, w.user("eve"), delta)
			})
		}
		if f.Write&schema.Update != 0 {
			t.Run("update "+f.Name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, kelp(), sandbox.Options{})
				w.kept(t, to(plan.Update, user("Ann", annID), delta))
				holds(t, w.user("Ann"), delta)
			})
		}
	}
}
