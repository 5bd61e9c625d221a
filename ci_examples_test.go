package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checkout is a clone of a repository with a file of people, in which the
// scripts of examples/ci run as a job of one forge, against the embedded
// JumpCloud.
type checkout struct {
	*testing.T
	*forge
	gitlab   bool
	dir, tmp string
	printed  string            // by the last run
	out      map[string]string // outputs of the last run, by name; nil on GitLab
}

const (
	orgA = "5f3c0a1b9d2e4c0001a7b9e1"
	orgB = "5f3c0a1b9d2e4c0001a7b9e2"
)

const ciLive = `{"organizations": [
  {"id": "` + orgA + `", "name": "Bright Kelp", "users": [
    {"username": "ann", "email": "ann@kelp.example", "state": "ACTIVATED", "jobTitle": "Engineer"},
    {"username": "bob", "email": "bob@kelp.example", "state": "ACTIVATED", "jobTitle": "Sales"}]},
  {"id": "` + orgB + `", "name": "Dark Kelp", "users": [
    {"username": "cas", "email": "cas@dark.example", "state": "ACTIVATED", "jobTitle": "Chef"}]}]}`

// people is a file of both organizations with three titles.
func people(ann, bob, cas string) string {
	return "version: 1\norg: {id: " + orgA + ", name: Bright Kelp}\nusers: {ann: {jobTitle: " + ann + "}, bob: {jobTitle: " + bob + "}}\n" +
		"---\nversion: 1\norg: {id: " + orgB + ", name: Dark Kelp}\nusers: {cas: {jobTitle: " + cas + "}}\n"
}

// onForges runs a test as a job of each forge.
func onForges(t *testing.T, test func(*checkout)) {
	t.Helper()
	needTools(t)
	t.Parallel()
	for name, gitlab := range map[string]bool{"github": false, "gitlab": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newCheckout(t, gitlab))
		})
	}
}

// needTools skips where the programs of the scripts are missing, but in CI.
func needTools(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"bash", "git", "jq", "curl", "rollcall"} {
		if _, err := exec.LookPath(tool); err != nil && os.Getenv("CI") != "" {
			t.Fatalf("the scripts need %s: %v", tool, err)
		} else if err != nil {
			t.Skipf("the scripts need %s: %v", tool, err)
		}
	}
}

func newCheckout(t *testing.T, gitlab bool) *checkout {
	t.Helper()
	tmp := t.TempDir()
	c := &checkout{T: t, gitlab: gitlab, tmp: tmp, dir: filepath.Join(tmp, "people"), forge: newForge(t, filepath.Join(tmp, "origin.git"))}
	c.command(tmp, "git", "init", "--quiet", "--bare", "--initial-branch=main", c.origin)
	c.command(tmp, "git", "clone", "--quiet", c.origin, c.dir)
	c.git("checkout", "--quiet", "-B", "main")
	c.write(filepath.Join(tmp, "live.json"), ciLive)
	c.write(filepath.Join(tmp, "other.yaml"), people("Engineer", "Sales", "Chef"))
	c.commit(people("Engineer", "Sales", "Chef"))
	c.git("push", "--quiet", "origin", "main")
	c.recordCurl()
	return c
}

// recordCurl puts a curl in front of the real one that writes down its
// arguments, which everybody on a machine can read.
func (c *checkout) recordCurl() {
	c.Helper()
	real, err := exec.LookPath("curl")
	if err != nil {
		c.Fatal(err)
	}
	bin := filepath.Join(c.tmp, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		c.Fatal(err)
	}
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" >>'" + filepath.Join(c.tmp, "curl.log") + "'\nexec '" + real + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "curl"), []byte(script), 0o755); err != nil {
		c.Fatal(err)
	}
}

func (c *checkout) write(name, text string) {
	c.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
}

func (c *checkout) command(dir, name string, args ...string) string {
	c.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, c.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c *checkout) git(args ...string) string { c.Helper(); return c.command(c.dir, "git", args...) }

// commit commits a text as rollcall.yaml.
func (c *checkout) commit(text string) {
	c.Helper()
	c.write(filepath.Join(c.dir, "rollcall.yaml"), text)
	c.git("add", "rollcall.yaml")
	c.git("commit", "--quiet", "--allow-empty", "-m", "change")
}

