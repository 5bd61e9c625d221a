package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/schema"
)

const kelpID = "5f3c0a1b9d2e4c0001a7b9e1"

// kelp is an organization with the records given.
func kelp(users []sandbox.User, groups []sandbox.Group) sandbox.State {
	return sandbox.State{Organizations: []sandbox.Organization{{ID: kelpID, Name: "Bright Kelp", Users: users, Groups: groups}}}
}

// serve starts a sandbox for a test, and a client of its first organization.
func serve(t testing.TB, st sandbox.State, o sandbox.Options) (*sandbox.Server, *jumpcloud.Client) {
	t.Helper()
	s := sandbox.New(st, o)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	c, err := jumpcloud.New(jumpcloud.Options{URL: h.URL, APIKey: s.Key(), Rate: -1, Sleep: noSleep})
	if err != nil {
		t.Fatal(err)
	}
	return s, c.WithOrg(s.Snapshot().Organizations[0].ID)
}

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func mustRead(t *testing.T, c *jumpcloud.Client, o ReadOptions) *Live {
	t.Helper()
	live, err := Read(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	return live
}

// people are n users, u000 and on.
func people(n int) []sandbox.User {
	users := make([]sandbox.User, n)
	for i := range users {
		name := fmt.Sprintf("u%03d", i)
		users[i] = sandbox.User{"username": name, "email": name + "@kelp.example", "state": "ACTIVATED"}
	}
	return users
}

// members are the names of the first n people.
func members(n int) []any {
	names := make([]any, n)
	for i := range names {
		names[i] = fmt.Sprintf("u%03d", i)
	}
	return names
}

func object(k schema.Kind, name string, values ...schema.Value) Object {
	o := Object{Kind: k, Key: name, Name: name, Values: values}
	if k == schema.User {
		o.Key = Fold(name)
	}
	return o
}

// desired makes a Desired of objects in any order, with their intents.
func desired(edges []Edge, intents map[string]Intent, objects ...Object) *Desired {
	slices.SortFunc(objects, func(a, b Object) int {
		return strings.Compare(fmt.Sprint(a.Kind, a.Key), fmt.Sprint(b.Kind, b.Key))
	})
	slices.SortFunc(objects, func(a, b Object) int { return int(a.Kind) - int(b.Kind) })
	slices.SortFunc(edges, CompareEdges)
	d := &Desired{Org: Org{Objects: objects, Edges: edges}, Intents: make([]Intent, len(objects))}
	for i := range objects {
		d.Intents[i] = intents[objects[i].Name]
	}
	return d
}

// leavers wants the first n people in no group.
func leavers(n int, p Policy) *Desired {
	d := &Desired{Policy: p}
	for i := range n {
		d.Objects, d.Intents = append(d.Objects, object(schema.User, fmt.Sprintf("u%03d", i))), append(d.Intents, Intent{NoGroups: true})
	}
	return d
}

// exactData makes the file own the group Data.
func exactData(d *Desired) *Desired {
	d.Objects, d.Intents = append(d.Objects, object(schema.Group, "Data")), append(d.Intents, Intent{Exact: true})
	return d
}

func TestReadUser(t *testing.T) {
	t.Parallel()
	_, c := serve(t, kelp([]sandbox.User{
		{"username": "Mira.Voss", "email": "Mira@kelp.example", "state": "ACTIVATED"},
		{
			"_id": "60aa0f2b1c9d440000a1b2c3", "username": "jon", "email": "jon@kelp.example", "state": "SUSPENDED", "suspended": true,
			"manager": "Mira.Voss", "employeeIdentifier": "00123", "sudo": true, "company": "", "allow_public_key": false,
			"unix_uid": 5001, "unix_guid": 5001,
			"recoveryEmail":    map[string]any{"address": "Jon@home.example", "verified": true},
			"phoneNumbers":     []any{map[string]any{"id": "60aa0f2b1c9d440000a1b2d0", "type": "work", "number": "+49 30 1234"}},
			"attributes":       []any{map[string]any{"name": "badge", "value": "12"}},
			"restrictedFields": []any{map[string]any{"field": "sudo", "type": "scim"}, map[string]any{"field": "email", "type": "active_directory"}},
			"admin":            map[string]any{"id": "60aa0f2b1c9d440000a1b2d1", "roleName": "Manager"},
			"organization":     kelpID, "created": "2021-02-12T17:45:42.369Z", "password_date": "2026-01-02T03:04:05.000Z",
		},
	}, nil), sandbox.Options{})
	live := mustRead(t, c, ReadOptions{})
	if live.Incomplete != "" || len(live.Notes) > 0 {
		t.Errorf("incomplete %q, notes %q", live.Incomplete, live.Notes)
	}
	want := Object{Kind: schema.User, Key: "jon", Name: "jon", ID: "60aa0f2b1c9d440000a1b2c3", Values: []schema.Value{
		{Field: schema.Email, Text: "jon@kelp.example"},
		{Field: schema.State, Text: "SUSPENDED"},
		{Field: schema.EmployeeIdentifier, Text: "00123"},
		{Field: schema.Manager, Text: "mira.voss"},
		{Field: schema.RecoveryEmail, Text: "jon@home.example"},
		{Field: schema.PhoneNumbers, Part: "work", Text: `[{"number":"+49 30 1234"}]`},
		{Field: schema.Attributes, Part: "badge", Text: `"12"`},
		{Field: schema.AllowPublicKey, Text: "false"},
		{Field: schema.Sudoer, Text: "true"},
		{Field: schema.UnixUID, Text: "5001"},
		{Field: schema.UnixGUID, Text: "5001"},
	}}
	ofJon := cmpopts.IgnoreSliceElements(func(v schema.Value) bool { return schema.Of(v.Field).NoExport })
	if diff := cmp.Diff(want, live.Objects[0], ofJon); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	wantFact := Fact{
		Locked: []Lock{{schema.Email, "active_directory"}, {schema.Sudoer, "scim"}},
		Admin:  true, OrgID: kelpID,
		Created:      time.Date(2021, 2, 12, 17, 45, 42, 369e6, time.UTC),
		PasswordDate: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	fact := live.Facts[0]
	var numbers []schema.FieldID
	for _, a := range fact.Arrays {
		numbers = append(numbers, a.Field)
	}
	if diff := cmp.Diff([]schema.FieldID{schema.PhoneNumbers, schema.Attributes}, numbers); diff != "" {
		t.Errorf("arrays (-want +got):\n%s", diff)
	}
	if got := string(fact.Arrays[0].Entries[0]); !strings.Contains(got, "60aa0f2b1c9d440000a1b2d0") {
		t.Errorf("entry %s lost its id", got)
	}
	fact.Arrays = nil
	if diff := cmp.Diff(wantFact, fact); diff != "" {
		t.Errorf("fact (-want +got):\n%s", diff)
	}
	if live.Objects[1].Key != "mira.voss" || live.Objects[1].Name != "Mira.Voss" {
		t.Errorf("got key %q and name %q", live.Objects[1].Key, live.Objects[1].Name)
	}
}

// Everything of a group is read when there is no desired state.
func TestReadAll(t *testing.T) {
	t.Parallel()
	_, c := serve(t, kelp(people(2), []sandbox.Group{
		{"name": "Data", "description": "d", "attributes": map[string]any{"sudo": map[string]any{"enabled": true, "withoutPassword": false}}, "members": members(2)},
		{"name": "Auto", "membershipMethod": "DYNAMIC_AUTOMATED", "memberQuery": map[string]any{"queryType": "FilterQuery", "filters": []any{}}, "members": members(1)},
	}), sandbox.Options{})
	live := mustRead(t, c, ReadOptions{ID: kelpID, Name: "Bright Kelp", Region: "eu"})
	want := Org{ID: kelpID, Name: "Bright Kelp", Region: "eu",
		Edges: []Edge{{"Auto", "u000"}, {"Data", "u000"}, {"Data", "u001"}},
	}
	if diff := cmp.Diff(want, live.Org, cmpopts.IgnoreFields(Org{}, "Objects")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Totals{2, 2, 3}, live.Totals); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	g := live.Find(schema.Group, "Data")
	values := []schema.Value{{Field: schema.GroupDescription, Text: "d"}, {Field: schema.GroupAttributes, Part: "sudo", Text: `{"enabled":true,"withoutPassword":false}`}}
	if diff := cmp.Diff(values, live.Objects[g].Values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	fact := live.Facts[g]
	if !json.Valid(fact.Record) || !strings.Contains(string(fact.Record), `"description":"d"`) {
		t.Errorf("record %s", fact.Record)
	}
	fact.Record = nil
	if diff := cmp.Diff(Fact{Members: 2, MembersRead: true}, fact); diff != "" {
		t.Errorf("fact (-want +got):\n%s", diff)
	}
	if !live.Facts[live.Find(schema.Group, "Auto")].Dynamic {
		t.Error("Auto is not dynamic")
	}
}

func TestReadManagerNobodyKnows(t *testing.T) {
	t.Parallel()
	users := people(1)
	users[0]["manager"] = "60aa0f2b1c9d440000ffffff"
	_, c := serve(t, kelp(users, nil), sandbox.Options{AcceptUnknownManager: true})
	live := mustRead(t, c, ReadOptions{})
	if got, _ := live.Objects[0].Get(schema.Manager, ""); got != "#60aa0f2b1c9d440000ffffff" {
		t.Errorf("got manager %q", got)
	}
}

// The requests of a read are those of the formula, and no more.
func TestReadRequests(t *testing.T) {
	t.Parallel()
	static := func(name string, n int) sandbox.Group { return sandbox.Group{"name": name, "members": members(n)} }
	dynamic := func(name string, n int) sandbox.Group {
		return sandbox.Group{"name": name, "members": members(n), "membershipMethod": "DYNAMIC_AUTOMATED",
			"memberQuery": map[string]any{"queryType": "FilterQuery", "filters": []any{map[string]any{"field": "company", "operator": "eq", "value": "x"}}}}
	}
	value := func(f schema.FieldID, text string) schema.Value { return schema.Value{Field: f, Text: text} }
	gone := sandbox.User{"username": "gone", "email": "gone@kelp.example", "state": "SUSPENDED"}
	edge := []Edge{{"Data", "u000"}}
	for _, tt := range []struct {
		name    string
		users   []sandbox.User
		groups  []sandbox.Group
		desired *Desired
		want    int
	}{
		{"nobody", nil, nil, desired(nil, nil), 2},
		{"one", people(1), nil, desired(nil, nil), 2},
		{"99", people(99), nil, desired(nil, nil), 2},
		{"100", people(100), nil, desired(nil, nil), 2},
		{"101", people(101), nil, desired(nil, nil), 3},
		{"250", people(250), nil, desired(nil, nil), 4},
		{"groups that nobody names", people(1), []sandbox.Group{static("Data", 1)}, desired(nil, nil), 2},
		{"everything", people(101), []sandbox.Group{static("Data", 101), dynamic("Auto", 0)}, nil, 2 + 1 + 2 + 1 + 1 + 1},
		{"a group that is only declared", people(1), []sandbox.Group{static("Data", 1)}, desired(nil, nil, object(schema.Group, "Data", value(schema.GroupDescription, "x"))), 2},
		{"members of an undeclared group", people(1), []sandbox.Group{static("Data", 0), static("Other", 1)}, desired(edge, nil), 3},
		{"members of 101", people(101), []sandbox.Group{static("Data", 101)}, desired(edge, nil, object(schema.Group, "Data")), 3 + 2},
		{"exact", people(100), []sandbox.Group{static("Data", 100)}, desired(nil, map[string]Intent{"Data": {Exact: true}}, object(schema.Group, "Data")), 3},
		{"no members", people(1), []sandbox.Group{static("Data", 1)}, desired(nil, map[string]Intent{"Data": {NoMembers: true}}, object(schema.Group, "Data")), 3},
		{"a renamed group", people(1), []sandbox.Group{static("Data Team", 1)}, desired(edge, map[string]Intent{"Data": {Was: []string{"Data Team"}}}, object(schema.Group, "Data")), 3},
		{"a former name that does not count", people(1), []sandbox.Group{static("Data", 1), static("Data Team", 1)}, desired(nil, map[string]Intent{"Data": {Was: []string{"Data Team"}, Exact: true}}, object(schema.Group, "Data")), 3},
		{"a group to delete", people(101), []sandbox.Group{static("Data", 101)}, desired(nil, map[string]Intent{"Data": {Absent: true}}, object(schema.Group, "Data")), 3 + 1},
		{"a dynamic group", people(1), []sandbox.Group{dynamic("Data", 1)}, desired(edge, map[string]Intent{"Data": {Exact: true}}, object(schema.Group, "Data", value(schema.MembershipMethod, "DYNAMIC_AUTOMATED"))), 2},
		{"a dynamic group nobody declares", people(1), []sandbox.Group{dynamic("Data", 1)}, desired(edge, nil), 2},
		{"another rule", people(101), []sandbox.Group{dynamic("Data", 101)}, desired(nil, nil, object(schema.Group, "Data", value(schema.MemberQuery, `{"queryType":"FilterQuery"}`))), 3 + 1},
		{"static from now on", people(101), []sandbox.Group{dynamic("Data", 101)}, desired(edge, nil, object(schema.Group, "Data", value(schema.MembershipMethod, "STATIC"))), 3 + 2},
		{"dynamic from now on", people(1), []sandbox.Group{static("Data", 1)}, desired(nil, nil, object(schema.Group, "Data", value(schema.MembershipMethod, "DYNAMIC_AUTOMATED"))), 3},
		{"the rule that is live", people(1), []sandbox.Group{static("Data", 1)}, desired(nil, nil, object(schema.Group, "Data", value(schema.MembershipMethod, "STATIC"), value(schema.MemberQueryExemptions, "[]"))), 2},
		{"a field that the list omits", people(1), []sandbox.Group{static("Data", 1)}, desired(nil, nil, object(schema.Group, "Data", schema.Value{Field: schema.GroupAttributes, Part: "sudo"})), 3},
		{"an ignored group", people(1), []sandbox.Group{static("Data", 1)}, &Desired{Org: Org{Edges: edge}, Policy: Policy{Ignore: Names{Groups: []string{"D*"}}}}, 2},
		{"no groups", people(1), []sandbox.Group{static("Data", 1)}, desired(nil, map[string]Intent{"U000": {NoGroups: true}}, object(schema.User, "U000")), 3},
		{"no groups, not live", people(1), nil, desired(nil, map[string]Intent{"x": {NoGroups: true}}, object(schema.User, "x")), 2},
		{"reactivated", []sandbox.User{gone}, nil, desired(nil, nil, object(schema.User, "gone", value(schema.State, "ACTIVATED"))), 3},
		{"reactivated and renamed", []sandbox.User{gone}, nil, desired(nil, map[string]Intent{"back": {Was: []string{"gone"}}}, object(schema.User, "back", value(schema.State, "ACTIVATED"))), 3},
		{"suspended as before", []sandbox.User{gone}, nil, desired(nil, nil, object(schema.User, "gone", value(schema.State, "SUSPENDED"))), 2},
		{"two leave a group", people(8), []sandbox.Group{static("Data", 8)}, leavers(2, Policy{}), 2 + 2},
		{"three leave a group", people(8), []sandbox.Group{static("Data", 8), static("Ops", 2)}, leavers(3, Policy{}), 2 + 3 + 1},
		{"three leave a group that is read", people(8), []sandbox.Group{static("Data", 8)}, exactData(leavers(3, Policy{})), 2 + 3 + 1},
		{"three leave an ignored group", people(8), []sandbox.Group{static("Data", 8)}, leavers(3, Policy{Ignore: Names{Groups: []string{"Data"}}}), 2 + 3},
		{"three stay in a dynamic group", people(8), []sandbox.Group{dynamic("Data", 8)}, leavers(3, Policy{}), 2 + 3},
		{"two leave a group that may lose one", people(8), []sandbox.Group{static("Data", 8)}, leavers(2, Policy{Limits: map[string]Limit{"shrink_group": {Min: 1, Max: 1}}}), 2 + 2 + 1},
		{"one leaves a protected group", people(8), []sandbox.Group{static("Data", 8), static("Ops", 8)}, leavers(1, Policy{Protect: Names{Groups: []string{"Data"}}}), 2 + 1 + 1},
		{"a user to delete, and a protected group", []sandbox.User{gone}, []sandbox.Group{static("Data", 0), static("Ops", 0), dynamic("Auto", 0)},
			&Desired{Org: Org{Objects: []Object{object(schema.User, "gone")}}, Intents: []Intent{{Absent: true}}, Policy: Policy{Protect: Names{Groups: []string{"Data", "Auto"}}}}, 2 + 1},
		{"nobody is deleted from a protected group", people(1), []sandbox.Group{static("Data", 1)},
			&Desired{Policy: Policy{UnlistedUsers: "delete", Protect: Names{Groups: []string{"Data"}}}}, 2},
		{"the unlisted are deleted, and a protected group", []sandbox.User{gone}, []sandbox.Group{static("Data", 0)},
			&Desired{Policy: Policy{UnlistedUsers: "delete", Protect: Names{Groups: []string{"Data"}}}}, 2 + 1},
		{"members of a group by its former name", people(1), []sandbox.Group{static("Data Team", 1)}, desired([]Edge{{"Data Team", "u000"}}, map[string]Intent{"Data": {Was: []string{"Data Team"}}}, object(schema.Group, "Data")), 3},
		{"members of a group by the name it had", people(1), []sandbox.Group{static("Data", 1)}, desired([]Edge{{"Data Team", "u000"}}, map[string]Intent{"Data": {Was: []string{"Data Team"}}}, object(schema.Group, "Data")), 3},
		{"a user to delete", []sandbox.User{gone}, nil, desired(nil, map[string]Intent{"gone": {Absent: true}}, object(schema.User, "gone")), 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, c := serve(t, kelp(tt.users, tt.groups), sandbox.Options{})
			live := mustRead(t, c, ReadOptions{Desired: tt.desired})
			var log []string
			for _, r := range s.Requests() {
				log = append(log, r.Method+" "+r.Path+" "+r.Query)
			}
			if len(log) != tt.want || live.Incomplete != "" {
				t.Errorf("got %d requests, want %d, incomplete %q:\n%s", len(log), tt.want, live.Incomplete, strings.Join(log, "\n"))
			}
			if len(live.Objects) != len(tt.users)+len(tt.groups) {
				t.Errorf("got %d objects, want %d", len(live.Objects), len(tt.users)+len(tt.groups))
			}
		})
	}
}

// The groups of a person and the members of a group are merged.
func TestReadMemberOf(t *testing.T) {
	t.Parallel()
	_, c := serve(t, kelp(people(3), []sandbox.Group{
		{"name": "Data", "members": []any{"u000", "u001"}}, {"name": "Ops", "members": []any{"u000", "u002"}},
	}), sandbox.Options{})
	live := mustRead(t, c, ReadOptions{Desired: desired([]Edge{{"Data", "u002"}}, map[string]Intent{"u000": {NoGroups: true}}, object(schema.User, "u000"))})
	want := []Edge{{"Data", "u000"}, {"Data", "u001"}, {"Ops", "u000"}}
	if diff := cmp.Diff(want, live.Edges); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !live.Facts[0].GroupsRead || live.Facts[1].GroupsRead || live.Facts[live.Find(schema.Group, "Ops")].MembersRead {
		t.Errorf("facts: %+v", live.Facts)
	}
}

// answers replaces the body of a listing's first n answers.
func answers(n int, path string, header http.Header, body string) sandbox.Options {
	left := make(chan struct{}, n)
	for range n {
		left <- struct{}{}
	}
	return sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		if !strings.HasSuffix(r.URL.Path, path) {
			return nil
		}
		select {
		case <-left:
			h := http.Header{"Content-Type": {"application/json"}}
			for name := range header {
				h[name] = header[name]
			}
			return &sandbox.Fault{Status: http.StatusOK, Header: h, Body: body}
		default:
			return nil
		}
	}}
}

