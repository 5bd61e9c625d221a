package jumpcloud

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"
)

// debugBody is how many bytes of a body are shown.
const debugBody = 4096

// counter counts what is sent.
type counter struct {
	next http.RoundTripper
	sent *atomic.Int64
}

func (c counter) RoundTrip(req *http.Request) (*http.Response, error) {
	c.sent.Add(1)
	return c.next.RoundTrip(req)
}

// debug writes a block for each request when it has ended, in one Write:
// lines with > are what was sent, lines with < what came back. Credentials,
// tokens and passwords are redacted; people's data is not.
type debug struct {
	next    http.RoundTripper
	now     func() time.Time
	secrets *secrets
	mu      sync.Mutex
	to      io.Writer
}

func (d *debug) RoundTrip(req *http.Request) (*http.Response, error) {
	req, sent, err := withBody(req)
	if err != nil {
		return nil, errNotSent{err}
	}
	start := d.now()
	resp, err := d.next.RoundTrip(req)
	b := block{mask: d.secrets.mask(sent), took: d.now().Sub(start).Round(time.Millisecond)}
	b.request(req, sent)
	if err == nil {
		err = b.answer(resp)
	} else {
		b.line("<", err.Error()+b.after())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintln(d.to, b.text.String())
	return resp, err
}

// withBody is a request whose body was read, and the body.
func withBody(req *http.Request) (*http.Request, []byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, nil, nil
	}
	body, err := io.ReadAll(req.Body)
	req.Body.Close()
	req = req.Clone(req.Context())
	req.Body = newWhole(body)
	return req, body, err
}

// block is the text about one request.
type block struct {
	mask
	took time.Duration
	text strings.Builder
}

func (b *block) request(req *http.Request, body []byte) {
	u := *req.URL
	u.RawQuery = b.query(u.RawQuery)
	b.line(">", req.Method+" "+u.String())
	b.header(">", req.Header)
	b.body(">", req.Header.Get("Content-Type"), body)
}

func (b *block) answer(resp *http.Response) error {
	body, err := peek(resp)
	status := strings.TrimSpace(fmt.Sprint(resp.StatusCode, " ", http.StatusText(resp.StatusCode)))
	b.line("<", status+b.after())
	b.header("<", resp.Header)
	b.body("<", resp.Header.Get("Content-Type"), body)
	return err
}

func (b *block) after() string { return fmt.Sprintf(" after %v", b.took) }

func (b *block) header(sign string, h http.Header) {
	var names []string
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range h[name] {
			if secretHeader(name) {
				value = redacted
			}
			b.line(sign, name+": "+pairs(value))
		}
	}
}

func (b *block) body(sign, contentType string, body []byte) {
	if len(body) == 0 {
		return
	}
	b.line(sign, "")
	text := strings.ToValidUTF8(b.bodyText(contentType, body), "\uFFFD")
	for line := range strings.Lines(shortened(text, debugBody)) {
		b.line(sign, strings.TrimRight(line, "\r\n"))
	}
	if len(text) > debugBody {
		b.line(sign, fmt.Sprintf("... of %d bytes", len(body)))
	}
}

// line writes one line, whatever is in it.
func (b *block) line(sign, text string) {
	b.text.WriteString(strings.TrimRight(sign+" "+printable(b.redact(text)), " "))
	b.text.WriteByte('\n')
}

// shortened is a text of at most so many bytes.
func shortened(text string, to int) string {
	if len(text) <= to {
		return text
	}
	for !utf8.RuneStart(text[to]) {
		to--
	}
	return text[:to]
}

// printable is a text with \u escapes in place of what controls a terminal
// or is not seen.
func printable(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case unicode.IsPrint(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
