package cli

import (
	"errors"
	"net/http"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/state"
)

// broken is the organization of a session without a plan.
func (s *session) broken() plan.Org {
	return plan.Org{
		ID: s.desired.ID, Name: s.desired.Name, Region: s.desired.Region,
		Error: s.err.Error(), ErrorKind: s.errorKind(), ErrorHint: hintOf(s.err),
	}
}

// errorKind sorts why a session has no plan.
func (s *session) errorKind() plan.ErrorKind {
	var wrong state.Problems
	var org *state.OrgError
	switch {
	case errors.As(s.err, &wrong):
		return plan.BadInput
	case errors.As(s.err, &org):
		return plan.WrongOrg
	case s.account == nil && s.live == nil:
		return plan.NoCredential // all that is read needs one
	}
	return requestKind(s.err)
}

// requestKind sorts errors of requests.
func requestKind(err error) plan.ErrorKind {
	var e *jumpcloud.Error
	switch {
	case !errors.As(err, &e):
		return plan.OtherError
	case jumpcloud.Blocked(err), e.Status == http.StatusForbidden:
		return plan.Forbidden
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusFound:
		return plan.Unauthorized
	case e.Status == 0, jumpcloud.TimedOut(err):
		return plan.Unreachable
	}
	return plan.ServerError
}