// merge makes the commit the tip of main, by pull request 7, as a job of
// main has it.
func (c *checkout) merge() {
	c.Helper()
	c.git("push", "--quiet", "origin", "HEAD:main")
	c.merged[c.git("rev-parse", "HEAD")] = 7
	c.fetch()
}

func (c *checkout) fetch() {
	c.Helper()
	c.git("fetch", "--quiet", "--tags", "--force", "origin")
}

// meddle changes titles in JumpCloud behind the files' back.
func (c *checkout) meddle(ann, bob, cas string) {
	c.Helper()
	c.write(filepath.Join(c.tmp, "other.yaml"), people(ann, bob, cas))
	c.command(c.tmp, "rollcall", "apply", "other.yaml", "--sandbox", "live.json", "--yes", "--quiet")
}

// applied is the commit that was applied to an organization, "" for none.
func (c *checkout) applied(org string) string {
	c.Helper()
	return c.command(c.tmp, "git", "-C", c.origin, "for-each-ref", "--format=%(objectname)", "refs/tags/rollcall-applied/"+org)
}

// environment is that of a job, without any key.
func (c *checkout) environment() []string {
	env := []string{
		"PATH=" + filepath.Join(c.tmp, "bin") + ":" + os.Getenv("PATH"), "HOME=" + c.tmp, "TMPDIR=" + c.tmp,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@kelp.example", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@kelp.example",
		"GIT_CONFIG_NOSYSTEM=1",
	}
	if c.gitlab {
		return append(env, "GITLAB_CI=true", "CI_API_V4_URL="+c.URL+"/gitlab", "CI_PROJECT_ID=7",
			"CI_SERVER_URL=file://"+c.tmp, "CI_PROJECT_PATH=origin")
	}
	return append(env, "GITHUB_ACTIONS=true", "GITHUB_API_URL="+c.URL+"/github", "GITHUB_REPOSITORY=acme/people",
		"GITHUB_OUTPUT="+filepath.Join(c.tmp, "outputs"), "GITHUB_STEP_SUMMARY="+filepath.Join(c.tmp, "summary"))
}

// job runs the step that the action and the jobs of GitLab run, which must
// exit with a code, and is what it wrote to the forge.
func (c *checkout) job(code int, command string, env ...string) string {
	c.Helper()
	c.write(filepath.Join(c.tmp, "outputs"), "")
	script, err := filepath.Abs("examples/ci/scripts/run.sh")
	if err != nil {
		c.Fatal(err)
	}
	cmd := exec.Command("bash", script)
	cmd.Dir = c.dir
	cmd.Env = append(c.environment(), "ROLLCALL_COMMAND="+command, "ROLLCALL_SANDBOX="+filepath.Join(c.tmp, "live.json"), "ROLLCALL_WORK="+filepath.Join(c.tmp, "work"))
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.Fatal(err)
	}
	c.printed = string(out)
	if got := cmd.ProcessState.ExitCode(); got != code {
		c.Fatalf("%s: exit code %d, want %d\n%s", command, got, code, out)
	}
	c.out = map[string]string{}
	for line := range strings.Lines(readFile(c.T, filepath.Join(c.tmp, "outputs"))) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		c.out[name] = value
	}
	c.checkSecrets()
	return c.wrote()
}

// checkSecrets finds no token in what was printed or given as an argument.
func (c *checkout) checkSecrets() {
	c.Helper()
	args, err := os.ReadFile(filepath.Join(c.tmp, "curl.log"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		c.Fatal(err)
	}
	if strings.Contains(c.printed, forgeToken) || strings.Contains(string(args), forgeToken) {
		c.Error("the token is printed, or an argument")
	}
	if c.refused > 0 {
		c.Errorf("%d requests without the token", c.refused)
	}
}

// Environments of the jobs.
var (
	withToken = []string{"ROLLCALL_TOKEN=" + forgeToken}
	planJob   = append([]string{"ROLLCALL_BASE=merge-base", "ROLLCALL_TARGET=main", "ROLLCALL_COMMENT=true", "ROLLCALL_PULL_REQUEST=7"}, withToken...)
	driftJob  = append([]string{"ROLLCALL_COMMENT=true"}, withToken...)
)

func (c *checkout) is(what, got, want string) {
	c.Helper()
	if got != want {
		c.Fatalf("%s: %s, want %s\n%s", what, got, want, c.printed)
	}
}

func (c *checkout) has(what, text string, parts ...string) {
	c.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			c.Fatalf("%s has no %q:\n%s", what, part, text)
		}
	}
}

