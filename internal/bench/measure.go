//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// benchCase is something that is measured.
type benchCase struct {
	name    string
	measure func(settings) (result, error)
}

var cases = []benchCase{{"plan", measurePlan}, {"latency", measureLatency}, {"apply", measureApply}}

// result is what a case took.
type result struct {
	usage
	company
	name     string
	requests int
	floors   floors        // of a plan
	delay    time.Duration // of each answer
	parallel int
}

// measurePlan plans a company that is as its files want.
func measurePlan(s settings) (result, error) {
	s.Changes, s.delay = 0, 0
	return s.measured("plan", "no change;", "plan")
}

// measureLatency is the same where each answer takes its time.
func measureLatency(s settings) (result, error) {
	s.Changes = 0
	return s.measured("latency", "no change;", "plan")
}

// measureApply makes changes.
func measureApply(s settings) (result, error) {
	s.Groups = max(s.Each+1, s.Groups*s.applied/s.People)
	s.People = s.applied
	p := s.plans()
	return s.measured("apply", fmt.Sprintf("%d done", s.Changes), "apply", "--yes", "--quiet",
		"--allow", fmt.Sprint("create_users=", p.creates), "--allow", fmt.Sprint("remove_members=", p.removals),
		"--allow", fmt.Sprint("shrink_group=", p.removals), "--allow", fmt.Sprint("add_members=", p.adds+p.creates))
}

// measured writes the files, serves the company, measures the floor of its
// plan and runs rollcall, which must print says.
func (s settings) measured(name, says string, args ...string) (r result, err error) {
	folder, err := os.MkdirTemp("", "rollcall-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := s.write(folder); err != nil {
		return r, err
	}
	r = result{name: name, company: s.company, delay: s.delay, parallel: s.parallel}
	if r.floors, err = s.floor(folder); err != nil {
		return r, err
	}
	err = s.serving(s.delay, &r.requests, func(x *server) error {
		if err := errors.Join(os.Setenv("JUMPCLOUD_API_URL", x.url), os.Setenv("JUMPCLOUD_API_KEY", x.key)); err != nil {
			return err
		}
		args = append(args, filepath.Join(folder, "rollcall.yaml"))
		profiles := "-"
		if s.keep != "" {
			profiles = s.keep
		}
		common := []string{"-rollcall", profiles, "--parallel", strconv.Itoa(s.parallel), "--rate", "10000000"}
		out, u, err := child(append(common, args...)...)
		r.usage = u
		if err == nil && !strings.Contains(out, says) {
			err = fmt.Errorf("rollcall does not say %q:\n%s", says, tail(out))
		}
		return err
	})
	return r, err
}

// floor measures what a plan takes at least.
func (s settings) floor(folder string) (f floors, err error) {
	err = s.serving(0, new(int), func(x *server) error {
		_, _, err := child("-record", folder, x.url, x.key)
		return err
	})
	if err != nil {
		return f, err
	}
	out, _, err := child("-floor", folder)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal([]byte(out), &f)
}

// serving does something while the company is served.
func (s settings) serving(delay time.Duration, requests *int, do func(*server) error) error {
	x, err := startServer(served{Company: s.company, Delay: delay})
	if err != nil {
		return err
	}
	err = do(x)
	n, stopErr := x.stop()
	*requests = n
	return errors.Join(err, stopErr)
}

// heading is that of the table whose rows results are.
const heading = `
| case | people | groups | memberships | changes | requests | floor JSON + YAML | CPU | CPU / floor | peak memory | wall | wall / floor |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
`

// String is the row of a table.
func (r result) String() string {
	ratio := func(a, b time.Duration) string { return fmt.Sprintf("%.2f", float64(a)/float64(b)) }
	wall := "-"
	if r.delay > 0 {
		wall = ratio(r.Wall, r.wallFloor())
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %.2f + %.2f s | %.2f s | %s | %.2f GiB | %.1f s | %s |", r.name, r.People, r.Groups, r.People*r.Each, r.Changes,
		r.requests, r.floors.JSON.Seconds(), r.floors.YAML.Seconds(), r.CPU.Seconds(), ratio(r.CPU, r.floors.sum()),
		float64(r.Peak)/(1<<30), r.Wall.Seconds(), wall)
}

// wallFloor is the time that the requests take, so many at once, with three
// that something waits for, and the processor time.
func (r result) wallFloor() time.Duration {
	rounds := (r.requests+r.parallel-1)/r.parallel + 3
	return time.Duration(rounds)*r.delay + r.CPU
}

// machine is a line about what it runs on.
func machine() string {
	model := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				model = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(name), ":"))
				break
			}
		}
	}
	return fmt.Sprintf("%d x %s, %s/%s, %s", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version())
}
