package cli

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

// process is rollcall in a process of its own, which can be interrupted.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr *bufio.Reader
}

func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(program, args...)}
	p.cmd.Env = append(os.Environ(), append(env, "ROLLCALL_TEST_PROCESS=1")...)
	p.stdout, p.stderr = p.pipe(p.cmd.StdoutPipe), p.pipe(p.cmd.StderrPipe)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // an error is that it has ended
	return p
}

func (p *process) pipe(of func() (io.ReadCloser, error)) *bufio.Reader {
	r, err := of()
	if err != nil {
		p.t.Fatal(err)
	}
	return bufio.NewReader(r)
}

// until reads lines up to one that matches, and is its submatches.
func (p *process) until(from *bufio.Reader, pattern string) []string {
	p.t.Helper()
	var read strings.Builder
	for re := regexp.MustCompile(pattern); ; {
		line, err := from.ReadString('\n')
		read.WriteString(line)
		if m := re.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
			return m
		}
		if err != nil {
			p.t.Fatalf("no line matches %q in:\n%s", pattern, read.String())
		}
	}
}

func (p *process) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
}

// rest is all that is left of a stream.
func (p *process) rest(from *bufio.Reader) string {
	p.t.Helper()
	text, err := io.ReadAll(from)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// end is the exit code, -1 if a signal ended the process.
func (p *process) end() int {
	p.t.Helper()
	_, err := io.Copy(io.Discard, io.MultiReader(p.stdout, p.stderr))
	if err != nil {
		p.t.Fatal(err)
	}
	err = p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func TestSandboxCommandServesUntilInterrupted(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "new.json")
	p := start(t, nil, "sandbox", state)
	m := p.until(p.stdout, `^export JUMPCLOUD_API_URL=(\S+) JUMPCLOUD_API_KEY=(\S+)$`)
	env := map[string]string{"JUMPCLOUD_API_URL": m[1], "JUMPCLOUD_API_KEY": m[2]}
	file := writeText(t, "rollcall.yaml", "version: 1\norg: {name: Sandbox}\nusers: {ann: {email: ann@kelp.example}}\n")
	if got := runMain(env, "apply", file, "--yes"); got.code != exitOK {
		t.Errorf("apply: %+v", got)
	}
	p.interrupt()
	if code := p.end(); code != exitOK {
		t.Errorf("exit code %d, want 0", code)
	}
	if got := runMain(nil, "plan", file, "--sandbox", state, "--exit-code"); got.code != exitOK {
		t.Errorf("what was written is not in the file: %+v", got)
	}
}

// gate is a server before a sandbox that holds writes back.
type gate struct {
	url           string
	held, proceed chan struct{}
}

// holdWrites holds every write until proceed is closed; held is closed when
// the first one has come.
func holdWrites(t *testing.T, state string) gate {
	s := startSandbox(t, state)
	g := gate{held: make(chan struct{}), proceed: make(chan struct{})}
	var once sync.Once
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			once.Do(func() { close(g.held) })
			select {
			case <-g.proceed:
			case <-r.Context().Done():
				return
			}
		}
		s.server.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	g.url = front.URL
	return g
}

// started is an embedded JumpCloud in memory.
type started struct {
	server *sandbox.Server
	url    string
}

func startSandbox(t *testing.T, text string) started {
	t.Helper()
	st, err := sandbox.ParseState([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := sandbox.New(st, sandbox.Options{})
	url, stop, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return started{s, url}
}

const (
	keyedState = `{"organizations":[{"id":"5f3c0a1b9d2e4c0001a7b9e1","name":"Bright Kelp"}],"keys":[{"key":"jca_test","organizations":["*"]}]}`
	twoPeople  = "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1}\nusers:\n  ann: {email: ann@kelp.example}\n  bob: {email: bob@kelp.example, manager: ann}\n"
)

func TestInterruptFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	g := holdWrites(t, keyedState)
	file := writeText(t, "rollcall.yaml", twoPeople)
	env := []string{"JUMPCLOUD_API_KEY=jca_test", "JUMPCLOUD_API_URL=" + g.url}
	p := start(t, env, "apply", file, "--yes")
	<-g.held
	p.interrupt()
	p.until(p.stderr, "stopping after what is in flight")
	close(g.proceed)
	p.until(p.stdout, "Bright Kelp: 1 done, 1 ")
	if code := p.end(); code != exitPartial {
		t.Errorf("exit code %d, want 4", code)
	}
	again := map[string]string{"JUMPCLOUD_API_KEY": "jca_test", "JUMPCLOUD_API_URL": g.url}
	if got := runMain(again, "apply", file, "--yes"); got.code != exitOK || !strings.Contains(got.out, "Bright Kelp: 1 done") {
		t.Errorf("running again: %+v", got)
	}
}

func TestSecondInterruptEndsTheProcess(t *testing.T) {
	t.Parallel()
	g := holdWrites(t, keyedState)
	p := start(t, []string{"JUMPCLOUD_API_KEY=jca_test", "JUMPCLOUD_API_URL=" + g.url}, "apply", writeText(t, "rollcall.yaml", twoPeople), "--yes")
	<-g.held
	p.interrupt()
	p.until(p.stderr, "interrupt again to stop at once")
	p.interrupt()
	p.until(p.stderr, "stopped at once; rollcall plan shows what is left")
	p.end()
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		t.Errorf("%v, want an end by the signal", p.cmd.ProcessState)
	}
	close(g.proceed)
}

// Whom the first request created and the interrupt left without the second one
// stays staged, and is told of.
func TestInterruptBeforeAnActivation(t *testing.T) {
	t.Parallel()
	g := holdWrites(t, keyedState)
	file := writeText(t, "rollcall.yaml", "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1}\ndefaults: {user: {state: activated}}\nusers:\n  ann: {email: ann@kelp.example}\n")
	p := start(t, []string{"JUMPCLOUD_API_KEY=jca_test", "JUMPCLOUD_API_URL=" + g.url}, "apply", file, "--yes")
	<-g.held
	p.interrupt()
	p.until(p.stderr, "stopping after what is in flight")
	close(g.proceed)
	p.until(p.stdout, `^  skipped  activate user ann; running again does not activate them: write state: activated at ann \(.*rollcall.yaml:5\)$`)
	if code := p.end(); code != exitPartial {
		t.Errorf("exit code %d, want 4", code)
	}
}