// A plan keeps one comment: made once, not sent again while it is the same,
// changed in place.
func TestCIPlan(t *testing.T) {
	onForges(t, func(c *checkout) {
		c.comments = append(c.comments, &post{id: 1, author: "mallory", body: "<!-- rollcall:plan -->\n<!-- rollcall-digests sha256:00 -->"})
		for id := 2; id < 130; id++ { // ours is on another page
			c.comments = append(c.comments, &post{id: id, author: "ann", body: "+1"})
		}
		c.commit(people("Lead", "Sales", "Chef"))
		c.is("the first plan", c.job(0, "plan", planJob...), "[POST comment]")
		ours := c.comments[len(c.comments)-1]
		c.has("the comment", ours.body, "jobTitle `Engineer` -> `Lead`", "base `", orgA+"=sha256:")
		c.is("the same plan", c.job(0, "plan", planJob...), "[]")
		if !c.gitlab {
			c.is("exit-code", c.out["exit-code"], "2")
			c.is("changed", c.out["changed"], "true")
			c.has("digests", c.out["digests"], c.out["digest"]+" "+orgA+"=sha256:")
			c.has("the summary", readFile(t, filepath.Join(c.tmp, "summary")), "Lead")
		}
		info, err := os.Stat(filepath.Join(c.tmp, "work", "plan-1.json"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the saved plan: %v, %v", info, err)
		}

		c.commit(people("Lead", "Sales", "Cook"))
		edit := map[bool]string{false: "[PATCH comment]", true: "[PUT comment]"}[c.gitlab]
		c.is("another plan", c.job(0, "plan", planJob...), edit)
		c.has("the comment", ours.body, "Lead", "Cook", orgB+"=sha256:")

		c.commit("version: 1\norg: {id: " + orgA + ", name: Bright Kelp}\npolicy: {limits: {suspend_users: 0}}\nusers: {ann: {state: suspended}}\n")
		c.is("a refused plan", c.job(3, "plan", planJob...), edit)
		c.has("the comment", ours.body, "refused", "suspend_users")
		c.commit("version: 1\nusers: {ann: {jobTitel: x}}\n")
		c.is("a wrong file", c.job(1, "plan", planJob...), edit)
		c.has("the comment", ours.body, "no plan (exit code 1)", "    rollcall.yaml:2:", "jobTitel")
		if len(c.comments) != 130 || strings.Contains(ours.body, "digests") {
			t.Errorf("%d comments, the last one %s", len(c.comments), ours.body)
		}
	})
}

// applied is the row of an organization with one change that is done.
func applied(name string) string {
	return "  " + name + "         1                             done\n"
}

// Apply makes the plan that was reviewed, once, and moves the tags.
func TestCIApply(t *testing.T) {
	onForges(t, func(c *checkout) {
		before := c.git("rev-parse", "HEAD")
		apply := append([]string{"ROLLCALL_BASE=" + before}, withToken...)
		c.commit(people("Lead", "Sales", "Chef"))
		c.job(0, "plan", planJob...)
		c.merge()
		head := c.git("rev-parse", "HEAD")
		c.job(0, "apply", apply...)
		c.has("the log", c.printed, applied("Bright Kelp"))
		c.is("the tag", c.applied(orgA), head)
		c.is("the other tag", c.applied(orgB), head)
		c.fetch()
		c.is("apply again", c.job(0, "apply", apply...), "[]")
		c.command(c.dir, "rollcall", "plan", "--exit-code", "--sandbox", filepath.Join(c.tmp, "live.json"))

		// Somebody changes JumpCloud after the review.
		c.commit(people("Lead", "Head of Sales", "Chef"))
		c.job(0, "plan", planJob...)
		c.merge()
		c.meddle("Boss", "Sales", "Chef")
		c.is("another plan", c.job(3, "apply", apply...), "[]")
		c.has("the log", c.printed, "was expected")
		c.is("the tag", c.applied(orgA), head)

		// By hand: planned again, and that one is applied.
		if !c.gitlab {
			c.job(0, "plan", "ROLLCALL_BASE=applied")
			c.has("the plan", c.printed, "Boss", "Head of Sales")
			c.job(0, "apply", append([]string{"ROLLCALL_EXPECT=" + c.out["digests"]}, apply...)...)
			c.is("the tag", c.applied(orgA), c.git("rev-parse", "HEAD"))
			c.fetch()
		} else {
			c.job(0, "apply", append([]string{"ROLLCALL_EXPECT=any"}, apply...)...)
			c.is("the tag", c.applied(orgA), c.git("rev-parse", "HEAD"))
			c.fetch()
		}

		// An old job that runs again.
		c.git("checkout", "--quiet", "--detach", head)
		c.is("an old job", c.job(3, "apply", append([]string{"ROLLCALL_EXPECT=any"}, apply...)...), "[]")
		c.has("the log", c.printed, "does not follow")
	})
}

// Without a comment of ours nothing is applied.
func TestCIApplyUnreviewed(t *testing.T) {
	needTools(t)
	t.Parallel()
	c := newCheckout(t, false)
	c.commit(people("Lead", "Sales", "Chef"))
	c.is("no pull request", c.job(3, "apply", withToken...), "[]")
	c.merge()
	c.is("no comment", c.job(3, "apply", withToken...), "[]")
	c.job(0, "plan", planJob...)
	forged := *c.comments[0]
	forged.author = "mallory"
	c.comments = []*post{&forged}
	c.is("a comment of somebody else", c.job(3, "apply", withToken...), "[]")
	c.has("the log", c.printed, "no comment with a digest")
	c.is("the tag", c.applied(orgA), "")
}

// Organizations that were applied at different revisions are applied each
// with its own base, and only as far as they were reviewed.
func TestCIApplyBases(t *testing.T) {
	needTools(t)
	t.Parallel()
	c := newCheckout(t, false)
	first := c.git("rev-parse", "HEAD")
	c.git("push", "--quiet", "origin", first+":refs/tags/rollcall-applied/"+orgB)
	c.commit(people("Engineer", "Sales", "Cook")) // which was never applied
	c.git("push", "--quiet", "origin", "HEAD:main", "HEAD:refs/tags/rollcall-applied/"+orgA)
	c.commit(people("Lead", "Sales", "Cook"))
	c.job(0, "plan", planJob...)
	c.merge()
	head := c.git("rev-parse", "HEAD")
	c.job(0, "apply", withToken...)
	c.has("the log", c.printed, "Bright Kelp: 1 done", "Dark Kelp: 1 done") // what was left over stood in the plan
	c.is("the tag", c.applied(orgA), head)
	c.is("the other tag", c.applied(orgB), head)

	c.git("push", "--quiet", "--force", "origin", first+":refs/tags/rollcall-applied/"+orgB)
	c.commit(people("Boss", "Sales", "Cook"))
	c.job(0, "plan", planJob...)
	c.merge()
	c.job(0, "apply", withToken...)
	c.has("the log", c.printed, "Bright Kelp: 1 done", orgB+" is left out")
	c.is("the other tag", c.applied(orgB), first)
}

// After an apply that wrote to some organizations only, the tags of these
// alone move.
func TestCIApplyPartly(t *testing.T) {
	needTools(t)
	t.Parallel()
	c := newCheckout(t, false)
	c.commit(strings.Replace(people("Lead", "Sales", "Cook"), "Dark Kelp", "Darker Kelp", 1))
	c.job(3, "plan", planJob...)
	c.merge()
	c.job(4, "apply", withToken...)
	c.has("the log", c.printed, applied("Bright Kelp"), "::error title=rollcall apply, exit code 4::")
	c.is("changed", c.out["changed"], "true")
	c.is("the tag", c.applied(orgA), c.git("rev-parse", "HEAD"))
	c.is("the other tag", c.applied(orgB), "")
}

// Drift keeps one issue: opened, left alone while nothing is new, changed,
// closed.
func TestCIDrift(t *testing.T) {
	onForges(t, func(c *checkout) {
		edit := map[bool]string{false: "PATCH issue", true: "PUT issue"}[c.gitlab]
		c.is("no drift", c.job(0, "drift", driftJob...), "[]")
		c.meddle("Boss", "Sales", "Chef")
		opened := map[bool]string{false: "[POST label POST issue]", true: "[POST issue]"}[c.gitlab]
		c.is("drift", c.job(0, "drift", driftJob...), opened)
		issue := c.issues[0]
		c.is("the label", issue.label, "rollcall-drift")
		c.has("the issue", issue.body, "Boss")
		c.is("the same drift", c.job(0, "drift", driftJob...), "[]")
		c.commit(people("Engineer", "Sales", "Chef")) // another commit, the same files
		c.is("the same drift later", c.job(0, "drift", driftJob...), "[]")
		c.meddle("Boss", "Rep", "Chef")
		c.is("more drift", c.job(0, "drift", driftJob...), "["+edit+" POST comment]")
		c.has("the issue", issue.body, "Rep")

		issue.open = false // somebody has seen it and closed it
		c.is("drift that was closed", c.job(0, "drift", driftJob...), "[]")
		c.meddle("Boss", "Clerk", "Chef")
		c.is("drift after that", c.job(0, "drift", driftJob...), "["+edit+" POST comment]")
		if !issue.open {
			t.Error("the issue is not open again")
		}
		c.is("no read", c.job(1, "drift", append([]string{"ROLLCALL_SANDBOX=/dev/null/live.json"}, driftJob...)...), "[]")
		c.meddle("Engineer", "Sales", "Chef")
		c.is("no drift any more", c.job(0, "drift", driftJob...), "["+edit+"]")
		if issue.open || len(c.issues) != 1 {
			t.Error("the issue is not closed, or there are two")
		}
		c.meddle("Boss", "Clerk", "Chef")
		c.is("drift again", c.job(0, "drift", driftJob...), "["+edit+" POST comment]")
	})
}

// Pull requests of strangers are checked without any key or token.
func TestCIUntrusted(t *testing.T) {
	needTools(t)
	t.Parallel()
	c := newCheckout(t, false)
	offline := []string{"ROLLCALL_BASE=merge-base", "ROLLCALL_TARGET=main", "ROLLCALL_OFFLINE=true", "ROLLCALL_SANDBOX="}
	c.commit(people("Lead", "Sales", "Chef"))
	c.job(0, "validate", "ROLLCALL_SANDBOX=", "ROLLCALL_ARGS=--strict")
	c.job(0, "plan", offline...)
	c.has("the log", c.printed, "Lead")
	c.is("changed", c.out["changed"], "true")
	c.commit("version: 1\nusers: {ann: {jobTitel: x}}\n")
	c.job(1, "validate", "ROLLCALL_SANDBOX=")
	c.has("annotations", c.printed, "::error file=rollcall.yaml,line=2,")
	c.job(1, "plan", offline...)
}

// A file names the variables that passwords come from: rollcall gets the key
// of JumpCloud and no token. Lines of a list are arguments as they are.
func TestCIEnvironment(t *testing.T) {
	needTools(t)
	t.Parallel()
	c := newCheckout(t, false)
	spy := filepath.Join(c.tmp, "spy")
	if err := os.WriteFile(spy, []byte("#!/bin/sh\nenv\nprintf '<%s>\\n' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c.job(0, "drift", "ROLLCALL_BIN="+spy, "ROLLCALL_API_KEY=key-5512", "ROLLCALL_TOKEN="+forgeToken, "GH_TOKEN=x", "CI_JOB_TOKEN=x",
		"ROLLCALL_PATHS=a b.yaml\n$(touch hacked)\n", "ROLLCALL_ALLOW=Bright Kelp:suspend_users=1")
	c.has("what rollcall sees", c.printed, "JUMPCLOUD_API_KEY=key-5512", "<a b.yaml>\n<$(touch hacked)>\n", "<--allow>\n<Bright Kelp:suspend_users=1>")
	for _, secret := range []string{"ROLLCALL_TOKEN", "ROLLCALL_API_KEY", "GH_TOKEN", "CI_JOB_TOKEN"} {
		if strings.Contains(c.printed, secret+"=") {
			t.Errorf("rollcall sees %s", secret)
		}
	}
	c.job(1, "plan", "ROLLCALL_MARKER=--> <img")
}
