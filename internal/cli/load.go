package cli

import (
	"cmp"
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
	o.Env, o.AsOf = r.env, r.now()
	all, notes, err := state.Load(paths, o)
	var wrong state.Problems
	if err != nil && !errors.As(err, &wrong) {
		return nil, err
	}
	found := sorted(notes, wrong)
	r.problems(found)
	if len(wrong) > 0 {
		r.totals(found, end)
		return nil, exit(exitError)
	}
	return r.chosen(all)
}

// sorted is several lists of problems in the order of files and lines, each
// problem once.
func sorted(lists ...state.Problems) state.Problems {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b state.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(all)
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
