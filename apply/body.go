package apply

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// body is what a POST or PUT carries.
type body map[string]json.RawMessage

// The states that are written and looked for (facts.md section 4).
const (
	staged    = "STAGED"
	activated = "ACTIVATED"
	suspended = "SUSPENDED"
)

// userBody is the fields of a change as JumpCloud takes them: whole arrays,
// the state with its mirror, secrets resolved.
func (w *writer) userBody(c *plan.Change) (body, error) {
	b := body{}
	if c.Action == plan.Create {
		b["username"] = text(c.Object.Name)
		b["state"] = text(staged) // the organization's own default may let people in
	}
	for i := range c.Fields {
		delta := &c.Fields[i]
		f := schema.Of(delta.Field)
		switch {
		case f.ID == schema.State:
			b.state(c.Action, delta.Text)
		case f.Type == schema.Secret:
			secret, err := w.resolve(delta.Secret)
			if err != nil {
				return nil, err
			}
			b[f.Name] = text(secret)
		case f.Type == schema.Ref:
			b[f.Name] = schema.Value{Field: f.ID, Text: delta.RefID}.Body()
		case f.Type == schema.ByType || f.Type == schema.Map:
			b[f.Name] = schema.Array(f.ID, kept(c, f.ID), parts(c, f.ID))
		default:
			b[f.Name] = delta.Body()
		}
	}
	return b, nil
}

// state is written with the older field that mirrors it: JumpCloud refuses
// a pair that contradicts itself (facts.md section 4).
func (b body) state(a plan.Action, to string) {
	b["state"] = text(to)
	if a != plan.Create || to == suspended {
		b["suspended"] = json.RawMessage(fmt.Sprint(to == suspended))
	}
}

// parts are the new values of the parts of one field.
func parts(c *plan.Change, f schema.FieldID) (values []schema.Value) {
	for _, delta := range c.Fields {
		if delta.Field == f {
			values = append(values, delta.Value)
		}
	}
	return values
}

// kept are the live entries of an array field.
func kept(c *plan.Change, f schema.FieldID) [][]byte {
	for _, a := range c.Keep {
		if a.Field == f {
			return a.Entries
		}
	}
	return nil
}

func text(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return b
}

// resolve is the secret that a reference means, which must not be empty and
// must arrive as it is.
func (w *writer) resolve(r state.Reference) (string, error) {
	if w.secret == nil {
		return "", fmt.Errorf("nothing resolves %s", r)
	}
	secret, err := w.secret(r)
	if err != nil {
		return "", fmt.Errorf("password from %s: %w", r, err)
	}
	switch {
	case secret == "":
		return "", fmt.Errorf("password from %s: it is empty", r)
	case !utf8.ValidString(secret):
		return "", fmt.Errorf("password from %s: it is not UTF-8 text, and JSON cannot carry it as it is", r)
	}
	return secret, nil
}

// groupBody is a group as a PUT must carry it: the whole writable set of the
// live record with the changed fields in it, since what is left out is reset.
func groupBody(live jumpcloud.Record, c *plan.Change) body {
	b := body{}
	for _, f := range schema.Fields(schema.Group) {
		if raw, ok := live[f.Name]; ok && string(raw) != "null" {
			b[f.Name] = raw
		}
	}
	for i := range c.Fields {
		delta := &c.Fields[i]
		f := schema.Of(delta.Field)
		if f.Type == schema.Map {
			b[f.Name] = schema.Merge(live[f.Name], parts(c, f.ID))
			continue
		}
		b[f.Name] = delta.Body()
		if len(b[f.Name]) == 0 || string(b[f.Name]) == "null" {
			delete(b, f.Name) // a PUT resets what is left out
		}
	}
	if _, ok := b["name"]; !ok {
		b["name"] = text(c.Object.Name)
	}
	return b
}
