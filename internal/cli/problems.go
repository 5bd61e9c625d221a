package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"rollcall/plan/report"
	"rollcall/state"
)

// sourceWidth is how much of a long source line is shown.
const sourceWidth = 100

// problems prints what is wrong with files, each with its line and a caret,
// and hides notes and warnings as --quiet asks: notes only.
func (r *run) problems(all state.Problems) {
	for _, p := range all {
		if r.Quiet && p.Severity == state.Note {
			continue
		}
		printProblem(r.err, r.errColor, p)
		if r.annotate {
			printAnnotation(r.out, p)
		}
	}
}

// annotationValue and annotationText escape as GitHub's workflow commands
// ask for.
var (
	annotationText  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationValue = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// printAnnotation writes a problem as a workflow command, which GitHub shows
// at the line of a pull request.
func printAnnotation(w io.Writer, p state.Problem) {
	level := map[state.Severity]string{state.Error: "error", state.Warning: "warning", state.Note: "notice"}[p.Severity]
	place := ""
	if p.File != "" {
		place = " file=" + annotationValue.Replace(report.Clean(p.File))
	}
	if p.Line > 0 {
		place += fmt.Sprintf(",line=%d,col=%d", p.Line, p.Column)
	}
	text := p.Text
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	fmt.Fprintf(w, "::%s%s::%s\n", level, place, annotationText.Replace(report.Clean(text)))
}

// totals is the last line after problems: what they add up to.
func (r *run) totals(all state.Problems, end string) {
	if len(all) == 0 {
		return
	}
	files := map[string]bool{}
	for _, p := range all {
		if p.File != "" {
			files[p.File] = true
		}
	}
	parts := counted(all.Count(state.Error), "error")
	if n := all.Count(state.Warning); n > 0 {
		parts += ", " + counted(n, "warning")
	}
	fmt.Fprintf(r.err, "%s in %s.%s\n", parts, counted(len(files), "file"), end)
}

func printProblem(w io.Writer, c colors, p state.Problem) {
	place := report.Clean(p.File)
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", place, p.Line, p.Column)
	}
	if place != "" {
		place = c.bold(place+":") + " "
	}
	fmt.Fprintf(w, "%s%s %s\n", place, severity(c, p.Severity), report.Clean(p.Text))
	if p.Source != "" {
		line, caret := underline(p.Source, p.Column, p.Width)
		fmt.Fprintf(w, "    %s\n    %s\n", line, c.good(caret))
	}
	if p.Hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", report.Clean(p.Hint))
	}
}

func severity(c colors, s state.Severity) string {
	text := s.String() + ":"
	switch s {
	case state.Error:
		return c.bad(text)
	case state.Warning:
		return c.warn(text)
	}
	return c.faint(text)
}

// underline is a source line of at most sourceWidth characters around
// column (from 1), and the line below it with a caret and width characters.
func underline(source string, column, width int) (line, caret string) {
	runes := []rune(strings.TrimRight(source, "\r\n"))
	at := min(max(column-1, 0), len(runes))
	from := 0
	for from < at && unicode.IsSpace(runes[from]) {
		from++ // the indentation says nothing here
	}
	if at-from > sourceWidth/2 {
		from = at - sourceWidth/2
	}
	to := min(len(runes), from+sourceWidth)
	width = min(max(width, 1), max(to-at, 1))
	for i, r := range runes[from:to] {
		if text := string(r); report.Clean(text) != text {
			runes[from+i] = ' ' // one column, as the caret counts
		}
	}
	return string(runes[from:to]), strings.Repeat(" ", at-from) + "^" + strings.Repeat("~", width-1)
}

// counted is "1 error", "2 errors".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
