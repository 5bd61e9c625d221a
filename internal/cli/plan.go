package cli

import (
	"context"
	"io"

	"rollcall/plan"
	"rollcall/plan/report"
)

type planCmd struct {
	Paths    []string `arg:"" optional:"" name:"path" help:"Files or folders; rollcall.yaml by default." predictor:"yaml"`
	Format   string   `help:"text or json." enum:"text,json" default:"text"`
	Out      string   `help:"Save the complete plan, personal fields included, to this file (mode 0600)." placeholder:"FILE" predictor:"file"`
	ExitCode bool     `help:"Exit 2 when there are changes."`
}

// Help names the exit codes.
func (*planCmd) Help() string {
	return "Exits 0, with --exit-code 2 when there are changes, 3 when apply would refuse, 1 on errors."
}

// Run prints what apply would change, and writes nothing to JumpCloud.
func (cmd *planCmd) Run(ctx context.Context, r *run) error {
	return r.connect(func(c *connections) error {
		sessions, p, err := c.planned(ctx, cmd.Paths)
		if err != nil {
			return err
		}
		if cmd.Out != "" {
			if err := writeFile(cmd.Out, func(w io.Writer) error { return report.Save(w, p) }); err != nil {
				return err
			}
		}
		if err := r.printPlan(p, cmd.Format); err != nil {
			return err
		}
		pending := exitOK
		if cmd.ExitCode {
			pending = exitChanges
		}
		return exit(planCode(sessions, p, pending))
	})
}

// printPlan writes a plan to standard output.
func (r *run) printPlan(p *plan.Plan, format string) error {
	if format == "json" {
		return report.JSON(r.out, p, report.JSONOptions{Masked: !r.ShowPersonal})
	}
	return report.Text(r.out, p, r.textOptions(r.out.to, r.color))
}

func (r *run) textOptions(to io.Writer, c colors) report.TextOptions {
	return report.TextOptions{Color: c.on, Width: width(to), ShowPersonal: r.ShowPersonal, Rate: r.Rate, Parallel: r.Parallel}
}
