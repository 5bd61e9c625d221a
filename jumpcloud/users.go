package jumpcloud

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
)

// GetUser reads one user with all fields. A user who is not there is an
// *Error with status 404.
func (c *Client) GetUser(ctx context.Context, id string) (Record, error) {
	return c.record(ctx, route(http.MethodGet, v1+"/systemusers/%s", id))
}

// CreateUser creates a user from a JSON object with at least username and
// email, and returns the record. It is repeated only when JumpCloud has
// certainly not created anybody; an Uncertain error asks for a look.
func (c *Client) CreateUser(ctx context.Context, body any) (Record, error) {
	return c.record(ctx, route(http.MethodPost, v1+"/systemusers").with(body))
}

// UpdateUser writes the members of body. Others keep their value, arrays are
// replaced whole (facts.md section 3).
func (c *Client) UpdateUser(ctx context.Context, id string, body any) (Record, error) {
	return c.record(ctx, route(http.MethodPut, v1+"/systemusers/%s", id).with(body))
}

// DeleteUser deletes a user for good; one who is gone already is no error.
// Reports are never moved to somebody else: a user who still has some is
// refused by JumpCloud with 409 (facts.md section 5).
func (c *Client) DeleteUser(ctx context.Context, id string) error {
	return c.remove(ctx, route(http.MethodDelete, v1+"/systemusers/%s", id))
}

// ActivateUser activates a staged user. Email nil sends the activation or
// welcome mail as JumpCloud does by default, false sends none, an address
// sends it there (facts.md section 4). A user who is activated already is no
// error.
func (c *Client) ActivateUser(ctx context.Context, id string, email any) error {
	body := map[string]any{}
	r := route(http.MethodPost, v1+"/systemusers/%s/state/activate", id)
	switch email.(type) {
	case nil:
	case bool, string:
		body["email"] = email
	default:
		r.bad = fmt.Errorf("email of type %T: want nil, false or an address", email)
	}
	return c.unlessState(ctx, c.do(ctx, r.with(body)), id, "ACTIVATED")
}

// SuspendUser suspends a user; one who is suspended already is no error.
func (c *Client) SuspendUser(ctx context.Context, id string) error {
	err := c.do(ctx, route(http.MethodPost, v1+"/systemusers/%s/state/suspend", id))
	return c.unlessState(ctx, err, id, "SUSPENDED")
}

// unlessState forgives a 409 when a look shows the state that was wanted.
func (c *Client) unlessState(ctx context.Context, err error, id, state string) error {
	if !IsStatus(err, http.StatusConflict) {
		return err
	}
	user, lookErr := c.GetUser(ctx, id)
	if lookErr == nil && user.Text("state") == state {
		return nil
	}
	return err
}

// UnlockUser ends the lockout after failed logins.
func (c *Client) UnlockUser(ctx context.Context, id string) error {
	return c.do(ctx, route(http.MethodPost, v1+"/systemusers/%s/unlock", id))
}

// SetPassword sets a user's password. It is not repeated after an Uncertain
// error: a password history would refuse the second time.
func (c *Client) SetPassword(ctx context.Context, id, password string) error {
	body := map[string]string{"password": password}
	return c.do(ctx, route(http.MethodPost, v1+"/systemusers/%s/password", id).with(body))
}

// SearchUsers finds users by a JSON object with filter, searchFilter and
// fields (facts.md section 2), in all pages. Limit, skip and sort of the body
// are overwritten. Search may lag behind the list.
func (c *Client) SearchUsers(ctx context.Context, body any) ([]Record, error) {
	l := Listing{request: route(http.MethodPost, v1+"/search/systemusers"), unit: "found users", shape: envelope}
	raw, err := json.Marshal(body)
	if err == nil {
		err = json.Unmarshal(raw, &l.search)
	}
	if err != nil || l.search == nil {
		l.bad = fmt.Errorf("a search of type %T: want a JSON object", body)
		l.search = Record{}
	}
	return c.all(ctx, l)
}

// FindUsers are the users who have a username or, if nobody has it, an
// e-mail, both without case. The list is asked first, whose filters compare
// with case, then the search, which may lag (facts.md section 2). Records are
// whole.
func (c *Client) FindUsers(ctx context.Context, username, email string) ([]Record, error) {
	found, err := c.all(ctx, Users(nil, []string{"username:$eq:" + username}))
	if found = withText(found, "username", username, true); err != nil || len(found) > 0 {
		return found, err
	}
	all, err := c.SearchUsers(ctx, map[string]any{"filter": map[string]any{"or": []any{
		map[string]any{"username": withoutCase(username)}, map[string]any{"email": withoutCase(email)},
	}}})
	if found = withText(all, "username", username, true); len(found) > 0 {
		return found, err
	}
	return withText(all, "email", email, true), err
}

// withoutCase is a search for a text in whatever case (facts.md section 2).
func withoutCase(text string) any {
	return map[string]string{"$regex": "(?i)^" + regexp.QuoteMeta(text) + "$"}
}

// AddSSHKey adds a public key to a user and returns its record. It is never
// made twice.
func (c *Client) AddSSHKey(ctx context.Context, userID, name, publicKey string) (Record, error) {
	body := map[string]string{"name": name, "public_key": publicKey}
	return c.record(ctx, route(http.MethodPost, v1+"/systemusers/%s/sshkeys", userID).with(body))
}

// ListSSHKeys reads a user's public keys: "_id", "name", "public_key" each.
func (c *Client) ListSSHKeys(ctx context.Context, userID string) ([]Record, error) {
	return c.array(ctx, route(http.MethodGet, v1+"/systemusers/%s/sshkeys", userID))
}

// DeleteSSHKey removes a public key; one that is gone already is no error.
func (c *Client) DeleteSSHKey(ctx context.Context, userID, keyID string) error {
	return c.remove(ctx, route(http.MethodDelete, v1+"/systemusers/%s/sshkeys/%s", userID, keyID))
}
