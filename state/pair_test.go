package state

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/schema"
)

// pairing is a file and live: jj was jon, Data was Data Team and is renamed
// already, 1234 is a username and the number of somebody else.
func pairing() *Pairs {
	value := func(f schema.FieldID, text string) schema.Value { return schema.Value{Field: f, Text: text} }
	want := desired(nil, map[string]Intent{"jj": {Was: []string{"jon"}}, "Data": {Was: []string{"Data Team"}}, "New": {Was: []string{"Old"}}, "a": {Was: []string{"x"}}, "b": {Was: []string{"x"}}},
		object(schema.User, "a"), object(schema.User, "b"), object(schema.User, "jj"), object(schema.Group, "Data"), object(schema.Group, "New"))
	live := &Live{Org: Org{Objects: []Object{
		object(schema.User, "1234"),
		object(schema.User, "eva", value(schema.Email, "eva@kelp.example"), value(schema.EmployeeIdentifier, "eva@kelp.example")),
		object(schema.User, "jon", value(schema.Email, "jon@kelp.example")),
		object(schema.User, "ole", value(schema.Email, "ole@kelp.example"), value(schema.EmployeeIdentifier, "1234")),
		object(schema.Group, "Data"), object(schema.Group, "Old"),
	}}, Facts: make([]Fact, 6)}
	return Pair(want, live)
}

func TestPerson(t *testing.T) {
	t.Parallel()
	p := pairing()
	if d := cmp.Diff([]int32{-1, -1, 2, 4, 5}, p.Live); d != "" {
		t.Errorf("pairs (-want +got):\n%s", d)
	}
	for _, c := range []struct {
		text    string
		want    Match
		several bool
		ok      bool
	}{
		{"JJ", Match{Desired: 2, Live: 2}, false, true},
		{"jon", Match{Desired: 2, Live: 2, Former: true}, false, true},
		{"jon@kelp.example", Match{Desired: 2, Live: 2}, false, true},
		{"eva@kelp.example", Match{Desired: -1, Live: 1}, false, true}, // one person, twice
		{"1234", Match{Desired: -1, Live: 0}, true, false},
		{"ole", Match{Desired: -1, Live: 3}, false, true},
		{"x", Match{Desired: -1, Live: -1}, false, false}, // two were x
		{"nobody", Match{Desired: -1, Live: -1}, false, false},
	} {
		got, several, ok := p.Person(c.text)
		if d := cmp.Diff(c.want, got); d != "" || several != c.several || ok != c.ok {
			t.Errorf("%s: several %v, ok %v (-want +got):\n%s", c.text, several, ok, d)
		}
	}
}

// A username that is somebody else's employeeIdentifier names two people of
// the file, too.
func TestLoadSeveralPeople(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	text := "version: 1\nusers:\n  a100: {email: a@kelp.example, employeeIdentifier: A100}\n  b200: {email: b@kelp.example, employeeIdentifier: a200}\n" +
		"  a200: {email: c@kelp.example, manager: a100}\n  d: {email: d@kelp.example, manager: a200}\n  e: {email: e@kelp.example, manager: c@kelp.example}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := Load([]string{file}, LoadOptions{})
	var wrong Problems
	if !errors.As(err, &wrong) || len(wrong) != 1 || wrong[0].Line != 6 || !strings.Contains(wrong[0].Text, `manager "a200": that is a username, and somebody`) {
		t.Errorf("got %v", err)
	}
}

func TestGroupByFormerName(t *testing.T) {
	t.Parallel()
	p := pairing()
	for _, c := range []struct {
		name string
		want Match
		ok   bool
	}{
		{"Data", Match{Desired: 3, Live: 4}, true},
		{"Data Team", Match{Desired: 3, Live: 4, Former: true}, true}, // renamed already
		{"Old", Match{Desired: 4, Live: 5, Former: true}, true},
		{"data", Match{Desired: -1, Live: -1}, false},
	} {
		got, ok := p.Group(c.name)
		if d := cmp.Diff(c.want, got); d != "" || ok != c.ok {
			t.Errorf("%s: ok %v (-want +got):\n%s", c.name, ok, d)
		}
	}
}

func TestLimitIsExact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		l       Limit
		n, want int
	}{
		{Limit{Percent: 9.2, Max: 500}, 750, 69},
		{Limit{Percent: 0.07, Max: 500}, 10000, 7},
		{Limit{Percent: 5, Max: 500}, 199, 9},
		{Limit{Min: 3, Percent: 5, Max: 50}, 10, 3},
		{Limit{Min: 3, Percent: 5, Max: 50}, 100000, 50},
		{Limit{Min: 4, Max: 4}, 10, 4},
	} {
		if got := c.l.Of(c.n); got != c.want {
			t.Errorf("%v of %d: %d, want %d", c.l, c.n, got, c.want)
		}
	}
}
