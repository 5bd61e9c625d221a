package schema

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Near is the candidate that word most likely was meant to be, "" if none is
// near: equal but for case, typographic dashes, quotes and spaces, composed
// or decomposed letters, or a few letters missing, added, changed or swapped
// (one in words of up to five letters, then one more for every six). Of
// several equally near ones it is the first in byte order. A candidate that
// is word itself is not near.
func Near(word string, candidates []string) string {
	w := []rune(plainText(word))
	best, at := "", min(1+len(w)/6, 3)+1
	if len(w) < 2 {
		at = 1 // a single letter is near nothing but itself in another case
	}
	for _, c := range candidates {
		if c == word || tooLong(c, len(w)+at) {
			continue
		}
		d := distance(w, []rune(plainText(c)), at)
		if d < at || d == at && best != "" && c < best {
			best, at = c, d
		}
	}
	return best
}

// plainName is a name that is told from the words around it without quotes.
var plainName = regexp.MustCompile(`^[\pL\pM\pN._/@+$*'&()~-]+( [\pL\pM\pN._/@+$*'&()~-]+)*$`)

// DidYouMean is a hint at a word, "" without one. What is no plain name
// stands in quotes: a colon or a bracket would be taken for YAML or for a part
// of the sentence.
func DidYouMean(word string) string {
	switch {
	case word == "":
		return ""
	case !plainName.MatchString(word):
		word = strconv.Quote(word)
	}
	return "did you mean " + word + "?"
}

// tooLong tells whether a text has more letters than a near one can have,
// without counting those of long ones.
func tooLong(s string, limit int) bool {
	return len(s) > 4*limit || utf8.RuneCountInString(s) > 2*limit
}

var lookalikes = strings.NewReplacer("‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "−", "-", "’", "'", "‘", "'", "“", `"`, "”", `"`)

// plainText is a text without what the eye overlooks.
func plainText(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			s = lookalikes.Replace(norm.NFKC.String(s))
			break
		}
	}
	return strings.ToLower(strings.TrimSpace(s))
}

// distance is the number of letters added, removed, changed or swapped with
// their neighbour between a and b, or limit+1 if it is more than limit.
func distance(a, b []rune, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	var before []int // the row before last
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+differ(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return min(last[len(b)], limit+1)
}

func differ(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}
