package jumpcloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// plainError is an error whose text says the same in plainer words.
type plainError struct {
	text  string
	cause error
}

func (e plainError) Error() string { return e.text }
func (e plainError) Unwrap() error { return e.cause }

// PlainJSON puts what encoding/json says in err into words that anybody
// reads: members instead of Go types. Errors without it stay as they are.
func PlainJSON(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	var plain plainError
	switch {
	case errors.As(err, &plain):
	case errors.As(err, &wrong):
		return replaced(err, wrong.Error(), misplaced(wrong))
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return replaced(err, syntax.Error(), "the JSON is cut short")
	case errors.As(err, &syntax):
		return replaced(err, syntax.Error(), "this is no JSON: "+syntax.Error())
	case err != nil && strings.Contains(err.Error(), "json: unknown field"):
		return replaced(err, "json: unknown field", "unknown field")
	}
	return err
}

func replaced(err error, old, text string) error {
	return plainError{strings.Replace(err.Error(), old, text, 1), err}
}

// misplaced is "organizations.id: a number where a text belongs".
func misplaced(e *json.UnmarshalTypeError) string {
	kind, _, _ := strings.Cut(e.Value, " ")
	found := map[string]string{"string": "a text", "number": "a number", "bool": "true or false", "array": "an array", "object": "an object"}[kind]
	text := fmt.Sprintf("%s where %s belongs", withDefault(found, e.Value), belongs(e.Type))
	if e.Field != "" {
		return e.Field + ": " + text
	}
	return text
}

// belongs is what JSON has for a Go type.
func belongs(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return belongs(t.Elem())
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Map, reflect.Struct:
		return "an object"
	}
	return "a whole number"
}
