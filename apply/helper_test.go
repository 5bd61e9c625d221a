package apply_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/apply"
	"rollcall/internal/openapitest"
	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// Ids of the people and groups of kelp.
const (
	orgID  = "5f3c0a1b9d2e4c0001a7b9e1"
	annID  = "60aa00000000000000000001" // activated
	bobID  = "60aa00000000000000000002" // staged
	sueID  = "60aa00000000000000000003" // suspended
	maxID  = "60aa00000000000000000004" // activated, reports to ann
	dataID = "61bb00000000000000000001"
	ruleID = "61bb00000000000000000002"
	noID   = "69ff00000000000000000009" // of nobody
)

// kelp is an organization with something of everything.
func kelp() sandbox.State {
	return sandbox.State{Organizations: []sandbox.Organization{{
		ID: orgID, Name: "Bright Kelp",
		Users: []sandbox.User{
			{"_id": annID, "username": "Ann", "email": "ann@kelp.example", "state": "ACTIVATED", "jobTitle": "CEO", "employeeIdentifier": "00001",
				"phoneNumbers": []any{map[string]any{"type": "work", "number": "1"}, map[string]any{"type": "home", "number": "2"}},
				"attributes":   []any{map[string]any{"name": "badge", "value": "7"}, map[string]any{"name": "tshirt", "value": "L"}}},
			{"_id": bobID, "username": "bob", "email": "bob@kelp.example", "state": "STAGED"},
			{"_id": sueID, "username": "sue", "email": "sue@kelp.example", "state": "SUSPENDED", "suspended": true},
			{"_id": maxID, "username": "max", "email": "max@kelp.example", "state": "ACTIVATED", "manager": "Ann"},
		},
		Groups: []sandbox.Group{
			{"id": dataID, "name": "Data", "description": "Dashboards", "email": "data@kelp.example", "members": []any{"Ann"},
				"attributes": map[string]any{"ldapGroups": []any{map[string]any{"name": "data"}}, "sambaEnabled": true}},
			{"id": ruleID, "name": "Rule", "membershipMethod": "DYNAMIC_AUTOMATED",
				"memberQuery": map[string]any{"queryType": "FilterQuery", "filters": []any{map[string]any{"field": "department", "operator": "eq", "value": "Sales"}}}},
		},
	}}}
}

// world is an embedded JumpCloud, a client of it, and what was sent.
type world struct {
	*sandbox.Server
	client *jumpcloud.Client
	garble func(*http.Request) string // what is answered instead, with 200, after a request was served; "" or nil for nothing
	store  *strings.Replacer          // what a server that stores bodies in its own way makes of them; nil for nothing

	mu   sync.Mutex
	sent []string // method, path and body
}

// newWorld serves a state without a network. Requests and answers are held
// against the official documents.
func newWorld(t testing.TB, st sandbox.State, o sandbox.Options) *world {
	t.Helper()
	w := &world{Server: sandbox.New(st, o)}
	c, err := jumpcloud.New(jumpcloud.Options{
		URL: "http://127.0.0.1", APIKey: w.Key(), OrgID: orgID, Rate: -1,
		Transport: transport{w.log(openapitest.Wrap(t, w.Server))},
		Sleep:     noSleep,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.client = c
	return w
}

// log notes each request before it is served.
func (w *world) log(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // of a test's own making
		r.Body = io.NopCloser(bytes.NewReader(body))
		line := strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), body))
		w.mu.Lock()
		w.sent = append(w.sent, line)
		w.mu.Unlock()
		if w.store != nil {
			r.Body = io.NopCloser(strings.NewReader(w.store.Replace(string(body))))
		}
		if w.garble != nil {
			if body := w.garble(r); body != "" {
				next.ServeHTTP(httptest.NewRecorder(), r)
				io.WriteString(rw, body)
				return
			}
		}
		next.ServeHTTP(rw, r)
	})
}

// user and group are records as they are now; nil if they are not there.
func (w *world) user(name string) sandbox.User { return w.Snapshot().Organizations[0].User(name) }

func (w *world) group(name string) sandbox.Group { return w.Snapshot().Organizations[0].Group(name) }

// transport answers requests from a handler in the same process.
type transport struct{ http.Handler }

func (t transport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	r := req.Clone(req.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			err = io.ErrUnexpectedEOF
		} else if p != nil {
			panic(p)
		}
	}()
	recorded := httptest.NewRecorder()
	t.ServeHTTP(recorded, r)
	return recorded.Result(), nil
}

