package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"rollcall/internal/cli"
)

// documents are those of a YAML file.
func documents(t *testing.T, name string) (docs []map[string]any) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(readFile(t, name)))
	for {
		var doc map[string]any
		switch err := d.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return docs
		case err != nil:
			t.Fatalf("%s: %v", name, err)
		}
		docs = append(docs, doc)
	}
}

// at is what stands at a path of keys and list indexes, nil if nothing does.
func at(from any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			m, _ := from.(map[string]any)
			from = m[key]
		case int:
			list, _ := from.([]any)
			if key >= len(list) {
				return nil
			}
			from = list[key]
		}
	}
	return from
}

// every calls do for all values of a key, however deep.
func every(from any, key string, do func(any)) {
	switch v := from.(type) {
	case map[string]any:
		for k, inner := range v {
			if k == key {
				do(inner)
			}
			every(inner, key, do)
		}
	case []any:
		for _, inner := range v {
			every(inner, key, do)
		}
	}
}

func workflows(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("examples/ci/github/*.yml")
	if err != nil || len(names) != 5 {
		t.Fatalf("%v, %v", names, err)
	}
	return names
}

// Workflows and the action run no text of others, start from no rights, and
// use nothing that can be exchanged behind them.
func TestCIWorkflows(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^ *(?:- )?uses: (actions/(?:checkout|setup-go|upload-artifact)@[0-9a-f]{40} # v\d+\.\d+\.\d+|OWNER/rollcall@0{40})$`)
	for _, name := range append(workflows(t), "action.yml") {
		text := readFile(t, name)
		doc := documents(t, name)[0]
		every(doc, "run", func(run any) {
			if strings.Contains(run.(string), "${{") {
				t.Errorf("%s: an expression in a script: %s", name, run)
			}
		})
		for line := range strings.Lines(text) {
			if strings.Contains(line, "uses:") && !pinned.MatchString(strings.TrimSuffix(line, "\n")) {
				t.Errorf("%s: not pinned: %s", name, line)
			}
		}
		if name == "action.yml" {
			continue
		}
		if rights, has := doc["permissions"].(map[string]any); !has || len(rights) > 0 {
			t.Errorf("%s: top-level permissions are %v", name, doc["permissions"])
		}
		if _, bad := at(doc, "on").(map[string]any)["pull_request_target"]; bad {
			t.Errorf("%s: pull_request_target", name)
		}
		every(doc, "uses", func(uses any) {
			if strings.HasPrefix(uses.(string), "actions/checkout@") && !strings.Contains(text, "persist-credentials: false") {
				t.Errorf("%s: a token stays in the checkout", name)
			}
		})
	}
}

// The workflow for pull requests of strangers names no secret and has no
// right to write.
func TestCIUntrustedWorkflow(t *testing.T) {
	t.Parallel()
	const name = "examples/ci/github/untrusted.yml"
	doc := documents(t, name)[0]
	want := map[string]any{"contents": "read"}
	if diff := cmp.Diff(want, at(doc, "jobs", "compare", "permissions")); diff != "" {
		t.Errorf("permissions (-want +got):\n%s", diff)
	}
	if text := readFile(t, name); strings.Contains(text, "secrets.") || strings.Contains(text, "environment:") {
		t.Error("it names a secret or an environment")
	}
}

// The workflows give the action only inputs that it has, and the action gives
// its script only variables that the script says it takes.
func TestCIActionInputs(t *testing.T) {
	t.Parallel()
	action := documents(t, "action.yml")[0]
	inputs, outputs := action["inputs"].(map[string]any), action["outputs"].(map[string]any)
	output := regexp.MustCompile(`steps\.rollcall\.outputs\.([a-z-]+)`)
	for _, name := range workflows(t) {
		every(documents(t, name)[0], "steps", func(steps any) {
			for _, step := range steps.([]any) {
				if uses, _ := at(step, "uses").(string); !strings.HasPrefix(uses, "OWNER/rollcall@") {
					continue
				}
				for input := range at(step, "with").(map[string]any) {
					if inputs[input] == nil {
						t.Errorf("%s: the action has no input %s", name, input)
					}
				}
			}
		})
		for _, m := range output.FindAllStringSubmatch(readFile(t, name), -1) {
			if outputs[m[1]] == nil {
				t.Errorf("%s: the action has no output %s", name, m[1])
			}
		}
	}
	head, _, _ := strings.Cut(readFile(t, "examples/ci/scripts/run.sh"), "\nscripts=")
	steps := at(action, "runs", "steps").([]any)
	for variable := range at(steps[len(steps)-1], "env").(map[string]any) {
		if !strings.Contains(head, "#   "+variable+" ") {
			t.Errorf("run.sh does not say what %s is", variable)
		}
	}
}

// The scripts are strict, run as programs or not at all, and look at all
// variables that they say they take.
func TestCIScripts(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("examples/ci/scripts/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, name := range names {
		text := readFile(t, name)
		all += text
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		program := strings.HasPrefix(text, "#!/usr/bin/env bash\n")
		if program != (info.Mode()&0o111 != 0) {
			t.Errorf("%s: mode %v, and its first line says otherwise", name, info.Mode())
		}
		if program && !strings.Contains(text, "set -euo pipefail") && !strings.Contains(text, `source "$scripts/lib.sh"`) {
			t.Errorf("%s is not strict", name)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^#   (ROLLCALL_[A-Z_]+) `).FindAllStringSubmatch(all, -1) {
		if !strings.Contains(all, "${"+m[1]) {
			t.Errorf("no script looks at %s", m[1])
		}
	}
}

// GitLab's jobs give the script what it takes, and strangers' merge requests
// nothing else.
func TestCIGitLab(t *testing.T) {
	t.Parallel()
	doc := documents(t, "examples/ci/gitlab/.gitlab-ci.yml")[0]
	head := readFile(t, "examples/ci/scripts/run.sh") + readFile(t, "examples/ci/scripts/build.sh")
	every(doc, "variables", func(variables any) {
		for name := range variables.(map[string]any) {
			known := slices.Contains([]string{"GIT_DEPTH", "ROLLCALL_REPOSITORY", "ROLLCALL_COMMIT", "ROLLCALL_SOURCE"}, name)
			if !known && !strings.Contains(head, name) {
				t.Errorf("no script takes %s", name)
			}
		}
	})
	for _, job := range []string{"rollcall plan", "rollcall compare", "rollcall apply", "rollcall drift"} {
		if at(doc, job, "extends") != ".rollcall" || at(doc, job, "rules", 0, "if") == nil {
			t.Errorf("%s: %v", job, doc[job])
		}
	}
	if at(doc, "rollcall compare", "environment") != nil {
		t.Error("merge requests of forks see an environment")
	}
	if at(doc, "rollcall apply", "resource_group") == nil || at(doc, "rollcall apply", "artifacts", "access") != "developer" {
		t.Error("apply runs twice at once, or shows its journal to everybody")
	}
}

// The CronJob has the fields that keep it in its place, and what it mounts
// is what it names.
func TestCICronJob(t *testing.T) {
	t.Parallel()
	docs := documents(t, "examples/ci/kubernetes/cronjob.yaml")
	if len(docs) != 2 {
		t.Fatalf("%d documents", len(docs))
	}
	job := at(docs[1], "spec", "jobTemplate", "spec")
	pod := at(job, "template", "spec")
	container := at(pod, "containers", 0)
	for _, c := range []struct {
		from any
		path []any
		want any
	}{
		{docs[0], []any{"kind"}, "ConfigMap"},
		{docs[1], []any{"apiVersion"}, "batch/v1"},
		{docs[1], []any{"kind"}, "CronJob"},
		{docs[1], []any{"spec", "concurrencyPolicy"}, "Forbid"},
		{docs[1], []any{"spec", "schedule"}, "17 3 * * *"},
		{job, []any{"backoffLimit"}, 0},
		{pod, []any{"restartPolicy"}, "Never"},
		{pod, []any{"automountServiceAccountToken"}, false},
		{pod, []any{"securityContext", "runAsNonRoot"}, true},
		{pod, []any{"securityContext", "seccompProfile", "type"}, "RuntimeDefault"},
		{container, []any{"securityContext", "allowPrivilegeEscalation"}, false},
		{container, []any{"securityContext", "readOnlyRootFilesystem"}, true},
		{container, []any{"securityContext", "capabilities", "drop", 0}, "ALL"},
		{container, []any{"resources", "limits", "memory"}, "512Mi"},
		{container, []any{"resources", "requests", "cpu"}, "100m"},
		{container, []any{"env"}, nil}, // the key is a file
		{pod, []any{"volumes", 0, "name"}, at(container, "volumeMounts", 0, "name")},
		{pod, []any{"volumes", 0, "configMap", "name"}, at(docs[0], "metadata", "name")},
		{pod, []any{"volumes", 1, "name"}, at(container, "volumeMounts", 1, "name")},
		{pod, []any{"volumes", 1, "secret", "defaultMode"}, 0o400},
	} {
		if diff := cmp.Diff(c.want, at(c.from, c.path...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.path, diff)
		}
	}
}

// The CronJob's container runs on files as Kubernetes mounts them: links to
// a folder that is exchanged as a whole.
func TestCICronJobRuns(t *testing.T) {
	t.Parallel()
	docs := documents(t, "examples/ci/kubernetes/cronjob.yaml")
	dir := t.TempDir()
	file := at(docs[0], "data", "rollcall.yaml").(string)
	file = strings.ReplaceAll(file, "/run/secrets/rollcall", dir+"/secret")
	mounted(t, dir+"/files", "rollcall.yaml", file)
	mounted(t, dir+"/secret", "api-key", "a-key\n")
	live := `{"organizations": [{"id": "` + orgA + `", "name": "Bright Kelp", "users": [{"username": "mira.voss", "email": "m@kelp.example", "state": "ACTIVATED", "jobTitle": "CEO"}]}]}`
	if err := os.WriteFile(dir+"/live.json", []byte(live), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--sandbox", dir + "/live.json"}
	for _, arg := range at(docs[1], "spec", "jobTemplate", "spec", "template", "spec", "containers", 0, "args").([]any) {
		args = append(args, strings.Replace(arg.(string), "/etc/rollcall", dir+"/files", 1))
	}
	var out, errOut bytes.Buffer
	if code := cli.Main(args, strings.NewReader(""), &out, &errOut, func(string) string { return "" }); code != 0 {
		t.Errorf("exit code %d\n%s%s", code, &out, &errOut)
	}
}

// mounted lays a file out as the kubelet does.
func mounted(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := errors.Join(
		os.MkdirAll(dir+"/..2026_11_25", 0o755),
		os.WriteFile(dir+"/..2026_11_25/"+name, []byte(text), 0o600),
		os.Symlink("..2026_11_25", dir+"/..data"),
		os.Symlink("..data/"+name, dir+"/"+name),
	); err != nil {
		t.Fatal(err)
	}
}

// The hook is one that the example uses, and its command is rollcall's.
func TestCIPreCommit(t *testing.T) {
	t.Parallel()
	var hooks []map[string]any
	if err := yaml.Unmarshal([]byte(readFile(t, ".pre-commit-hooks.yaml")), &hooks); err != nil || len(hooks) != 1 {
		t.Fatalf("%d hooks: %v", len(hooks), err)
	}
	hook := at(documents(t, "examples/ci/pre-commit/.pre-commit-config.yaml")[0], "repos", 0, "hooks", 0)
	if at(hook, "id") != hooks[0]["id"] || hooks[0]["pass_filenames"] != false || hooks[0]["language"] != "golang" {
		t.Errorf("%v is not %v", hook, hooks[0])
	}
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/rollcall.yaml", []byte(people("A", "B", "C")), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append(strings.Fields(hooks[0]["entry"].(string))[1:], dir+"/"+at(hook, "args", 0).(string))
	var out, errOut bytes.Buffer
	if code := cli.Main(args, strings.NewReader(""), &out, &errOut, func(string) string { return "" }); code != 0 || errOut.Len() > 0 {
		t.Errorf("exit code %d\n%s%s", code, &out, &errOut)
	}
}

// docs/ci.md tells of every file to copy.
func TestCIDocument(t *testing.T) {
	t.Parallel()
	doc := readFile(t, "docs/ci.md")
	err := filepath.WalkDir("examples/ci", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(name, "/scripts/") && !strings.Contains(doc, "(../"+filepath.ToSlash(name)+")") {
			t.Errorf("docs/ci.md does not link to %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
