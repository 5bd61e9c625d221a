package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxBody is the largest request body that is read.
const maxBody = 4 << 20

// scope says what a route works on.
type scope uint8

const (
	inOrg    scope = iota // one organization, read
	changing              // one organization, changed
	global                // all that the credential sees; x-org-id is a 403
)

// route is one operation.
type route struct {
	method, path string // path segments in braces are parameters
	scope        scope
	serve        func(*call) answer
	form         form
}

// routes are the operations of openapi-v1.json and openapi-v2.json that the
// sandbox has.
var routes = []route{
	{"GET", "/api/systemusers", inOrg, listUsers, envelope},
	{"POST", "/api/systemusers", changing, createUser, stored},
	{"GET", "/api/systemusers/{user}", inOrg, getUser, opaque},
	{"PUT", "/api/systemusers/{user}", changing, updateUser, stored},
	{"DELETE", "/api/systemusers/{user}", changing, deleteUser, opaque},
	{"POST", "/api/systemusers/{user}/state/activate", changing, activateUser, opaque},
	{"POST", "/api/systemusers/{user}/state/suspend", changing, suspendUser, opaque},
	{"POST", "/api/systemusers/{user}/unlock", changing, unlockUser, opaque},
	{"POST", "/api/systemusers/{user}/expire", changing, expireUser, opaque},
	{"POST", "/api/systemusers/{user}/resetmfa", changing, resetMFA, opaque},
	{"POST", "/api/systemusers/{user}/password", changing, setPassword, opaque},
	{"GET", "/api/systemusers/{user}/sshkeys", inOrg, listSSHKeys, opaque},
	{"POST", "/api/systemusers/{user}/sshkeys", changing, addSSHKey, opaque},
	{"DELETE", "/api/systemusers/{user}/sshkeys/{key}", changing, deleteSSHKey, opaque},
	{"POST", "/api/search/systemusers", inOrg, searchUsers, envelope},
	{"GET", "/api/organizations", global, listOrganizations, envelope},
	{"GET", "/api/organizations/{org}", global, getOrganization, opaque},

	{"GET", "/api/v2/usergroups", inOrg, listGroups, bare},
	{"POST", "/api/v2/usergroups", changing, createGroup, stored},
	{"GET", "/api/v2/usergroups/{group}", inOrg, getGroup, opaque},
	{"PUT", "/api/v2/usergroups/{group}", changing, updateGroup, stored},
	{"DELETE", "/api/v2/usergroups/{group}", changing, deleteGroup, opaque},
	{"GET", "/api/v2/usergroups/{group}/members", inOrg, listMembers, edges},
	{"POST", "/api/v2/usergroups/{group}/members", changing, changeMembers, opaque},
	{"GET", "/api/v2/usergroups/{group}/membership", inOrg, listMembership, bare},
	{"GET", "/api/v2/usergroups/{group}/associations", inOrg, listAssociations, bare},
	{"POST", "/api/v2/usergroups/{group}/associations", changing, changeAssociations, opaque},
	{"GET", "/api/v2/users/{user}/memberof", inOrg, listMemberOf, bare},
	{"GET", "/api/v2/providers", global, listProviders, bare},
	{"GET", "/api/v2/providers/{provider}/organizations", global, listProviderOrganizations, envelope},
}

// call is one request on its way through a handler.
type call struct {
	s      *Server
	o      *Options
	header http.Header
	query  url.Values
	body   []byte
	params map[string]string
	cred   credential
	fault  *Fault // never nil
	org    *org   // locked; nil for a global route
}

// ServeHTTP serves one request and logs it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlRoot) {
		s.control(w, r)
		return
	}
	logged := Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Org: r.Header.Get("x-org-id")}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		a := bodyProblem(err)
		logged.Status = a.status
		s.log(logged)
		a.write(w)
		return
	}
	if logged.Fault = s.befall(r, body); logged.Fault != nil {
		s.suffer(w, r, body, logged)
		return
	}
	a := s.answer(r, body, &Fault{})
	logged.Status = a.status
	s.log(logged)
	a.write(w)
}

