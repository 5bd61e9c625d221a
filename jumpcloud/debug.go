package jumpcloud

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// counter counts what is sent.
type counter struct {
	next http.RoundTripper
	sent *atomic.Int64
}

func (c counter) RoundTrip(req *http.Request) (*http.Response, error) {
	c.sent.Add(1)
	return c.next.RoundTrip(req)
}

// debug writes a line a request: method, path, status or error, duration.
// Queries, headers and bodies hold people's data and credentials, so they
// are left out.
type debug struct {
	next    http.RoundTripper
	now     func() time.Time
	secrets *secrets
	mu      sync.Mutex
	to      io.Writer
}

func (d *debug) RoundTrip(req *http.Request) (*http.Response, error) {
	start := d.now()
	resp, err := d.next.RoundTrip(req)
	took := d.now().Sub(start).Round(time.Millisecond)
	result := ""
	if err != nil {
		result = clean(d.secrets.redact(err.Error()))
	} else {
		result = strconv.Itoa(resp.StatusCode)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.to, "%s %s %s %v\n", req.Method, req.URL.EscapedPath(), result, took)
	return resp, err
}