func TestReadError(t *testing.T) {
	t.Parallel()
	want := desired([]Edge{{"Data", "u000"}}, nil)
	for path, step := range map[string]string{
		"/systemusers": "read users: ", "/usergroups": "read groups: ", "/members": `read members of group "Data": `,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			_, c := serve(t, kelp(people(1), []sandbox.Group{{"name": "Data"}}), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
				if strings.HasSuffix(r.URL.Path, path) {
					return &sandbox.Fault{Status: http.StatusForbidden, Body: `{"message":"no"}`}
				}
				return nil
			}})
			live, err := Read(t.Context(), c, ReadOptions{Desired: want})
			var e *jumpcloud.Error
			if live != nil || !errors.As(err, &e) || e.Status != http.StatusForbidden || !strings.HasPrefix(err.Error(), step) {
				t.Errorf("got %v, %v", live, err)
			}
		})
	}
}

// A record that has a value of a type it cannot have is an error that names
// the record, not a value that is missing.
func TestReadUnreadableRecord(t *testing.T) {
	t.Parallel()
	_, c := serve(t, kelp(nil, nil), answers(1, "/systemusers", nil, `{"totalCount":1,"results":[{"_id":"7","username":"u0","sudo":"maybe"}]}`))
	_, err := Read(t.Context(), c, ReadOptions{})
	if err == nil || !strings.Contains(err.Error(), `user "u0" (7)`) || !strings.Contains(err.Error(), "sudo") {
		t.Errorf("got %v", err)
	}
}

