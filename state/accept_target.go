package state

import (
	"fmt"
	"strings"

	"rollcall/schema"
)

// AcceptError is why something live is not accepted into the files.
type AcceptError struct {
	Text    string
	Hint    string // what to do; "" if there is nothing to say
	Unknown bool   // nobody and nothing in the files or live has the name
}

func (e *AcceptError) Error() string { return e.Text }

func cannotAccept(hint, format string, args ...any) error {
	return &AcceptError{Text: fmt.Sprintf(format, args...), Hint: hint}
}

// target is what is to be accepted: all of a person or group, one field or
// part of it, or its memberships.
type target struct {
	kind       schema.Kind
	want, live int           // indexes, -1 for not there
	field      *schema.Field // nil for all, and for memberships
	part       string        // of a field, or the other end of a membership; "" for all
	edges      bool          // only memberships
}

// whole tells whether all of a person or group is meant.
func (t *target) whole() bool { return t.field == nil && !t.edges }

// memberships is how the memberships of a kind are called.
func memberships(k schema.Kind) string {
	return [...]string{schema.User: "groups", schema.Group: "members"}[k]
}

// FindAccept tells whether text names something of a file or of live that
// Accept takes: user:NAME, user:NAME.FIELD, group:NAME or group:NAME.FIELD.
// The error is an *AcceptError.
func FindAccept(want *Desired, live *Live, text string) error {
	_, err := findTarget(Pair(want, live), text)
	return err
}

func findTarget(p *Pairs, text string) (*target, error) {
	word, name, ok := strings.Cut(text, ":")
	kind := schema.User
	switch {
	case ok && word == "group":
		kind = schema.Group
	case !ok || word != "user":
		return nil, cannotAccept("", "%q: what is accepted is written user:NAME, group:NAME, or with a dot and a field behind it", text)
	}
	for end := len(name); end > 0; end = strings.LastIndexByte(name[:end], '.') {
		t := &target{kind: kind}
		known, err := p.findObject(t, name[:end])
		switch {
		case err != nil:
			return nil, err
		case !known:
			continue
		case end == len(name):
			return t, p.touchable(t)
		}
		if err := t.setField(name[end+1:], p.nameOf(t)); err != nil {
			if near := schema.Near(name, p.namesOf(kind)); near != "" {
				err = cannotAccept(fmt.Sprintf("did you mean %s:%s?", kind, near), "%s", err)
			}
			return nil, err
		}
		return t, p.touchable(t)
	}
	return nil, &AcceptError{Unknown: true, Text: fmt.Sprintf("no %s %q in the files or in JumpCloud", kind, name), Hint: p.nearTarget(kind, name)}
}

// findObject looks for whom or what a name means.
func (p *Pairs) findObject(t *target, name string) (known bool, err error) {
	var m Match
	if t.kind == schema.Group {
		m, known = p.Group(name)
	} else {
		var several bool
		if m, several, known = p.Person(strings.TrimSpace(name)); several {
			return false, cannotAccept("write the username", "%q means several people in JumpCloud", name)
		}
	}
	t.want, t.live = m.Desired, m.Live
	return known, nil
}

// touchable refuses what policy.ignore names, and what shares its name.
func (p *Pairs) touchable(t *target) error {
	switch {
	case t.live < 0:
	case p.want.Policy.Ignores(&p.live.Objects[t.live]):
		return cannotAccept("take it out of policy.ignore", "%s %q is ignored by policy.ignore", t.kind, p.nameOf(t))
	case len(p.live.Facts[t.live].Twins) > 0:
		return cannotAccept("rename or delete the others in JumpCloud", "%s %q is one of %d of this name in JumpCloud", t.kind, p.nameOf(t), len(p.live.Facts[t.live].Twins))
	}
	return nil
}

// nameOf is the name that the file has, else the live one.
func (p *Pairs) nameOf(t *target) string {
	if t.want >= 0 {
		return p.want.Objects[t.want].Name
	}
	return p.live.Objects[t.live].Name
}

// namesOf are all names of a kind in file and live.
func (p *Pairs) namesOf(k schema.Kind) (names []string) {
	for _, o := range []*Org{&p.want.Org, &p.live.Org} {
		objects, _ := o.OfKind(k)
		for i := range objects {
			names = append(names, objects[i].Name)
		}
	}
	return names
}

// nearTarget is a hint with the name nearest to one that nobody has, with or
// without a field behind it.
func (p *Pairs) nearTarget(k schema.Kind, name string) string {
	names := p.namesOf(k)
	for end := len(name); end > 0; end = strings.LastIndexByte(name[:end], '.') {
		field := &target{kind: k}
		if end < len(name) && field.setField(name[end+1:], "") != nil {
			continue
		}
		if near := schema.Near(name[:end], names); near != "" {
			return fmt.Sprintf("did you mean %s:%s%s?", k, near, name[end:])
		}
	}
	return ""
}

// setField is what a word behind a name says: a field, FIELD.PART, or
// groups and members.
func (t *target) setField(word, name string) error {
	word, t.part, _ = strings.Cut(word, ".")
	f := schema.Lookup(t.kind, word)
	switch {
	case word == memberships(t.kind):
		t.edges = true
		return nil
	case f == nil:
		return t.noField(word, name)
	case f.Type == schema.Secret:
		return cannotAccept("", "a %s cannot be accepted: JumpCloud does not show it", f.Name)
	case f.Key:
		return cannotAccept("change the key of the entry", "the name of a %s is not accepted", t.kind)
	case f.Alias:
		f = schema.Of(schema.State)
	}
	if t.part != "" && f.Type != schema.Map && f.Type != schema.ByType {
		return cannotAccept("", "%s has no parts: write %s alone", f.Name, f.Name)
	}
	t.field = f
	return nil
}

// intentKeys are keys of entries that JumpCloud knows nothing of.
var intentKeys = []string{"was", "new", "ensure", "id", "reports_to", "activation_email", "exact"}

func (t *target) noField(word, name string) error {
	for _, key := range intentKeys {
		if word == key {
			return cannotAccept("", "%s is only in files: JumpCloud has nothing to accept for it", key)
		}
	}
	names := []string{memberships(t.kind)}
	for _, f := range schema.Fields(t.kind) {
		names = append(names, f.Name)
	}
	hint := ""
	if near := schema.Near(word, names); near != "" {
		hint = fmt.Sprintf("did you mean %s:%s.%s?", t.kind, name, near)
	}
	return cannotAccept(hint, "a %s has no field %q", t.kind, word)
}
