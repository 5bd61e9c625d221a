package report_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"rollcall/plan"
	"rollcall/plan/report"
)

// chromium is the browser to test with: that of ROLLCALL_CHROMIUM, which
// must work, or one that is installed. Without one the test is skipped.
func chromium(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("ROLLCALL_CHROMIUM"); path != "" {
		if _, err := exec.LookPath(path); err != nil {
			t.Fatalf("ROLLCALL_CHROMIUM: %v", err)
		}
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no chromium is installed, and ROLLCALL_CHROMIUM names none")
	return ""
}

// browser is a tab that writes down what pages ask of a network and what
// they complain about. All requests but those for files fail.
type browser struct {
	ctx context.Context
	dir string

	mu       sync.Mutex
	requests []string
	errors   []string
}

// deadline bounds the test of all pages.
const deadline = 100 * time.Second

func openBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{dir: t.TempDir()}
	ctx, cancel := context.WithTimeout(context.Background(), deadline) // not the test's, which ends before Cleanup
	t.Cleanup(cancel)
	var output bytes.Buffer
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()), chromedp.CombinedOutput(&output), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("proxy-server", "127.0.0.1:1"), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b.ctx = ctx
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("start the browser: %v\n%s", err, &output)
	}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("close the browser: %v", err)
		}
	})
	call(t, b, network.Enable, network.EnableParams{})
	call(t, b, log.Enable, cdp.Empty{})
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	case *log.EventEntryAdded:
		b.errors = append(b.errors, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.errors = append(b.errors, fmt.Sprint("console.", e.Type))
	}
}

func call[P, R any](t *testing.T, b *browser, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		t.Fatal(err)
	}
}

func (b *browser) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// ask is the value of an expression on the page.
func ask[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return got
}

// wait is until an expression is true on the page.
func (b *browser) wait(t *testing.T, expression string) {
	t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
}

// open shows a plan, and holds that the page asks for nothing but itself
// and has nothing to complain about.
func (b *browser) open(t *testing.T, name string, p *plan.Plan) {
	t.Helper()
	file := filepath.Join(b.dir, name+".html")
	o := report.HTMLOptions{Head: script, Next: script}
	if err := os.WriteFile(file, []byte(page(t, p, o)), 0o600); err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: file}).String()
	b.mu.Lock()
	b.requests, b.errors = nil, nil
	b.mu.Unlock()
	b.do(t, chromedp.Navigate(address))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if diff := cmp.Diff([]string{address}, b.requests); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		if len(b.errors) > 0 {
			t.Errorf("the page complains: %q", b.errors)
		}
	})
}

// media are a medium and colours of the system.
func (b *browser) media(t *testing.T, medium, colours string) {
	t.Helper()
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}},
	})
}
