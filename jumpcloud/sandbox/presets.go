package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// preset is a bad day with a name.
type preset struct {
	name  string
	about string // what goes wrong, in a line
	rules []Rule
}

const second = Duration(time.Second)

// Rules that several presets have. A Retry-After is short, so that a
// rehearsal does not take long.
var (
	busy = []Rule{
		{Rate: .03, Fault: Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}}},
		{Rate: .02, Fault: Fault{Status: http.StatusTooManyRequests}},
	}
	broken = []Rule{
		{Rate: .02, Fault: Fault{Status: http.StatusInternalServerError}},
		{Rate: .02, Fault: Fault{Status: http.StatusBadGateway}},
		{Rate: .03, Fault: Fault{Status: http.StatusServiceUnavailable}},
		{Rate: .01, Fault: Fault{Status: http.StatusGatewayTimeout, After: true}},
		{Rate: .02, Fault: Fault{Drop: true}},
		{Rate: .01, Fault: Fault{Drop: true, After: true}},
		{Rate: .02, Fault: Fault{Cut: true}},
	}
	shifting = []Rule{
		{Rate: .1, Fault: Fault{Shift: 1}},
		{Rate: .1, Fault: Fault{Shift: -1}},
	}
)

// presets are the bad days that have names.
var presets = []preset{
	{"calm", "nothing goes wrong", nil},
	{"slow", "every answer takes a while, some bodies crawl", []Rule{
		{Jitter: second, Fault: Fault{Delay: second / 5}},
		{Rate: .05, Fault: Fault{Slow: 2 * second}},
	}},
	{"throttled", "200 requests a minute, then 429 with Retry-After; some 429 without", []Rule{
		{PerMinute: 200},
		{Rate: .02, Fault: Fault{Status: http.StatusTooManyRequests}},
	}},
	{"flaky", "500, 502, 503, 504, connections reset and bodies cut, some after the write took effect", broken},
	{"late", "what is created shows up in lists half a minute later", []Rule{{Fault: Fault{Late: 30 * second}}}},
	{"storm", "slow, throttled and flaky at once, twice as often, with pages that shift and a few requests that hang", slices.Concat(
		[]Rule{{Rate: .3, Jitter: second / 2, Fault: Fault{Delay: second / 20}}, {PerMinute: 400}},
		busy, broken, broken, shifting,
		[]Rule{{Rate: .005, Fault: Fault{Stall: 10 * second}}, {Rate: .05, Fault: Fault{Late: 10 * second}}},
	)},
	{"liar", "totals that are wrong or absent, empty lists, pages that shift, edges without a person", slices.Concat(
		[]Rule{
			{Rate: .1, Fault: Fault{Total: 1}},
			{Rate: .1, Fault: Fault{Total: -1}},
			{Rate: .1, Fault: Fault{NoTotal: true}},
			{Rate: .05, Fault: Fault{Empty: true}},
			{Rate: .2, Fault: Fault{NullMembers: 1}},
			{Rate: .2, Fault: Fault{LostMembers: 1}},
		}, shifting,
	)},
	{"revoked", "from the 21st request on the credential is refused: 401", []Rule{
		{From: 21, Fault: Fault{Status: http.StatusUnauthorized}},
	}},
	{"blocked", "from the 21st request on the address is blocked: 403", []Rule{
		{From: 21, Fault: Fault{Status: http.StatusForbidden, Body: `{"message":"Your IP has been blocked due to suspected abuse"}`}},
	}},
	{"strange", "values are stored differently: trimmed, phone numbers without spaces, location not at all", []Rule{
		{Fault: Fault{Trim: true, Phone: true, Ignore: []string{"location"}}},
	}},
}

// Presets are the names of the presets, calm first.
func Presets() []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.name
	}
	return names
}

// presetRules are a preset's rules, a copy; none for "" and unknown names.
func presetRules(name string) []Rule {
	i := slices.IndexFunc(presets, func(p preset) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	return slices.Clone(presets[i].rules)
}
