package cli

import (
	"errors"
	"slices"

	"rollcall/state"
)

// defaultPath is what commands read that are given no path.
const defaultPath = "rollcall.yaml"

// load reads files, prints what is wrong with them and keeps the
// organizations that --org names. End closes the line of totals. After
// errors only an exit code is left to return.
func (r *run) load(paths []string, o state.LoadOptions, end string) ([]*state.Desired, error) {
	if len(paths) == 0 {
		paths = []string{defaultPath}
	}
	all, notes, err := state.Load(paths, o)
	var wrong state.Problems
	if errors.As(err, &wrong) {
		if missing := wrong[0]; len(paths) == 1 && paths[0] == defaultPath && missing.File == defaultPath && missing.Line == 0 && missing.Hint == "" {
			wrong[0].Hint = "rollcall export > " + defaultPath + " makes one of what is live"
		}
		r.problems(wrong)
		r.totals(wrong, end)
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
	some := mine(r.Global, all)
	if len(some) == 0 {
		r.say("shard %s has none of the %s", r.Shard, counted(len(all), "organization"))
		return nil, &failure{code: exitOK}
	}
	return some, nil
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
	if len(r.Org) == 0 {
		return all, nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(d *state.Desired) bool {
		return !slices.ContainsFunc(r.Org, func(word string) bool { return isOrg(&d.Org, word) })
	}), nil
}
