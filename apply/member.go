package apply

import (
	"context"
	"net/http"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
)

// member adds or removes a member. JumpCloud may know of a new user or group,
// and of a membership, only after a while: what it refuses for that reason is
// sent again, since a 404 and a 409 have written nothing.
func (w *writer) member(ctx context.Context, c *plan.Change) error {
	send := w.client.AddMember
	if c.Action == plan.Remove {
		send = w.client.RemoveMember
	}
	err := send(ctx, c.Object.ID, c.To.ID)
	for _, wait := range waits {
		late := jumpcloud.IsStatus(err, http.StatusConflict) && c.Action == plan.Add
		if jumpcloud.IsStatus(err, http.StatusNotFound) {
			if err := w.bothThere(ctx, c); err != nil {
				return err
			}
			late = true
		}
		if !late {
			return err
		}
		if sleepErr := w.sleep(ctx, wait); sleepErr != nil {
			return err
		}
		err = send(ctx, c.Object.ID, c.To.ID)
	}
	return err
}

// bothThere is an errGone if the group or the user of a membership is not
// there.
func (w *writer) bothThere(ctx context.Context, c *plan.Change) error {
	for _, n := range [...]plan.Name{c.Object, c.To} {
		get := w.client.GetUser
		if n.Kind == schema.Group {
			get = w.client.GetGroup
		}
		_, err := get(ctx, n.ID)
		if jumpcloud.IsStatus(err, http.StatusNotFound) {
			return goneError(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
