package jumpcloud

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// A page is read by cutting it where its records and their members begin and
// end; encoding/json would copy each of them several times. What is cut here
// was found to be valid JSON by encoding/json before, and what is not of the
// expected form is left to it, so that errors are its own.

// records are the records of an array, null ones too. They refer to list.
func records(list []byte) ([]Record, error) {
	var all []Record
	if begin(list) != '[' {
		return all, json.Unmarshal(list, &all)
	}
	all = []Record{}
	var names []string
	for entry := range elements(list) {
		var r Record
		switch begin(entry) {
		case '{':
			r = make(Record, len(names))
			names = r.take(entry, names)
		case 'n':
		default:
			return nil, json.Unmarshal(list, &all)
		}
		all = append(all, r)
	}
	return all, nil
}

// take fills a record with the members of an object and is their names. Names
// are those of the record before: most have the same, in the same order, and
// share their texts.
func (r Record) take(object []byte, names []string) []string {
	i := 0
	for quoted, value := range members(object) {
		if i == len(names) || names[i] != string(quoted[1:len(quoted)-1]) {
			names = append(slices.Clip(names[:i]), unquoted(quoted))
		}
		r[names[i]] = value
		i++
	}
	return names
}

// unquoted is the text of a JSON string, "" of anything else. Of the form
// that almost all have, without escapes, it is cut out.
func unquoted(raw []byte) (text string) {
	if n := len(raw); n > 1 && raw[0] == '"' && bytes.IndexByte(raw[1:], '"') == n-2 && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : n-1])
	}
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// begin is the first byte of a valid JSON text.
func begin(raw []byte) byte {
	if raw = trimmed(raw); len(raw) > 0 {
		return raw[0]
	}
	return 0
}

// trimmed is a JSON text without the white space before it, which is mostly none.
func trimmed(raw []byte) []byte {
	for len(raw) > 0 && isSpace(raw[0]) {
		raw = raw[1:]
	}
	return raw
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// elements are the entries of a valid JSON array.
func elements(array []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for rest, more := within(array); more; {
			var entry []byte
			entry, rest, more = cut(rest)
			if !yield(entry) {
				return
			}
		}
	}
}

// members are the names, in quotes, and values of a valid JSON object.
func members(object []byte) func(yield func(quoted, value []byte) bool) {
	return func(yield func(quoted, value []byte) bool) {
		for rest, more := within(object); more; {
			var name, value []byte
			name, rest, _ = cut(rest)
			value, rest, more = cut(rest)
			if !yield(name, value) {
				return
			}
		}
	}
}

// within is what follows the bracket of an array or object, and whether
// anything is in it.
func within(raw []byte) (rest []byte, more bool) {
	rest = trimmed(raw)[1:]
	first := begin(rest)
	return rest, first != ']' && first != '}'
}

// cut cuts the first value off, and the comma, colon or bracket behind it.
// More tells whether something follows in the same array or object.
func cut(raw []byte) (value, rest []byte, more bool) {
	raw = trimmed(raw)
	n := size(raw)
	value, rest = raw[:n:n], trimmed(raw[n:])
	return value, rest[1:], rest[0] == ',' || rest[0] == ':'
}

// size is how long the value is with which a valid JSON text begins.
func size(raw []byte) int {
	depth := 0
	for i := 0; ; i++ {
		switch raw[i] {
		case '"':
			i += textSize(raw[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		default:
			if depth == 0 {
				return i + scalarSize(raw[i:])
			}
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
}

// scalarSize is how long the number, true, false or null is with which raw
// begins: up to white space, or what ends a value.
func scalarSize(raw []byte) int {
	n := 0
	for n < len(raw) && !isSpace(raw[n]) && raw[n] != ',' && raw[n] != ']' && raw[n] != '}' {
		n++
	}
	return n
}

// textSize is how long the string is with which raw begins.
func textSize(raw []byte) int {
	for i := 1; ; i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}
