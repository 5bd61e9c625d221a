package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rollcall/schema"
	"rollcall/state"
)

// Canonical texts of state.
const (
	staged    = state.Staged
	activated = state.Activated
	suspended = state.Suspended
)

// createUser plans a person whom live does not have: one POST, after it an
// update for what a POST cannot carry, and the activation.
func (d *differ) createUser(i int) {
	o, in := &d.want.Objects[i], &d.want.Intents[i]
	at := d.objectPos(i)
	d.checkNew(i)
	wanted := cmp.Or(in.CreateState, staged)
	first := wanted
	if wanted == activated {
		first = staged
	}
	fields, later := d.createFields(i)
	fields = append(fields, Delta{Value: schema.Value{Field: schema.State, Text: first}})
	name := Name{Kind: schema.User, Name: o.Name}
	n := d.addTo(o.Key, Change{Action: Create, Object: name, Until: in.End, Fields: fields, Hazards: createHazards(fields), Source: d.source(at)})
	d.needManager(n)
	if len(later) > 0 {
		u := d.addTo(o.Key, Change{Action: Update, Object: name, Fields: later, Source: d.source(at), Reason: "cannot be sent when a user is created"})
		d.need(u, schema.User, o.Key, Create)
	}
	if wanted == activated {
		d.activate(i, name, "")
	}
}

// createFields is what a POST carries, and what only a PUT can.
func (d *differ) createFields(i int) (fields, later []Delta) {
	o := &d.want.Objects[i]
	for v, value := range o.Values {
		f := schema.Of(value.Field)
		switch {
		case f.ID == schema.State || f.Key || f.Alias || f.Type == schema.Secret:
		case f.Type != schema.Bool && (value.Text == f.Unset || value.Text == ""):
			// nothing to clear on a person who is not there
		case f.Type == schema.Ref:
			if key, ok := d.manager(f.Name, i, value.Text, d.valuePos(i, v)); ok {
				fields = append(fields, d.refDelta(f.ID, key, ""))
			}
		case f.Write&schema.Create == 0:
			later = append(later, Delta{Value: value})
		default:
			fields = append(fields, Delta{Value: value})
		}
	}
	if p := d.want.Intents[i].Password; !p.From.IsZero() {
		fields = append(fields, passwordDelta(p))
	}
	return fields, later
}

func passwordDelta(p state.Password) Delta {
	return Delta{Value: schema.Value{Field: schema.Password, Text: p.From.String()}, Secret: p.From}
}

// createHazards leaves out what is no danger for an account that nobody has yet.
func createHazards(fields []Delta) (found []schema.Hazard) {
	for _, delta := range fields {
		if h := hazardOf(delta); h == schema.Sudo || h == schema.MFAOff && schema.Of(delta.Field).Type == schema.Object {
			found = append(found, h)
		}
	}
	return unique(found)
}

// checkNew finds what makes a person impossible to create.
func (d *differ) checkNew(i int) {
	o := &d.want.Objects[i]
	at := d.objectPos(i)
	if why := state.BadUsername(o.Name); why != "" {
		d.problem(at, "", "user %q cannot be created: %s", o.Name, why)
	}
	if email, _ := o.Get(schema.Email, ""); email == "" {
		d.problem(at, "write email, or defaults.user.email: \"{username}@...\"", "user %q is not in JumpCloud and cannot be created without an e-mail", o.Name)
	}
}

// activate plans the request that lets a staged person in, and its mail.
func (d *differ) activate(i int, name Name, reason string) {
	mail := cmp.Or(d.want.Intents[i].ActivationEmail, "send")
	c := Change{Action: Activate, Object: name, Until: d.want.Intents[i].End, Mail: mail, Reason: reason, Source: d.source(d.objectPos(i)),
		Fields: []Delta{{Value: schema.Value{Field: schema.State, Text: activated}, Old: staged}}}
	if mail != "send" && mail != "none" {
		c.Hazards = []schema.Hazard{schema.Takeover}
	}
	key := d.key(i)
	n := d.addTo(key, c)
	d.need(n, schema.User, key, Create)
	d.need(n, schema.User, key, Update) // the mail goes to the address as it will be
}

