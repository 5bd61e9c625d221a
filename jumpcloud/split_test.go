package jumpcloud

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRecords holds what is cut out of a list against what encoding/json
// makes of it.
func FuzzRecords(f *testing.F) {
	for _, text := range []string{
		`[]`, ` [ ] `, `null`, `{}`, `7`, `"a"`, `[null]`, `[{}]`, `[{},null , { "a" : [1, {"b":"]}"}] , "c":-1.5e3 } ]`, `[7]`, `[{"a":1},"b"]`, `[[{"a":1}]]`,
		`[{"a":1,"b":2},{"a":3,"b":4},{"b":5,"a":6},{"a":7},{"a":8,"b":9,"c":10}]`, `[{"a":1,"a":2},{"a":3,"b":4}]`,
		`[{"\u0061\"":"\\","é":"\"","":""},{"a\"":true}]`, "[{\"\xff\":\"\xff\"}]", `[{"a":1}`, `[{"a":tru}]`, "\n[\n{\"a\"\t:\r\nfalse\n}\n]\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		if !json.Valid(list) {
			return
		}
		var want []Record
		wantErr := json.Unmarshal(list, &want)
		got, err := records(list)
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Fatalf("error %v, want %v", err, wantErr)
		}
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, r := range got {
			for name := range r {
				var text string
				if json.Unmarshal(r[name], &text) != nil {
					text = ""
				}
				if got := r.Text(name); got != text {
					t.Errorf("text of %q: %q, want %q", name, got, text)
				}
				var inner struct{ ID *json.RawMessage }
				if json.Unmarshal(r[name], &inner) == nil && inner.ID == nil && r.TextIn(name, "id") != "" {
					t.Errorf("there is no id in %s", r[name])
				}
			}
		}
	})
}

func TestTextIn(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		`{"id":"1"}`: "1", ` { "type" : "user", "id" : "a\u0062" } `: "ab", `{"id":"1","id":"2"}`: "2",
		`{}`: "", `null`: "", `["id"]`: "", `"id"`: "", `{"id":7}`: "", `{"to":{"id":"3"}}`: "",
	} {
		if got := (Record{"to": json.RawMessage(to)}).TextIn("to", "id"); got != want {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
	if got := (Record{}).TextIn("to", "id"); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestEntries(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		`[1, {"a":[2]} ,null]`: {"1", `{"a":[2]}`, "null"}, ` ["]"] `: {`"]"`}, `[]`: nil, `null`: nil, `{"a":1}`: nil, `"[1]"`: nil, `7`: nil,
	} {
		var got []string
		for _, entry := range (Record{"list": json.RawMessage(list)}).Entries("list") {
			got = append(got, string(entry))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", list, diff)
		}
	}
	if got := (Record{}).Entries("list"); got != nil {
		t.Errorf("of nothing: %q", got)
	}
}

// A list is cut, not copied: a record more costs the map that it is.
func TestRecordsShareTheList(t *testing.T) {
	list := func(n int) []byte {
		b := []byte(`[{"id":"1","name":"a","members":[1,2,3]}`)
		for range n - 1 {
			b = append(b, `,{"id":"2","name":"b","members":[4,5,6]}`...)
		}
		return append(b, ']')
	}
	allocations := func(n int) float64 {
		l := list(n)
		return testing.AllocsPerRun(5, func() {
			if got, err := records(l); err != nil || len(got) != n {
				t.Fatalf("%d records, %v", len(got), err)
			}
		})
	}
	few, many := allocations(100), allocations(1100)
	if perRecord := (many - few) / 1000; perRecord > 3 {
		t.Errorf("%.2f allocations for a record more", perRecord)
	}
}
