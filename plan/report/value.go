package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
)

const (
	nothing = "(none)" // how a value that is not set is shown
	arrow   = " -> "
	hidden  = "***"
)

// values shows values to people.
type values struct {
	personal bool // show personal fields instead of masking them
}

// text is a value on one line: texts as they are, all else as JSON.
func (s values) text(v schema.Value) string {
	f := schema.Of(v.Field)
	switch {
	case v.Text == "":
		return nothing
	case f.Personal && !s.personal:
		return Clean(s.masked(v))
	case f.Type == schema.String, f.Type == schema.Ref:
		return quoted(v.Text)
	case f.ID == schema.State:
		return strings.ToLower(v.Text)
	}
	raw := v.JSON()
	var text string
	switch {
	case string(raw) == "null":
		return nothing
	case json.Unmarshal(raw, &text) != nil:
		return Clean(string(raw))
	}
	return quoted(text)
}

// json is a value as JSON, null if it is not set, masked if it is personal.
func (s values) json(v schema.Value) json.RawMessage {
	raw := v.JSON()
	if s.personal || !schema.Of(v.Field).Personal || string(raw) == "null" {
		return raw
	}
	return marshal(s.masked(v))
}

// masked is what is shown of a personal value: "***", of an e-mail address
// "***@" and its domain.
func (s values) masked(v schema.Value) string {
	if schema.Of(v.Field).Fold { // the personal fields without case are addresses
		return s.address(v.Text)
	}
	return hidden
}

// address is an e-mail address, without its local part unless personal
// fields are shown.
func (s values) address(email string) string {
	if s.personal {
		return email
	}
	if at := strings.LastIndexByte(email, '@'); at >= 0 {
		return hidden + email[at:]
	}
	return hidden
}

// mail is where an activation sends its mail: send, none or an address.
func (s values) mail(to string) string {
	if to == "" || to == "send" || to == "none" {
		return to
	}
	return s.address(to)
}

// quoted is a text that may stand among others in a sentence or a list: in
// quotes if it could be taken for more or less than it is.
func quoted(s string) string {
	plain := s != "" && strings.TrimSpace(s) == s && !strings.Contains(s, arrow) &&
		!strings.Contains(s, ", ") && !strings.ContainsAny(s[:1], `"(`) && s[len(s)-1] != ','
	if plain {
		return Clean(s)
	}
	return Clean(string(marshal(s)))
}

func quotedAll(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = quoted(name)
	}
	return out
}

// marshal is the JSON of a text, < and > left as they are.
func marshal(s string) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a text is always JSON
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// delta is a difference as people read it.
type delta struct {
	sign     byte   // add: there was nothing; remove: there will be nothing; else modify
	name     string // the field or part
	old, new string // what is shown; old is "" where only one text is
	field    schema.FieldID
	entry    bool // one that comes to a list or goes from it
}

// text is old -> new, or the text that comes or goes.
func (d delta) text() string {
	if d.old == "" {
		return d.new
	}
	return d.old + arrow + d.new
}

// conflict is a value that the file and JumpCloud changed, with all three.
func (s values) conflict(d plan.Delta) conflict {
	show := func(text string) string { return s.text(schema.Value{Field: d.Field, Part: d.Part, Text: text}) }
	return conflict{what: Clean(d.Name()), base: show(d.Base), live: show(d.Old), file: show(d.Text)}
}

// text is a conflict on one line.
func (c conflict) text() string {
	if c.file == "" {
		return c.what
	}
	return fmt.Sprintf("%s: base %s, live %s, file %s", c.what, c.base, c.live, c.file)
}

// deltas are the differences of one plan.Delta: one, but for a list one an
// entry that comes or goes.
func (s values) deltas(d plan.Delta) []delta {
	f := schema.Of(d.Field)
	name := Clean(d.Name())
	if f.Type == schema.Secret {
		return []delta{{sign: modify, name: name, new: "set from " + quoted(d.Text), field: d.Field}}
	}
	before := schema.Value{Field: d.Field, Part: d.Part, Text: d.Old}
	if f.Type == schema.List {
		return s.entries(name, before, d.Value)
	}
	one := delta{sign: modify, name: name, old: s.text(before), new: s.text(d.Value), field: d.Field}
	switch {
	case one.old == nothing:
		one.sign, one.old = add, ""
	case one.new == nothing:
		one.sign = remove
	case one.old == one.new && (s.personal || !f.Personal): // 1 and "1": told apart as JSON
		one.old, one.new = Clean(string(before.JSON())), Clean(string(d.JSON()))
	}
	return []delta{one}
}

// entries are what comes to and goes from a list.
func (s values) entries(name string, before, after schema.Value) (all []delta) {
	old, wanted := split(before.JSON()), split(after.JSON())
	for _, e := range old {
		if !slices.Contains(wanted, e) {
			all = append(all, delta{sign: remove, name: name, new: Clean(e), field: before.Field, entry: true})
		}
	}
	for _, e := range wanted {
		if !slices.Contains(old, e) {
			all = append(all, delta{sign: add, name: name, new: Clean(e), field: before.Field, entry: true})
		}
	}
	return all
}

// split is the entries of a JSON array, none of anything else.
func split(array json.RawMessage) []string {
	var raw []json.RawMessage
	if json.Unmarshal(array, &raw) != nil {
		return nil
	}
	texts := make([]string, len(raw))
	for i := range raw {
		texts[i] = string(raw[i])
	}
	return texts
}
