package state

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// writer is one mapping that says what an object is: its entry, or the
// defaults of many.
type writer struct {
	src       *source
	common    bool // defaults
	row       bool // of a table
	values    []placed
	templates []template
	state     string // canonical, of state or suspended
	stateAt   place
	mail      string
	groups    []place
	members   []place
	bare      place // of groups: [] or members: []

	exact, was, new, absent, id, reportsTo, password, start, end *yaml.Node

	odd []*yaml.Node // keys that a tombstone may not have
}

// placed is a value and where it is written.
type placed struct {
	schema.Value
	at place
}

// template is a default with {username} in it.
type template struct {
	field *schema.Field
	node  *yaml.Node
}

// entry reads what the file says at an object itself. It is there until the
// next entry is read.
func (a *assembly) entry(e *draft, n *yaml.Node) *writer {
	w := &a.writer
	*w = writer{src: e.at.src, values: w.values[:0], odd: w.odd[:0]}
	a.read(w, e.Kind, n)
	return w
}

// defaults reads what a document or fragment gives to all its objects, by
// kind; nil if it gives nothing.
func (a *assembly) defaults(src *source, root *yaml.Node) (by [2]*writer) {
	for _, kind := range []schema.Kind{schema.User, schema.Group} {
		if n := child(child(root, "defaults"), kind.String()); n != nil {
			by[kind] = &writer{src: src, common: true}
			a.read(by[kind], kind, n)
		}
	}
	return by
}

// read reads a mapping.
func (a *assembly) read(w *writer, kind schema.Kind, n *yaml.Node) {
	list := pairs(n)
	for i := 0; i+1 < len(list); i += 2 {
		key, node := list[i], list[i+1]
		f := schema.Lookup(kind, key.Value)
		if f == nil || f.Key || f.Type == schema.Secret {
			a.intent(w, key, node)
			continue
		}
		w.odd = append(w.odd, key)
		if w.common && kind == schema.User && hasPlaceholder(node) {
			a.placeholders(w, node)
			w.templates = append(w.templates, template{f, node})
			continue
		}
		a.field(w, f, node)
	}
	a.settleState(w)
}

// field reads the values of a field.
func (a *assembly) field(w *writer, f *schema.Field, n *yaml.Node) {
	var found []schema.NodeProblem
	a.scratch, found = f.FromYAML(n, a.scratch[:0])
	a.nodes(w.src, found)
	for _, v := range a.scratch {
		w.values = append(w.values, placed{v, place{w.src, partOf(f, n, v.Part)}})
	}
}

// partOf is the node that says a part of a field.
func partOf(f *schema.Field, n *yaml.Node, part string) *yaml.Node {
	const many = 50 // do not search long lists again and again
	if part == "" || len(n.Content) > many {
		return n
	}
	if f.Type == schema.Map {
		if v := child(n, part); v != nil {
			return v
		}
	}
	for _, entry := range n.Content {
		if strings.TrimSpace(value(child(entry, "type"))) == part {
			return entry
		}
	}
	return n
}

// intent reads a key that is no field.
func (a *assembly) intent(w *writer, key, n *yaml.Node) {
	switch key.Value {
	case "ensure":
		w.absent = n
		return
	case "id":
		w.id = n
		return
	case "reports_to":
		w.reportsTo = n
		return
	case "was":
		w.was = n
	case "new":
		w.new = n
	case "password":
		w.password = n
	case "exact":
		w.exact = n
	case "start":
		w.start = n
	case "end":
		w.end = n
	case "activation_email":
		a.placeholders(w, n)
		w.mail = a.mail(place{w.src, n})
	case "groups":
		a.placeholders(w, n)
		w.groups = a.list(w, n)
	case "members":
		w.members = a.list(w, n)
	}
	w.odd = append(w.odd, key)
}

// mail reads where the mail of an activation goes.
func (a *assembly) mail(at place) string {
	if saysNothing(at.node) {
		return ""
	}
	mail := strings.TrimSpace(at.node.Value)
	if mail != "send" && mail != "none" && BadEmail(mail) != "" {
		a.errorf(at, "activation_email %q is neither send, none nor an e-mail address", mail)
	}
	return mail
}

