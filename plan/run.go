package plan

import (
	"cmp"
	"crypto/sha256"
	"fmt"

	"rollcall/schema"
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
	p := &Plan{AsOf: asOf, Tool: tool, Orgs: orgs, Allow: o.Allow, Shard: o.Shard}
	p.caps(o)
	for i := range p.Orgs {
		org := &p.Orgs[i]
		for _, r := range org.Refused {
			if p.Several() && r.Allow != "" {
				r.Allow = r.Org + ":" + r.Allow
			}
			p.Refused = append(p.Refused, r)
		}
	}
	p.Digest = runDigest(p.Orgs)
	return p
}

// Several tells whether an --allow must name its organization: the run is
// about several, or about one shard of them.
func (p *Plan) Several() bool { return len(p.Orgs) > 1 || p.Shard != "" }

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

// caps are what a run may take away over all organizations together.
func (p *Plan) caps(o Options) {
	refused := make([]bool, len(p.Orgs)) // by their own limits: nothing is taken from them
	for i := range p.Orgs {
		refused[i] = len(p.Orgs[i].Refused) > 0
	}
	p.cap(Suspend, "suspend_users", runSuspensions, refused, o)
	p.cap(Delete, "delete_users", runDeletes, refused, o)
}

// cap refuses the organizations that together take away more than a run
// may. One whose number is allowed by --allow or policy.allow does not count.
func (p *Plan) cap(a Action, name string, most int, refused []bool, o Options) {
	counts := make([]int, len(p.Orgs))
	total := 0
	for i := range p.Orgs {
		org := &p.Orgs[i]
		if n := org.Summary.Users.of(a); n > p.allowed(org, name, o) && !refused[i] {
			counts[i] = n
			total += n
		}
	}
	if total <= most {
		return
	}
	for i, n := range counts {
		if n > 0 {
			p.Orgs[i].Refused = append(p.Orgs[i].Refused, Refusal{
				Org: p.Orgs[i].label(), Allow: fmt.Sprintf("%s=%d", name, n),
				Reason: fmt.Sprintf("limit %s of a run: the plan has %d over all organizations, allowed are %d", name, total, most),
				Hint:   "apply them in parts, with --org or --shard, or allow some: what is allowed does not count",
			})
		}
	}
}

// allowed is the number that --allow and policy.allow give an organization
// for a limit, 0 for none.
func (p *Plan) allowed(org *Org, name string, o Options) (n int) {
	for _, a := range o.Allow {
		if a.Name == name && org.concerns(a) {
			n = max(n, a.N)
		}
	}
	for _, a := range org.Policy.Allow {
		if a.Limit == name && on(a, cmp.Or(org.AsOf, p.AsOf)) {
			n = max(n, a.N)
		}
	}
	return n
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

// Recreated is how many people are held who would be created.
func (p *Plan) Recreated() (n int) {
	for i := range p.Orgs {
		for _, h := range p.Orgs[i].Held {
			if h.Action == Create && h.Object.Kind == schema.User {
				n++
			}
		}
	}
	return n
}

// Changes is how many changes the plan has over all organizations.
func (p *Plan) Changes() int {
	n := 0
	for i := range p.Orgs {
		n += len(p.Orgs[i].Changes)
	}
	return n
}
