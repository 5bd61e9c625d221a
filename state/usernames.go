package state

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// asciiLetters are letters that are no other letter with an accent, in the
// way that most people write them without.
var asciiLetters = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h",
	'ı': "i", 'ĸ': "k", 'ŋ': "n", 'ŧ': "t", 'ə': "e", 'ƒ': "f",
}

// ProposedUsername makes a username of a text such as "Zoë.Groß-Li", or of an
// e-mail as far as its @: lower-case, accents left out, with only the characters that JumpCloud and devices take,
// and at most 30 of them. It is "" if nothing is left.
func ProposedUsername(text string) string {
	text, _, _ = strings.Cut(text, "@")
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case asciiLetters[r] != "":
			b.WriteString(asciiLetters[r])
		case r < unicode.MaxASCII && (isLetter(byte(r)) || strings.ContainsRune("0123456789._-", r)):
			b.WriteRune(r)
		}
	}
	name := strings.TrimLeftFunc(b.String(), func(r rune) bool { return !isLetter(byte(r)) })
	for strings.Contains(name, "..") {
		name = strings.ReplaceAll(name, "..", ".")
	}
	if len(name) > longUsername {
		name = name[:longUsername]
	}
	return strings.TrimRight(name, "._-")
}
