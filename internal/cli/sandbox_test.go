package cli

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

func TestSandboxWithFaults(t *testing.T) {
	t.Parallel()
	rules := writeText(t, "bad.json", `{"seed": 3, "rules": [{"from": 2, "status": 401}]}`)
	for _, c := range []struct {
		name string
		args []string
		says string // of the faults
		json string
	}{
		{"a preset", []string{"--faults", "storm", "--seed", "7"}, "storm, seed 7", `{"seed":7,"preset":"storm"}`},
		{"a file", []string{"--faults", rules}, "1 rule, seed 3", `{"seed":3,"rules":[{"from":2,"status":401}]}`},
		{"a file and a seed", []string{"--faults", rules, "--seed", "0"}, "1 rule, seed 0", `{"rules":[{"from":2,"status":401}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, nil, append([]string{"sandbox", writeText(t, "live.json", keyedState)}, c.args...)...)
			url := p.until(p.stdout, "^# faults "+c.says+"; see and change them: curl (http://.*/sandbox/faults)$")[1]
			p.until(p.stdout, "^export ")
			answer, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			got, err := io.ReadAll(answer.Body)
			if err != nil || string(got) != c.json {
				t.Errorf("%s is %s (%v), want %s", url, got, err, c.json)
			}
			p.interrupt()
			if code := p.end(); code != exitOK {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

func TestSandboxWithBadFaults(t *testing.T) {
	t.Parallel()
	state := writeText(t, "live.json", keyedState)
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no preset", []string{"--faults", "strom"}, exitError, "or one of calm, slow"},
		{"a bad file", []string{"--faults", writeText(t, "bad.json", `{"rules":[{"rate":7}]}`)}, exitError, "bad.json: rules[0].rate must be"},
		{"an organization of another state", []string{"--faults", writeText(t, "org.json", `{"rules":[{"org":"X","cut":true}]}`)}, exitError, `faults: rules[0].org: there is no organization "X"`},
		{"a seed of nothing", []string{"--seed", "1"}, exitUsage, "--seed needs --faults"},
		{"a seed that is none", []string{"--faults", "storm", "--seed", "-1"}, exitUsage, "--seed"},
	} {
		got := runMain(nil, append([]string{"sandbox", state}, c.args...)...)
		if got.code != c.code || !strings.Contains(got.errOut, c.want) {
			t.Errorf("%s: exit code %d, %q; want %d and %q", c.name, got.code, got.errOut, c.code, c.want)
		}
	}
}

func TestSandboxHelpNamesEveryPreset(t *testing.T) {
	t.Parallel()
	help := strings.Join(strings.Fields(runMain(nil, "sandbox", "--help").out), " ")
	for _, name := range sandbox.Presets() {
		if !strings.Contains(help, name) {
			t.Errorf("rollcall sandbox --help does not name %s", name)
		}
	}
}
