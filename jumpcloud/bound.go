package jumpcloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// bound limits the time and size of one request and its answer, and hands
// on whole bodies only, so that a body cut short is an error here, where it
// can be repeated.
type bound struct {
	next    http.RoundTripper
	timeout time.Duration
	size    int64 // bytes
}

// errTooLarge is an answer over the size: it would be so again.
type errTooLarge struct{ size int64 }

func (e errTooLarge) Error() string {
	return fmt.Sprintf("the answer is larger than %d MiB", e.size>>20)
}

// errNoAnswer is a request that took too long.
type errNoAnswer struct{ after time.Duration }

func (e errNoAnswer) Error() string { return fmt.Sprintf("no whole answer within %v", e.after) }

// TimedOut tells whether err is of a request that had no whole answer within
// Options.Timeout.
func TimedOut(err error) bool {
	var late errNoAnswer
	return errors.As(err, &late)
}

func (b bound) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), b.timeout)
	defer cancel()
	resp, err := b.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, b.explain(req, ctx, err)
	}
	defer resp.Body.Close()
	body, err := b.read(resp)
	if err != nil && resp.StatusCode < 400 { // the status of a failure says enough
		return nil, b.explain(req, ctx, err)
	}
	resp.Body = newWhole(body)
	dropBadLocation(resp.Header)
	return resp, nil
}

// dropBadLocation drops a Location that is no URL: http.Client, though it
// follows none, would make an error of it that looks worth repeating.
func dropBadLocation(h http.Header) {
	if _, err := url.Parse(h.Get("Location")); err != nil {
		h.Del("Location")
	}
}

// whole is a body that was read already.
type whole struct {
	*bytes.Reader
	all  []byte
	lost bool // of a request of which an earlier attempt may have been made
}

func newWhole(all []byte) *whole { return &whole{Reader: bytes.NewReader(all), all: all} }

func (*whole) Close() error { return nil }

// peek is the whole body of an answer, which stays readable.
func peek(resp *http.Response) ([]byte, error) {
	if w, ok := resp.Body.(*whole); ok {
		return w.all, nil
	}
	all, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = newWhole(all)
	return all, err
}

func (b bound) read(resp *http.Response) ([]byte, error) {
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= b.size {
		buf.Grow(int(n) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(io.LimitReader(resp.Body, b.size+1))
	if int64(buf.Len()) > b.size {
		return buf.Bytes()[:b.size], errTooLarge{b.size}
	}
	if err != nil {
		return buf.Bytes(), fmt.Errorf("the answer was cut short: %w", err)
	}
	return buf.Bytes(), nil
}

// explain says which clock ran out: a caller's own end is passed on, ours is
// named.
func (b bound) explain(req *http.Request, ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && req.Context().Err() == nil {
		return errNoAnswer{b.timeout}
	}
	return err
}
