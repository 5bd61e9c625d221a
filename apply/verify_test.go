package apply_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/apply"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// verifying is a run of changes and what is found after it.
type verifying struct {
	name    string
	o       sandbox.Options
	store   []string // what the server stores otherwise: old, new, ...
	changes []plan.Change
	read    plan.Read
	live    *state.Live
	want    []string
	sent    []string // in brief
	naps    []time.Duration
}

func (v *verifying) run(t *testing.T) {
	t.Parallel()
	c := newClock()
	v.o.Now = c.Now
	w := newWorld(t, kelp(), v.o)
	if v.store != nil {
		w.store = strings.NewReplacer(v.store...)
	}
	p := &plan.Org{ID: orgID, Changes: v.changes, Read: v.read}
	o := apply.Options{Parallel: 1, Secret: secret, Sleep: c.Sleep, Live: v.live}
	result, err := apply.Run(t.Context(), w.client, p, o)
	if err != nil || result.Count(apply.Done) != len(v.changes) {
		t.Fatalf("%v: %q", err, told(result))
	}
	w.sent, w.store, c.naps = nil, nil, nil
	var told [2]int
	o.Progress = func(done, total int) { told = [2]int{done, total} }
	found, err := apply.Verify(t.Context(), w.client, p, result, o)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(v.want, differences(found)); d != "" {
		t.Errorf("differences (-want +got):\n%s", d)
	}
	if d := cmp.Diff(sorted(v.sent), sorted(w.brief(t))); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	if n := len(v.sent); told != [2]int{n, n} {
		t.Errorf("progress ends with %v of %d requests", told, n)
	}
	if d := cmp.Diff(v.naps, c.naps); d != "" {
		t.Errorf("waits (-want +got):\n%s", d)
	}
}

// differences are each in a line: the change, what differs, the line for the
// file.
func differences(found []apply.Difference) (lines []string) {
	for _, d := range found {
		line := fmt.Sprintf("%d: %s", d.Change, d.Text)
		for i := range d.Wanted {
			line += fmt.Sprintf("%s %s not %s; ", d.Wanted[i].Name(), d.Live[i].Text, d.Wanted[i].Text)
		}
		lines = append(lines, line+d.Line())
	}
	return lines
}

// sorted is requests in an order that does not depend on timing.
func sorted(lines []string) []string { return slices.Sorted(slices.Values(lines)) }

// times is some lines n times over: what is read again as often as is tried.
func times(n int, lines ...string) (all []string) {
	for range n {
		all = append(all, lines...)
	}
	return all
}

