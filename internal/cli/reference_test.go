package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
)

// referenceFile is made from the table of fields and from the grammar.
var referenceFile = filepath.Join("..", "..", "docs", "reference.md")

func TestReferenceFresh(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString("# Reference\n\nMade from the code by `go test ./internal/cli -run Fresh -update`; do not edit it.\n\n")
	if err := schema.Reference(&b); err != nil {
		t.Fatal(err)
	}
	b.WriteString("\n")
	if err := Reference(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(referenceFile), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(referenceFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(have)); diff != "" {
		t.Errorf("docs/reference.md is not fresh; go test ./internal/cli -run Fresh -update (-want +got):\n%s", diff)
	}
}

func TestReferenceNamesEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := Reference(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"### rollcall apply", "### rollcall sandbox", "`--exit-code`", "`--allow [ORG:]NAME=N`", `user:NAME\|group:NAME`, "`[<path> ...]`"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the reference lacks %q:\n%s", want, b.String())
		}
	}
}
