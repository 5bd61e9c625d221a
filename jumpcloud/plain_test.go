package jumpcloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestPlainJSON(t *testing.T) {
	t.Parallel()
	type inner struct {
		ID string `json:"id"`
		N  int    `json:"n"`
	}
	var into struct {
		List []inner           `json:"list"`
		Map  map[string]string `json:"map"`
		Rate float64           `json:"rate"`
		On   *bool             `json:"on"`
	}
	for text, want := range map[string]string{
		`[]`:                   "an array where an object belongs",
		`7`:                    "a number where an object belongs",
		`"x"`:                  "a text where an object belongs",
		`{"list":{}}`:          "list: an object where an array belongs",
		`{"list":[{"id":7}]}`:  "list.id: a number where a text belongs",
		`{"list":[{"n":1.5}]}`: "list.n: a number where a whole number belongs",
		`{"map":[]}`:           "map: an array where an object belongs",
		`{"rate":"x"}`:         "rate: a text where a number belongs",
		`{"on":"x"}`:           "on: a text where true or false belongs",
		`{"more":1}`:           `unknown field "more"`,
		`{x`:                   "this is no JSON: invalid character 'x' looking for beginning of object key string",
	} {
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		cause := d.Decode(&into)
		err := PlainJSON(fmt.Errorf("line 1: %w", cause))
		if err.Error() != "line 1: "+want || !errors.Is(err, cause) || PlainJSON(err).Error() != err.Error() {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if err := PlainJSON(json.Unmarshal([]byte(`{"list":`), &into)); err == nil || err.Error() != "the JSON is cut short" {
		t.Errorf("got %v", err)
	}
	if PlainJSON(nil) != nil || PlainJSON(io.ErrUnexpectedEOF) != io.ErrUnexpectedEOF {
		t.Error("other errors do not stay")
	}
}
