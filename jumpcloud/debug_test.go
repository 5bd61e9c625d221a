package jumpcloud

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// clock ticks 12 ms each time it is asked.
func clock() func() time.Time {
	var n atomic.Int64
	return func() time.Time { return time.Unix(0, n.Add(1)*12_300_000) }
}

// debugged is what --debug shows of one request.
func debugged(t *testing.T, known *secrets, req *http.Request, resp *http.Response, err error) string {
	t.Helper()
	var out strings.Builder
	d := &debug{to: &out, secrets: known, now: clock(), next: roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.Body != nil {
			if body, readErr := io.ReadAll(req.Body); len(body) == 0 || readErr != nil {
				t.Errorf("the body that is sent: %q, %v", body, readErr)
			}
		}
		return resp, err
	})}
	got, gotErr := d.RoundTrip(req)
	if got != resp || !errors.Is(gotErr, err) {
		t.Errorf("handed on %v, %v", got, gotErr)
	}
	return out.String()
}

func TestDebug(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		req  *http.Request
		resp *http.Response
		err  error
		want string
	}{
		{"answer", get(t, "/api/systemusers?limit=100"), reply(200, `{"b":1,"a":"é"}`, "Content-Type", "application/json", "Etag", "x"), nil,
			"> GET https://jc.example/api/systemusers?limit=100\n> X-Api-Key: [redacted]\n" +
				"< 200 OK after 12ms\n< Content-Type: application/json\n< Etag: x\n<\n< {\"a\":\"é\",\"b\":1}\n\n"},
		{"body", post(t, "/api/systemusers", `{"username":"mira","password":"hunter2","public_key":"ssh-ed25519 AAAA"}`), reply(204, ""), nil,
			"> POST https://jc.example/api/systemusers\n> X-Api-Key: [redacted]\n>\n" +
				"> {\"password\":\"[redacted]\",\"public_key\":\"ssh-ed25519 AAAA\",\"username\":\"mira\"}\n< 204 No Content after 12ms\n\n"},
		{"error", get(t, "/api/systemusers"), nil, errors.New("bad\nluck with jca_key"),
			"> GET https://jc.example/api/systemusers\n> X-Api-Key: [redacted]\n< bad\\u000aluck with [redacted] after 12ms\n\n"},
		{"path on one line", get(t, "/api/systemusers/a%0Ab"), reply(599, "one\r\n\ntwo\x1b[31m"), nil,
			"> GET https://jc.example/api/systemusers/a%0Ab\n> X-Api-Key: [redacted]\n< 599 after 12ms\n<\n< one\n<\n< two\\u001b[31m\n\n"},
		{"long", get(t, "/"), reply(200, strings.Repeat("é", debugBody)), nil,
			"> GET https://jc.example/\n> X-Api-Key: [redacted]\n< 200 OK after 12ms\n<\n< " + strings.Repeat("é", debugBody/2) + "\n< ... of 8192 bytes\n\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := debugged(t, newSecrets("jca_key"), withHeader(test.req, "x-api-key", "jca_key"), test.resp, test.err)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// forms are ways to write a secret.
func forms(secret string) map[string]string {
	quoted, _ := json.Marshal(secret)
	twice, _ := json.Marshal(string(quoted))
	var units, entities, hexes strings.Builder
	for _, r := range secret {
		fmt.Fprintf(&units, `\u%04X`, r)
		fmt.Fprintf(&entities, "&#x%X;", r)
		fmt.Fprintf(&hexes, "%%%02x", r)
	}
	return map[string]string{
		"plain": secret, "JSON": inside(quoted), "JSON twice": inside(twice), "JSON units": units.String(),
		"query": url.QueryEscape(secret), "query twice": url.QueryEscape(url.QueryEscape(secret)), "path": url.PathEscape(secret), "all hex": hexes.String(),
		"HTML": html.EscapeString(secret), "entities": entities.String(), "Go": strings.Trim(strconv.QuoteToASCII(secret), `"`),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "basic": base64.StdEncoding.EncodeToString([]byte("someone:" + secret)),
		"basic within": base64.RawURLEncoding.EncodeToString([]byte("xy" + secret + "z")),
	}
}

func inside(quoted []byte) string { return string(quoted[1 : len(quoted)-1]) }

// hidden fails if a text has a secret, or half of one, in any form.
func hidden(t *testing.T, where, text, secret string) {
	t.Helper()
	for name, form := range forms(secret) {
		for _, half := range []string{form[:len(form)/2], form[len(form)/2:]} {
			if strings.Contains(text, half) {
				t.Errorf("%s: %s form %q is in:\n%s", where, name, half, text)
			}
		}
	}
}

// Wherever a secret is, and however it is written, --debug does not show it.
func TestDebugShowsNoSecret(t *testing.T) {
	t.Parallel()
	const key, password = `jca_Zm9v"<&+/Kd83`, `hün"ter <2>&\'+%41`
	known := newSecrets(key)
	for _, secret := range []string{key, password} {
		for name, form := range forms(secret) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for where, text := range planted(t, secret, form) {
					got := debugged(t, known, withHeader(text.req, "x-api-key", key), text.resp, text.err)
					hidden(t, where+" as "+name, got, secret)
					if !strings.Contains(got, redacted) {
						t.Errorf("%s: nothing is redacted in:\n%s", where, got)
					}
				}
			})
		}
	}
}

