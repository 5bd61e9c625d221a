package story_test

import (
	"net/http"
	"time"

	"rollcall/jumpcloud/sandbox"
)

// trouble is a kind of fault.
type trouble struct {
	name string
	rule func(*maker) sandbox.Rule
	met  func(*sandbox.Fault) bool // whether a request met it
}

// troubles are all kinds of faults that runs get through: none of them makes
// JumpCloud keep something else than what it was sent.
var troubles = []trouble{
	answered(http.StatusTooManyRequests, false),
	answered(http.StatusInternalServerError, false),
	answered(http.StatusBadGateway, false),
	answered(http.StatusServiceUnavailable, false),
	answered(http.StatusGatewayTimeout, true),
	often("reset before", sandbox.Fault{Drop: true}, func(f *sandbox.Fault) bool { return f.Drop && !f.After }),
	often("reset after", sandbox.Fault{Drop: true, After: true}, func(f *sandbox.Fault) bool { return f.Drop && f.After }),
	often("cut", sandbox.Fault{Cut: true}, func(f *sandbox.Fault) bool { return f.Cut }),
	often("stall before", sandbox.Fault{Stall: minute}, func(f *sandbox.Fault) bool { return f.Stall > 0 && !f.After }),
	often("stall after", sandbox.Fault{Stall: minute, After: true}, func(f *sandbox.Fault) bool { return f.Stall > 0 && f.After }),
	often("slow", sandbox.Fault{Delay: minute / 10, Slow: minute / 2}, func(f *sandbox.Fault) bool { return f.Slow > 0 }),
	often("no total", sandbox.Fault{NoTotal: true}, func(f *sandbox.Fault) bool { return f.NoTotal }),
	{"late", late, func(f *sandbox.Fault) bool { return f.Late > 0 }},
	{"shift", shift, func(f *sandbox.Fault) bool { return f.Shift != 0 }},
	{"total", total, func(f *sandbox.Fault) bool { return f.Total != 0 }},
	{"401", revoked, func(f *sandbox.Fault) bool { return f.Status == http.StatusUnauthorized }},
}

const minute = sandbox.Duration(time.Minute)

// often is a fault that befalls a share of all requests.
func often(name string, f sandbox.Fault, met func(*sandbox.Fault) bool) trouble {
	return trouble{name, func(m *maker) sandbox.Rule {
		return sandbox.Rule{Rate: pick(m, "rate", .05, .2, .5), Fault: f}
	}, met}
}

// answered is a status in the place of JumpCloud's answer, or instead of it
// after the request took effect.
func answered(status int, after bool) trouble {
	f := sandbox.Fault{Status: status, After: after}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		f.Header = http.Header{"Retry-After": {"2"}}
	}
	return often(http.StatusText(status), f, func(f *sandbox.Fault) bool { return f.Status == status })
}

func late(m *maker) sandbox.Rule {
	return sandbox.Rule{Rate: pick(m, "rate", .3, 1), Fault: sandbox.Fault{Late: pick(m, "late", minute/12, minute, 10*minute)}}
}

func shift(m *maker) sandbox.Rule {
	return sandbox.Rule{Rate: pick(m, "rate", .3, .7), Fault: sandbox.Fault{Shift: pick(m, "shift", 1, -1, 3)}}
}

func total(m *maker) sandbox.Rule {
	return sandbox.Rule{Rate: pick(m, "rate", .03, .1, .3), Fault: sandbox.Fault{Total: pick(m, "total", 1, -1)}}
}

func revoked(m *maker) sandbox.Rule {
	return sandbox.Rule{From: m.int(1, 30, "from"), Times: m.int(1, 3, "times"), Fault: sandbox.Fault{Status: http.StatusUnauthorized}}
}

// faults draws what goes wrong.
func (m *maker) faults(crowd bool) sandbox.Faults {
	f := sandbox.Faults{Seed: uint64(m.int(0, 1000, "seed"))}
	for range m.int(2, 6, "troubles") {
		f.Rules = append(f.Rules, pick(m, "trouble", troubles...).rule(m))
	}
	if crowd {
		f.Rules = append(f.Rules, shift(m)) // only lists of several pages shift
	}
	return f
}

// stops draws where a few runs end.
func (m *maker) stops() (list []stop) {
	for range m.int(1, 4, "bad runs") {
		s := stop{killed: m.chance(50, "killed")}
		if m.chance(80, "is stopped") {
			s.at = m.int(1, 40, "stop")
		}
		list = append(list, s)
	}
	return list
}
