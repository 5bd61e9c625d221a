package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

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
}

// Help names the exit codes.
func (*accessCmd) Help() string {
	return "A row for each membership, with empty columns Approve, Modify and Revoke. Nothing is changed. Exits 0, 3 if an organization could not be read completely (it is marked, or with --dir not written), 1 on errors."
}

// Run lists who is in what, for a review.
func (cmd *accessCmd) Run(ctx context.Context, r *run) error {
	return r.connect(func(c *connections) error {
		sessions, err := cmd.read(ctx, c)
		if err != nil {
			return err
		}
		asOf, code := r.now(), exitOK
		var orgs []*state.Access
		for _, s := range sessions {
			if s.err == nil {
				if one := cmd.list(s); one.Incomplete == "" || cmd.Dir == "" {
					orgs = append(orgs, one)
				}
				if why := s.live.Incomplete; why != "" {
					s.err = refused("do not review what was not read; run again", "the read is incomplete: %s", why)
				}
			}
			if s.err != nil {
				c.complain(s.label(), s.err)
				code = worst(code, codeOf(s.err))
			}
		}
		if len(orgs) > 0 || code == exitOK {
			err = cmd.write(r, orgs, asOf)
		}
		return errors.Join(err, exit(code))
	})
}

// read reads whole organizations: those of files, or of the credential.
func (cmd *accessCmd) read(ctx context.Context, c *connections) ([]*session, error) {
	_, err := os.Stat(defaultPath)
	if len(cmd.Paths) > 0 || err == nil {
		all, err := c.loadShard(cmd.Paths, state.LoadOptions{Online: true}, "")
		if err != nil {
			return nil, err
		}
		return c.read(ctx, all, func(int) state.ReadOptions { return state.ReadOptions{} })
	}
	a, orgs, err := c.exported(ctx, cmd.Region)
	switch {
	case err != nil:
		return nil, err
	case len(orgs) == 0 && c.Shard == "":
		return nil, errors.New("the credential sees no organization")
	}
	return c.readWhole(ctx, a, orgs, cmd.Region), ctx.Err()
}

// list is the access list of a session, in the order that is asked for.
func (cmd *accessCmd) list(s *session) *state.Access {
	want := s.desired
	if len(want.Pos.Files) == 0 {
		want = nil // of no file
	}
	a := state.AccessOf(s.live, want)
	if a.Name == "" {
		a.Name = s.found.Name
	}
	if cmd.By == string(report.ByManager) {
		slices.SortStableFunc(a.Rows, state.CompareByManager)
	}
	return a
}

// write prints the lists, or writes a file for each group or manager.
func (cmd *accessCmd) write(r *run, orgs []*state.Access, asOf time.Time) error {
	if cmd.Dir == "" {
		return cmd.print(r.out, orgs, asOf)
	}
	if err := os.MkdirAll(cmd.Dir, 0o755); err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, part := range report.AccessParts(orgs, report.AccessBy(cmd.By)) {
		file := cmd.file(part, len(orgs) > 1, taken)
		if _, err := os.Lstat(file); err == nil && !cmd.Force {
			return hinted("--force replaces it", "%s exists", file)
		}
		if err := writeFile(file, func(w io.Writer) error { return cmd.print(w, []*state.Access{part.Access}, asOf) }); err != nil {
			return err
		}
		fmt.Fprintln(r.out, report.Clean(file))
	}
	return nil
}

// file is where the list of a group or manager goes; no two are the same.
func (cmd *accessCmd) file(part report.AccessPart, several bool, taken map[string]bool) string {
	name := slug(part.Title)
	if part.Title == "" {
		name = "no-" + cmd.By
	}
	if several {
		name = slug(part.Name) + "-" + name
	}
	for base, n := name, 2; name == "" || taken[name]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	taken[name] = true
	return filepath.Join(cmd.Dir, name+"."+map[string]string{"csv": "csv", "json": "json", "markdown": "md"}[cmd.Format])
}

func (cmd *accessCmd) print(w io.Writer, orgs []*state.Access, asOf time.Time) error {
	switch cmd.Format {
	case "json":
		return report.AccessJSON(w, orgs, asOf)
	case "markdown":
		return report.AccessMarkdown(w, orgs, asOf, report.AccessBy(cmd.By))
	}
	return report.AccessCSV(w, orgs, asOf)
}
