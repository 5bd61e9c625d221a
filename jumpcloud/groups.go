package jumpcloud

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// GetGroup reads one user group with its attributes, which the list omits
// (facts.md section 7). A group that is not there is an *Error with status
// 404.
func (c *Client) GetGroup(ctx context.Context, id string) (Record, error) {
	return c.record(ctx, route(http.MethodGet, v2+"/usergroups/%s", id))
}

// FindGroups are the groups with a name, or, if there is none, those of
// which the name differs only in case. The list is asked with a filter, which
// compares with case (facts.md section 7), and without one if that finds
// nothing or might be misread. Records are those of the list.
func (c *Client) FindGroups(ctx context.Context, name string) ([]Record, error) {
	if !strings.ContainsAny(name, ",:|*") {
		l := Groups()
		l.query.Set("filter", "name:eq:"+name)
		found, err := c.all(ctx, l)
		if found = withText(found, "name", name, false); err != nil || len(found) > 0 {
			return found, err
		}
	}
	all, err := c.all(ctx, Groups())
	if exact := withText(all, "name", name, false); len(exact) > 0 {
		return exact, err
	}
	return withText(all, "name", name, true), err
}

// withText are the records of which a member is a text, with or without
// case.
func withText(records []Record, member, text string, fold bool) (found []Record) {
	for _, r := range records {
		if is := r.Text(member); is == text || fold && strings.EqualFold(is, text) {
			found = append(found, r)
		}
	}
	return found
}

// CreateGroup creates a user group from a JSON object with at least name,
// and returns the record. Like CreateUser it is not made twice.
func (c *Client) CreateGroup(ctx context.Context, body any) (Record, error) {
	return c.record(ctx, route(http.MethodPost, v2+"/usergroups").with(body))
}

// UpdateGroup replaces a user group: a member that body leaves out may lose
// its value (facts.md section 7), so body is the whole of what GetGroup gave
// and can be written, with the changes in it.
func (c *Client) UpdateGroup(ctx context.Context, id string, body any) (Record, error) {
	return c.record(ctx, route(http.MethodPut, v2+"/usergroups/%s", id).with(body))
}

// DeleteGroup deletes a user group with everything bound through it; one
// that is gone already is no error.
func (c *Client) DeleteGroup(ctx context.Context, id string) error {
	return c.remove(ctx, route(http.MethodDelete, v2+"/usergroups/%s", id))
}

// AddMember makes a user a member of a group. When JumpCloud answers 409,
// the user's groups are read: a user who is a member already is no error.
func (c *Client) AddMember(ctx context.Context, groupID, userID string) error {
	err := c.member(ctx, "add", groupID, userID)
	if !IsStatus(err, http.StatusConflict) {
		return err
	}
	if is, lookErr := c.IsMember(ctx, groupID, userID); lookErr == nil && is {
		return nil
	}
	return err
}

// RemoveMember ends a user's membership of a group. When JumpCloud answers
// 404, the user's groups are read: a user who is no member is no error, a
// user who is gone is an *Error that says so.
func (c *Client) RemoveMember(ctx context.Context, groupID, userID string) error {
	err := c.member(ctx, "remove", groupID, userID)
	if !IsStatus(err, http.StatusNotFound) {
		return err
	}
	is, lookErr := c.IsMember(ctx, groupID, userID)
	switch {
	case IsStatus(lookErr, http.StatusNotFound):
		l := Members(groupID)
		return &Error{
			Method: http.MethodPost, Path: l.path, Status: http.StatusNotFound,
			Message: fmt.Sprintf("user %s is gone, or belongs to another organization", userID),
		}
	case lookErr != nil || is:
		return err
	}
	return nil
}

func (c *Client) member(ctx context.Context, op, groupID, userID string) error {
	r := route(http.MethodPost, v2+"/usergroups/%s/members", groupID)
	if r.bad == nil {
		r.bad = route("", "%s", userID).bad
	}
	return c.do(ctx, r.with(map[string]string{"op": op, "type": "user", "id": userID}))
}

// IsMember tells whether a user is a direct member of a group. It reads the
// user's groups: the list of one person is short, and nothing is asked of a
// filter. A user who is not there is an *Error with status 404, a group that
// is not there has no members.
func (c *Client) IsMember(ctx context.Context, groupID, userID string) (bool, error) {
	groups, err := c.all(ctx, MemberOf(userID))
	return slices.ContainsFunc(groups, func(g Record) bool { return g.ID() == groupID }), err
}

// MemberCount is how many direct members JumpCloud says a group has. It is
// one request, unless the server gives no total: then members are read and
// counted.
func (c *Client) MemberCount(ctx context.Context, groupID string) (int, error) {
	p, err := c.page(ctx, Members(groupID), 0, 1)
	if err != nil {
		return 0, err
	}
	if p.total >= 0 {
		return p.total, nil
	}
	members, err := c.all(ctx, Members(groupID))
	return len(members), err
}

// Associations are the direct bindings of a group to objects of the given
// types, such as application, system_group or ldap_server: {"to": {"id",
// "type"}} each.
func (c *Client) Associations(ctx context.Context, groupID string, targets []string) ([]Record, error) {
	l := list(bare2, "associations", v2+"/usergroups/%s/associations", groupID)
	l.query.Set("targets", strings.Join(targets, ","))
	return c.all(ctx, l)
}