// bodyProblem answers a body that could not be read.
func bodyProblem(err error) *answer {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fail(http.StatusRequestEntityTooLarge, "The body is larger than %d bytes", maxBody)
	}
	return bad("The body could not be read")
}

// log notes a request.
func (s *Server) log(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
}

// answer is the sandbox's own answer. Who asks comes before what is asked:
// an unknown path without a credential is a 302 too (facts.md section 10).
//
// The fault is what befalls the request; handlers look after its Late and
// Shift.
func (s *Server) answer(r *http.Request, body []byte, f *Fault) answer {
	if r.URL.Path == tokenPath {
		return s.issueToken(r, body)
	}
	cred, problem := s.authenticate(r)
	if problem != nil {
		return *problem
	}
	rt, params := match(r.Method, r.URL.Path)
	if rt == nil {
		return *notFound()
	}
	if len(body) > 0 && !isJSON(r.Header) {
		return *fail(http.StatusUnsupportedMediaType, "Content-Type must be application/json")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return *bad("The query string is not valid")
	}
	c := &call{s: s, o: &s.o, header: r.Header, query: query, body: body, params: params, cred: cred, fault: f}
	org, problem := s.organization(cred, r.Header, rt.scope)
	if problem != nil {
		return *problem
	}
	c.org = org
	return c.run(rt)
}

// isJSON tells whether a request says that its body is JSON.
func isJSON(h http.Header) bool {
	mediaType, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), "application/json")
}

// match finds the route of a request, nil if there is none.
func match(method, path string) (*route, map[string]string) {
	segments := strings.Split(path, "/")
	for i := range routes {
		if rt := &routes[i]; rt.method == method {
			if params, ok := matchPath(strings.Split(rt.path, "/"), segments); ok {
				return rt, params
			}
		}
	}
	return nil, nil
}

// matchPath holds a path against a pattern.
func matchPath(pattern, segments []string) (map[string]string, bool) {
	if len(pattern) != len(segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, p := range pattern {
		switch {
		case strings.HasPrefix(p, "{") && segments[i] != "":
			params[p[1:len(p)-1]] = segments[i]
		case p != segments[i]:
			return nil, false
		}
	}
	return params, true
}

// run serves a call with its organization locked, and saves what it changed.
func (c *call) run(rt *route) answer {
	switch rt.scope {
	case global:
		return rt.serve(c)
	case inOrg:
		c.org.mu.RLock()
		defer c.org.mu.RUnlock()
		return rt.serve(c)
	}
	a, generation := c.change(rt)
	if c.s.disk == nil || a.status >= http.StatusBadRequest {
		return a
	}
	saved, err := c.s.disk.commit()
	if err != nil {
		return *fail(http.StatusInternalServerError, "%v", err)
	}
	if saved != generation {
		return *fail(http.StatusInternalServerError, "The write was taken back: an earlier one could not be saved")
	}
	return a
}

// change serves a call that writes.
func (c *call) change(rt *route) (a answer, generation int) {
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	a = rt.serve(c)
	c.org.saved = nil
	return a, c.org.generation
}

// object is the body as a JSON object. An empty body is an empty object.
func (c *call) object() (map[string]json.RawMessage, *answer) {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil, nil
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(c.body, &m); err != nil {
		return nil, bad("The body must be a JSON object")
	}
	return m, nil
}

// read checks the body against a shape and decodes it.
func (c *call) read(s *shape, into any) *answer {
	m, problem := c.object()
	if problem != nil {
		return problem
	}
	raw := mustJSON(m)
	if m == nil {
		raw = []byte("{}")
	}
	if p := s.check("body", decode(raw)); p != "" {
		return bad("%s", p)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return bad("The body is not valid")
	}
	return nil
}
