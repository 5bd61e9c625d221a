package state

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// ExportOptions say how live state is written.
type ExportOptions struct {
	Memberships string // "users" (also ""): groups at each person; "groups": members at each group
	Exact       bool   // exact: true at each static group whose members can all be written
}

// Export writes live state, as Read without a Desired gives it, as a file of
// which the plan is empty: names instead of ids, sorted, only values that
// are set, no secrets and no fields that change by themselves. What a file
// cannot say or Load would refuse (a manager who is nobody, an e-mail that two
// people have, a text that looks like a key, members who were not read) is
// left out with a comment. The same live state gives the same bytes.
//
// A read that is Incomplete is exported with a comment that says so, and
// without any group that is exact: what was not read would be taken away.
func Export(w io.Writer, live *Live, o ExportOptions) error {
	if o.Memberships != "" && o.Memberships != "users" && o.Memberships != "groups" {
		return fmt.Errorf("export memberships as %q: want users or groups", o.Memberships)
	}
	b := bufio.NewWriter(w)
	x := newExporter(live, o)
	for _, line := range x.header() {
		fmt.Fprintln(b, withoutTokens("# "+line))
	}
	sections := []*yaml.Node{x.document(), x.section("users", schema.User), x.section("groups", schema.Group)}
	prune(sections)
	for _, section := range sections {
		if len(section.Content) == 0 {
			continue
		}
		if section.Content[0].Value != "version" {
			fmt.Fprintln(b)
			layoutEntries(section.Content[1])
		}
		if err := encodeYAML(b, section); err != nil {
			return fmt.Errorf("write %s: %w", section.Content[0].Value, err)
		}
	}
	return b.Flush()
}

func encodeYAML(w io.Writer, n *yaml.Node) error {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return err
	}
	if err := e.Close(); err != nil {
		return err
	}
	_, err := w.Write(escapeHidden(b.Bytes()))
	return err
}

// exporter turns live objects into nodes.
type exporter struct {
	live    *Live
	exact   bool
	edgesAt schema.Kind          // where memberships are written
	unfit   []string             // of live Objects: why the object cannot be in a file; "" if it can
	circle  map[string]bool      // users who report to themselves, directly or through others, by key
	edges   map[string][]string  // names that an object's entry lists: groups of a user or members of a group, by key
	written map[string]int       // key of a group -> members that are written
	owner   map[ownedText]string // who has a value that only one may have
	left    []string             // comments of the entry that is being written
}

// ownedText is a value that only one person may have, without case.
type ownedText struct {
	field schema.FieldID
	text  string
}

func newExporter(live *Live, o ExportOptions) *exporter {
	x := &exporter{live: live, exact: o.Exact, edgesAt: schema.User, written: map[string]int{}, owner: map[ownedText]string{}}
	if o.Memberships == "groups" {
		x.edgesAt = schema.Group
	}
	x.unfit = make([]string, len(live.Objects))
	for i := range live.Objects {
		x.unfit[i] = unfit(&live.Objects[i], &live.Facts[i])
	}
	x.circle = circles(&live.Org)
	x.edges = x.memberships()
	return x
}

// header says what the file is.
func (x *exporter) header() []string {
	name := "A JumpCloud organization"
	if x.live.Name != "" {
		name = "JumpCloud organization " + printable(x.live.Name)
	}
	lines := []string{
		name + ", written by `rollcall export`.",
		"Change it here: `rollcall plan` shows what would change in JumpCloud, `rollcall apply` changes it.",
		"What a file does not name is left alone; null clears a value.",
	}
	if x.live.Incomplete != "" {
		lines = append(lines, "INCOMPLETE: "+printable(x.live.Incomplete)+".",
			"Do not use this file: what was not read is missing in it. No group is exact in it.")
	}
	for i, why := range x.unfit {
		if why != "" {
			o := &x.live.Objects[i]
			lines = append(lines, fmt.Sprintf("Left out: %s %q (%s): %s.", o.Kind, o.Name, printable(o.ID), why))
		}
	}
	return lines
}

