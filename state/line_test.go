package state

import (
	"testing"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

func TestLine(t *testing.T) {
	t.Parallel()
	value := func(f schema.FieldID, part, text string) schema.Value {
		return schema.Value{Field: f, Part: part, Text: text}
	}
	tests := []struct {
		name   string
		values []schema.Value
		want   string
	}{
		{"nothing", nil, ""},
		{"text", []schema.Value{value(schema.JobTitle, "", "CEO")}, "jobTitle: CEO"},
		{"text in quotes", []schema.Value{value(schema.JobTitle, "", "a  b: \"c\"\nd")}, `jobTitle: "a  b: \"c\"\nd"`},
		{"unset", []schema.Value{value(schema.JobTitle, "", "")}, "jobTitle: null"},
		{"nobody", []schema.Value{value(schema.Manager, "", "")}, "manager: null"},
		{"bool", []schema.Value{value(schema.Sudoer, "", "false")}, "sudo: false"},
		{"state", []schema.Value{value(schema.State, "", "SUSPENDED")}, "state: suspended"},
		{"phone", []schema.Value{value(schema.PhoneNumbers, "work", `[{"number":"+49301234"}]`)}, `phoneNumbers: [{type: work, number: "+49301234"}]`},
		{"phones, one removed", []schema.Value{value(schema.PhoneNumbers, "home", ""), value(schema.PhoneNumbers, "work", `[{"number":"1"}]`)},
			`phoneNumbers: [{type: home, number: null}, {type: work, number: "1"}]`},
		{"attributes", []schema.Value{value(schema.Attributes, "badge", `"7"`), value(schema.Attributes, "tshirt", "")}, `attributes: {badge: "7", tshirt: null}`},
		{"address", []schema.Value{value(schema.Addresses, "work", `[{"country":"DE","locality":"Berlin"}]`)}, "addresses: [{type: work, locality: Berlin, country: DE}]"},
		{"no list", []schema.Value{value(schema.Tags, "", "[]")}, "tags: []"},
		{"rule", []schema.Value{value(schema.MemberQuery, "", `{"queryType":"FilterQuery"}`)}, "memberQuery: {queryType: FilterQuery}"},
		{"somebody who was not read", []schema.Value{value(schema.Manager, "", "#60aa00000000000000000001")}, ""},
		{"name", []schema.Value{value(schema.GroupName, "", "Data")}, ""},
		{"no rule", []schema.Value{value(schema.MembershipMethod, "", "STATIC")}, "membershipMethod: STATIC"},
		{"an entry without a type", []schema.Value{value(schema.PhoneNumbers, "", `[{"number":"1"}]`)}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := Line(test.values)
			if got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			var read yaml.Node
			if err := yaml.Unmarshal([]byte(got), &read); err != nil {
				t.Error(err)
			}
		})
	}
}
