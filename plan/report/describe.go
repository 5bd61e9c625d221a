package report

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// risks says in words what a hazard means.
var risks = map[schema.Hazard]string{
	schema.Takeover:       "whoever owns the new address, key or password can take the account over",
	schema.Sudo:           "becomes administrator of devices",
	schema.MFAOff:         "a second factor is no longer asked for",
	schema.RuleChange:     "the new rule decides who is a member",
	schema.NewlyExact:     "the file begins to own the whole membership: whoever it does not name leaves",
	schema.LosesBindings:  "device, application and directory bindings go with it",
	schema.MayMoveGroups:  "a dynamic group's rule reads this field: memberships may follow",
	schema.LastGroup:      "will be in no group any more",
	schema.PolicyLoosened: "this revision weakens protection or limits",
}

// risk says in words what a hazard means for a person or group.
func (b *block) risk(h schema.Hazard) string {
	if h == schema.Sudo && b.kind == schema.Group {
		return "its members become administrators of devices"
	}
	return risks[h]
}

// verb is what a change does to its object as a whole, in the future tense;
// "" for one that only changes fields.
func (s *subject) verb(c *plan.Change) string {
	switch c.Action {
	case plan.Create:
		return s.created(c)
	case plan.Suspend:
		return because(because("will be suspended: no more access", reasonOf(c)), stillManages(c))
	case plan.Reactivate:
		return because(lasting("will be reactivated: gets access again", c), reasonOf(c))
	case plan.Delete:
		return because("will be deleted: this cannot be undone", reasonOf(c))
	case plan.Activate:
		if s.creation() != nil {
			return "" // told with the creation
		}
		return because(lasting("will be activated: gets access", c)+"; "+s.mail(c, "the activation mail goes out"), reasonOf(c))
	case plan.Update:
		if name := renamed(c); name != "" {
			return "will be renamed to " + quoted(name)
		}
	}
	return ""
}

// stillManages names those who keep a suspended person as their manager.
func stillManages(c *plan.Change) string {
	if len(c.Reports) == 0 {
		return ""
	}
	return "still the manager of " + strings.Join(few(quotedAll(c.Reports)), " ")
}

// created is how a person or group comes to be.
func (s *subject) created(c *plan.Change) string {
	if c.Object.Kind == schema.Group {
		return because("will be created", c.Reason)
	}
	if i := slices.IndexFunc(s.own, func(c *plan.Change) bool { return c.Action == plan.Activate }); i >= 0 {
		return because(lasting("will be created and activated", c)+"; "+s.mail(s.own[i], "the only mail goes to "+s.inbox(c)), c.Reason)
	}
	if text, _ := field(c, schema.State); text == state.Suspended {
		return because("will be created, suspended: no access, no mail", c.Reason)
	}
	return because("will be created, staged: no access yet, no mail", c.Reason)
}

// mail is what an activation sends; usual is for the default.
func (s *subject) mail(c *plan.Change, usual string) string {
	switch c.Mail {
	case "none":
		return "no mail is sent"
	case "", "send":
		return usual
	}
	return "the only mail goes to " + Clean(s.values.address(c.Mail))
}

// inbox is where JumpCloud sends the mail of an activation by default: with
// a password to the primary address, without one to the second address if
// there is one (openapi-v1.json, /systemusers/{id}/state/activate).
func (s *subject) inbox(c *plan.Change) string {
	_, password := field(c, schema.Password)
	if text, ok := field(c, schema.AlternateEmail); ok && !password {
		return Clean(s.values.address(text))
	}
	text, _ := field(c, schema.Email)
	return Clean(text)
}

// origins say why something happens that nothing else explains.
var origins = map[plan.Origin]string{
	plan.Dropped: "no longer in the file",
	plan.Date:    "a date has come",
}

// reasonOf is why a change is made, "" if the file plainly says so.
func reasonOf(c *plan.Change) string { return cmp.Or(Clean(c.Reason), origins[c.Origin]) }

// because adds a reason to what happens.
func because(what, reason string) string {
	switch {
	case reason == "":
		return what
	case strings.Contains(what, ":"):
		return what + "; " + Clean(reason)
	}
	return what + ": " + Clean(reason)
}

// until says how long what a change gives lasts, "until 2026-12-31", "" if
// no date ends it.
func until(c *plan.Change) string {
	if c.Until == "" {
		return ""
	}
	return "until " + c.Until
}

// lasting adds to what a change gives how long that lasts.
func lasting(what string, c *plan.Change) string { return strings.TrimSpace(what + " " + until(c)) }

// renamed is the new name that a change gives its object, "" if it does not.
func renamed(c *plan.Change) string {
	for _, d := range c.Fields {
		if schema.Of(d.Field).Key {
			return d.Text
		}
	}
	return ""
}

// field is the new text of a field, and whether a change writes it.
func field(c *plan.Change, f schema.FieldID) (text string, ok bool) {
	for _, d := range c.Fields {
		if d.Field == f {
			return d.Text, true
		}
	}
	return "", false
}

// changeName is what a change does, in short.
func changeName(c *plan.Change) string {
	switch c.Action {
	case plan.Add:
		return "joins " + quoted(c.Object.Name)
	case plan.Remove:
		return "leaves " + quoted(c.Object.Name)
	}
	return string(c.Action)
}

// heldVerb is what a held change would do.
func (s values) heldVerb(h *plan.Held) string {
	switch h.Action {
	case plan.Add:
		return "would join " + quoted(h.Object.Name)
	case plan.Remove:
		return "would leave " + quoted(h.Object.Name)
	case plan.Reactivate:
		return "would be reactivated"
	case plan.Update:
		return "would change: " + strings.Join(s.heldValues(h), ", ")
	}
	return "would be " + strings.TrimSuffix(string(h.Action), "e") + "ed"
}

func (s values) heldValues(h *plan.Held) (changed []string) {
	for _, d := range h.Fields {
		if d.Origin == plan.Conflict {
			changed = append(changed, s.conflict(d).text())
			continue
		}
		for _, one := range s.deltas(d) {
			changed = append(changed, one.name+" "+one.text())
		}
	}
	return changed
}
