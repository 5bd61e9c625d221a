package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

// explain says for people what a place does not meet.
func (c *checker) explain(p place, keyword string) {
	s := resolve(p.schema)
	switch keyword {
	case "additionalProperties":
		c.unknown(p)
	case "required":
		c.missing(p)
	case "type":
		c.wrongType(p)
	case "enum":
		c.problem(p, DidYouMean(nearValue(p.node.Value, enumWords(s))), "%s must be %s", p.name(), p.wanted())
	case "const":
		c.problem(p, "", "version %s is not known: this rollcall reads version 1", name(p.node.Value))
	case "minProperties":
		c.problem(p, "", "%s is empty: it must be %s", p.name(), s.Title)
	case "maxProperties":
		c.problem(p, "", "%s must be only one of %s", p.name(), oneOf(known(s)))
	case "minimum":
		c.problem(p, "", "%s must be %s or more", p.name(), s.Minimum.RatString())
	default:
		c.problem(p, "", "%s must be %s", p.name(), p.wanted())
	}
}

// problem is an error at a place, at its key if nothing stands behind it.
func (c *checker) problem(p place, hint, format string, args ...any) {
	n, secret := p.node, p.secret()
	if p.key != nil && n.Kind == yaml.ScalarNode && n.Value == "" && nothingOf(n) == nearNull {
		n, secret = p.key, false
	}
	c.problems = append(c.problems, NodeProblem{Node: n, Severity: Error, Text: fmt.Sprintf(format, args...), Hint: hint, Secret: secret})
}

// secret tells whether a literal secret may stand at a place.
func (p place) secret() bool {
	s := resolve(p.schema)
	return s != nil && (strings.Contains(s.Location, "/$defs/reference") || strings.Contains(s.Location, "/$defs/password"))
}

// wanted is what a place must be.
func (p place) wanted() string {
	s := resolve(p.schema)
	switch {
	case s.Title != "":
		return s.Title
	case len(s.Enum) > 0:
		return oneOf(enumWords(s))
	}
	return types(s.Types).String()
}

// enumWords are the words of which a schema takes one.
func enumWords(s *jsonschema.Schema) []string {
	words := make([]string, len(s.Enum))
	for i, w := range s.Enum {
		words[i] = fmt.Sprint(w)
	}
	return words
}

// wrongType explains a value of another type than the schema's.
func (c *checker) wrongType(p place) {
	switch said := nothingOf(p.node); {
	case p.node.Kind == yaml.MappingNode:
		c.problem(p, "", "%s must be %s, not a mapping", p.name(), p.wanted())
	case p.node.Kind == yaml.SequenceNode:
		c.problem(p, "", "%s must be %s, not a list", p.name(), p.wanted())
	case said == nearNull && p.node.Value == "":
		c.problem(p, "", "%s has nothing behind it: it must be %s; remove the key if there is nothing to say", p.name(), p.wanted())
	case said != something:
		c.problem(p, "", "%s cannot be %s: it must be %s; remove the key if there is nothing to say", p.name(), p.node.Value, p.wanted())
	case p.field != nil && p.key != nil && p.field(p.key.Value) != nil:
		c.problem(p, "", "%s is a field of a %s: it belongs under a name", p.name(), p.field(p.key.Value).Kind)
	default:
		c.problem(p, "", "%s must be %s%s", p.name(), p.wanted(), p.unquoted())
	}
}

// unquoted adds what to write instead of a text that was meant to be true,
// false or a number.
func (p place) unquoted() string {
	word := ""
	switch wanted := resolve(p.schema).Types[0]; {
	case wanted == "boolean":
		word = truth(p.node.Value)
	case wanted == "integer" && isNumber(p.node.Value):
		word = p.node.Value
	}
	if word == "" {
		return ""
	}
	return ": write " + word + ", without quotes"
}

// missing explains keys that have to be there.
func (c *checker) missing(p place) {
	for _, key := range p.missing() {
		if key == "version" {
			c.problem(p, "", "version is missing: write version: 1 at the top; without it a file is a fragment, with only defaults, users and groups")
			continue
		}
		c.problem(p, "", "%s needs %s", p.name(), key)
	}
}

// unknown explains keys that a mapping does not have.
func (c *checker) unknown(p place) {
	s := resolve(p.schema)
	keys := known(s)
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		key := p.node.Content[i]
		if !isKey(key) || nothingOf(key) == nearNull || s.Properties[key.Value] != nil {
			continue
		}
		text, hint := "unknown key "+name(key.Value), c.meant(key.Value, s.Location, keys)
		if hint == "" && len(keys) <= 8 {
			text += ": known here are " + strings.Join(keys, ", ")
		}
		c.problems = append(c.problems, NodeProblem{Node: key, Severity: Error, Text: text, Hint: hint, Secret: p.secret()})
	}
}

// mostGuesses is how many unknown keys of a document get a hint: nonsense has
// millions of them.
const mostGuesses = 1000

// meant is a hint at what an unknown key may have been meant to be.
func (c *checker) meant(key, location string, keys []string) string {
	switch {
	case strings.HasSuffix(location, "/$defs/user") && key == Of(Username).Name:
		return "the username is the key of the entry; to rename somebody, add was: OLD under the new name"
	case strings.HasSuffix(location, "/$defs/user") && key == "name":
		return ownName
	case strings.HasSuffix(location, "/$defs/group") && key == Of(GroupName).Name:
		return "the name is the key of the entry; to rename a group, add was: OLD under the new name"
	}
	if c.guesses++; c.guesses > mostGuesses {
		return ""
	}
	if near := Near(key, keys); near != "" {
		return DidYouMean(near)
	}
	if alias := aliases[key]; slices.Contains(keys, alias) {
		return DidYouMean(alias)
	}
	if places := c.places[key]; len(places) > 0 {
		return key + " belongs in " + oneOf(places)
	}
	return DidYouMean(nearValue(key, keys))
}