// Members who are gone, of another type or beyond what was read are counted,
// and never lost among those who were.
func TestReadUnknownMembers(t *testing.T) {
	t.Parallel()
	s := sandbox.New(kelp(people(1), []sandbox.Group{{"name": "Data"}}), sandbox.Options{})
	id := s.Snapshot().Organizations[0].Users[0]["_id"].(string)
	body := `[{"to":null},{"to":{"id":"` + id + `","type":"user"}},{"to":{"id":"60aa0f2b1c9d440000ffffff","type":"user"}},{"to":{"id":"x","type":"user_group"}},null]`
	_, c := serve(t, s.Snapshot(), answers(1, "/members", http.Header{"X-Total-Count": {"6"}}, body))
	live := mustRead(t, c, ReadOptions{Desired: desired([]Edge{{"Data", "u000"}}, nil)})
	want := []Edge{{"Data", "#60aa0f2b1c9d440000ffffff"}, {"Data", "u000"}}
	if diff := cmp.Diff(want, live.Edges); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Fact{MembersRead: true, Members: 6}, live.Facts[1]); diff != "" {
		t.Errorf("fact (-want +got):\n%s", diff)
	}
	notes := []string{`group "Data": 1 of 6 members found among the users; the others stay as they are`}
	if diff := cmp.Diff(notes, live.Notes); diff != "" || live.Incomplete != "" {
		t.Errorf("incomplete %q, notes (-want +got):\n%s", live.Incomplete, diff)
	}
}