type exchange struct {
	req  *http.Request
	resp *http.Response
	err  error
}

// planted are requests and answers with one form of a secret in each place.
func planted(t *testing.T, secret, form string) map[string]exchange {
	// Every request sends the secret, so what comes back repeats it.
	body, err := json.Marshal(map[string]any{"username": "mira", "password": secret})
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(form)
	if err != nil {
		t.Fatal(err)
	}
	set := func(adjust func(*http.Request)) *http.Request {
		req := post(t, "/api/systemusers", string(body))
		adjust(req)
		return req
	}
	plain := func() *http.Request { return set(func(*http.Request) {}) }
	return map[string]exchange{
		"sent":          {plain(), reply(200, "{}"), nil},
		"sent header":   {set(func(r *http.Request) { r.Header.Set("X-Other", form) }), reply(200, ""), nil},
		"query":         {set(func(r *http.Request) { r.URL.RawQuery = "filter=" + form }), reply(200, ""), nil},
		"header":        {plain(), reply(200, "", "X-Echo", form), nil},
		"JSON":          {plain(), reply(200, fmt.Sprintf(`{"a":[{"b":%s}]}`, quoted)), nil},
		"JSON name":     {plain(), reply(200, fmt.Sprintf(`{"a":{%s:1}}`, quoted)), nil},
		"JSON in JSON":  {plain(), reply(200, fmt.Sprintf(`{"a":%q}`, fmt.Sprintf(`{"b":%s}`, quoted))), nil},
		"cut JSON":      {plain(), reply(200, fmt.Sprintf(`{"a":[{"b":%s}`, quoted)), nil},
		"error body":    {plain(), reply(400, fmt.Sprintf(`{"message":%s}`, quoted)), nil},
		"HTML":          {plain(), reply(503, "<html><title>"+form+"</title><p class='"+form+"'>", "Content-Type", "text/html"), nil},
		"text":          {plain(), reply(500, "no: "+form), nil},
		"the cut":       {plain(), reply(500, strings.Repeat("x ", debugBody/2-2)+form), nil},
		"error":         {plain(), nil, errors.New("no: " + form)},
		"not the first": {plain(), reply(200, fmt.Sprintf(`{"a":"x","b":%s,"c":%s}`, quoted, quoted)), nil},
	}
}

