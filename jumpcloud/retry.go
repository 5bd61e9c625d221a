package jumpcloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	maxRetries  = 4
	backoffMin  = time.Second
	backoffMax  = 30 * time.Second
	maxHoldTime = 5 * time.Minute // a server that asks for more gets no further request
)

// retry repeats what may succeed the next time. go-retryablehttp rewinds the
// body and counts; what is repeated and how long to wait is decided here.
type retry struct {
	next   http.RoundTripper
	safe   func(*http.Request) bool // may be repeated although it may have been made
	sleep  func(context.Context, time.Duration) error
	random func() float64 // in [0,1)
}

func (r retry) RoundTrip(req *http.Request) (*http.Response, error) {
	var wait time.Duration
	lost := false // an attempt that is repeated may have been made
	client := retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: r.next, CheckRedirect: noRedirect},
		RetryMax:     maxRetries,
		RetryWaitMin: backoffMin,
		RetryWaitMax: backoffMax,
		CheckRetry: func(ctx context.Context, resp *http.Response, err error) (bool, error) {
			again := ctx.Err() == nil && r.again(req, resp, err)
			lost = lost || again && mayBeMade(resp, err)
			return again, nil
		},
		// The library's own timer cannot be replaced: it gets no wait, and
		// PrepareRetry sleeps.
		Backoff: func(shortest, longest time.Duration, attempt int, _ *http.Response) time.Duration {
			wait = backoff(shortest, longest, attempt, r.random())
			return 0
		},
		PrepareRetry: func(req *http.Request) error { return r.sleep(req.Context(), wait) },
		ErrorHandler: onlyOne,
	}
	repeated, err := retryablehttp.FromRequest(req)
	if err != nil {
		return nil, errNotSent{err}
	}
	resp, err := client.Do(repeated)
	return afterLost(lost, resp, err)
}

// mayBeMade tells whether an attempt that failed may have been made.
func mayBeMade(resp *http.Response, err error) bool {
	if err != nil {
		return !notMade(err)
	}
	return resp.StatusCode >= http.StatusInternalServerError
}

// errLost marks the failure of a request of which an earlier attempt may have
// been made.
type errLost struct{ cause error }

func (e errLost) Error() string { return e.cause.Error() }
func (e errLost) Unwrap() error { return e.cause }

// afterLost marks what came of the last attempt: whatever it says, a refused
// credential for example, an earlier one may have been made.
func afterLost(lost bool, resp *http.Response, err error) (*http.Response, error) {
	switch {
	case !lost:
		return resp, err
	case err != nil:
		return nil, errLost{err}
	}
	body, err := peek(resp)
	w := newWhole(body)
	w.lost = true
	resp.Body = w
	return resp, err
}

// onlyOne keeps RoundTrip's promise: an answer or an error.
func onlyOne(resp *http.Response, err error, _ int) (*http.Response, error) {
	if err == nil {
		return resp, nil
	}
	if resp != nil {
		resp.Body.Close()
	}
	return nil, err
}

// backoff doubles from the shortest wait to the longest, of which at least
// half is waited.
func backoff(shortest, longest time.Duration, attempt int, random float64) time.Duration {
	d := min(shortest<<min(attempt, 16), longest)
	return d/2 + time.Duration(random*float64(d/2))
}

// again tells whether to repeat. A 429 wrote nothing; after any other
// failure only what is safe is repeated, or what was never sent.
func (r retry) again(req *http.Request, resp *http.Response, err error) bool {
	if err != nil {
		return !permanent(err) && (r.safe(req) || notMade(err))
	}
	if wait, ok := retryAfter(resp, time.Now()); ok && wait > maxHoldTime {
		return false
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return r.safe(req)
	}
	return false
}

// safePosts are the POSTs that may be made twice (facts.md section 11). Not
// among them: creating users, groups and keys, and setting a password, which
// a password history refuses the second time.
var safePosts = regexp.MustCompile(`^/api/search/|^/api/v2/usergroups/[^/]+/members$|^/api/systemusers/[^/]+/(state/(activate|suspend)|unlock)$`)

// repeatable tells whether an API request may be made twice. A PUT with a
// password may not: a password history refuses the second one.
func repeatable(req *http.Request) bool {
	if req.Method == http.MethodPut {
		return !req.URL.Query().Has(passwordDetails)
	}
	return req.Method != http.MethodPost || safePosts.MatchString(req.URL.Path)
}

// anyRequest is what may be made twice of token requests.
func anyRequest(*http.Request) bool { return true }

// permanent tells whether an error would come again.
func permanent(err error) bool {
	var (
		answered  *Error
		tooLarge  errTooLarge
		cert      *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		plain     tls.RecordHeaderError
	)
	return errors.As(err, &answered) || errors.As(err, &tooLarge) || errors.As(err, &cert) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &plain)
}

// notMade tells whether a request that failed was certainly not sent: it
// failed before, or no connection could be made.
func notMade(err error) bool {
	var before errNotSent
	var network *net.OpError
	return errors.As(err, &before) || errors.As(err, &network) && (network.Op == "dial" || network.Op == "proxyconnect")
}

// retryAfter is how long an answer asks to wait, in seconds or until a date;
// a date is judged by the server's own clock if it sends that.
func retryAfter(resp *http.Response, now time.Time) (time.Duration, bool) {
	text := resp.Header.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now = date
	}
	return max(0, at.Sub(now)), true
}

// asksTooLong is what to add to the message of an answer that asks for a
// wait that is not worth it, "" for others.
func asksTooLong(header http.Header) string {
	if wait, ok := retryAfter(&http.Response{Header: header}, time.Now()); ok && wait > maxHoldTime {
		return "; the server asks to wait " + roughly(wait)
	}
	return ""
}

// roughly is a time in words: minutes below an hour, hours below a day.
func roughly(d time.Duration) string {
	switch {
	case d > 24*time.Hour:
		return "for more than a day"
	case d > 2*time.Hour:
		return fmt.Sprintf("%d hours", (d+time.Hour-1)/time.Hour)
	}
	return fmt.Sprintf("%d minutes", (d+time.Minute-1)/time.Minute)
}
