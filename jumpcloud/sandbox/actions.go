package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
)

// actOn finds the user of an action and lets it change a copy of their record.
func (c *call) actOn(act func(u *user, r record) *answer) answer {
	u, problem := c.theUser()
	if problem != nil {
		return *problem
	}
	r := u.clone()
	if problem := act(u, r); problem != nil {
		return *problem
	}
	c.org.replace(u, r)
	return done()
}

// activateUser is POST /systemusers/{id}/state/activate: STAGED becomes
// ACTIVATED, and a mail goes out unless the body says {"email":false}.
func activateUser(c *call) answer {
	body, problem := c.object()
	if problem != nil {
		return *problem
	}
	to, silent, problem := mailTarget(body)
	if problem != nil {
		return *problem
	}
	a := c.actOn(func(u *user, r record) *answer {
		if u.text("state") != staged {
			return fail(http.StatusConflict, "The user is not staged")
		}
		r.setText("state", activated)
		return nil
	})
	if a.status == http.StatusOK && !silent {
		c.org.greet(c.org.byID[c.params["user"]], to)
	}
	return a
}

// mailTarget reads the email of an activation: a boolean or an address.
func mailTarget(body map[string]json.RawMessage) (to string, silent bool, problem *answer) {
	for _, name := range sortedKeys(body) {
		if name != "email" {
			return "", false, bad("%s is not a known field", name)
		}
	}
	switch raw := string(body["email"]); raw {
	case "", "true":
		return "", false, nil
	case "false":
		return "", true, nil
	default:
		to = stringOf(json.RawMessage(raw))
	}
	if !isEmail(to) {
		return "", false, bad("email must be true, false or an e-mail address")
	}
	return to, false, nil
}

// suspendUser is POST /systemusers/{id}/state/suspend.
func suspendUser(c *call) answer {
	a := c.actOn(func(u *user, r record) *answer {
		if u.text("state") == suspended {
			return fail(http.StatusConflict, "The user is suspended already")
		}
		r.setText("state", suspended)
		r.set("suspended", json.RawMessage("true"))
		return nil
	})
	return a.empty()
}

// empty is a successful answer without its body, for the operations that
// document none.
func (a answer) empty() answer {
	if a.status == http.StatusOK {
		a.body = nil
	}
	return a
}

// unlockUser is POST /systemusers/{id}/unlock.
func unlockUser(c *call) answer {
	return c.actOn(func(u *user, r record) *answer {
		r.set("account_locked", json.RawMessage("false"))
		r.set("account_locked_date", json.RawMessage("null"))
		return nil
	})
}

// expireUser is POST /systemusers/{id}/expire.
func expireUser(c *call) answer {
	return c.actOn(func(u *user, r record) *answer {
		r.set("password_expired", json.RawMessage("true"))
		return nil
	})
}

// resetMFA is POST /systemusers/{id}/resetmfa.
func resetMFA(c *call) answer {
	s := shape{kind: object, members: map[string]shape{"exclusion": flag, "exclusionUntil": anyText, "exclusionDays": number}}
	if problem := c.read(&s, &struct{}{}); problem != nil {
		return *problem
	}
	return c.actOn(func(u *user, r record) *answer {
		w := c.writing(r)
		body := c.body
		if len(body) == 0 {
			body = []byte("{}")
		}
		mfa, problem := storeMFA(w, body)
		if problem != nil {
			return problem
		}
		r.set("mfa", mfa)
		r.set("totp_enabled", json.RawMessage("false"))
		return nil
	})
}

// setPassword is POST /systemusers/{id}/password.
func setPassword(c *call) answer {
	var body struct{ Password string }
	s := shape{kind: object, members: map[string]shape{"password": anyText}, required: []string{"password"}}
	if problem := c.read(&s, &body); problem != nil {
		return *problem
	}
	a := c.actOn(func(u *user, r record) *answer {
		if slices.Contains(u.locked(), "password") {
			return bad("password is a restricted field and cannot be modified")
		}
		if problem := c.org.checkPassword(body.Password, false); problem != nil {
			return problem
		}
		r.set("activated", json.RawMessage("true"))
		c.org.datePassword(r, c.o.Now())
		return nil
	})
	return a.empty()
}

// listSSHKeys is GET /systemusers/{id}/sshkeys.
func listSSHKeys(c *call) answer {
	u, problem := c.theUser()
	if problem != nil {
		return *problem
	}
	return ok(u.get("ssh_keys"))
}

// addSSHKey is POST /systemusers/{id}/sshkeys.
func addSSHKey(c *call) answer {
	if problem := c.read(&sshKey, &struct{}{}); problem != nil {
		return *problem
	}
	var key json.RawMessage
	a := c.actOn(func(u *user, r record) *answer {
		keys := splitList(u.get("ssh_keys"))
		added := []json.RawMessage{compact(c.body)}
		identify(added, "_id", u.id)
		key = withMember(added[0], "create_date", timestamp(c.o.Now()))
		id := memberText(key, "_id")
		if slices.ContainsFunc(keys, func(k json.RawMessage) bool { return memberText(k, "_id") == id }) {
			return bad("The user has this key already")
		}
		r.set("ssh_keys", joinList(append(keys, key)))
		return nil
	})
	if a.status == http.StatusOK {
		a.body = key
	}
	return a
}

// deleteSSHKey is DELETE /systemusers/{systemuser_id}/sshkeys/{id}.
func deleteSSHKey(c *call) answer {
	return c.actOn(func(u *user, r record) *answer {
		keys := splitList(u.get("ssh_keys"))
		i := slices.IndexFunc(keys, func(k json.RawMessage) bool { return memberText(k, "_id") == c.params["key"] })
		if i < 0 {
			return notFound()
		}
		r.set("ssh_keys", joinList(slices.Delete(keys, i, i+1)))
		return nil
	})
}

// memberText is a string member of a JSON object, "" if there is none.
func memberText(raw json.RawMessage, name string) string {
	var m map[string]json.RawMessage
	json.Unmarshal(raw, &m)
	return stringOf(m[name])
}
