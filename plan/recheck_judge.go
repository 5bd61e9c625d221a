package plan

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// judgement is what live says about a change.
type judgement struct {
	left  bool    // something of the change is to be made
	why   string  // why not all of it; "" if the rest is made already
	stale []Delta // the fields that why is about; nil for the whole change
}

// judge leaves in a change only what is to be made.
func (r *rechecker) judge(c *Change) judgement {
	return r.inTime(c, r.judgeLive(c))
}

// inTime takes out of what is left of a change what lets somebody in whose
// last day is over. Other fields of somebody who was to be let in again are
// still written.
func (r *rechecker) inTime(c *Change, j judgement) judgement {
	if !j.left || c.Until == "" || r.opt.AsOf <= c.Until || c.Action == Update {
		return j
	}
	why := fmt.Sprintf("the last day, %s, is over", c.Until)
	if c.Action != Reactivate {
		return judgement{why: why}
	}
	if j.why != "" {
		why = j.why + "; " + why
	}
	at := slices.IndexFunc(c.Fields, func(f Delta) bool { return f.Field == schema.State })
	stale := append(j.stale, c.Fields[at])
	c.Fields = slices.Delete(c.Fields, at, at+1)
	c.Action, c.Until, c.Reason = Update, "", ""
	return judgement{left: len(c.Fields) > 0, why: why, stale: stale}
}

// judgeLive leaves in a change only what live does not have.
func (r *rechecker) judgeLive(c *Change) judgement {
	switch c.Action {
	case Create:
		return r.judgeCreate(c)
	case Delete:
		return r.judgeDelete(c)
	case Add, Remove:
		return r.judgeMember(c)
	}
	l, why := r.find(c.Object)
	switch {
	case why != "":
		return judgement{why: why}
	case l < 0:
		return judgement{left: true} // an earlier change creates it
	}
	c.Object = r.liveName(l)
	if c.Action == Activate {
		return r.judgeActivate(c, l)
	}
	return r.judgeFields(c, l)
}

// judgeCreate takes for made what live has with all that the plan gives it;
// the state may have gone on since.
func (r *rechecker) judgeCreate(c *Change) judgement {
	l, _ := r.find(Name{Kind: c.Object.Kind, Name: c.Object.Name})
	if l < 0 {
		why := r.managers(c)
		return judgement{left: why == "", why: why}
	}
	var other []string
	for _, f := range c.Fields {
		if f.Field != schema.State && schema.Of(f.Field).Type != schema.Secret && !r.holds(l, f) {
			other = append(other, f.Name())
		}
	}
	if len(other) > 0 {
		return judgement{why: fmt.Sprintf("%s is in JumpCloud already, with another %s", c.Object, strings.Join(other, ", "))}
	}
	return judgement{}
}

// judgeDelete never deletes somebody who was let in since.
func (r *rechecker) judgeDelete(c *Change) judgement {
	l, why := r.find(c.Object)
	if l < 0 {
		return judgement{}
	}
	if now, _ := r.live.Objects[l].Get(schema.State, ""); why == "" && now == activated {
		why = fmt.Sprintf("%s is active again and is not deleted", c.Object)
	}
	return judgement{left: why == "", why: why}
}

// judgeMember looks for a membership. What the plan itself creates has none
// yet, and a membership to remove has ended with its group or user.
func (r *rechecker) judgeMember(c *Change) judgement {
	for _, end := range []*Name{&c.Object, &c.To} {
		l, why := r.find(*end)
		switch {
		case l < 0 && c.Action == Remove:
			return judgement{}
		case why != "":
			return judgement{why: why}
		case l < 0:
			return judgement{left: true}
		}
		*end = r.liveName(l)
		if end.Kind == schema.Group && r.live.Facts[l].Dynamic && !r.becomesStatic(*end) {
			return judgement{why: fmt.Sprintf("%s is dynamic now, its rule makes the members", *end)}
		}
	}
	_, is := slices.BinarySearchFunc(r.live.Edges, r.edge(c), state.CompareEdges)
	return judgement{left: is == (c.Action == Remove)}
}

// becomesStatic tells whether the saved plan itself ends the rule of a group.
func (r *rechecker) becomesStatic(group Name) bool {
	return slices.ContainsFunc(r.changes, func(c Change) bool { return c.Object.ID == group.ID && changes(&c, schema.MembershipMethod) })
}

