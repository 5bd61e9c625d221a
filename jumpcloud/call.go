package jumpcloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const (
	v1 = "/api"
	v2 = "/api/v2"
)

// passwordDetails asks for all that is wrong with a password, in each
// request that carries one (facts.md section 10).
const passwordDetails = "fullValidationDetails"

// request is one call before it is sent.
type request struct {
	method, path string // path made by route
	query        url.Values
	body         any   // marshalled as JSON; nil for none
	bad          error // what is wrong with it already: an id that is none
}

// answer is what came back with a 2xx status.
type answer struct {
	request  *request
	status   int
	header   http.Header
	body     []byte
	password string // that the request sent
	lost     bool   // an earlier attempt may have been made
}

// route puts ids into the %s of a path. An id that is empty or could lead
// to another route is an error, found when the request is sent.
func route(method, format string, ids ...string) request {
	args := make([]any, len(ids))
	var bad error
	for i, id := range ids {
		if id == "" || strings.ContainsFunc(id, notInID) {
			bad = fmt.Errorf("%q is no JumpCloud id", clean(id))
		}
		args[i] = url.PathEscape(id)
	}
	return request{method: method, path: fmt.Sprintf(format, args...), bad: bad}
}

func notInID(r rune) bool {
	return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' || r == '_')
}

// with is the request with a body.
func (r request) with(body any) request {
	r.body = body
	return r
}

// fail is the *Error of a request that got no answer.
func (c *Client) fail(r *request, password string, cause error) *Error {
	var known *Error
	var before errLost
	lost := errors.As(cause, &before)
	if errors.As(cause, &known) {
		e := *known
		e.uncertain = e.uncertain || writes(r) && lost
		return &e
	}
	return &Error{
		Method: r.method, Path: r.path, cause: cause,
		Message:   clean(c.secrets.redact(bare(cause).Error(), password)),
		uncertain: writes(r) && (lost || !notMade(cause)),
	}
}

// bare is an error without the method and URL that net/http puts before it.
func bare(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err
}

// refuse is the *Error of an answer that is not what was asked for.
func (a *answer) refuse(c *Client, why string) *Error {
	return &Error{
		Method: a.request.method, Path: a.request.path, Status: a.status,
		Message:   clean(c.secrets.redact(why, a.password)),
		uncertain: writes(a.request) && (a.lost || a.status < 300 || a.status >= 500),
	}
}

func writes(r *request) bool {
	return r.method != http.MethodGet && !strings.HasPrefix(r.path, v1+"/search/")
}

// send makes a request and reads its answer. An error is an *Error.
func (c *Client) send(ctx context.Context, r request) (*answer, error) {
	body, err := marshal(r.body)
	password := passwordIn(body)
	c.secrets.remember(password)
	if err = errors.Join(r.bad, err); err != nil {
		return nil, c.fail(&r, password, errNotSent{err})
	}
	req, err := c.httpRequest(ctx, &r, body, password)
	if err != nil {
		return nil, c.fail(&r, password, errNotSent{err})
	}
	resp, err := c.chain.RoundTrip(req)
	if err != nil {
		return nil, c.fail(&r, password, err)
	}
	a := &answer{request: &r, status: resp.StatusCode, header: resp.Header, password: password}
	if a.body, err = peek(resp); err != nil {
		return nil, c.fail(&r, password, err)
	}
	a.lost = resp.Body.(*whole).lost
	return a, c.check(a)
}

func marshal(body any) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	return json.Marshal(body)
}

func (c *Client) httpRequest(ctx context.Context, r *request, body []byte, password string) (*http.Request, error) {
	address := c.root + r.path
	query := r.query
	if password != "" && !strings.HasSuffix(r.path, "/password") {
		query = url.Values{passwordDetails: {"password"}}
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, reader)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// check is nil for a 2xx answer that is no HTML page. Redirects are never
// followed: JumpCloud sends a request without a key to its login page
// (facts.md section 1).
func (c *Client) check(a *answer) error {
	to, _, _ := strings.Cut(a.header.Get("Location"), "?")
	switch {
	case a.status >= 300 && a.status < 400 && strings.HasSuffix(to, "/login"):
		return a.refuse(c, "not signed in: JumpCloud redirected to /login; is the API key set?")
	case a.status >= 300 && a.status < 400:
		return a.refuse(c, fmt.Sprintf("redirected to %q; redirects are not followed, is the URL right?", to))
	case a.status < 200 || a.status >= 300:
		e := a.refuse(c, "")
		e.Message = c.secrets.message(a.status, a.body, a.password) + asksTooLong(a.header)
		e.blocked = abuse(a.status, a.body)
		return e
	case isHTML(a):
		return a.refuse(c, "an HTML page instead of JSON: is the URL right?")
	}
	return nil
}

func isHTML(a *answer) bool {
	return strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<"))
}

// record sends a request whose answer is one object.
func (c *Client) record(ctx context.Context, r request) (Record, error) {
	a, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	var rec Record
	if err := json.Unmarshal(a.body, &rec); err != nil {
		return nil, a.refuse(c, "read the answer: "+PlainJSON(err).Error())
	}
	if rec == nil {
		return nil, a.refuse(c, "read the answer: no object in it")
	}
	return rec, nil
}

// do sends a request whose answer does not matter.
func (c *Client) do(ctx context.Context, r request) error {
	_, err := c.send(ctx, r)
	return err
}

// remove sends a DELETE. What is gone already is no error: a repeated
// DELETE finds nothing (facts.md section 11).
func (c *Client) remove(ctx context.Context, r request) error {
	if err := c.do(ctx, r); !IsStatus(err, http.StatusNotFound) {
		return err
	}
	return nil
}
