package apply_test

import (
	"encoding/json"
	"strings"
	"testing"

	"rollcall/plan"
	"rollcall/schema"
)

// sample is a delta of a field to some value of its type.
func sample(f *schema.Field) plan.Delta {
	switch f.Type {
	case schema.Bool:
		return set(f.ID, f.Unset, map[string]string{"true": "false", "false": "true"}[f.Unset])
	case schema.Int:
		return set(f.ID, "", "7001")
	case schema.Enum:
		return set(f.ID, f.Unset, f.Values[len(f.Values)-1])
	case schema.Ref:
		return manager("max", maxID)
	case schema.ByType:
		return part(f.ID, "work", "", `[{"`+f.Members[0]+`":"12"}]`)
	case schema.Map:
		if f.Kind == schema.Group {
			return part(f.ID, "posixGroups", "", `[{"id":5,"name":"x"}]`)
		}
		return part(f.ID, "badge", "", `"12"`)
	case schema.List:
		return set(f.ID, f.Unset, map[schema.FieldID]string{
			schema.SSHKeys: `[{"name":"k","public_key":"ssh-rsa x"}]`, schema.Relationships: `[{"type":"a","value":"b"}]`, schema.Tags: `["t"]`,
			schema.MemberQueryExemptions: `[{"id":"` + annID + `","type":"user"}]`,
		}[f.ID])
	case schema.Object:
		if f.ID == schema.MFA {
			return set(f.ID, "", `{"exclusion":true,"exclusionDays":3}`)
		}
		return set(f.ID, "", `{"filters":[{"field":"location","operator":"eq","value":"Kiel"}],"queryType":"FilterQuery"}`)
	case schema.Secret:
		return password("X")
	}
	if f.ID == schema.ExternalPasswordExpirationDate {
		return set(f.ID, "", "2027-01-02T03:04:05Z")
	}
	if f.Fold {
		return set(f.ID, "", "some@kelp.example")
	}
	return set(f.ID, "", "some text")
}

// holds checks that a record has the value of a delta, read as Read reads it.
func holds(t *testing.T, record map[string]any, delta plan.Delta) {
	t.Helper()
	f := schema.Of(delta.Field)
	if f.Type == schema.Secret {
		if date, _ := record["password_date"].(string); date == "" {
			t.Error("no password was set")
		}
		return
	}
	raw, err := json.Marshal(record[f.Name])
	if err != nil {
		t.Fatal(err)
	}
	values, err := f.FromJSON(raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := delta.Text
	if f.Type == schema.Ref {
		want = delta.RefID
	}
	for _, v := range values {
		if v.Part == delta.Part && (schema.Equal(f.ID, v.Text, want) || strings.EqualFold(v.Text, want)) {
			return
		}
	}
	t.Errorf("%s is %s, want %s", delta.Name(), raw, want)
}