// updateUser plans what differs of a live person.
func (d *differ) updateUser(i int) {
	l := int(d.pair[i])
	d.rename(i, l)
	fields, first := d.fields(i, l)
	fields = d.password(fields, i, l)
	now, _ := d.live.Objects[l].Get(schema.State, "")
	want, at, reason := d.wantedState(i, now)
	action, until := Update, ""
	switch {
	case want == "" && now == staged && d.want.Intents[i].CreateState == activated:
		d.stillStaged = append(d.stillStaged, i)
	case want == "" && now == activated && d.want.Intents[i].SourceState == suspended:
		d.stillActive = append(d.stillActive, i)
	case want == "" && now == suspended && d.isIn(i):
		d.stillSuspended = append(d.stillSuspended, i)
	case want == "" || want == now:
	case now == "" && want != suspended: // offline nobody knows what it changes
		fields, first = append(fields, Delta{Value: schema.Value{Field: schema.State, Text: want}}), at
	case want == staged:
		d.note(state.Note, at, "%s is %s and cannot be staged again", d.live.Objects[l].Name, strings.ToLower(now))
	case want == suspended:
		action = Suspend
	case now == staged:
		defer d.activate(i, d.liveName(l), reason)
	default:
		action, until = Reactivate, d.want.Intents[i].End
	}
	if action == Update {
		reason = ""
	} else {
		fields = append(fields, Delta{Value: schema.Value{Field: schema.State, Text: want}, Old: now})
		first = at
	}
	if len(fields) == 0 {
		return
	}
	if first == (state.Pos{}) {
		first = d.objectPos(i)
	}
	if action == Suspend {
		fields = d.managerLater(l, fields, first)
	}
	d.needManager(d.addTo(d.live.Objects[l].Key, Change{
		Action: action, Object: d.liveName(l), Until: until, Fields: fields, Keep: d.keep(l, fields), Source: d.source(first), Reason: reason,
	}))
}

// managerLater takes a manager who is to be created out of the fields of a
// suspension, which must not wait for that, into a change of its own.
func (d *differ) managerLater(l int, fields []Delta, at state.Pos) []Delta {
	later := slices.IndexFunc(fields, Delta.toBeCreated)
	if later < 0 {
		return fields
	}
	d.needManager(d.addTo(d.live.Objects[l].Key, Change{
		Action: Update, Object: d.liveName(l), Fields: fields[later : later+1 : later+1], Source: d.source(at),
		Reason: "the suspension does not wait for the manager to be created",
	}))
	return slices.Delete(slices.Clone(fields), later, later+1)
}

// toBeCreated tells whether a delta names a user whom an earlier change creates.
func (d Delta) toBeCreated() bool {
	return schema.Of(d.Field).Type == schema.Ref && d.Text != "" && d.RefID == ""
}

// staying says that people are in a state and stay so, and names the only one;
// people are desired ones, who are live.
func (d *differ) staying(people []int, in string) (text, only string) {
	names := make([]string, len(people))
	for n, i := range people {
		names[n] = d.live.Objects[d.pair[i]].Name
	}
	if len(names) == 1 {
		return names[0] + " is " + in + " and stays so", names[0]
	}
	return some(names) + " are " + in + " and stay so", ""
}

// placeOfOnly is where the only one of people is written, no place for several.
func (d *differ) placeOfOnly(people []int) (at state.Pos) {
	if len(people) == 1 {
		at = d.objectPos(people[0])
	}
	return at
}

// stagedNote warns of the people whom defaults would have let in if they
// were created now, as after a run that ended between creation and
// activation.
func (d *differ) stagedNote() {
	if len(d.stillStaged) > 0 {
		text, only := d.staying(d.stillStaged, "staged")
		d.note(state.Warning, d.placeOfOnly(d.stillStaged), "%s, although defaults say activated, which counts only when somebody is created: in YAML, write state: activated at %s", text, cmp.Or(only, "those who are to be let in"))
	}
}

// activeNote warns of the people whom a source calls suspended and who are
// activated: a cell suspends nobody.
func (d *differ) activeNote() {
	if len(d.stillActive) > 0 {
		text, _ := d.staying(d.stillActive, "activated")
		d.note(state.Warning, d.intentPos(d.stillActive[0]).SourceState, "%s, although a source says suspended, which counts only when somebody is created: map a date to end, or write state: suspended in YAML", text)
	}
}

