package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// writer sends changes. It is used side by side and changes nothing of its
// own.
type writer struct {
	client    *jumpcloud.Client
	secret    func(state.Reference) (string, error)
	sleep     func(context.Context, time.Duration) error
	stopped   func() bool          // nothing new is begun
	renamed   map[named]string     // newNames of the plan
	activated map[named]bool       // activatedBy the plan
	passwords map[string]time.Time // of people who were read for the plan, by id: the date of the password
}

// errStale says that live is not any more what the plan was made for.
type errStale struct{ why string }

func (e errStale) Error() string { return e.why + "; plan again" }

func stale(format string, args ...any) error { return errStale{fmt.Sprintf(format, args...)} }

// errMade says that there is nothing left to send.
var errMade = errors.New("made already")

// make makes one change and is what came of it.
func (w *writer) make(ctx context.Context, c *plan.Change) Outcome {
	id, err := w.send(ctx, c)
	var old errStale
	switch {
	case err == nil:
		return Outcome{Status: Done, ID: id, Written: true}
	case errors.Is(err, errMade):
		return Outcome{Status: Done, ID: id}
	case errors.As(err, &old):
		return Outcome{Status: Stale, Err: err}
	case jumpcloud.Stopped(err) && !jumpcloud.Uncertain(err):
		return Outcome{Status: Skipped, Err: err}
	}
	return Outcome{Status: Failed, Err: err}
}

// send makes a change and settles what became of it. id is that of a created
// object.
func (w *writer) send(ctx context.Context, c *plan.Change) (id string, err error) {
	if c.Action == plan.Create {
		return w.create(ctx, c)
	}
	return "", w.settle(ctx, c, w.request(ctx, c))
}

// request makes the one request of a change, after a look where one is due.
func (w *writer) request(ctx context.Context, c *plan.Change) error {
	user := c.Object.Kind == schema.User
	switch c.Action {
	case plan.Add, plan.Remove:
		return w.member(ctx, c)
	case plan.Activate:
		return w.client.ActivateUser(ctx, c.Object.ID, mail(c.Mail))
	case plan.Suspend:
		return w.suspend(ctx, c)
	case plan.Update, plan.Reactivate:
		if user {
			return w.updateUser(ctx, c)
		}
		return w.updateGroup(ctx, c)
	case plan.Delete:
		if user {
			return w.deleteUser(ctx, c)
		}
		return w.deleteGroup(ctx, c)
	}
	return fmt.Errorf("the plan asks for %q, which nothing does", c.Action)
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