// Groups that a person is in only through others, and objects that are no
// groups, are no memberships of the person.
func TestReadIndirectGroups(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, kelp(people(1), []sandbox.Group{{"name": "Data"}, {"name": "Ops"}}), sandbox.Options{})
	org := s.Snapshot().Organizations[0]
	data, ops := org.Group("Data")["id"].(string), org.Group("Ops")["id"].(string)
	body := fmt.Sprintf(`[{"id":%q,"type":"user_group","paths":[[{"to":{}},{"to":{}}],[{"to":{}}]]},{"id":%q,"type":"user_group","paths":[[{"to":{}},{"to":{}}]]},
		{"id":"60aa0f2b1c9d440000ffffff","type":"user_group","paths":[]},{"id":%q,"type":"application","paths":[]}]`, data, ops, ops)
	_, c := serve(t, s.Snapshot(), answers(1, "/memberof", http.Header{"X-Total-Count": {"4"}}, body))
	live := mustRead(t, c, ReadOptions{Desired: desired(nil, map[string]Intent{"u000": {NoGroups: true}}, object(schema.User, "u000"))})
	if diff := cmp.Diff([]Edge{{"Data", "u000"}}, live.Edges); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`user "u000": 1 of 2 groups found among the groups; the others stay as they are`}, live.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestReadProgress(t *testing.T) {
	t.Parallel()
	_, c := serve(t, kelp(people(250), []sandbox.Group{{"name": "Data", "members": members(3)}, {"name": "Ops"}}), sandbox.Options{})
	type step struct{ done, total int }
	var steps []step
	mustRead(t, c, ReadOptions{Progress: func(done, total int) { steps = append(steps, step{done, total}) }})
	for i := 1; i < len(steps); i++ {
		if steps[i].done < steps[i-1].done || steps[i].total < steps[i-1].total || steps[i].done > steps[i].total {
			t.Errorf("step %d: %v after %v", i, steps[i], steps[i-1])
		}
	}
	if last := steps[len(steps)-1]; last != (step{8, 8}) { // 3 pages of users, 1 of groups, 2 groups with members and record
		t.Errorf("got %v", steps)
	}
	if !slices.Contains(steps, step{3, 4}) {
		t.Errorf("got %v: all pages are known with the first ones", steps)
	}
}

