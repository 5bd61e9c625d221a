package jumpcloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// Whatever fails first, the error is that of the lowest index, and nothing
// is begun after it.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	const limit = 4
	later := make(chan struct{})
	var begun atomic.Int32
	err := SideBySide(t.Context(), 100, limit, func(ctx context.Context, i int) error {
		begun.Add(1)
		switch i {
		case 1:
			<-later // fails after 2 has
			return fmt.Errorf("error %d of %v", i, ctx.Err())
		case 2:
			defer close(later)
			return errors.New("error 2")
		}
		<-later
		return nil
	})
	if err == nil || err.Error() != "error 1 of <nil>" {
		t.Errorf("got %v", err)
	}
	if n := begun.Load(); n > limit+1 {
		t.Errorf("%d begun", n)
	}
}

func TestSideBySideEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var done atomic.Int32
	err := SideBySide(ctx, 10, 1, func(context.Context, int) error {
		done.Add(1)
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || done.Load() != 1 {
		t.Errorf("got %v after %d", err, done.Load())
	}
	if err := SideBySide(t.Context(), 0, 1, nil); err != nil {
		t.Error(err)
	}
}

// Of a list of which several pages fail, the first of them is reported.
func TestListFailsAtTheFirst(t *testing.T) {
	t.Parallel()
	later := make(chan struct{})
	good := collection{n: 900}
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch skip, _ := strconv.Atoi(r.URL.Query().Get("skip")); skip {
		case 200:
			<-later
			http.Error(w, "page 200", http.StatusBadRequest)
		case 300:
			http.Error(w, "page 300", http.StatusBadRequest)
			close(later)
		default:
			good.ServeHTTP(w, r)
		}
	})
	_, _, err := List(t.Context(), c, Users(nil, nil), ids)
	if err == nil || !strings.Contains(err.Error(), "page 200") {
		t.Errorf("got %v", err)
	}
}
