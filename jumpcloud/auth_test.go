package jumpcloud

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAPIKey(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key  string
		want []string
	}{
		{"jca_abc", []string{"jca_abc"}},
		{"", nil},
	} {
		var got []string
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			got = r.Header["X-Api-Key"]
			answerWith(200, "{}")(w, r)
		}, func(o *Options) { o.APIKey = test.key })
		if _, err := c.GetUser(t.Context(), "5f"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("key %q: x-api-key (-want +got):\n%s", test.key, diff)
		}
	}
}

// account is a service account instead of a key.
func account(o *Options) { o.APIKey, o.ClientID, o.ClientSecret = "", "client", "s3cret/word" }

func TestServiceAccount(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	tokens := 0
	c, s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/oauth2/token" {
			mu.Lock()
			defer mu.Unlock()
			if got, want := r.Header.Get("Authorization"), fmt.Sprintf("Bearer token%d", tokens); got != want {
				t.Errorf("Authorization %q, want %q", got, want)
			}
			answerWith(200, `{"_id":"5f"}`)(w, r)
			return
		}
		id, secret, _ := r.BasicAuth()
		form, _ := io.ReadAll(r.Body)
		if id != "client" || secret != "s3cret%2Fword" || string(form) != "grant_type=client_credentials&scope=api" {
			t.Errorf("token asked for by %s with %s and %s", id, secret, form)
		}
		if r.Header.Get("x-org-id") != "" {
			t.Error("token asked for with x-org-id")
		}
		mu.Lock()
		defer mu.Unlock()
		tokens++
		answerWith(200, fmt.Sprintf(`{"access_token":"token%d","token_type":"bearer","expires_in":3600}`, tokens))(w, r)
	}, account, func(o *Options) { o.OrgID = "org" })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.GetUser(t.Context(), "5f"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if tokens != 1 || len(s.seen()) != 21 || c.Requests() != 20 {
		t.Errorf("%d tokens, %d requests, Requests() = %d; want 1, 21, 20", tokens, len(s.seen()), c.Requests())
	}
}

func TestReplaceAt(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		life, want time.Duration
	}{
		{0, time.Hour - 30*time.Second}, // the server does not say
		{time.Hour, time.Hour - 30*time.Second},
		{40 * time.Second, 30 * time.Second},
		{4 * time.Second, 3 * time.Second},
	} {
		expiry := start.Add(test.life)
		if test.life == 0 {
			expiry = time.Time{}
		}
		if got := replaceAt(start, expiry).Sub(start); got != test.want {
			t.Errorf("a token of %v is replaced after %v, want %v", test.life, got, test.want)
		}
	}
}

// bearerScript is a handler whose API answers follow a script, and the log
// of the tokens that were used.
func bearerScript(t *testing.T, statuses ...int) (bearer, *[]string) {
	var used []string
	n := 0
	tokens := roundTrip(func(*http.Request) (*http.Response, error) {
		n++
		return reply(200, fmt.Sprintf(`{"access_token":"t%d","expires_in":3600}`, n), "Content-Type", "application/json"), nil
	})
	api := roundTrip(func(req *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(req.Body)
		used = append(used, req.Header.Get("Authorization")+" "+string(body))
		if len(used) > len(statuses) {
			t.Fatalf("one request too many: %q", used)
		}
		return reply(statuses[len(used)-1], ""), nil
	})
	return bearer{next: api, tokens: newTokenCache("client", "secret", "https://jc.example/oauth2/token", tokens, newSecrets())}, &used
}

func TestBearer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		statuses []int
		requests int
		last     int
		want     []string
	}{
		{"one token for all", []int{200, 200}, 2, 200, []string{"Bearer t1 {}", "Bearer t1 {}"}},
		{"401 of a new token", []int{401}, 1, 401, []string{"Bearer t1 {}"}},
		{"401 of a token that worked", []int{200, 401, 200}, 2, 200, []string{"Bearer t1 {}", "Bearer t1 {}", "Bearer t2 {}"}},
		{"401 of its successor too", []int{200, 401, 401}, 2, 401, []string{"Bearer t1 {}", "Bearer t1 {}", "Bearer t2 {}"}},
		{"403", []int{200, 403}, 2, 403, []string{"Bearer t1 {}", "Bearer t1 {}"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, used := bearerScript(t, test.statuses...)
			last := 0
			for range test.requests {
				resp, err := b.RoundTrip(post(t, "/api/systemusers", "{}"))
				if err != nil {
					t.Fatal(err)
				}
				last = resp.StatusCode
			}
			if diff := cmp.Diff(test.want, *used); diff != "" || last != test.last {
				t.Errorf("last status %d, want %d; requests (-want +got):\n%s", last, test.last, diff)
			}
		})
	}
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer []string
		want   string
	}{
		{"refused", []string{`401 {"error":"invalid_client","error_description":"no client with s3cret/word"}`},
			"POST /oauth2/token: 401: invalid_client: no client with [redacted]"},
		{"basic auth repeated", []string{"400 got Basic Y2xpZW50OnMzY3JldCUyRndvcmQ="}, "POST /oauth2/token: 400: got Basic [redacted]"},
		{"HTML", []string{"403 <html><head><title>Denied</title>"}, "POST /oauth2/token: 403: HTML page: Denied"},
		{"redirect", []string{"302 "}, "POST /oauth2/token: 302: fetch a token: redirected; redirects are not followed, is the token URL right?"},
		{"no JSON", []string{`200 <html>`}, "POST /oauth2/token: fetch a token: the answer is no JSON: is the token URL right?"},
		{"no token in it", []string{`200 {"token_type":"bearer"}`}, "POST /oauth2/token: fetch a token: there is no access_token in the answer: is the token URL right?"},
		{"busy at first", []string{"503 ", `200 {"access_token":"t"}`, `200 {"_id":"5f"}`}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answer := script(t, test.answer...)
			c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				answer(w, r)
			}, account)
			_, err := c.CreateUser(t.Context(), map[string]string{"username": "mira"})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
			if Uncertain(err) {
				t.Error("the error leaves open whether a user was created, though nothing was sent")
			}
			if strings.Contains(fmt.Sprintf("%+v %#v", err, err), "s3cret") {
				t.Errorf("the secret is in %#v", err)
			}
		})
	}
}
