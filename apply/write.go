package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// writer sends changes.
type writer struct {
	client *jumpcloud.Client
	secret func(state.Reference) (string, error)
}

// errStale says that live is not any more what the plan was made for.
type errStale struct{ why string }

func (e errStale) Error() string { return e.why + "; plan again" }

// errMade says that there is nothing left to send.
var errMade = errors.New("made already")

// make makes one change and is what came of it. err is what kept it from
// being sent at all.
func (w *writer) make(ctx context.Context, n int, c plan.Change, err error) answer {
	a := answer{n: n}
	if err == nil {
		a.id, err = w.send(ctx, &c)
	}
	var stale errStale
	switch {
	case err == nil:
		a.outcome.Status, a.written = Done, true
	case errors.Is(err, errMade):
		a.outcome.Status = Done
	case errors.As(err, &stale):
		a.outcome = Outcome{Status: Stale, Err: err}
	case jumpcloud.Uncertain(err):
		a.outcome = Outcome{Status: Failed, Err: fmt.Errorf("%w; whether JumpCloud has made it is not known: run again, which looks first", err)}
	default:
		a.outcome = Outcome{Status: Failed, Err: err}
	}
	return a
}

// send makes the one request of a change, after a look where one is due.
// id is that of a created object.
func (w *writer) send(ctx context.Context, c *plan.Change) (id string, err error) {
	if c.Action == plan.Add {
		return "", w.client.AddMember(ctx, c.Object.ID, c.To.ID)
	}
	if c.Action == plan.Remove {
		return "", w.client.RemoveMember(ctx, c.Object.ID, c.To.ID)
	}
	if c.Object.Kind == schema.Group {
		return w.group(ctx, c)
	}
	return w.user(ctx, c)
}

func (w *writer) user(ctx context.Context, c *plan.Change) (id string, err error) {
	switch c.Action {
	case plan.Activate:
		return "", w.client.ActivateUser(ctx, c.Object.ID, mail(c.Mail))
	case plan.Delete:
		return "", w.deleteUser(ctx, c)
	case plan.Suspend:
		if err := w.lookAtSuspended(ctx, c); err != nil {
			return "", err
		}
	}
	b, err := w.userBody(c)
	if err != nil {
		return "", err
	}
	if c.Action != plan.Create {
		_, err = w.client.UpdateUser(ctx, c.Object.ID, b)
		return "", err
	}
	r, err := w.client.CreateUser(ctx, b)
	return created(r, err)
}

// mail is the email member of an activation: nil is JumpCloud's own choice.
func mail(to string) any {
	switch to {
	case "", "send":
		return nil
	case "none":
		return false
	}
	return to
}

// created is the id in the answer to a POST.
func created(r jumpcloud.Record, err error) (string, error) {
	if err == nil && r.ID() == "" {
		err = errors.New("JumpCloud answered without an id; run again, which finds what was created")
	}
	return r.ID(), err
}

// lookAtSuspended reads a person before they are locked out: it must be
// the one of the plan, and there must be something left to do.
func (w *writer) lookAtSuspended(ctx context.Context, c *plan.Change) error {
	r, err := w.look(ctx, c, w.client.GetUser)
	switch {
	case jumpcloud.IsStatus(err, http.StatusNotFound):
		return errStale{fmt.Sprintf("user %q is not in JumpCloud any more", c.Object.Name)}
	case err != nil:
		return err
	case len(c.Fields) == 1 && r.Text("state") == suspended:
		return errMade
	}
	return nil
}

// deleteUser deletes a person who is still the one of the plan and whom
// nobody has let in meanwhile. The reports of a manager are never cascaded.
func (w *writer) deleteUser(ctx context.Context, c *plan.Change) error {
	r, err := w.look(ctx, c, w.client.GetUser)
	switch {
	case jumpcloud.IsStatus(err, http.StatusNotFound):
		return errMade
	case err != nil:
		return err
	case r.Text("state") != suspended && r.Text("state") != "STAGED":
		return errStale{fmt.Sprintf("user %q is %s now and is not deleted", c.Object.Name, r.Text("state"))}
	}
	return w.client.DeleteUser(ctx, c.Object.ID)
}

// look reads an object again and checks that it has the name of the plan.
func (w *writer) look(ctx context.Context, c *plan.Change, get func(context.Context, string) (jumpcloud.Record, error)) (jumpcloud.Record, error) {
	r, err := get(ctx, c.Object.ID)
	if err != nil {
		return nil, err
	}
	key := "username"
	if c.Object.Kind == schema.Group {
		key = "name"
	}
	if now := r.Text(key); nameOf(c.Object.Kind, now) != nameOf(c.Object.Kind, c.Object.Name) && !renamed(c, now) {
		return nil, errStale{fmt.Sprintf("%s %q is named %q now", c.Object.Kind, c.Object.Name, now)}
	}
	return r, nil
}

// renamed tells whether a change gives the object the name that it has.
func renamed(c *plan.Change, name string) bool {
	for _, delta := range c.Fields {
		if schema.Of(delta.Field).Key && delta.Text == name {
			return true
		}
	}
	return false
}

func (w *writer) group(ctx context.Context, c *plan.Change) (id string, err error) {
	if c.Action == plan.Create {
		r, err := w.client.CreateGroup(ctx, groupBody(nil, c))
		return created(r, err)
	}
	live, err := w.look(ctx, c, w.client.GetGroup)
	if c.Action == plan.Delete {
		if jumpcloud.IsStatus(err, http.StatusNotFound) {
			return "", errMade
		}
		if err == nil {
			err = w.client.DeleteGroup(ctx, c.Object.ID)
		}
		return "", err
	}
	if err == nil {
		err = asPlanned(live, c)
	}
	if err == nil {
		_, err = w.client.UpdateGroup(ctx, c.Object.ID, groupBody(live, c))
	}
	return "", err
}

// asPlanned checks that each field that a group's PUT changes has still the
// old value, or else has the new one already.
func asPlanned(live jumpcloud.Record, c *plan.Change) error {
	left := false
	for _, delta := range c.Fields {
		f := schema.Of(delta.Field)
		values, err := f.FromJSON(live[f.Name], nil)
		if err != nil {
			return err
		}
		now := current(values, delta.Value)
		if schema.Equal(f.ID, now, delta.Text) {
			continue
		}
		if !schema.Equal(f.ID, now, delta.Old) {
			return errStale{fmt.Sprintf("%s of group %q has changed since the plan was made", delta.Name(), c.Object.Name)}
		}
		left = true
	}
	if !left {
		return errMade
	}
	return nil
}

// current is the text that a value has among live ones.
func current(values []schema.Value, v schema.Value) string {
	for _, live := range values {
		if schema.Compare(live, v) == 0 {
			return live.Text
		}
	}
	if v.Part == "" {
		return schema.Of(v.Field).Unset
	}
	return ""
}
