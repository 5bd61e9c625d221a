package sheet

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

const asUTF8 = "export the file as CSV UTF-8"

// continued are the signs that the later bytes of a letter of UTF-8 become in
// Latin-1 or Windows-1252.
const continued = `[\x{80}-\x{BF}ŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]`

// lost are letters that a wrong encoding has eaten (Nguy?n, ?ukasz), in a name
// at the end of a word, too (Andr?). garbled are those that it has made several
// signs of (ZoÃ«; Zo├½ and Zo√´ in encodings of DOS and old Macs).
var (
	lost       = regexp.MustCompile(`\x{FFFD}|\pL\?\pL|(^|[^\pL?])\?\pL`)
	lostInName = regexp.MustCompile(`\x{FFFD}|\pL\?|\?\pL`)
	garbled    = regexp.MustCompile(`[ÂÃÄÅÐÑ]` + continued + `|[à-ï]` + continued + `{2}|â€|[├√][^\s\d]`)
)

// Damaged tells whether letters of a name seem to be lost or garbled.
func Damaged(name string) bool { return lostInName.MatchString(name) || garbled.MatchString(name) }

// lostLetters warns of a column that was saved in an encoding that has not all
// of its letters, or read in another one than it was saved in.
func lostLetters(cells []Cell, use Use) (problems []Problem) {
	missing := lost
	if use == Name {
		missing = lostInName
	}
	for _, kind := range []struct {
		signs string // without one of these nothing is wrong
		is    *regexp.Regexp
		text  string
	}{
		{"?\uFFFD", missing, "%s has lost a letter: the file was saved in an encoding that does not have it%s"},
		{"ÂÃÄÅÐÑàáâãäåæçèéêëìíîï├√", garbled, "%s is garbled: UTF-8 was read as another encoding and saved again%s"},
	} {
		var found []Cell
		for _, c := range cells {
			if strings.ContainsAny(c.Text, kind.signs) && kind.is.MatchString(c.Text) {
				found = append(found, c)
			}
		}
		if len(found) > 0 {
			problems = append(problems, found[0].at(Warning, asUTF8, kind.text, shown(use, strconv.Quote(found[0].Text)), andMore(len(found)-1)))
		}
	}
	return problems
}

// Spoils tells whether a text is what damage makes of another one: with ? or
// U+FFFD for letters, or with the signs that an encoding has for their bytes.
func (s *Sheet) Spoils(whole, text string) bool {
	if text == whole || len(whole) == utf8.RuneCountInString(whole) {
		return false // nothing is lost, or there is nothing to lose
	}
	composed, parted := norm.NFC.String(whole), norm.NFD.String(whole)
	if norm.NFC.String(text) == composed {
		return false
	}
	return replaced(composed, text) || replaced(parted, text) || garbles(composed, text) || garbles(parted, text) ||
		s.Encoding == windows1252 && misread(composed, text)
}

// replaced tells whether a text has ? or U+FFFD where another one has letters
// that are not ASCII: one for each, or one for each of its bytes.
func replaced(whole, text string) bool {
	one := func(rune) int { return 1 }
	return stands(whole, text, one) || stands(whole, text, utf8.RuneLen)
}

// stands tells whether a text stands for another one, with so many signs for
// some of its letters that are not ASCII.
func stands(whole, text string, signs func(rune) int) bool {
	for _, r := range whole {
		have, size := utf8.DecodeRuneInString(text)
		if have == r && size > 0 {
			text = text[size:]
			continue
		}
		if r < utf8.RuneSelf {
			return false
		}
		for range signs(r) {
			have, size := utf8.DecodeRuneInString(text)
			if size == 0 || have != '?' && have != utf8.RuneError {
				return false
			}
			text = text[size:]
		}
	}
	return text == ""
}

// garbles tells whether a text is what becomes of UTF-8 that is read in another
// encoding, be it several times. Signs that this encoding does not have may be
// lost on top.
func garbles(whole, text string) bool {
	const times = 3
	for _, wrong := range []*charmap.Charmap{charmap.Windows1252, charmap.ISO8859_1, charmap.Macintosh, charmap.CodePage850, charmap.CodePage437} {
		read := whole
		for range times {
			read = readAs(wrong, read)
			if replaced(trimmed(read), text) {
				return true
			}
		}
	}
	return false
}

// misread tells whether a text is what becomes of another one that was saved in
// the encoding of an old Mac, of DOS, or of a Windows elsewhere, and read here as
// Windows-1252.
func misread(whole, text string) bool {
	for _, right := range []*charmap.Charmap{charmap.Macintosh, charmap.CodePage850, charmap.Windows1250, charmap.Windows1251, charmap.Windows1253, charmap.Windows1254} {
		saved, err := right.NewEncoder().String(whole)
		if err == nil && replaced(trimmed(readAs(charmap.Windows1252, saved)), text) {
			return true
		}
	}
	return false
}

// readAs are the letters of bytes in an encoding. A byte that it does not have
// stays one, as programs have it.
func readAs(e *charmap.Charmap, text string) string {
	var b strings.Builder
	for i := range len(text) {
		r := e.DecodeByte(text[i])
		if r == utf8.RuneError {
			r = rune(text[i])
		}
		b.WriteRune(r)
	}
	return b.String()
}
