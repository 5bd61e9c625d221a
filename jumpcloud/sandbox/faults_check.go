package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Bounds of what faults may ask for.
const (
	maxRules = 1000
	maxWait  = Duration(10 * time.Minute)
	maxLate  = Duration(24 * time.Hour) // nobody waits for it
	maxCount = 1_000_000
)

// ReadFaults is the Faults of a file, as ParseFaults reads them. Errors name
// the file; a missing one wraps fs.ErrNotExist.
func ReadFaults(file string) (Faults, error) {
	raw, err := readOrdinary(file)
	if err != nil {
		return Faults{}, fmt.Errorf("read faults: %w", err)
	}
	f, err := ParseFaults(raw)
	if err != nil {
		return Faults{}, fmt.Errorf("%s: %w", file, err)
	}
	return f, nil
}

// ParseFaults reads the JSON of Faults. Errors name the place and what is
// allowed there.
func ParseFaults(raw []byte) (Faults, error) {
	var f Faults
	var whole json.RawMessage
	var value map[string]json.RawMessage
	if len(bytes.TrimSpace(raw)) == 0 {
		return f, errors.New(`nothing in it: {"preset": "storm"} would do`)
	}
	if err := decodeStrict(raw, &whole); err != nil {
		return f, err
	}
	if json.Unmarshal(whole, &value) != nil || value == nil {
		return f, errors.New(`faults must be an object such as {"preset": "storm"}`)
	}
	if problem := checkMembers(value); problem != "" {
		return f, errors.New(problem)
	}
	if err := json.Unmarshal(whole, &f); err != nil {
		return f, fmt.Errorf("a member stands twice: %w", err) // each alone was checked
	}
	return f, f.check(nil)
}

// Shapes of the JSON of Faults and Rule.
var (
	wait        = shape{kind: text}
	count       = shape{kind: integer}
	signed      = shape{kind: integer, min: -maxCount}
	faultsShape = shape{kind: object, members: map[string]shape{"seed": count, "preset": anyText, "rules": listOf(ruleShape)}}
	ruleShape   = shape{kind: object, members: map[string]shape{
		"method": anyText, "path": anyText, "org": anyText, "contains": anyText,
		"from": count, "times": count, "rate": {kind: fraction}, "per_minute": count, "jitter": wait,
		"delay": wait, "late": wait, "status": count, "header": {kind: object, open: true}, "body": anyText,
		"drop": flag, "stall": wait, "after": flag, "cut": flag, "slow": wait,
		"shift": signed, "total": signed, "no_total": flag, "empty": flag, "null_members": count, "lost_members": count,
		"trim": flag, "phone": flag, "lower": listOf(anyText), "ignore": listOf(anyText),
	}}
)

// checkMembers tells what is wrong with the names and types of members, ""
// if nothing is.
func checkMembers(value map[string]json.RawMessage) string {
	if p := unknownMember("", value, faultsShape.members); p != "" {
		return p
	}
	for _, name := range []string{"seed", "preset"} {
		s := faultsShape.members[name]
		if raw, ok := value[name]; ok {
			if p := s.checkJSON(name, raw); p != "" {
				return p
			}
		}
	}
	var seed uint64
	if raw := value["seed"]; raw != nil && json.Unmarshal(raw, &seed) != nil {
		return fmt.Sprintf("seed must be a whole number up to %d, not %s", uint64(math.MaxUint64), raw)
	}
	return checkRules(value["rules"])
}

// checkRules is checkMembers for the rules.
func checkRules(raw json.RawMessage) string {
	if raw == nil {
		return ""
	}
	var rules []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &rules); err != nil || rules == nil {
		return "rules must be an array of objects"
	}
	for i, rule := range rules {
		at := fmt.Sprintf("rules[%d]", i)
		if p := unknownMember(at+".", rule, ruleShape.members); p != "" {
			return p
		}
		if p := ruleShape.check(at, decode(mustJSON(rule))); p != "" {
			return p
		}
		if p := checkTexts(at, rule); p != "" {
			return p
		}
	}
	return ""
}

// unknownMember finds a member that has no meaning.
func unknownMember(at string, value map[string]json.RawMessage, known map[string]shape) string {
	for _, name := range sortedKeys(value) {
		if _, ok := known[name]; !ok {
			return fmt.Sprintf("%s%s has no meaning; what has is %s", at, name, strings.Join(sortedKeys(known), ", "))
		}
	}
	return ""
}

// checkTexts checks the members whose JSON type says too little.
func checkTexts(at string, rule map[string]json.RawMessage) string {
	for _, name := range []string{"jitter", "delay", "late", "stall", "slow"} {
		var d Duration
		if raw := rule[name]; raw != nil && json.Unmarshal(raw, &d) != nil {
			return fmt.Sprintf("%s.%s must be a duration such as \"1.5s\" or \"200ms\", not %s", at, name, raw)
		}
	}
	for _, name := range sortedKeys(rule) {
		var n int
		if ruleShape.members[name].kind == integer && json.Unmarshal(rule[name], &n) != nil {
			return fmt.Sprintf("%s.%s must be a whole number up to %d, not %s", at, name, maxCount, rule[name])
		}
	}
	var h http.Header
	if raw := rule["header"]; raw != nil && json.Unmarshal(raw, &h) != nil {
		return at + `.header must be an object of arrays of strings: {"Retry-After": ["30"]}`
	}
	return ""
}

