package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"rollcall/plan/report"
	"rollcall/state"
)

type exportCmd struct {
	asked
	Memberships string `help:"Where memberships are written: users (groups of each person) or groups (members of each group)." enum:"users,groups" default:"users" placeholder:"users|groups"`
	Exact       bool   `help:"Write exact: true at each static group whose members are all known: the file owns its whole membership."`
	Dir         string `help:"Write one file an organization into this folder." placeholder:"FOLDER" predictor:"folder"`
	Force       bool   `help:"With --dir, replace files that exist."`
}

// Help names the exit codes.
func (*exportCmd) Help() string {
	return "What a file cannot hold is left out with a comment. Of an organization that could not be read completely a file is printed with a warning in it, or with --dir not written at all, and the exit code is 3; 0 when all was read, 1 on errors."
}

// Run writes what is live as files of desired state.
func (e *exportCmd) Run(ctx context.Context, r *run) error {
	return r.connect(func(c *connections) error {
		a, orgs, err := c.exported(ctx, e.Region)
		switch {
		case err != nil:
			return err
		case len(orgs) == 0 && c.Shard != "":
			c.sayFewer()
			return nil
		case len(orgs) == 0:
			return errors.New("the credential sees no organization")
		case len(orgs) > 1 && e.Dir == "":
			return usage("--org NAME exports one, --dir FOLDER all of them", "the credential sees %s", counted(len(orgs), "organization"))
		}
		files, err := e.files(orgs)
		if err != nil {
			return err
		}
		sessions := c.readWhole(ctx, a, orgs, e.Region)
		if err := ctx.Err(); err != nil {
			return err
		}
		return e.write(c, sessions, files)
	})
}

// files are the paths to write to, "" for standard output.
func (e *exportCmd) files(orgs []state.Visible) ([]string, error) {
	files := make([]string, len(orgs))
	if e.Dir == "" {
		return files, nil
	}
	if err := os.MkdirAll(e.Dir, 0o755); err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for i, org := range orgs {
		name := slug(org.Name)
		if name == "" || taken[name] {
			name = strings.Trim(name+"-"+slug(org.ID), "-")
		}
		taken[name] = true
		files[i] = filepath.Join(e.Dir, name+".yaml")
		if _, err := os.Lstat(files[i]); err == nil && !e.Force {
			return nil, hinted("--force replaces it", "%s exists", files[i])
		}
	}
	return files, nil
}

// exported are the organizations to export: those that the credential sees,
// or without the right to list them the one that --org or JUMPCLOUD_ORG_ID
// names by id.
func (c *connections) exported(ctx context.Context, region string) (*account, []state.Visible, error) {
	a, orgs, err := c.visible(ctx, region)
	if err == nil || a == nil || !state.NoRight(err) {
		return a, mine(c.Global, orgs), err
	}
	want := state.Org{}
	if len(c.Org) == 1 {
		want.ID = c.Org[0]
	}
	found, warning, err := state.FindOrg(&want, c.fallback(), nil, err)
	if err == nil {
		c.say("%s", warning)
	}
	return a, mine(c.Global, []state.Visible{found}), err
}

// readWhole reads all of several organizations side by side.
func (c *connections) readWhole(ctx context.Context, a *account, orgs []state.Visible, region string) []*session {
	sessions := make([]*session, len(orgs))
	for i, org := range orgs {
		d := &state.Desired{Org: state.Org{ID: org.ID, Name: org.Name, Region: region}}
		sessions[i] = &session{desired: d, account: a, found: org, client: a.client.WithOrg(org.ID)}
	}
	markTwins(sessions)
	c.readAll(ctx, sessions, func(int) state.ReadOptions { return state.ReadOptions{} })
	return sessions
}

// write writes the organizations that could be read.
func (e *exportCmd) write(c *connections, sessions []*session, files []string) error {
	code := exitOK
	for i, s := range sessions {
		if s.err == nil {
			s.err = e.one(c.run, s, files[i])
		}
		if s.err != nil {
			c.complain(s.label(), s.err)
			code = worst(code, codeOf(s.err))
		}
	}
	return exit(code)
}

func (e *exportCmd) one(r *run, s *session, file string) error {
	export := func(w io.Writer) error {
		return state.Export(w, s.live, state.ExportOptions{Memberships: e.Memberships, Exact: e.Exact})
	}
	for _, note := range s.live.Notes {
		r.warn("%s: %s", s.label(), note)
	}
	missing := s.live.Incomplete
	switch {
	case file == "" && missing == "":
		return export(r.out)
	case file == "":
		if err := export(r.out); err != nil {
			return err
		}
		return refused("do not use what was printed: what was not read is missing in it; run again", "the read is incomplete: %s", missing)
	case missing != "":
		return refused("run again", "the read is incomplete: %s; %s is not written", missing, file)
	}
	if err := writeFile(file, export); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "%s  %s\n", report.Clean(file), s.label())
	return nil
}

// slug is a name as a file name: lower-case letters and digits of ASCII,
// with hyphens between them.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFKD.String(name)) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), "-")
}
