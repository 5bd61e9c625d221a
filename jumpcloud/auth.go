package jumpcloud

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	tokenLife  = time.Hour        // of a token that does not say (facts.md section 1)
	tokenEarly = 30 * time.Second // before its end a token is replaced
)

// apiKey signs with an administrator's key.
type apiKey struct {
	next http.RoundTripper
	key  string
}

func (a apiKey) RoundTrip(req *http.Request) (*http.Response, error) {
	return a.next.RoundTrip(withHeader(req, "x-api-key", a.key))
}

// bearer signs with a service account's token. A token that worked and is
// refused before its end is replaced once: a 401 wrote nothing.
type bearer struct {
	next   http.RoundTripper
	tokens *tokenCache
}

func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, token, err := b.sign(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || !b.tokens.drop(token) {
		return resp, err
	}
	resp.Body.Close()
	if req, err = rewound(req); err != nil {
		return nil, err
	}
	resp, _, err = b.sign(req)
	return resp, err
}

func (b bearer) sign(req *http.Request) (*http.Response, string, error) {
	token, err := b.tokens.get(req.Context())
	if err != nil {
		return nil, "", err
	}
	resp, err := b.next.RoundTrip(withHeader(req, "Authorization", "Bearer "+token))
	if err == nil && resp.StatusCode < 300 {
		b.tokens.keep(token)
	}
	return resp, token, err
}

// rewound is a request with its body from the beginning.
func rewound(req *http.Request) (*http.Request, error) {
	if req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, errNotSent{err}
	}
	req = req.Clone(req.Context())
	req.Body = body
	return req, nil
}

// tokenCache fetches a token when there is none that is good for a while.
type tokenCache struct {
	config  clientcredentials.Config
	client  *http.Client
	path    string // of the token URL, for errors
	secrets *secrets

	mu     sync.Mutex // held while fetching: one fetch for all who wait
	token  string
	until  time.Time
	worked bool
}

func newTokenCache(id, secret, tokenURL string, next http.RoundTripper, s *secrets) *tokenCache {
	path := ""
	if u, err := url.Parse(tokenURL); err == nil {
		path = u.Path
	}
	return &tokenCache{
		config: clientcredentials.Config{
			ClientID: id, ClientSecret: secret, TokenURL: tokenURL,
			Scopes: []string{"api"}, AuthStyle: oauth2.AuthStyleInHeader,
		},
		client:  &http.Client{Transport: next, CheckRedirect: noRedirect},
		path:    path,
		secrets: s,
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// get is a token that is good for a while. Its error is an *Error.
func (t *tokenCache) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	start := time.Now()
	if t.token != "" && start.Before(t.until) {
		return t.token, nil
	}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
	if err != nil {
		return "", t.explain(err)
	}
	t.secrets.add(token.AccessToken)
	t.token, t.until, t.worked = token.AccessToken, replaceAt(start, token.Expiry), false
	return t.token, nil
}

// replaceAt is some time before a token's end, and never more than a quarter
// of its life before it.
func replaceAt(start, expiry time.Time) time.Time {
	if expiry.IsZero() {
		expiry = start.Add(tokenLife)
	}
	return expiry.Add(-min(tokenEarly, expiry.Sub(start)/4))
}

// keep notes that a token was accepted.
func (t *tokenCache) keep(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.worked = t.worked || token == t.token
}

// drop forgets a token that was accepted and is refused now. It tells
// whether another one is worth asking for.
func (t *tokenCache) drop(token string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if token != t.token {
		return true // somebody else has replaced it
	}
	if !t.worked {
		return false
	}
	t.token, t.worked = "", false
	return true
}

// plainToken is what x/oauth2 reports of an answer that is no token, without
// its own name.
func plainToken(err error) string {
	text := strings.TrimPrefix(err.Error(), "oauth2: ")
	switch {
	case strings.HasPrefix(text, "cannot parse"):
		return "the answer is no JSON: is the token URL right?"
	case strings.HasPrefix(text, "server response missing"):
		return "there is no access_token in the answer: is the token URL right?"
	}
	return text
}

// explain makes an *Error of what x/oauth2 reports.
func (t *tokenCache) explain(err error) error {
	e := &Error{Method: http.MethodPost, Path: t.path, cause: errNotSent{err}}
	var answered *oauth2.RetrieveError
	if !errors.As(err, &answered) || answered.Response == nil {
		e.Message = "fetch a token: " + clean(t.secrets.redact(plainToken(bare(err))))
		return e
	}
	e.cause = nil // it holds the whole answer
	e.Status = answered.Response.StatusCode
	e.Message = t.secrets.message(e.Status, answered.Body)
	if e.Status >= 300 && e.Status < 400 {
		e.Message = "fetch a token: redirected; redirects are not followed, is the token URL right?"
	}
	return e
}
