package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"rollcall/jumpcloud"
)

// What FindOrg and CheckOrg refuse; test for them with errors.Is. Their
// errors are *OrgError.
var (
	// ErrNotVisible is an organization that the credential cannot see (exit 1).
	ErrNotVisible = errors.New("organization is not visible")
	// ErrNoOrg is a document without an id where several organizations could
	// be meant (exit 1).
	ErrNoOrg = errors.New("no organization is named")
	// ErrWrongOrg is an organization that is not the one the file names: its
	// name is another, or its users belong elsewhere (exit 3).
	ErrWrongOrg = errors.New("wrong organization")
)

// OrgError is why an organization is not read or written.
type OrgError struct {
	Err  error  // ErrNotVisible, ErrNoOrg or ErrWrongOrg
	Text string // the sentence
	Hint string // what to do; "" if there is nothing to say
}

func (e *OrgError) Error() string { return e.Text }
func (e *OrgError) Unwrap() error { return e.Err }

// Visible is an organization that a credential can see.
type Visible struct {
	ID   string
	Name string // "" if it has none
}

// Organizations are those that the client's credential can see, sorted by
// name, then id. A credential without the right to list them gives an error
// that NoRight recognizes.
func Organizations(ctx context.Context, c *jumpcloud.Client) ([]Visible, error) {
	pages, _, err := jumpcloud.List(ctx, c, jumpcloud.Organizations(), func(records []jumpcloud.Record) ([]Visible, error) {
		orgs := make([]Visible, len(records))
		for i, record := range records {
			orgs[i] = Visible{record.ID(), record.Text("displayName")}
		}
		return orgs, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list organizations: %w", err)
	}
	orgs := slices.Concat(pages...)
	slices.SortFunc(orgs, func(a, b Visible) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return slices.Compact(orgs), nil
}

// NoRight tells whether an error of Organizations is only a missing right to
// list them: 403, unless JumpCloud has blocked the address. With 401 the
// credential itself is refused.
func NoRight(err error) bool {
	return jumpcloud.IsStatus(err, http.StatusForbidden) && !jumpcloud.Blocked(err)
}

// FindOrg decides which organization a document is about: the one with the
// id that it names, else fallback (JUMPCLOUD_ORG_ID), else the only one that
// the credential can see. Seen and listErr are the result of Organizations.
// Name is the live one, "" if it is not known.
//
// Without the right to list, an id that is named is taken as it is: warning
// says so, and only CheckOrg can find out more. Any other listErr is
// returned as it came.
func FindOrg(want *Org, fallback string, seen []Visible, listErr error) (found Visible, warning string, err error) {
	id := cmp.Or(want.ID, fallback)
	switch {
	case listErr != nil && !NoRight(listErr):
		return Visible{}, "", listErr
	case listErr != nil && id == "":
		return Visible{}, "", &OrgError{ErrNoOrg,
			fmt.Sprintf("no organization is named, and the credential may not list them: %v", listErr),
			"check the key and the region; if both are right, write org.id or set JUMPCLOUD_ORG_ID"}
	case listErr != nil:
		return Visible{ID: id}, fmt.Sprintf("the credential may not list organizations: whether %s is %s is not checked by name", id, titled(want.Name)), nil
	case id == "" && len(seen) == 1:
		found = seen[0]
	case id == "":
		return Visible{}, "", noOrg(want, seen)
	default:
		i := slices.IndexFunc(seen, func(o Visible) bool { return o.ID == id })
		if i < 0 {
			return Visible{}, "", notVisible(want, id, seen)
		}
		found = seen[i]
	}
	if want.Name != "" && found.Name != "" && want.Name != found.Name {
		return Visible{}, "", &OrgError{ErrWrongOrg,
			fmt.Sprintf("organization %s is named %q in JumpCloud, the file says %q", found.ID, found.Name, want.Name),
			"correct org.id or org.name"}
	}
	return found, "", nil
}

// titled is a name in quotes, or words for none.
func titled(name string) string {
	if name == "" {
		return "the right one"
	}
	return fmt.Sprintf("%q", name)
}

func noOrg(want *Org, seen []Visible) error {
	if len(seen) == 0 {
		return &OrgError{ErrNotVisible, "the credential can see no organization", "are the key and org.region right?"}
	}
	hint := "write org.id, or set JUMPCLOUD_ORG_ID; `rollcall orgs` lists them"
	if i := named(want.Name, seen); i >= 0 {
		hint = fmt.Sprintf("write org.id: %s", seen[i].ID)
	}
	return &OrgError{ErrNoOrg, fmt.Sprintf("the credential can see %d organizations, and none is named by id", len(seen)), hint}
}

// notVisible asks about the key as well as the id, and offers no other id: the
// key may be another client's, and its id must not get into this file.
func notVisible(want *Org, id string, seen []Visible) error {
	var hint string
	switch i := named(want.Name, seen); {
	case i >= 0:
		hint = fmt.Sprintf("the credential sees %q by another id: is the id right?", seen[i].Name)
	case len(seen) == 0:
		hint = "the credential sees no organization: are the key and org.region right?"
	case len(seen) == 1:
		hint = fmt.Sprintf("the credential sees only %q: is it another client's key?", cmp.Or(seen[0].Name, seen[0].ID))
	default:
		hint = fmt.Sprintf("the credential sees %d others (rollcall orgs lists them): is it another client's key, or the id wrong?", len(seen))
	}
	text := fmt.Sprintf("organization %s is not visible to the credential", id)
	if want.Name != "" {
		text = fmt.Sprintf("organization %q (%s) is not visible to the credential", want.Name, id)
	}
	return &OrgError{ErrNotVisible, text, hint}
}

// named is the index of the only organization with a name, without case;
// -1 if there is none or more than one.
func named(name string, seen []Visible) int {
	is := func(o Visible) bool { return name != "" && strings.EqualFold(o.Name, name) }
	i := slices.IndexFunc(seen, is)
	if i >= 0 && slices.ContainsFunc(seen[i+1:], is) {
		return -1
	}
	return i
}

// CheckOrg refuses live state of which a user's record says that it belongs
// to another organization than live.ID.
func CheckOrg(live *Live) error {
	if live.ID == "" {
		return nil
	}
	for i := range live.Facts {
		if id := live.Facts[i].OrgID; id != "" && id != live.ID {
			return &OrgError{ErrWrongOrg,
				fmt.Sprintf("user %q belongs to organization %s, not to %s", live.Objects[i].Name, id, live.ID),
				"check org.id, and whether the key is of this organization"}
		}
	}
	return nil
}
