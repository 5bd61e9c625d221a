package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"rollcall/plan/report"
	"rollcall/state"
)

// explainErrors prints why organizations have no plan.
func (r *run) explainErrors(sessions []*session) {
	var all []complaint
	for _, s := range sessions {
		if s.err != nil {
			all = append(all, complaint{s.label(), s.err})
		}
	}
	r.complainTogether(all)
}

// complaint is an error of an organization.
type complaint struct {
	about string
	err   error
}

// complainTogether prints errors, each once with the organizations that have
// it, in the order of the first of these: what is wrong with a key that many
// share is told once.
func (r *run) complainTogether(all []complaint) {
	reason := func(c complaint) string { return c.err.Error() + "\x00" + hintOf(c.err) }
	names := map[string][]string{}
	for _, c := range all {
		names[reason(c)] = append(names[reason(c)], c.about)
	}
	for _, c := range all {
		about := names[reason(c)]
		if about == nil {
			continue
		}
		names[reason(c)] = nil
		var wrong state.Problems
		if errors.As(c.err, &wrong) {
			r.problems(wrong)
			r.totals(wrong, nothingChanged(fewNames(about)))
			continue
		}
		r.complain(fewNames(about), c.err)
	}
}

// mostNames are told of a longer list.
const mostNames = 8

// fewNames are the first names of a list, and how many more there are.
func fewNames(names []string) string {
	if more := len(names) - mostNames; more > 1 {
		return strings.Join(names[:mostNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

func nothingChanged(where string) string { return " Nothing was changed in " + where + "." }

// explainShown prints why organizations have no plan, after the text of the
// plan, which says so too: where both go to one place, only what is not in it,
// the hints of problems in files.
func (r *run) explainShown(sessions []*session) {
	if !samePlace(r.out.to, r.err) {
		r.explainErrors(sessions)
		return
	}
	if r.out.Flush() != nil {
		return // the end of the run says so
	}
	for _, s := range sessions {
		var wrong state.Problems
		if errors.As(s.err, &wrong) {
			r.hints(wrong)
			r.totals(wrong, nothingChanged(s.label()))
		}
	}
}

// hints prints what to do about problems that have been printed.
func (r *run) hints(all state.Problems) {
	for _, p := range all {
		if p.Hint != "" {
			fmt.Fprintf(r.err, "%s hint: %s\n", r.errColor.bold(fmt.Sprintf("%s:%d:%d:", report.Clean(p.File), p.Line, p.Column)), report.Clean(p.Hint))
		}
	}
}

// samePlace tells whether two streams are one terminal, pipe or file.
func samePlace(a, b any) bool {
	x, y := fileOf(a), fileOf(b)
	if x == nil || y == nil {
		return false
	}
	one, err := x.Stat()
	other, otherErr := y.Stat()
	return err == nil && otherErr == nil && os.SameFile(one, other)
}

// fileOf is the file behind a stream, nil if there is none.
func fileOf(stream any) *os.File {
	if s, ok := stream.(*shared); ok {
		stream = s.to
	}
	f, _ := stream.(*os.File)
	return f
}
