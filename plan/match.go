package plan

import (
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// match pairs the objects of the file with live ones: by key, else by
// `was`, which counts only while nobody live has the new name.
func (d *differ) match() {
	d.pair = fill(len(d.want.Objects))
	d.twin = fill(len(d.live.Objects))
	d.matchKeys()
	for i := range d.want.Objects {
		if d.pair[i] < 0 && len(d.want.Intents[i].Was) > 0 {
			d.matchWas(i)
		}
	}
	for i := range d.want.Objects {
		d.checkMatch(i)
	}
}

func fill(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = -1
	}
	return s
}

// matchKeys walks both lists, which are sorted alike.
func (d *differ) matchKeys() {
	w, l := d.want.Objects, d.live.Objects
	for i, j := 0, 0; i < len(w) && j < len(l); {
		switch c := compareObjects(&w[i], &l[j]); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			d.pair[i], d.twin[j] = int32(j), int32(i)
			i, j = i+1, j+1
		}
	}
}

func compareObjects(a, b *state.Object) int {
	if a.Kind != b.Kind {
		return int(a.Kind) - int(b.Kind)
	}
	return strings.Compare(a.Key, b.Key)
}

// matchWas pairs an object with the live one that has a former name of it.
func (d *differ) matchWas(i int) {
	o := &d.want.Objects[i]
	for _, was := range d.want.Intents[i].Was {
		l := d.live.Find(o.Kind, was)
		if l < 0 || d.twin[l] >= 0 {
			continue
		}
		if d.pair[i] >= 0 {
			d.problem(d.intentPos(i).Was, "keep in was only the name that this "+o.Kind.String()+" has now",
				"%s %q was both %q and %q, and both are live", o.Kind, o.Name, d.live.Objects[d.pair[i]].Name, d.live.Objects[l].Name)
			return
		}
		d.pair[i], d.twin[l] = int32(l), int32(i)
	}
}

// checkMatch finds what the file may not name.
func (d *differ) checkMatch(i int) {
	o := &d.want.Objects[i]
	l := d.pair[i]
	if l < 0 {
		d.checkCase(i)
		return
	}
	if d.ignored(&d.live.Objects[l]) {
		d.problem(d.objectPos(i), "take it out of the file or out of policy.ignore",
			"%s %q is ignored by policy.ignore", o.Kind, d.live.Objects[l].Name)
	}
}

// checkCase finds a group that live has in other letters: JumpCloud keeps
// the case of group names, so a second one would be made.
func (d *differ) checkCase(i int) {
	o := &d.want.Objects[i]
	if o.Kind != schema.Group || d.want.Intents[i].Absent {
		return
	}
	groups, first := d.live.OfKind(schema.Group)
	for j := range groups {
		if strings.EqualFold(groups[j].Key, o.Key) && d.twin[first+j] < 0 {
			d.problem(d.objectPos(i), "write "+groups[j].Name+", or was: "+groups[j].Name+" to rename it",
				"no group is named %q, but %q is live", o.Name, groups[j].Name)
		}
	}
}
