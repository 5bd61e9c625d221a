//go:build ignore

// Make turns employees.csv, the employees of Oracle's HR sample schema, into
// rollcall.yaml (everybody, with managers, and departments as groups) and
// live.json (the organization before: two departments, a little out of date).
//
//	go run examples/oracle-hr/make.go FOLDER
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

func main() {
	log.SetFlags(0)
	dir := os.Args[1]
	people, err := read(filepath.Join(dir, "employees.csv"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "rollcall.yaml"), desired(people), 0o644)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "live.json"), live(people), 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// employee is a row of employees.csv by heading.
type employee map[string]string

func (e employee) username() string { return strings.ToLower(e["email"]) }

func read(path string) ([]employee, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	var people []employee
	for _, row := range rows[1:] {
		e := employee{}
		for i, heading := range rows[0] {
			e[heading] = row[i]
		}
		people = append(people, e)
	}
	return people, nil
}

const head = `# The employees of Oracle's HR sample schema, made by make.go from employees.csv. The table is the
# source: whoever wants a change changes that and runs make.go, and the difference of this file is what
# is reviewed. IT and Finance are in JumpCloud already (live.json), with titles in capitals and one
# person of Finance in the group IT.
version: 1
org: {id: 5d0c7e44be0a1c00017e3000, name: Oracle HR}

# Everybody is created staged: accounts to look at, with no access and no mail. Letting them in is a
# later change, state: activated at each person.
defaults:
  user: {email: "{username}@hr.example", state: staged}

# Below, managers are employee numbers, as the table has them; plans show usernames. Numbers are text:
# in quotes they stay what they are. Each department is a group of exactly its people.
policy:
  limits: {create_users: 120}   # the whole company arrives at once

`

// desired is the document: managers by employee number, as HR has them.
func desired(people []employee) []byte {
	departments := map[string]bool{}
	users := &yaml.Node{Kind: yaml.MappingNode}
	for _, e := range people {
		entry := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		put(entry, "firstname", e["first_name"])
		put(entry, "lastname", e["last_name"])
		put(entry, "jobTitle", e["job_title"])
		put(entry, "department", e["department"])
		put(entry, "employeeIdentifier", e["employee_id"])
		put(entry, "manager", e["manager_id"])
		put(entry, "location", e["city"])
		phone := &yaml.Node{Kind: yaml.MappingNode}
		put(phone, "type", "work")
		put(phone, "number", e["phone_number"])
		add(entry, "phoneNumbers", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{phone}})
		if d := e["department"]; d != "" {
			departments[d] = true
			add(entry, "groups", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{text(d)}})
		}
		add(users, e.username(), entry)
	}
	groups := &yaml.Node{Kind: yaml.MappingNode}
	for _, d := range sorted(departments) {
		entry := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		put(entry, "description", "Department "+d)
		add(entry, "exact", &yaml.Node{Kind: yaml.ScalarNode, Value: "true", Tag: "!!bool"})
		add(groups, d, entry)
	}
	doc := &yaml.Node{Kind: yaml.MappingNode}
	add(doc, "users", users)
	add(doc, "groups", groups)
	var b bytes.Buffer
	b.WriteString(head)
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}

func add(m *yaml.Node, key string, value *yaml.Node) { m.Content = append(m.Content, text(key), value) }

// put adds a text, unless it is empty: what HR does not know is unmanaged.
func put(m *yaml.Node, key, value string) {
	if value != "" {
		add(m, key, text(value))
	}
}

func text(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func sorted(set map[string]bool) (s []string) {
	for k := range set {
		s = append(s, k)
	}
	slices.Sort(s)
	return s
}

// live is the organization before the rest of the company arrives: IT and
// Finance are there, with an old title and in each other's group.
func live(people []employee) []byte {
	type record map[string]any
	var users []record
	members := map[string][]string{}
	for _, e := range people {
		d := e["department"]
		if d != "IT" && d != "Finance" {
			continue
		}
		u := record{"username": e.username(), "email": e.username() + "@hr.example", "firstname": e["first_name"], "lastname": e["last_name"],
			"jobTitle": strings.ToUpper(e["job_title"]), "department": d, "employeeIdentifier": e["employee_id"], "state": "ACTIVATED"}
		users = append(users, u)
		members[d] = append(members[d], e.username())
	}
	members["IT"] = append(members["IT"], members["Finance"][0])
	groups := []record{{"name": "Finance", "members": members["Finance"]}, {"name": "IT", "members": members["IT"]}}
	b, err := json.MarshalIndent(record{"organizations": []record{{"id": "5d0c7e44be0a1c00017e3000", "name": "Oracle HR", "users": users, "groups": groups}}}, "", " ")
	if err != nil {
		log.Fatal(err)
	}
	return append(b, '\n')
}
