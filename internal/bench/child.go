//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	"rollcall/internal/cli"
	"rollcall/jumpcloud/sandbox"
)

// asChild does what this program does in a process of its own, so that what
// it takes is known. Ok is false if the arguments ask for nothing of that.
func asChild(args []string) (code int, ok bool) {
	if len(args) < 2 {
		return 0, false
	}
	var err error
	switch args[0] {
	case "-serve":
		err = serve(args[1], os.Stdin, os.Stdout)
	case "-record":
		err = record(args[1], args[2], args[3])
	case "-floor":
		err = floor(args[1], os.Stdout)
	case "-rollcall":
		return rollcall(args[1], args[2:]), true
	default:
		return 0, false
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1, true
	}
	return 0, true
}

// usage is what a process took.
type usage struct {
	CPU, Wall time.Duration
	Peak      int64 // bytes of memory
	Code      int   // that it ended with
}

// child runs this program as one of its children and is what it printed.
// This process stays small: Linux counts its memory as the child's before the
// child begins.
func child(args ...string) (out string, u usage, err error) {
	cmd, err := command(args...)
	if err != nil {
		return "", usage{}, err
	}
	var said, complaint strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &complaint
	start := time.Now()
	var failed *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
		return "", usage{}, err
	}
	p := cmd.ProcessState
	u = usage{CPU: p.UserTime() + p.SystemTime(), Wall: time.Since(start), Code: p.ExitCode()}
	if r, ok := p.SysUsage().(*syscall.Rusage); ok {
		u.Peak = r.Maxrss << 10
	}
	if u.Code != 0 {
		err = fmt.Errorf("%s ended with %d\n%s%s", args[0], u.Code, tail(said.String()), tail(complaint.String()))
	}
	return said.String(), u, err
}

// tail is the end of a text.
func tail(text string) string {
	const most = 2000
	return text[max(0, len(text)-most):]
}

func command(args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return exec.Command(self, args...), nil
}

// rollcall is rollcall itself, with profiles of it in a folder unless that
// is "-".
func rollcall(profiles string, args []string) int {
	if profiles == "-" {
		return cli.Main(args, os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	}
	cpu, err := os.Create(profiles + "/cpu.pprof")
	if err == nil {
		err = pprof.StartCPUProfile(cpu)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	code := cli.Main(args, os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	pprof.StopCPUProfile()
	mem, err := os.Create(profiles + "/mem.pprof")
	if err == nil {
		err = errors.Join(pprof.Lookup("allocs").WriteTo(mem, 0), mem.Close(), cpu.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return code
}

// served is what -serve is asked for.
type served struct {
	Company company
	Delay   time.Duration // of each answer
}

// serve serves a company from memory. It prints where, and when in ends, how
// many requests there were.
func serve(asked string, in io.Reader, out io.Writer) error {
	var s served
	if err := json.Unmarshal([]byte(asked), &s); err != nil {
		return err
	}
	o := sandbox.Options{}
	if s.Delay > 0 {
		o.Faults = sandbox.Always(sandbox.Fault{Delay: sandbox.Duration(s.Delay)})
	}
	server := sandbox.New(s.Company.state(), o)
	url, stop, err := server.Start()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, url, server.Key())
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	fmt.Fprintln(out, len(server.Requests()))
	return stop()
}

// server is -serve as its parent sees it.
type server struct {
	url, key string
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
}

func startServer(s served) (*server, error) {
	asked, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	cmd, err := command("-serve", string(asked))
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	x := &server{cmd: cmd, in: in, out: bufio.NewReader(out)}
	if _, err := fmt.Fscanln(x.out, &x.url, &x.key); err != nil {
		return nil, errors.Join(fmt.Errorf("start the server: %w", err), in.Close(), cmd.Wait())
	}
	return x, nil
}

// stop ends the server and is how many requests it served.
func (s *server) stop() (requests int, err error) {
	if err := s.in.Close(); err != nil {
		return 0, err
	}
	_, err = fmt.Fscanln(s.out, &requests)
	return requests, errors.Join(err, s.cmd.Wait())
}
