package cli

import (
	"context"
	"strings"

	"rollcall/plan"
)

type driftCmd struct {
	Paths []string `arg:"" optional:"" name:"path" help:"Files or folders; rollcall.yaml by default." predictor:"yaml"`
	shownAs
	Accept []string `help:"Write the live values of this person, group or field into the files instead, comments and layout kept (repeatable). FIELD is one such as jobTitle, phoneNumbers.work, groups or members." placeholder:"user:NAME[.FIELD]|group:NAME[.FIELD]" sep:"none"`
}

// Help names the exit codes.
func (*driftCmd) Help() string {
	return `Exits 0 when JumpCloud is as the files say, 2 when something differs, is held, or is in JumpCloud and not in the files (where policy says report), 3 when the read is incomplete, 1 on errors. The same drift gives the same bytes, so a nightly job can tell that nothing is new. What differs from these files counts as drift, so run it on the revision that was applied last: edits that are not applied yet are shown too. Who is in the files and not in JumpCloud, deleted there or new, is shown as held and not counted as a change. rollcall apply sets JumpCloud back and, without --base, creates them; --accept keeps what is live.`
}

// Run shows what is live and the files do not want, or takes it into them.
func (cmd *driftCmd) Run(ctx context.Context, r *run) error {
	return r.connect(func(c *connections) error {
		if len(cmd.Accept) > 0 {
			return cmd.accept(ctx, c)
		}
		sessions, p, err := c.planned(ctx, wish{paths: cmd.Paths, drift: true})
		if err != nil {
			r.explainErrors(sessions)
			return err
		}
		if r.AsOf == "" {
			undated(p)
		}
		cmd.drift = true
		if err := cmd.show(ctx, r, sessions, p, cmd.Paths, r.applyCommand("", cmd.Paths, baseFlags{}, removals{})); err != nil {
			return err
		}
		if does := settingBack(p); does != "" {
			r.say("what differs from these files counts as drift: run it on the revision that was applied last; rollcall apply %s, rollcall drift --accept keeps what is live", does)
		}
		return exit(driftCode(sessions, p))
	})
}

// settingBack is what apply would do about drift; "" for nothing.
func settingBack(p *plan.Plan) string {
	var does []string
	if p.Changes() > 0 {
		does = append(does, "sets JumpCloud back")
	}
	if p.Recreated() > 0 {
		does = append(does, "creates who is in the files and not in JumpCloud")
	}
	return strings.Join(does, " and ")
}

// undated takes the day out of a plan: the same drift is the same tomorrow.
func undated(p *plan.Plan) {
	p.AsOf = ""
	for i := range p.Orgs {
		p.Orgs[i].AsOf = ""
	}
}

// driftCode is the exit code that drift leads to. What apply would refuse is
// drift all the same.
func driftCode(sessions []*session, p *plan.Plan) int {
	codes := make([]int, len(sessions))
	for i, s := range sessions {
		switch o := &p.Orgs[i]; {
		case s.err != nil:
			codes[i] = codeOf(s.err)
		case o.Read.Incomplete != "":
			codes[i] = exitRefused
		case drifted(o):
			codes[i] = exitChanges
		}
	}
	return worst(codes...)
}

// drifted tells whether an organization is not as its file says.
func drifted(o *plan.Org) bool {
	return len(o.Changes)+len(o.Held)+len(o.Unlisted.Users)+len(o.Unlisted.Groups) > 0
}
