package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// The states of a user (facts.md section 4).
const (
	staged    = "STAGED"
	activated = "ACTIVATED"
	suspended = "SUSPENDED"
)

// theUser is the user that the path names.
func (c *call) theUser() (*user, *answer) {
	if u := c.org.byID[c.params["user"]]; u != nil {
		return u, nil
	}
	return nil, notFound()
}

// listUsers is GET /systemusers.
func listUsers(c *call) answer {
	q, problem := c.queryV1(userTable)
	if problem != nil {
		return *problem
	}
	page, total := selectPage(c.org.shownUsers(), q)
	return listV1(page, total, q.only)
}

// shownUsers are the users whom lists show by now.
func (o *org) shownUsers() []*user {
	return shown(o.list, o, func(u *user) time.Time { return u.visible })
}

// appears is when lists begin to show what is created now.
func (c *call) appears(now time.Time) time.Time {
	at := now.Add(time.Duration(c.fault.Late))
	if at.After(c.org.visible) {
		c.org.visible = at
	}
	return at
}

// getUser is GET /systemusers/{id}.
func getUser(c *call) answer {
	u, problem := c.theUser()
	if problem != nil {
		return *problem
	}
	return ok(u.appendJSON(nil, userTable.only(strings.Fields(c.query.Get("fields")), "_id", "id"), false))
}

// createUser is POST /systemusers.
func createUser(c *call) answer {
	body, problem := c.object()
	if problem != nil {
		return *problem
	}
	w := c.newUser(body)
	if problem := w.take(body); problem != nil {
		return *problem
	}
	for _, name := range []string{"email", "username"} {
		if w.user.text(name) == "" {
			return *bad("%s is required", name)
		}
	}
	if problem := w.settle(body); problem != nil {
		return *problem
	}
	if field := c.org.taken(w.user, nil); field != "" {
		return *c.duplicate(field)
	}
	u := &user{record: w.user, id: w.user.text("_id"), visible: c.appears(w.now)}
	c.org.giveUnix(u.record)
	c.org.insert(u)
	if u.text("state") == activated {
		c.org.greet(u, "")
	}
	return ok(u.appendJSON(nil, nil, false))
}

// writing is a write to a record that is the call's own.
func (c *call) writing(r record) *writing {
	detailed := c.query.Get("fullValidationDetails") == "password"
	return &writing{org: c.org, now: c.o.Now(), detailed: detailed, user: r}
}

// newUser begins the record of a new user.
func (c *call) newUser(body map[string]json.RawMessage) *writing {
	w := c.writing(userTable.fresh())
	w.create = true
	id := c.org.newID(w.now, "user", strings.ToLower(stringOf(body["username"])))
	w.user.setText("_id", id)
	w.user.setText("id", id)
	w.user.setText("organization", c.org.id)
	w.user.setText("created", timestamp(w.now))
	w.user.setText("creationSource", "jumpcloud:api")
	w.user.setText("state", c.org.settings.createState())
	if locks := c.org.settings.restrictedFields(); locks != nil {
		w.user.set("restrictedFields", mustJSON(locks))
	}
	return w
}

// duplicate answers a user who has another's unique value (facts.md sections
// 3 and 15).
func (c *call) duplicate(field string) *answer {
	status := c.o.DuplicateUserStatus
	if status == 0 {
		status = http.StatusBadRequest
	}
	return fail(status, "User already exists: another user has this %s", field)
}

// updateUser is PUT /systemusers/{id}: a merge of top-level keys, arrays
// replaced whole (facts.md section 3).
func updateUser(c *call) answer {
	u, problem := c.theUser()
	if problem != nil {
		return *problem
	}
	body, problem := c.object()
	if problem != nil {
		return *problem
	}
	w := c.writing(u.clone())
	if problem := c.refuseLocked(u, body); problem != nil {
		return *problem
	}
	if problem := w.take(body); problem != nil {
		return *problem
	}
	if problem := w.settle(body); problem != nil {
		return *problem
	}
	if u.bindings > 0 && w.user.text("username") != u.text("username") {
		return *bad("The username cannot be modified because the user is bound to one or more resources")
	}
	if field := c.org.taken(w.user, u); field != "" {
		return *c.duplicate(field)
	}
	wasStaged := u.text("state") == staged
	c.org.replace(u, w.user)
	if wasStaged && u.text("state") == activated {
		c.org.greet(u, "")
	}
	return ok(u.appendJSON(nil, nil, false))
}

// refuseLocked refuses a write to a field that restrictedFields locks, or
// takes it out of the body (facts.md section 15).
func (c *call) refuseLocked(u *user, body map[string]json.RawMessage) *answer {
	for _, field := range u.locked() {
		if _, written := body[field]; !written {
			continue
		}
		if !c.o.IgnoreLockedFields {
			return bad("%s is a restricted field and cannot be modified", field)
		}
		delete(body, field)
	}
	return nil
}

// locked are the fields that restrictedFields names.
func (u *user) locked() []string {
	var locks []RestrictedField
	json.Unmarshal(u.get("restrictedFields"), &locks)
	names := make([]string, len(locks))
	for i, l := range locks {
		names[i] = l.Field
	}
	return names
}

