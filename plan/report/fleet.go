package report

import (
	"cmp"
	"fmt"
	"strings"

	"rollcall/plan"
)

// orgName is what an organization is called in a list of several: its name,
// with the id where others have the same name.
func orgName(p *plan.Plan, o *plan.Org) string {
	name := cmp.Or(Clean(o.Name), Clean(o.ID), "the organization of the key")
	if o.Name == "" || o.ID == "" {
		return name
	}
	for i := range p.Orgs {
		if other := &p.Orgs[i]; other != o && other.Name == o.Name {
			return name + twin(o)
		}
	}
	return name
}

func orgNames(p *plan.Plan, orgs []*plan.Org) []string {
	names := make([]string, len(orgs))
	for i, o := range orgs {
		names[i] = orgName(p, o)
	}
	return names
}

// twin is what tells an organization from another one of its name.
func twin(o *plan.Org) string { return " (" + Clean(o.ID) + ")" }

// folded are the organizations that are told together because they do not
// change, none if there are fewer than two: those of which there is no more to
// say, and if they are many also those that have what the files do not name. Of
// drift, who has people or groups like that stands alone.
func folded(p *plan.Plan, drift bool) []*plan.Org {
	var brief, calm []*plan.Org
	for i := range p.Orgs {
		o := &p.Orgs[i]
		if isBrief(o) {
			brief = append(brief, o)
		}
		if classOf(o, drift) == quiet {
			calm = append(calm, o)
		}
	}
	switch {
	case len(calm) > foldQuiet:
		return calm
	case len(brief) > 1:
		return brief
	}
	return nil
}

// fold prints organizations that do not change: how many, how much was read,
// their names, and what they have that the files do not name.
func (t *text) fold(orgs []*plan.Org) {
	if len(orgs) == 0 {
		return
	}
	t.gap()
	t.say(bold, 0, sentence(fmt.Sprintf("No change in %s; %s", count(len(orgs), "organization"), readOfAll(orgs)))...)
	t.say(plain, headAt, list(orgNames(t.plan, orgs))...)
	if more := leftOfAll(orgs); more != "" {
		t.say(dim, headAt, sentence(more+"; --org shows one of them.")...)
	}
}

// readOfAll is how much was read of several organizations together.
func readOfAll(orgs []*plan.Org) string {
	var read plan.Read
	for _, o := range orgs {
		read.Users, read.Groups, read.Memberships = read.Users+o.Read.Users, read.Groups+o.Read.Groups, read.Memberships+o.Read.Memberships
	}
	return readOf(&plan.Org{Read: read, Offline: orgs[0].Offline})
}

// leftOfAll is what organizations have that their files do not name, and how
// many notes there are; "" for nothing.
func leftOfAll(orgs []*plan.Org) string {
	var parts []string
	numbers := make([]int, 3)
	notes := 0
	for _, o := range orgs {
		unlisted, _ := remaining(o)
		for i, r := range unlisted {
			numbers[i] += len(r.names)
		}
		notes += len(o.Notes)
	}
	for i, thing := range []string{"user", "group", "membership"} {
		if numbers[i] > 0 {
			parts = append(parts, count(numbers[i], thing))
		}
	}
	if len(parts) > 0 {
		parts = []string{"Not in the files, left as it is: " + strings.Join(parts, ", ")}
	}
	if notes > 0 {
		parts = append(parts, count(notes, "note"))
	}
	return strings.Join(parts, "; ")
}

// sameFailure are the organizations that have no plan for the reason of the
// first, which is one of them; nil if one before it has the same.
func sameFailure(p *plan.Plan, first *plan.Org) (orgs []*plan.Org) {
	for i := range p.Orgs {
		o := &p.Orgs[i]
		if o.Error != first.Error || o.ErrorHint != first.ErrorHint {
			continue
		}
		if len(orgs) == 0 && o != first {
			return nil
		}
		orgs = append(orgs, o)
	}
	return orgs
}

// ofShard says which part of the organizations a plan is about, "" for all.
func ofShard(p *plan.Plan) string {
	if p.Shard == "" {
		return ""
	}
	return ", shard " + Clean(p.Shard)
}
