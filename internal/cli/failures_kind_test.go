package cli

import (
	"errors"
	"fmt"
	"testing"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/state"
)

func TestErrorKind(t *testing.T) {
	t.Parallel()
	answered := func(status int) error {
		return fmt.Errorf("read users: %w", &jumpcloud.Error{Method: "GET", Path: "/api/systemusers", Status: status})
	}
	signedIn := &account{}
	for _, c := range []struct {
		name    string
		account *account
		err     error
		want    plan.ErrorKind
	}{
		{"no variable", nil, errors.New("the environment variable X is not set"), plan.NoCredential},
		{"another name", signedIn, &state.OrgError{Err: state.ErrWrongOrg}, plan.WrongOrg},
		{"a problem of the file", signedIn, state.Problems{{Text: "wrong"}}, plan.BadInput},
		{"refused", signedIn, answered(401), plan.Unauthorized},
		{"sent to the page to sign in", signedIn, answered(302), plan.Unauthorized},
		{"no right", signedIn, answered(403), plan.Forbidden},
		{"a bad day", signedIn, answered(500), plan.ServerError},
		{"too fast", signedIn, answered(429), plan.ServerError},
		{"no answer", signedIn, answered(0), plan.Unreachable},
		{"anything else", signedIn, errors.New("odd"), plan.OtherError},
	} {
		s := session{desired: &state.Desired{}, account: c.account, err: c.err}
		if got := s.broken().ErrorKind; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
