package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"rollcall/plan/report"
	"rollcall/state"
)

// asked is where commands look that read no file.
type asked struct {
	Region string `help:"Where the organizations live: us, eu or in." enum:"us,eu,in" default:"us" placeholder:"us|eu|in"`
}

type orgsCmd struct {
	asked
	Format string `help:"text or json." enum:"text,json" default:"text" placeholder:"text|json"`
}

// Run lists organizations by name, of a shard those that export takes.
func (o *orgsCmd) Run(ctx context.Context, r *run) error {
	return r.connect(func(c *connections) error {
		_, seen, err := c.visible(ctx, o.Region)
		if err != nil {
			return err
		}
		if seen = mine(c.Global, seen); len(seen) == 0 && c.Shard != "" {
			c.sayFewer()
		}
		if o.Format == "json" {
			return writeOrgs(r.out, seen)
		}
		w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME")
		for _, org := range seen {
			fmt.Fprintf(w, "%s\t%s\n", report.Clean(org.ID), report.Clean(org.Name))
		}
		return w.Flush()
	})
}

func writeOrgs(w io.Writer, seen []state.Visible) error {
	type row struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	rows := make([]row, len(seen))
	for i, org := range seen {
		rows[i] = row{org.ID, org.Name}
	}
	return report.Encode(w, rows)
}

// visible are the organizations that the environment's credential sees and
// that --org does not leave out.
func (c *connections) visible(ctx context.Context, region string) (*account, []state.Visible, error) {
	a, err := c.account(ctx, &state.Desired{Org: state.Org{Region: region}})
	if err != nil {
		return nil, nil, c.withCredential(err, &state.Desired{})
	}
	seen, err := a.organizations(ctx)
	if err != nil || len(c.Org) == 0 {
		return a, seen, c.withCredential(err, &state.Desired{})
	}
	var kept []state.Visible
	var names []string
	orgs := make([]state.Org, len(seen))
	for i, org := range seen {
		names = append(names, org.Name, org.ID)
		orgs[i] = state.Org{ID: org.ID, Name: org.Name}
	}
	if err := c.namesOne(orgs); err != nil {
		return nil, nil, err
	}
	for _, word := range c.Org {
		i := slices.IndexFunc(seen, func(org state.Visible) bool { return isOrg(&state.Org{ID: org.ID, Name: org.Name}, word) })
		if i < 0 {
			return nil, nil, hinted("rollcall orgs lists them", "--org: the credential sees no organization %q%s", word, didYouMean(word, names))
		}
		if !slices.Contains(kept, seen[i]) {
			kept = append(kept, seen[i])
		}
	}
	return a, kept, nil
}

// orgLabel is an organization as lines of text name it.
func orgLabel(o *state.Org) string {
	switch {
	case o.Name != "":
		return report.Clean(o.Name)
	case o.ID != "":
		return report.Clean(o.ID)
	}
	return "the organization"
}
