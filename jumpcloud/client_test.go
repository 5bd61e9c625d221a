package jumpcloud

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNew(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		options         Options
		root, token, is string // is: the error
	}{
		{"default", Options{}, "https://console.jumpcloud.com", "https://admin-oauth.id.jumpcloud.com/oauth2/token", ""},
		{"eu", Options{URL: "https://console.eu.jumpcloud.com/"}, "https://console.eu.jumpcloud.com", "https://admin-oauth.id.eu.jumpcloud.com/oauth2/token", ""},
		{"in", Options{URL: "https://Console.in.jumpcloud.com"}, "https://console.in.jumpcloud.com", "https://admin-oauth.id.in.jumpcloud.com/oauth2/token", ""},
		{"other", Options{URL: "https://jc.example:8443"}, "https://jc.example:8443", "https://jc.example:8443/oauth2/token", ""},
		{"token URL", Options{URL: "https://jc.example", TokenURL: "https://id.example/t"}, "https://jc.example", "https://id.example/t", ""},
		{"loopback", Options{URL: "http://127.0.0.1:8080"}, "http://127.0.0.1:8080", "http://127.0.0.1:8080/oauth2/token", ""},
		{"loopback of all", Options{URL: "http://127.9.9.9"}, "http://127.9.9.9", "http://127.9.9.9/oauth2/token", ""},
		{"loopback v6", Options{URL: "http://[::1]:80"}, "http://[::1]:80", "http://[::1]:80/oauth2/token", ""},
		{"localhost", Options{URL: "http://LOCALHOST"}, "http://localhost", "http://localhost/oauth2/token", ""},
		{"plain http", Options{URL: "http://jc.example"}, "", "", `URL "http://jc.example": only https, or http on loopback`},
		{"loopback in v6", Options{URL: "http://[::ffff:127.0.0.1]"}, "http://[::ffff:127.0.0.1]", "http://[::ffff:127.0.0.1]/oauth2/token", ""},
		{"a number that is loopback", Options{URL: "http://2130706433"}, "", "", `URL "http://2130706433": only https, or http on loopback`},
		{"short loopback", Options{URL: "http://127.1"}, "", "", `URL "http://127.1": only https, or http on loopback`},
		{"a zone", Options{URL: "http://[::1%25eth0]"}, "", "", `URL "http://[::1%25eth0]": only https, or http on loopback`},
		{"any address", Options{URL: "http://0.0.0.0"}, "", "", `URL "http://0.0.0.0": only https, or http on loopback`},
		{"localhost of somebody", Options{URL: "http://localhost.evil.example"}, "", "", `URL "http://localhost.evil.example": only https, or http on loopback`},
		{"loopback as a user", Options{URL: "http://127.0.0.1@evil.example"}, "", "", "URL holds a user name or password: remove it"},
		{"loopback before a backslash", Options{URL: `http://127.0.0.1\@evil.example`}, "", "", "URL: net/url: invalid userinfo"},
		{"loopback as a fragment", Options{URL: "http://evil.example#127.0.0.1"}, "", "", `URL "http://evil.example#127.0.0.1" has a query or fragment: remove it`},
		{"looks like loopback", Options{URL: "http://127.0.0.1.example"}, "", "", `URL "http://127.0.0.1.example": only https, or http on loopback`},
		{"another scheme", Options{URL: "ftp://127.0.0.1"}, "", "", `URL "ftp://127.0.0.1": only https, or http on loopback`},
		{"path", Options{URL: "https://console.jumpcloud.com/api/v2"}, "", "",
			"URL https://console.jumpcloud.com/api/v2 has the path /api/v2: give the host root, such as https://console.jumpcloud.com"},
		{"query", Options{URL: "https://console.jumpcloud.com?x=1"}, "", "", `URL "https://console.jumpcloud.com?x=1" has a query or fragment: remove it`},
		{"no scheme", Options{URL: "console.jumpcloud.com"}, "", "", `URL "console.jumpcloud.com" has no host: write it as https://console.jumpcloud.com`},
		{"password", Options{URL: "https://me:hunter2@jc.example"}, "", "", "URL holds a user name or password: remove it"},
		{"password without scheme", Options{URL: "me:hunter2@jc.example"}, "", "", "URL holds a user name or password: remove it"},
		{"no URL", Options{URL: "https://me:hunter2@jc.example:port"}, "", "", `URL: invalid port ":port" after host`},
		{"plain token URL", Options{TokenURL: "http://id.example/t"}, "", "", `token URL "http://id.example/t": only https, or http on loopback`},
		{"two credentials", Options{APIKey: "k", ClientID: "c", ClientSecret: "s"}, "", "", "both an API key and a service account: give one"},
		{"half a service account", Options{ClientID: "c"}, "", "", "a service account needs both client id and client secret"},
		{"other half", Options{ClientSecret: "s"}, "", "", "a service account needs both client id and client secret"},
		{"key with a line break", Options{APIKey: "hunter2\n"}, "", "", "the API key has a space, a line break or a character that cannot be sent"},
		{"org with a header", Options{OrgID: "a\r\nx-api-key: b"}, "", "", "the organization id has a space, a line break or a character that cannot be sent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := New(test.options)
			if text(err) != test.is {
				t.Fatalf("error %q, want %q", text(err), test.is)
			}
			if err != nil {
				return
			}
			if _, token, _ := endpoints(test.options.URL, test.options.TokenURL); c.root != test.root || token != test.token {
				t.Errorf("root %s, token URL %s; want %s, %s", c.root, token, test.root, test.token)
			}
		})
	}
}

