package schema

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// manyUsers is a document of n people with 12 fields each. Of varied ones
// about half the entries have a shape of their own.
func manyUsers(n int, varied bool) string {
	var b strings.Builder
	b.WriteString("version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1, name: Bright Kelp}\nusers:\n")
	for i := range n {
		fmt.Fprintf(&b, "  user.%05d:\n    firstname: First%d\n    lastname: Last%d\n    email: user.%05d@brightkelp.example\n", i, i, i, i)
		fmt.Fprintf(&b, "    department: Department %d\n    jobTitle: Engineer\n    company: Bright Kelp\n    costCenter: CC-%d\n", i%40, i%90)
		fmt.Fprintf(&b, "    employeeIdentifier: %05d\n    manager: user.%05d\n    state: activated\n    phoneNumbers: [{type: work, number: +49 30 %d}]\n    groups: [All Employees, Team %d]\n", i, i/8, i, i%40)
		if varied {
			fmt.Fprintf(&b, "    attributes: {badge%d: %d}\n", i, i)
		}
	}
	return b.String()
}

func parse(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return &doc
}

func BenchmarkYAMLNode20000(b *testing.B) {
	text := []byte(manyUsers(20000, false))
	b.ReportAllocs()
	for b.Loop() {
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck20000(b *testing.B) {
	for _, c := range []struct {
		name   string
		varied bool
	}{{"alike", false}, {"varied", true}} {
		b.Run(c.name, func(b *testing.B) {
			doc := parse(b, manyUsers(20000, c.varied))
			b.ReportAllocs()
			for b.Loop() {
				if p := Check(doc, false); len(p) > 0 {
					b.Fatal(p[0].Text)
				}
			}
		})
	}
}

func BenchmarkFromYAML20000(b *testing.B) {
	doc := parse(b, manyUsers(20000, false))
	users := member(doc.Content[0], "users")
	b.ReportAllocs()
	for b.Loop() {
		var values []Value
		for i := 1; i < len(users.Content); i += 2 {
			entry := users.Content[i]
			values = values[:0]
			for j := 0; j < len(entry.Content); j += 2 {
				f := Lookup(User, entry.Content[j].Value)
				if f == nil {
					continue
				}
				var problems []NodeProblem
				if values, problems = f.FromYAML(entry.Content[j+1], values); len(problems) > 0 {
					b.Fatal(problems[0].Text)
				}
			}
		}
	}
}
