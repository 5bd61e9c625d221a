package cli

import (
	"context"
	"io"
	"strings"

	"rollcall/plan"
	"rollcall/plan/report"
)

type planCmd struct {
	Paths    []string `arg:"" optional:"" name:"path" help:"Files or folders; rollcall.yaml by default." predictor:"yaml"`
	Format   string   `help:"text or json." enum:"text,json" default:"text" placeholder:"text|json"`
	Out      string   `help:"Save the complete plan, personal fields included, to this file (mode 0600)." placeholder:"FILE" predictor:"file"`
	ExitCode bool     `help:"Exit 2 when there are changes."`
	removals
}

// removals is a flag of plan and apply.
type removals struct {
	NoRemovals bool `help:"Leave out suspensions, deletes and removals, and what needs them; they are listed."`
}

func (r *removals) options() plan.Options { return plan.Options{NoRemovals: r.NoRemovals} }

// Help names the exit codes.
func (*planCmd) Help() string {
	return "Exits 0, with --exit-code 2 when there are changes, 3 when apply would refuse, 1 on errors."
}

// Run prints what apply would change, and writes nothing to JumpCloud.
func (cmd *planCmd) Run(ctx context.Context, r *run) error {
	return r.connect(func(c *connections) error {
		sessions, p, err := c.planned(ctx, cmd.Paths, cmd.options())
		if err != nil {
			return err
		}
		if cmd.Out != "" {
			if err := writeFile(cmd.Out, func(w io.Writer) error { return report.Save(w, p) }); err != nil {
				return err
			}
		}
		o := r.textOptions(r.out.to, r.color)
		o.Next = r.applyCommand(cmd.Out, cmd.Paths, cmd.removals)
		if err := r.printPlan(p, cmd.Format, o); err != nil {
			return err
		}
		if cmd.Format == "text" {
			r.explainShown(sessions)
		} else {
			r.explainErrors(sessions)
		}
		pending := exitOK
		if cmd.ExitCode {
			pending = exitChanges
		}
		return exit(planCode(sessions, p, pending))
	})
}

// printPlan writes a plan to standard output.
func (r *run) printPlan(p *plan.Plan, format string, o report.TextOptions) error {
	if format == "json" {
		return report.JSON(r.out, p, report.JSONOptions{Masked: !r.ShowPersonal})
	}
	return report.Text(r.out, p, o)
}

func (r *run) textOptions(to io.Writer, c colors) report.TextOptions {
	return report.TextOptions{Color: c.on, Width: width(to), ShowPersonal: r.ShowPersonal, Rate: r.Rate, Parallel: r.Parallel}
}

// applyCommand is what applies the plan that this run has made or read: the
// file that it is saved in or else the same paths, and the flags that decide
// what is planned.
func (r *run) applyCommand(saved string, paths []string, left removals) string {
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
	flag("--org", r.Org...)
	flag("--target", r.Target)
	flag("--allow", r.Allow...)
	flag("--api-url", r.APIURL)
	flag("--sandbox", r.Sandbox)
	return report.Clean(strings.Join(words, " "))
}
