package state

import (
	"path"
	"strconv"
	"strings"

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

// globs reads patterns of names and refuses those that are none.
func (a *assembly) globs(n *yaml.Node) Names {
	read := func(key string) (globs []string) {
		for _, item := range items(child(n, key)) {
			if _, err := path.Match(item.Value, ""); err != nil {
				a.errorf(place{a.src, item}, "%q is not a pattern: %v", item.Value, err)
				continue
			}
			globs = append(globs, item.Value)
		}
		return globs
	}
	return Names{Users: read("users"), Groups: read("groups")}
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
	var found []Allow
	until := child(n, "until")
	list := pairs(n)
	for i := 0; i+1 < len(list); i += 2 {
		key, node := list[i], list[i+1]
		x := Allow{Limit: key.Value, Pos: a.position(place{a.src, key})}
		switch key.Value {
		case "until":
			continue
		case "protected", "group":
			x.Name = node.Value
		default:
			x.N, _ = strconv.Atoi(node.Value) // a number, says the schema
		}
		found = append(found, x)
	}
	for i := range found {
		if until != nil {
			found[i].Until = a.date(place{a.src, until}, "until")
		}
	}
	a.d.Policy.Allow = append(a.d.Policy.Allow, found...)
}
