package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// errNoID is a successful answer that does not say what was created.
var errNoID = errors.New("JumpCloud answered without an id")

// create makes a person or a group. One that JumpCloud may have made
// without saying so is looked for by its name before it is sent a second
// time, and so is one that JumpCloud refuses, perhaps because it is there:
// another run of the same plan may have made it.
func (w *writer) create(ctx context.Context, c *plan.Change) (id string, err error) {
	b, err := w.createBody(c)
	if err != nil {
		return "", err
	}
	unsure := false // a POST may have been made
	for sent := 1; ; sent++ {
		id, err = w.post(ctx, c, b)
		lost, taken := jumpcloud.Uncertain(err) || errors.Is(err, errNoID), refused(err)
		if !lost && !taken {
			return id, err
		}
		unsure = unsure || lost
		own, other, lookErr := w.twin(ctx, c, unsure, err)
		switch {
		case lookErr != nil && unsure:
			return "", unknown(err, lookErr)
		case lookErr != nil:
			return "", fmt.Errorf("%w (whether there is one already could not be looked up: %w)", err, lookErr)
		case own != nil && unsure:
			return own.ID(), w.adopt(c, own, err)
		case own != nil:
			return w.byOther(ctx, c, own)
		case taken && !unsure:
			return "", blame(err, c, other)
		case sent > 1 || w.stopped():
			return "", unknown(err, fmt.Errorf("%s %q is not found", c.Object.Kind, c.Object.Name))
		}
	}
}

// createBody is what the POST carries.
func (w *writer) createBody(c *plan.Change) (body, error) {
	if c.Object.Kind == schema.Group {
		return groupBody(nil, c), nil
	}
	return w.userBody(c)
}

func (w *writer) post(ctx context.Context, c *plan.Change, b body) (id string, err error) {
	send := w.client.CreateUser
	if c.Object.Kind == schema.Group {
		send = w.client.CreateGroup
	}
	r, err := send(ctx, b)
	if err == nil && r.ID() == "" {
		err = errNoID
	}
	return r.ID(), err
}

// refused tells whether a POST may have been refused because what it creates
// is there: JumpCloud documents 400 for users, which says many other things
// too, and answers 409 for groups (facts.md sections 7 and 10).
func refused(err error) bool {
	return jumpcloud.IsStatus(err, http.StatusBadRequest) || jumpcloud.IsStatus(err, http.StatusConflict)
}

// duplicate tells whether a refusal says that something is there already.
// Only then it is worth waiting for it to be seen.
func duplicate(err error) bool {
	return jumpcloud.IsStatus(err, http.StatusConflict) || refused(err) && saysDuplicate.MatchString(err.Error())
}

var saysDuplicate = regexp.MustCompile(`(?i)exist|duplicate|already|taken|in use|unique`)

// twin looks for the object that a change creates, after a POST that may have
// been made (unsure) or was refused: own has its name, other has only the
// e-mail, or the group's name in other letters, which is enough to explain a
// refusal. It waits for what may be seen late, longest for what JumpCloud says
// is there; a refusal that does not say so is looked into once.
func (w *writer) twin(ctx context.Context, c *plan.Change, unsure bool, refusal error) (own, other jumpcloud.Record, err error) {
	var patient []time.Duration
	switch {
	case duplicate(refusal):
		patient = patience[:]
	case unsure:
		patient = waits
	}
	err = w.await(ctx, patient, func() (bool, error) {
		records, err := w.find(ctx, c)
		for _, r := range records {
			if nameOf(plan.Name{Kind: c.Object.Kind, Name: nameIn(c.Object.Kind, r)}) == nameOf(c.Object) {
				own = r
			} else {
				other = r
			}
		}
		return own != nil || other != nil && !unsure, err
	})
	return own, other, err
}

func (w *writer) find(ctx context.Context, c *plan.Change) ([]jumpcloud.Record, error) {
	if c.Object.Kind == schema.Group {
		return w.client.FindGroups(ctx, c.Object.Name)
	}
	return w.client.FindUsers(ctx, c.Object.Name, emailOf(c))
}

// nameIn is the name of a record.
func nameIn(k schema.Kind, r jumpcloud.Record) string {
	if k == schema.Group {
		return r.Text("name")
	}
	return r.Text("username")
}

func emailOf(c *plan.Change) string {
	for _, delta := range c.Fields {
		if delta.Field == schema.Email {
			return delta.Text
		}
	}
	return ""
}

// adopt is nil if what was found is what a lost POST asked for.
func (w *writer) adopt(c *plan.Change, own jumpcloud.Record, err error) error {
	if c.Object.Kind == schema.User && !strings.EqualFold(own.Text("email"), emailOf(c)) {
		return fmt.Errorf("%w; JumpCloud has a user %q with another e-mail, who is not the one to be created: look who that is, then plan again", err, c.Object.Name)
	}
	return nil
}

// byOther judges an object that was there when its creation was refused. It
// is as good as made if it has all that the plan gives it.
func (w *writer) byOther(ctx context.Context, c *plan.Change, own jumpcloud.Record) (id string, err error) {
	if c.Object.Kind == schema.Group {
		if own, err = w.client.GetGroup(ctx, own.ID()); err != nil {
			return "", fmt.Errorf("group %q was created meanwhile: %w", c.Object.Name, err)
		}
	}
	s, err := state.SeenIn(c.Object.Kind, own, true)
	if err != nil {
		return "", err
	}
	var differ []string
	for i := range c.Fields {
		delta := &c.Fields[i]
		now, same := valueOf(s, delta)
		if activates := w.activated[nameOf(c.Object)] && delta.Field == schema.State && now == activated; !same && !activates {
			differ = append(differ, delta.Name())
		}
	}
	if len(differ) > 0 {
		return "", stale("%s %q was created meanwhile, with another %s", c.Object.Kind, c.Object.Name, strings.Join(differ, ", "))
	}
	return s.ID, errMade
}

// blame adds to a refusal who has what must be unique.
func blame(err error, c *plan.Change, other jumpcloud.Record) error {
	switch {
	case other == nil:
		return err
	case c.Object.Kind == schema.Group:
		return fmt.Errorf("%w; JumpCloud has a group %q", err, other.Text("name"))
	}
	return fmt.Errorf("%w; user %q has this e-mail", err, other.Text("username"))
}
