package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"rollcall/apply"
	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/state"
)

// saved reads the plan of --plan, and is what live leaves of it.
func (cmd *applyCmd) saved(ctx context.Context, c *connections) ([]*session, *plan.Plan, error) {
	p, err := cmd.open(c.run)
	if err != nil {
		return nil, nil, err
	}
	o := plan.Options{NoRemovals: cmd.NoRemovals}
	if o.Allow, err = c.allowed(); err != nil {
		return nil, nil, err
	}
	all, err := cmd.documents(p)
	if err == nil {
		err = cmd.ofToday(c.run, p, all)
	}
	if err == nil {
		err = checkAllowed(o.Allow, all, c.left)
	}
	if err != nil {
		return nil, nil, err
	}
	given := o.Allow
	o.Allow = slices.Concat(given, p.Allow)
	sessions, err := c.read(ctx, all, func(i int) state.ReadOptions { return state.ReadOptions{More: p.Orgs[i].Details()} })
	if err == nil {
		err = checkFound(given, sessions, c.left)
	}
	if err != nil {
		return nil, nil, err
	}
	left, err := c.targeted(c.recheck(sessions, p, o), sessions)
	return sessions, left, err
}

// open loads the plan and refuses one that is too old, is not the expected
// one, or has nothing of what --org names.
func (cmd *applyCmd) open(r *run) (*plan.Plan, error) {
	f, err := os.Open(cmd.Plan)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", cmd.Plan, cause(err))
	}
	defer f.Close()
	p, err := report.Load(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", cmd.Plan, cause(err))
	}
	if age := r.now().Sub(p.Created); age > cmd.MaxAge {
		return nil, refused("make it again; --max-age takes an older one", "%s was made %s ago, and plans older than %s are not applied", cmd.Plan, age.Round(time.Second), cmd.MaxAge)
	}
	if err := cmd.expected(p); err != nil {
		return nil, err
	}
	return p, r.chooseOrgs(p)
}

// ofToday refuses a plan that was asked for another day: it is shown, not
// applied, until that day comes.
func (cmd *applyCmd) ofToday(r *run, p *plan.Plan, all []*state.Desired) error {
	for _, d := range all {
		if today := r.today(d.Timezone); p.AsOfGiven && p.AsOf != today {
			return refused("make it again without --as-of", "%s was made for %s, and today is %s in %s: nothing was written", cmd.Plan, p.AsOf, today, d.Timezone)
		}
	}
	return nil
}

// refused is an error with the exit code of what is refused.
func refused(hint, format string, args ...any) error {
	return &failure{code: exitRefused, err: fmt.Errorf(format, args...), hint: hint}
}

// chooseOrgs keeps the organizations that --org names.
func (r *run) chooseOrgs(p *plan.Plan) error {
	is := func(o plan.Org, word string) bool { return isOrg(&state.Org{ID: o.ID, Name: o.Name}, word) }
	var names []string
	orgs := make([]state.Org, len(p.Orgs))
	for i, o := range p.Orgs {
		names = append(names, o.Name, o.ID)
		orgs[i] = state.Org{ID: o.ID, Name: o.Name}
	}
	if err := r.namesOne(orgs); err != nil {
		return err
	}
	for _, word := range r.Org {
		if !slices.ContainsFunc(p.Orgs, func(o plan.Org) bool { return is(o, word) }) {
			return hinted("", "--org: no organization %q in the plan%s", word, didYouMean(word, names))
		}
	}
	if len(r.Org) > 0 {
		r.left = r.unnamed(orgs)
		p.Orgs = slices.DeleteFunc(p.Orgs, func(o plan.Org) bool {
			return !slices.ContainsFunc(r.Org, func(word string) bool { return is(o, word) })
		})
	}
	return nil
}

// documents are what the plan knows of those that it was made of.
func (cmd *applyCmd) documents(p *plan.Plan) (all []*state.Desired, err error) {
	all = make([]*state.Desired, len(p.Orgs))
	for i := range p.Orgs {
		if all[i], err = described(&p.Orgs[i]); err != nil {
			return nil, fmt.Errorf("read %s: %w", cmd.Plan, err)
		}
	}
	return all, nil
}

// described is what a saved plan knows of a document.
func described(o *plan.Org) (*state.Desired, error) {
	zone, err := time.LoadLocation(o.Timezone)
	return &state.Desired{
		Org:    state.Org{ID: o.ID, Name: o.Name, Region: o.Region},
		Policy: o.Policy, Credential: o.Credential, Timezone: zone,
	}, err
}

