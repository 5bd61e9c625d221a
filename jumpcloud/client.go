// Package jumpcloud is a client of the JumpCloud REST API: typed calls,
// paging, retries and pacing for users, user groups, memberships and
// organizations. It imports nothing of rollcall.
//
// A call goes through a chain of small http.RoundTrippers, outermost first:
//
//	orgHeader  x-org-id on the routes that take it
//	retry      repeats what is safe to repeat
//	pacer      requests at once, requests a minute
//	guard      stops the client when its credential is blocked or revoked
//	apiKey or bearer
//	counter, debug
//	bound      time and size of one answer; hands on whole bodies only
package jumpcloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

const (
	defaultParallel = 8
	defaultRate     = 600
	defaultTimeout  = time.Minute
	maxAnswer       = 64 << 20 // bytes of one body; a page of 100 users has about 200 KB
)

// Options say where a client connects, as whom, and how fast. The zero
// value of each field is its default.
type Options struct {
	URL      string // host root, https or loopback; "" is https://console.jumpcloud.com
	TokenURL string // of service accounts; "" is the region's, with any other URL its /oauth2/token

	APIKey                 string // sent as x-api-key
	ClientID, ClientSecret string // a service account, instead of APIKey
	OrgID                  string // sent as x-org-id; "" sends none

	Parallel int           // requests at once; 0 is 8
	Rate     int           // requests in any minute; 0 is 600, less than 0 has no ceiling
	Timeout  time.Duration // of one request, its answer's body included; 0 is a minute

	UserAgent string                                     // "" is rollcall
	Transport http.RoundTripper                          // nil is a pool of connections that obeys HTTPS_PROXY
	Debug     io.Writer                                  // a block a request in one Write: what was sent and what came back, redacted; nil is none
	Sleep     func(context.Context, time.Duration) error // of back-off and pace; nil really sleeps
	Throttled func(until time.Time)                      // called when JumpCloud asks to wait, each time for longer; may be nil
}

// Client calls JumpCloud for one organization. Its methods may be called
// from several goroutines. Every error of a call is an *Error.
type Client struct {
	*connection
	org   string
	chain http.RoundTripper
}

// connection is what WithOrg copies of a client share.
type connection struct {
	root      string // scheme and host
	userAgent string
	parallel  int
	chain     http.RoundTripper // without the org header
	guard     *guard
	secrets   *secrets
	sent      atomic.Int64
}

// New makes a client. It sends nothing. Without any credential requests go
// out without one, and JumpCloud answers "not signed in".
func New(o Options) (*Client, error) {
	root, tokenURL, err := endpoints(o.URL, o.TokenURL)
	if err != nil {
		return nil, err
	}
	if err := checkCredential(o); err != nil {
		return nil, err
	}
	conn := &connection{
		root:      root,
		userAgent: withDefault(o.UserAgent, "rollcall"),
		parallel:  withDefault(o.Parallel, defaultParallel),
		secrets:   newSecrets(o.APIKey, o.ClientSecret, basicAuth(o.ClientID, o.ClientSecret)),
	}
	conn.chain = conn.handlers(o, tokenURL)
	return (&Client{connection: conn}).WithOrg(o.OrgID), nil
}

// handlers is the chain but for the org header.
func (c *connection) handlers(o Options, tokenURL string) http.RoundTripper {
	sleep := o.Sleep
	if sleep == nil {
		sleep = sleepFor
	}
	transport := o.Transport
	if transport == nil {
		transport = pool(c.parallel)
	}
	var wire http.RoundTripper = bound{next: transport, timeout: withDefault(o.Timeout, defaultTimeout), size: maxAnswer}
	if o.Debug != nil {
		wire = &debug{next: wire, to: o.Debug, now: time.Now, secrets: c.secrets}
	}
	again := retry{sleep: sleep, random: rand.Float64}

	tokens := again
	tokens.next, tokens.safe = wire, anyRequest
	auth := c.credential(o, tokenURL, counter{next: wire, sent: &c.sent}, tokens)

	c.guard = &guard{next: auth, secrets: c.secrets}
	pace := newPacer(c.guard, c.parallel, withDefault(o.Rate, defaultRate), sleep)
	pace.throttled = o.Throttled
	again.next, again.safe = pace, repeatable
	return again
}

// credential is the handler that signs requests; tokens is the way to the
// token server.
func (c *connection) credential(o Options, tokenURL string, next, tokens http.RoundTripper) http.RoundTripper {
	switch {
	case o.ClientID != "":
		return bearer{next: next, tokens: newTokenCache(o.ClientID, o.ClientSecret, tokenURL, tokens, c.secrets)}
	case o.APIKey != "":
		return apiKey{next: next, key: o.APIKey}
	}
	return next
}

// WithOrg is the same client for another organization: same connection,
// credential and pace, another x-org-id. "" sends none.
func (c *Client) WithOrg(id string) *Client {
	return &Client{connection: c.connection, org: id, chain: orgHeader{next: c.connection.chain, id: id}}
}

// Requests counts the requests sent so far by this client and all its
// WithOrg copies, repetitions included, token requests not.
func (c *Client) Requests() int { return int(c.sent.Load()) }

// Parallel is how many requests the client sends at once at most.
func (c *Client) Parallel() int { return c.parallel }

// ErrUnsendable is New's error about a credential or an organization's id that
// no request can carry.
var ErrUnsendable = errors.New("has a space, a line break or a character that cannot be sent")

// checkCredential never repeats a value in its errors.
func checkCredential(o Options) error {
	switch {
	case o.APIKey != "" && o.ClientID != "":
		return errors.New("both an API key and a service account: give one")
	case (o.ClientID == "") != (o.ClientSecret == ""):
		return errors.New("a service account needs both client id and client secret")
	}
	for _, v := range []struct{ name, text string }{
		{"API key", o.APIKey}, {"client id", o.ClientID}, {"client secret", o.ClientSecret}, {"organization id", o.OrgID},
	} {
		if strings.ContainsFunc(v.text, notInHeader) {
			return fmt.Errorf("the %s %w", v.name, ErrUnsendable)
		}
	}
	return nil
}

func notInHeader(r rune) bool { return r > unicode.MaxASCII || r <= ' ' || r == 0x7f }

// pool is http.DefaultTransport with room for as many idle connections to
// one host as there are requests at once.
func pool(parallel int) http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = parallel
	t.Proxy = proxy
	return t
}

// proxy is what the environment names. What it refuses, it does not repeat:
// the URL of a proxy may hold a password.
func proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errNotSent{errors.New("HTTPS_PROXY is not the URL of a proxy")}
	}
	return u, nil
}

func sleepFor(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func withDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// basicAuth is what a service account's token request carries.
func basicAuth(id, secret string) string {
	if id == "" {
		return ""
	}
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
}
