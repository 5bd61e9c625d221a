package state

import "rollcall/state/sheet"

// Headings reads the CSV file that a source is in once more, and tells of a
// place in it which column that is; "" for any other file and place.
func Headings(name string) func(line, column int) string {
	none := func(int, int) string { return "" }
	if !isTable(name) {
		return none
	}
	text, err := readFile(name)
	if err != nil {
		return none
	}
	s, _ := sheet.Read(text)
	if s == nil {
		return none
	}
	return s.Heading
}
