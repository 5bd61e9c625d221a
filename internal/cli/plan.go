package cli

import (
	"context"
	"io"
	"strings"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/state"
)

type planCmd struct {
	Paths []string `arg:"" optional:"" name:"path" help:"Files or folders; rollcall.yaml by default." predictor:"yaml"`
	shownAs
	Offline  bool   `help:"Compare two revisions without asking JumpCloud. Needs --base, and no credential."`
	Out      string `help:"Save the complete plan, personal fields included, to this file (mode 0600)." placeholder:"FILE" predictor:"file"`
	ExitCode bool   `help:"Exit 2 when there are changes."`
	baseFlags
	removals
}

// removals is a flag of plan and apply.
type removals struct {
	NoRemovals bool `help:"Leave out suspensions, deletes and removals, and what needs them; they are listed."`
}

// wish is what the flags of plan and apply ask for together.
func (b *baseFlags) wish(paths []string, r removals) wish {
	return wish{paths: paths, base: *b, Options: plan.Options{NoRemovals: r.NoRemovals, OnlyChanges: b.Only != ""}}
}

// Help names the exit codes.
func (*planCmd) Help() string {
	return "Exits 0, with --exit-code 2 when there are changes, 3 when apply would refuse, 1 on errors."
}

// Run prints what apply would change, and writes nothing to JumpCloud.
func (cmd *planCmd) Run(ctx context.Context, r *run) error {
	w := cmd.wish(cmd.Paths, cmd.removals)
	if err := cmd.check(); err != nil {
		return err
	}
	if cmd.Offline {
		return cmd.compare(ctx, r, w)
	}
	return r.connect(func(c *connections) error {
		sessions, p, err := c.planned(ctx, w)
		if err != nil {
			r.explainErrors(sessions)
			return err
		}
		if cmd.Out != "" {
			if err := writeFile(cmd.Out, func(w io.Writer) error { return report.Save(w, p) }); err != nil {
				return err
			}
		}
		return cmd.finish(ctx, r, sessions, p)
	})
}

// check finds flags that do not go together.
func (cmd *planCmd) check() error {
	switch {
	case cmd.Offline && cmd.Base == "":
		return usage("--base REF names the revision to compare with", "--offline compares two revisions, and needs --base")
	case cmd.Offline && cmd.Out != "":
		return usage("", "--out saves a plan to apply, and --offline makes none")
	}
	return cmd.baseFlags.check()
}

// compare shows what this revision changes against its base, without asking
// JumpCloud.
func (cmd *planCmd) compare(ctx context.Context, r *run, w wish) error {
	all, err := r.loadShard(w.paths, state.LoadOptions{}, "")
	if err != nil {
		return err
	}
	w.Offline = true
	bases, err := w.bases(ctx, r, all)
	if err != nil {
		return err
	}
	sessions := make([]*session, len(all))
	for i, d := range all {
		s := &session{desired: d, base: bases[i], live: state.AsLive(bases[i].On(r.day(d)), d.On(r.day(d)))}
		if r.bind(s); s.desired != d {
			s.live = state.AsLive(bases[i].On(r.day(d)), s.desired.On(r.day(d)))
		}
		sessions[i] = s
	}
	p, err := r.targeted(w.named(r.diff(sessions, w.Options)), sessions)
	if err != nil {
		return err
	}
	return cmd.finish(ctx, r, sessions, p)
}

// finish shows the plan, and is the exit code that it leads to.
func (cmd *planCmd) finish(ctx context.Context, r *run, sessions []*session, p *plan.Plan) error {
	if err := cmd.show(ctx, r, sessions, p, cmd.Paths, r.applyCommand(cmd.Out, cmd.Paths, cmd.baseFlags, cmd.removals)); err != nil {
		return err
	}
	pending := exitOK
	if cmd.ExitCode {
		pending = exitChanges
	}
	return exit(planCode(sessions, p, pending))
}

