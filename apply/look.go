package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
)

// errGone is the errStale of an object that is not there any more.
type errGone struct{ errStale }

func (e errGone) Unwrap() error { return e.errStale }

func gone(err error) bool {
	var g errGone
	return errors.As(err, &g)
}

// goneError is the errGone of an object of a plan.
func goneError(n plan.Name) error {
	return errGone{errStale{fmt.Sprintf("%s %q is not in JumpCloud any more", n.Kind, n.Name)}}
}

// look reads an object again just before it is locked out, deleted or
// replaced. It must still be there and have the name of the plan, or the one
// that the plan gives it.
func (w *writer) look(ctx context.Context, c *plan.Change) (jumpcloud.Record, error) {
	get, key := w.client.GetUser, "username"
	if c.Object.Kind == schema.Group {
		get, key = w.client.GetGroup, "name"
	}
	r, err := get(ctx, c.Object.ID)
	if jumpcloud.IsStatus(err, http.StatusNotFound) {
		return nil, goneError(c.Object)
	}
	if err != nil {
		return nil, fmt.Errorf("read it once more: %w", err)
	}
	now := plan.Name{Kind: c.Object.Kind, Name: r.Text(key)}
	if nameOf(now) != nameOf(c.Object) && now.Name != w.renamed[named{c.Object.Kind, c.Object.ID}] {
		return nil, stale("%s %q is named %q now", c.Object.Kind, c.Object.Name, now.Name)
	}
	return r, nil
}

// asPlanned checks that each field that a group's PUT changes has still the
// old value, or else has the new one already.
func asPlanned(live jumpcloud.Record, c *plan.Change) error {
	left := false
	for i := range c.Fields {
		delta := &c.Fields[i]
		now, err := current(live, delta.Value)
		switch {
		case err != nil:
			return err
		case schema.Equal(delta.Field, now, delta.Text):
			continue
		case !schema.Equal(delta.Field, now, delta.Old):
			return stale("%s of group %q has changed since the plan was made", delta.Name(), c.Object.Name)
		}
		left = true
	}
	if !left {
		return errMade
	}
	return nil
}

// current is the text that a field or part has in a live record.
func current(live jumpcloud.Record, v schema.Value) (string, error) {
	f := schema.Of(v.Field)
	values, err := f.FromJSON(live[f.Name], nil)
	if err != nil {
		return "", fmt.Errorf("read %s once more: %w", f.Name, err)
	}
	for _, value := range values {
		if value.Part == v.Part {
			return value.Text, nil
		}
	}
	if v.Part != "" {
		return "", nil
	}
	return f.Unset, nil
}
