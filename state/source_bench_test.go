package state

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/schema"
)

// manyRows is an export of n people, and who of them are live.
func manyRows(n int) (table string, live *Live) {
	var b strings.Builder
	b.WriteString("no;given;family;mail;boss;dept;phone;city;badge;team;from\n")
	live = &Live{}
	for i := range n {
		fmt.Fprintf(&b, "%06d;Given%d;Fam%d;p%d@kelp.example;%06d;D%d;+49 30 %d;Berlin;b%d;Team %d;2020-01-01\n", i, i, i, i, i/8, i%20, i, i, i%40)
		if i%2 == 0 {
			live.Objects = append(live.Objects, object(schema.User, fmt.Sprintf("u%06d", i), schema.Value{Field: schema.EmployeeIdentifier, Text: fmt.Sprintf("%06d", i)}))
		}
	}
	return strings.Replace(b.String(), ";000000;D0;", ";;D0;", 1), live
}

const manySource = `version: 1
sources:
  - csv: export.csv
    key: no
    map: {employeeIdentifier: no, firstname: given, lastname: family, email: mail, manager: {column: boss, by: employeeIdentifier}, department: dept, phoneNumbers.work: phone, addresses.work.locality: city, attributes.badge: badge, groups: team, start: from}
    username: "{given}.{family}"
`

// BenchmarkSource20000 is a load before JumpCloud is asked, and the binding
// once it is known who is live.
func BenchmarkSource20000(b *testing.B) {
	dir := b.TempDir()
	table, live := manyRows(20000)
	writeFile(b, filepath.Join(dir, "export.csv"), table)
	writeFile(b, filepath.Join(dir, "rollcall.yaml"), manySource)
	b.ReportAllocs()
	for b.Loop() {
		docs, problems, err := Load([]string{filepath.Join(dir, "rollcall.yaml")}, LoadOptions{Online: true})
		if err != nil {
			b.Fatal(problems, err)
		}
		d, problems, err := docs[0].WithLive(live)
		if err != nil || len(d.Objects) != 20000 {
			b.Fatal(problems, err)
		}
	}
}
