package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"rollcall/plan/report"
	"rollcall/state"
)

// explainErrors prints why organizations have no plan, those of one reason
// together, so that a key that many share is told once.
func (r *run) explainErrors(sessions []*session) {
	reason := func(s *session) string { return s.err.Error() + "\x00" + hintOf(s.err) }
	names := map[string][]string{}
	for _, s := range sessions {
		if s.err != nil {
			names[reason(s)] = append(names[reason(s)], s.label())
		}
	}
	for _, s := range sessions {
		var wrong state.Problems
		switch {
		case s.err == nil:
		case errors.As(s.err, &wrong):
			r.problems(wrong)
			r.totals(wrong, nothingChanged(s))
		case names[reason(s)] != nil:
			r.complain(fewNames(names[reason(s)]), s.err)
			names[reason(s)] = nil
		}
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

func nothingChanged(s *session) string { return fmt.Sprintf(" Nothing was changed in %s.", s.label()) }

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
			r.totals(wrong, nothingChanged(s))
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
