package jumpcloud

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// anyForm is a regular expression that finds a text as it is, in JSON, in a
// URL, in HTML and in Go's quotes, quoted once or several times, each
// character in its own way.
func anyForm(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString("(?:" + strings.Join(runeForms(r), "|") + ")")
	}
	return b.String()
}

// backslash is one that quotes what follows, itself quoted for a URL perhaps.
const backslash = `(?:\\|\x25(?:25)*5[cC])`

// runeForms are the expressions of one character.
func runeForms(r rune) []string {
	forms := []string{
		backslash + `*` + regexp.QuoteMeta(string(r)),
		backslash + `*` + inBytes(r, `(?i:%%(?:25)*%02x)`), // a URL, which may be part of another
		inBytes(r, backslash+`+(?i:x%02x)`),
		unicodeEscape(r),
		fmt.Sprintf(`&(?:amp;)*#0*%d;?`, r),
		fmt.Sprintf(`(?i:&(?:amp;)*#x0*%x;?)`, r),
	}
	if utf8.RuneLen(r) == 2 && r <= 0xff { // where Latin-1 is written
		forms = append(forms, fmt.Sprintf(`(?i:%%(?:25)*%02x)`, r), fmt.Sprintf(backslash+`+(?i:x%02x)`, r))
	}
	if form, ok := named[r]; ok {
		forms = append(forms, form)
	}
	return forms
}

// named are the characters that have a name somewhere.
var named = map[rune]string{
	'"': `&(?:amp;)*quot;`, '\'': `&(?:amp;)*apos;`, '<': `&(?:amp;)*lt;`, '>': `&(?:amp;)*gt;`, '&': `&(?:amp;)+`, ' ': `\+|%(?:25)*2[bB]`,
	'\n': backslash + `+n`, '\t': backslash + `+t`, '\r': backslash + `+r`, '\f': backslash + `+f`, '\b': backslash + `+b`,
}

// inBytes is a form for each byte of a character. The form is one of Sprintf.
func inBytes(r rune, form string) string {
	var b strings.Builder
	for _, c := range utf8.AppendRune(nil, r) {
		fmt.Fprintf(&b, form, c)
	}
	return b.String()
}

// unicodeEscape is \u0041, beyond four digits a pair of surrogates or Go's
// \U0001f600.
func unicodeEscape(r rune) string {
	if r <= 0xffff {
		return fmt.Sprintf(backslash+`+(?i:u%04x)`, r)
	}
	high, low := utf16.EncodeRune(r)
	return fmt.Sprintf(`(?i:`+backslash+`+u%04x`+backslash+`+u%04x|`+backslash+`+U%08x)`, high, low, r)
}
