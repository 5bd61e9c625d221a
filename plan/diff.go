package plan

import "rollcall/state"

// Diff is what must change to make live as desired. Base is the desired
// state of another revision, nil for none. Errors in the desired state that
// only live can show are returned as state.Problems.
func Diff(base *state.Desired, live *state.Live, desired *state.Desired, o Options) (*Org, error) {
	return nil, nil
}
