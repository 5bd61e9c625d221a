package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"rollcall/internal/cli"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var date = regexp.MustCompile(`as of \d{4}-\d\d-\d\d`)

// Every line of the README's transcript is one that rollcall prints, in that
// order.
func TestReadmeTranscript(t *testing.T) {
	t.Parallel()
	_, block, _ := strings.Cut(readFile(t, "README.md"), "```\n$ rollcall ")
	block, _, found := strings.Cut(block, "```")
	if !found {
		t.Fatal("the README has no transcript")
	}
	live := t.TempDir() + "/live.json"
	if err := os.WriteFile(live, []byte(readFile(t, "examples/startup/live.json")), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(block), "\n")
	var out, errOut strings.Builder
	args := strings.Fields(strings.Replace(lines[0], "live.json", live, 1))
	if code := cli.Main(args, strings.NewReader(""), &out, &errOut, func(string) string { return "" }); code != 0 {
		t.Fatalf("rollcall %s: exit code %d, %s", lines[0], code, errOut.String())
	}
	rest := date.ReplaceAllString(out.String(), "as of DATE")
	for _, line := range lines[1:] {
		if line == "" || line == "..." {
			continue
		}
		_, after, found := strings.Cut(rest, date.ReplaceAllString(line, "as of DATE")+"\n")
		if !found {
			t.Fatalf("the README says %q, which is not printed, or not in this order:\n%s", line, out.String())
		}
		rest = after
	}
}

// The README's two commands are what .ci/run runs.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	readme, script := readFile(t, "README.md"), readFile(t, ".ci/run")
	for _, command := range []string{"sh examples/startup/demo.sh", "go test -race ./..."} {
		if !strings.Contains(readme, "\n    "+command+"\n") || !strings.Contains(script, "\n"+command+"\n") {
			t.Errorf("%q is not both in README.md and in .ci/run", command)
		}
	}
}

// Links of the documents lead to files.
func TestLinks(t *testing.T) {
	t.Parallel()
	files, err := exec.Command("git", "ls-files", "*.md").Output()
	if err != nil {
		t.Skipf("no git checkout: %v", err)
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for name := range strings.FieldsSeq(string(files)) {
		for _, m := range link.FindAllStringSubmatch(readFile(t, name), -1) {
			to := name[:strings.LastIndex(name, "/")+1] + m[1]
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			}
		}
	}
}
