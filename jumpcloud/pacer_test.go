package jumpcloud

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// meter is a server that takes a while and keeps when requests came and how
// many were there at once.
type meter struct {
	mu     sync.Mutex
	takes  time.Duration
	now    int
	most   int
	starts []time.Time
	status func(n int) int // of the n-th request
}

func (m *meter) RoundTrip(*http.Request) (*http.Response, error) {
	m.mu.Lock()
	m.now++
	m.most = max(m.most, m.now)
	m.starts = append(m.starts, time.Now())
	n := len(m.starts)
	m.mu.Unlock()
	time.Sleep(m.takes)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now--
	if m.status == nil {
		return reply(200, ""), nil
	}
	return reply(m.status(n), "", "Retry-After", "0"), nil
}

// flood sends n requests side by side and waits for all.
func flood(t *testing.T, h http.RoundTripper, n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if _, err := h.RoundTrip(get(t, "/api/systemusers")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// Time in these tests is that of testing/synctest: nothing really sleeps.

func TestPacerParallel(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 3, 8} {
		synctest.Test(t, func(t *testing.T) {
			m := &meter{takes: time.Second}
			flood(t, newPacer(m, parallel, -1, sleepFor), 40)
			if m.most != parallel {
				t.Errorf("%d requests at once, want %d", m.most, parallel)
			}
		})
	}
}

func TestPacerRate(t *testing.T) {
	t.Parallel()
	for _, perMinute := range []int{1, 2, 10, 60, 600, 6000} {
		synctest.Test(t, func(t *testing.T) {
			m := &meter{}
			requests := min(perMinute*3+5, 2000)
			began := time.Now()
			flood(t, newPacer(m, 8, perMinute, sleepFor), requests)
			for i, from := range m.starts {
				n := 0
				for n+i < len(m.starts) && m.starts[n+i].Sub(from) < time.Minute {
					n++
				}
				if n > perMinute {
					t.Fatalf("%d requests in the minute from %v, want at most %d", n, from.Sub(began), perMinute)
				}
			}
			if want := time.Duration(requests) * time.Minute / time.Duration(perMinute) * 5 / 4; time.Since(began) > want {
				t.Errorf("%d requests at %d a minute took %v, want at most %v", requests, perMinute, time.Since(began), want)
			}
		})
	}
}

func TestPacerSmallOrganizationDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		flood(t, newPacer(&meter{}, defaultParallel, defaultRate, sleepFor), 60)
		if took := time.Since(began); took != 0 {
			t.Errorf("60 requests waited %v", took)
		}
	})
}

func TestPacerHalvesAndRises(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &meter{takes: time.Second, status: func(n int) int {
			if n <= 8 {
				return 429
			}
			return 200
		}}
		p := newPacer(m, 8, -1, sleepFor)
		steps := []struct {
			name     string
			requests int
			most     int
		}{
			{"first", 8, 8},
			{"eight complaints at once halve once", 19, 4},
			{"a sixteenth more does not give a whole slot", 10, 4},
			{"two sixteenths do", 20, 5},
			{"all the way up", 160, 8},
		}
		for _, step := range steps {
			m.most = 0
			flood(t, p, step.requests)
			if m.most != step.most {
				t.Errorf("%s: %d requests at once, want %d", step.name, m.most, step.most)
			}
		}
		if p.share != 1 || p.width != 8 || len(p.slots) != 8 || p.owed != 0 {
			t.Errorf("share %v, width %d, %d free, %d owed; want 1, 8, 8, 0", p.share, p.width, len(p.slots), p.owed)
		}
	})
}

func TestPacerKeepsOneSlot(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 503} {
		synctest.Test(t, func(t *testing.T) {
			m := &meter{takes: time.Second, status: func(int) int { return status }}
			p := newPacer(m, 4, 60, sleepFor)
			for range 12 {
				flood(t, p, 5)
			}
			m.most = 0
			flood(t, p, 5)
			if m.most != 1 || p.share != minShare {
				t.Errorf("%d at once with share %v, want 1 and %v", m.most, p.share, minShare)
			}
			if got, want := float64(p.limiter.Limit()), float64(p.refill)*minShare; got != want {
				t.Errorf("%v requests a second, want %v", got, want)
			}
		})
	}
}

func TestPacerHoldsEverybody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := true
		p := newPacer(roundTrip(func(*http.Request) (*http.Response, error) {
			if first {
				first = false
				return reply(429, "", "Retry-After", "20"), nil
			}
			return reply(200, ""), nil
		}), 8, -1, sleepFor)
		flood(t, p, 1)
		began := time.Now()
		flood(t, p, 1)
		if waited := time.Since(began); waited != 20*time.Second {
			t.Errorf("waited %v, want 20s", waited)
		}
	})
}

func TestPacerGivesSlotsBack(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	p := newPacer(roundTrip(func(*http.Request) (*http.Response, error) { return nil, broken }), 1, -1, noSleep)
	for range 3 {
		if _, err := p.RoundTrip(get(t, "/api/systemusers")); !errors.Is(err, broken) {
			t.Fatalf("error %v, want %v", err, broken)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.RoundTrip(get(t, "/").WithContext(ctx)); !errors.Is(err, context.Canceled) || !notMade(err) {
		t.Errorf("error %v, want a cancellation before it was sent", err)
	}
	if len(p.slots) != 1 {
		t.Errorf("%d slots free, want 1", len(p.slots))
	}
}

// Whoever wants to know is told until when nothing starts, once for each longer
// wait.
func TestPacerTellsOfWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []time.Duration
		begin := time.Now()
		asks := []string{"60", "10", "90"}
		p := newPacer(roundTrip(func(*http.Request) (*http.Response, error) {
			resp := &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": asks[:1]}, Body: http.NoBody}
			asks = asks[1:]
			return resp, nil
		}), 1, -1, func(context.Context, time.Duration) error { return nil })
		p.throttled = func(until time.Time) { told = append(told, until.Sub(begin)) }
		for range 3 {
			req, err := http.NewRequest(http.MethodGet, "https://console.jumpcloud.com/", nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.RoundTrip(req); err != nil {
				t.Fatal(err)
			}
		}
		if want := []time.Duration{60 * time.Second, 90 * time.Second}; !slices.Equal(told, want) {
			t.Errorf("told of %v, want %v", told, want)
		}
	})
}
