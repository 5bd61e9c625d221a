package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"rollcall/plan/report"
	"rollcall/schema"
	"rollcall/state"
)

// accept writes what is live of the named people, groups and fields into the
// files of one organization. No value is printed.
func (cmd *driftCmd) accept(ctx context.Context, c *connections) error {
	all, err := c.load(cmd.Paths, state.LoadOptions{Online: true}, " Nothing was sent to JumpCloud.")
	if err != nil {
		return err
	}
	sessions, err := c.read(ctx, all, func(i int) state.ReadOptions {
		return state.ReadOptions{Desired: all[i], More: acceptedDetails(cmd.Accept)}
	})
	if err != nil {
		return err
	}
	s, err := c.accepting(sessions, cmd.Accept)
	if err != nil {
		return err
	}
	if s.live.Incomplete != "" {
		return refused("run again", "the read is incomplete: %s; no file is changed", s.live.Incomplete)
	}
	a, err := state.Accept(s.desired, s.live, c.day(s.desired), os.ReadFile, cmd.Accept...)
	if err == nil {
		err = cmd.alone(s.desired, a)
	}
	if err == nil {
		err = replaceFiles(a.Read, a.Files)
	}
	if err != nil {
		return acceptFailure(err)
	}
	c.tellAccepted(a)
	return nil
}

// acceptedDetails reads all of whom and what --accept may mean: an entry that
// no file has needs more than a plan.
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

// accepting is the one organization that knows all that --accept names.
func (c *connections) accepting(sessions []*session, words []string) (*session, error) {
	var found *session
	for _, word := range words {
		s, err := c.knowing(sessions, word)
		switch {
		case err != nil:
			return nil, err
		case found != nil && s != found:
			return nil, hinted("--org NAME, one after the other", "--accept: %s is in %s, %s in %s", words[0], found.label(), word, s.label())
		}
		found = s
	}
	return found, nil
}

// knowing is the organization that knows what a word of --accept names. Where
// one could not be read nobody can tell.
func (c *connections) knowing(sessions []*session, word string) (found *session, err error) {
	var nobody error
	failed := exitOK
	for _, s := range sessions {
		if s.err != nil {
			failed = worst(failed, codeOf(s.err))
			continue
		}
		err := state.FindAccept(s.desired, s.live, word)
		var why *state.AcceptError
		switch unknown := errors.As(err, &why) && why.Unknown; {
		case unknown && (nobody == nil || hintOf(nobody) == ""):
			nobody = acceptFailure(err)
		case unknown:
		case err != nil:
			return nil, acceptFailure(err)
		case found != nil:
			return nil, hinted("--org NAME says which is meant", "--accept: %s is in %s and in %s", word, found.label(), s.label())
		default:
			found = s
		}
	}
	switch {
	case failed != exitOK:
		c.explainErrors(sessions)
		return nil, exit(failed)
	case found == nil:
		return nil, nobody
	}
	return found, nil
}

// acceptFailure is an error of Accept with its hint.
func acceptFailure(err error) error {
	var why *state.AcceptError
	if errors.As(err, &why) {
		return hinted(why.Hint, "--accept: %w", err)
	}
	return err
}

// alone refuses to change a file that other organizations include, whether
// --org names them or not: they would want the same.
func (cmd *driftCmd) alone(d *state.Desired, a *state.Acceptance) error {
	for name := range a.Files {
		if name == d.Pos.Files[0] {
			continue
		}
		all, _, err := state.Load((&wish{paths: cmd.Paths}).filePaths(), state.LoadOptions{Online: true})
		if err != nil {
			return err
		}
		for _, other := range all {
			same := other.Pos.Files[0] == d.Pos.Files[0] && other.Pos.Org == d.Pos.Org
			if !same && slices.Contains(other.Pos.Files, name) {
				return hinted("edit it by hand; the plans of both say what comes of it", "%s belongs to %s too", name, orgLabel(&other.Org))
			}
		}
	}
	return nil
}

// tellAccepted prints what the files now say as JumpCloud does: a line each
// person and group.
func (r *run) tellAccepted(a *state.Acceptance) {
	type entry struct {
		file, name string
		kind       schema.Kind
	}
	var order []entry
	what := map[entry][]string{}
	for _, d := range a.Done {
		e := entry{d.File, d.Name, d.Kind}
		if what[e] == nil {
			order = append(order, e)
		}
		what[e] = append(what[e], d.What)
	}
	for _, e := range order {
		fmt.Fprintf(r.out, "%s: %s %s: %s\n", report.Clean(e.file), e.kind, report.Clean(e.name), report.Clean(strings.Join(what[e], ", ")))
	}
	for _, note := range a.Notes {
		r.say("%s", note)
	}
}
