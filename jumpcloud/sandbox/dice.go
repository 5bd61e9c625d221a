package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// dice decide what befalls the requests of a server.
type dice struct {
	faults Faults // as they were given
	rules  []Rule // those of the preset, then the others

	mu      sync.Mutex
	came    map[[sha256.Size]byte]int // how often each request came
	tallies []tally                   // one a rule
}

// tally is what a rule has seen.
type tally struct {
	seen, fired int
	admitted    map[string][]time.Time // by credential, those of the last minute
}

// newDice makes dice for faults that were checked.
func newDice(f Faults) *dice {
	rules := append(presetRules(f.Preset), f.Rules...)
	return &dice{faults: f, rules: rules, came: map[[sha256.Size]byte]int{}, tallies: make([]tally, len(rules))}
}

// decide is what befalls a request, nil for nothing.
func (d *dice) decide(a *asked, now time.Time) *Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := a.key()
	d.came[key]++
	var sum *Fault
	for i := range d.rules {
		r := &d.rules[i]
		if !r.matches(a) {
			continue
		}
		t := throw{seed: d.faults.Seed, rule: i, key: key, nth: d.came[key]}
		f, fires := d.fire(r, t, a.credential, now)
		if !fires {
			continue
		}
		if sum == nil {
			sum = &Fault{}
		}
		if sum.add(&f); sum.answers() {
			break
		}
	}
	return sum
}

// fire tells whether a rule fires for a request that it is about, and with
// which fault.
func (d *dice) fire(r *Rule, t throw, credential string, now time.Time) (f Fault, fires bool) {
	tally := &d.tallies[t.rule]
	tally.seen++
	f = r.Fault
	if tally.seen < r.From || r.Times > 0 && tally.fired >= r.Times {
		return f, false
	}
	if r.PerMinute > 0 {
		wait, over := tally.over(r.PerMinute, credential, now)
		if !over {
			return f, false
		}
		f = limited(f, wait)
	}
	if r.Rate > 0 && t.unit("rate") >= r.Rate {
		return f, false
	}
	tally.fired++
	more := time.Duration(t.unit("jitter") * float64(r.Jitter))
	f.Delay += Duration(more.Truncate(time.Millisecond))
	return f, true
}

// over tells whether a request is one too many in its minute, and how long
// to wait for the next.
func (t *tally) over(perMinute int, credential string, now time.Time) (wait time.Duration, over bool) {
	if t.admitted == nil {
		t.admitted = map[string][]time.Time{}
	}
	times := t.admitted[credential]
	for len(times) > 0 && now.Sub(times[0]) >= time.Minute {
		times = times[1:]
	}
	if over = len(times) >= perMinute; over {
		wait = times[len(times)-perMinute].Add(time.Minute).Sub(now)
	} else {
		times = append(times, now)
	}
	t.admitted[credential] = times
	return wait, over
}

// limited is the fault of a request over its limit.
func limited(f Fault, wait time.Duration) Fault {
	if !f.does() {
		f.Status = http.StatusTooManyRequests
	}
	f.Header = f.Header.Clone()
	f.addHeader(http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(wait.Seconds())))}})
	return f
}

// idWithTime is an object id: its first eight digits are a time.
var idWithTime = regexp.MustCompile(`[0-9a-f]{8}([0-9a-f]{16})`)

// key is what makes two requests the same one.
func (a *asked) key() [sha256.Size]byte {
	org := ""
	if a.org != nil {
		org = a.org.id
	}
	head := fmt.Appendf(nil, "%s %s %s %q ", a.method, a.path, org, a.query)
	return sha256.Sum256(idWithTime.ReplaceAll(append(head, a.body...), []byte("$1")))
}

// throw is one throw of the dice.
type throw struct {
	seed uint64
	rule int
	key  [sha256.Size]byte
	nth  int
}

// unit is a number in [0,1), another one for each purpose.
func (t throw) unit(purpose string) float64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %x %d %s", t.seed, t.rule, t.key, t.nth, purpose))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}
