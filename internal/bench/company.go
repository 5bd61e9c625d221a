//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"

	"rollcall/jumpcloud/sandbox"
)

// company is the size of an organization, whose people and groups follow
// from it.
type company struct {
	People, Files int // people, in so many YAML files
	Groups, Each  int // groups, and in how many of them each person is
	Changes       int // what the files want and live has not, for apply
}

const companyID = "5f3c0a1b9d2e4c0001a7b9e1"

// person is somebody of a company. Newcomers come after the people who are
// there already.
type person struct {
	n       int
	title   string
	groups  []int
	manager int // another person, -1 for nobody
}

// plans says how many changes of each kind make up c.Changes.
type plans struct{ creates, updates, adds, removals int }

func (c *company) plans() plans {
	p := plans{creates: c.Changes / 5, updates: 3 * c.Changes / 10}
	p.adds = (c.Changes - 2*p.creates - p.updates) / 2 // a newcomer is added to a group too
	p.removals = c.Changes - 2*p.creates - p.updates - p.adds
	return p
}

// live is person n as JumpCloud has them. Those of removals are in a group
// more than the files want, those of adds in one less.
func (c *company) live(n int) person {
	p, plans := c.desired(n), c.plans()
	switch k := n - plans.updates; {
	case k < 0:
		p.title = "Former " + p.title
	case k < plans.adds:
		p.groups = p.groups[1:]
	case k < plans.adds+plans.removals:
		p.groups = append(p.groups, c.group(n, c.Each))
	}
	return p
}

// desired is person n as the files have them.
func (c *company) desired(n int) person {
	p := person{n: n, title: fmt.Sprintf("Engineer %d", n%7), manager: n/8 - 1}
	each := c.Each
	if n >= c.People {
		each, p.manager = 1, c.People+(n-c.People)/8-1
	}
	for k := range each {
		p.groups = append(p.groups, c.group(n, k))
	}
	return p
}

// group is the k-th group of person n: all groups have as many members.
func (c *company) group(n, k int) int { return (n*c.Each + k) % c.Groups }

func username(n int) string { return fmt.Sprintf("person.%06d", n) }

func groupName(n int) string { return fmt.Sprintf("Group %04d", n) }

// state is what the embedded JumpCloud serves.
func (c *company) state() sandbox.State {
	users := make([]sandbox.User, c.People)
	members := make([][]any, c.Groups)
	for n := range users {
		p := c.live(n)
		users[n] = p.record()
		for _, g := range p.groups {
			members[g] = append(members[g], username(n))
		}
	}
	groups := make([]sandbox.Group, c.Groups)
	for n := range groups {
		groups[n] = sandbox.Group{"name": groupName(n), "description": "A group", "members": members[n]}
	}
	return sandbox.State{Organizations: []sandbox.Organization{{ID: companyID, Name: "Bright Kelp", Users: users, Groups: groups}}}
}

func (p *person) record() sandbox.User {
	u := sandbox.User{
		"username": username(p.n), "email": username(p.n) + "@brightkelp.example", "state": "ACTIVATED",
		"firstname": fmt.Sprint("First", p.n), "lastname": fmt.Sprint("Last", p.n), "department": fmt.Sprint("Department ", p.n%40),
		"jobTitle": p.title, "company": "Bright Kelp", "costCenter": fmt.Sprint("CC-", p.n%90), "employeeIdentifier": fmt.Sprintf("%06d", p.n),
		"phoneNumbers": []any{map[string]any{"type": "work", "number": fmt.Sprint("+49 30 ", p.n)}},
	}
	if p.manager >= 0 {
		u["manager"] = username(p.manager)
	}
	return u
}

// write writes the files of the company to a folder: rollcall.yaml with the
// groups, which includes the people.
func (c *company) write(folder string) error {
	err := writeFile(filepath.Join(folder, "rollcall.yaml"), func(w *bufio.Writer) {
		fmt.Fprintf(w, "version: 1\norg: {id: %s, name: Bright Kelp}\ninclude: [people*.yaml]\ngroups:\n", companyID)
		for n := range c.Groups {
			fmt.Fprintf(w, "  %s: {description: A group, exact: true}\n", groupName(n))
		}
	})
	all := c.People + c.plans().creates
	for f := range c.Files {
		if err == nil {
			err = writeFile(filepath.Join(folder, fmt.Sprintf("people%d.yaml", f)), func(w *bufio.Writer) {
				fmt.Fprintln(w, "users:")
				for n := all * f / c.Files; n < all*(f+1)/c.Files; n++ {
					p := c.desired(n)
					p.write(w, n < c.People)
				}
			})
		}
	}
	return err
}

// write writes a person as people write them; newcomers are staged.
func (p *person) write(w *bufio.Writer, there bool) {
	fmt.Fprintf(w, "  %s:\n    firstname: First%d\n    lastname: Last%d\n    email: %[1]s@brightkelp.example\n", username(p.n), p.n, p.n)
	fmt.Fprintf(w, "    department: Department %d\n    jobTitle: %s\n    company: Bright Kelp\n    costCenter: CC-%d\n", p.n%40, p.title, p.n%90)
	fmt.Fprintf(w, "    employeeIdentifier: \"%06d\"\n    phoneNumbers: [{type: work, number: +49 30 %d}]\n", p.n, p.n)
	if there {
		fmt.Fprintln(w, "    state: activated")
	}
	if p.manager >= 0 {
		fmt.Fprintf(w, "    manager: %s\n", username(p.manager))
	}
	fmt.Fprint(w, "    groups: [")
	for i, g := range p.groups {
		if i > 0 {
			fmt.Fprint(w, ", ")
		}
		fmt.Fprint(w, groupName(g))
	}
	fmt.Fprintln(w, "]")
}

func writeFile(name string, write func(*bufio.Writer)) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	write(w)
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
