package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A credential that is refused is named by its reference, and never by its
// value.
func TestRefusedCredentialIsNamed(t *testing.T) {
	t.Parallel()
	server := startSandbox(t, keyedState)
	file := writeText(t, "rollcall.yaml", "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1, api_key: {env: JUMPCLOUD_CASTLE_KEY}}\n---\nversion: 1\norg: {name: Other}\n")
	env := map[string]string{"JUMPCLOUD_CASTLE_KEY": "jca_old", "JUMPCLOUD_API_KEY": "jca_test", "JUMPCLOUD_API_URL": server.url}
	got := runMain(env, "plan", file)
	if !strings.Contains(got.errOut, "hint: check env:JUMPCLOUD_CASTLE_KEY, and org.region") || strings.Contains(got.errOut+got.out, "jca_old") {
		t.Errorf("plan: %+v", got)
	}
	env["JUMPCLOUD_CASTLE_KEY"] = "jca old"
	if got := runMain(env, "plan", file); !strings.Contains(got.errOut, "hint: copy it again into env:JUMPCLOUD_CASTLE_KEY\n") || strings.Contains(got.errOut, "jca old") {
		t.Errorf("plan with a key that cannot be sent: %+v", got)
	}
	env["JUMPCLOUD_API_KEY"] = "jca old"
	if got := runMain(env, "orgs"); !strings.Contains(got.errOut, "hint: copy it again into env:JUMPCLOUD_API_KEY\n") {
		t.Errorf("orgs with a key that cannot be sent: %+v", got)
	}
	env["JUMPCLOUD_API_KEY"] = "jca_old"
	if got := runMain(env, "orgs"); !strings.Contains(got.errOut, "hint: check env:JUMPCLOUD_API_KEY, and org.region") {
		t.Errorf("orgs: %+v", got)
	}
}

// A key of another client is asked for by its reference, and what it sees
// instead is named without an id that could get into the file.
func TestKeyOfAnotherClientIsNamed(t *testing.T) {
	t.Parallel()
	server := startSandbox(t, keyedState)
	file := writeText(t, "rollcall.yaml", "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9ef, name: Client 101, api_key: {env: KEY_101}}\n")
	got := runMain(map[string]string{"KEY_101": "jca_test", "JUMPCLOUD_API_URL": server.url}, "plan", file)
	want := regexp.MustCompile(`hint: the credential sees only ".+": is it another client's key\? Check env:KEY_101\n`)
	if got.code != exitError || !want.MatchString(got.errOut) || strings.Contains(got.errOut, "5f3c0a1b9d2e4c0001a7b9e1") {
		t.Errorf("%+v", got)
	}
}

// The journal tells where a run went and how it signed in.
func TestJournalNamesHostAndCredential(t *testing.T) {
	t.Parallel()
	server := startSandbox(t, keyedState)
	file := writeText(t, "rollcall.yaml", "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1, api_key: {env: JUMPCLOUD_CASTLE_KEY}}\nusers: {ann: {email: ann@kelp.example}}\n")
	journal := filepath.Join(t.TempDir(), "audit.jsonl")
	env := map[string]string{"JUMPCLOUD_CASTLE_KEY": "jca_test", "JUMPCLOUD_API_URL": server.url}
	if got := runMain(env, "apply", file, "--yes", "--journal", journal); got.code != exitOK {
		t.Fatalf("apply: %+v", got)
	}
	text, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"api":"` + server.url + `","signs_in":["env:JUMPCLOUD_CASTLE_KEY"]}]}`; !strings.Contains(string(text), want) || strings.Contains(string(text), "jca_test") {
		t.Errorf("the journal has no %s, or the key:\n%s", want, text)
	}
}
