package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tokenPath is where service accounts get a token.
const tokenPath = "/oauth2/token"

// credential is who asks.
type credential struct {
	organizations []string // ids, or "*"
	service       bool     // a service account, which always names its organization
}

// token is a service account's access.
type token struct {
	credential
	expires time.Time
}

// multi tells whether the credential is one for several organizations.
func (c credential) multi() bool {
	return len(c.organizations) != 1 || c.organizations[0] == "*"
}

// sees tells whether the credential has access to an organization.
func (c credential) sees(o *org) bool {
	return slices.Contains(c.organizations, "*") || slices.Contains(c.organizations, o.id)
}

// visible are the organizations that a credential sees, in the file's order.
func (s *Server) visible(c credential) []*org {
	var orgs []*org
	for _, o := range s.data.orgs {
		if c.sees(o) {
			orgs = append(orgs, o)
		}
	}
	return orgs
}

// authenticate finds out who asks (facts.md section 1: a wrong key is a 401,
// no key sends to the login page).
func (s *Server) authenticate(r *http.Request) (credential, *answer) {
	if key := r.Header.Get("x-api-key"); key != "" {
		i := slices.IndexFunc(s.data.keys, func(k Key) bool { return k.Key == key })
		if i < 0 {
			return credential{}, unauthorized("api key user not found")
		}
		return credential{organizations: s.data.keys[i].Organizations}, nil
	}
	if bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		return s.bearer(bearer)
	}
	if s.o.AnonymousStatus != 0 {
		return credential{}, fail(s.o.AnonymousStatus, "Unauthorized")
	}
	return credential{}, &answer{status: http.StatusFound, header: http.Header{"Location": {"/login"}}}
}

// bearer finds out whose token it is.
func (s *Server) bearer(value string) (credential, *answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, known := s.tokens[value]
	switch {
	case !known:
		return credential{}, unauthorized("token not found")
	case !s.o.Now().Before(t.expires):
		delete(s.tokens, value)
		return credential{}, unauthorized("token expired")
	}
	return t.credential, nil
}

// organization is the one that a request is about (facts.md section 1,
// x-org-id).
func (s *Server) organization(c credential, h http.Header, sc scope) (*org, *answer) {
	id := h.Get("x-org-id")
	switch {
	case sc == global && id != "":
		return nil, fail(http.StatusForbidden, "x-org-id is not supported on this route")
	case sc == global:
		return nil, nil
	case id == "":
		return s.onlyOrganization(c)
	case !objectID.MatchString(id):
		return nil, bad("x-org-id is not valid")
	}
	i := slices.IndexFunc(s.data.orgs, func(o *org) bool { return o.id == id })
	if i < 0 {
		return nil, fail(http.StatusNotFound, "Organization not found")
	}
	if !c.sees(s.data.orgs[i]) {
		return nil, fail(http.StatusForbidden, "Forbidden")
	}
	return s.data.orgs[i], nil
}

// onlyOrganization is the one of a request that names none.
func (s *Server) onlyOrganization(c credential) (*org, *answer) {
	orgs := s.visible(c)
	if len(orgs) == 0 || (c.multi() || c.service) && !s.o.DefaultOrganization {
		return nil, unauthorized("x-org-id is required")
	}
	return orgs[0], nil
}

// issueToken is the token host: HTTP Basic, form, client credentials.
func (s *Server) issueToken(r *http.Request, body []byte) answer {
	if r.Method != http.MethodPost {
		return *fail(http.StatusMethodNotAllowed, "Method Not Allowed")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return *oauthError(http.StatusBadRequest, "invalid_request")
	}
	i := s.account(r)
	switch {
	case i < 0:
		return *oauthError(http.StatusUnauthorized, "invalid_client")
	case form.Get("grant_type") != "client_credentials":
		return *oauthError(http.StatusBadRequest, "unsupported_grant_type")
	case form.Get("scope") != "api":
		return *oauthError(http.StatusBadRequest, "invalid_scope")
	}
	lifetime := s.o.TokenLifetime
	if lifetime == 0 {
		lifetime = time.Hour
	}
	return encoded(http.StatusOK, map[string]any{
		"access_token": s.newToken(s.data.accounts[i], lifetime), "token_type": "bearer",
		"expires_in": int(lifetime.Seconds()), "scope": "api",
	})
}

// account is the index of the service account that signs a request, -1 if
// there is none. RFC 6749 has both parts percent-encoded.
func (s *Server) account(r *http.Request) int {
	id, secret, _ := r.BasicAuth()
	id, errID := url.QueryUnescape(id)
	secret, errSecret := url.QueryUnescape(secret)
	if errID != nil || errSecret != nil {
		return -1
	}
	return slices.IndexFunc(s.data.accounts, func(a ServiceAccount) bool {
		return a.ClientID == id && a.ClientSecret == secret
	})
}

// newToken gives a service account access for a while.
func (s *Server) newToken(a ServiceAccount, lifetime time.Duration) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued++
	now := s.o.Now()
	value := "token-" + makeID(now, a.ClientID, a.ClientSecret, strconv.Itoa(s.issued))
	s.tokens[value] = token{credential{organizations: a.Organizations, service: true}, now.Add(lifetime)}
	return value
}

// oauthError is an error of RFC 6749 section 5.2.
func oauthError(status int, code string) *answer {
	a := encoded(status, map[string]string{"error": code})
	return &a
}