// run applies changes one after the other.
func (w *world) run(t testing.TB, changes ...plan.Change) *apply.Result {
	t.Helper()
	return w.runWith(t, apply.Options{Parallel: 1, Secret: secret, Sleep: noSleep}, changes...)
}

func (w *world) runWith(t testing.TB, o apply.Options, changes ...plan.Change) *apply.Result {
	t.Helper()
	result, err := apply.Run(t.Context(), w.client, &plan.Org{ID: orgID, Changes: changes}, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// noSleep waits for nothing.
func noSleep(context.Context, time.Duration) error { return nil }

// secret resolves {env: NAME} to a text with the name in it.
func secret(r state.Reference) (string, error) { return "horse-" + r.Env, nil }

// told is each outcome in a line: its status, blocker and error.
func told(r *apply.Result) []string {
	lines := make([]string, len(r.Changes))
	for i, o := range r.Changes {
		lines[i] = string(o.Status)
		if o.Status == apply.Blocked {
			lines[i] += fmt.Sprint(" by ", o.BlockedBy)
		}
		if o.Err != nil {
			lines[i] += ": " + o.Err.Error()
		}
	}
	return lines
}

// formula is how many requests changes cost when all goes well: one each,
// and a look before what locks out, deletes or replaces.
func formula(changes []plan.Change) int {
	n := len(changes)
	for _, c := range changes {
		if c.Action == plan.Suspend || c.Action == plan.Delete || c.Action == plan.Update && c.Object.Kind == schema.Group {
			n++
		}
	}
	return n
}

func user(name, id string) plan.Name  { return plan.Name{Kind: schema.User, Name: name, ID: id} }
func group(name, id string) plan.Name { return plan.Name{Kind: schema.Group, Name: name, ID: id} }

// set is a delta of a whole field, part of a named part of one.
func set(f schema.FieldID, old, text string) plan.Delta {
	return plan.Delta{Value: schema.Value{Field: f, Text: text}, Old: old}
}

func part(f schema.FieldID, name, old, text string) plan.Delta {
	return plan.Delta{Value: schema.Value{Field: f, Part: name, Text: text}, Old: old}
}

// fields sorts deltas as plans have them.
func fields(deltas ...plan.Delta) []plan.Delta {
	slices.SortFunc(deltas, func(a, b plan.Delta) int { return schema.Compare(a.Value, b.Value) })
	return deltas
}

// keep is the live entries of array fields.
func keep(f schema.FieldID, entries ...string) []state.Array {
	a := state.Array{Field: f}
	for _, e := range entries {
		a.Entries = append(a.Entries, []byte(e))
	}
	return []state.Array{a}
}

// newUser creates somebody.
func newUser(name string, deltas ...plan.Delta) plan.Change {
	deltas = append(deltas, set(schema.Email, "", name+"@kelp.example"))
	return plan.Change{Action: plan.Create, Object: user(name, ""), Fields: fields(deltas...)}
}

// to puts a change onto an object.
func to(a plan.Action, who plan.Name, deltas ...plan.Delta) plan.Change {
	return plan.Change{Action: a, Object: who, Fields: fields(deltas...)}
}

func suspend(who plan.Name, deltas ...plan.Delta) plan.Change {
	return to(plan.Suspend, who, append(deltas, set(schema.State, "ACTIVATED", "SUSPENDED"))...)
}

// after is a change with needs.
func after(c plan.Change, needs ...int) plan.Change {
	c.Needs = needs
	return c
}

// named is what was sent, with the names of new people and groups for their
// ids.
func (w *world) named(t testing.TB) []string {
	t.Helper()
	org := w.Snapshot().Organizations[0]
	var known []string // id, name, id, name ...
	for _, u := range org.Users {
		known = append(known, u["_id"].(string), "<"+u["username"].(string)+">")
	}
	for _, g := range org.Groups {
		known = append(known, g["id"].(string), "<"+g["name"].(string)+">")
	}
	for _, id := range []string{annID, bobID, sueID, maxID, dataID, ruleID} {
		if i := slices.Index(known, id); i >= 0 {
			known = slices.Delete(known, i, i+2)
		}
	}
	names := strings.NewReplacer(known...)
	lines := make([]string, len(w.sent))
	for i, line := range w.sent {
		lines[i] = names.Replace(line)
	}
	return lines
}
