package cli

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write generated files anew")

// TestMain is rollcall itself in the processes that tests start.
func TestMain(m *testing.M) {
	if os.Getenv("ROLLCALL_TEST_PROCESS") != "" {
		os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
	}
	os.Exit(m.Run())
}

// outcome is what one run of Main printed and returned.
type outcome struct {
	code        int
	out, errOut string
}

func runMain(env map[string]string, args ...string) outcome {
	var out, errOut bytes.Buffer
	code := Main(args, strings.NewReader(""), &out, &errOut, func(name string) string { return env[name] })
	return outcome{code, out.String(), errOut.String()}
}

func writeText(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const oneDocument = `version: 1
org: {id: 5f3c0a1b9d2e4c0001a7b9e1, name: Bright Kelp}
users:
  ann: {email: ann@kelp.example, jobTitle: Engineer}
`

// A server that is not JumpCloud, or says more than it should, is a clear
// error that repeats no credential, in every command that asks it.
func TestServersThatAreNoJumpCloud(t *testing.T) {
	t.Parallel()
	const key = "jca_a-key-that-nothing-may-print"
	file := writeText(t, "rollcall.yaml", oneDocument)
	for _, c := range []struct {
		name  string
		serve http.HandlerFunc
		want  string
	}{
		{"an HTML page", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html><title>Welcome</title></html>")
		}, "HTML"},
		{"an HTML error", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "<html><title>blocked %s</title></html>", r.Header.Get("x-api-key"))
		}, "403"},
		{"a redirect to the login page", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/login", http.StatusFound)
		}, "not signed in"},
		{"the key in the error", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"message":"bad key %s"}`, r.Header.Get("x-api-key"))
		}, "401"},
		{"JSON of another kind", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[1,2]`) }, "rollcall: "},
		{"nothing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "404"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.serve)
			defer server.Close()
			env := map[string]string{"JUMPCLOUD_API_KEY": key, "JUMPCLOUD_API_URL": server.URL}
			for _, args := range [][]string{
				{"plan", file, "--debug"}, {"plan", file, "--format", "json"}, {"apply", file, "--yes"}, {"orgs"}, {"export"}, {"explain", "user", "ann", file},
			} {
				got := runMain(env, args...)
				if got.code != exitError || !strings.Contains(got.errOut, c.want) {
					t.Errorf("%s: exit code %d, standard error %q; want 1 and %q", args, got.code, got.errOut, c.want)
				}
				if strings.Contains(got.out+got.errOut, key) {
					t.Errorf("%s: the key was printed", args)
				}
			}
		})
	}
}

func TestServiceAccount(t *testing.T) {
	t.Parallel()
	server := startSandbox(t, `{"organizations":[{"id":"5f3c0a1b9d2e4c0001a7b9e1","name":"Bright Kelp"}],
		"service_accounts":[{"client_id":"robot","client_secret":"s3cret","organizations":["*"]}]}`)
	file := writeText(t, "rollcall.yaml", oneDocument)
	env := map[string]string{"JUMPCLOUD_API_URL": server.url, "JUMPCLOUD_CLIENT_ID": "robot", "JUMPCLOUD_CLIENT_SECRET": "s3cret"}
	if got := runMain(env, "apply", file, "--yes"); got.code != exitOK {
		t.Errorf("apply: %+v", got)
	}
	own := writeText(t, "own.yaml", strings.Replace(oneDocument, "name: Bright Kelp}", "service_account: {client_id: {env: ID}, client_secret: {env: SECRET}}}", 1))
	env = map[string]string{"JUMPCLOUD_API_URL": server.url, "ID": "robot", "SECRET": "s3cret", "JUMPCLOUD_API_KEY": "of no use"}
	if got := runMain(env, "plan", own, "--exit-code"); got.code != exitOK {
		t.Errorf("plan with the document's own account: %+v", got)
	}
	env["SECRET"] = "wr0ng-secret"
	if got := runMain(env, "plan", own); got.code != exitError || strings.Contains(got.out+got.errOut, "wr0ng-secret") {
		t.Errorf("plan with a wrong secret: %+v", got)
	}
}
