package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"rollcall/plan/report"
	"rollcall/state"
)

// accept writes what is live of the named people, groups and fields into the
// files.
func (cmd *driftCmd) accept(ctx context.Context, c *connections) error {
	sessions, _, err := c.planned(ctx, wish{paths: cmd.Paths, drift: true, more: acceptedDetails(cmd.Accept)})
	c.explainErrors(sessions)
	if err != nil {
		return err
	}
	by, err := cmd.targets(sessions)
	if err != nil {
		return err
	}
	code := planErrors(sessions)
	for i, s := range sessions {
		if len(by[i]) == 0 {
			continue
		}
		if err := c.acceptIn(s, by[i]); err != nil {
			return err
		}
	}
	return exit(code)
}

// acceptedDetails reads all of the people and groups that --accept may mean.
func acceptedDetails(words []string) func(*state.Object) state.Detail {
	return func(o *state.Object) state.Detail {
		for _, word := range words {
			kind, name, _ := strings.Cut(word, ":")
			if kind == o.Kind.String() && strings.HasPrefix(state.Fold(name), state.Fold(o.Name)) {
				return state.MembersOf | state.GroupRecord | state.GroupsOfUser
			}
		}
		return 0
	}
}

// planErrors is the exit code of organizations that could not be read.
func planErrors(sessions []*session) int {
	codes := make([]int, len(sessions))
	for i, s := range sessions {
		if s.err != nil {
			codes[i] = codeOf(s.err)
		}
	}
	return worst(codes...)
}

// targets are the words of --accept by organization: each must name something
// of exactly one.
func (cmd *driftCmd) targets(sessions []*session) (by [][]string, err error) {
	by = make([][]string, len(sessions))
	for _, word := range cmd.Accept {
		found := -1
		var unknown error
		for i, s := range sessions {
			if s.live == nil {
				continue
			}
			err := state.FindAccept(s.desired, s.live, word)
			var known *state.AcceptError
			if errors.As(err, &known) && known.Unknown {
				unknown = err
				continue
			}
			if found >= 0 {
				return nil, hinted("--org NAME says which is meant", "--accept %s: %s and %s have that", word, sessions[found].label(), s.label())
			}
			found = i
		}
		if found < 0 {
			return nil, acceptFailure(word, unknown)
		}
		by[found] = append(by[found], word)
	}
	return by, nil
}

// acceptFailure is an error about a word of --accept.
func acceptFailure(word string, err error) error {
	var known *state.AcceptError
	if errors.As(err, &known) {
		return hinted(known.Hint, "--accept %s: %w", word, err)
	}
	if err == nil {
		return hinted("", "--accept %s: no organization could be read", word)
	}
	return fmt.Errorf("--accept %s: %w", word, err)
}

// acceptIn edits the files of one organization, all or none.
func (c *connections) acceptIn(s *session, words []string) error {
	a, err := state.Accept(s.desired, s.live, os.ReadFile, words...)
	if err != nil {
		return acceptFailure(strings.Join(words, ", "), err)
	}
	names := slices.Sorted(maps.Keys(a.Files))
	for _, name := range names {
		if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, a.Read[name]) {
			return hinted("run again", "%s has changed since it was read; nothing was written", name)
		}
	}
	for _, name := range names {
		if err := replaceFile(name, func(w io.Writer) error { _, err := w.Write(a.Files[name]); return err }); err != nil {
			return err
		}
	}
	for _, x := range a.Done {
		fmt.Fprintf(c.out, "%s: %s %s: %s\n", report.Clean(x.File), x.Kind, report.Clean(x.Name), report.Clean(x.What))
	}
	for _, note := range a.Notes {
		c.say("%s", note)
	}
	return nil
}
