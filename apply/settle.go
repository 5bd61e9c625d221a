package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// patience is how long it is waited for what JumpCloud may show late: for
// what it says is there already, in full; for all else, the first waits.
var patience = [...]time.Duration{1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}

var waits = patience[:3]

// await looks until something is found, or has not been found for long
// enough.
func (w *writer) await(ctx context.Context, waits []time.Duration, look func() (found bool, err error)) error {
	for _, wait := range waits {
		if found, err := look(); found || err != nil {
			return err
		}
		if err := w.sleep(ctx, wait); err != nil {
			return err
		}
	}
	_, err := look()
	return err
}

// unknown is the error of a write of which nobody knows whether it was made,
// and why a look did not tell.
func unknown(err, why error) error {
	return fmt.Errorf("%w; whether JumpCloud has made it is not known (%w): run again, which looks first", err, why)
}

// settle finds out what became of a write that failed without an answer
// that says so. Most have been repeated by then, which is safe; one with a
// password is sent a second time when the first was certainly not made.
func (w *writer) settle(ctx context.Context, c *plan.Change, err error) error {
	for sent := 1; jumpcloud.Uncertain(err); sent++ {
		made, lookErr := w.made(ctx, c)
		switch {
		case lookErr != nil:
			return unknown(err, lookErr)
		case made:
			return nil
		case sent > 1 || !hasSecret(c) || w.stopped():
			return fmt.Errorf("%w; a look shows that JumpCloud has not made it", err)
		}
		err = w.updateUser(ctx, c)
	}
	return err
}

func hasSecret(c *plan.Change) bool {
	for _, delta := range c.Fields {
		if schema.Of(delta.Field).Type == schema.Secret {
			return true
		}
	}
	return false
}

// made looks whether JumpCloud has made a change that creates nothing.
func (w *writer) made(ctx context.Context, c *plan.Change) (bool, error) {
	if c.Action == plan.Add || c.Action == plan.Remove {
		is, err := w.client.IsMember(ctx, c.Object.ID, c.To.ID)
		if jumpcloud.IsStatus(err, http.StatusNotFound) {
			is, err = false, nil
		}
		return is == (c.Action == plan.Add), err
	}
	s, err := w.seen(ctx, c.Object)
	switch {
	case err != nil:
		return false, err
	case c.Action == plan.Delete:
		return s == nil, nil
	case s == nil:
		return false, nil
	case c.Action == plan.Activate:
		now, _ := s.Get(schema.State, "")
		return now == activated, nil
	}
	return w.holds(s, c)
}

// seen reads an object; it is nil if there is none.
func (w *writer) seen(ctx context.Context, n plan.Name) (*state.Seen, error) {
	get := w.client.GetUser
	if n.Kind == schema.Group {
		get = w.client.GetGroup
	}
	record, err := get(ctx, n.ID)
	if jumpcloud.IsStatus(err, http.StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return state.SeenIn(n.Kind, record, true)
}

// errNoDate is a password of which nothing tells whether it was set.
var errNoDate = errors.New("JumpCloud gives no date of the password")

// holds tells whether an object has all values that a change gives it. Of a
// password there is only its date to judge by.
func (w *writer) holds(s *state.Seen, c *plan.Change) (bool, error) {
	for i := range c.Fields {
		if _, same := valueOf(s, &c.Fields[i]); !same {
			return false, nil
		}
	}
	if !hasSecret(c) {
		return true, nil
	}
	before, known := w.passwords[s.ID]
	if !known || s.PasswordDate.IsZero() {
		return false, errNoDate
	}
	return s.PasswordDate.After(before), nil
}

// valueOf is the canonical text that an object has where a delta writes, the
// id of a user for a manager, and whether that is what the delta writes. A
// secret is always the same.
func valueOf(s *state.Seen, delta *plan.Delta) (text string, same bool) {
	f := schema.Of(delta.Field)
	switch {
	case f.Type == schema.Secret:
		return delta.Text, true
	case f.Key:
		return s.Name, nameOf(plan.Name{Kind: f.Kind, Name: s.Name}) == nameOf(plan.Name{Kind: f.Kind, Name: delta.Text})
	}
	text, ok := s.Get(delta.Field, delta.Part)
	if !ok && delta.Part == "" {
		text = f.Unset
	}
	switch {
	case f.Type == schema.Ref:
		return text, text == delta.RefID
	case delta.Text == "" && text == f.Unset:
		return text, true // an array field without its last untyped entry
	}
	return text, schema.Equal(delta.Field, text, delta.Text)
}

// passwordDates are those of the people who were read for the plan.
func passwordDates(live *state.Live) map[string]time.Time {
	if live == nil {
		return nil
	}
	users, first := live.OfKind(schema.User)
	dates := make(map[string]time.Time, len(users))
	for i := range users {
		dates[users[i].ID] = live.Facts[first+i].PasswordDate
	}
	return dates
}
