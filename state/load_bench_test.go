package state

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// manyPeople is a document of n people with 12 fields each.
func manyPeople(n int) string {
	var b strings.Builder
	b.WriteString("version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1, name: Bright Kelp}\nusers:\n")
	for i := range n {
		fmt.Fprintf(&b, "  user.%05d:\n    firstname: First%d\n    lastname: Last%d\n    email: user.%05d@brightkelp.example\n", i, i, i, i)
		fmt.Fprintf(&b, "    department: Department %d\n    jobTitle: Engineer\n    company: Bright Kelp\n    costCenter: CC-%d\n", i%40, i%90)
		fmt.Fprintf(&b, "    employeeIdentifier: %05d\n    state: activated\n    phoneNumbers: [{type: work, number: +49 30 %d}]\n    groups: [All Employees, Team %d]\n", i, i, i%40)
		if i > 0 {
			fmt.Fprintf(&b, "    manager: user.%05d\n", i/8)
		}
	}
	return b.String()
}

func BenchmarkYAMLNode20000(b *testing.B) {
	text := []byte(manyPeople(20000))
	b.ReportAllocs()
	for b.Loop() {
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad20000(b *testing.B) {
	file := filepath.Join(b.TempDir(), "rollcall.yaml")
	if err := os.WriteFile(file, []byte(manyPeople(20000)), 0o600); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		docs, problems, err := Load([]string{file}, LoadOptions{})
		if err != nil || len(problems) > 0 || len(docs) != 1 || len(docs[0].Edges) != 40000 {
			b.Fatalf("%d documents, %v, %v", len(docs), problems, err)
		}
	}
}
