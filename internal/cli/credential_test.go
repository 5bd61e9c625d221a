package cli

import (
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
	env["JUMPCLOUD_API_KEY"] = "jca_old"
	if got := runMain(env, "orgs"); !strings.Contains(got.errOut, "hint: check env:JUMPCLOUD_API_KEY, and org.region") {
		t.Errorf("orgs: %+v", got)
	}
}
