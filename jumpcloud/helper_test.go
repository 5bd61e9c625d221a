package jumpcloud

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// roundTrip is a handler made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// reply is an answer; header is name, value, name, value.
func reply(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// get is a request to a path of some host.
func get(t testing.TB, path string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://jc.example"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// post is a request with a body.
func post(t testing.TB, path, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://jc.example"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// server is an httptest server that keeps what it was asked.
type server struct {
	*httptest.Server
	mu  sync.Mutex
	log []string // "METHOD /path?query body"
}

// seen is a copy of the log.
func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.log...)
}

// serve starts a server and a client of it that does not sleep and has no
// ceiling of requests a minute.
func serve(t testing.TB, handle http.HandlerFunc, adjust ...func(*Options)) (*Client, *server) {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		line := r.Method + " " + r.URL.RequestURI()
		if len(body) > 0 {
			line += " " + string(body)
		}
		s.mu.Lock()
		s.log = append(s.log, line)
		s.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	o := Options{URL: s.URL, APIKey: "jca_key", Rate: -1, Sleep: noSleep}
	for _, a := range adjust {
		a(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// answerWith always gives the same answer.
func answerWith(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// script answers the n-th request with the n-th "status body", and fails
// what comes after the last.
func script(t testing.TB, answers ...string) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if n >= len(answers) {
			t.Errorf("request %d is one too many: %s %s", n+1, r.Method, r.URL)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		var status int
		text, body, _ := strings.Cut(answers[n], " ")
		n++
		if _, err := fmt.Sscan(text, &status); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}
