package jumpcloud

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode"
)

const (
	maxMessage = 400      // characters of a server's message that an Error keeps
	maxFailure = 64 << 10 // bytes of a failure's body that are looked at
	maxSecret  = 4 << 10  // bytes of a secret's text that the end of those may cut
)

// Error is a call that failed. It never holds a credential, a token or a
// password that was sent, even where the server's message repeats one.
type Error struct {
	Method, Path string
	Status       int    // the server's; 0 if there was no answer
	Message      string // one line, what the server said or what went wrong on the way
	uncertain    bool
	blocked      bool
	cause        error
}

// Error is "METHOD /path: status: message".
func (e *Error) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("%s %s: %s", e.Method, e.Path, e.Message)
	}
	return fmt.Sprintf("%s %s: %d: %s", e.Method, e.Path, e.Status, e.Message)
}

// Unwrap is what went wrong on the way, nil if the server answered.
func (e *Error) Unwrap() error { return e.cause }

// Uncertain tells whether a write may have been made although it failed: it
// was sent, and no whole answer, a 5xx or an answer that cannot be read came
// back, at last or at a time before the last. Look before repeating it.
func (e *Error) Uncertain() bool { return e.uncertain }

// IsStatus tells whether err is an *Error with this status.
func IsStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}

// Blocked tells whether err is JumpCloud's block of this machine's address
// because of suspected abuse (facts.md section 10).
func Blocked(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.blocked
}

// Uncertain tells whether err is an *Error that is Uncertain.
func Uncertain(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.uncertain
}

// errNotSent marks what went wrong before a request went out.
type errNotSent struct{ cause error }

func (e errNotSent) Error() string { return e.cause.Error() }
func (e errNotSent) Unwrap() error { return e.cause }

// message is the one line that an answer's body says about its status.
func (s *secrets) message(status int, body []byte, extra ...string) string {
	text := ""
	if len(body) <= maxFailure {
		text = s.redact(bodyText(body), extra...)
	} else { // a secret that is cut is not found
		text = s.redact(bodyText(body[:maxFailure]), extra...)
		text = text[:max(0, len(text)-maxSecret)]
	}
	if m := clean(text); m != "" {
		return m
	}
	return cmp.Or(http.StatusText(status), "no message")
}

// bodyText reads an error body leniently (facts.md section 10): JSON with
// message, error, status or details in any combination, HTML, or plain text.
func bodyText(body []byte) string {
	text := strings.TrimSpace(string(body))
	if s := jsonText([]byte(text), 3); s != "" {
		return s
	}
	if title := htmlTitle.FindStringSubmatch(text); title != nil {
		return "HTML page: " + title[1]
	}
	return plainJSON(text)
}

// plainJSON is JSON without \u escapes, in which a secret could hide; other
// text stays.
func plainJSON(text string) string {
	var v any
	var plain strings.Builder
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if json.Unmarshal([]byte(text), &v) != nil || enc.Encode(v) != nil {
		return text
	}
	return strings.TrimSpace(plain.String())
}

var htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// jsonText is the message in a JSON value, "" if it has none; depth bounds
// how many objects deep it looks.
func jsonText(raw json.RawMessage, depth int) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	var m map[string]json.RawMessage
	if depth == 0 || json.Unmarshal(raw, &m) != nil {
		return ""
	}
	text := ""
	for _, name := range []string{"message", "error", "status"} {
		if text = jsonText(m[name], depth-1); text != "" {
			break
		}
	}
	for _, more := range []string{jsonText(m["error_description"], depth-1), violations(m["details"])} {
		text = join(text, more)
	}
	return text
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ": " + b
}

// violations are the fields that details of type BadRequest complain about:
// "password: specialCharacter, passwordHistory".
func violations(details json.RawMessage) string {
	var ds []struct {
		FieldViolationsList []struct{ Field, Description string } `json:"fieldViolationsList"`
	}
	if json.Unmarshal(details, &ds) != nil {
		return ""
	}
	var parts []string
	last := ""
	for _, d := range ds {
		for _, v := range d.FieldViolationsList {
			if v.Field == last {
				parts = append(parts, v.Description)
				continue
			}
			parts, last = append(parts, join(v.Field, v.Description)), v.Field
		}
	}
	return strings.Join(parts, ", ")
}

// clean makes one printable line of at most maxMessage characters.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if rs := []rune(s); len(rs) > maxMessage {
		s = string(rs[:maxMessage]) + "…"
	}
	return s
}
