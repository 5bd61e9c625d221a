package plan

import (
	"encoding/json"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// fields is what differs between live values and those that the file
// wants. Locked fields are noted, not changed.
func (d *differ) fields(i, l int) (deltas []Delta, first state.Pos) {
	w, o := &d.want.Objects[i], &d.live.Objects[l]
	j := 0
	for v := range w.Values {
		want := &w.Values[v]
		order := -1
		for j < len(o.Values) {
			if order = schema.Compare(o.Values[j], *want); order >= 0 {
				break
			}
			j++
		}
		old := ""
		if order == 0 {
			old = o.Values[j].Text
		} else if want.Part == "" {
			old = schema.Of(want.Field).Unset
		}
		switch found := len(deltas); {
		case want.Text == old && want.Text != "[]":
			continue // the way of almost all values: nothing to look up
		default:
			deltas = d.field(deltas, i, l, v, old)
			if found == 0 && len(deltas) > 0 {
				first = d.valuePos(i, v)
			}
		}
	}
	return d.unlock(deltas, i, l), first
}

// field appends the difference of one value, if it is one.
func (d *differ) field(deltas []Delta, i, l, v int, old string) []Delta {
	want := d.want.Objects[i].Values[v]
	f := schema.Of(want.Field)
	switch {
	case f.ID == schema.State || f.Key || f.Alias || f.Type == schema.Secret:
		return deltas // planned apart
	case f.Write&schema.Update == 0:
		if want.Text != old {
			d.note(state.Note, d.valuePos(i, v), "%s of %s can only be written when a %s is created: %s",
				f.Name, d.want.Objects[i].Name, f.Kind, stays(schema.Value{Field: f.ID, Text: old}))
		}
		return deltas
	case f.Type == schema.ByType && want.Part == "":
		return d.others(deltas, i, l, f)
	case f.Type == schema.Ref:
		return d.ref(deltas, i, v, old)
	case schema.Equal(f.ID, old, want.Text):
		return deltas
	}
	return append(deltas, Delta{Value: want, Old: old})
}

// others removes the live entries of an array whose type the file does not
// name, which is what [] beside or instead of them means.
func (d *differ) others(deltas []Delta, i, l int, f *schema.Field) []Delta {
	for _, v := range d.live.Objects[l].Values {
		if v.Field != f.ID {
			continue
		}
		if _, named := d.want.Objects[i].Get(f.ID, v.Part); !named || v.Part == "" {
			deltas = append(deltas, Delta{Value: schema.Value{Field: f.ID, Part: v.Part}, Old: v.Text})
		}
	}
	return deltas
}

// ref compares a manager as a person, not as a text.
func (d *differ) ref(deltas []Delta, i, v int, old string) []Delta {
	want := d.want.Objects[i].Values[v]
	key, ok := d.manager(schema.Of(want.Field).Name, i, want.Text, d.valuePos(i, v))
	if !ok || key == old {
		return deltas
	}
	return append(deltas, d.refDelta(want.Field, key, old))
}

// refDelta is a delta from one user to another, by their keys.
func (d *differ) refDelta(f schema.FieldID, key, old string) Delta {
	delta := Delta{Value: schema.Value{Field: f, Text: key}, Old: old}
	if l := d.live.Find(schema.User, key); l >= 0 {
		delta.Text, delta.RefID = d.live.Objects[l].Name, d.live.Objects[l].ID
	} else if i := d.want.Find(schema.User, key); i >= 0 {
		delta.Text = d.want.Objects[i].Name
	}
	if l := d.live.Find(schema.User, old); l >= 0 {
		delta.Old = d.live.Objects[l].Name
	}
	return delta
}

// unlock leaves out the fields that another system owns.
func (d *differ) unlock(deltas []Delta, i, l int) []Delta {
	if len(deltas) == 0 || len(d.live.Facts[l].Locked) == 0 {
		return deltas
	}
	kept := deltas[:0]
	for _, delta := range deltas {
		by := d.lockedBy(l, delta.Field)
		if by == "" {
			kept = append(kept, delta)
			continue
		}
		d.note(state.Warning, d.objectPos(i), "%s of %s is locked by %s: %s, the file wants %s",
			delta.Name(), d.live.Objects[l].Name, by, stays(schema.Value{Field: delta.Field, Part: delta.Part, Text: delta.Old}), wanted(delta.Value))
	}
	return kept
}

// lockedBy is the system that locks a field of a live user, "" for none.
func (d *differ) lockedBy(l int, f schema.FieldID) string {
	for _, lock := range d.live.Facts[l].Locked {
		if lock.Field == f {
			return lock.By
		}
	}
	return ""
}

// stays says of a live value that it is not changed.
func stays(v schema.Value) string {
	if string(v.JSON()) == "null" {
		return "it stays unset"
	}
	return jsonText(v) + " stays"
}

// wanted is what a file says of a value.
func wanted(v schema.Value) string {
	if string(v.JSON()) == "null" {
		return "it cleared"
	}
	return jsonText(v)
}

// jsonText is a value for a sentence; personal ones are not shown there.
func jsonText(v schema.Value) string {
	if schema.Of(v.Field).Personal {
		return "a personal value"
	}
	return string(v.JSON())
}

// keep is the live entries of the array fields that deltas change in part,
// so that the request can carry the whole array.
func (d *differ) keep(l int, deltas []Delta) []state.Array {
	var kept []state.Array
	for _, a := range d.live.Facts[l].Arrays {
		for _, delta := range deltas {
			if delta.Field == a.Field {
				kept = append(kept, a)
				break
			}
		}
	}
	return kept
}

// hazards is what a reviewer must see first about deltas of a live object.
func (d *differ) hazards(k schema.Kind, deltas []Delta) (found []schema.Hazard) {
	for _, delta := range deltas {
		if h := hazardOf(delta); h != "" {
			found = append(found, h)
		}
		if k == schema.User && d.rulesRead(delta.Field) {
			found = append(found, schema.MayMoveGroups)
		}
	}
	return found
}

// rulesRead tells whether the rule of a dynamic group reads a field of users.
// A state is read by the names of what moves with it, too.
func (d *differ) rulesRead(f schema.FieldID) bool {
	if f == schema.State && (d.rules[schema.Of(schema.Suspended).Name] || d.rules[schema.Of(schema.Activated).Name]) {
		return true
	}
	return d.rules[schema.Of(f).Name]
}

// hazardOf is the hazard of one delta, "" for none.
func hazardOf(delta Delta) schema.Hazard {
	f := schema.Of(delta.Field)
	text, ok := delta.Text, true
	if f.HazardIn != "" {
		text, ok = member(delta, f.HazardIn)
	}
	if !ok || f.HazardAt != "" && f.HazardAt != text {
		return ""
	}
	return f.Hazard
}

// member is the JSON of what a path leads to: of a Map the part comes first.
func member(delta Delta, path string) (text string, ok bool) {
	if schema.Of(delta.Field).Type == schema.Map {
		part, rest, _ := strings.Cut(path, ".")
		if path = rest; delta.Part != part {
			return "", false
		}
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(delta.Text), &members) != nil {
		return "", false
	}
	raw, ok := members[path]
	return string(raw), ok
}

// collectRules finds which fields the rules of live dynamic groups read.
func (d *differ) collectRules() {
	groups, first := d.live.OfKind(schema.Group)
	for j := range groups {
		if !d.live.Facts[first+j].Dynamic {
			continue
		}
		text, _ := groups[j].Get(schema.MemberQuery, "")
		var query struct {
			Filters []struct {
				Field string `json:"field"`
			} `json:"filters"`
		}
		if text == "" || json.Unmarshal([]byte(text), &query) != nil {
			continue
		}
		for _, f := range query.Filters {
			if d.rules == nil {
				d.rules = map[string]bool{}
			}
			name, _, _ := strings.Cut(f.Field, ".")
			d.rules[name] = true
		}
	}
}
