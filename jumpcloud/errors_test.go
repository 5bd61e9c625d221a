package jumpcloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestMessage(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2*maxMessage)
	tests := []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"wrong key", 401, `{"error":"Unauthorized","message":"Unauthorized: api key user not found"}`, "Unauthorized: api key user not found"},
		{"duplicate member", 409, `{"message":"Already Exists"}`, "Already Exists"},
		{"error as text", 400, `{"error":"Bad field"}`, "Bad field"},
		{"error as object", 400, `{"error":{"code":3,"message":"Bad field"}}`, "Bad field"},
		{"status only", 400, `{"code":400,"status":"INVALID_ARGUMENT"}`, "INVALID_ARGUMENT"},
		{"empty message", 400, `{"message":"","error":"Bad field"}`, "Bad field"},
		{"null message", 400, `{"message":null,"error":"Bad field"}`, "Bad field"},
		{"number for a message", 400, `{"message":7,"error":"Bad field"}`, "Bad field"},
		{"violations", 400, `{"code":400,"message":"Password validation fail","status":"INVALID_ARGUMENT","details":[` +
			`{"fieldViolationsList":[{"field":"password","description":"specialCharacter"},{"field":"password","description":"passwordHistory"},` +
			`{"field":"email","description":"taken"}],"@type":"type.googleapis.com/google.rpc.BadRequest"}]}`,
			"Password validation fail: password: specialCharacter, passwordHistory, email: taken"},
		{"details of another kind", 400, `{"message":"No","details":{"a":1}}`, "No"},
		{"oauth", 401, `{"error":"invalid_client","error_description":"who are you"}`, "invalid_client: who are you"},
		{"JSON text", 400, `"no such thing"`, "no such thing"},
		{"plain text", 502, "upstream connect error", "upstream connect error"},
		{"HTML", 503, "<!DOCTYPE html>\n<html><head><title>503 Service\nUnavailable</title></head></html>", "HTML page: 503 Service Unavailable"},
		{"array", 400, `["a","b"]`, `["a","b"]`},
		{"empty", 404, "", "Not Found"},
		{"empty object", 404, "{}", "{}"},
		{"unknown status", 599, " ", "no message"},
		{"control characters", 400, "{\"message\":\"a\\u001b[31mb\\u202ec\\n\\td\"}", "a [31mb c d"},
		{"not UTF-8", 400, "a\xffb", "a\uFFFDb"},
		{"long", 400, long, long[:maxMessage] + "…"},
		{"too deep", 400, `{"error":{"error":{"error":{"error":"x"}}}}`, `{"error":{"error":{"error":{"error":"x"}}}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := newSecrets().message(test.status, []byte(test.body)); got != test.want {
				t.Errorf("message = %q, want %q", got, test.want)
			}
		})
	}
}

// Whatever way a server repeats a secret, the message does not hold it.
func TestRedact(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"jca_0123456789", `p"ss<w&rd>\`, "two words", "Grüße+1%", "tab\tin it"} {
		quoted, _ := json.Marshal(secret)
		bodies := []string{
			"no: " + secret,
			fmt.Sprintf(`{"unknown":%s}`, strconv.QuoteToASCII(secret)),
			fmt.Sprintf(`{"message":%q}`, "no: "+secret),
			fmt.Sprintf(`{"message":"no","details":[{"fieldViolationsList":[{"field":"password","description":%s}]}]}`, quoted),
			fmt.Sprintf(`{"unknown":%s}`, quoted),
			fmt.Sprintf("<title>%s</title>", secret),
			strings.Repeat("x", maxMessage-4) + secret, // would be cut in its middle
		}
		for _, body := range bodies {
			for _, got := range []string{
				newSecrets(secret).message(400, []byte(body)),
				newSecrets("other", "").message(400, []byte(body), secret),
			} {
				if strings.Contains(got, secret) || strings.Contains(got, secret[:4]) || !strings.Contains(got, redacted[:4]) {
					t.Errorf("%q of the body %q", got, body)
				}
			}
		}
	}
}

func TestRedactLongestFirst(t *testing.T) {
	t.Parallel()
	s := newSecrets("abc", "abcdef", "")
	if got, want := s.redact("abc abcdef abcd"), "[redacted] [redacted] [redacted]d"; got != want {
		t.Errorf("redact = %q, want %q", got, want)
	}
}

