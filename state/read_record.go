package state

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rollcall/jumpcloud"
	"rollcall/schema"
)

// values appends the values of a record, sorted. Unless the record is whole,
// the fields that lists omit are left out: what a list says of them means
// nothing (facts.md section 7).
func values(k schema.Kind, record jumpcloud.Record, whole bool, dst []schema.Value) ([]schema.Value, error) {
	for _, f := range schema.Fields(k) {
		if f.Key || f.Alias || f.Type == schema.Secret || f.ListOmits && !whole {
			continue
		}
		var err error
		if dst, err = f.FromJSON(record[f.Name], dst); err != nil {
			return dst, err
		}
		if f.ID == schema.State {
			dst = withState(record, dst)
		}
	}
	return dst, nil
}

// withState adds the state of a user record that does not say it, as those
// from before states did not: suspended says the same (facts.md section 4).
func withState(record jumpcloud.Record, dst []schema.Value) []schema.Value {
	if n := len(dst); n > 0 && dst[n-1].Field == schema.State {
		return dst
	}
	text := Activated
	if record.Bool("suspended") {
		text = Suspended
	}
	return append(dst, schema.Value{Field: schema.State, Text: text})
}

// factOf is what a record says besides its values.
func factOf(k schema.Kind, record jumpcloud.Record) Fact {
	if k == schema.Group {
		return Fact{Dynamic: strings.HasPrefix(record.Text("membershipMethod"), "DYNAMIC")}
	}
	return Fact{
		Locked:       locks(record["restrictedFields"]),
		Admin:        says(record["admin"]),
		OrgID:        record.Text("organization"),
		Created:      moment(record.Text("created")),
		PasswordDate: moment(record.Text("password_date")),
		Arrays:       arrays(record),
	}
}

// locks are the fields that restrictedFields names, in the table's order.
// Those that the table does not have are left out.
func locks(raw json.RawMessage) (locked []Lock) {
	var restricted []struct{ Field, Type string }
	if !says(raw) || json.Unmarshal(raw, &restricted) != nil {
		return nil
	}
	for _, x := range restricted {
		if f := schema.Lookup(schema.User, x.Field); f != nil {
			locked = append(locked, Lock{Field: f.ID, By: x.Type})
		}
	}
	slices.SortFunc(locked, func(a, b Lock) int {
		return cmp.Or(int(a.Field)-int(b.Field), strings.Compare(a.By, b.By))
	})
	return slices.Compact(locked)
}

// arrays are the entries of a user's array fields that are managed by part,
// as they came.
func arrays(record jumpcloud.Record) (kept []Array) {
	for _, f := range byPart {
		if entries := record.Entries(f.Name); len(entries) > 0 {
			kept = append(kept, Array{Field: f.ID, Entries: entries})
		}
	}
	return kept
}

// byPart are the fields of users that are arrays managed by part.
var byPart = func() (fields []*schema.Field) {
	for _, f := range schema.Fields(schema.User) {
		if f.Type == schema.ByType || f.Type == schema.Map {
			fields = append(fields, f)
		}
	}
	return fields
}()

// says tells whether raw is there and is neither null nor empty.
func says(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "{}", "[]", `""`:
		return false
	}
	return true
}

// moment is a time as JumpCloud writes it, zero if it is none.
func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}
