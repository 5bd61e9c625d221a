package sheet

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Use is what a column is for: what damage it can have.
type Use uint8

const (
	Text       Use = iota
	Name           // of a person
	Private        // text that messages do not show
	Identifier     // a number that is a name: 00123
	Phone          // not shown either
)

const asText = "in Excel, import the file with this column as Text instead of opening it, or export it again from where it came"

var (
	errorValue = regexp.MustCompile(`^#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|GETTING_DATA|SPILL!|CALC!)$`)
	scientific = regexp.MustCompile(`^[0-9]([.,][0-9]+)?E\+[0-9]+$`)
	fraction   = regexp.MustCompile(`^[0-9]+[.,]0+$`)
	digits     = regexp.MustCompile(`^[0-9]+$`)
	dayNumber  = regexp.MustCompile(`^(0?[1-9]|[12][0-9]|3[01])[-. ](Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mär|Mai|Okt|Dez)$`)
)

// damages are what a spreadsheet makes of cells that are for some uses.
var damages = []struct {
	is   *regexp.Regexp
	uses []Use
	hint string
	text string
}{
	{errorValue, []Use{Text, Name, Private, Identifier, Phone}, "correct the formula and export again", "%s is an error of a spreadsheet, no value%s"},
	{scientific, []Use{Identifier, Phone}, asText, "%s is a number that Excel has rounded: its digits are lost%s"},
	{fraction, []Use{Identifier, Phone}, "export the column as text", "%s is a number with a fraction: a program has read it as an amount%s"},
	{dayNumber, []Use{Identifier}, asText, "%s is what Excel makes of a number such as 3-1: it has taken it for a date%s"},
}

// Damage is what a spreadsheet did to the cells of a column that is for use:
// each kind once, with the first place. Right tells which numbers are known to be
// as they should, without zeros in front; nil knows none.
func (s *Sheet) Damage(column int, use Use, right func(text string) bool) (problems []Problem) {
	cells := s.Column(column)
	for _, kind := range damages {
		if !slices.Contains(kind.uses, use) {
			continue
		}
		if found := matching(cells, kind.is); len(found) > 0 {
			problems = append(problems, found[0].at(Error, kind.hint, kind.text, shown(use, found[0].Text), andMore(len(found)-1)))
		}
	}
	if use == Identifier {
		if right == nil {
			right = func(string) bool { return false }
		}
		problems = append(problems, eatenZeros(cells, right)...)
	}
	return append(problems, lostLetters(cells, use)...)
}

// matching are the cells that a pattern is about.
func matching(cells []Cell, is *regexp.Regexp) (found []Cell) {
	for _, c := range cells {
		if is.MatchString(c.Text) {
			found = append(found, c)
		}
	}
	return found
}

// eatenZeros finds numbers that have lost the zeros in front: shorter than
// those that have kept theirs, or than nearly all others.
// Of those that have kept theirs there must be as many, else they may be the
// odd ones. Right are texts that are known to be as they should.
func eatenZeros(cells []Cell, right func(text string) bool) (problems []Problem) {
	widths, all, padded := map[int]int{}, 0, ""
	for _, c := range cells {
		if !digits.MatchString(c.Text) {
			continue
		}
		widths[len(c.Text)]++
		all++
		if c.Text[0] == '0' && len(c.Text) > len(padded) {
			padded = c.Text
		}
	}
	usual := 0
	for width, n := range widths {
		if n*10 >= all*8 {
			usual = width
		}
	}
	short := func(width int) (found []Cell) {
		for _, c := range cells {
			if digits.MatchString(c.Text) && len(c.Text) < width && c.Text[0] != '0' && !right(c.Text) {
				found = append(found, c)
			}
		}
		return found
	}
	if padded != "" {
		if found := short(len(padded)); len(found) > 0 {
			severity := Error
			if len(found) > widths[len(padded)] {
				severity = Warning
			}
			problems = append(problems, found[0].at(severity, asText, "%s has lost the zeros in front: other cells of the column have them, such as %s%s", found[0].Text, padded, andMore(len(found)-1)))
		}
		return problems
	}
	if found := short(usual); usual > 1 && all >= 5 && len(found) > 0 {
		problems = append(problems, found[0].at(Warning, asText, "%s is shorter than nearly all others of the column, which have %d digits, and was perhaps %s%s",
			found[0].Text, usual, strings.Repeat("0", usual-len(found[0].Text))+found[0].Text, andMore(len(found)-1)))
	}
	return problems
}

// andMore tells in how many rows it is the same as in the one that is shown.
func andMore(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return ", as in 1 more row"
	}
	return fmt.Sprintf(", as in %d more rows", n)
}

// shown is how messages name a cell: as it is written in them if it may be shown.
func shown(use Use, written string) string {
	if use == Private || use == Phone {
		return "what is here"
	}
	return written
}

// ordinal is a number as people count columns.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
