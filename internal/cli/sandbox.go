package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"

	"rollcall/jumpcloud/sandbox"
	"rollcall/plan/report"
)

type sandboxCmd struct {
	File string `arg:"" help:"State file; one with an empty organization is made if there is none." predictor:"file"`
	Port int    `help:"Port on loopback; 0 takes a free one." default:"0" placeholder:"N"`
}

// Run serves until it is interrupted, then saves.
func (s *sandboxCmd) Run(ctx context.Context, r *run) error {
	if err := s.make(r); err != nil {
		return err
	}
	server, err := sandbox.OpenWith(s.File, sandbox.Options{Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))})
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
	fmt.Fprintf(r.out, "export JUMPCLOUD_API_URL=%s JUMPCLOUD_API_KEY=%s\n", url, report.Clean(quote(server.Key())))
	return r.out.Flush()
}
