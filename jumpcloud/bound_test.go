package jumpcloud

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func TestBound(t *testing.T) {
	t.Parallel()
	cut := func(status int) *http.Response {
		r := reply(status, "")
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF)))
		return r
	}
	sized := func(size int64) *http.Response {
		r := reply(200, "12345678")
		r.ContentLength = size
		return r
	}
	tests := []struct {
		name   string
		answer *http.Response
		body   string
		err    string
	}{
		{"empty", reply(204, ""), "", ""},
		{"fits", reply(200, "12345678"), "12345678", ""},
		{"fits with a length", sized(8), "12345678", ""},
		{"a wrong length does no harm", sized(1 << 40), "12345678", ""},
		{"too large", reply(200, "123456789"), "", "the answer is larger than 0 MiB"},
		{"cut", cut(200), "", "the answer was cut short: unexpected EOF"},
		{"cut failure keeps its status", cut(401), "half", ""},
		{"large failure keeps its status", reply(500, "123456789"), "12345678", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := bound{timeout: time.Hour, size: 8, next: roundTrip(func(*http.Request) (*http.Response, error) { return test.answer, nil })}
			resp, err := b.RoundTrip(get(t, "/api/systemusers"))
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("error %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(resp.Body); string(body) != test.body || err != nil {
				t.Errorf("body %q, %v, want %q", body, err, test.body)
			}
		})
	}
}

func TestBoundTime(t *testing.T) {
	t.Parallel()
	never := roundTrip(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	synctest.Test(t, func(t *testing.T) {
		b := bound{next: never, timeout: time.Minute, size: 8}
		_, err := b.RoundTrip(get(t, "/api/systemusers"))
		if err == nil || err.Error() != "no whole answer within 1m0s" || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want one that names our own limit", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.RoundTrip(get(t, "/").WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the caller's deadline", err)
		}
	})
}