// check tells what is wrong with faults. With data, organizations must exist.
func (f *Faults) check(d *data) error {
	if f.Preset != "" && !slices.Contains(Presets(), f.Preset) {
		return fmt.Errorf("preset %q is none of %s", f.Preset, strings.Join(Presets(), ", "))
	}
	if len(f.Rules) > maxRules {
		return fmt.Errorf("rules must be at most %d", maxRules)
	}
	for i := range f.Rules {
		r := &f.Rules[i]
		problem := r.check()
		if problem == "" && d != nil && r.Org != "" && d.org(r.Org) == nil {
			problem = fmt.Sprintf("org: there is no organization %q", r.Org)
		}
		if problem != "" {
			return fmt.Errorf("rules[%d].%s", i, problem)
		}
	}
	return nil
}

// check tells what is wrong with a rule, beginning with the member.
func (r *Rule) check() string {
	for _, find := range []func() string{r.checkRequests, r.checkWaits, r.checkAnswer, r.checkFields} {
		if p := find(); p != "" {
			return p
		}
	}
	if r.PerMinute == 0 && !r.does() {
		return "status, or another fault, is missing: nothing would go wrong"
	}
	return ""
}

// methods are those of the API.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}

// checkRequests checks which requests a rule is about.
func (r *Rule) checkRequests() string {
	for m := range strings.SplitSeq(r.Method, "|") {
		if r.Method != "" && !slices.Contains(methods, m) {
			return fmt.Sprintf("method %q must be one of %v, or several joined by |", r.Method, methods)
		}
	}
	_, bad := path.Match(strings.TrimSuffix(r.Path, "/**"), "")
	if r.Path != "" && (r.Path[0] != '/' || bad != nil) {
		return fmt.Sprintf("path %q must be a path such as /api/systemusers/* or /api/v2/**", r.Path)
	}
	if !(r.Rate >= 0 && r.Rate <= 1) {
		return fmt.Sprintf("rate %v must be above 0 and at most 1", r.Rate)
	}
	for _, c := range []struct {
		name     string
		n, least int
	}{
		{"from", r.From, 0}, {"times", r.Times, 0}, {"per_minute", r.PerMinute, 0}, {"null_members", r.NullMembers, 0},
		{"lost_members", r.LostMembers, 0}, {"shift", r.Shift, -maxCount}, {"total", r.Total, -maxCount},
	} {
		if c.n < c.least || c.n > maxCount {
			return fmt.Sprintf("%s must be from %d to %d", c.name, c.least, maxCount)
		}
	}
	return ""
}

// checkWaits checks the durations of a rule.
func (r *Rule) checkWaits() string {
	for _, w := range []struct {
		name    string
		d, most Duration
	}{{"jitter", r.Jitter, maxWait}, {"delay", r.Delay, maxWait}, {"late", r.Late, maxLate}, {"stall", r.Stall, maxWait}, {"slow", r.Slow, maxWait}} {
		if w.d < 0 || w.d > w.most {
			return fmt.Sprintf("%s must be from 0s to %v", w.name, time.Duration(w.most))
		}
	}
	if r.Jitter > 0 && r.Delay == 0 {
		return "jitter is added to delay, which is missing"
	}
	return ""
}

// checkAnswer checks the answer in JumpCloud's place.
func (r *Rule) checkAnswer() string {
	switch {
	case r.Status != 0 && (r.Status < 200 || r.Status > 599):
		return fmt.Sprintf("status %d must be from 200 to 599", r.Status)
	case r.Body != "" && r.Status == 0:
		return "body is that of status, which is missing"
	case r.After && !r.answers() && r.PerMinute == 0:
		return "after is about status, drop or stall, which are missing"
	}
	for _, name := range sortedKeys(r.Header) {
		if p := checkHeader(name, r.Header[name]); p != "" {
			return "header: " + p
		}
	}
	return ""
}

// checkHeader checks one header.
func checkHeader(name string, values []string) string {
	letter := func(c rune) bool { return c == '-' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return !letter(c) }) {
		return fmt.Sprintf("%q must be letters, digits and -", name)
	}
	switch http.CanonicalHeaderKey(name) {
	case "Content-Length", "Transfer-Encoding", "Connection", "Trailer":
		return name + " belongs to the server: cut sends less than Content-Length says"
	}
	if slices.ContainsFunc(values, func(v string) bool {
		return strings.ContainsFunc(v, func(c rune) bool { return c < ' ' || c > '~' })
	}) {
		return fmt.Sprintf("the value of %s must be printable ASCII", name)
	}
	return ""
}

// checkFields checks the fields that are stored differently.
func (r *Rule) checkFields() string {
	for _, l := range []struct {
		name   string
		fields []string
	}{{"lower", r.Lower}, {"ignore", r.Ignore}} {
		for _, field := range l.fields {
			if _, ofUser := userTable.index[field]; ofUser {
				continue
			}
			if _, ofGroup := groupTable.index[field]; !ofGroup {
				return fmt.Sprintf("%s: %q is no field of a user or group", l.name, field)
			}
		}
	}
	return ""
}
