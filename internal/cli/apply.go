package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"rollcall/apply"
	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/state"
)

type applyCmd struct {
	Paths  []string      `arg:"" optional:"" name:"path" help:"Files or folders; rollcall.yaml by default." predictor:"yaml"`
	Plan   string        `help:"Apply this plan, saved by plan --out: what of it is not made yet. Does not ask: whoever names a plan has seen it." placeholder:"FILE" predictor:"file"`
	Expect []string      `help:"Apply only a plan with this digest, or ORG=DIGEST of one organization (repeatable); do not ask." placeholder:"DIGEST" sep:"none"`
	MaxAge time.Duration `help:"Refuse a saved plan that is older." default:"168h" placeholder:"DURATION"`
	Yes    bool          `short:"y" help:"Do not ask."`
	baseFlags
	removals
	Format        string `help:"text, or json: a line for each change, and for each organization that is refused or has no plan." enum:"text,json" default:"text" placeholder:"text|json"`
	AllowCommands bool   `help:"Run the programs that passwords come from."`
	Journal       string `help:"Append what is written, by whom and when to this file: a line of JSON before and after each write." placeholder:"FILE" predictor:"file"`
	NoVerify      bool   `help:"Do not read again what was written, to see whether JumpCloud keeps it."`
}

// Help names the exit codes.
func (*applyCmd) Help() string {
	return "Exits 0 when all is done or there is nothing to do, 3 when nothing was written because it was refused, 4 when something was written and something was not or is kept differently, 1 on errors, 80 without a terminal and without --yes, --plan or --expect."
}

// task is the plan of one organization that is applied.
type task struct {
	*session
	org    *plan.Org
	result *apply.Result // nil if it was not begun
	failed error         // why it could not be

	differences []apply.Difference // what JumpCloud keeps differently
	unverified  error              // why that is not known
}

// Run plans, shows the plan, asks, and applies what was shown.
func (cmd *applyCmd) Run(ctx context.Context, r *run) error {
	if _, asks := terminal(r.in); !asks && cmd.asks() {
		return usage("--yes applies without asking; rollcall plan only shows", "apply needs a terminal to ask at, or --yes, --plan or --expect")
	}
	if cmd.Plan != "" && (len(cmd.Paths) > 0 || cmd.Base != "") {
		return usage("leave out one of them", "--plan applies a saved plan, and takes no files and no base")
	}
	if cmd.Plan != "" && r.Shard != "" {
		return usage("leave out --shard", "--plan applies a saved plan, which has the organizations of its shard")
	}
	if cmd.Plan != "" && r.AsOf != "" {
		return usage("leave out --as-of", "--plan applies a saved plan, which has its day")
	}
	if err := cmd.check(); err != nil {
		return err
	}
	j, err := r.openJournal(cmd.Journal)
	if err != nil {
		return err
	}
	return r.connect(func(c *connections) error {
		sessions, p, err := cmd.planned(ctx, c)
		if err != nil {
			r.explainErrors(sessions)
			return err
		}
		if err := cmd.show(r, sessions, p); err != nil {
			return err
		}
		tasks := tasksOf(sessions, p)
		if len(tasks) > 0 && cmd.asks() {
			if err := r.ask(ctx, tasks); err != nil {
				return err
			}
		}
		if err := j.begin(c.journalRun(cmd, p, tasks), journalRefusals(sessions, p)); err != nil {
			return err
		}
		c.applyAll(ctx, cmd, j, p, tasks)
		cmd.tellSaved(r, sessions, p)
		cmd.tellFleet(r, p, tasks)
		err = j.end(tasks)
		if code := applyCode(ctx, sessions, p, tasks, err); code != exitOK {
			err = &failure{code: code, err: err}
		}
		return err
	})
}

// asks tells whether somebody is asked before anything is written. Whoever
// names a plan has seen it.
func (cmd *applyCmd) asks() bool { return !cmd.Yes && cmd.Plan == "" && len(cmd.Expect) == 0 }

// planned is the plan to apply: the saved one, or one made of files.
func (cmd *applyCmd) planned(ctx context.Context, c *connections) ([]*session, *plan.Plan, error) {
	if cmd.Plan != "" {
		return cmd.saved(ctx, c)
	}
	w := cmd.wish(cmd.Paths, cmd.removals)
	w.today = true
	sessions, p, err := c.planned(ctx, w)
	if err == nil && p.Changes() > 0 { // else nothing is left to do
		err = cmd.expected(p)
	}
	return sessions, p, err
}

