package story_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"rollcall/jumpcloud/sandbox"
	"rollcall/schema"
)

// TestNullClears holds for each field that can be cleared that null does
// that with one request, that the same file without the field does nothing,
// and that no other member of the record is touched by either.
func TestNullClears(t *testing.T) {
	t.Parallel()
	for _, k := range []schema.Kind{schema.User, schema.Group} {
		for _, f := range fieldsOf(k) {
			if f.Write&schema.Clear == 0 || f.Type == schema.Map {
				continue // of a map the parts are cleared: see the story nulls
			}
			t.Run(fmt.Sprint(k, " ", f.Name), func(t *testing.T) {
				t.Parallel()
				v := sample(f)
				c := clearing{newWorld(t, withField(f, v)), t.TempDir(), f}
				c.plan(t, map[string]any{}, 0)
				c.plan(t, map[string]any{f.Name: v.written}, 0)
				c.plan(t, map[string]any{f.Name: nil}, 1)
				c.plan(t, map[string]any{f.Name: nil}, 0)
			})
		}
	}
}

// sample is a value of a field that is not nothing.
func sample(f *schema.Field) (v value) {
	made := rapid.Custom(func(t *rapid.T) value {
		rapid.Bool().Draw(t, "a bit") // which rapid asks for, and not all values need
		return (&maker{T: t}).value(f)
	})
	for seed := 1; ; seed++ {
		v = made.Example(seed)
		if r := reflect.ValueOf(v.recorded); v.recorded != nil && (r.Kind() != reflect.Slice || r.Len() > 0) {
			return v
		}
	}
}

// withField is an organization of a person and a group, of which one has a
// value of a field, and all else that can be set beside it.
func withField(f *schema.Field, v value) sandbox.State {
	user := sandbox.User{"username": "ada", "email": "ada@kelp.example", "state": "ACTIVATED"}
	group := sandbox.Group{"name": "ada", "members": []any{"ada"}}
	records := [...]map[string]any{schema.User: user, schema.Group: group}
	for _, other := range fieldsOf(f.Kind) {
		records[f.Kind][other.Name] = sample(other).recorded
	}
	records[f.Kind][f.Name] = v.recorded
	return sandbox.State{Organizations: []sandbox.Organization{{ID: kelpID, Name: "Bright Kelp", Users: []sandbox.User{user}, Groups: []sandbox.Group{group}}}}
}

// clearing is a world in which a field is cleared.
type clearing struct {
	*world
	dir   string
	field *schema.Field
}

// plan plans from an entry, which must make so many changes, and applies it.
func (c *clearing) plan(t *testing.T, entry map[string]any, changes int) {
	t.Helper()
	section := [...]string{schema.User: "users", schema.Group: "groups"}[c.field.Kind]
	text, err := yaml.Marshal(map[string]any{
		"version": 1, "org": map[string]any{"id": kelpID, "name": "Bright Kelp"},
		section: map[string]any{"ada": maps.Clone(entry)},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(c.dir, "rollcall.yaml")
	write(t, file, text)
	desired, before := loadFile(t, file), c.Snapshot()
	org, _, err := c.world.plan(t, desired)
	if err != nil || len(org.Changes) != changes || len(org.Refused) > 0 {
		t.Fatalf("%s: %d changes, want %d; %v\n%s", text, len(org.Changes), changes, err, printed(t, org))
	}
	c.apply(t, t.Context(), org, nil)
	after := c.Snapshot()
	untouched(t, desired, &before.Organizations[0], &after.Organizations[0])
}
