package sheet_test

import (
	"testing"

	"rollcall/state/sheet"
)

// TestSpoils knows texts that were damaged on the way from others that were
// only changed.
func TestSpoils(t *testing.T) {
	t.Parallel()
	const utf8, windows = "UTF-8", "Windows-1252"
	for _, c := range []struct {
		name, encoding, whole, text string
		want                        bool
	}{
		{"the same", utf8, "Müller", "Müller", false},
		{"the same with parted letters", utf8, "Müller", "Mu\u0308ller", false},
		{"no letters to lose", utf8, "Miller", "M?ller", false},
		{"another name", utf8, "Müller", "Möller", false},
		{"a question", utf8, "Öl", "Öl?", false},
		{"spelled without accents", utf8, "Müller", "Muller", false},
		{"longer", utf8, "Müller", "M?ller-Lüdenscheidt", false},
		{"cut off", utf8, "Müller", "M?lle", false},
		{"an ASCII letter lost", utf8, "Müller", "M??ler", false},
		{"mended", utf8, "MÃ¼ller", "Müller", false},
		{"mended lost letters", utf8, "M?ller", "Müller", false},
		{"mended, of Windows", windows, "MÃ¼ller", "Müller", false},

		{"lost", utf8, "García-López", "Garc?a-L?pez", true},
		{"only those that the encoding has not", utf8, "Łukasz Wójcik", "?ukasz Wójcik", true},
		{"lost for each byte", utf8, "Müller", "M??ller", true},
		{"lost at the end", utf8, "André", "Andr?", true},
		{"lost for good", utf8, "Émile", "\uFFFDmile", true},
		{"lost for each byte for good", utf8, "Émile", "\uFFFD\uFFFDmile", true},
		{"a lost accent", utf8, "Müller", "Mu?ller", true},
		{"of a whole word", utf8, "Иван", "????", true},
		{"read as Windows-1252", utf8, "Müller €", "MÃ¼ller â‚¬", true},
		{"read as Latin-1", utf8, "Müller €", "MÃ¼ller â\u0082¬", true},
		{"with an end that is trimmed", utf8, "Università", "UniversitÃ", true},
		{"read twice", utf8, "Müller", "MÃƒÂ¼ller", true},
		{"read on an old Mac", utf8, "Müller", "M√ºller", true},
		{"read on DOS", utf8, "Müller", "M├╝ller", true},
		{"parted letters", utf8, "Müller", "MuÌˆller", true},
		{"with a byte that Windows-1252 has not", utf8, "Łukasz", "Å\u0081ukasz", true},
		{"with a byte that is lost then", utf8, "Łukasz", "Å?ukasz", true},
		{"Cyrillic", utf8, "Иван", "Ð˜Ð²Ð°Ð½", true},
		{"Chinese", utf8, "王", "çŽ‹", true},

		{"an old Mac's file", windows, "Müller", "MŸller", true},
		{"a file of Poland", windows, "Łukasz", "£ukasz", true},
		{"a file of DOS", windows, "Müller", "M\uFFFDller", true},
		{"the same signs in UTF-8 are meant", utf8, "Zieliński", "Zieliñski", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &sheet.Sheet{Encoding: c.encoding}
			if got := s.Spoils(c.whole, c.text); got != c.want {
				t.Errorf("Spoils(%q, %q) = %v", c.whole, c.text, got)
			}
		})
	}
}

// TestDamaged looks at names that nobody is live to compare with.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"Müller": false, "Åsa": false, "ÅSA": false, "JOSÉ": false, "Ñandú": false, "d’Été": false, "O'Neil": false, "Groß–Li": false, "王芳": false, "Иван": false, "": false, "?": false,
		"MÃ¼ller": true, "?ukasz": true, "Jan ?ukasz": true, "Andr?": true, "Nguy?n": true, "\uFFFDmile": true, "Ð˜Ð²Ð°Ð½": true, "çŽ‹": true, "M√ºller": true, "M├╝ller": true,
	} {
		if got := sheet.Damaged(name); got != want {
			t.Errorf("Damaged(%q) = %v", name, got)
		}
	}
}
