package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rollcall/plan/report"
	"rollcall/state"
)

// defaultPath is what commands read that are given no path.
const defaultPath = "rollcall.yaml"

// load is loadShard for commands that have nothing to print of a shard without
// organizations: it says so, and only exit code 0 is left to return.
func (r *run) load(paths []string, o state.LoadOptions, end string) ([]*state.Desired, error) {
	all, err := r.loadShard(paths, o, end)
	if err == nil && len(all) == 0 {
		r.sayNoShard(len(r.fleet))
		err = &failure{code: exitOK}
	}
	return all, err
}

// sayNoShard says that the shard has none of the organizations, which are so many.
func (r *run) sayNoShard(all int) {
	r.say("shard %s is empty: %s for all shards", r.Shard, counted(all, "organization"))
}

// sayFewer says that the shard has none of the organizations that a credential sees.
func (r *run) sayFewer() {
	r.say("shard %s is empty: the credential sees fewer organizations", r.Shard)
}

// loadShard reads files, prints what is wrong with them and keeps the
// organizations that --org and --shard name, perhaps none of a shard. End
// closes the line of totals. After errors only an exit code is left to return.
func (r *run) loadShard(paths []string, o state.LoadOptions, end string) ([]*state.Desired, error) {
	if len(paths) == 0 {
		paths = []string{defaultPath}
	}
	var all []*state.Desired
	var notes state.Problems
	var err error
	r.loading(func() { all, notes, err = state.Load(paths, o) })
	var wrong state.Problems
	if errors.As(err, &wrong) {
		if missing := wrong[0]; len(paths) == 1 && paths[0] == defaultPath && missing.File == defaultPath && missing.Line == 0 && missing.Hint == "" {
			wrong[0].Hint = "rollcall export > " + defaultPath + " makes one of what is live"
		}
		r.problems(wrong)
		r.totals(wrong, end)
		if hint := r.aloneHint(state.Files(paths), o); hint != "" {
			fmt.Fprintln(r.err, "rollcall: hint: "+report.Clean(hint))
		}
		return nil, exit(exitError)
	}
	if err != nil {
		return nil, err
	}
	r.problems(notes)
	if all, err = r.chosen(all); err != nil {
		return nil, err
	}
	r.fleet = all
	return mine(r.Global, all), nil
}

// aloneHint is how to run what --org or --shard name although other files are
// wrong; "" if there is no such way. Only a file that is read without the
// others shows that it needs none of them.
func (r *run) aloneHint(files []string, o state.LoadOptions) string {
	switch {
	case len(files) < 2 || len(r.Org) == 0 && r.Shard == "":
		return ""
	case len(r.Org) == 0:
		return "files are checked as a whole, in every shard; a file that is named alone runs without the others"
	}
	var names, alone []string
	for _, file := range files {
		all, _, err := state.Load([]string{file}, o)
		if err == nil && slices.ContainsFunc(all, func(d *state.Desired) bool { return r.names(&d.Org) }) {
			names, alone = append(names, orgNames(all)...), append(alone, quote(file))
		}
	}
	for _, word := range r.Org {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, word) }) {
			return ""
		}
	}
	return "files are checked as a whole, and these errors are of others than --org names; what it names runs if its file is named alone: " + strings.Join(alone, " ")
}

// chosen are the documents that --org names, all without it.
func (r *run) chosen(all []*state.Desired) ([]*state.Desired, error) {
	if len(all) == 0 {
		return nil, hinted("a document starts with version: 1", "no organization is described in these files")
	}
	for _, word := range r.Org {
		if !slices.ContainsFunc(all, func(d *state.Desired) bool { return isOrg(&d.Org, word) }) {
			return nil, hinted("", "--org: no organization %q in these files%s", word, didYouMean(word, orgNames(all)))
		}
	}
	orgs := make([]state.Org, len(all))
	for i, d := range all {
		orgs[i] = d.Org
	}
	if err := r.namesOne(orgs); err != nil {
		return nil, err
	}
	if len(r.Org) == 0 {
		return all, nil
	}
	r.left = r.unnamed(orgs)
	return slices.DeleteFunc(slices.Clone(all), func(d *state.Desired) bool { return !r.names(&d.Org) }), nil
}

// names tells whether --org names an organization.
func (r *run) names(o *state.Org) bool {
	return slices.ContainsFunc(r.Org, func(word string) bool { return isOrg(o, word) })
}

// unnamed are the organizations that --org leaves out.
func (r *run) unnamed(orgs []state.Org) []state.Org {
	return slices.DeleteFunc(slices.Clone(orgs), func(o state.Org) bool { return r.names(&o) })
}

// namesOne refuses an --org that is the name of several organizations.
func (r *run) namesOne(orgs []state.Org) error {
	for _, word := range r.Org {
		if ids := namesakes(orgs, word); len(ids) > 1 {
			return usage("write the id of the one that is meant: "+strings.Join(ids, " or "), "--org: %d organizations are named %q", len(ids), word)
		}
	}
	return nil
}

// namesakes are the ids of the organizations that a word is the name of; none
// if it is an id.
func namesakes(orgs []state.Org, word string) (ids []string) {
	for i := range orgs {
		switch o := &orgs[i]; {
		case o.ID == word:
			return nil
		case isOrg(o, word):
			ids = append(ids, cmp.Or(o.ID, "no id"))
		}
	}
	return ids
}
