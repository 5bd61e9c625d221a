package plan

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// Most that one run may take away over all its organizations without being
// allowed to by name.
const (
	runSuspensions = 50
	runDeletes     = 10
)

// New is the plan of a run: its organizations in order, what is refused in
// any of them or over all of them, and a digest over theirs.
func New(orgs []Org, asOf, tool string, o Options) *Plan {
	p := &Plan{AsOf: asOf, Tool: tool, Orgs: orgs, Allow: o.Allow}
	p.cap(Suspend, "suspend_users", runSuspensions, o)
	p.cap(Delete, "delete_users", runDeletes, o)
	for i := range p.Orgs {
		org := &p.Orgs[i]
		for _, r := range org.Refused {
			if len(p.Orgs) > 1 && r.Allow != "" {
				r.Allow = r.Org + ":" + r.Allow
			}
			p.Refused = append(p.Refused, r)
		}
	}
	p.Digest = runDigest(p.Orgs)
	return p
}

// runDigest is over the digests of organizations.
func runDigest(orgs []Org) string {
	h := sha256.New()
	for i := range orgs {
		write(h, "org", orgs[i].ID, orgs[i].Digest)
	}
	return sum(h)
}

// Digest is what the digest of a plan must be: over its changes as they
// stand in it, and nothing that it says about them.
func Digest(p *Plan) string {
	orgs := make([]Org, len(p.Orgs))
	for i := range orgs {
		orgs[i].ID = p.Orgs[i].ID
		if p.Orgs[i].Error == "" {
			orgs[i].Digest = digest(&p.Orgs[i])
		}
	}
	return runDigest(orgs)
}

// cap refuses the organizations that together take away more than a run
// may. One whose number is allowed by --allow does not count.
func (p *Plan) cap(a Action, name string, most int, o Options) {
	if len(p.Orgs) < 2 {
		return // the organization's own limit is the smaller one, or was written on purpose
	}
	counts := make([]int, len(p.Orgs))
	total := 0
	for i := range p.Orgs {
		org := &p.Orgs[i]
		n := org.Summary.Users.of(a)
		if n > 0 && !slices.ContainsFunc(o.Allow, func(x Allow) bool {
			return x.Name == name && x.N >= n && (x.Org == org.ID || strings.EqualFold(x.Org, org.Name))
		}) {
			counts[i] = n
			total += n
		}
	}
	if total <= most {
		return
	}
	for i, n := range counts {
		if n > 0 {
			org := &p.Orgs[i]
			org.Refused = append(org.Refused, Refusal{
				Org: org.label(), Allow: fmt.Sprintf("%s=%d", name, n),
				Reason: fmt.Sprintf("limit %s of a run: the plan has %d over all organizations, allowed are %d", name, total, most),
			})
		}
	}
}

// label is the id of an organization, or its name without one.
func (o *Org) label() string {
	if o.ID != "" {
		return o.ID
	}
	return o.Name
}

// of is the count of one of the actions that a run caps.
func (c Counts) of(a Action) int {
	if a == Suspend {
		return c.Suspend
	}
	return c.Delete
}

// Changes is how many changes the plan has over all organizations.
func (p *Plan) Changes() int {
	n := 0
	for i := range p.Orgs {
		n += len(p.Orgs[i].Changes)
	}
	return n
}
