package state

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// writer is one mapping that writes an object's fields: the entry itself,
// or defaults.
type writer struct {
	src    *source
	values []placed
	state  string // canonical, of state or suspended
	mail   string
	groups []place
	bare   place // of groups: [] or members: []
	exact  *yaml.Node

	was, new, absent, id, reportsTo, password *yaml.Node // of entries
	members                                   []place
	odd                                       []*yaml.Node // keys that a tombstone may not have
}

// placed is a value and the node that wrote it.
type placed struct {
	schema.Value
	node *yaml.Node
}

// read reads an entry or defaults.
func (a *assembly) read(kind schema.Kind, src *source, n *yaml.Node, defaults bool) *writer {
	w := &writer{src: src}
	list := pairs(n)
	var scratch []schema.Value
	for i := 0; i+1 < len(list); i += 2 {
		key, node := list[i], list[i+1]
		if f := schema.Lookup(kind, key.Value); f != nil && !f.Key && f.Type != schema.Secret {
			var found []schema.NodeProblem
			scratch, found = f.FromYAML(node, scratch[:0])
			a.nodes(src, found)
			for _, v := range scratch {
				w.values = append(w.values, placed{v, node})
			}
			w.odd = append(w.odd, key)
			continue
		}
		a.intent(w, key, node)
	}
	a.state(w, defaults)
	return w
}

// intent reads a key that is no field.
func (a *assembly) intent(w *writer, key, n *yaml.Node) {
	switch key.Value {
	case "was":
		w.was = n
	case "new":
		w.new = n
	case "ensure":
		w.absent = n
		return
	case "id":
		w.id = n
		return
	case "reports_to":
		w.reportsTo = n
		return
	case "password":
		w.password = n
	case "activation_email":
		w.mail = strings.TrimSpace(value(n))
		if at := (place{w.src, n}); w.mail != "send" && w.mail != "none" && BadEmail(w.mail) != "" {
			a.errorf(at, "activation_email %q is neither send, none nor an address", w.mail)
		}
	case "exact":
		w.exact = n
	case "groups":
		w.groups = a.list(w.src, n, &w.bare)
	case "members":
		w.members = a.list(w.src, n, &w.bare)
	}
	w.odd = append(w.odd, key)
}

// list is the names of groups or members, each once.
func (a *assembly) list(src *source, n *yaml.Node, bare *place) (names []place) {
	if isEmptyList(n) {
		*bare = place{src, n}
	}
	if n.Kind != yaml.SequenceNode {
		return nil
	}
	seen := map[string]bool{}
	for _, item := range items(n) {
		if seen[item.Value] {
			a.add(Warning, place{src, item}, "", "%q is listed twice", item.Value)
			continue
		}
		seen[item.Value] = true
		names = append(names, place{src, item})
	}
	return names
}

// state turns state and its alias suspended into one: of defaults, how
// people are created; of a person, a value too.
func (a *assembly) state(w *writer, defaults bool) {
	state := slices.IndexFunc(w.values, func(v placed) bool { return v.Field == schema.State })
	alias := slices.IndexFunc(w.values, func(v placed) bool { return v.Field == schema.Suspended })
	if state >= 0 {
		w.state = w.values[state].Text
	}
	if alias >= 0 {
		says := map[string]string{"true": "SUSPENDED", "false": "ACTIVATED"}[w.values[alias].Text]
		if state >= 0 && (w.state == "SUSPENDED") != (says == "SUSPENDED") {
			a.errorf(place{w.src, w.values[alias].node}, "suspended: %s contradicts state: %s; write only state", w.values[alias].Text, strings.ToLower(w.state))
		}
		if state < 0 {
			w.state = says
			w.values = append(w.values, placed{schema.Value{Field: schema.State, Text: says}, w.values[alias].node})
		}
	}
	w.values = slices.DeleteFunc(w.values, func(v placed) bool {
		return v.Field == schema.Suspended || defaults && v.Field == schema.State
	})
}

// defaults reads what a file gives to all its objects of a kind.
func (a *assembly) defaults(src *source, doc *yaml.Node, kind schema.Kind) *writer {
	n := child(child(doc, "defaults"), kind.String())
	if n == nil {
		return nil
	}
	return a.read(kind, src, n, true)
}

// fill makes an object of its entry and of the defaults, the most specific
// writer of a field first; entries of attributes and groups add up.
func (a *assembly) fill(e *draft, writers ...*writer) {
	var list []placed
	var sources []*source
	var seen [256]bool
	for rank, w := range writers {
		if w == nil {
			continue
		}
		from := len(list)
		for _, v := range w.values {
			if seen[v.Field] && (schema.Of(v.Field).Type != schema.Map || hasPart(list[:from], v.Value)) {
				continue
			}
			if rank > 0 {
				v.Text = strings.ReplaceAll(v.Text, "{username}", e.Name)
				if schema.Of(v.Field).Fold {
					v.Text = Fold(v.Text)
				}
			}
			list, sources = append(list, v), append(sources, w.src)
		}
		for _, v := range list[from:] {
			seen[v.Field] = true
		}
		a.intents(e, w, rank)
	}
	a.values(e, list, sources)
}

func hasPart(list []placed, v schema.Value) bool {
	return slices.ContainsFunc(list, func(p placed) bool { return schema.Compare(p.Value, v) == 0 })
}