// document is everything above the users.
func (x *exporter) document() *yaml.Node {
	org := mapping()
	for _, v := range []struct{ key, text string }{{"id", x.live.ID}, {"name", x.live.Name}, {"region", x.live.Region}} {
		if v.text != "" && v.text == strings.TrimSpace(v.text) && withoutTokens(v.text) == v.text {
			put(org, v.key, textNode(v.text))
		}
	}
	doc := mapping()
	put(doc, "version", plainNode("1"))
	if len(org.Content) > 0 {
		put(doc, "org", org)
	}
	return doc
}

// section is the entries of all objects of a kind, empty if there are none.
func (x *exporter) section(title string, k schema.Kind) *yaml.Node {
	objects, first := x.live.OfKind(k)
	entries := mapping()
	for i := range objects {
		if x.unfit[first+i] != "" {
			continue
		}
		key := textNode(objects[i].Name)
		x.left = x.left[:0]
		value := x.entry(first + i)
		for _, line := range x.left {
			leave(key, line)
		}
		entries.Content = append(entries.Content, key, value)
	}
	section := mapping()
	if len(entries.Content) > 0 {
		put(section, title, entries)
	}
	return section
}

// leave comments on what is left out of the entry of a key.
func leave(key *yaml.Node, what string) { key.HeadComment += "# left out " + what + "\n" }

// layoutEntries decides which entries stand on one line.
func layoutEntries(entries *yaml.Node) {
	for i := 0; i+1 < len(entries.Content); i += 2 {
		key, value := entries.Content[i], entries.Content[i+1]
		layout(value, len("  ")+flowWidth(key)+len(": "), len("  "))
	}
}

// entry is what the file says of an object.
func (x *exporter) entry(l int) *yaml.Node {
	o := &x.live.Objects[l]
	n := mapping()
	for values := o.Values; len(values) > 0; {
		end := 1
		for end < len(values) && values[end].Field == values[0].Field {
			end++
		}
		x.field(n, o, values[:end])
		values = values[end:]
	}
	if o.Kind == schema.Group && !x.live.Facts[l].Dynamic {
		x.whole(n, l)
	}
	if names := x.edges[edgeKey(o)]; o.Kind == x.edgesAt && len(names) > 0 {
		list := sequence()
		for _, name := range names {
			list.Content = append(list.Content, textNode(name))
		}
		put(n, map[schema.Kind]string{schema.User: "groups", schema.Group: "members"}[o.Kind], list)
	}
	return n
}

// whole comments on a group of which not all members are in the file, and makes
// it exact otherwise if that is asked for.
func (x *exporter) whole(n *yaml.Node, l int) {
	fact, what := &x.live.Facts[l], "memberships"
	if x.exact {
		what = "exact"
	}
	missing := fact.Members - x.written[x.live.Objects[l].Key]
	switch {
	case x.live.Incomplete != "": // the header says so
	case !fact.MembersRead || fact.Uncounted:
		x.leave("%s: how many members there are is not known", what)
	case missing > 0:
		x.leave("%s: %d of %d members cannot be written", what, missing, fact.Members)
	case x.exact:
		put(n, "exact", plainNode("true"))
	}
}

// field adds one field to the entry of an object; values are its parts.
func (x *exporter) field(entry *yaml.Node, o *Object, values []schema.Value) {
	f := schema.Of(values[0].Field)
	switch {
	case f.NoExport || f.Write == 0:
	case f.Type == schema.Ref:
		if name, why := x.person(o, values[0].Text); why != "" {
			x.leave("%s: %s", f.Name, why)
		} else {
			put(entry, f.Name, textNode(name))
		}
	case f.Unique && x.taken(o, values[0]):
	default:
		n, left := valueNode(f, values)
		if n != nil {
			put(entry, f.Name, n)
		}
		for _, v := range left {
			x.leave(cannotHold, printable(v.Name()))
		}
	}
}

// leave comments on what is left out of the entry.
func (x *exporter) leave(format string, args ...any) {
	x.left = append(x.left, withoutTokens(fmt.Sprintf(format, args...)))
}

