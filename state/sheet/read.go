package sheet

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Read reads a table. What is wrong is in the problems, all of it in the order
// of lines; the sheet is nil only if there are no rows to be told apart.
func Read(file []byte) (*Sheet, []Problem) {
	text, encodingName, problems := decode(file)
	if encodingName == "" {
		return nil, problems
	}
	s := &Sheet{Encoding: encodingName, Lines: strings.Split(text, "\n")}
	r := &reader{sheet: s, problems: problems}
	body, skipped := r.separator(text)
	if s.Delimiter == 0 {
		s.Delimiter = delimiterOf(body)
	}
	records := r.records(body, skipped)
	if len(records) == 0 {
		return nil, append(r.problems, Problem{Text: "there is no line with headings", Hint: "the first line names the columns"})
	}
	r.table(records)
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
	return s, r.problems
}

// reader gathers a sheet and what is wrong with it.
type reader struct {
	sheet    *Sheet
	problems []Problem
	last     struct{ line, column, character int } // the place that was counted last: cells come in order
}

// separator reads Excel's first line sep=; and is the text behind it, and how
// many lines that leaves out.
func (r *reader) separator(text string) (body string, lines int) {
	first, rest, _ := strings.Cut(text, "\n")
	word := strings.ToLower(trimmed(first))
	for _, d := range delimiters {
		if word == "sep="+string(d) || d == '\t' && word == "sep=" {
			r.sheet.Delimiter = d
			return rest, 1
		}
	}
	return text, 0
}

// delimiters are those that programs write, the usual ones first.
var delimiters = []rune{',', ';', '\t', '|'}

// delimiterOf is the delimiter by which most of the first lines have as many
// cells as the headings, and more than one; a comma if none has.
func delimiterOf(text string) rune {
	const sample = 50
	best, most := ',', 0
	for _, d := range delimiters {
		in := newCSV(text, d)
		width, score := 0, 0
		for n := 0; n < sample; n++ {
			record, err := in.Read()
			if err != nil {
				break
			}
			switch {
			case n == 0:
				width = len(record)
				score = width
			case len(record) == width:
				score += width
			}
		}
		if width > 1 && score > most {
			best, most = d, score
		}
	}
	return best
}

func newCSV(text string, delimiter rune) *csv.Reader {
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord = delimiter, -1
	return in
}

// records are the lines of cells, blank ones left out. What the syntax does
// not allow ends them: what follows could be anything.
func (r *reader) records(text string, skipped int) (records [][]Cell) {
	in := newCSV(text, r.sheet.Delimiter)
	for {
		fields, err := in.Read()
		var wrong *csv.ParseError
		switch {
		case errors.As(err, &wrong):
			r.problems = append(r.problems, r.syntax(wrong, skipped))
			return records
		case err != nil:
			return records // the end: a text has no other errors
		}
		record := make([]Cell, len(fields))
		for i, field := range fields {
			line, column := in.FieldPos(i)
			line += skipped
			record[i] = Cell{trimmed(field), line, r.character(line, column)}
		}
		if !isBlank(record) {
			records = append(records, record)
		}
	}
}

func isBlank(record []Cell) bool {
	return !slices.ContainsFunc(record, func(c Cell) bool { return c.Text != "" })
}

// character is the character of a line at a byte of it, both from 1. It is
// counted from the cell before on: a line may have very many.
func (r *reader) character(line, column int) int {
	text := r.sheet.Lines[line-1]
	column = min(len(text)+1, column)
	if r.last.line != line || r.last.column > column {
		r.last.line, r.last.column, r.last.character = line, 1, 1
	}
	r.last.character += utf8.RuneCountInString(text[r.last.column-1 : column-1])
	r.last.column = column
	return r.last.character
}

// syntax is a quote where none may be.
func (r *reader) syntax(wrong *csv.ParseError, skipped int) Problem {
	p := Problem{Line: wrong.Line + skipped}
	p.Column = r.character(p.Line, max(wrong.Column, 1))
	switch {
	case errors.Is(wrong.Err, csv.ErrBareQuote):
		p.Text, p.Hint = `a quote within a cell that does not begin with one`, `put the cell in quotes and write "" for a quote in it, as Excel does when it saves CSV`
	case wrong.StartLine != wrong.Line:
		p.Line, p.Column = wrong.StartLine+skipped, 1
		p.Text, p.Hint = `a quoted cell of the row that begins here has no end, or goes on behind its end`, `write "" for a quote in it; is the file cut off?`
	default:
		p.Text, p.Hint = `text behind the end of a quoted cell, or no end at all`, `write "" for a quote within a quoted cell; is the file cut off?`
	}
	return p
}