// recheck holds the organizations of a saved plan against live, each on the
// day that it is there.
func (r *run) recheck(sessions []*session, p *plan.Plan, o plan.Options) *plan.Plan {
	o.AsOf, o.Shard = r.today(time.UTC), p.Shard
	orgs := make([]plan.Org, len(sessions))
	for i, s := range sessions {
		if s.err == nil && p.Orgs[i].Error != "" {
			s.err = errors.New("the plan has no changes for this organization: " + p.Orgs[i].Error)
		}
		if s.err != nil {
			orgs[i] = s.broken()
			continue
		}
		day := o
		day.AsOf = r.today(s.desired.Timezone)
		s.saved = plan.Recheck(&p.Orgs[i], s.live, day)
		orgs[i] = *s.saved.Org
		orgs[i].Notes = append(orgs[i].Notes, savedNotes(s.saved, len(p.Orgs[i].Changes))...)
		if p.Base != "" {
			orgs[i].Notes = append(orgs[i].Notes, plan.Note{Severity: state.Note, Text: "the plan was made with --base " + p.Base})
		}
	}
	left := plan.New(orgs, o.AsOf, tool, o)
	left.Base = p.Base
	return left
}

// savedNotes say what of a saved plan is not to be made any more.
func savedNotes(r *plan.Rechecked, all int) (notes []plan.Note) {
	for _, g := range r.Stale {
		notes = append(notes, plan.Note{Severity: state.Warning, Text: fmt.Sprintf("%s: stale: %s", changeText(&g.Change), staleReason(r, g))})
	}
	if n := len(r.Made); n > 0 {
		notes = append(notes, plan.Note{Severity: state.Note, Text: fmt.Sprintf("%d of the plan's %s made already", n, areCounted(all, "change"))})
	}
	return notes
}

// areCounted is "1 change is" or "2 changes are".
func areCounted(n int, thing string) string {
	if n == 1 {
		return counted(n, thing) + " is"
	}
	return counted(n, thing) + " are"
}

// tellSaved prints what of saved plans was not made because it is made
// already or stale: events as lines of JSON, or the stale ones as text.
func (cmd *applyCmd) tellSaved(r *run, sessions []*session, p *plan.Plan) {
	for i, s := range sessions {
		if s.saved == nil || len(p.Orgs[i].Refused) > 0 {
			continue
		}
		if cmd.Format == "json" {
			for _, c := range s.saved.Made {
				_ = report.Event(r.out, &p.Orgs[i], string(apply.Done), c, nil) // r.out remembers a failed write
			}
			for _, g := range s.saved.Stale {
				_ = report.Event(r.out, &p.Orgs[i], string(apply.Stale), g.Change, errors.New(staleReason(s.saved, g)))
			}
			continue
		}
		if n := len(s.saved.Stale); n > 0 {
			fmt.Fprintf(r.out, "%s: %d stale\n", s.label(), n)
		}
		for _, g := range s.saved.Stale {
			fmt.Fprintf(r.out, "  stale  %s: %s\n", changeText(&g.Change), report.Clean(staleReason(s.saved, g)))
		}
	}
}

// staleReason is why a change is not made: live has changed, or it needs
// one of which that is so.
func staleReason(r *plan.Rechecked, g plan.Gone) string {
	for _, other := range r.Stale {
		if other.At == g.BlockedBy {
			return "needs " + changeText(&other.Change) + ", which is stale"
		}
	}
	return g.Reason
}

// expected refuses a plan that is not the one --expect names: by its
// digest, or by ORG=DIGEST of one of its organizations.
func (cmd *applyCmd) expected(p *plan.Plan) error {
	for _, word := range cmd.Expect {
		want, got, what := word, p.Digest, "the plan"
		if org, digest, named := strings.Cut(word, "="); named {
			i := slices.IndexFunc(p.Orgs, func(o plan.Org) bool { return isOrg(&state.Org{ID: o.ID, Name: o.Name}, org) })
			if i < 0 {
				return hinted("", "--expect: no organization %q in the plan", org)
			}
			want, got, what = digest, p.Orgs[i].Digest, "the plan of "+org
		}
		if want != got {
			return refused("review the plan as it is now: rollcall plan", "%s has the digest %s, and %s was expected", what, got, want)
		}
	}
	return nil
}