func (r *rechecker) judgeActivate(c *Change, l int) judgement {
	switch now, _ := r.live.Objects[l].Get(schema.State, ""); now {
	case staged:
		return judgement{left: true}
	case activated:
		return judgement{}
	default:
		return judgement{why: fmt.Sprintf("%s is %s now", c.Object, strings.ToLower(now))}
	}
}

// judgeFields keeps the fields that have the old value still.
func (r *rechecker) judgeFields(c *Change, l int) judgement {
	var j judgement
	var kept []Delta
	for _, f := range c.Fields {
		switch {
		case schema.Of(f.Field).Type == schema.Secret:
			if r.live.Facts[l].PasswordDate.Before(f.Since) {
				kept = append(kept, f)
			}
		case r.holds(l, f):
		case r.is(l, f.Value, f.Old):
			kept = append(kept, f)
		default:
			j.stale = append(j.stale, f)
		}
	}
	c.Fields = kept
	if why := r.managers(c); why != "" {
		at := slices.IndexFunc(kept, func(f Delta) bool { return f.Field == schema.Manager })
		j.stale, j.why = append(j.stale, kept[at]), why
		c.Fields = slices.Delete(kept, at, at+1)
	}
	if j.why == "" && len(j.stale) > 0 {
		j.why = fmt.Sprintf("%s of %s has changed since the plan was made", fieldNames(j.stale), c.Object)
	}
	c.Keep = r.keep(l, c.Fields)
	if c.Action != Update && !changes(c, schema.State) {
		c.Action, c.Until, c.Reason = Update, "", ""
	}
	j.left = len(c.Fields) > 0
	return j
}

func fieldNames(fields []Delta) string {
	all := make([]string, len(fields))
	for i := range fields {
		all[i] = fields[i].Name()
	}
	return strings.Join(all, ", ")
}

// managers completes the ids of managers that a change writes, and says
// which is not there any more.
func (r *rechecker) managers(c *Change) (why string) {
	for i := range c.Fields {
		f := &c.Fields[i]
		if schema.Of(f.Field).Type != schema.Ref || f.Text == "" {
			continue
		}
		l, why := r.find(Name{Kind: schema.User, Name: f.Text, ID: f.RefID})
		if why != "" {
			return "manager " + why
		}
		if l >= 0 {
			f.RefID = r.live.Objects[l].ID
		}
	}
	return ""
}

// now is the live text of a field or part.
func (r *rechecker) now(l int, v schema.Value) string {
	o, f := &r.live.Objects[l], schema.Of(v.Field)
	if f.Key {
		return o.Name
	}
	if text, ok := o.Get(v.Field, v.Part); ok {
		return text
	}
	return unset(v)
}

// unset is the text of a value that is not there.
func unset(v schema.Value) string {
	f := schema.Of(v.Field)
	if v.Part != "" || f.Type == schema.ByType || f.Type == schema.Map {
		return ""
	}
	return f.Unset
}

// managerID is the id of a live person's manager, who may have another name
// by now; "" for none.
func (r *rechecker) managerID(l int) string {
	key, _ := r.live.Objects[l].Get(schema.Manager, "")
	if m := r.live.Find(schema.User, key); m >= 0 {
		return r.live.Objects[m].ID
	}
	return ""
}

// formerly is the key that a live person had before the plan renamed them,
// "" if it has not.
func (r *rechecker) formerly(key string) string {
	if l := r.live.Find(schema.User, key); l >= 0 {
		return state.Fold(r.former[r.live.Objects[l].ID])
	}
	return ""
}

// holds tells whether a live object has what a delta writes. Whoever is its
// manager may have another name by now.
func (r *rechecker) holds(l int, d Delta) bool {
	return r.is(l, d.Value, d.Text) || d.RefID != "" && d.RefID == r.managerID(l)
}

// is tells whether a live field or part has a text of a plan, where a
// manager is a name and not a key.
func (r *rechecker) is(l int, v schema.Value, text string) bool {
	now := r.now(l, v)
	if text == "" {
		text = unset(v) // what was there before somebody was created
	}
	switch f := schema.Of(v.Field); {
	case f.Type == schema.Ref:
		return now == state.Fold(text) || now == text || text != "" && state.Fold(text) == r.formerly(now)
	case f.Key && f.Kind == schema.User:
		return now == text
	default:
		return schema.Equal(v.Field, now, text)
	}
}
