package report_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"rollcall/plan/report"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"Jörg Müller-Lüdenscheidt", "Jörg Müller-Lüdenscheidt"},
		{"山田　太郎 🙂 ❤️", "山田　太郎 🙂 ❤️"},
		{"\x1b[31mred\x07", `\u001b[31mred\u0007`},
		{"a\nb\tc\rd", `a\nb\tc\rd`},
		{"\x7f\u0080\u009b", `\u007f\u0080\u009b`},
		{"\u202aa\u202bb\u202cc\u202dd\u202ee", `\u202aa\u202bb\u202cc\u202dd\u202ee`},
		{"\u2066\u2067\u2068\u2069\u200e\u200f\u061c", `\u2066\u2067\u2068\u2069\u200e\u200f\u061c`},
		{"\u200b\u200c\u200d\ufeff\u00ad\u2060\u3164\u115f", `\u200b\u200c\u200d\ufeff\u00ad\u2060\u3164\u115f`},
		{"\u2028\u2029\u0085", `\u2028\u2029\u0085`},
		{"Data\u00a0Team", `Data\u00a0Team`},
		{"\U000e0041", `\U000e0041`},
		{"bad\xff\xc0\xafbytes", `bad\xff\xc0\xafbytes`},
		{"really \ufffd", "really \ufffd"},
		{`back\slash`, `back\slash`},
	} {
		if got := report.Clean(test.in); got != test.want {
			t.Errorf("Clean(%q) = %s, want %s", test.in, got, test.want)
		}
	}
}

func TestCleanProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		got := report.Clean(in)
		if !utf8.ValidString(got) {
			t.Errorf("Clean(%q) is not UTF-8: %q", in, got)
		}
		if again := report.Clean(got); again != got {
			t.Errorf("Clean(Clean(%q)) = %q, and Clean once %q", in, again, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
			t.Errorf("Clean(%q) has a control character: %q", in, got)
		}
	})
}
