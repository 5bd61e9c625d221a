package plan

import (
	"slices"

	"rollcall/schema"
	"rollcall/state"
)

// createGroup plans a group that live does not have.
func (d *differ) createGroup(i int) {
	o := &d.want.Objects[i]
	var fields []Delta
	for _, value := range o.Values {
		f := schema.Of(value.Field)
		if f.Key || f.Type != schema.Bool && (value.Text == f.Unset || value.Text == "") {
			continue
		}
		fields = append(fields, Delta{Value: value})
	}
	d.addTo(o.Key, Change{
		Action: Create, Object: Name{Kind: schema.Group, Name: o.Name}, Fields: fields,
		Hazards: createHazards(fields), Source: d.source(d.objectPos(i)),
	})
}

// updateGroup plans what differs of a live group, its name included: one
// PUT, since a PUT replaces the whole group.
func (d *differ) updateGroup(i int) {
	o, l := &d.want.Objects[i], int(d.pair[i])
	live := &d.live.Objects[l]
	fields, first := d.fields(i, l)
	reason := ""
	if o.Key != live.Key {
		fields = append(fields, Delta{Value: schema.Value{Field: schema.GroupName, Text: o.Name}, Old: live.Name})
		first, reason = d.intentPos(i).Was, "renamed (was: "+live.Name+")"
	}
	if len(fields) == 0 {
		return
	}
	d.addTo(live.Key, Change{
		Action: Update, Object: d.liveName(l), Fields: fields, Reason: reason, Source: d.source(first),
	})
}

// rule is the rule of a dynamic group for a message, as the file will have it.
func (d *differ) rule(i, l int) string {
	for _, o := range d.sides(i, l) {
		if text, ok := o.Get(schema.MemberQuery, ""); ok {
			return text
		}
	}
	return "not known"
}

// sides are the desired and the live object, where they exist.
func (d *differ) sides(i, l int) (objects []*state.Object) {
	if i >= 0 {
		objects = append(objects, &d.want.Objects[i])
	}
	if l >= 0 {
		objects = append(objects, &d.live.Objects[l])
	}
	return objects
}

// unique is the distinct hazards in alphabetical order.
func unique(hazards []schema.Hazard) []schema.Hazard {
	slices.Sort(hazards)
	return slices.Compact(hazards)
}
