package plan

import (
	"fmt"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// match pairs the objects of the file with live ones.
func (d *differ) match() {
	d.pairs = state.Pair(d.want, d.live)
	d.pair, d.twin = d.pairs.Live, d.pairs.Desired
	for i := range d.want.Objects {
		d.checkMatch(i)
	}
	d.mergeEdges()
	d.endEdges()
}

// checkMatch finds what the file may not name.
func (d *differ) checkMatch(i int) {
	o := &d.want.Objects[i]
	d.checkWas(i)
	l := int(d.pair[i])
	if l < 0 {
		d.checkCase(i)
		return
	}
	if why, hint := d.untouchable(l); why != "" {
		d.problem(d.objectPos(i), hint, "%s %q is %s", o.Kind, d.live.Objects[l].Name, why)
	}
}

// untouchable is what a live object is that the file may not name, and what
// to do; "" of others.
func (d *differ) untouchable(l int) (why, hint string) {
	switch ids := d.live.Facts[l].Twins; {
	case d.want.Policy.Ignores(&d.live.Objects[l]):
		return "ignored by policy.ignore", "take it out of the file or out of policy.ignore"
	case len(ids) > 0:
		return fmt.Sprintf("one of %d of this name in JumpCloud (%s)", len(ids), strings.Join(ids, ", ")),
			"rename or delete the others in JumpCloud, or take it out of the file"
	}
	return "", ""
}

// checkWas finds an object that was several live ones.
func (d *differ) checkWas(i int) {
	o, l := &d.want.Objects[i], d.pair[i]
	if len(d.want.Intents[i].Was) == 0 || l < 0 || d.live.Objects[l].Key == o.Key {
		return
	}
	for _, was := range d.want.Intents[i].Was {
		if other := d.live.Find(o.Kind, was); other >= 0 && d.twin[other] < 0 {
			d.problem(d.intentPos(i).Was, "keep in was only the name that this "+o.Kind.String()+" has now",
				"%s %q was both %q and %q, and both are live", o.Kind, o.Name, d.live.Objects[l].Name, d.live.Objects[other].Name)
			return
		}
	}
}

// checkCase finds a group that live has in other letters: JumpCloud keeps
// the case of group names, so a second one would be made.
func (d *differ) checkCase(i int) {
	o := &d.want.Objects[i]
	if o.Kind != schema.Group || d.want.Intents[i].Absent {
		return
	}
	for _, l := range d.groupsInAnyCase(o.Key) {
		if name := d.live.Objects[l].Name; d.twin[l] < 0 {
			d.problem(d.objectPos(i), "write "+name+", or was: "+name+" to rename it",
				"no group is named %q, but %q is live", o.Name, name)
		}
	}
}

func (d *differ) groupsInAnyCase(name string) []int {
	if d.groupCases == nil {
		d.groupCases = map[string][]int{}
		groups, first := d.live.OfKind(schema.Group)
		for j := range groups {
			key := strings.ToLower(groups[j].Key)
			d.groupCases[key] = append(d.groupCases[key], first+j)
		}
	}
	return d.groupCases[strings.ToLower(name)]
}