func TestRegionURL(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, name := range []string{"us", "eu", "in", "US", "", "mars"} {
		if url, ok := RegionURL(name); ok {
			got[name] = url
		}
	}
	want := map[string]string{"us": "https://console.jumpcloud.com", "eu": "https://console.eu.jumpcloud.com", "in": "https://console.in.jumpcloud.com"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	var got http.Header
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		answerWith(200, `{"_id":"5f"}`)(w, r)
	}, func(o *Options) { o.UserAgent, o.OrgID = "rollcall/1", "4e" })
	if _, err := c.UpdateUser(t.Context(), "5f", map[string]bool{"sudo": false}); err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "Content-Length": {"14"}, "Content-Type": {"application/json"},
		"User-Agent": {"rollcall/1"}, "X-Api-Key": {"jca_key"}, "X-Org-Id": {"4e"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if _, err := c.GetUser(t.Context(), "5f"); err != nil {
		t.Fatal(err)
	}
	if got.Get("Content-Type") != "" {
		t.Error("a request without a body has a Content-Type")
	}
}

// A repeated request carries its whole body again, over a real connection.
func TestBodyIsRewound(t *testing.T) {
	t.Parallel()
	body := map[string]string{"description": strings.Repeat("long ", 100_000)}
	var mu sync.Mutex
	var sizes []int64
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		mu.Lock()
		sizes = append(sizes, n)
		last := len(sizes) == 3
		mu.Unlock()
		if !last {
			w.WriteHeader(503)
			return
		}
		answerWith(200, `{"_id":"5f"}`)(w, r)
	})
	if _, err := c.UpdateUser(t.Context(), "5f", body); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{500_018, 500_018, 500_018}, sizes); diff != "" {
		t.Errorf("bytes of the bodies (-want +got):\n%s", diff)
	}
}

// The log has a block for each attempt and nothing that must stay secret.
func TestDebugLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c, _ := serve(t, script(t, "429 ", `200 {"_id":"5f"}`), func(o *Options) { o.Debug = &log })
	if _, err := c.UpdateUser(t.Context(), "5f", map[string]string{"password": "hunter2"}); err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(strings.TrimSpace(log.String()), "\n\n")
	if len(blocks) != 2 || !strings.Contains(blocks[0], "\n< 429 ") || !strings.Contains(blocks[1], "\n< 200 ") {
		t.Errorf("log:\n%s", log.String())
	}
	if strings.Contains(log.String(), "hunter2") || strings.Contains(log.String(), "jca_key") {
		t.Errorf("a secret in the log:\n%s", log.String())
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	r := Record{"_id": []byte(`"5f"`), "name": []byte(`"Gr\u00fc\u00df"`), "n": []byte("7"), "nil": []byte("null"), "yes": []byte("true"), "no": []byte("false")}
	if r.ID() != "5f" || (Record{"id": []byte(`"6a"`)}).ID() != "6a" || Record(nil).ID() != "" {
		t.Error("ID is _id, id or nothing")
	}
	for name, want := range map[string]string{"name": "Grüß", "n": "", "nil": "", "yes": "", "absent": ""} {
		if got := r.Text(name); got != want {
			t.Errorf("Text(%q) = %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]bool{"yes": true, "no": false, "nil": false, "name": false, "absent": false} {
		if got := r.Bool(name); got != want {
			t.Errorf("Bool(%q) = %v, want %v", name, got, want)
		}
	}
}