// What is secret by its place is not shown although nobody has told it.
func TestDebugShowsNoUnknownSecret(t *testing.T) {
	t.Parallel()
	const secret = "Unknown-Zq81"
	basic := base64.StdEncoding.EncodeToString([]byte("client:" + secret))
	for name, x := range map[string]exchange{
		"authorization":   {withHeader(get(t, "/"), "Authorization", "Bearer "+secret), reply(200, ""), nil},
		"basic":           {withHeader(get(t, "/"), "Authorization", "Basic "+basic), reply(200, ""), nil},
		"proxy":           {withHeader(get(t, "/"), "Proxy-Authorization", "Basic "+basic), reply(200, ""), nil},
		"cookie":          {withHeader(get(t, "/"), "Cookie", "a="+secret), reply(200, "", "Set-Cookie", "_xsrf="+secret+"; HttpOnly"), nil},
		"token header":    {withHeader(get(t, "/"), "X-Auth-Token", secret), reply(200, ""), nil},
		"query":           {get(t, "/?a=1&api%5Fkey="+secret+"&b=2"), reply(200, ""), nil},
		"userinfo":        {get(t, "/"), reply(302, "", "Location", "https://me:"+secret+"@jc.example/"), nil},
		"userinfo failed": {get(t, "/"), nil, errors.New(`proxyconnect tcp: "http://me:` + secret + `@proxy": refused`)},
		"location":        {get(t, "/"), reply(302, "", "Location", "/login?token="+secret), nil},
		"token answer":    {get(t, "/"), reply(200, `{"access_token":"`+secret+`","expires_in":3600,"token_type":"bearer"}`), nil},
		"token form":      {get(t, "/"), reply(200, "access_token="+secret+"&expires_in=3600"), nil},
		"form sent":       {withHeader(post(t, "/", "grant_type=x&client_secret="+secret), "Content-Type", "application/x-www-form-urlencoded"), reply(200, ""), nil},
		"nested":          {get(t, "/"), reply(200, `{"a":[{"clientSecrets":[{"value":"`+secret+`"}]}]}`), nil},
		"number":          {get(t, "/"), reply(200, `{"password":{"old":8117226190,"new":"`+secret+`"}}`), nil},
		"escaped name":    {get(t, "/"), reply(200, `{"p\u0061ssword":"`+secret+`"}`), nil},
		"in a text":       {get(t, "/"), reply(200, `{"message":"{\"password\":\"`+secret+`\"}"}`), nil},
		"cut JSON":        {get(t, "/"), reply(200, `{"user":{"p\u0061ssword": "`+secret+`","a":1`), nil},
		"HTML":            {get(t, "/"), reply(200, `<script>var apiKey = '`+secret+`'</script>`), nil},
		"new key":         {get(t, "/"), reply(200, `{"key":"jca_`+strings.ReplaceAll(secret, "-", "")+`"}`), nil},
		"connect key":     {get(t, "/"), reply(200, `{"connectKey":"`+secret+`"}`), nil},
	} {
		got := debugged(t, newSecrets(), x.req, x.resp, x.err)
		if strings.Contains(got, "Zq81") || strings.Contains(got, "8117226190") || strings.Contains(got, basic[8:]) || !strings.Contains(got, redacted) {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

// What is no secret is shown: public keys, settings, tokens' lives.
func TestDebugShowsTheRest(t *testing.T) {
	t.Parallel()
	const body = `{"expires_in":3600,"password_expiration_date":"2026-11-25","password_never_expires":true,"passwordless_sudo":false,` +
		`"public_key":"ssh-ed25519 AAAA","ssh_keys":[{"name":"a","public_key":"ssh-rsa BBBB"}],"token_type":"bearer"}`
	if got := debugged(t, newSecrets("jca_key"), get(t, "/"), reply(200, body), nil); !strings.Contains(got, "< "+body+"\n") {
		t.Errorf("not as it is:\n%s", got)
	}
}

// Nothing that a server sends controls the terminal or begins a line.
func TestDebugIsPrintable(t *testing.T) {
	t.Parallel()
	const hostile = "a\x1b]8;;x\x07\u202e\u2066\u200b\u3164\u009b\xff\U000e0041 b"
	quoted := strconv.Quote(hostile)
	got := debugged(t, newSecrets(), get(t, "/?"+url.QueryEscape(hostile)), reply(200, hostile+"\n> GET /forged", "X-A", hostile, "X-B", quoted), nil)
	for line := range strings.Lines(strings.TrimSuffix(got, "\n")) {
		if line[0] != '<' && line[0] != '>' || strings.Contains(line[1:], "> GET") && line[0] == '>' {
			t.Errorf("a line of its own: %q", line)
		}
	}
	for _, r := range got {
		if r != '\n' && !unicode.IsPrint(r) || r == '\u3164' {
			t.Errorf("%U is in %q", r, got)
		}
	}
}

// oneWrite fails a test when a block comes in parts.
type oneWrite struct {
	t      *testing.T
	blocks atomic.Int64
}

func (o *oneWrite) Write(p []byte) (int, error) {
	o.blocks.Add(1)
	if text := string(p); !strings.HasPrefix(text, "> GET ") || !strings.HasSuffix(text, "\n\n") || strings.Count(text, "> GET ") != 1 {
		o.t.Errorf("no whole block: %q", text)
	}
	return len(p), nil
}

func TestDebugInParallel(t *testing.T) {
	t.Parallel()
	out := &oneWrite{t: t}
	c, _ := serve(t, answerWith(200, `{"_id":"5f"}`), func(o *Options) { o.Debug = out })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.GetUser(t.Context(), "5f"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if out.blocks.Load() != 20 {
		t.Errorf("%d blocks, want 20", out.blocks.Load())
	}
}

// A service account's whole way, with a server that repeats all it gets.
func TestDebugServiceAccount(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, `{"access_token":"t0ken-t0ken","expires_in":3600,"echo":%q}`, fmt.Sprint(r.Header, string(body)))
	}, account, func(o *Options) { o.Debug = &out })
	if err := c.SetPassword(t.Context(), "5f", "hunter2-hunter2"); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"s3cret/word", "t0ken-t0ken", "hunter2-hunter2"} {
		hidden(t, "debug", out.String(), secret)
	}
	if blocks := strings.Count(out.String(), "\n\n"); blocks != 2 {
		t.Errorf("%d blocks, want one for the token and one for the password:\n%s", blocks, &out)
	}
}

// A long secret is found in parts, and one that is hex, too.
func TestRedactLong(t *testing.T) {
	t.Parallel()
	long := hex.EncodeToString([]byte(strings.Repeat("0123456789", 20)))
	known := newSecrets(long)
	for _, text := range []string{long, "a%" + long + "b", long[:pieceLength] + " " + long[len(long)-pieceLength:]} {
		if got := known.redact(text); strings.Contains(got, "303132") {
			t.Errorf("%.80q", got)
		}
	}
}

func TestCounter(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	c := counter{sent: &sent, next: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errCut })}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { c.RoundTrip(get(t, "/")) })
	}
	wg.Wait()
	if sent.Load() != 10 {
		t.Errorf("counted %d, want 10, failures too", sent.Load())
	}
}