// show prints the plan. Where standard output is for events, it goes to
// standard error, and only if somebody will be asked about it.
func (cmd *applyCmd) show(r *run, sessions []*session, p *plan.Plan) error {
	for i := range p.Orgs {
		if cmd.NoVerify {
			p.Orgs[i].Summary.Verify = 0
		}
	}
	if cmd.Format == "text" {
		o := cmd.textOptions(r, r.out.to, r.color)
		if err := errors.Join(r.printPlan(p, printOptions{TextOptions: o, format: "text"}), r.out.Flush()); err != nil {
			return err
		}
		r.explainShown(sessions)
		return nil
	}
	r.explainErrors(sessions)
	for i := range p.Orgs {
		_ = report.OrgEvent(r.out, &p.Orgs[i]) // Flush tells
	}
	if err := r.out.Flush(); err != nil || !cmd.asks() {
		return err
	}
	return report.Text(r.err, p, cmd.textOptions(r, r.err, r.errColor))
}

// textOptions are those of a plan that is applied now.
func (cmd *applyCmd) textOptions(r *run, to io.Writer, c colors) report.TextOptions {
	o := r.textOptions(to, c)
	o.Applying, o.Next = true, r.applyCommand(cmd.Plan, cmd.Paths, cmd.baseFlags, cmd.removals)
	return o
}

// tasksOf are the organizations with something to apply that is not refused.
func tasksOf(sessions []*session, p *plan.Plan) []*task {
	var tasks []*task
	for i, s := range sessions {
		o := &p.Orgs[i]
		if s.err == nil && len(o.Refused) == 0 && len(o.Changes) > 0 {
			tasks = append(tasks, &task{session: s, org: o})
		}
	}
	return tasks
}

// ask is an error unless the answer is yes.
func (r *run) ask(ctx context.Context, tasks []*task) error {
	name := tasks[0].label()
	if len(tasks) > 1 {
		name = counted(len(tasks), "organization")
	}
	yes, err := r.confirm(ctx, "Apply these changes to "+name+"?")
	if err == nil && !yes {
		err = &failure{code: exitRefused, err: errors.New("the answer was not yes; nothing was written")}
	}
	return err
}

// applyProgress is the line of an apply, which knows from the beginning how
// much there is to do.
func (r *run) applyProgress(sessions []*session, tasks []*task) *progress {
	bar := r.progress(applying, sessions)
	for i, t := range tasks {
		bar.expect(applying, i, len(t.org.Changes))
		bar.expect(verifying, i, t.org.Summary.Verify)
	}
	return bar
}

// applyAll applies organizations of a plan side by side, and prints what
// happens and what came of it; where they are several, tellFleet says which
// were done.
func (c *connections) applyAll(ctx context.Context, cmd *applyCmd, j *journal, p *plan.Plan, tasks []*task) {
	sessions := make([]*session, len(tasks))
	for i, t := range tasks {
		sessions[i] = t.session
	}
	c.writing.Store(true)
	bar := c.applyProgress(sessions, tasks)
	events := c.newEvents(cmd, tasks, bar)
	s := c.passwords(tasks, cmd.AllowCommands)
	c.sideBySide(sessions, func(i int, _ *session) {
		t := tasks[i]
		o := apply.Options{
			Parallel: c.Parallel, Live: t.live, Sleep: c.sleep, Progress: bar.of(verifying, i),
			Secret: func(ref state.Reference) (string, error) { return s.password(ctx, ref) },
			Event:  func(n int, o apply.Outcome) { events.add(i, n, o) },
		}
		o.Before, o.After = j.of(t.org)
		bar.set(applying, i, 0, len(t.org.Changes))
		t.result, t.failed = apply.Run(ctx, t.client, t.org, o)
		events.end(i)
		if !cmd.NoVerify {
			t.verify(ctx, o)
		}
		bar.end(verifying, i)
	})
	bar.clear()
	to := io.Writer(c.out)
	if events.json {
		to = c.err
	}
	for _, t := range tasks {
		for i := range t.differences {
			j.differs(t.org, &t.differences[i])
		}
		if events.json {
			c.eventsOf(t)
			c.eventOfFailed(t)
		}
		if f := t.fate(); len(p.Orgs) == 1 || events.json || f != done && f != unsure && f != idle {
			c.summarize(to, t)
		}
	}
	c.tellStopped(tasks)
}
