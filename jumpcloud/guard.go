package jumpcloud

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// guard stops the whole client when going on would do harm: after "blocked
// due to suspected abuse", and after a 401 on a credential that had worked.
// That a credential worked is remembered by realm: it may see one
// organization and not another, and that is no reason to stop.
type guard struct {
	next    http.RoundTripper
	secrets *secrets

	mu      sync.Mutex
	worked  map[string]bool // by realm
	stopped *Error
}

func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := g.refusal(req); err != nil {
		return nil, err
	}
	resp, err := g.next.RoundTrip(req)
	if err != nil {
		g.learnError(err)
		return nil, err
	}
	return resp, g.learn(req, resp)
}

// refusal is the error of everything after the stop.
func (g *guard) refusal(req *http.Request) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped == nil {
		return nil
	}
	return &Error{
		Method: req.Method, Path: req.URL.Path, Status: g.stopped.Status, cause: errNotSent{errStopped{g.stopped}}, blocked: g.stopped.blocked,
		Message: "not sent, because the credential was refused before: " + g.stopped.Message,
	}
}

// errStopped marks what is not sent any more, whatever it is.
type errStopped struct{ cause error }

func (e errStopped) Error() string { return e.cause.Error() }
func (e errStopped) Unwrap() error { return e.cause }

// Stopped tells whether err is of a request that was not sent because the
// credential was refused or blocked before: nothing further will be sent.
func Stopped(err error) bool {
	var stopped errStopped
	return errors.As(err, &stopped)
}

// Refused is why this client and all its WithOrg copies send nothing any
// more: the credential was blocked, or revoked after it had worked. It is
// nil while it is good.
func (c *Client) Refused() error {
	c.guard.mu.Lock()
	defer c.guard.mu.Unlock()
	if c.guard.stopped == nil {
		return nil
	}
	return c.guard.stopped
}

// realm is what a credential may be good for: an organization, the routes
// above any, or, without x-org-id, its only organization.
func realm(req *http.Request) string {
	if !takesOrg(req.URL.Path) {
		return "above"
	}
	return req.Header.Get("x-org-id")
}

// learn keeps the answer readable. Its error is that of a body that cannot
// be read.
func (g *guard) learn(req *http.Request, resp *http.Response) error {
	in := realm(req)
	if resp.StatusCode < 300 {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.worked == nil {
			g.worked = map[string]bool{}
		}
		g.worked[in] = true
		return nil
	}
	if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
		return nil
	}
	body, err := peek(resp)
	g.mu.Lock()
	defer g.mu.Unlock()
	if resp.StatusCode == http.StatusUnauthorized && g.worked[in] || abuse(resp.StatusCode, body) {
		g.stop(&Error{
			Method: req.Method, Path: req.URL.Path, Status: resp.StatusCode, blocked: abuse(resp.StatusCode, body),
			Message: g.secrets.message(resp.StatusCode, body, passwordOf(req)),
		})
	}
	return err
}

// passwordOf is the password that a request sends, "" if there is none.
func passwordOf(req *http.Request) string {
	if req.GetBody == nil {
		return ""
	}
	body, err := req.GetBody()
	if err != nil {
		return ""
	}
	defer body.Close()
	text, _ := io.ReadAll(body) // of what could not be read nothing was sent
	return passwordIn(text)
}

// learnError stops when the token server no longer takes a service account.
func (g *guard) learnError(err error) {
	var e *Error
	g.mu.Lock()
	defer g.mu.Unlock()
	if errors.As(err, &e) && e.Status == http.StatusUnauthorized && len(g.worked) > 0 {
		g.stop(e)
	}
}

// stop keeps the first reason.
func (g *guard) stop(e *Error) {
	if g.stopped == nil {
		g.stopped = e
	}
}

// abuse is JumpCloud's block of an address (facts.md section 10).
func abuse(status int, body []byte) bool {
	return status == http.StatusForbidden && strings.Contains(strings.ToLower(string(body)), "suspected abuse")
}
