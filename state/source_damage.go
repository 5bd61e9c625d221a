package state

import (
	"fmt"
	"strconv"
	"strings"
)

// flaws are damaged cells, by column and by what happened to them. The first of
// each is told, and how many more there are: a spreadsheet spares nobody, and a
// file may have 20,000 people.
type flaws map[flawOf]*flaw

// flawOf is a column and what happened to it.
type flawOf struct {
	aim  *aim
	what string
}

// flaw is the first cell of a kind.
type flaw struct {
	severity   Severity
	at         got
	text, hint string
	more       int
}

const (
	eaten = "eaten zeros"
)

// flaw notes a damaged cell. Before it is known who is live nothing is noted,
// and nothing of a base, which is as it is.
func (a *assembly) flaw(s Severity, what string, g got, hint, format string, args ...any) {
	if a.pending() || a.past {
		return
	}
	if a.flaws == nil {
		a.flaws = flaws{}
	}
	f := a.flaws[flawOf{g.aim, what}]
	if f == nil {
		a.flaws[flawOf{g.aim, what}] = &flaw{s, g, fmt.Sprintf(format, args...), hint, 0}
		return
	}
	f.more++
	if g.row < f.at.row {
		f.at, f.hint, f.text = g, hint, fmt.Sprintf(format, args...)
	}
}

// tell records the problems. Their order is that of files and lines.
func (all flaws) tell(l *loader) {
	for _, f := range all {
		text := f.at.title() + ": " + f.text
		if f.more > 0 {
			text += ", as in " + plural(f.more, "more row")
		}
		l.add(f.severity, f.at.at(), f.hint, "%s", text)
	}
}

const exportAsText = "export the column as text; in Excel, import the file with this column as Text instead of opening it"

// eatenZeros refuses a number that nobody has, where somebody live has it with
// zeros in front, and is that person; -1 for none.
func (a *assembly) eatenZeros(p *tablePerson) int {
	key := p.source.key.name
	if key == "email" || key == "username" {
		return -1
	}
	for _, padded := range zerosInFront(p.key) {
		if found := a.liveWith(key, padded); len(found) > 0 {
			a.flaw(Error, eaten, p.cell(key), exportAsText, "%s is nobody in JumpCloud, and %s is %s: a spreadsheet has eaten the zeros in front", p.key, padded, a.live.Objects[found[0]].Name)
			if a.past {
				p.skipped = "is somebody else by now"
			}
			return found[0]
		}
	}
	return -1
}

// zerosInFront are the numbers that may have become a text without the zeros
// in front, none if that is no number.
func zerosInFront(text string) (padded []string) {
	const longest = 12
	if _, err := strconv.ParseUint(text, 10, 64); err != nil {
		return nil
	}
	for n := 1; n <= longest-len(text); n++ {
		padded = append(padded, strings.Repeat("0", n)+text)
	}
	return padded
}
