package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"rollcall/plan"
	"rollcall/state"
)

// baseFlags are flags of plan and apply.
type baseFlags struct {
	Base string `help:"Compare with the files at this git revision, or with another file or folder: what this revision changes is told from what was changed in JumpCloud, and people and memberships that the file gave up are acted on: policy.dropped_users says what happens to the people, the memberships end." placeholder:"REF|PATH"`
	Only string `help:"change: only what this revision changes, nothing that a date does or that was changed in JumpCloud. Needs --base." enum:",change" default:"" placeholder:"change"`
}

// check finds flags that do not go together.
func (b *baseFlags) check() error {
	if b.Only != "" && b.Base == "" {
		return usage("--base REF names the revision to compare with", "--only change needs --base: without it nobody knows what this revision changes")
	}
	return nil
}

// bases are the documents of the base revision, by the documents of the file;
// nil for those that it does not have.
func (w *wish) bases(ctx context.Context, r *run, all []*state.Desired) ([]*state.Desired, error) {
	bases := make([]*state.Desired, len(all))
	switch {
	case w.drift:
		copy(bases, all)
		return bases, nil
	case w.base.Base == "":
		return bases, nil
	}
	was, err := state.Base(ctx, w.filePaths(), w.base.Base, state.LoadOptions{Online: !w.Offline})
	if err != nil {
		return nil, r.baseError(err)
	}
	for i, d := range all {
		bases[i] = sameDocument(d, was)
	}
	return bases, nil
}

func (w *wish) filePaths() []string {
	if len(w.paths) == 0 {
		return []string{defaultPath}
	}
	return w.paths
}

// baseError prints what is wrong with files of the base, and is the error of
// everything else.
func (r *run) baseError(err error) error {
	var wrong state.Problems
	var base *state.BaseError
	switch {
	case errors.As(err, &wrong):
		r.problems(wrong)
		r.totals(wrong, " The base revision cannot be compared with.")
		return exit(exitError)
	case errors.As(err, &base):
		return hinted(base.Hint, "%w", err)
	}
	return fmt.Errorf("base: %w", err)
}

// sameDocument is the one of another revision that is about the same
// organization, nil if there is none: by id, or by name where one has no id.
func sameDocument(d *state.Desired, all []*state.Desired) *state.Desired {
	for _, other := range all {
		switch {
		case d.ID != "" && other.ID != "":
			if d.ID == other.ID {
				return other
			}
		case d.Name != "" && other.Name != "":
			if strings.EqualFold(d.Name, other.Name) {
				return other
			}
		case d.Credential.APIKey.String() == other.Credential.APIKey.String():
			return other
		}
	}
	return nil
}

// named is a plan that names its base.
func (w *wish) named(p *plan.Plan) *plan.Plan {
	p.Base = w.base.Base
	if w.drift {
		p.Base = driftBase
	}
	return p
}

// driftBase is what plans call the base of drift.
const driftBase = "the file itself"
