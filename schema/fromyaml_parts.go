package schema

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// typed is an entry of a ByType field in a file.
type typed struct {
	part string
	text string // canonical JSON, "" of one that removes its type
	node *yaml.Node
}

// byType takes a list of entries that have a type.
func (d *decoder) byType(n *yaml.Node) {
	if !d.sequence(n) {
		return
	}
	var entries []typed
	for _, item := range n.Content {
		switch item.Kind {
		case yaml.MappingNode:
			if e, ok := d.typed(item); ok {
				entries = append(entries, e)
			}
		case yaml.ScalarNode:
			d.errorf(item, "an entry of %s must be a mapping: {type: work, %s: ...}", d.f.Name, d.f.Members[0])
		}
	}
	slices.SortStableFunc(entries, func(a, b typed) int { return strings.Compare(a.part, b.part) })
	for len(entries) > 0 {
		end := 1
		for end < len(entries) && entries[end].part == entries[0].part {
			end++
		}
		d.part(entries[:end])
		entries = entries[end:]
	}
}

// sequence tells whether there are entries to take; null and [] are taken here.
func (d *decoder) sequence(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0:
		return true
	case n.Kind == yaml.SequenceNode, n.Kind == yaml.ScalarNode && nothingOf(n) == null:
		d.add("", "[]")
	case n.Kind == yaml.ScalarNode && nothingOf(n) == nearNull:
		d.nearNull(n, d.f.Name)
	case n.Kind == yaml.ScalarNode:
		d.errorf(n, "%s must be a list", d.f.Name)
	}
	return false
}

// typed is one entry, and whether it is one.
func (d *decoder) typed(n *yaml.Node) (e typed, ok bool) {
	e.node, ok = n, true
	members, said := map[string]any{}, 0
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		if value.Kind != yaml.ScalarNode || name != "type" && !slices.Contains(d.f.Members, name) {
			continue
		}
		text, fine := d.memberText(value, d.f.Name+"."+name)
		ok = ok && fine
		if name == "type" {
			e.part = text
			continue
		}
		if said++; text != "" {
			members[name] = text
		}
	}
	if ok && said == 0 {
		d.errorf(n, "an entry of %s that says nothing: write %s: null to remove it", d.f.Name, d.f.Members[0])
		return e, false
	}
	if len(members) > 0 {
		e.text = encode(members)
	}
	return e, ok
}

// memberText is the text of an entry's member, "" of null, and whether it is one.
func (d *decoder) memberText(n *yaml.Node, name string) (string, bool) {
	switch nothingOf(n) {
	case null:
		return "", true
	case nearNull:
		d.nearNull(n, name)
		return "", false
	}
	return d.text(n, name)
}

// part adds the entries of one type.
func (d *decoder) part(entries []typed) {
	texts := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.text != "" {
			texts = append(texts, e.text)
		}
	}
	switch len(texts) {
	case 0:
		d.add(entries[0].part, "")
	case len(entries):
		d.add(entries[0].part, sortedArray(texts))
	default:
		d.errorf(entries[1].node, "%s of type %s are both written and removed: keep one of the two", d.f.Name, name(entries[0].part))
	}
}

const maxAttributeName = 32 // JumpCloud's custom attributes

