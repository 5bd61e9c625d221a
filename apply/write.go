package apply

import (
	"context"
	"errors"
	"fmt"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// writer sends changes. It is used side by side and changes nothing of its
// own.
type writer struct {
	client  *jumpcloud.Client
	secret  func(state.Reference) (string, error)
	renamed map[named]string // newNames of the plan
}

// errStale says that live is not any more what the plan was made for.
type errStale struct{ why string }

func (e errStale) Error() string { return e.why + "; plan again" }

func stale(format string, args ...any) error { return errStale{fmt.Sprintf(format, args...)} }

// errMade says that there is nothing left to send.
var errMade = errors.New("made already")

// make makes one change and is what came of it. err is what kept it from
// being sent at all.
func (w *writer) make(ctx context.Context, n int, c *plan.Change, err error) answer {
	a := answer{n: n}
	if err == nil {
		a.id, err = w.send(ctx, c)
	}
	var old errStale
	switch {
	case err == nil:
		a.outcome.Status, a.written = Done, true
	case errors.Is(err, errMade):
		a.outcome.Status = Done
	case errors.As(err, &old):
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
	user := c.Object.Kind == schema.User
	switch c.Action {
	case plan.Add:
		return "", w.client.AddMember(ctx, c.Object.ID, c.To.ID)
	case plan.Remove:
		return "", w.client.RemoveMember(ctx, c.Object.ID, c.To.ID)
	case plan.Activate:
		return "", w.client.ActivateUser(ctx, c.Object.ID, mail(c.Mail))
	case plan.Create:
		return w.create(ctx, c)
	case plan.Suspend:
		return "", w.suspend(ctx, c)
	case plan.Update, plan.Reactivate:
		if user {
			return "", w.updateUser(ctx, c)
		}
		return "", w.updateGroup(ctx, c)
	case plan.Delete:
		if user {
			return "", w.deleteUser(ctx, c)
		}
		return "", w.deleteGroup(ctx, c)
	}
	return "", fmt.Errorf("the plan asks for %q, which nothing does", c.Action)
}

// create sends a POST. One that JumpCloud may have made without saying so
// is not repeated.
func (w *writer) create(ctx context.Context, c *plan.Change) (id string, err error) {
	var r jumpcloud.Record
	if c.Object.Kind == schema.Group {
		r, err = w.client.CreateGroup(ctx, groupBody(nil, c))
	} else {
		var b body
		if b, err = w.userBody(c); err == nil {
			r, err = w.client.CreateUser(ctx, b)
		}
	}
	if err == nil && r.ID() == "" {
		err = errors.New("JumpCloud answered without an id; run again, which finds what was created")
	}
	return r.ID(), err
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

func (w *writer) updateUser(ctx context.Context, c *plan.Change) error {
	b, err := w.userBody(c)
	if err == nil {
		_, err = w.client.UpdateUser(ctx, c.Object.ID, b)
	}
	return err
}

// suspend writes the state and all other changes of a person in one PUT.
// Somebody who was suspended meanwhile gets only what is left.
func (w *writer) suspend(ctx context.Context, c *plan.Change) error {
	r, err := w.look(ctx, c)
	if err != nil {
		return err
	}
	if len(c.Fields) == 1 && r.Text("state") == suspended {
		return errMade
	}
	return w.updateUser(ctx, c)
}

// deleteUser deletes a person who is still the one of the plan and whom
// nobody has let in meanwhile. The reports of a manager are never cascaded.
func (w *writer) deleteUser(ctx context.Context, c *plan.Change) error {
	r, err := w.look(ctx, c)
	switch {
	case gone(err):
		return errMade
	case err != nil:
		return err
	case r.Text("state") != suspended && r.Text("state") != staged:
		return stale("user %q is active (state %q) and is not deleted: suspend them first", c.Object.Name, r.Text("state"))
	}
	return w.client.DeleteUser(ctx, c.Object.ID)
}

func (w *writer) updateGroup(ctx context.Context, c *plan.Change) error {
	live, err := w.look(ctx, c)
	if err == nil {
		err = asPlanned(live, c)
	}
	if err == nil {
		_, err = w.client.UpdateGroup(ctx, c.Object.ID, groupBody(live, c))
	}
	return err
}

func (w *writer) deleteGroup(ctx context.Context, c *plan.Change) error {
	_, err := w.look(ctx, c)
	if gone(err) {
		return errMade
	}
	if err != nil {
		return err
	}
	return w.client.DeleteGroup(ctx, c.Object.ID)
}
