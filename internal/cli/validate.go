package cli

import (
	"fmt"

	"rollcall/schema"
	"rollcall/state"
)

type validateCmd struct {
	Paths  []string `arg:"" optional:"" name:"path" help:"Files or folders; rollcall.yaml by default." predictor:"yaml"`
	Format string   `help:"text, or github: annotations of a workflow run." enum:"text,github" default:"text" placeholder:"text|github"`
	Strict bool     `help:"What can only be known online, such as a manager who is not in the file, is an error."`
}

// Run checks files and says what is in them.
func (v *validateCmd) Run(r *run) error {
	r.annotate = v.Format == "github"
	all, err := r.load(v.Paths, state.LoadOptions{Strict: v.Strict}, "")
	if err != nil {
		return err
	}
	var total [3]int
	for _, d := range all {
		r.problems(d.Emptying(r.day(d)))
	}
	for _, d := range all {
		users, _ := d.OfKind(schema.User)
		groups, _ := d.OfKind(schema.Group)
		fmt.Fprintf(r.out, "%s: valid: %s, %s, %s\n", orgLabel(&d.Org), counted(len(users), "user"), counted(len(groups), "group"), counted(len(d.Edges), "membership"))
		total[0], total[1], total[2] = total[0]+len(users), total[1]+len(groups), total[2]+len(d.Edges)
	}
	if len(all) > 1 {
		fmt.Fprintf(r.out, "%s valid: %s, %s, %s\n", counted(len(all), "organization"), counted(total[0], "user"), counted(total[1], "group"), counted(total[2], "membership"))
	}
	return nil
}