// take checks the members of a body in the table's order and stores them.
func (w *writing) take(body map[string]json.RawMessage) *answer {
	if problem := userTable.prune(w.org.o, body, w.create); problem != nil {
		return problem
	}
	for i, f := range userTable.fields {
		raw, written := body[f.name]
		if !written {
			continue
		}
		if p := f.shape.checkJSON(f.name, raw); p != "" {
			return bad("%s", p)
		}
		raw = compact(raw)
		if f.store != nil {
			var problem *answer
			if raw, problem = f.store(w, raw); problem != nil {
				return problem
			}
		}
		w.user.values[i] = raw
	}
	return nil
}

// prune finds members that a body may not have; with lenient options it
// takes them out.
func (t *table) prune(o *Options, body map[string]json.RawMessage, create bool) *answer {
	for _, name := range sortedKeys(body) {
		i, known := t.index[name]
		switch {
		case !known && !o.IgnoreUnknownFields:
			return bad("%s is not a known field", name)
		case !known:
			delete(body, name)
		case create && t.fields[i].post, !create && t.fields[i].put:
		case !o.IgnoreReadOnlyFields:
			return bad("%s cannot be written", name)
		default:
			delete(body, name)
		}
	}
	return nil
}

// settle makes the fields agree that depend on each other.
func (w *writing) settle(body map[string]json.RawMessage) *answer {
	if problem := w.settleState(body); problem != nil {
		return problem
	}
	if string(body["enable_user_portal_multifactor"]) == "false" && body["mfa"] == nil {
		w.user.set("mfa", withoutExclusion(w.user.get("mfa")))
	}
	if w.password {
		w.user.set("activated", json.RawMessage("true"))
		w.org.datePassword(w.user, w.now)
	}
	return nil
}

// withoutExclusion is an mfa object after the portal's factor was switched
// off (facts.md section 3).
func withoutExclusion(raw json.RawMessage) json.RawMessage {
	var mfa struct {
		Exclusion  bool `json:"exclusion"`
		Configured bool `json:"configured"`
	}
	json.Unmarshal(raw, &mfa)
	mfa.Exclusion = false
	return mustJSON(mfa)
}

// datePassword notes when the password was set.
func (o *org) datePassword(u record, now time.Time) {
	u.set("password_expired", json.RawMessage("false"))
	if !o.o.KeepPasswordDate {
		u.setText("password_date", timestamp(now))
	}
}

// settleState makes state and suspended mirror each other (facts.md section 4).
func (w *writing) settleState(body map[string]json.RawMessage) *answer {
	_, state := body["state"]
	_, flag := body["suspended"]
	is, on := w.user.text("state"), w.user.is("suspended")
	switch {
	case state && is == staged && !w.create && !w.org.o.StageAgain:
		return bad("state must be one of [%s %s]", activated, suspended)
	case state && flag && on != (is == suspended):
		return bad("Cannot save conflicting state and suspended fields. (state=%s suspended=%v)", is, on)
	case flag && !state && on:
		w.user.setText("state", suspended)
	case flag && !state && is == suspended:
		w.user.setText("state", activated)
	}
	w.user.set("suspended", mustJSON(w.user.text("state") == suspended))
	return nil
}

// greet logs the mail to a user who becomes active, to an address or, for
// "", where it goes by default (facts.md section 4).
func (o *org) greet(u *user, to string) {
	kind := "activation"
	if u.is("activated") || u.text("password_date") != "" {
		kind = "welcome"
	}
	if alternate := u.text("alternateEmail"); to == "" && kind == "activation" {
		to = alternate
	}
	if to == "" {
		to = u.text("email")
	}
	o.mail(to, kind, u.text("username"))
}

// deleteUser is DELETE /systemusers/{id} (facts.md sections 5 and 6).
func deleteUser(c *call) answer {
	u, problem := c.theUser()
	if problem != nil {
		return *problem
	}
	heir, cascade, problem := c.heir(u)
	if problem != nil {
		return *problem
	}
	reports := c.org.reportsOf(u)
	if len(reports) > 0 && !cascade && !c.o.DeleteManagers {
		return *fail(http.StatusConflict, "The user is the manager of %d users: remove or replace them as manager first", len(reports))
	}
	for _, report := range reports {
		r := report.clone()
		r.set("manager", heir)
		c.org.replace(report, r)
	}
	c.org.remove(u)
	return ok(u.appendJSON(nil, nil, false))
}

// heir is the manager that cascade_manager gives to the reports: null or a
// user's id.
func (c *call) heir(u *user) (heir json.RawMessage, cascade bool, problem *answer) {
	id := c.query.Get("cascade_manager")
	switch {
	case !c.query.Has("cascade_manager"):
		return json.RawMessage("null"), false, nil
	case id == "null":
		return json.RawMessage("null"), true, nil
	case id == u.id || c.org.byID[id] == nil:
		return nil, false, bad("cascade_manager is not another system user")
	}
	return mustJSON(id), true, nil
}

// reportsOf are the users whose manager a user is. The order is any.
func (o *org) reportsOf(u *user) []*user {
	var reports []*user
	for r := range o.reports[u.id] {
		if r != u {
			reports = append(reports, r)
		}
	}
	return reports
}
