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
	users, groups, edges := v.objectsLeft(schema.User), v.objectsLeft(schema.Group), v.edgesLeft()
	v.requests.Expect(users.cost() + groups.cost() + state.RereadEdgesCost(edges, v.members))
	for _, l := range [...]*objectsLeft{users, groups} {
		differ, err := v.lookAt(ctx, l)
		found = append(found, differ...)
		if err != nil {
			return found, err
		}
	}
	differ, err := v.lookAtEdges(ctx, edges)
	return append(found, differ...), err
}

// objectsLeft are the objects of a kind that were not found true yet.
type objectsLeft struct {
	kind       schema.Kind
	objects    []*touched
	ids, whole []string // whole: those that the list is not enough for
	total      int      // of the kind, as far as is known
}

func (v *verifier) objectsLeft(k schema.Kind) *objectsLeft {
	l := &objectsLeft{kind: k, total: v.read.Users}
	if k == schema.Group {
		l.total = v.read.Groups
	}
	for _, t := range v.objects {
		if t.Kind != k || t.ok {
			continue
		}
		l.objects, l.ids = append(l.objects, t), append(l.ids, t.ID)
		late := v.last && t.unseen // lists may show it later than its id does
		if late || slices.ContainsFunc(t.wants, func(w wanted) bool { return schema.Of(w.Field).ListOmits }) {
			l.whole = append(l.whole, t.ID)
		}
	}
	l.total = max(l.total, len(l.ids))
	return l
}

// cost is how many requests it takes to read them.
func (l *objectsLeft) cost() int {
	if len(l.ids) == 0 {
		return 0
	}
	return state.RereadCost(len(l.ids), len(l.whole), l.total)
}

// lookAt reads objects.
func (v *verifier) lookAt(ctx context.Context, l *objectsLeft) (found []Difference, err error) {
	if len(l.ids) == 0 {
		return nil, nil
	}
	seen, err := state.Reread(ctx, v.client, l.kind, l.ids, l.whole, l.total, v.requests)
	if err != nil {
		return nil, fmt.Errorf("read the %ss again: %w", l.kind, err)
	}
	for _, t := range l.objects {
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

// edgesLeft are the memberships that were not found true yet.
func (v *verifier) edgesLeft() (edges []state.IDEdge) {
	for _, e := range v.edges {
		if !e.ok {
			edges = append(edges, e.IDEdge)
		}
	}
	return edges
}

// lookAtEdges reads memberships.
func (v *verifier) lookAtEdges(ctx context.Context, edges []state.IDEdge) (found []Difference, err error) {
	if len(edges) == 0 {
		return nil, nil
	}
	seen, err := state.RereadEdges(ctx, v.client, edges, v.members, v.requests)
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
