package state

import (
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones on machines that have none

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// assembly puts one organization together from its document and fragments.
type assembly struct {
	*loader
	src     *source
	d       *Desired
	files   map[*source]int32
	entries []*draft
	byKey   map[objectKey]*draft
	names   map[string][]*draft // people by folded e-mail and employeeIdentifier
	edges   []edge
	tz      *time.Location
}

type objectKey struct {
	kind schema.Kind
	key  string
}

// draft is an object while its document is put together.
type draft struct {
	Object
	intent  Intent
	at      place // of its key
	pos     []Pos // of Values
	ipos    IntentPos
	manager place
	groups  []place // of a user: what groups names, defaults included
	members []place // of a group
	bare    place   // of groups: [] and members: [], else zero
}

// edge is a membership with its place.
type edge struct {
	Edge
	at place
}

// document assembles one organization.
func (l *loader) document(src *source, doc *yaml.Node) *Desired {
	l.nodes(src, schema.Check(doc, false))
	a := &assembly{loader: l, src: src, d: &Desired{Timezone: time.UTC}, files: map[*source]int32{}, byKey: map[objectKey]*draft{}, names: map[string][]*draft{}}
	a.org(child(doc, "org"))
	if a.d.Pos.Org == (Pos{}) {
		a.d.Pos.Org = a.position(place{src, doc})
	}
	a.policy(child(doc, "policy"))
	defaults := [2]*writer{schema.User: a.defaults(src, doc, schema.User), schema.Group: a.defaults(src, doc, schema.Group)}
	a.objects(src, doc, defaults, [2]*writer{})
	for _, f := range l.includes(src, doc) {
		for _, part := range f.docs {
			l.nodes(f, schema.Check(part, true))
			own := [2]*writer{schema.User: a.defaults(f, part, schema.User), schema.Group: a.defaults(f, part, schema.Group)}
			a.objects(f, part, defaults, own)
		}
	}
	a.check()
	a.finish()
	return a.d
}

// position is a place as Positions have it.
func (a *assembly) position(p place) Pos {
	if p.node == nil {
		return Pos{}
	}
	i, ok := a.files[p.src]
	if !ok {
		a.d.Pos.Files = append(a.d.Pos.Files, p.src.name)
		i = int32(len(a.d.Pos.Files))
		a.files[p.src] = i
	}
	return Pos{i, int32(p.node.Line), int32(p.node.Column)}
}

var hexID = regexp.MustCompile(`^[0-9a-fA-F]{24}$`)

// org reads who the organization is and how to sign in.
func (a *assembly) org(n *yaml.Node) {
	if n == nil {
		a.d.Region = "us"
		return
	}
	a.d.Pos.Org = a.position(place{a.src, n})
	a.d.ID, a.d.Name, a.d.Region = strings.ToLower(value(child(n, "id"))), strings.TrimSpace(value(child(n, "name"))), value(child(n, "region"))
	if a.d.Region == "" {
		a.d.Region = "us"
	}
	if zone := child(n, "timezone"); zone != nil {
		tz, err := time.LoadLocation(zone.Value)
		if err != nil || zone.Value == "" || zone.Value == "Local" {
			a.add(Error, place{a.src, zone}, "write one such as Europe/Berlin or America/Denver", "timezone %q is not known", zone.Value)
		} else {
			a.d.Timezone = tz
		}
	}
	a.credential(n)
}

// value is the text of a scalar, "" of anything else.
func value(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

func (a *assembly) credential(org *yaml.Node) {
	key, account := child(org, "api_key"), child(org, "service_account")
	if key != nil && account != nil {
		a.errorf(place{a.src, account}, "org has an api_key and a service_account: write one of them")
	}
	a.d.Credential = Credential{
		APIKey:       a.reference(key),
		ClientID:     a.reference(child(account, "client_id")),
		ClientSecret: a.reference(child(account, "client_secret")),
	}
}

// reference reads where a secret is; files are relative to the file.
func (a *assembly) reference(n *yaml.Node) (r Reference) { return referenceIn(a.src, n) }

func referenceIn(src *source, n *yaml.Node) (r Reference) {
	r.Env = value(child(n, "env"))
	if file := value(child(n, "file")); file != "" {
		r.File = joined(src, file)
	}
	for _, word := range items(child(n, "command")) {
		r.Command = append(r.Command, word.Value)
	}
	return r
}

// objects reads the users and groups of a document or fragment. Defaults
// are those of the document and, for a fragment's objects, its own.
func (a *assembly) objects(src *source, doc *yaml.Node, defaults, own [2]*writer) {
	for _, kind := range []schema.Kind{schema.User, schema.Group} {
		n := pairs(child(doc, kind.String()+"s"))
		for i := 0; i+1 < len(n); i += 2 {
			a.object(kind, place{src, n[i]}, n[i+1], defaults[kind], own[kind])
		}
	}
}

func (a *assembly) object(kind schema.Kind, at place, n *yaml.Node, defaults, own *writer) {
	name := strings.TrimSpace(at.node.Value)
	e := &draft{Object: Object{Kind: kind, Name: name, Key: name}, at: at}
	if kind == schema.User {
		e.Key = Fold(name)
	}
	k := objectKey{kind, e.Key}
	if first := a.byKey[k]; first != nil {
		if first.at.src != at.src || first.Name != name {
			a.errorf(at, "%s %q is defined twice: here and at %s", kind, name, first.at)
		}
		return // an exact double in one mapping is the schema's to tell
	}
	a.byKey[k] = e
	a.entries = append(a.entries, e)
	w := a.read(kind, at.src, n, false)
	if w.absent != nil {
		a.tombstone(e, w)
		return
	}
	a.fill(e, w, own, defaults)
}

// finish sorts what was put together and lays it out as Desired has it.
func (a *assembly) finish() {
	slices.SortFunc(a.entries, func(x, y *draft) int {
		if x.Kind != y.Kind {
			return int(x.Kind) - int(y.Kind)
		}
		return strings.Compare(x.Key, y.Key)
	})
	d := a.d
	d.Objects = make([]Object, len(a.entries))
	d.Intents = make([]Intent, len(a.entries))
	d.Pos.Objects = make([]Pos, len(a.entries))
	d.Pos.Values = make([][]Pos, len(a.entries))
	d.Pos.Intents = make([]IntentPos, len(a.entries))
	for i, e := range a.entries {
		d.Objects[i], d.Intents[i] = e.Object, e.intent
		d.Pos.Objects[i], d.Pos.Values[i], d.Pos.Intents[i] = a.position(e.at), e.pos, e.ipos
	}
	for _, e := range a.edges {
		d.Edges = append(d.Edges, e.Edge)
		d.Pos.Edges = append(d.Pos.Edges, a.position(e.at))
	}
}