func TestVerify(t *testing.T) {
	t.Parallel()
	ann, max, bob := user("Ann", annID), user("max", maxID), user("bob", bobID)
	data, rule := group("Data", dataID), group("Rule", ruleID)
	add := func(g, u plan.Name) plan.Change { return plan.Change{Action: plan.Add, Object: g, To: u} }
	remove := func(g, u plan.Name) plan.Change { return plan.Change{Action: plan.Remove, Object: g, To: u} }
	naps := seconds(1, 2, 4)
	tests := []verifying{
		{name: "nothing was touched"},
		{
			name: "all is as it was wanted",
			changes: []plan.Change{
				suspend(ann, set(schema.JobTitle, "CEO", "")), newUser("eve", manager("max", maxID)), after(plan.Change{Action: plan.Activate, Object: user("eve", ""), Fields: fields(set(schema.State, "STAGED", "ACTIVATED"))}, 1),
				to(plan.Update, data, set(schema.GroupDescription, "Dashboards", "All")), to(plan.Delete, user("sue", sueID)),
				add(data, max), remove(data, ann),
			},
			read: plan.Read{Users: 400, Groups: 2},
			sent: []string{"GET users/" + annID, "GET users/<eve>", "GET users/" + sueID, "GET groups/" + dataID, "GET groups/" + dataID + "/members"},
		},
		{
			name: "stored otherwise, ignored, or cleared",
			changes: []plan.Change{
				to(plan.Update, ann, set(schema.JobTitle, "CEO", "Chief"), set(schema.Location, "", "Kiel"), set(schema.Sudoer, "false", "true")),
				{Action: plan.Update, Object: max, Fields: fields(part(schema.PhoneNumbers, "work", "", `[{"number":"+49 30 1"}]`), part(schema.PhoneNumbers, "home", "", `[{"number":"2 2"}]`), part(schema.PhoneNumbers, "mobile", "", `[{"number":"3"}]`), manager("bob", bobID))},
			},
			store: []string{`"jobTitle":"Chief"`, `"jobTitle":"CHIEF"`, `"location":"Kiel"`, `"location":""`, `"sudo":true`, `"sudo":false`, "+49 30 1", "+49301", "2 2", "22", `"manager":"` + bobID, `"manager":"` + sueID},
			live:  dated(), naps: naps,
			want: []string{
				"0: jobTitle CHIEF not Chief; jobTitle: CHIEF",
				"0: location  not Kiel; location: null",
				"0: sudo false not true; sudo: false",
				"1: manager #" + sueID + " not bob; ",
				`1: phoneNumbers.home [{"number":"22"}] not [{"number":"2 2"}]; phoneNumbers.work [{"number":"+49301"}] not [{"number":"+49 30 1"}]; phoneNumbers: [{type: home, number: "22"}, {type: work, number: "+49301"}]`,
			},
			sent: times(4, "GET users"),
		},
		{
			name:    "group: attributes are read by id, a new name in other letters",
			changes: []plan.Change{to(plan.Create, group("Ops", ""), part(schema.GroupAttributes, "sambaEnabled", "", "true"), set(schema.GroupDescription, "", "x "))},
			store:   []string{`"name":"Ops"`, `"name":"ops"`, `"sambaEnabled":true`, `"sambaEnabled":false`},
			naps:    naps, sent: times(4, "GET groups/<ops>"),
			want: []string{"0: name ops not Ops; ", "0: attributes.sambaEnabled false not true; attributes: {sambaEnabled: false}"},
		},
		{
			name: "what looks different and is the same",
			changes: []plan.Change{
				newUser("eve", set(schema.AlternateEmail, "", "eve@home.example"), part(schema.Addresses, "work", "", `[{"country":"DE","locality":"Berlin"}]`), set(schema.Relationships, "[]", `[{"type":"a","value":"1"},{"type":"b","value":"2"}]`)),
				to(plan.Update, rule, set(schema.MembershipMethod, "DYNAMIC_AUTOMATED", "STATIC"), set(schema.MemberQuery, `{"filters":[{"field":"department","operator":"eq","value":"Sales"}],"queryType":"FilterQuery"}`, "")),
			},
			sent: []string{"GET users/<eve>", "GET groups/" + ruleID},
		},
		{
			name: "the last of several changes counts",
			changes: []plan.Change{newUser("eve", set(schema.State, "", "STAGED")), after(to(plan.Update, user("eve", ""), set(schema.SSHKeys, "[]", "[]"), set(schema.JobTitle, "", "CFO")), 0),
				after(plan.Change{Action: plan.Activate, Object: user("eve", ""), Fields: fields(set(schema.State, "STAGED", "ACTIVATED"))}, 0), to(plan.Update, ann, set(schema.Username, "Ann", "anna"))},
			read: plan.Read{Users: 4}, sent: []string{"GET users"},
		},
		{
			name: "created people are missing from the list for a while", o: appearing(3 * time.Second),
			changes: []plan.Change{newUser("eve"), newUser("joe")}, read: plan.Read{Users: 4},
			sent: times(3, "GET users"), naps: seconds(1, 2),
		},
		{
			name: "created people whom lists never show", o: appearing(time.Hour),
			changes: []plan.Change{newUser("eve"), newUser("joe")}, read: plan.Read{Users: 4},
			sent: append(times(3, "GET users"), "GET users/<eve>", "GET users/<joe>"), naps: naps,
		},
		{
			name: "somebody who is gone again", o: sandbox.Options{Before: on(http.MethodGet, annID, sandbox.Fault{Status: 404, Body: `{"message":"Not Found"}`})},
			changes: []plan.Change{to(plan.Update, ann, set(schema.JobTitle, "CEO", "x"))},
			sent:    times(4, "GET users/"+annID), naps: naps, want: []string{"0: it is not there"},
		},
		{
			name: "deletions that were not made", o: sandbox.Options{Before: on(http.MethodDelete, "", sandbox.Fault{Status: 200, Body: "{}", Header: http.Header{"Content-Type": {"application/json"}}})},
			changes: []plan.Change{to(plan.Delete, user("sue", sueID)), to(plan.Delete, data)},
			sent:    times(4, "GET users/"+sueID, "GET groups/"+dataID), naps: naps, want: []string{"0: it is still there", "1: it is still there"},
		},
		{
			name: "password set", live: dated(), changes: []plan.Change{to(plan.Update, ann, password("ANN")), newUser("eve", password("EVE"))},
			read: plan.Read{Users: 200}, sent: []string{"GET users/" + annID, "GET users/<eve>"},
		},
		{
			name: "password ignored", live: stale2026(), o: sandbox.Options{Before: on(http.MethodPut, "", sandbox.Fault{Status: 200, Body: `{"_id":"x"}`, Header: http.Header{"Content-Type": {"application/json"}}})},
			changes: []plan.Change{to(plan.Update, max, password("MAX"))}, sent: []string{"GET users/" + maxID},
		},
		{
			name: "members of a dynamic group are ignored", changes: []plan.Change{add(rule, ann), add(data, max), remove(data, ann)}, read: plan.Read{Users: 4},
			sent: append(times(4, "GET users/"+annID+"/memberof"), "GET users/"+maxID+"/memberof"),
			naps: naps, want: []string{"0: the user is not a member"},
		},
		{
			name: "memberships of what is deleted do not count", changes: []plan.Change{add(data, max), after(to(plan.Delete, data), 0), add(rule, bob), after(to(plan.Delete, bob), 2)},
			read: plan.Read{Users: 200, Groups: 200}, sent: []string{"GET users/" + bobID, "GET groups/" + dataID},
		},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

// stale2026 is what was read of kelp, with a password of max.
func stale2026() *state.Live {
	live := dated()
	live.Facts[1].PasswordDate = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return live
}

// A password whose date stays is named.
func TestVerifyPasswordDate(t *testing.T) {
	t.Parallel()
	st := kelp()
	st.Organizations[0].Users[3]["password_date"] = "2026-01-01T00:00:00.000Z"
	w := newWorld(t, st, sandbox.Options{KeepPasswordDate: true})
	p := &plan.Org{ID: orgID, Changes: []plan.Change{to(plan.Update, user("max", maxID), password("MAX"))}}
	o := apply.Options{Secret: secret, Sleep: noSleep, Live: stale2026()}
	result, err := apply.Run(t.Context(), w.client, p, o)
	if err != nil {
		t.Fatal(err)
	}
	found, err := apply.Verify(t.Context(), w.client, p, result, o)
	if d := cmp.Diff([]string{"0: the password was not set: its date is still 2026-01-01 00:00:00"}, differences(found)); d != "" || err != nil {
		t.Errorf("%v; differences (-want +got):\n%s", err, d)
	}
}

// Until the last look, what is not seen may only be late: a verification that
// ends before finds no difference in it.
func TestVerifyThatEndsEarly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{Faults: sandbox.Always(sandbox.Fault{Late: sandbox.Duration(time.Hour)})})
	p := &plan.Org{ID: orgID, Read: plan.Read{Users: 3}, Changes: []plan.Change{
		to(plan.Create, plan.Name{Kind: schema.User, Name: "New"}, set(schema.Email, "", "new@kelp.example")),
		to(plan.Create, plan.Name{Kind: schema.User, Name: "Newer"}, set(schema.Email, "", "newer@kelp.example")),
	}}
	result, err := apply.Run(t.Context(), w.client, p, apply.Options{Parallel: 1})
	if err != nil || result.Count(apply.Done) != 2 {
		t.Fatal(err, result)
	}
	found, err := apply.Verify(t.Context(), w.client, p, result, apply.Options{Sleep: func(context.Context, time.Duration) error { return context.Canceled }})
	if !errors.Is(err, context.Canceled) || len(found) > 0 {
		t.Errorf("error %v, differences %v", err, differences(found))
	}
}