// isIn tells whether by its dates or a source somebody is in today.
func (d *differ) isIn(i int) bool {
	in := &d.want.Intents[i]
	switch in.Due {
	case state.Waiting, state.Ended:
		return false
	case state.Started:
		return true
	}
	return in.SourceState == activated || in.End != "" && in.CreateState == activated
}

// suspendedNote warns of the people who are suspended, although dates or a
// source say that they are in: neither lets anybody in again.
func (d *differ) suspendedNote() {
	if len(d.stillSuspended) > 0 {
		text, _ := d.staying(d.stillSuspended, "suspended")
		d.note(state.Warning, d.placeOfOnly(d.stillSuspended), "%s, although dates or a source say otherwise, which let nobody in again: in YAML, state: activated lets in and state: suspended says that it is meant", text)
	}
}

// wantedState is the state that a person who is in one now must have, by the
// file or by a date, "" for any; reason is the date.
func (d *differ) wantedState(i int, now string) (text string, at state.Pos, reason string) {
	for v, value := range d.want.Objects[i].Values {
		if value.Field == schema.State {
			text, at = value.Text, d.valuePos(i, v)
		}
	}
	in := &d.want.Intents[i]
	switch {
	case now != "" && in.Silent(now):
		return "", state.Pos{}, ""
	case in.Due == state.Ended && in.Undated != suspended:
		reason = "end: " + in.End
	case in.Due == state.Started && now == staged:
		reason = "start: " + in.Start
	}
	return text, at, reason
}

// rename plans a new username as a change of its own: JumpCloud refuses it
// for people bound to devices, and their other fields must not wait for it.
func (d *differ) rename(i, l int) {
	o, live := &d.want.Objects[i], &d.live.Objects[l]
	if o.Key == live.Key {
		return
	}
	if why := state.BadUsername(o.Name); why != "" {
		d.problem(d.objectPos(i), "", "user %q cannot be renamed to %q: %s", live.Name, o.Name, why)
	}
	fields := d.unlock([]Delta{{Value: schema.Value{Field: schema.Username, Text: o.Name}, Old: live.Name}}, i, l)
	if len(fields) == 0 {
		return
	}
	d.add(Change{Action: Update, Object: d.liveName(l), Fields: fields, Source: d.source(d.intentPos(i).Was), Reason: "renamed (was: " + live.Name + ")"})
}

// password appends the password of a live person if it is older than the
// file says it must be.
func (d *differ) password(fields []Delta, i, l int) []Delta {
	p := d.want.Intents[i].Password
	if !p.From.IsZero() && p.Since.IsZero() {
		d.passwords = append(d.passwords, d.live.Objects[l].Name)
	}
	if p.From.IsZero() || p.Since.IsZero() || !d.live.Facts[l].PasswordDate.Before(p.Since) {
		return fields
	}
	if today := d.today(); !today.IsZero() && p.Since.After(today) {
		d.note(state.Note, d.intentPos(i).Password, "password of %s stays until %s, the day of since", d.live.Objects[l].Name, p.Since.Format(time.DateOnly))
		return fields
	}
	if by := d.lockedBy(l, schema.Password); by != "" {
		d.note(state.Warning, d.intentPos(i).Password, "password of %s is locked by %s and stays", d.live.Objects[l].Name, by)
		return fields
	}
	delta := passwordDelta(p)
	delta.Since = p.Since
	return append(fields, delta)
}

// passwordNote tells whose passwords the file refers to and are not set.
func (d *differ) passwordNote() {
	if len(d.passwords) > 0 {
		d.note(state.Note, state.Pos{}, "the password that the file gives %s is used only when a person is created; write since: DATE to set it now", some(d.passwords))
	}
}

// needManager makes a change wait for the creation of the manager it names.
func (d *differ) needManager(n int) {
	for _, f := range d.changes[n].Fields {
		if f.Field == schema.Manager && f.Text != "" {
			d.waitsFor = append(d.waitsFor, wait{n, schema.User, state.Fold(f.Text)})
		}
	}
}

// wait is a change that needs the creation of an object, whose change may
// not have been made yet.
type wait struct {
	change int
	kind   schema.Kind
	key    string
}

// young tells whether a live user was created less than seven days before
// the plan's day, or nobody knows when.
func (d *differ) young(l int) bool {
	created := d.live.Facts[l].Created
	today := d.today()
	return created.IsZero() || today.IsZero() || created.After(today.AddDate(0, 0, -7))
}
