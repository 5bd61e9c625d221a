package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"rollcall/plan/report"
	"rollcall/state"
)

type accessCmd struct {
	Paths []string `arg:"" optional:"" name:"path" help:"Files or folders: their organizations, and what of each they name. Without it rollcall.yaml, or where there is none all organizations that the credential sees." predictor:"yaml"`
	asked
	Format string `help:"csv, json or markdown." enum:"csv,json,markdown" default:"csv" placeholder:"csv|json|markdown"`
	By     string `help:"Whose list it is: of each group, or of each manager." enum:"group,manager" default:"group" placeholder:"group|manager"`
	Dir    string `help:"Write one file a group or manager into this folder." placeholder:"FOLDER" predictor:"folder"`
	Force  bool   `help:"With --dir, replace files that exist."`
	BOM    bool   `name:"bom" help:"Begin CSV with a byte order mark: Excel needs it to show umlauts when it opens a file by a double click."`
}

// Help names the exit codes.
func (*accessCmd) Help() string {
	return "A row for each membership, with empty columns Approve, Modify and Revoke; --target keeps one user or group. Nothing is changed. Exits 0, 3 if an organization could not be read completely (it is marked, or with --dir not written), 1 on errors."
}

// Run lists who is in what, for a review.
func (cmd *accessCmd) Run(ctx context.Context, r *run) error {
	switch {
	case r.AsOf != "":
		return usage("leave out --as-of", "access lists what is live now, not on another day")
	case cmd.BOM && cmd.Format != "csv":
		return usage("leave out --bom", "--bom is for --format csv")
	}
	return r.connect(func(c *connections) error {
		o := report.AccessOptions{AsOf: r.began, By: report.AccessBy(cmd.By), BOM: cmd.BOM}
		sessions, err := cmd.read(ctx, c)
		if err != nil {
			return err
		}
		if len(sessions) == 0 {
			return nil // it was said that the shard is empty
		}
		if err := c.knowsTarget(sessions); err != nil {
			return err
		}
		orgs, code := cmd.lists(r, sessions)
		if len(orgs) > 0 || code == exitOK {
			err = cmd.write(r, orgs, len(sessions), o)
		}
		c.explainErrors(sessions)
		return errors.Join(err, exit(code))
	})
}

// lists are the access lists of sessions, none if nothing could be read. What
// could not be read completely is left out with --dir, and marked without.
func (cmd *accessCmd) lists(r *run, sessions []*session) (orgs []*state.Access, code int) {
	read := false
	for _, s := range sessions {
		var one *state.Access
		if s.err != nil {
			one = &state.Access{ID: cmp.Or(s.desired.ID, s.found.ID), Name: s.desired.Name, Label: s.label(), Unread: s.err.Error()}
		} else {
			one, read = cmd.list(r, s), true
		}
		if why := one.Incomplete; why != "" {
			s.err = refused("do not review what was not read; run again", "the read is incomplete: %s", why)
		}
		if s.err == nil || cmd.Dir == "" {
			orgs = append(orgs, one)
		}
		if s.err != nil {
			code = worst(code, codeOf(s.err))
		}
	}
	if !read {
		return nil, code
	}
	return orgs, code
}

// read reads whole organizations: those of files, or of the credential.
func (cmd *accessCmd) read(ctx context.Context, c *connections) ([]*session, error) {
	_, err := os.Stat(defaultPath)
	if len(cmd.Paths) > 0 || err == nil {
		all, err := c.loadShard(cmd.Paths, state.LoadOptions{Online: true}, "")
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			c.sayNoShard(len(c.fleet))
		}
		return c.read(ctx, all, func(int) state.ReadOptions { return state.ReadOptions{} })
	}
	a, orgs, err := c.exported(ctx, cmd.Region)
	switch {
	case err != nil:
		return nil, err
	case len(orgs) == 0 && c.Shard != "":
		c.sayFewer()
	case len(orgs) == 0:
		return nil, errors.New("the credential sees no organization")
	}
	return c.readWhole(ctx, a, orgs, cmd.Region), ctx.Err()
}

// list is the access list of a session, in the order that is asked for.
func (cmd *accessCmd) list(r *run, s *session) *state.Access {
	var want *state.Desired
	if len(s.desired.Pos.Files) > 0 {
		want = s.desired.On(r.today(s.desired.Timezone))
	}
	for _, note := range s.live.Notes {
		r.warn("%s: %s", s.label(), note)
	}
	a := state.AccessOf(s.live, want)
	a.Name, a.Label = cmp.Or(a.Name, s.found.Name), s.label()
	if who, _ := r.target(); who.Name != "" { // Validate has refused what is wrong
		a.Keep(who.Kind, who.Name)
	}
	slices.SortFunc(a.Rows, report.AccessBy(cmd.By).Compare)
	return a
}

// write prints the lists, or writes a file for each group or manager; asked is
// how many organizations there would be.
func (cmd *accessCmd) write(r *run, orgs []*state.Access, asked int, o report.AccessOptions) error {
	if cmd.Dir == "" {
		return cmd.print(r.out, orgs, o)
	}
	parts := report.AccessParts(orgs, o.By)
	files, err := cmd.files(parts, asked)
	if err != nil {
		return err
	}
	for i, part := range parts {
		if err := writeFile(files[i], func(w io.Writer) error { return cmd.print(w, []*state.Access{part.Access}, o) }); err != nil {
			return err
		}
		fmt.Fprintln(r.out, report.Clean(files[i]))
	}
	return nil
}

// files are where the lists of groups or managers go; no two are the same. Of
// several organizations each is named.
func (cmd *accessCmd) files(parts []report.AccessPart, asked int) ([]string, error) {
	if err := os.MkdirAll(cmd.Dir, 0o755); err != nil {
		return nil, err
	}
	ending := map[string]string{"csv": ".csv", "json": ".json", "markdown": ".md"}[cmd.Format]
	files, taken := make([]string, len(parts)), map[string]bool{}
	for i, part := range parts {
		base := cmp.Or(slug(cmp.Or(part.Title, part.Rest)), cmd.By)
		if asked > 1 {
			base = cmp.Or(slug(part.Label), part.ID) + "-" + base
		}
		name := base
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		taken[name] = true
		files[i] = filepath.Join(cmd.Dir, name+ending)
		if _, err := os.Lstat(files[i]); err == nil && !cmd.Force {
			return nil, hinted("--force replaces it", "%s exists", files[i])
		}
	}
	return files, nil
}

func (cmd *accessCmd) print(w io.Writer, orgs []*state.Access, o report.AccessOptions) error {
	switch cmd.Format {
	case "json":
		return report.AccessJSON(w, orgs, o)
	case "markdown":
		return report.AccessMarkdown(w, orgs, o)
	}
	return report.AccessCSV(w, orgs, o)
}