// What cannot be read is an error, and another value that was found before is
// kept.
func TestVerifyThatCannotRead(t *testing.T) {
	t.Parallel()
	broken := false
	w := newWorld(t, kelp(), sandbox.Options{Before: func(r *http.Request) *sandbox.Fault {
		if broken && strings.Contains(r.URL.Path, "usergroups") {
			return &sandbox.Fault{Status: 403, Body: `{"message":"no scope"}`}
		}
		return nil
	}})
	w.store = strings.NewReplacer("Chief", "CHIEF")
	p := &plan.Org{ID: orgID, Changes: []plan.Change{to(plan.Update, user("Ann", annID), set(schema.JobTitle, "CEO", "Chief")), to(plan.Update, group("Data", dataID), set(schema.GroupDescription, "Dashboards", "All"))}}
	result, err := apply.Run(t.Context(), w.client, p, apply.Options{Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	broken = true
	found, err := apply.Verify(t.Context(), w.client, p, result, apply.Options{Sleep: noSleep})
	if want := "read the groups again: GET /api/v2/usergroups/" + dataID + ": 403: no scope"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if d := cmp.Diff([]string{"0: jobTitle CHIEF not Chief; jobTitle: CHIEF"}, differences(found)); d != "" {
		t.Errorf("differences (-want +got):\n%s", d)
	}
}

// Only what was done is looked at.
func TestVerifyOfFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, kelp(), sandbox.Options{Before: on(http.MethodPut, "", sandbox.Fault{Status: 400, Body: `{"message":"no"}`})})
	p := &plan.Org{ID: orgID, Changes: []plan.Change{to(plan.Update, user("Ann", annID), set(schema.JobTitle, "CEO", "x")), after(plan.Change{Action: plan.Add, Object: group("Data", dataID), To: user("max", maxID)}, 0)}}
	result, err := apply.Run(t.Context(), w.client, p, apply.Options{Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.sent = nil
	found, err := apply.Verify(t.Context(), w.client, p, result, apply.Options{Sleep: noSleep})
	if err != nil || len(found) > 0 || len(w.sent) > 0 {
		t.Errorf("%v, differences %v, sent %q", err, found, w.sent)
	}
}

// Verification takes the fewest requests: a hundred people of three hundred
// are three pages, and all members of a large group one by one are fewer than
// its pages.
func TestVerifyRequests(t *testing.T) {
	t.Parallel()
	const people = 300
	w := newWorld(t, crowd(people), sandbox.Options{})
	p := &plan.Org{ID: orgID, Read: plan.Read{Users: people + 4, Groups: 2}}
	for i := range 100 {
		p.Changes = append(p.Changes, to(plan.Update, person(i), set(schema.JobTitle, "", "x")), plan.Change{Action: plan.Add, Object: group("Data", dataID), To: person(i)})
	}
	result, err := apply.Run(t.Context(), w.client, p, apply.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.sent = nil
	totals := map[int]bool{}
	found, err := apply.Verify(t.Context(), w.client, p, result, apply.Options{Sleep: noSleep, Progress: func(_, total int) { totals[total] = true }})
	if err != nil || len(found) > 0 {
		t.Errorf("%v, differences %v", err, found)
	}
	// The group has a page more than apply knows of.
	if d := cmp.Diff(map[int]bool{5: true, 6: true}, totals); d != "" {
		t.Errorf("totals (-want +got):\n%s", d)
	}
	want := append(times(4, "GET users"), times(2, "GET groups/"+dataID+"/members")...)
	if d := cmp.Diff(sorted(want), sorted(w.brief(t))); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}
