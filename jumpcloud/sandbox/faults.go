package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Faults are a bad day: rules that say which requests go wrong, and how. The
// zero value lets everything go well.
//
// A request goes past the rules in their order. The faults of all rules that
// fire add up, until one answers in JumpCloud's place (Status, Drop, Stall):
// later rules do not see that request.
//
// Whether a rule with a Rate fires follows from Seed, the place of the rule,
// the request (method, path, query, organization and body, ids less the time
// in them) and how often that very request came before. So the same requests
// meet the same faults in whatever order they arrive; only From, Times and
// PerMinute count in the order of arrival.
type Faults struct {
	Seed   uint64 `json:"seed,omitempty"`
	Preset string `json:"preset,omitempty"` // its rules come first; "" is none
	Rules  []Rule `json:"rules,omitempty"`
}

// Always is a fault that befalls every request to which it can do something.
func Always(f Fault) *Faults { return &Faults{Rules: []Rule{{Fault: f}}} }

// Rule is a fault and the requests that it befalls: those for which all that
// is said here holds, and to which the fault can do something. So a rule
// with Empty counts lists only.
type Rule struct {
	Method   string `json:"method,omitempty"`   // or several: "POST|PUT"; "" is any
	Path     string `json:"path,omitempty"`     // a path, "*" in it is any text in one segment, "/**" at its end any segments; "" is any
	Org      string `json:"org,omitempty"`      // id or name of an organization; "" is any
	Contains string `json:"contains,omitempty"` // a text that path, query or body has

	From      int      `json:"from,omitempty"`       // the first of these requests that it befalls, from 1 on; 0 is 1
	Times     int      `json:"times,omitempty"`      // it fires at most so often; 0 is no bound
	Rate      float64  `json:"rate,omitempty"`       // the share of them, by the seed; 0 is all
	PerMinute int      `json:"per_minute,omitempty"` // only those of one credential over so many in a minute; they get a Retry-After, and are a 429 where nothing else is said
	Jitter    Duration `json:"jitter,omitempty"`     // up to so much is added to Delay, by the seed

	Fault
}

// form is what faults know of the bodies of a route.
type form uint8

const (
	opaque   form = iota
	stored        // a record of a user or group is sent
	envelope      // V1 list: {"totalCount": n, "results": [...]}
	bare          // V2 list: an array, and the header x-total-count
	edges         // a bare list of {"to": {...}}
)

// lists tells whether the answer is a list with a total.
func (f form) lists() bool { return f >= envelope }

// asked is a request as rules look at it.
type asked struct {
	method, path, query string
	org                 *org   // nil if it is about none
	credential          string // who asks; not compared with anything
	body                []byte
	route               *route // nil if there is none
	skip                int    // of a list
}

// ask looks at a request.
func (s *Server) ask(r *http.Request, body []byte) *asked {
	rt, _ := match(r.Method, r.URL.Path)
	a := &asked{
		method: r.Method, path: r.URL.Path, query: r.URL.RawQuery, body: body, route: rt,
		credential: cmp.Or(r.Header.Get("x-api-key"), r.Header.Get("Authorization")),
	}
	if rt != nil && rt.scope != global {
		a.org = s.meant(r)
	}
	a.skip = a.skipped()
	return a
}

// meant is the organization that a request names or, with the key of one,
// means; nil if there is none.
func (s *Server) meant(r *http.Request) *org {
	if id := r.Header.Get("x-org-id"); id != "" {
		return s.data.org(id)
	}
	if r.Header.Get("x-api-key") == "" {
		return nil
	}
	cred, problem := s.authenticate(r)
	if problem != nil {
		return nil
	}
	o, _ := s.onlyOrganization(cred)
	return o
}

// skipped is the skip of a list or search, 0 if it has none.
func (a *asked) skipped() int {
	var search struct{ Skip int }
	switch {
	case !a.form().lists():
		return 0
	case a.method == http.MethodPost:
		if json.Unmarshal(a.body, &search) != nil {
			return 0
		}
		return search.Skip
	}
	query, _ := url.ParseQuery(a.query) // what of it can be read
	skip, _ := strconv.Atoi(query.Get("skip"))
	return skip
}

// form is that of the request's route.
func (a *asked) form() form {
	if a.route == nil {
		return opaque
	}
	return a.route.form
}

// matches tells whether a rule is about a request.
func (r *Rule) matches(a *asked) bool {
	return (r.Method == "" || slices.Contains(strings.Split(r.Method, "|"), a.method)) &&
		(r.Path == "" || matchPattern(r.Path, a.path)) &&
		(r.Org == "" || a.org != nil && (r.Org == a.org.id || r.Org == a.org.name)) &&
		(r.Contains == "" || a.contains(r.Contains)) &&
		(r.PerMinute > 0 && !r.does() || r.befalls(a))
}

// contains tells whether path, query or body have a text.
func (a *asked) contains(s string) bool {
	return strings.Contains(a.path, s) || strings.Contains(a.query, s) || bytes.Contains(a.body, []byte(s))
}

// matchPattern holds a path against a Rule's.
func matchPattern(pattern, name string) bool {
	if start, open := strings.CutSuffix(pattern, "/**"); open {
		n := strings.Count(start, "/") + 1
		segments := strings.SplitAfterN(name, "/", n+1)
		pattern, name = start, strings.TrimSuffix(strings.Join(segments[:min(n, len(segments))], ""), "/")
	}
	ok, _ := path.Match(pattern, name) // a bad pattern matches nothing, and none passes check
	return ok
}
