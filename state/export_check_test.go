package state

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
)

// What Load would refuse is left out with a comment, and nothing else is.
func TestExportLeavesOut(t *testing.T) {
	t.Parallel()
	v := func(f schema.FieldID, part, text string) schema.Value {
		return schema.Value{Field: f, Part: part, Text: text}
	}
	for name, tt := range map[string]struct {
		value schema.Value
		left  string
	}{
		"a key without a name":          {v(schema.SSHKeys, "", `[{"name":"","public_key":"ssh-rsa B"}]`), "ssh_keys"},
		"a key of no name at all":       {v(schema.SSHKeys, "", `[{"public_key":"ssh-rsa B"}]`), "ssh_keys"},
		"a relationship with nobody":    {v(schema.Relationships, "", `[{"type":"a"}]`), "relationships"},
		"a key of JumpCloud":            {v(schema.Description, "", "the key is jca_0123456789abcdefABCDEF"), "description"},
		"a key of GitHub":               {v(schema.Location, "", "ghp_0123456789abcdefghijklmnopqrstuvwxyz"), "location"},
		"a private key":                 {v(schema.PublicKey, "", "-----BEGIN RSA PRIVATE KEY-----\nx"), "public_key"},
		"a key in one of two":           {v(schema.Attributes, "a", `"jca_0123456789abcdefABCDEF"`), "attributes.a"},
		"an address that is none":       {v(schema.Email, "", "nobody"), "email"},
		"another that is none":          {v(schema.RecoveryEmail, "", "a@b@c"), "recoveryEmail"},
		"a text that is no key":         {v(schema.Description, "", "jca_short"), ""},
		"a key that is whole":           {v(schema.SSHKeys, "", `[{"name":"a","public_key":"ssh-rsa B"}]`), ""},
		"a relationship with somebody":  {v(schema.Relationships, "", `[{"type":"a","value":"b"}]`), ""},
		"a manager with an absurd name": {v(schema.Manager, "", "{username}"), "manager"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := &Live{Org: Org{Objects: []Object{
				object(schema.User, "ann", tt.value), object(schema.User, "{username}"),
			}}, Facts: make([]Fact, 2)}
			if tt.value.Field == schema.Attributes {
				live.Objects[0].Values = append(live.Objects[0].Values, v(schema.Attributes, "b", `"kept"`))
			}
			text := export(t, live, ExportOptions{})
			var left []string
			for line := range strings.Lines(text) {
				if what, ok := strings.CutPrefix(line, "  # left out "); ok {
					field, _, _ := strings.Cut(what, ":")
					left = append(left, field)
				}
			}
			if diff := cmp.Diff(tt.left, strings.Join(left, ",")); diff != "" {
				t.Errorf("left out (-want +got):\n%s\nof:\n%s", diff, text)
			}
			file := filepath.Join(t.TempDir(), "rollcall.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, _, err := Load([]string{file}, LoadOptions{}); err != nil {
				t.Errorf("%v of:\n%s", err, text)
			}
		})
	}
}