func TestErrorHelpers(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("read: %w", &Error{Method: "GET", Path: "/api/x", Status: 404, Message: "Not Found", uncertain: true})
	if !IsStatus(err, 404) || IsStatus(err, 409) || IsStatus(nil, 404) || IsStatus(errCut, 0) {
		t.Error("IsStatus does not tell statuses apart")
	}
	if !Uncertain(err) || Uncertain(nil) || Uncertain(errCut) {
		t.Error("Uncertain does not see the *Error within")
	}
	if want := "read: GET /api/x: 404: Not Found"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

// No error of a call holds a credential or a password that was sent.
func TestErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	const key, password = "jca_topsecret", "hunter2 is \"mine\""
	echo := func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1000)
		n, _ := r.Body.Read(body)
		w.WriteHeader(400)
		fmt.Fprintf(w, "%v %s", r.Header, body[:n])
	}
	c, _ := serve(t, echo, func(o *Options) { o.APIKey = key })
	record := map[string]any{"username": "mira", "password": password}
	for name, call := range map[string]func() error{
		"create": func() error { _, err := c.CreateUser(t.Context(), record); return err },
		"update": func() error { _, err := c.UpdateUser(t.Context(), "5f", record); return err },
		"set":    func() error { return c.SetPassword(t.Context(), "5f", password) },
		"get":    func() error { _, err := c.GetUser(t.Context(), "5f"); return err },
	} {
		err := call()
		if !IsStatus(err, 400) || !strings.Contains(err.Error(), redacted) {
			t.Errorf("%s: error %v, want a 400 with something redacted", name, err)
		}
		if all := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(all, key) || strings.Contains(all, "hunter2") {
			t.Errorf("%s: a secret in %s", name, all)
		}
	}
}

// A server may repeat the password of one request in the answer to another.
func TestErrorsHoldNoPasswordOfAnEarlierRequest(t *testing.T) {
	t.Parallel()
	const password = "p\u00e4ssW\u00f6rd12"
	c, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"message":"bad body {\"password\":\"p\\u00e4ssW\\u00f6rd12\"}"}`)
	}))
	_, create := c.CreateUser(t.Context(), map[string]string{"username": "q", "email": "q@kelp.example", "password": password})
	_, search := c.SearchUsers(t.Context(), map[string]any{"filter": []any{}})
	for name, err := range map[string]error{"create": create, "search": search} {
		if err == nil || strings.Contains(err.Error(), "rd12") || !strings.Contains(err.Error(), redacted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrorUnwrap(t *testing.T) {
	t.Parallel()
	c, err := New(Options{URL: "https://jc.example", Sleep: noSleep, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, errUnreachable
	})})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CreateUser(t.Context(), map[string]string{})
	var e *Error
	if !errors.As(err, &e) || e.Status != 0 || !errors.Is(err, errUnreachable) || e.Uncertain() {
		t.Errorf("error %#v, want an *Error without status around the cause, nothing sent", err)
	}
	if want := "POST /api/systemusers: dial tcp: connection refused"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	if c.Requests() != 1+maxRetries {
		t.Errorf("%d attempts, want %d", c.Requests(), 1+maxRetries)
	}
}

func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "[]", "null", `"text"`, `{"message":"Already Exists"}`, `{"error":{"message":"x"}}`, "<title>x</title>", "\xff\xfe",
		`{"details":[{"fieldViolationsList":[{"field":"password","description":"specialCharacter"}]}]}`, `{"message":"jca_secret"}`,
	} {
		f.Add([]byte(seed), "jca_secret")
	}
	f.Fuzz(func(t *testing.T, body []byte, secret string) {
		got := newSecrets().message(400, body)
		if got == "" || !utf8.ValidString(got) || len([]rune(got)) > maxMessage+1 || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("message %q is not one short printable line", got)
		}
		if len(secret) < 8 || !utf8.ValidString(secret) || strings.Contains(redacted, secret) {
			return // nothing that is no text is ever sent
		}
		if got := newSecrets(secret).redact(string(body)); strings.Contains(got, secret) && !strings.Contains(secret, redacted[:1]) && !strings.Contains(secret, redacted[len(redacted)-1:]) {
			t.Errorf("%q holds %q", got, secret)
		}
	})
}
