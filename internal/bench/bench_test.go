//go:build linux

package main

import (
	"os"
	"strings"
	"testing"
)

// TestMain lets the test program be its own children.
func TestMain(m *testing.M) {
	if code, ok := asChild(os.Args[1:]); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// Every case works at a small size, and makes the requests that the reference promises.
func TestCases(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run([]string{"-people", "400", "-files", "3", "-groups", "20", "-applied", "300", "-changes", "100", "-delay", "1ms"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| plan | 400 | 20 | 2000 | 0 | 26 |",    // 1 of organizations, 4 of users, 1 of groups, 20 of members
		"| latency | 400 | 20 | 2000 | 0 | 26 |", // the same
		"| apply | 300 | 15 | 1500 | 100 | ",
	} {
		if !strings.Contains(out.String(), "\n"+want) {
			t.Errorf("no row %q in\n%s", want, out.String())
		}
	}
}

func TestUnknownCase(t *testing.T) {
	t.Parallel()
	const want = `no case "fly": there are plan, latency and apply`
	if err := run([]string{"fly"}, new(strings.Builder)); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
