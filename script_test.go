package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/internal/cli"
	"rollcall/jumpcloud/sandbox"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"rollcall": func() {
			os.Exit(cli.MainSleeping(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv, noSleep))
		},
	})
}

// TestScript runs rollcall as people do: one script a behaviour. Besides
// testscript's commands there are
//
//	run CODE ARG...       runs rollcall, which must exit with CODE, and finds
//	                      no secret of the environment in what it prints
//	serve FILE            serves an embedded JumpCloud with the state in FILE
//	                      until the script ends, and sets JUMPCLOUD_API_URL
//	                      and JUMPCLOUD_API_KEY; nobody really waits: a second
//	                      passes whenever it looks at its clock
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"run": run, "serve": serve},
	})
}

func noSleep(context.Context, time.Duration) error { return nil }

// seconds is a clock that moves on by a second whenever somebody looks.
type seconds struct {
	mu  sync.Mutex
	now time.Time
}

func (s *seconds) next() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(time.Second)
	return s.now
}

// secretEnv are the variables whose values nothing may print.
var secretEnv = []string{"JUMPCLOUD_API_KEY", "JUMPCLOUD_CLIENT_SECRET", "OTHER_KEY", "A_PASSWORD"}

func run(ts *testscript.TestScript, neg bool, args []string) {
	want, err := 0, errors.New("no code")
	if len(args) > 0 {
		want, err = strconv.Atoi(args[0])
	}
	if neg || err != nil {
		ts.Fatalf("usage: run CODE ARG...")
	}
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec("rollcall", args[1:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	printed := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	for _, name := range secretEnv {
		if secret := ts.Getenv(name); secret != "" && strings.Contains(printed, secret) {
			ts.Fatalf("the value of %s was printed", name)
		}
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve FILE")
	}
	now := &seconds{now: time.Now()}
	server, err := sandbox.OpenWith(ts.MkAbs(args[0]), sandbox.Options{Now: now.next, Sleep: noSleep})
	ts.Check(err)
	url, stop, err := server.Start()
	ts.Check(err)
	ts.Defer(func() {
		if err := stop(); err != nil {
			ts.Logf("stop: %v", err)
		}
	})
	ts.Setenv("JUMPCLOUD_API_URL", url)
	ts.Setenv("JUMPCLOUD_API_KEY", server.Key())
}
