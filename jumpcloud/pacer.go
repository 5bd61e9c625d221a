package jumpcloud

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	minShare  = 1.0 / 32 // of the ceilings, however often the server complains
	riseShare = 1.0 / 16 // added at a time
	riseAfter = 20       // answers without a complaint
)

// pacer keeps a client below its two ceilings: requests at once, and
// requests in any minute. After a 429 or 503 both are halved; they rise
// again slowly. A Retry-After holds everybody.
type pacer struct {
	next     http.RoundTripper
	sleep    func(context.Context, time.Duration) error
	now      func() time.Time
	parallel int
	refill   rate.Limit
	// throttled is told, with mu held, until when nothing starts; nil tells nobody.
	throttled func(until time.Time)
	limiter   *rate.Limiter
	slots     chan struct{} // a token for each request that may start

	mu    sync.Mutex
	share float64   // of the ceilings that is used
	width int       // requests at once that share allows
	owed  int       // tokens to be taken back as requests end
	epoch int       // counts halvings
	calm  int       // answers since the last change
	until time.Time // nothing starts before
}

// newPacer makes a pacer for so many requests at once, and so many in any
// minute; perMinute below 0 is no ceiling.
func newPacer(next http.RoundTripper, parallel, perMinute int, sleep func(context.Context, time.Duration) error) *pacer {
	refill, burst := pace(perMinute)
	p := &pacer{
		next: next, sleep: sleep, now: time.Now, parallel: parallel,
		refill: refill, limiter: rate.NewLimiter(refill, burst),
		slots: make(chan struct{}, parallel), share: 1, width: parallel,
	}
	for range parallel {
		p.slots <- struct{}{}
	}
	return p
}

// pace splits a minute's budget so that no minute ever has more: a tenth may
// go out at once, so that a small organization does not wait at all, and the
// rest follows evenly.
func pace(perMinute int) (refill rate.Limit, burst int) {
	if perMinute < 0 {
		return rate.Inf, 1
	}
	burst = max(1, perMinute/10)
	return rate.Limit(float64(perMinute-burst+1) / 60), burst
}

func (p *pacer) RoundTrip(req *http.Request) (*http.Response, error) {
	epoch, err := p.enter(req.Context())
	if err != nil {
		return nil, errNotSent{err}
	}
	defer p.leave()
	resp, err := p.next.RoundTrip(req)
	if err == nil {
		p.learn(epoch, resp)
	}
	return resp, err
}

// enter waits for a slot, the rate and a Retry-After; the epoch is that of
// the request's start.
func (p *pacer) enter(ctx context.Context) (epoch int, err error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-p.slots:
	}
	if err := p.waitTurn(ctx); err != nil {
		p.leave()
		return 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.epoch, nil
}

func (p *pacer) waitTurn(ctx context.Context) error {
	now := p.now()
	turn := p.limiter.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	p.mu.Lock()
	wait = max(wait, p.until.Sub(now))
	p.mu.Unlock()
	if wait <= 0 {
		return ctx.Err()
	}
	if err := p.sleep(ctx, wait); err != nil {
		turn.CancelAt(p.now())
		return err
	}
	return nil
}

// leave gives the slot back, or settles a debt with it.
func (p *pacer) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.owed > 0 {
		p.owed--
		return
	}
	p.slots <- struct{}{}
}

// learn adjusts the pace to an answer. Requests that were under way at a
// halving do not halve again.
func (p *pacer) learn(epoch int, resp *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		p.rise()
		return
	}
	now := p.now()
	if wait, ok := retryAfter(resp, now); ok && wait <= maxHoldTime && now.Add(wait).After(p.until) {
		p.until = now.Add(wait)
		if p.throttled != nil {
			p.throttled(p.until)
		}
	}
	if epoch == p.epoch {
		p.epoch++
		p.set(max(p.share/2, minShare))
	}
}

// rise is called with mu held.
func (p *pacer) rise() {
	if p.calm++; p.share < 1 && p.calm >= riseAfter {
		p.set(min(p.share+riseShare, 1))
	}
}

// set is called with mu held.
func (p *pacer) set(share float64) {
	p.share, p.calm = share, 0
	if p.refill != rate.Inf {
		p.limiter.SetLimitAt(p.now(), p.refill*rate.Limit(share))
	}
	width := max(1, int(float64(p.parallel)*share))
	for ; p.width > width; p.width-- {
		p.owed++
	}
	for ; p.width < width; p.width++ {
		if p.owed > 0 {
			p.owed--
		} else {
			p.slots <- struct{}{}
		}
	}
	p.collect()
}

// collect takes idle slots for what is owed.
func (p *pacer) collect() {
	for p.owed > 0 {
		select {
		case <-p.slots:
			p.owed--
		default:
			return
		}
	}
}
