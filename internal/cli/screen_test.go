package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
)

// screen is a terminal: it shows what was written to it, breaks lines that
// are too long into rows, and does so anew when its width changes.
type screen struct {
	columns int
	lines   []string // none has a line break
	at      int      // columns from the beginning of the last line to the cursor
	odd     []string // sequences that it does not know
}

func (s *screen) Write(b []byte) (int, error) {
	for rest := string(b); rest != ""; {
		switch {
		case rest[0] == '\n':
			s.lines, s.at, rest = append(s.lines, ""), 0, rest[1:]
		case rest[0] == '\r':
			s.at, rest = s.at-s.at%s.columns, rest[1:]
		case rest[0] == '\x1b':
			rest = s.obey(rest)
		default:
			var cluster string
			cluster, rest, _, _ = uniseg.FirstGraphemeClusterInString(rest, -1)
			s.put(cluster)
		}
	}
	return len(b), nil
}

// obey does what a sequence says that begins a text, and is the text behind it.
func (s *screen) obey(text string) string {
	end := strings.IndexAny(text, "KJA")
	if end < 0 {
		s.odd = append(s.odd, text)
		return ""
	}
	sequence, rows := text[:end+1], 0
	switch line := s.last(); {
	case sequence == eraseRight, sequence == eraseBelow: // nothing is in rows below that may stay
		*line = leftOf(*line, s.at)
	case up(sequence, &rows):
		s.at -= rows * s.columns
	default:
		s.odd = append(s.odd, sequence)
	}
	return text[end+1:]
}

func up(sequence string, rows *int) bool {
	n, err := fmt.Sscanf(sequence, rowsUp, rows)
	return n == 1 && err == nil
}

// put writes a character where the cursor is.
func (s *screen) put(cluster string) {
	line, width := s.last(), uniseg.StringWidth(cluster)
	behind := strings.TrimPrefix(*line, leftOf(*line, s.at+width))
	*line = leftOf(*line, s.at) + cluster + behind
	s.at += width
}

func (s *screen) last() *string { return &s.lines[len(s.lines)-1] }

// leftOf is the beginning of a line that takes so many columns.
func leftOf(line string, columns int) string {
	end, used := 0, 0
	for g := uniseg.NewGraphemes(line); g.Next() && used+g.Width() <= columns; used += g.Width() {
		_, end = g.Positions()
	}
	return line[:end]
}

// shows checks what is on the screen, line by line, and that no line fills
// more than a row.
func (s *screen) shows(t *testing.T, when string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, s.lines); d != "" || len(s.odd) > 0 {
		t.Errorf("%s: sequences %q; the screen (-want +got):\n%s", when, s.odd, d)
	}
}
