package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Most characters that a piece of text gets in Markdown; what is longer is
// cut, with an ellipsis.
const (
	nameMax  = 80
	valueMax = 120
	proseMax = 300
	shortMax = 60 // of anything in a short line
)

// code is a text that is clean, as Markdown that shows it and nothing else:
// in code there are no mentions, links, issues, HTML or emphasis. A pipe
// stands outside, as an entity, because it would end a cell of a table.
func code(s string) string {
	if s == "" {
		return "`\"\"`"
	}
	var b strings.Builder
	for i, piece := range strings.Split(s, "|") {
		if i > 0 {
			b.WriteString("&#124;")
		}
		b.WriteString(span(piece))
	}
	return b.String()
}

// span is one span of code, nothing for no text. Its fence is longer than
// any in the text, and a space beside the fence is taken off by who reads it.
func span(s string) string {
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	ticks := s[0] == '`' || s[len(s)-1] == '`'
	spaces := s[0] == ' ' && s[len(s)-1] == ' ' && strings.Trim(s, " ") != ""
	if ticks || spaces {
		s = " " + s + " "
	}
	return fence + s + fence
}

// longestRun is the length of the longest run of backticks.
func longestRun(s string) (longest int) {
	run := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// codes is a list of names as they are, each cut.
func codes(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = code(cut(Clean(name), nameMax))
	}
	return strings.Join(all, ", ")
}

// firstCodes is a list of names, cut to the first ones with the number of
// the others; of none of them nothing.
func firstCodes(names []string, most int) string {
	switch {
	case most == 0:
		return ""
	case len(names) <= most+1:
		return codes(names)
	}
	return fmt.Sprintf("%s and %d more", codes(names[:most]), len(names)-most)
}

// prose is a sentence, cut to some characters, as Markdown inside of a line
// that something else begins. Its words stay words, and whatever else is in
// it, such as a name, a number of many digits or an option, is code.
func prose(s string, most int) string { return phrase(cut(Clean(s), most), false) }

// opener is prose that begins a line: it cannot begin a list.
func opener(s string, most int) string { return phrase(cut(Clean(s), most), true) }

func phrase(s string, opens bool) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' })
	var b strings.Builder
	for i := 0; i < len(words); {
		end := i
		for end < len(words) && !isWord(words[end], opens && end == 0) {
			end++
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		if end == i {
			b.WriteString(words[i])
			i++
			continue
		}
		b.WriteString(within(strings.Join(words[i:end], " ")))
		i = end
	}
	return b.String()
}

// Punctuation that may stand around words and code, and means nothing there.
const (
	opening = `("'`
	closing = `.,;:?!)"'`
)

// within is a text as code, the punctuation around it left outside.
func within(s string) string {
	inner := strings.TrimRight(strings.TrimLeft(s, opening), closing)
	if inner == "" {
		return code(s)
	}
	at := strings.Index(s, inner)
	return s[:at] + code(inner) + s[at+len(inner):]
}

// isWord tells whether a word of a sentence may stand there as it is: it is
// made of letters, or a small number that does not begin the line. What
// could be a commit, which GitHub links, is none.
func isWord(word string, first bool) bool {
	if word == "->" || word == "-" {
		return !first
	}
	word = strings.TrimRight(strings.TrimLeft(word, opening), closing)
	switch {
	case word == "":
		return false
	case strings.Trim(word, "0123456789") == "":
		return !first && len(word) < fewestOfCommit
	case strings.Trim(strings.ToLower(word), "abcdef") == "":
		return len(word) < fewestOfCommit
	}
	joined := true // no hyphen or apostrophe may follow
	for _, r := range word {
		joint := r == '-' || r == '\''
		if joint && joined || !joint && r < utf8.RuneSelf && !unicode.IsLetter(r) {
			return false
		}
		joined = joint
	}
	return !joined
}

// fewestOfCommit is how many digits of a commit GitHub takes for one.
const fewestOfCommit = 7

// cut is a clean text of at most n characters, cut between those that a
// reader sees, if it can be.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	used, end := 0, 0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		used += len(g.Runes())
		if used >= n {
			break
		}
		_, end = g.Positions()
	}
	if end == 0 {
		end = len(string([]rune(s)[:n-1]))
	}
	return s[:end] + "…"
}

// Marker is the hidden comment that a comment made by Markdown begins with,
// so that it can be found and edited. Different keys have different markers.
func Marker(key string) string {
	if key == "" {
		key = "plan"
	}
	var b strings.Builder
	for i := 0; i < len(key); i++ {
		if c := key[i]; strings.IndexByte(markerSafe, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return "<!-- rollcall:" + b.String() + " -->"
}

// markerSafe are the characters that stand in a marker as they are.
const markerSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/"

// characters is how long a text is as GitHub counts it at most: in UTF-16,
// where no character is more than three bytes a unit.
func characters(s string) (n int) {
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
