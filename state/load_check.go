package state

import (
	"slices"
	"strings"
	"unicode/utf8"

	"rollcall/schema"
)

// check finds what is wrong between the entries of an organization, and
// resolves the people whom they name.
func (a *assembly) check() {
	for _, e := range a.drafts {
		a.checkName(e)
		a.checkWas(e)
		a.checkDates(e)
	}
	a.checkCase()
	a.checkUnique()
	a.managers()
	a.heirs()
	a.memberships()
}

// longUsername is what macOS and Linux take (facts.md section 3).
const longUsername = 30

// checkName finds names that cannot be, and those that policy ignores.
func (a *assembly) checkName(e *draft) {
	if a.ignored(e.Kind, e.Name) {
		a.errorf(e.at, "%s %q is ignored by policy.ignore and cannot be in the file", e.Kind, e.Name)
	}
	switch {
	case e.Name == "" || e.intent.Absent:
	case hexID.MatchString(e.Name):
		a.doubt(e.at, "", "%q looks like an id: people and groups are written by name", e.Name)
	case e.Kind == schema.User:
		a.checkUsername(e)
	}
}

func (a *assembly) checkUsername(e *draft) {
	hint := ""
	if strings.Contains(e.Name, "@") {
		hint = "the key is the username; the e-mail stands below it: email: " + Fold(e.Name)
	}
	switch why := BadUsername(e.Name); {
	case why != "" && len(e.intent.Was) > 0:
		a.add(Error, e.at, hint, "user %q cannot get this name: %s", e.Name, why)
	case why != "":
		a.doubt(e.at, hint, "user %q can only be somebody who exists: %s", e.Name, why)
	case utf8.RuneCountInString(e.Name) > longUsername:
		a.add(Warning, e.at, "", "username %q has %d characters; macOS and Linux take 30, Windows 20", e.Name, utf8.RuneCountInString(e.Name))
	}
}

func (a *assembly) ignored(k schema.Kind, name string) bool {
	if k == schema.User {
		return a.d.Policy.Ignore.User(name)
	}
	return a.d.Policy.Ignore.Group(name)
}

// checkWas finds former names that are still in the file, or claimed twice.
func (a *assembly) checkWas(e *draft) {
	for _, was := range e.intent.Was {
		k := objectKey{e.Kind, was}
		switch other := a.byKey[k]; {
		case other == e:
			a.errorf(e.wrote.was, "%s %q was %q: that is its name now", e.Kind, e.Name, was)
		case other != nil:
			a.errorf(e.wrote.was, "%s %q was %q, but %s is in the file too, at %s", e.Kind, e.Name, was, other.Name, other.at)
		}
		if other := a.was[k]; other != nil {
			a.errorf(e.wrote.was, "%s %q was %q, and so was %q, at %s", e.Kind, e.Name, was, other.Name, other.wrote.was)
		}
		a.was[k] = e
	}
}

// checkCase finds groups whose names differ only in case: to JumpCloud they
// are two.
func (a *assembly) checkCase() {
	first := map[string]*draft{}
	for _, e := range a.drafts {
		if e.Kind != schema.Group || e.intent.Absent {
			continue
		}
		folded := strings.ToLower(e.Name)
		if other := first[folded]; other != nil {
			a.add(Warning, e.at, "", "group %q differs only in case from %q, at %s: these are two groups", e.Name, other.Name, other.at)
			continue
		}
		first[folded] = e
	}
}

// checkUnique finds people who share what only one can have.
func (a *assembly) checkUnique() {
	for _, row := range []struct {
		field schema.FieldID
		grade Severity
	}{{schema.Email, Error}, {schema.EmployeeIdentifier, Error}, {schema.UnixUID, Warning}} {
		first := make(map[string]*draft, len(a.drafts))
		for _, e := range a.drafts {
			text, at := e.find(row.field)
			if text == "" {
				continue
			}
			other := first[Fold(text)]
			if other == nil {
				first[Fold(text)] = e
				continue
			}
			_, there := other.find(row.field)
			name := schema.Of(row.field).Name
			a.add(row.grade, at, "give one of them another "+name, "%s %q of %s is that of %s too, at %s", name, text, e.Name, other.Name, there)
		}
	}
}

// find is the text of a field and where it is written.
func (e *draft) find(f schema.FieldID) (string, place) {
	if i := e.index(f); i >= 0 {
		return e.Values[i].Text, e.from[i]
	}
	return "", place{}
}

// index is the place of a field in Values, -1 if it is not there.
func (e *draft) index(f schema.FieldID) int {
	return slices.IndexFunc(e.Values, func(v schema.Value) bool { return v.Field == f })
}

// listed are the names of the entries of a kind, for hints.
func (a *assembly) listed(k schema.Kind) []string {
	if a.lists[k] == nil {
		a.lists[k] = []string{}
		for _, e := range a.drafts {
			if e.Kind == k {
				a.lists[k] = append(a.lists[k], e.Name)
			}
		}
	}
	return a.lists[k]
}

// meant is a hint at the entry that a name most likely means, "" if there
// is none.
func (a *assembly) meant(k schema.Kind, name string) string {
	if e := a.was[objectKey{k, keyOf(k, name)}]; e != nil {
		return "this is now " + e.Name + " (was, at " + e.wrote.was.String() + ")"
	}
	return a.near.hint(a.src.name+a.d.ID+a.d.Name+k.String(), name, a.listed(k))
}

// checkDates finds people whose last day is before their first.
func (a *assembly) checkDates(e *draft) {
	if in := &e.intent; in.Start != "" && in.End != "" && in.End < in.Start {
		a.add(Error, e.wrote.end, "", "end: %s of %s is before start: %s", in.End, e.Name, in.Start)
	}
}
