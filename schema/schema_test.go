package schema

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var updateFiles = flag.Bool("update", false, "write the generated schemas")

func TestSchemasAreFresh(t *testing.T) {
	for _, c := range []struct {
		file     string
		node     *node
		embedded []byte
	}{
		{"rollcall.schema.json", documentNode(), Document()},
		{"plan.schema.json", planNode(), Plan()},
	} {
		t.Run(c.file, func(t *testing.T) {
			want, err := c.node.indented()
			if err != nil {
				t.Fatal(err)
			}
			if *updateFiles {
				if err := os.WriteFile(c.file, want, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if !bytes.Equal(c.embedded, want) {
				t.Errorf("%s is stale, run go test ./schema -update (-checked in +generated):\n%s", c.file, cmp.Diff(string(c.embedded), string(want)))
			}
		})
	}
}
