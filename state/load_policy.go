package state

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// policy reads what rollcall may do beyond what the file names. Shapes are
// the schema's to check: what has none is left out here.
func (a *assembly) policy(n *yaml.Node) {
	p := &a.d.Policy
	p.UnlistedUsers = word(n, "unlisted_users", "report")
	p.DroppedUsers = word(n, "dropped_users", "report")
	p.UnlistedGroups = word(n, "unlisted_groups", "report")
	p.Ignore = a.globs(child(n, "ignore"))
	p.Protect = a.globs(child(n, "protect"))
	if scope := child(n, "scope"); scope != nil && scope.Kind == yaml.SequenceNode {
		for _, f := range scope.Content {
			a.filter(f)
		}
	}
	a.limits(child(n, "limits"))
	if allow := child(n, "allow"); allow != nil && allow.Kind == yaml.SequenceNode {
		for _, entry := range allow.Content {
			a.allow(entry)
		}
	}
}

// word is the text of a key, or its default.
func word(n *yaml.Node, key, otherwise string) string {
	if text := value(child(n, key)); text != "" {
		return text
	}
	return otherwise
}

// globs reads patterns of names.
func (a *assembly) globs(n *yaml.Node) Names {
	return Names{Users: a.patterns(child(n, "users")), Groups: a.patterns(child(n, "groups"))}
}

// mostPatterns of a list are taken: each name is compared with all of them.
const mostPatterns = 1000

// patterns reads a list of globs and refuses those that are none.
func (a *assembly) patterns(n *yaml.Node) (globs []string) {
	for _, item := range items(n) {
		_, err := path.Match(item.Value, "")
		switch at := (place{a.src, item}); {
		case err != nil:
			a.errorf(at, "%q is not a pattern: %v", item.Value, err)
		case len(globs) == mostPatterns:
			a.errorf(at, "more than %d patterns: write fewer and wider ones", mostPatterns)
			return globs
		default:
			globs = append(globs, item.Value)
		}
	}
	return globs
}

func (a *assembly) filter(n *yaml.Node) {
	at := child(n, "field")
	f := Filter{Field: value(at), Operator: value(child(n, "operator")), Value: value(child(n, "value"))}
	if at == nil {
		return
	}
	f.Pos = a.position(place{a.src, at})
	name, _, _ := strings.Cut(f.Field, ".")
	if row := schema.Lookup(schema.User, name); row == nil || row.Type == schema.Secret {
		a.add(Error, place{a.src, at}, a.near.hint("user fields", name, fieldNames()), "a user has no field %q", f.Field)
		return
	}
	a.d.Policy.Scope = append(a.d.Policy.Scope, f)
}

func fieldNames() (names []string) {
	for _, f := range schema.Fields(schema.User) {
		names = append(names, f.Name)
	}
	return names
}

func (a *assembly) limits(n *yaml.Node) {
	list := pairs(n)
	for i := 0; i+1 < len(list); i += 2 {
		limit, ok := parseLimit(list[i+1].Value)
		at := place{a.src, list[i+1]}
		switch {
		case !ok && numbers.MatchString(list[i+1].Value):
			a.errorf(at, "limit %s: this number is too big", list[i].Value)
			continue
		case !ok:
			continue
		case limit.Min > limit.Max:
			a.errorf(at, "limit %s: %d is more than %d; the smallest number comes first", list[i].Value, limit.Min, limit.Max)
			continue
		case limit.Percent > 100:
			a.errorf(at, "limit %s: more than 100%%", list[i].Value)
			continue
		}
		limit.Pos = a.position(at)
		if a.d.Policy.Limits == nil {
			a.d.Policy.Limits = map[string]Limit{}
		}
		a.d.Policy.Limits[list[i].Value] = limit
	}
}

// numbers is what a limit is made of.
var numbers = regexp.MustCompile(`^[0-9]+(\.\.[0-9.]+%\.\.[0-9]+)?$`)

// parseLimit reads N or N..P%..M.
func parseLimit(text string) (l Limit, ok bool) {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return Limit{Min: n, Max: n}, true
	}
	parts := strings.Split(text, "..")
	if len(parts) != 3 {
		return l, false
	}
	percent, isPercent := strings.CutSuffix(parts[1], "%")
	least, err1 := strconv.Atoi(parts[0])
	share, err2 := strconv.ParseFloat(percent, 64)
	most, err3 := strconv.Atoi(parts[2])
	return Limit{Min: least, Max: most, Percent: share}, isPercent && err1 == nil && err2 == nil && err3 == nil
}

// allow reads one reviewed exception, which may name several limits.
func (a *assembly) allow(n *yaml.Node) {
	var until time.Time
	if day := child(n, "until"); day != nil {
		until = a.date(place{a.src, day}, "until")
	}
	list := pairs(n)
	if len(list) == 2 && list[0].Value == "until" {
		a.errorf(place{a.src, n}, "an entry of allow says what is allowed, as in {suspend_users: 12, until: 2026-12-01}")
	}
	for i := 0; i+1 < len(list); i += 2 {
		if list[i].Value != "until" {
			a.exception(list[i], list[i+1], until)
		}
	}
}

// exception reads a limit and its number, or a name.
func (a *assembly) exception(key, n *yaml.Node, until time.Time) {
	x := Allow{Limit: key.Value, Until: until, Pos: a.position(place{a.src, key})}
	switch key.Value {
	case "protected", "group":
		if x.Name = value(n); x.Name == "" && n.Style&quotedStyle != 0 {
			a.errorf(place{a.src, n}, "allow %s: an empty name", key.Value)
		}
	default:
		var err error
		if x.N, err = strconv.Atoi(value(n)); err != nil && number.MatchString(value(n)) {
			a.errorf(place{a.src, n}, "allow %s: this is no whole number of a usual size", key.Value)
		}
	}
	a.d.Policy.Allow = append(a.d.Policy.Allow, x)
}

// number is what the schema takes for one.
var number = regexp.MustCompile(`^[0-9.]+$`)
