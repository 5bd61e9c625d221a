package sheet

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const asISO = "export dates as YYYY-MM-DD"

// forever is what programs write for a date that never comes.
const forever = "9999-12-31"

// noDay is what SAP and databases write for no date.
var noDay = regexp.MustCompile(`^(00000000|0000[-./]00[-./]00|00[-./]00[-./]0000)([T ][0:.]+)?$`)

// Days are the dates of a column as 2026-11-26, "" for a blank or wrong cell
// and for none (00000000, 9999-12-31). In which order days and months stand
// only the whole column can tell.
func (s *Sheet) Days(column int) (days []string, problems []Problem) {
	d := &dates{}
	cells := s.Column(column)
	for i := range cells {
		d.learn(cells[i])
	}
	if p, mixed := d.mixed(); mixed {
		problems = append(problems, p)
	}
	days = make([]string, len(cells))
	for i, c := range cells {
		if c.Text == "" || noDay.MatchString(c.Text) {
			continue
		}
		day, why := d.day(c.Text)
		switch {
		case why != "":
			problems = append(problems, c.at(Error, asISO, "%s", why))
		case day != forever:
			days[i] = day
		}
	}
	return days, problems
}

// dates is what a column says of its own order.
type dates struct {
	dayFirst, monthFirst *Cell // the first cell that can only be that
}

var (
	isoDay    = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})([T ][0-9:.,+Z-]*)?$`)
	compact   = regexp.MustCompile(`^(19|20|99)(\d\d)(\d\d)(\d\d)$`)
	numbers   = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})( [0-9:.]+( ?[AP]M)?)?$`)
	shortYear = regexp.MustCompile(`^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}$`)
	serial    = regexp.MustCompile(`^[2-7]\d{4}(\.\d+)?$`)
)

// learn looks whether a cell can be read in one order only. Dots are written
// where the day comes first.
func (d *dates) learn(c Cell) {
	m := numbers.FindStringSubmatch(c.Text)
	if m == nil || m[2] == "." {
		return
	}
	first, second := number(m[1]), number(m[3])
	switch {
	case first > 12 && second <= 12 && d.dayFirst == nil:
		d.dayFirst = &c
	case second > 12 && first <= 12 && d.monthFirst == nil:
		d.monthFirst = &c
	}
}

func (d *dates) mixed() (Problem, bool) {
	if d.dayFirst == nil || d.monthFirst == nil {
		return Problem{}, false
	}
	return d.monthFirst.at(Error, "Excel has read some as days and left others: import the file with this column as Text, or "+asISO,
		"the column has dates in two orders: %s here, and %s in line %d", d.monthFirst.Text, d.dayFirst.Text, d.dayFirst.Line), true
}

// day is a date as 2026-11-26, or why it is none.
func (d *dates) day(text string) (day, why string) {
	if m := isoDay.FindStringSubmatch(text); m != nil {
		return real(text, m[1], m[2], m[3])
	}
	if m := compact.FindStringSubmatch(text); m != nil {
		return real(text, m[1]+m[2], m[3], m[4])
	}
	if m := numbers.FindStringSubmatch(text); m != nil {
		return d.ordered(text, m[1], m[2], m[3], m[4])
	}
	for _, layout := range []string{"2-Jan-2006", "2 Jan 2006", "2 January 2006", "January 2, 2006", "Jan 2, 2006", "Jan 2 2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format(time.DateOnly), ""
		}
	}
	switch {
	case shortYear.MatchString(text):
		return "", fmt.Sprintf("%s has a year of two digits", text)
	case serial.MatchString(text):
		n, _ := strconv.ParseFloat(text, 64)
		return "", fmt.Sprintf("%s is how Excel counts days inside: it is probably %s", text, time.Date(1899, 12, 30+int(n), 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	return "", fmt.Sprintf("%q is no date", text)
}

// ordered is a date of numbers whose order the column decides.
func (d *dates) ordered(text, first, sign, second, year string) (day, why string) {
	switch {
	case sign == ".", d.dayFirst != nil && d.monthFirst == nil, number(first) > 12, first == second:
		return real(text, year, second, first)
	case d.monthFirst != nil && d.dayFirst == nil, number(second) > 12:
		return real(text, year, first, second)
	case d.dayFirst != nil:
		return "", fmt.Sprintf("whether %s is %s or %s cannot be told: the column has both orders", text, spelled(second, first), spelled(first, second))
	}
	return "", fmt.Sprintf("whether %s is %s or %s cannot be told: no date of the column has a day above 12", text, spelled(second, first), spelled(first, second))
}

// spelled is a day and month in words.
func spelled(month, day string) string {
	return fmt.Sprintf("%d %s", number(day), time.Month(number(month)))
}

// real is a day that there is.
func real(text, year, month, day string) (string, string) {
	iso := fmt.Sprintf("%s-%02d-%02d", year, number(month), number(day))
	if _, err := time.Parse(time.DateOnly, iso); err != nil {
		return "", fmt.Sprintf("there is no day %s", text)
	}
	return iso, ""
}

func number(text string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(text)) // digits: no error
	return n
}
