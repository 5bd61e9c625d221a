package state

import (
	"io"
	"regexp"
	"strings"
)

// syntax turns an error of the YAML parser into a problem. The parser names
// no column, and as line often that of what is around the mistake; so the
// line is where it stopped reading.
func (l *loader) syntax(src *source, err error) {
	text := yamlText(err)
	line := src.stopped(text)
	if at := src.tabbed(line); at > 0 {
		l.errorf(lineOf(src, at, 1), "a tab in the indentation: YAML takes only spaces there")
		return
	}
	indent := src.line(line)
	column := 1 + len(indent) - len(strings.TrimLeft(indent, " "))
	for _, m := range meanings {
		if strings.Contains(text, m.says) {
			l.add(Error, lineOf(src, line, column), m.hint, "this is not YAML: %s", m.means)
			return
		}
	}
	l.errorf(lineOf(src, line, column), "this is not YAML: %s", text)
}

// meanings are what errors of the YAML parser mean, and what helps.
var meanings = []struct{ says, means, hint string }{
	{"mapping values are not allowed", "a second colon in this line, a line above without one, or a line that is indented too far", "a text with a colon and a space in it needs quotes"},
	{"did not find expected key", "a key is expected here", "lines of one level begin at the same column; a text after a quoted one belongs inside of the quotes"},
	{"did not find expected ',' or", "a comma or a closing bracket is missing, here or before", "a text with one of , [ ] { } in it needs quotes here"},
	{"did not find expected node content", "a value is missing, or a bracket is not closed", "a text that begins with one of % @ , ] } needs quotes"},
	{"did not find expected '-' indicator", "an entry of a list is expected here, with a hyphen at the column of those before", ""},
	{"block sequence entries are not allowed", "an entry of a list cannot stand here", "a list begins on the line after its key; a text that begins with a hyphen needs quotes"},
	{"could not find expected ':'", "a line without a colon: a key, a colon and a space are expected", ""},
	{"found unexpected end of stream", "a quote is opened and never closed", ""},
	{"found unexpected document indicator", "a quote is opened and not closed before the next ---", ""},
	{"cannot start any token", "a text cannot begin with this character", "quote a text that begins with one of % @ ` or a tab"},
	{"unknown escape character", "an unknown \\ in double quotes", "in single quotes a \\ is a \\"},
	{"alphabetic or numeric character", "a text cannot begin with & or *", "put it in quotes"},
	{"unknown anchor", "a text that begins with * needs quotes; aliases are not taken", ""},
	{"tag handle", "a text that begins with ! needs quotes; tags are not taken", ""},
	{"undefined tag", "a text that begins with ! needs quotes; tags are not taken", ""},
	{"exceeded max depth", "this is nested too deeply", ""},
	{"control characters are not allowed", "a control character", ""},
}

var yamlPrefix = regexp.MustCompile(`^yaml: (?:line \d+: )?`)

// yamlText is what the YAML parser says, without a place.
func yamlText(err error) string { return yamlPrefix.ReplaceAllString(err.Error(), "") }

// stopped is the line in which the parser finds the mistake that it calls
// text: the first one after which it says so. It reads a little ahead, so
// the search goes back from the last line that it asked for.
func (s *source) stopped(text string) int {
	asked := &lineReader{src: s}
	if _, err := parseAll(asked); err == nil {
		return 1
	}
	line := min(asked.next, s.count())
	for back := 0; back < 4 && line > 1; back++ {
		_, err := parseAll(&lineReader{src: s, end: line - 1})
		if err == nil || yamlText(err) != text {
			break
		}
		line--
	}
	for line > 1 && strings.TrimSpace(s.line(line)) == "" {
		line--
	}
	return line
}

// lineReader gives a file line by line.
type lineReader struct {
	src  *source
	next int // lines that were given
	end  int // lines to give, 0 for all
	rest []byte
}

// Read gives no more than the rest of a line.
func (r *lineReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.next >= r.src.count() || r.end > 0 && r.next >= r.end {
			return 0, io.EOF
		}
		r.rest = []byte(r.src.lines[r.next] + "\n")
		r.next++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// tabbed is the line around one that is indented with a tab, 0 if there is
// none.
func (s *source) tabbed(line int) int {
	for at := max(1, line-1); at <= min(line+1, s.count()); at++ {
		rest := strings.TrimLeft(s.lines[at-1], " ")
		if strings.HasPrefix(rest, "\t") && strings.TrimSpace(rest) != "" {
			return at
		}
	}
	return 0
}
