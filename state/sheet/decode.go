package sheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// windows1252 is the encoding of a file that is no UTF-8, a guess.
const windows1252 = "Windows-1252"

const asCSV = "save it as CSV UTF-8 and name that file"

// decode is the text of a file in UTF-8 with \n for every line end, or a
// problem with the file as a whole.
func decode(file []byte) (text, encodingName string, problems []Problem) {
	if what := foreign(file); what != "" {
		return "", "", []Problem{{Text: "this is " + what + ", not CSV", Hint: asCSV}}
	}
	text, encodingName, err := decoded(file)
	switch {
	case err != nil:
		return "", "", []Problem{{Text: "the text is not " + encodingName, Hint: asCSV}}
	case strings.ContainsRune(text, 0):
		return "", "", []Problem{{Text: "the file has NUL characters: it is UTF-16 without a byte order mark, or no text at all", Hint: asCSV}}
	case encodingName == windows1252:
		problems = append(problems, Problem{Severity: Note, Text: "not UTF-8: read as Windows-1252, the code page of western Windows; look whether names are right"})
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.ReplaceAll(text, "\r", "\n"), encodingName, problems
}

// foreign says what a file is that is no text, "" if it may be one.
func foreign(file []byte) string {
	head := bytes.ToLower(bytes.TrimSpace(file[:min(len(file), 512)]))
	switch {
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		return "an Excel workbook (.xlsx) or another archive"
	case bytes.HasPrefix(file, []byte("\xd0\xcf\x11\xe0")):
		return "an old Excel workbook (.xls)"
	case bytes.HasPrefix(head, []byte("<html")), bytes.HasPrefix(head, []byte("<!doctype")), bytes.HasPrefix(head, []byte("<table")), bytes.HasPrefix(head, []byte("<?xml")):
		return "a web page or XML"
	case bytes.HasPrefix(head, []byte("%pdf")):
		return "a PDF"
	}
	return ""
}

// decoded is a file in UTF-8, and the name of the encoding that it was in: as
// its byte order mark says, else UTF-8 where that fits.
func decoded(file []byte) (text, name string, err error) {
	var e encoding.Encoding
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xfe")):
		name, e = "UTF-16LE", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(file, []byte("\xfe\xff")):
		name, e = "UTF-16BE", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case utf8.Valid(file):
		return strings.TrimPrefix(string(file), "\ufeff"), "UTF-8", nil
	default:
		name, e = windows1252, charmap.Windows1252
	}
	out, err := e.NewDecoder().Bytes(file)
	return string(out), name, err
}
