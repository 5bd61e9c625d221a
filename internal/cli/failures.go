package cli

import (
	"errors"
	"fmt"
	"os"

	"rollcall/plan/report"
	"rollcall/state"
)

// explainErrors prints why organizations have no plan.
func (r *run) explainErrors(sessions []*session) {
	for _, s := range sessions {
		var wrong state.Problems
		switch {
		case s.err == nil:
		case errors.As(s.err, &wrong):
			r.problems(wrong)
			r.totals(wrong, nothingChanged(s))
		default:
			r.complain(s.label(), s.err)
		}
	}
}

func nothingChanged(s *session) string { return fmt.Sprintf(" Nothing was changed in %s.", s.label()) }

// explainShown prints why organizations have no plan, after the text of the
// plan, which says so too: where both go to one place, only what is not in it.
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
		switch {
		case s.err == nil:
		case errors.As(s.err, &wrong):
			r.hints(wrong)
			r.totals(wrong, nothingChanged(s))
		default:
			fmt.Fprintln(r.err, r.errColor.bad("rollcall: "+s.label()+":")+" no plan, for the reason above")
			r.hint(s.err)
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