// shownAs are flags of plan and drift.
type shownAs struct {
	Format   string `help:"text, json, markdown (for a comment of a pull request) or html (one page of its own)." enum:"text,json,markdown,html" default:"text" placeholder:"text|json|markdown|html"`
	Artifact string `help:"Where the whole plan is to be found, for markdown that is too long." placeholder:"URL"`
	Marker   string `help:"Tells several markdown comments of one pull request apart." placeholder:"NAME"`
	drift    bool
}

// show writes a plan to standard output, and why organizations have none. Next
// is the command that applies it.
func (f *shownAs) show(ctx context.Context, r *run, sessions []*session, p *plan.Plan, paths []string, next string) error {
	o := printOptions{TextOptions: r.textOptions(r.out.to, r.color), format: f.Format, artifact: f.Artifact, marker: f.Marker}
	o.Drift = f.drift
	o.Next = next
	if f.Format == "markdown" || f.Format == "html" {
		o.head = r.head(ctx, paths)
	}
	if err := r.printPlan(p, o); err != nil {
		return err
	}
	if f.Format == "text" {
		r.explainShown(sessions)
	} else {
		r.explainErrors(sessions)
	}
	return nil
}

// printOptions say how a plan is printed in any format.
type printOptions struct {
	report.TextOptions
	format, artifact, marker, head string
}

// printPlan writes a plan to standard output.
func (r *run) printPlan(p *plan.Plan, o printOptions) error {
	switch o.format {
	case "json":
		return report.JSON(r.out, p, report.JSONOptions{Masked: !r.ShowPersonal})
	case "markdown":
		return report.Markdown(r.out, p, report.MarkdownOptions{
			ShowPersonal: r.ShowPersonal, Head: o.head, Base: p.Base, Artifact: o.artifact, Marker: o.marker, Rate: r.Rate, Parallel: r.Parallel, OrgsParallel: r.OrgsParallel,
			Next: o.Next, Drift: o.Drift,
		})
	case "html":
		return report.HTML(r.out, p, report.HTMLOptions{
			ShowPersonal: r.ShowPersonal, Head: o.head, Base: p.Base, Rate: r.Rate, Parallel: r.Parallel, OrgsParallel: r.OrgsParallel, Next: o.Next, Drift: o.Drift,
		})
	}
	return report.Text(r.out, p, o.TextOptions)
}

// head is the commit of the files, shortened; "" if they are in none.
func (r *run) head(ctx context.Context, paths []string) string {
	w := wish{paths: paths}
	commit, err := state.Commit(ctx, w.filePaths(), "HEAD")
	if err != nil {
		return ""
	}
	return commit[:min(len(commit), shortHash)]
}

const shortHash = 12

func (r *run) textOptions(to io.Writer, c colors) report.TextOptions {
	return report.TextOptions{Color: c.on, Width: width(to), ShowPersonal: r.ShowPersonal, Rate: r.Rate, Parallel: r.Parallel, OrgsParallel: r.OrgsParallel}
}

// applyCommand is what applies the plan that this run has made or read: the
// file that it is saved in or else the same paths, and the flags that decide
// what is planned.
func (r *run) applyCommand(saved string, paths []string, base baseFlags, left removals) string {
	words := []string{"rollcall", "apply"}
	if saved != "" {
		words, paths = append(words, "--plan", quote(saved)), nil
	}
	for _, path := range paths {
		words = append(words, quote(path))
	}
	if left.NoRemovals {
		words = append(words, "--no-removals")
	}
	flag := func(name string, values ...string) {
		for _, value := range values {
			if value != "" {
				words = append(words, name, quote(value))
			}
		}
	}
	if saved == "" {
		flag("--base", base.Base)
		flag("--only", base.Only)
		flag("--shard", r.Shard)
	}
	flag("--org", r.Org...)
	flag("--target", r.Target)
	flag("--allow", r.Allow...)
	flag("--api-url", r.APIURL)
	flag("--sandbox", r.Sandbox)
	return report.Clean(strings.Join(words, " "))
}
