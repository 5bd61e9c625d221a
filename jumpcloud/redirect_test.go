package jumpcloud

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// No redirect is followed, wherever to: neither of a call nor of the token
// server, so that no credential reaches another host.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("followed to %s with %v", r.URL, r.Header)
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{elsewhere.URL + "/api/systemusers/5f", "/other", "//" + strings.TrimPrefix(elsewhere.URL, "http://"), "http://%zz/", "\u202e\xff"} {
			redirect := func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(status)
			}
			for name, adjust := range map[string]func(*Options){"key": func(*Options) {}, "token": account} {
				c, s := serve(t, redirect, adjust)
				_, err := c.GetUser(t.Context(), "5f")
				if !IsStatus(err, status) || !strings.Contains(err.Error(), "redirects are not followed") || len(s.seen()) != 1 {
					t.Errorf("%s, %d to %q: %v after %q", name, status, to, err, s.seen())
				}
			}
		}
	}
}

// A proxy of the environment is used, but not for loopback, and its
// password is in no error.
func TestProxy(t *testing.T) {
	t.Parallel()
	transport, ok := pool(1).(*http.Transport)
	if !ok || transport.Proxy == nil {
		t.Fatal("no proxy of the environment")
	}
	for _, host := range []string{"localhost", "127.0.0.1", "127.9.9.9", "[::1]"} {
		if u, err := transport.Proxy(&http.Request{URL: &url.URL{Scheme: "http", Host: host}}); u != nil || err != nil {
			t.Errorf("%s goes through %v, %v", host, u, err)
		}
	}
	s := newSecrets()
	if got := s.redact(`proxyconnect tcp: dial "http://me:pass-word@proxy.example:80": refused`); strings.Contains(got, "pass-word") {
		t.Error(got)
	}
}
