package story_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"rollcall/jumpcloud/sandbox"
)

// ledger notes the writes that have changed something in a sandbox: what
// had been done already is none.
type ledger struct {
	t      tb
	server *sandbox.Server

	mu      sync.Mutex
	names   map[string]string // first names of objects, by id
	last    string            // what matters of the state
	effects []string
}

func newLedger(t tb, s *sandbox.Server) *ledger {
	l := &ledger{t: t, server: s, names: map[string]string{}}
	l.last = l.look()
	return l
}

// look is all that requests can change, without the ids and dates of entries,
// which each PUT makes anew.
func (l *ledger) look() string {
	st := l.server.Snapshot()
	for _, u := range st.Organizations[0].Users {
		l.name(u["_id"], u["username"])
		for _, v := range u {
			dropMade(v)
		}
	}
	for _, g := range st.Organizations[0].Groups {
		l.name(g["id"], g["name"])
	}
	b, err := json.Marshal(st)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(b)
}

// dropMade takes away what JumpCloud itself gives to the entries of a list.
func dropMade(v any) {
	list, _ := v.([]any) // others have no entries
	for _, entry := range list {
		if e, ok := entry.(map[string]any); ok {
			delete(e, "id")
			delete(e, "_id")
			delete(e, "create_date")
		}
	}
}

// name keeps the first name of an object.
func (l *ledger) name(id, now any) {
	key := fmt.Sprint(id)
	if l.names[key] == "" {
		l.names[key] = fmt.Sprint(now)
	}
}

// note looks whether a request has changed something.
func (l *ledger) note(r *http.Request, body []byte) {
	if r.Method == http.MethodGet || strings.HasPrefix(r.URL.Path, "/api/search/") {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.look()
	if now != l.last {
		l.effects = append(l.effects, l.effect(r, body))
	}
	l.last = now
}

// effect is a write in words that do not depend on ids.
func (l *ledger) effect(r *http.Request, body []byte) string {
	parts := strings.Split(r.URL.Path, "/")
	for i, id := range parts {
		if name := l.names[id]; name != "" {
			parts[i] = name
		}
	}
	text := r.Method + " " + strings.Join(parts, "/")
	var b struct{ Username, Name, Op, ID string }
	_ = json.Unmarshal(body, &b) // a DELETE has none
	if r.Method == http.MethodPost {
		text = strings.Join(append([]string{text}, strings.Fields(b.Username+" "+b.Name+" "+b.Op+" "+l.names[b.ID])...), " ")
	}
	return text
}

// sorted are the writes that changed something.
func (l *ledger) sorted() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(slices.Values(l.effects))
}
