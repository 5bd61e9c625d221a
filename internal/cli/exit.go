package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"rollcall/jumpcloud"
	"rollcall/plan/report"
	"rollcall/state"
)

// Exit codes, the same in every format.
const (
	exitOK      = 0
	exitError   = 1  // bad input, cannot read, cannot write
	exitChanges = 2  // plan --exit-code: changes pending
	exitRefused = 3  // refused, nothing written
	exitPartial = 4  // something was written and something was not
	exitUsage   = 80 // kong's
)

// failure is an error with an exit code and a hint. Without err only the
// code is left: everything has been said.
type failure struct {
	code int
	err  error
	hint string
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit code %d", f.code)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// exit is an error that is only an exit code, nil for 0.
func exit(code int) error {
	if code == exitOK {
		return nil
	}
	return &failure{code: code}
}

func hinted(hint, format string, args ...any) error {
	return &failure{code: exitError, err: fmt.Errorf(format, args...), hint: hint}
}

func usage(hint, format string, args ...any) error {
	return &failure{code: exitUsage, err: fmt.Errorf(format, args...), hint: hint}
}

// finish prints an error and is the exit code.
func (r *run) finish(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	code := codeOf(err)
	var f *failure
	errors.As(err, &f)
	silent := f != nil && f.err == nil
	if (code == exitError || silent && code == exitRefused) && ctx.Err() != nil {
		code, err = exitRefused, errors.New("interrupted; nothing was written")
	}
	if f == nil || f.err != nil || code == exitRefused && ctx.Err() != nil {
		r.complain("", err)
	}
	return code
}

// complain prints an error and its hint. About says of what it is an error,
// an organization's name, or is "".
func (r *run) complain(about string, err error) {
	prefix := "rollcall: "
	if about != "" {
		prefix += report.Clean(about) + ": "
	}
	for _, one := range each(err) {
		fmt.Fprintln(r.err, r.errColor.bad(prefix)+report.Clean(jumpcloud.PlainJSON(one).Error()))
	}
	r.hint(err)
}

// hint prints what to do about an error, if anybody knows.
func (r *run) hint(err error) {
	if hint := hintOf(err); hint != "" {
		fmt.Fprintln(r.err, "rollcall: hint: "+report.Clean(hint))
	}
}

// each is the errors that were joined, or the one error. A line break in a
// message is no end of it: a file's name may have one.
func each(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || errors.Join(joined.Unwrap()...).Error() != err.Error() {
		return []error{err}
	}
	return joined.Unwrap()
}

// say prints a line of no data, which --quiet leaves out.
func (r *run) say(format string, args ...any) {
	if !r.Quiet {
		fmt.Fprintln(r.err, "rollcall: "+report.Clean(fmt.Sprintf(format, args...)))
	}
}

// hintOf is what to do about an error, "" if nobody knows.
func hintOf(err error) string {
	var f *failure
	if errors.As(err, &f) && f.hint != "" {
		return f.hint
	}
	var org *state.OrgError
	if errors.As(err, &org) {
		return org.Hint
	}
	var unknown *net.DNSError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.As(err, &unknown):
		return "is the URL right (--api-url, JUMPCLOUD_API_URL), and is there a proxy to go through (HTTPS_PROXY)?"
	case jumpcloud.TimedOut(err):
		return "a longer --timeout waits for the answer, such as --timeout 5m"
	case jumpcloud.Blocked(err):
		return "JumpCloud has blocked this machine's address: wait until it lets you in again, then ask more slowly with a lower --rate"
	case jumpcloud.IsStatus(err, 401):
		return "check the key, and org.region: a key works in one region only (us, eu or in)"
	case jumpcloud.IsStatus(err, 302):
		return "JumpCloud saw no key: check the variable or file that api_key names"
	case jumpcloud.IsStatus(err, 403):
		return "the credential has no right to do this; its role needs users, groups and organizations"
	}
	return laterHint(err)
}

// laterHint is what to do where JumpCloud does not answer as it should.
func laterHint(err error) string {
	var e *jumpcloud.Error
	switch {
	case !errors.As(err, &e):
		return ""
	case e.Status == 429:
		return "JumpCloud asks for fewer requests: run again later, with a lower --rate"
	case e.Status >= 500:
		return "JumpCloud has a failure: run again later"
	case e.Status == 404 && e.Method == "GET":
		return "run again later; if it stays so, check org.id and --api-url"
	}
	return ""
}

// worst is the exit code of several: partial, else the first of 1, 3, 2, 0.
func worst(codes ...int) int {
	for _, code := range []int{exitPartial, exitError, exitRefused, exitChanges} {
		for _, c := range codes {
			if c == code {
				return code
			}
		}
	}
	return exitOK
}
