package cli

import (
	"errors"
	"slices"
	"strings"

	"rollcall/jumpcloud"
	"rollcall/state"
)

// signsIn are the references that a document's requests sign in with, as
// env:NAME or file:PATH; none under --sandbox.
func (c *connections) signsIn(d *state.Desired) (refs []string) {
	if c.local.url != "" {
		return nil
	}
	for _, ref := range []state.Reference{d.Credential.APIKey, d.Credential.ClientID, d.Credential.ClientSecret} {
		if !ref.IsZero() {
			refs = append(refs, ref.String())
		}
	}
	switch {
	case len(refs) > 0:
		return refs
	case c.env("JUMPCLOUD_API_KEY") != "":
		return []string{"env:JUMPCLOUD_API_KEY"}
	}
	return []string{"env:JUMPCLOUD_CLIENT_ID", "env:JUMPCLOUD_CLIENT_SECRET"}
}

// sayUnused says that --sandbox does without the credentials that documents name.
func (c *connections) sayUnused(all []*state.Desired) {
	names := func(d *state.Desired) bool { return !d.Credential.APIKey.IsZero() || !d.Credential.ClientID.IsZero() }
	if c.local.url != "" && slices.ContainsFunc(all, names) {
		c.say("--sandbox: the credentials of the files are not used")
	}
}

// withCredential is an error that tells which credential cannot be sent, was
// refused or does not see the organization, if it is one of these.
func (c *connections) withCredential(err error, d *state.Desired) error {
	refs := strings.Join(c.signsIn(d), " and ")
	var org *state.OrgError
	switch {
	case refs == "":
	case errors.Is(err, state.ErrNotVisible) && errors.As(err, &org):
		return &failure{code: codeOf(err), err: err, hint: org.Hint + " Check " + refs}
	case errors.Is(err, jumpcloud.ErrUnsendable):
		return &failure{code: codeOf(err), err: err, hint: "copy it again into " + refs}
	case jumpcloud.IsStatus(err, 401):
		return &failure{code: codeOf(err), err: err, hint: "check " + refs + ", and org.region: a key works in one region only (us, eu or in)"}
	case jumpcloud.IsStatus(err, 302):
		return &failure{code: codeOf(err), err: err, hint: "JumpCloud saw no key: check " + refs}
	}
	return err
}

// nameCredentials does so for the errors of sessions, and says of a failure of
// JumpCloud that it is one organization's alone.
func (c *connections) nameCredentials(sessions []*session) {
	for _, s := range sessions {
		s.err = c.withCredential(s.err, s.desired)
		if later := laterHint(s.err); later != "" && hintOf(s.err) == later && len(sessions) > 1 {
			s.err = &failure{code: codeOf(s.err), err: s.err, hint: later + "; the other organizations go on"}
		}
	}
}
