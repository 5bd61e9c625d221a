package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strconv"
	"strings"

	"rollcall/jumpcloud/sandbox"
	"rollcall/plan/report"
)

type sandboxCmd struct {
	File   string  `arg:"" help:"State file; one with an empty organization is made if there is none." predictor:"file"`
	Port   int     `help:"Port on loopback; 0 takes a free one." default:"0" placeholder:"N"`
	Faults string  `help:"What goes wrong, to rehearse a bad day: calm, slow, throttled, flaky, late, storm, liar, revoked, blocked or strange, or a JSON file (docs/sandbox.md). Without it: what the state file says." placeholder:"NAME|FILE" predictor:"file"`
	Seed   *uint64 `help:"Decides which requests faults befall; the same requests meet the same faults." placeholder:"N"`
}

// Validate is called by kong after parsing; its errors are usage errors.
func (s *sandboxCmd) Validate() error {
	if s.Seed != nil && s.Faults == "" {
		return errors.New("--seed needs --faults")
	}
	return nil
}

// Run serves until it is interrupted, then saves.
func (s *sandboxCmd) Run(ctx context.Context, r *run) error {
	faults, err := s.faults()
	if err != nil {
		return err
	}
	if err := s.make(r); err != nil {
		return err
	}
	server, err := sandbox.OpenWith(s.File, sandbox.Options{Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)), Faults: faults})
	if err != nil {
		return err
	}
	url, stop, err := server.Start()
	if err != nil {
		return err
	}
	if err := s.announce(r, url, server); err != nil {
		return errors.Join(err, stop())
	}
	<-ctx.Done()
	return stop()
}

// faults is what --faults and --seed ask for, nil for nothing.
func (s *sandboxCmd) faults() (*sandbox.Faults, error) {
	if s.Faults == "" {
		return nil, nil
	}
	f := sandbox.Faults{Preset: s.Faults}
	if !slices.Contains(sandbox.Presets(), s.Faults) {
		var err error
		if f, err = sandbox.ReadFaults(s.Faults); errors.Is(err, fs.ErrNotExist) {
			return nil, hinted("--faults takes a file or one of "+strings.Join(sandbox.Presets(), ", "), "%w", err)
		}
		if err != nil {
			return nil, err
		}
	}
	if s.Seed != nil {
		f.Seed = *s.Seed
	}
	return &f, nil
}

// make creates the file if there is none.
func (s *sandboxCmd) make(r *run) error {
	_, err := sandbox.Create(s.File)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		r.say("%s is new: one empty organization, Sandbox", s.File)
	}
	return err
}

// announce prints, as lines of a shell, how to use the server.
func (s *sandboxCmd) announce(r *run, url string, server *sandbox.Server) error {
	fmt.Fprintf(r.out, "# %s on %s; interrupt to stop\n", report.Clean(s.File), url)
	for _, org := range server.Snapshot().Organizations {
		fmt.Fprintf(r.out, "# organization %s  %s (%s, %s)\n", report.Clean(org.ID), report.Clean(org.Name), counted(len(org.Users), "user"), counted(len(org.Groups), "group"))
	}
	if f := server.Faults(); f.Preset != "" || len(f.Rules) > 0 {
		fmt.Fprintf(r.out, "# faults %s; see and change them: curl %s/sandbox/faults\n", describe(f), url)
	}
	fmt.Fprintf(r.out, "export JUMPCLOUD_API_URL=%s JUMPCLOUD_API_KEY=%s\n", url, report.Clean(quote(server.Key())))
	return r.out.Flush()
}

// describe is what goes wrong, in a few words.
func describe(f sandbox.Faults) string {
	var parts []string
	if f.Preset != "" {
		parts = append(parts, f.Preset)
	}
	if len(f.Rules) > 0 {
		parts = append(parts, counted(len(f.Rules), "rule"))
	}
	return fmt.Sprintf("%s, seed %d", strings.Join(parts, " and "), f.Seed)
}
