package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ideographicSpace is the one wide space that names really have.
const ideographicSpace = '\u3000'

// Clean is a text that can be printed without harm: on one line, and what
// it shows is what it is. Control characters, characters that change the
// direction of text, invisible ones and unusual spaces are shown as \n, \t,
// \r, \u202e or \U000e0041, bytes that are not UTF-8 as \xff.
func Clean(s string) string {
	at := firstUnsafe(s)
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:at])
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		b.WriteString(cleanRune(r, size, s[at]))
		at += size
	}
	return b.String()
}

func firstUnsafe(s string) int {
	for i, r := range s {
		if isUnsafe(r) || r == utf8.RuneError {
			return i
		}
	}
	return -1
}

func cleanRune(r rune, size int, first byte) string {
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf(`\x%02x`, first)
	case !isUnsafe(r):
		return string(r)
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// isUnsafe tells whether a character is not shown as itself: it controls the
// terminal, is invisible or looks like an ordinary space.
func isUnsafe(r rune) bool {
	if r < unicode.MaxASCII {
		return r < ' '
	}
	if r == ideographicSpace {
		return false
	}
	return !unicode.IsPrint(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}
