package state

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// cannotHold is the comment on a value that is left out.
const cannotHold = "%s: a file cannot hold this value"

// fits tells whether Load takes the node of a field: no e-mail that is none,
// and nothing that looks like a key.
func fits(f *schema.Field, n *yaml.Node) bool {
	switch f.ID {
	case schema.Email, schema.AlternateEmail, schema.RecoveryEmail, schema.GroupEmail:
		if BadEmail(n.Value) != "" {
			return false
		}
	}
	return !hasToken(n)
}

// hasToken tells whether a key or token stands in a node.
func hasToken(n *yaml.Node) bool {
	if withoutTokens(n.Value) != n.Value {
		return true
	}
	for _, c := range n.Content {
		if hasToken(c) {
			return true
		}
	}
	return false
}

// prune leaves out of a document, which comes in sections, the members of
// entries that the schema of files refuses.
func prune(sections []*yaml.Node) {
	doc := mapping()
	for _, s := range sections {
		doc.Content = append(doc.Content, s.Content...)
	}
	bad := map[*yaml.Node]bool{}
	for _, p := range schema.Check(doc, false) {
		bad[p.Node] = true
	}
	if len(bad) == 0 {
		return
	}
	for _, s := range sections[1:] {
		for i := 1; i < len(s.Content); i += 2 {
			pruneEntries(s.Content[i], bad)
		}
	}
}

func pruneEntries(entries *yaml.Node, bad map[*yaml.Node]bool) {
	for i := 0; i+1 < len(entries.Content); i += 2 {
		key, entry := entries.Content[i], entries.Content[i+1]
		kept := entry.Content[:0]
		for j := 0; j+1 < len(entry.Content); j += 2 {
			name, value := entry.Content[j], entry.Content[j+1]
			if bad[name] || holds(value, bad) {
				leave(key, fmt.Sprintf(cannotHold, name.Value))
				continue
			}
			kept = append(kept, name, value)
		}
		entry.Content = kept
	}
}

// holds tells whether one of the nodes is in n.
func holds(n *yaml.Node, nodes map[*yaml.Node]bool) bool {
	if nodes[n] {
		return true
	}
	for _, c := range n.Content {
		if holds(c, nodes) {
			return true
		}
	}
	return false
}
