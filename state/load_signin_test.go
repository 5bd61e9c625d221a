package state

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree writes files and links (-> TARGET) and is their folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if target, link := strings.CutPrefix(text, "-> "); err == nil && link {
			err = os.Symlink(filepath.Join(dir, target), path)
		} else if err == nil {
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// What signs in is nobody's password, in whichever document and by whatever
// path it is named.
func TestSignInIsNoPassword(t *testing.T) {
	t.Parallel()
	const other = "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e2, service_account: {client_id: {env: OTHER_ID}, client_secret: {file: keys/other}}}\nusers: {bob: {}}\n"
	for ref, refused := range map[string]bool{
		"{env: JUMPCLOUD_API_KEY}":       true,
		"{env: JUMPCLOUD_CLIENT_SECRET}": true,
		"{env: OWN_KEY}":                 true,
		"{env: OTHER_ID}":                true,
		"{env: ANN_PASSWORD}":            false,
		"{file: keys/other}":             true,
		"{file: ./keys/../keys/other}":   true,
		"{file: link}":                   true,
		"{file: linked/other}":           true,
		"{file: DIR/keys/other}":         true,
		"{file: keys/ann}":               false,
		"{file: keys/gone}":              false,
	} {
		dir := tree(t, map[string]string{
			"b.yaml": other, "keys/other": "k", "keys/ann": "p", "link": "-> keys/other", "linked": "-> keys",
		})
		text := "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1, api_key: {env: OWN_KEY}}\nusers:\n  ann: {password: {from: " +
			strings.ReplaceAll(ref, "DIR", dir) + "}}\n"
		if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := Load([]string{filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml")}, LoadOptions{})
		if got := err != nil && strings.Contains(err.Error(), "a.yaml:4:26: error: ") && strings.Contains(err.Error(), "signs in to JumpCloud"); got != refused {
			t.Errorf("%s: %v, want refused %v", ref, err, refused)
		}
	}
}

// A checkout cannot make rollcall read, and show lines of, a file outside of
// it; outside of checkouts links lead where they lead.
func TestLinksOutOfACheckout(t *testing.T) {
	t.Parallel()
	const document = "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1}\nusers: {ann: {}}\n"
	dir := tree(t, map[string]string{
		"secret/a.yaml":      document,
		"repo/.git/HEAD":     "x",
		"repo/in/a.yaml":     document,
		"repo/inner.yaml":    "-> repo/in/a.yaml",
		"repo/inner":         "-> repo/in",
		"repo/out.yaml":      "-> secret/a.yaml",
		"repo/outer":         "-> secret",
		"repo/deep/out.yaml": "-> repo/out.yaml",
		"plain/link.yaml":    "-> secret/a.yaml",
		"checkout":           "-> repo",
	})
	for path, refused := range map[string]bool{
		"repo/in/a.yaml": false, "repo/inner.yaml": false, "repo/inner": false, "checkout/in/a.yaml": false, "checkout/inner": false,
		"repo/out.yaml": true, "repo/outer": true, "repo/outer/a.yaml": true, "repo/deep/out.yaml": true, "checkout/out.yaml": true,
		"plain/link.yaml": false,
	} {
		_, _, err := Load([]string{filepath.Join(dir, path)}, LoadOptions{})
		if got := err != nil && strings.Contains(err.Error(), "leads out of the checkout"); got != refused || err != nil && !refused {
			t.Errorf("%s: %v, want refused %v", path, err, refused)
		}
	}
}
