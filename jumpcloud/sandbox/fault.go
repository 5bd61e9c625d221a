package sandbox

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// Fault is what becomes of one request. The zero value changes nothing, and
// each member adds its part. Members that do not fit a request do nothing.
type Fault struct {
	Delay Duration `json:"delay,omitempty"` // waits so long before it is served
	Late  Duration `json:"late,omitempty"`  // what it creates is missing from lists and searches for so long

	// In the place of the sandbox's own answer.
	Status int         `json:"status,omitempty"` // 0 is the sandbox's own
	Header http.Header `json:"header,omitempty"` // added to either answer
	Body   string      `json:"body,omitempty"`   // of Status, sent as it is; "" is what JumpCloud would say, HTML from 500 on
	Drop   bool        `json:"drop,omitempty"`   // the connection is reset without an answer
	Stall  Duration    `json:"stall,omitempty"`  // no answer: the connection is reset when the client has left, at last after so long
	After  bool        `json:"after,omitempty"`  // the request takes effect first; it is Status, Drop or Stall that hides it

	// On the way back.
	Cut  bool     `json:"cut,omitempty"`  // half of the body is sent, Content-Length is that of all
	Slow Duration `json:"slow,omitempty"` // the body comes in pieces and takes so long

	// Lists and searches.
	Shift       int  `json:"shift,omitempty"`        // pages after the first begin so many entries later, as if those had gone: ids are missed; less than 0: as many had come, ids come twice
	Total       int  `json:"total,omitempty"`        // is added to the total
	NoTotal     bool `json:"no_total,omitempty"`     // there is no total
	Empty       bool `json:"empty,omitempty"`        // there is nobody, and the total is 0
	NullMembers int  `json:"null_members,omitempty"` // so many edges of a page have "to": null
	LostMembers int  `json:"lost_members,omitempty"` // so many edges are missing from a page, and are counted

	// Writes of users and groups.
	Trim   bool     `json:"trim,omitempty"`   // texts lose white space at their ends
	Phone  bool     `json:"phone,omitempty"`  // numbers keep a leading + and digits
	Lower  []string `json:"lower,omitempty"`  // these fields are stored in lower case
	Ignore []string `json:"ignore,omitempty"` // these fields are silently not stored
}

// Duration is a time.Duration that JSON has as Go writes it: "1.5s".
type Duration time.Duration

// MarshalText is encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText is encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// answers tells whether the fault answers in JumpCloud's place.
func (f *Fault) answers() bool { return f.Status != 0 || f.Drop || f.Stall > 0 }

// anywhere tells whether the fault can befall any request.
func (f *Fault) anywhere() bool {
	return f.answers() || f.Delay > 0 || f.Slow > 0 || f.Cut || len(f.Header) > 0
}

// onLists, onEdges and onWrites tell whether the fault can befall these.
func (f *Fault) onLists(skip int) bool {
	return f.Total != 0 || f.NoTotal || f.Empty || f.Shift != 0 && skip > 0
}

func (f *Fault) onEdges() bool { return f.NullMembers > 0 || f.LostMembers > 0 }

func (f *Fault) onWrites(method string) bool {
	return f.rewrites() || f.Late > 0 && method == http.MethodPost
}

// rewrites tells whether the fault stores other values than those sent.
func (f *Fault) rewrites() bool {
	return f.Trim || f.Phone || len(f.Lower) > 0 || len(f.Ignore) > 0
}

// does tells whether there is any request to which the fault does something.
func (f *Fault) does() bool {
	return f.anywhere() || f.onLists(1) || f.onEdges() || f.onWrites(http.MethodPost)
}

// befalls tells whether the fault does something to a request.
func (f *Fault) befalls(a *asked) bool {
	form := a.form()
	return f.anywhere() || form.lists() && f.onLists(a.skip) || form == edges && f.onEdges() || form == stored && f.onWrites(a.method)
}

// add lets a second fault befall the same request.
func (f *Fault) add(g *Fault) {
	f.Delay += g.Delay
	f.Late = max(f.Late, g.Late)
	f.Status, f.Body = cmp.Or(f.Status, g.Status), cmp.Or(f.Body, g.Body)
	f.addHeader(g.Header)
	f.Drop, f.After, f.Cut = f.Drop || g.Drop, f.After || g.After, f.Cut || g.Cut
	f.Stall += g.Stall
	f.Slow += g.Slow
	f.Shift += g.Shift
	f.Total += g.Total
	f.NoTotal, f.Empty = f.NoTotal || g.NoTotal, f.Empty || g.Empty
	f.NullMembers += g.NullMembers
	f.LostMembers += g.LostMembers
	f.Trim, f.Phone = f.Trim || g.Trim, f.Phone || g.Phone
	f.Lower = append(f.Lower, g.Lower...)
	f.Ignore = append(f.Ignore, g.Ignore...)
}

// addHeader adds headers that are not there yet.
func (f *Fault) addHeader(more http.Header) {
	for name, values := range more {
		if f.Header == nil {
			f.Header = http.Header{}
		}
		if name = http.CanonicalHeaderKey(name); f.Header[name] == nil {
			f.Header[name] = values
		}
	}
}

// instead is the answer in the place of the sandbox's own.
func (f *Fault) instead() answer {
	switch {
	case strings.HasPrefix(f.Body, "<"):
		return answer{status: f.Status, body: []byte(f.Body), header: http.Header{"Content-Type": {"text/html"}}}
	case f.Body != "":
		return answer{status: f.Status, body: []byte(f.Body)}
	case f.Status == http.StatusUnauthorized:
		return *unauthorized("api key user not found")
	case f.Status >= http.StatusInternalServerError:
		return proxyPage(f.Status)
	case f.Status == http.StatusNoContent || f.Status == http.StatusNotModified:
		return answer{status: f.Status}
	}
	return *fail(f.Status, "%s", http.StatusText(f.Status))
}

// proxyPage is the HTML of what stands before JumpCloud (facts.md section 10).
func proxyPage(status int) answer {
	text := http.StatusText(status)
	return answer{
		status: status,
		header: http.Header{"Content-Type": {"text/html"}, "Server": {"cloudflare"}},
		body:   []byte("<html>\r\n<head><title>" + text + "</title></head>\r\n<body>\r\n<center><h1>" + text + "</h1></center>\r\n</body>\r\n</html>\r\n"),
	}
}
