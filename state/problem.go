package state

import (
	"fmt"
	"strings"
)

// Severity grades a Problem.
type Severity uint8

const (
	Note Severity = iota
	Warning
	Error
)

// String is the severity as problems print it.
func (s Severity) String() string { return [...]string{"note", "warning", "error"}[s] }

// Problem is something wrong or remarkable in a file.
type Problem struct {
	Severity     Severity
	File         string // as the user named it; "" if it is of no file
	Line, Column int    // from 1; 0 if unknown
	Text         string // what, and what to do; one line
	Source       string // the line, redacted where it repeats a secret; "" if there is none
	Width        int    // characters under the caret; 0 is 1
	Hint         string // did you mean; "" if there is none
	Stands       int    // for how many problems, which are not listed; 0 for itself
}

// String is file:line:col: severity: text.
func (p Problem) String() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	if place == "" {
		return fmt.Sprintf("%s: %s", p.Severity, p.Text)
	}
	return fmt.Sprintf("%s: %s: %s", place, p.Severity, p.Text)
}

// Problems is the error of Load: everything that is wrong, in the order of
// files and lines.
type Problems []Problem

// Error is one line a problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Count is how many problems have a severity, those that are not listed too.
func (ps Problems) Count(s Severity) int {
	n := 0
	for _, p := range ps {
		if p.Severity == s {
			n += max(1, p.Stands)
		}
	}
	return n
}