// person is the name of the person whom a Ref of o means, or why it cannot
// be written.
func (x *exporter) person(o *Object, key string) (name, why string) {
	if id, unknown := strings.CutPrefix(key, "#"); unknown {
		return "", fmt.Sprintf("nobody with the id %s was read", printable(id))
	}
	l := x.live.Find(schema.User, key)
	switch {
	case l < 0:
		return "", fmt.Sprintf("%q was not read", key)
	case x.unfit[l] != "":
		return "", fmt.Sprintf("%q cannot be in a file", x.live.Objects[l].Name)
	case x.circle[o.Key]:
		return "", fmt.Sprintf("%s is part of a circle of managers", printable(x.live.Objects[l].Name))
	}
	return x.live.Objects[l].Name, ""
}

// taken tells whether somebody before o has a value that only one may have,
// and comments on it.
func (x *exporter) taken(o *Object, v schema.Value) bool {
	t := ownedText{v.Field, Fold(v.Text)}
	if l := x.live.Find(schema.User, Fold(v.Text)); o.Kind == schema.User && l >= 0 && x.live.Objects[l].Key != o.Key {
		x.leave("%s: it is the username of %s, and names would mean two people", v.Name(), printable(x.live.Objects[l].Name))
		return true
	}
	if owner, ok := x.owner[t]; ok {
		x.leave("%s: %s has the same", v.Name(), printable(owner))
		return true
	}
	x.owner[t] = o.Name
	return false
}

// unfit is why an object cannot have an entry, "" if it can.
func unfit(o *Object, fact *Fact) string {
	switch {
	case len(fact.Twins) > 0:
		return fmt.Sprintf("%d have this name in JumpCloud", len(fact.Twins))
	case withoutTokens(o.Name) != o.Name:
		return "its name looks like a key or token"
	case strings.Contains(o.Name, usernamePlaceholder):
		return "its name has " + usernamePlaceholder + " in it"
	case strings.TrimSpace(o.Name) != o.Name:
		return "its name begins or ends with white space"
	case strings.TrimSpace(o.Name) == "":
		return "it has no name"
	}
	return ""
}

// edgeKey keeps users and groups of one name apart.
func edgeKey(o *Object) string { return o.Kind.String() + ":" + o.Key }

// memberships are the names that entries list. Those of dynamic groups are
// left out: their rule makes them.
func (x *exporter) memberships() map[string][]string {
	names := map[string][]string{}
	for _, e := range x.live.Edges {
		g, u := x.live.Find(schema.Group, e.Group), x.live.Find(schema.User, e.User)
		switch {
		case g < 0 || x.unfit[g] != "" || x.live.Facts[g].Dynamic || u < 0 || x.unfit[u] != "":
		default:
			x.written[e.Group]++
			at, other := &x.live.Objects[u], &x.live.Objects[g]
			if x.edgesAt == schema.Group {
				at, other = other, at
			}
			names[edgeKey(at)] = append(names[edgeKey(at)], other.Name)
		}
	}
	for key := range names {
		slices.SortFunc(names[key], func(a, b string) int { return strings.Compare(a, b) })
	}
	return names
}

// circles are the people who are their own manager, directly or through
// others.
func circles(o *Org) map[string]bool {
	users, _ := o.OfKind(schema.User) // the first of all objects
	in := map[string]bool{}
	visit := make([]int, len(users)) // the walk that came by, from 1; 0 for none
	for start := range users {
		at := start
		for at >= 0 && visit[at] == 0 {
			visit[at] = start + 1
			at = managerOf(o, at)
		}
		if at < 0 || visit[at] != start+1 {
			continue // an end, or the way of an earlier walk
		}
		for c := at; !in[users[c].Key]; c = managerOf(o, c) {
			in[users[c].Key] = true
		}
	}
	return in
}

// managerOf is the index of a user's manager, -1 if there is none.
func managerOf(o *Org, i int) int {
	key, ok := o.Objects[i].Get(schema.Manager, "")
	if !ok {
		return -1
	}
	return o.Find(schema.User, key)
}
