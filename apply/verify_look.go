package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// look reads what was not found true yet, and is what differs now.
func (v *verifier) look(ctx context.Context) (found []Difference, err error) {
	for _, k := range [...]schema.Kind{schema.User, schema.Group} {
		differ, err := v.lookAt(ctx, k)
		found = append(found, differ...)
		if err != nil {
			return found, err
		}
	}
	differ, err := v.lookAtEdges(ctx)
	return append(found, differ...), err
}

// lookAt reads the objects of a kind.
func (v *verifier) lookAt(ctx context.Context, k schema.Kind) (found []Difference, err error) {
	var left []*touched
	var ids, whole []string
	total := v.read.Users
	if k == schema.Group {
		total = v.read.Groups
	}
	for _, t := range v.objects {
		if t.Kind != k || t.ok {
			continue
		}
		left, ids = append(left, t), append(ids, t.ID)
		late := v.last && t.unseen // lists may show it later than its id does
		if late || slices.ContainsFunc(t.wants, func(w wanted) bool { return schema.Of(w.Field).ListOmits }) {
			whole = append(whole, t.ID)
		}
	}
	if len(left) == 0 {
		return nil, nil
	}
	seen, err := state.Reread(ctx, v.client, k, ids, whole, max(total, len(left)))
	if err != nil {
		return nil, fmt.Errorf("read the %ss again: %w", k, err)
	}
	for _, t := range left {
		differ := v.judge(t, seen[t.ID])
		t.ok, t.unseen = len(differ) == 0, seen[t.ID] == nil
		found = append(found, differ...)
	}
	return found, nil
}

// judge is what an object has otherwise than it was wanted; s is nil if it
// is not there.
func (v *verifier) judge(t *touched, s *state.Seen) (found []Difference) {
	switch {
	case t.gone && s == nil:
		return nil
	case t.gone:
		return []Difference{{Change: t.change, Text: "it is still there"}}
	case s == nil:
		return []Difference{{Change: t.change, Text: "it is not there"}}
	}
	for i := range t.wants {
		w := &t.wants[i]
		if !w.Secret.IsZero() {
			if text := v.password(s); text != "" {
				found = append(found, Difference{Change: w.change, Text: text})
			}
			continue
		}
		if text, same := valueOf(s, &w.Delta); !same {
			found = v.differ(found, w, text)
		}
	}
	return found
}

// password says what is wrong with a password that was written, "" if
// nothing is known to be.
func (v *verifier) password(s *state.Seen) string {
	before, known := v.passwords[s.ID]
	if !known || before.IsZero() || s.PasswordDate.IsZero() || s.PasswordDate.After(before) {
		return ""
	}
	return "the password was not set: its date is still " + before.UTC().Format("2006-01-02 15:04:05")
}

// differ adds a value to the difference of its field, or begins one.
func (v *verifier) differ(found []Difference, w *wanted, text string) []Difference {
	live := w.Value
	live.Text = text
	if schema.Of(w.Field).Type == schema.Ref && text != "" {
		if live.Text = v.names[text]; live.Text == "" {
			live.Text = "#" + text
		}
	}
	i := slices.IndexFunc(found, func(d Difference) bool { return d.Text == "" && d.Wanted[0].Field == w.Field })
	if i < 0 {
		return append(found, Difference{Change: w.change, Wanted: []schema.Value{w.Value}, Live: []schema.Value{live}})
	}
	found[i].Wanted, found[i].Live = append(found[i].Wanted, w.Value), append(found[i].Live, live)
	return found
}

// lookAtEdges reads the memberships.
func (v *verifier) lookAtEdges(ctx context.Context) (found []Difference, err error) {
	var edges []state.IDEdge
	for _, e := range v.edges {
		if !e.ok {
			edges = append(edges, e.IDEdge)
		}
	}
	if len(edges) == 0 {
		return nil, nil
	}
	seen, err := state.RereadEdges(ctx, v.client, edges, v.members)
	if err != nil {
		return nil, fmt.Errorf("read the memberships again: %w", err)
	}
	for _, e := range v.edges {
		if e.ok = e.ok || seen[e.IDEdge] == e.member; e.ok {
			continue
		}
		text := "the user is not a member"
		if !e.member {
			text = "the user is still a member"
		}
		found = append(found, Difference{Change: e.change, Text: text})
	}
	return found, nil
}

// Line is what to put into the file so that it wants what JumpCloud has, ""
// if that is no value or a file cannot say it.
func (d *Difference) Line() string { return state.Line(d.Live) }

// Fields are the names of the field or its parts that differ.
func (d *Difference) Fields() string {
	names := make([]string, len(d.Wanted))
	for i, v := range d.Wanted {
		names[i] = v.Name()
	}
	return strings.Join(names, ", ")
}

// Personal tells whether a value of the difference must not be shown to
// everybody.
func (d *Difference) Personal() bool {
	return len(d.Wanted) > 0 && schema.Of(d.Wanted[0].Field).Personal
}