// values lays an object's values out in order, with their positions.
func (a *assembly) values(e *draft, list []placed, sources []*source) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return schema.Compare(list[i].Value, list[j].Value) })
	e.Values = make([]schema.Value, len(list))
	e.pos = make([]Pos, len(list))
	for k, i := range order {
		e.Values[k] = list[i].Value
		at := place{sources[i], list[i].node}
		e.pos[k] = a.position(at)
		a.value(e, list[i].Value, at)
	}
}

// value checks what only makes sense with the whole entry.
func (a *assembly) value(e *draft, v schema.Value, at place) {
	switch v.Field {
	case schema.Manager:
		e.manager = at
	case schema.Email, schema.AlternateEmail, schema.RecoveryEmail:
		if why := BadEmail(v.Text); v.Text != "" && why != "" {
			a.errorf(at, "%s %q of %s is no e-mail address: %s", schema.Of(v.Field).Name, v.Text, e.Name, why)
		}
	}
	if v.Field == schema.Email || v.Field == schema.EmployeeIdentifier {
		if key := Fold(v.Text); key != "" {
			a.names[key] = append(a.names[key], e)
		}
	}
}

// intents takes over what a writer says that is no field; rank 0 is the
// entry itself.
func (a *assembly) intents(e *draft, w *writer, rank int) {
	in := &e.intent
	if in.CreateState == "" {
		in.CreateState = w.state
	}
	if in.ActivationEmail == "" {
		in.ActivationEmail = w.mail
	}
	if rank == 0 {
		a.own(e, w)
	}
	if w.exact != nil && e.ipos.Exact == (Pos{}) {
		in.Exact = w.exact.Value == "true"
		e.ipos.Exact = a.position(place{w.src, w.exact})
	}
	if !in.NoGroups {
		e.groups = append(e.groups, w.groups...)
	}
}

// own takes over what only an entry itself may say.
func (a *assembly) own(e *draft, w *writer) {
	in := &e.intent
	if w.was != nil {
		for _, n := range items(w.was) {
			name := strings.TrimSpace(n.Value)
			if e.Kind == schema.User {
				name = Fold(name)
			}
			in.Was = append(in.Was, name)
		}
		e.ipos.Was = a.position(place{w.src, w.was})
	}
	in.New = w.new != nil && w.new.Value == "true"
	if in.New && len(in.Was) > 0 {
		a.errorf(place{w.src, w.new}, "%s %q has was and new: true, which exclude each other", e.Kind, e.Name)
	}
	if w.password != nil {
		a.password(e, w)
	}
	e.members = w.members
	if e.bare = w.bare; e.bare.node != nil {
		pos := a.position(e.bare)
		if e.Kind == schema.User {
			in.NoGroups, e.ipos.NoGroups = true, pos
		} else {
			in.NoMembers, e.ipos.NoMembers = true, pos
		}
	}
	for _, n := range []*yaml.Node{w.id, w.reportsTo} {
		if n != nil {
			a.errorf(place{w.src, n}, "id and reports_to of %s %q go with ensure: absent", e.Kind, e.Name)
		}
	}
}

// tombstone reads an entry that declares an object absent.
func (a *assembly) tombstone(e *draft, w *writer) {
	e.intent.Absent = true
	e.ipos.Absent = a.position(place{w.src, w.absent})
	for _, key := range w.odd {
		a.errorf(place{w.src, key}, "%s makes no sense beside ensure: absent; of %s %q only id and reports_to do", key.Value, e.Kind, e.Name)
	}
	if w.id != nil {
		e.ID = strings.ToLower(w.id.Value)
	}
	if w.reportsTo == nil {
		return
	}
	to := &Written{Pos: a.position(place{w.src, w.reportsTo})}
	if !isNull(w.reportsTo) {
		to.Text = Fold(strings.TrimSpace(w.reportsTo.Value))
	}
	e.intent.ReportsTo = to
}

// isNull tells whether a node is the plain word null.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value == "null" }

// credentials are the variables that sign in to JumpCloud: none of them can
// be somebody's password.
var credentials = []string{"JUMPCLOUD_API_KEY", "JUMPCLOUD_CLIENT_ID", "JUMPCLOUD_CLIENT_SECRET"}

func (a *assembly) password(e *draft, w *writer) {
	p := &e.intent.Password
	from := child(w.password, "from")
	p.From = referenceIn(w.src, from)
	e.ipos.Password = a.position(place{w.src, w.password})
	c := a.d.Credential
	if slices.Contains(append(slices.Clone(credentials), c.APIKey.Env, c.ClientID.Env, c.ClientSecret.Env), p.From.Env) && p.From.Env != "" {
		a.errorf(place{w.src, from}, "%s signs in to JumpCloud and cannot be the password of %s", p.From.Env, e.Name)
	}
	if n := child(w.password, "since"); n != nil {
		p.Since = a.date(place{w.src, n}, "since")
	}
}

// date reads a day as midnight in the organization's time zone.
func (a *assembly) date(at place, what string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, at.node.Value, a.d.Timezone)
	if err != nil {
		a.add(Error, at, "write it as YEAR-MONTH-DAY: 2026-12-31", "%s %q is not a date", what, at.node.Value)
	}
	return t
}

// joined is a path relative to a file, from where the user named the file.
func joined(src *source, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(src.folder(), path)
}
