// Package sheet reads tables in CSV form as people's programs write them: any
// usual delimiter, encoding and line end. It knows what Excel does to numbers
// and dates, and names it; what a column means is its caller's business.
package sheet

import (
	"fmt"
	"strings"
	"unicode"
)

// Sheet is a table with headings. Every row has as many cells.
type Sheet struct {
	Headings  []Cell
	Rows      [][]Cell
	Delimiter rune
	Encoding  string   // UTF-8, UTF-16LE, UTF-16BE or Windows-1252
	Lines     []string // of the file, decoded, without their ends
}

// Cell is a text of a table without outer white space, and where it stands:
// the line and the character in it, from 1, of its first character or quote.
type Cell struct {
	Text         string
	Line, Column int
}

// Severity grades a Problem.
type Severity uint8

const (
	Error   Severity = iota // the table is not what it should be
	Warning                 // it is read, but somebody should look
	Note
)

// Problem is something wrong in a file. Line and Column are 0 for the file as
// a whole. Hint is what to do, "" if Text says it.
type Problem struct {
	Severity     Severity
	Line, Column int
	Text, Hint   string
}

// Index is the column with a heading, without case and outer white space; -1
// if there is none.
func (s *Sheet) Index(heading string) int {
	for i, h := range s.Headings {
		if strings.EqualFold(h.Text, strings.TrimSpace(heading)) {
			return i
		}
	}
	return -1
}

// Column are the cells of a column.
func (s *Sheet) Column(i int) []Cell {
	cells := make([]Cell, len(s.Rows))
	for r, row := range s.Rows {
		cells[r] = row[i]
	}
	return cells
}

// Heading is that of the column in which a cell begins at a place, "" if none
// does.
func (s *Sheet) Heading(line, column int) string {
	for _, row := range s.Rows {
		for i, c := range row {
			if c.Line == line && c.Column == column {
				return s.Headings[i].Text
			}
		}
	}
	return ""
}

// at is a problem at a cell.
func (c Cell) at(s Severity, hint, format string, args ...any) Problem {
	return Problem{Severity: s, Line: c.Line, Column: c.Column, Text: fmt.Sprintf(format, args...), Hint: hint}
}

// trimmed is a text without outer white space, that of any language.
func trimmed(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' })
}