// named takes a mapping of names.
func (d *decoder) named(n *yaml.Node) {
	switch {
	case n.Kind == yaml.ScalarNode && nothingOf(n) != something, n.Kind == yaml.MappingNode && len(n.Content) == 0:
		d.errorf(n, "%s cannot be emptied as a whole: name each one to be removed, as in {%s: null}, or remove the key to leave them unmanaged", d.f.Name, d.example())
	case n.Kind == yaml.ScalarNode:
		d.errorf(n, "%s must be a mapping of names", d.f.Name)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	first := len(d.values)
	for i := 0; i+1 < len(n.Content); i += 2 {
		d.entry(n.Content[i], n.Content[i+1])
	}
	slices.SortStableFunc(d.values[first:], Compare)
	if d.f.Kind == User {
		d.twins(n)
	}
}

// example is a name for messages.
func (d *decoder) example() string {
	if d.f.Kind == Group {
		return "radius"
	}
	return "badge"
}

// entry takes one name of a mapping.
func (d *decoder) entry(key, value *yaml.Node) {
	title := d.f.Name + "." + name(key.Value)
	scalar := value.Kind == yaml.ScalarNode
	switch {
	case key.Kind != yaml.ScalarNode || value.Kind == yaml.AliasNode:
	case scalar && nothingOf(value) == null:
		d.add(key.Value, "")
	case scalar && nothingOf(value) == nearNull:
		d.nearNull(value, title)
	case scalar && value.Value == "", d.f.Kind == Group && !scalar && len(value.Content) == 0:
		d.errorf(value, "%s is empty: write null to remove it", title)
	case d.f.Kind == Group:
		if v, ok := d.json(value, key.Value); ok {
			d.add(key.Value, encode(v))
		}
	case !scalar:
	case !attributeName(key.Value):
		d.errorf(key, "%q is no attribute name: letters and digits only, at most %d", key.Value, maxAttributeName)
	default:
		if text, ok := d.text(value, title); ok {
			d.add(key.Value, quote(text))
		}
	}
}

// attributeName tells whether JumpCloud takes a name of a user attribute:
// facts.md section 3.
func attributeName(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= maxAttributeName
}

// twins finds names that differ only in case.
func (d *decoder) twins(n *yaml.Node) {
	if len(n.Content) < 4 {
		return
	}
	first := make(map[string]string, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		folded := strings.ToLower(key.Value)
		switch a, seen := first[folded]; {
		case !seen:
			first[folded] = key.Value
		case a != key.Value: // the same twice is Check's
			d.errorf(key, "%s.%s differs from %s.%s only in case: keep one of the two", d.f.Name, name(key.Value), d.f.Name, name(a))
		}
	}
}

// list takes an array that is replaced whole.
func (d *decoder) list(n *yaml.Node) {
	if !d.sequence(n) {
		return
	}
	texts, ok := make([]string, 0, len(n.Content)), true
	for _, item := range n.Content {
		text, fine := d.item(item)
		texts, ok = append(texts, text), ok && fine
	}
	if ok {
		d.add("", sortedArray(texts))
	}
}

// item is the canonical JSON of one entry of a list.
func (d *decoder) item(n *yaml.Node) (string, bool) {
	switch {
	case d.f.Texts != nil:
		v, ok := d.json(n, "")
		return encode(entry(v, nil)), ok
	case n.Kind == yaml.ScalarNode && d.f.Members != nil:
		d.errorf(n, "an entry of %s must be a mapping of %s", d.f.Name, strings.Join(d.f.Members, " and "))
	case n.Kind == yaml.ScalarNode && (nothingOf(n) != something || n.Value == ""):
		d.errorf(n, "an empty entry of %s: write a text, or remove the entry", d.f.Name)
	case n.Kind == yaml.ScalarNode:
		text, ok := d.text(n, "an entry of "+d.f.Name)
		return quote(text), ok
	case n.Kind == yaml.MappingNode && d.f.Members != nil:
		return d.members(n)
	}
	return "", false
}

// members is the canonical JSON of an entry that is a mapping of texts.
func (d *decoder) members(n *yaml.Node) (string, bool) {
	object, ok := map[string]any{}, true
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		if value.Kind != yaml.ScalarNode || !slices.Contains(d.f.Members, name) {
			return "", false
		}
		text, fine := d.memberText(value, d.f.Name+"."+name)
		if fine && text == "" {
			d.errorf(value, "%s.%s is empty: write a text, or remove the entry", d.f.Name, name)
			fine = false
		}
		object[name], ok = text, ok && fine
	}
	return encode(object), ok
}

// object takes a JSON object that is replaced whole.
func (d *decoder) object(n *yaml.Node) {
	switch {
	case n.Kind == yaml.ScalarNode && nothingOf(n) == null:
		d.clear(n)
	case n.Kind == yaml.ScalarNode && nothingOf(n) == nearNull:
		d.nearNull(n, d.f.Name)
	case n.Kind == yaml.ScalarNode:
		d.errorf(n, "%s must be a mapping", d.f.Name)
	case n.Kind == yaml.MappingNode && len(n.Content) == 0:
		d.clear(n)
	case n.Kind == yaml.MappingNode:
		if v, ok := d.json(n, ""); ok {
			d.add("", encode(v))
		}
	}
}