// list reads names of groups or members.
func (a *assembly) list(w *writer, n *yaml.Node) (names []place) {
	if isEmptyList(n) {
		w.bare = place{w.src, n}
		if w.common {
			a.add(Warning, w.bare, "write groups: [] at the person", "groups: [] says nothing in defaults")
		}
	}
	if n.Kind != yaml.SequenceNode {
		return nil
	}
	seen := make(map[string]bool, len(n.Content))
	for _, item := range n.Content {
		at := place{w.src, a.undated(item)}
		if at.node == nil {
			continue // the schema has told what it is
		}
		switch name := a.trimmed(at); {
		case name == "" && !saysNothing(at.node):
			a.errorf(at, "an empty name")
		case name == "":
		case seen[name] && a.untils[at.node] == nil:
			a.add(Warning, at, "", "%q is listed twice", name)
		default:
			seen[name] = true
			names = append(names, at)
		}
	}
	return names
}

// undated is the name in an item of a list, which may have a last day: {group:
// NAME, until: DATE}; nil if there is none.
func (a *assembly) undated(item *yaml.Node) *yaml.Node {
	name := nameIn(item)
	if name == nil || name.Kind != yaml.ScalarNode {
		return nil
	}
	if until := child(item, "until"); until != nil {
		a.untils[name] = until
	}
	return name
}

// settleState turns state and its alias suspended into one. Defaults and
// tables say only how people are created, an entry has it as a value too.
func (a *assembly) settleState(w *writer) {
	state := slices.IndexFunc(w.values, func(v placed) bool { return v.Field == schema.State })
	alias := slices.IndexFunc(w.values, func(v placed) bool { return v.Field == schema.Suspended })
	if state >= 0 {
		w.state, w.stateAt = w.values[state].Text, w.values[state].at
	}
	if alias >= 0 {
		v := w.values[alias]
		says := map[string]string{"true": "SUSPENDED", "false": "ACTIVATED"}[v.Text]
		switch {
		case state < 0:
			w.state, w.stateAt = says, v.at
			w.values = append(w.values, placed{schema.Value{Field: schema.State, Text: says}, v.at})
		case (w.state == "SUSPENDED") != (says == "SUSPENDED"):
			a.errorf(v.at, "suspended: %s contradicts state: %s; write only state", v.Text, strings.ToLower(w.state))
		}
	}
	if alias >= 0 || w.common || w.row {
		w.values = slices.DeleteFunc(w.values, func(v placed) bool {
			return v.Field == schema.Suspended || (w.common || w.row) && v.Field == schema.State
		})
	}
}

const usernamePlaceholder = "{username}"

// placeholder is what looks like one: a word in braces.
var placeholder = regexp.MustCompile(`\{[A-Za-z_]+\}`)

// hasPlaceholder tells whether a scalar in a node has a word in braces.
func hasPlaceholder(n *yaml.Node) bool {
	if n.Kind == yaml.ScalarNode {
		return strings.Contains(n.Value, "{") && placeholder.MatchString(n.Value)
	}
	return slices.ContainsFunc(n.Content, hasPlaceholder)
}

// placeholders warns of those in defaults that stay as they are.
func (a *assembly) placeholders(w *writer, n *yaml.Node) {
	if !w.common {
		return
	}
	for _, found := range placeholder.FindAllString(value(n), -1) {
		if found != usernamePlaceholder {
			a.add(Warning, place{w.src, n}, "", "%s stays as it is: only {username} is replaced", found)
		}
	}
	for _, c := range n.Content {
		a.placeholders(w, c)
	}
}

// filled is a template's node for one person. What was replaced is text,
// whatever it looks like.
func filled(n *yaml.Node, username string) *yaml.Node {
	if n.Kind == yaml.ScalarNode && !strings.Contains(n.Value, usernamePlaceholder) {
		return n
	}
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, m := range n.Content {
		c.Content[i] = filled(m, username)
	}
	if n.Kind == yaml.ScalarNode {
		c.Value = strings.ReplaceAll(n.Value, usernamePlaceholder, username)
		c.Style = yaml.DoubleQuotedStyle
	}
	return &c
}
