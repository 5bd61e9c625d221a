package schema

import (
	"bytes"
	"strings"
	"testing"
)

func TestReferenceHasEveryKey(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Reference(&b); err != nil {
		t.Fatal(err)
	}
	people, groups, _ := strings.Cut(b.String(), "### A group")
	for i := range table {
		f := Of(FieldID(i))
		text := people
		if f.Kind == Group {
			text = groups
		}
		if has := strings.Contains(text, "\n| `"+f.Name+"` | "); has == f.Key {
			t.Errorf("row of %s %s: %v, want %v", f.Kind, f.Name, has, !f.Key)
		}
	}
	for _, key := range []string{"version", "org.service_account.client_secret", "defaults.user", "policy.limits.shrink_group", "policy.allow[].until", "policy.scope[].operator", "was", "members", "exact", "reports_to"} {
		if !strings.Contains(b.String(), "\n| `"+key+"` | ") {
			t.Errorf("no row of %s in\n%s", key, b.String())
		}
	}
}

func TestReferenceIsATable(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Reference(&b); err != nil {
		t.Fatal(err)
	}
	columns := 0
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(line, " | ")
		if columns != 0 && n != columns {
			t.Errorf("%d columns, want %d: %s", n+1, columns+1, line)
		}
		columns = n
	}
}