// table makes headings and rows of records.
func (r *reader) table(records [][]Cell) {
	width := 0 // without empty columns at the end
	for _, record := range records {
		for i, c := range record {
			if c.Text != "" {
				width = max(width, i+1)
			}
		}
	}
	head := records[0]
	width = min(width, max(len(head), 1))
	for len(head) < width {
		head = append(head, Cell{"", head[0].Line, head[0].Column})
	}
	r.sheet.Headings = head[:width]
	r.headings()
	for _, record := range records[1:] {
		if row, ok := r.row(record, width); ok {
			r.sheet.Rows = append(r.sheet.Rows, row)
		}
	}
	r.unwrap()
	r.unnamed()
	if len(r.sheet.Rows) == 0 && len(r.problems) == 0 {
		r.problems = append(r.problems, Problem{Severity: Warning, Line: head[0].Line, Column: head[0].Column, Text: "there are headings and no rows"})
	}
}

// headings finds two columns of one name.
func (r *reader) headings() {
	seen := map[string]int{}
	for i, h := range r.sheet.Headings {
		folded := strings.ToLower(h.Text)
		first, twice := seen[folded]
		if !twice {
			seen[folded] = i
		} else if h.Text != "" {
			r.problems = append(r.problems, h.at(Error, "rename one of them", "two columns have the heading %q: the %s and the %s", h.Text, ordinal(first+1), ordinal(i+1)))
		}
	}
}

// unnamed finds columns with cells and no heading.
func (r *reader) unnamed() {
	for i, h := range r.sheet.Headings {
		if h.Text != "" {
			continue
		}
		column := r.sheet.Column(i)
		if at := slices.IndexFunc(column, func(c Cell) bool { return c.Text != "" }); at >= 0 {
			r.problems = append(r.problems, column[at].at(Warning, "", "the %s column has no heading and is not read", ordinal(i+1)))
		}
	}
}

// row is a record with as many cells as there are headings. One that has
// others is told, and is no row: its cells may be shifted.
func (r *reader) row(record []Cell, width int) ([]Cell, bool) {
	for len(record) > width && record[len(record)-1].Text == "" {
		record = record[:len(record)-1]
	}
	switch {
	case len(record) > width:
		r.problems = append(r.problems, record[width].at(Error, "put a cell with a delimiter in it in quotes",
			"this row has %d cells, and there are %d headings: cells behind an unquoted %q are shifted", len(record), width, string(r.sheet.Delimiter)))
		return nil, false
	case len(record) < width:
		r.problems = append(r.problems, record[len(record)-1].at(Error, "is the file cut off, or a line broken within a cell that is not in quotes?",
			"this row has %d cells, and there are %d headings", len(record), width))
		return nil, false
	}
	return record, true
}

// unwrap takes the text out of ="00123", which keeps Excel from eating zeros.
func (r *reader) unwrap() {
	for i, h := range r.sheet.Headings {
		told := false
		for _, row := range r.sheet.Rows {
			text, ok := unwrapped(row[i].Text)
			if !ok {
				continue
			}
			row[i].Text = text
			if !told {
				r.problems = append(r.problems, row[i].at(Note, "", `column %q has formulas such as ="...": read as their text`, h.Text))
				told = true
			}
		}
	}
}

// unwrapped is the text in ="text" or =("text").
func unwrapped(text string) (string, bool) {
	inner, ok := strings.CutPrefix(text, "=")
	if !ok {
		return "", false
	}
	inner = strings.TrimSuffix(strings.TrimPrefix(inner, "("), ")")
	if len(inner) < 2 || inner[0] != '"' || inner[len(inner)-1] != '"' || strings.Contains(inner[1:len(inner)-1], `"`) {
		return "", false
	}
	return inner[1 : len(inner)-1], true
}
