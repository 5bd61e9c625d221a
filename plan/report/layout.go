package report

import (
	"bytes"
	"strings"

	"github.com/fatih/color"
	"github.com/rivo/uniseg"
)

// Columns of a plan as text: the sign, a gap, and labels, indented below the
// head of a block; then the texts, at one column through an organization.
const (
	headAt    = 2
	labelAt   = 4
	minColumn = 16
	maxColumn = 28
	minText   = 20 // columns that a text gets however narrow the terminal is
)

// style is how a piece of text is painted.
type style []color.Attribute

var (
	plain  style
	bold   = style{color.Bold}
	dim    = style{color.Faint}
	green  = style{color.FgGreen}
	red    = style{color.FgRed}
	yellow = style{color.FgYellow}
	alarm  = style{color.FgRed, color.Bold}
	heed   = style{color.FgYellow, color.Bold}
)

// signStyles colours signs as a diff does.
var signStyles = map[byte]style{add: green, remove: red, modify: yellow}

// line is one line of a plan before it is laid out.
type line struct {
	sign  byte // 0 for none
	at    int  // column of the label
	label string
	style style
	words []string // the text: broken between these first, then at spaces
	text  style
}

// printer lays lines out.
type printer struct {
	bytes.Buffer
	color  bool
	width  int // columns, 0 for lines of any length
	column int // where texts begin
}

// paint is a text in a style.
func (p *printer) paint(s style, text string) string {
	if !p.color || len(s) == 0 || text == "" {
		return text
	}
	c := color.New(s...)
	c.EnableColor() // whatever the process writes to
	return c.Sprint(text)
}

// print writes a line, and what does not fit into the width below it, at
// the column of texts and with the same sign. A label that leaves no room
// for a text beside it stands alone.
func (p *printer) print(l line) {
	start := l.at + columns(l.label)
	gap := max(p.column-start, 2)
	if len(l.words) == 0 || p.width > 0 && start+gap+minText > p.width {
		rows := p.wrap([]string{l.label}, p.width-l.at, p.width-p.column)
		p.row(p.margin(l, l.at) + p.paint(l.style, rows[0]))
		p.below(l, l.style, rows[1:])
		p.below(l, l.text, p.wrap(l.words, p.width-p.column, p.width-p.column))
		return
	}
	rows := p.wrap(l.words, p.width-start-gap, p.width-p.column)
	p.row(p.margin(l, l.at) + p.paint(l.style, l.label) + strings.Repeat(" ", gap) + p.paint(l.text, rows[0]))
	p.below(l, l.text, rows[1:])
}

// below writes the other rows of a line at the column of texts, so that
// none of them looks like a line of its own.
func (p *printer) below(l line, s style, rows []string) {
	for _, row := range rows {
		p.row(p.margin(l, p.column) + p.paint(s, row))
	}
}

// margin is what stands before some column: the sign, if there is one, and
// blanks.
func (p *printer) margin(l line, column int) string {
	if l.sign == 0 {
		return strings.Repeat(" ", column)
	}
	return p.paint(signStyles[l.sign], string(l.sign)) + strings.Repeat(" ", column-1)
}

// say writes a sentence at some column, wrapped with an indent.
func (p *printer) say(s style, at int, words ...string) {
	indent := at
	for _, row := range p.wrap(words, p.width-at, p.width-at-headAt) {
		p.row(strings.Repeat(" ", indent) + p.paint(s, row))
		indent = at + headAt
	}
}

// row writes a finished line. Only blanks of the layout end up at its end.
func (p *printer) row(text string) {
	p.WriteString(strings.TrimRight(text, " "))
	p.WriteByte('\n')
}

// wrap breaks a text of words into rows: the first of some columns, the
// others of some; no words are no row. Nothing is lost but spaces at a break.
func (p *printer) wrap(words []string, first, others int) []string {
	if len(words) == 0 {
		return nil
	}
	if p.width <= 0 {
		return []string{strings.Join(words, " ")}
	}
	w := wrapper{room: max(first, minText), others: max(others, minText)}
	for _, word := range words {
		w.add(word)
	}
	w.next()
	return w.rows
}

// wrapper fills rows.
type wrapper struct {
	rows         []string
	row          string
	used         int
	room, others int // columns of this row and of the next ones
}

func (w *wrapper) add(word string) {
	n := columns(word)
	switch {
	case w.row == "" && n <= w.room:
		w.row, w.used = word, n
	case w.row != "" && w.used+1+n <= w.room:
		w.row, w.used = w.row+" "+word, w.used+1+n
	case n <= w.others:
		w.next()
		w.row, w.used = word, n
	case strings.Contains(word, " "):
		for _, part := range strings.Split(word, " ") {
			w.add(part)
		}
	default:
		w.cut(word)
	}
}

func (w *wrapper) next() {
	w.rows = append(w.rows, strings.TrimRight(w.row, " "))
	w.row, w.used, w.room = "", 0, w.others
}

// cut spreads a word that is longer than a row over several.
func (w *wrapper) cut(word string) {
	if w.row != "" {
		w.next()
	}
	for g := uniseg.NewGraphemes(word); g.Next(); {
		n := g.Width()
		if w.used+n > w.room {
			w.next()
		}
		w.row, w.used = w.row+g.Str(), w.used+n
	}
}

// columns is how wide a text is on a terminal.
func columns(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return uniseg.StringWidth(s)
		}
	}
	return len(s)
}

// list puts a comma behind each text but the last.
func list(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		if i < len(texts)-1 {
			text += ","
		}
		out[i] = text
	}
	return out
}

// sentence is a text to be broken at any of its spaces.
func sentence(text string) []string { return strings.Split(text, " ") }
