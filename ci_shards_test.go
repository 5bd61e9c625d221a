package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/cli"
)

// The pods of the Indexed Job are all shards, each once, and what they run is
// rollcall's grammar.
func TestCIIndexedJob(t *testing.T) {
	t.Parallel()
	job := documents(t, "examples/ci/kubernetes-indexed-job.yaml")[0]
	spec := at(job, "spec")
	if at(job, "kind") != "Job" || at(spec, "completionMode") != "Indexed" || at(spec, "template", "spec", "restartPolicy") != "Never" {
		t.Fatalf("not an Indexed Job: %v", spec)
	}
	completions := at(spec, "completions").(int)
	container := at(spec, "template", "spec", "containers", 0)
	if at(container, "command", 0) != "/bin/sh" || at(container, "securityContext", "readOnlyRootFilesystem") != true {
		t.Errorf("container: %v", container)
	}
	dir := t.TempDir()
	stub := "#!/bin/sh\nprintf '%s\\n' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "rollcall"), []byte(stub), 0o755); err != nil {
		t.Fatal(err)
	}
	for index := range completions {
		sh := exec.Command("/bin/sh", "-c", at(container, "args", 0).(string))
		sh.Env = []string{fmt.Sprintf("JOB_COMPLETION_INDEX=%d", index), "PATH=" + dir + ":" + os.Getenv("PATH")}
		out, err := sh.Output()
		if err != nil {
			t.Fatal(err)
		}
		args := strings.Split(strings.TrimSpace(string(out)), "\n")
		if want := fmt.Sprintf("--shard %d/%d", index+1, completions); !strings.Contains(strings.Join(args, " "), want) {
			t.Errorf("pod %d runs %q, want %s", index, args, want)
		}
		takes(t, args...)
	}
}

// The matrix of GitHub and the nodes of GitLab are all shards.
func TestCIShardsOfForges(t *testing.T) {
	t.Parallel()
	drift := at(documents(t, "examples/ci/github/shards.yml")[0], "jobs", "drift")
	shards := at(drift, "strategy", "matrix", "shard").([]any)
	args := at(drift, "steps", 1, "with", "args").(string)
	if want := fmt.Sprintf("--shard=${{ matrix.shard }}/%d\n", len(shards)); !strings.Contains(args, want) {
		t.Errorf("args %q have no %q", args, want)
	}
	for i, shard := range shards {
		if shard != i+1 {
			t.Errorf("shard %v at %d", shard, i)
		}
		takes(t, append([]string{"drift", "orgs"}, strings.Fields(strings.ReplaceAll(args, "${{ matrix.shard }}", fmt.Sprint(shard)))...)...)
	}
	lab := at(documents(t, "examples/ci/gitlab/shards.gitlab-ci.yml")[0], "rollcall fleet drift")
	if at(lab, "parallel") != len(shards) || !strings.Contains(at(lab, "script", 0).(string), "--shard=$CI_NODE_INDEX/$CI_NODE_TOTAL") {
		t.Errorf("GitLab: %v", lab)
	}
}

// takes checks that rollcall's grammar takes arguments: what is wrong then is
// only that there are no such files here.
func takes(t *testing.T, args ...string) {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := cli.Main(args, strings.NewReader(""), &out, &errOut, func(string) string { return "" }); code != 1 || !strings.Contains(errOut.String(), "there is no such file or folder") {
		t.Errorf("rollcall %v: exit code %d\n%s", args, code, &errOut)
	}
}
