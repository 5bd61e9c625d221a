package schema

// Value is one value of an object in canonical text: of the same field and
// part, equal text means equal value.
//
// The text of each Type:
//
//	String, Secret  the text itself; a Fold field in lower case
//	Bool            true or false
//	Int             decimal digits
//	Enum            one of Field.Values
//	Ref             the folded username; while loading, what the file wrote;
//	                "#" and an id for a live reference to nobody who was read
//	ByType          JSON array of the entries of that type, sorted, each an
//	                object without type, server id and empty members
//	Map             JSON value of the entry
//	List            JSON array, sorted, members without server ids
//	Object          JSON object, keys sorted
//
// A ByType value whose Part is "" and Text is "[]" stands in desired state
// for "no other types than those named"; a Map entry or ByType entry that a
// file removes has the empty text.
type Value struct {
	Field FieldID
	Part  string // the type of a ByType entry, the name of a Map entry, else ""
	Text  string
}

// Name is how plans name the value: JumpCloud's field name, and for a part
// a dot and the part: attributes.badge, phoneNumbers.work.
func (v Value) Name() string {
	if v.Part == "" {
		return Of(v.Field).Name
	}
	return Of(v.Field).Name + "." + v.Part
}

// Compare orders values by field, then part.
func Compare(a, b Value) int {
	if a.Field != b.Field {
		return int(a.Field) - int(b.Field)
	}
	if a.Part < b.Part {
		return -1
	}
	if a.Part > b.Part {
		return 1
	}
	return 0
}
