package cli

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// allowText is [ORG:]NAME=VALUE. An organization or a value may hold colons
// and equal signs; the first word that is followed by = is NAME.
var allowText = regexp.MustCompile(`^(?:(.+?):)?([a-z_]+)=(.*)$`)

// allowNamed are what --allow takes with a name instead of a number.
var allowNamed = []string{"protected", "group"}

// parseAllow takes one --allow apart.
func parseAllow(text string) (plan.Allow, error) {
	m := allowText.FindStringSubmatch(text)
	if m == nil {
		return plan.Allow{}, fmt.Errorf("--allow is [ORG:]NAME=N, not %q", text)
	}
	a := plan.Allow{Org: m[1], Name: m[2]}
	if slices.Contains(allowNamed, a.Name) {
		if a.Value = m[3]; a.Value == "" {
			return plan.Allow{}, fmt.Errorf("--allow %s needs a name behind the =", text)
		}
		return a, nil
	}
	if !slices.Contains(plan.AllowNames(), a.Name) {
		return plan.Allow{}, fmt.Errorf("--allow %q: there is no limit %q%s", text, a.Name, didYouMean(a.Name, append(plan.AllowNames(), allowNamed...)))
	}
	n, err := strconv.Atoi(m[3])
	if err != nil || n < 0 {
		return plan.Allow{}, fmt.Errorf("--allow %s needs a whole number behind the =", text)
	}
	a.N = n
	return a, nil
}

// checkAllowed finds an --allow that names no organization, or one that no
// document can be about. With several documents each must name one. What a
// document does not say of its organization shows when that is found, and is
// checkFound's to check.
func checkAllowed(allowed []plan.Allow, all []*state.Desired, left []state.Org) error {
	orgs := make([]state.Org, len(all))
	known := true
	for i, d := range all {
		orgs[i] = d.Org
		known = known && d.ID != "" && d.Name != ""
	}
	for _, a := range allowed {
		if a.Org == "" && len(all) > 1 {
			return usage("write ORG:"+a.Name+"=...", "--allow %s: with several organizations it must name one", a.Name)
		}
	}
	if !known {
		return nil
	}
	return allowsOnly(allowed, orgs, left)
}

// checkFound finds an --allow that names none of the organizations that were
// found. As long as one was not, nobody can tell.
func checkFound(allowed []plan.Allow, sessions []*session, left []state.Org) error {
	orgs := make([]state.Org, len(sessions))
	for i, s := range sessions {
		if s.found.ID == "" {
			return nil
		}
		orgs[i] = state.Org{ID: s.found.ID, Name: cmp.Or(s.found.Name, s.desired.Name)}
	}
	return allowsOnly(allowed, orgs, left)
}

// allowsOnly finds an --allow that names none of the organizations of a run.
// Those that --org leaves out are told from those that nobody knows.
func allowsOnly(allowed []plan.Allow, orgs, left []state.Org) error {
	var names []string
	for i := range orgs {
		names = append(names, orgs[i].Name, orgs[i].ID)
	}
	for _, a := range allowed {
		if ids := namesakes(orgs, a.Org); len(ids) > 1 {
			return usage("write the id of the one that is meant: "+strings.Join(ids, " or "), "--allow %s: %d organizations are named %q", a.Name, len(ids), a.Org)
		}
		is := func(o state.Org) bool { return isOrg(&o, a.Org) }
		switch {
		case a.Org == "" || slices.ContainsFunc(orgs, is):
		case slices.ContainsFunc(left, is):
			return usage("leave out this --allow, or add --org "+quote(a.Org), "--allow %s: %q is not in this run, --org leaves it out", a.Name, a.Org)
		default:
			return usage("", "--allow %s: no organization %q%s", a.Name, a.Org, didYouMean(a.Org, names))
		}
	}
	return nil
}

// isOrg tells whether a word of the command line names an organization.
func isOrg(o *state.Org, word string) bool {
	return word == o.ID || strings.EqualFold(word, o.Name)
}

func orgNames(all []*state.Desired) []string {
	var names []string
	for _, d := range all {
		names = append(names, d.Name, d.ID)
	}
	return names
}

// didYouMean is the end of an error about a word that nobody knows.
func didYouMean(word string, candidates []string) string {
	if near := schema.Near(word, candidates); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}