// The same organization reads the same, whatever comes first.
func TestReadTwice(t *testing.T) {
	t.Parallel()
	_, c := serve(t, kelp(people(150), []sandbox.Group{{"name": "Data", "members": members(120)}, {"name": "Ops", "members": members(7)}}), sandbox.Options{})
	if diff := cmp.Diff(mustRead(t, c, ReadOptions{}), mustRead(t, c, ReadOptions{})); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}

// BenchmarkRead reads 20,000 people and the members of 20 groups.
func BenchmarkRead(b *testing.B) {
	users := make([]sandbox.User, 20_000)
	for i := range users {
		name := fmt.Sprintf("u%05d", i)
		users[i] = sandbox.User{"username": name, "email": name + "@kelp.example", "state": "ACTIVATED", "firstname": "Mira", "lastname": "Voss",
			"department": fmt.Sprint("Department ", i%20), "jobTitle": "Engineer", "employeeIdentifier": fmt.Sprint(i), "manager": "u00000",
			"phoneNumbers": []any{map[string]any{"type": "work", "number": "+49 30 1234"}}}
	}
	delete(users[0], "manager")
	groups := make([]sandbox.Group, 20)
	for i := range groups {
		var in []any
		for j := i; j < len(users); j += len(groups) {
			in = append(in, users[j]["username"])
		}
		groups[i] = sandbox.Group{"name": fmt.Sprint("Group ", i), "members": in}
	}
	_, c := serve(b, kelp(users, groups), sandbox.Options{})
	b.ReportAllocs()
	for b.Loop() {
		live, err := Read(b.Context(), c, ReadOptions{})
		if err != nil || live.Totals != (Totals{20_000, 20, 20_000}) {
			b.Fatalf("%+v, %v", live.Totals, err)
		}
	}
}
