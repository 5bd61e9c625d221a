//go:build linux

// Command bench measures rollcall at the size that it is made for, against
// the embedded JumpCloud in another process, and holds processor time, memory
// and wall time against floors that it measures in the same run:
//
//	go run ./internal/bench              all cases
//	go run ./internal/bench plan         one of them: plan, latency or apply
//	go run ./internal/bench -people 10000 -groups 200 plan
//
// BENCHMARKS.md says what the numbers mean, and has those that were seen.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

func main() {
	if code, ok := asChild(os.Args[1:]); ok {
		os.Exit(code)
	}
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	company
	applied  int           // people of the organization of apply
	delay    time.Duration // of each answer, in the cases latency and apply
	parallel int
	keep     string // folder for profiles, "" for none
}

// run runs the cases that are named, all without names, and prints a row of
// a Markdown table for each.
func run(args []string, out io.Writer) error {
	s := settings{}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.IntVar(&s.People, "people", 100_000, "people of the organization")
	f.IntVar(&s.Files, "files", 5, "YAML files that they are in")
	f.IntVar(&s.Groups, "groups", 2_000, "groups of the organization")
	f.IntVar(&s.Each, "each", 5, "groups that each person is in")
	f.IntVar(&s.applied, "applied", 20_000, "people of the organization that apply changes, in as many fewer groups")
	f.IntVar(&s.Changes, "changes", 5_000, "changes of apply")
	f.DurationVar(&s.delay, "delay", 50*time.Millisecond, "latency of each answer, in the cases latency and apply")
	f.IntVar(&s.parallel, "parallel", 8, "requests at once")
	f.StringVar(&s.keep, "profile", "", "write the processor and memory profiles of rollcall to this `folder`")
	if err := f.Parse(args); err != nil {
		return err
	}
	names := f.Args()
	for _, name := range names {
		if !slices.ContainsFunc(cases, func(c benchCase) bool { return c.name == name }) {
			return fmt.Errorf("no case %q: there are plan, latency and apply", name)
		}
	}
	fmt.Fprintln(out, machine())
	fmt.Fprint(out, heading)
	for _, c := range cases {
		if len(names) > 0 && !slices.Contains(names, c.name) {
			continue
		}
		row, err := c.measure(s)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintln(out, row)
	}
	return nil
}
