package schema

import "testing"

func TestNear(t *testing.T) {
	t.Parallel()
	fields := []string{"jobTitle", "manager", "firstname", "lastname", "state", "email"}
	for _, c := range []struct {
		word       string
		candidates []string
		want       string
	}{
		{"job_title", fields, "jobTitle"},
		{"JOBTITLE", fields, "jobTitle"},
		{"manger", fields, "manager"},
		{"mnaager", fields, "manager"},
		{"start", fields, ""},
		{"e-mail", fields, "email"},
		{"name", fields, ""},
		{"", fields, ""},
		{"x", []string{"y", "X"}, "X"},
		{"hr", []string{"it"}, ""},
		{"GitHub – Engineering", []string{"GitHub - Engineering", "GitHub - Design"}, "GitHub - Engineering"},
		{"Ole\u0301", []string{"Olé"}, "Olé"},
		{"All\u00a0Users", []string{"All Users"}, "All Users"},
		{"teem", []string{"teen", "team"}, "team"},
		{"data", []string{"Date", "Data"}, "Data"},
		{"same", []string{"same"}, ""},
	} {
		if got := Near(c.word, c.candidates); got != c.want {
			t.Errorf("Near(%q, %q) = %q, want %q", c.word, c.candidates, got, c.want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"":                     "",
		"jobTitle":             "did you mean jobTitle?",
		"$eq":                  "did you mean $eq?",
		"mira@kelp.example":    "did you mean mira@kelp.example?",
		"GitHub - Engineering": "did you mean GitHub - Engineering?",
		"Zoë O'Neil (EU)":      "did you mean Zoë O'Neil (EU)?",
		"people/*.yaml":        "did you mean people/*.yaml?",
		"; rm: [x]":            `did you mean "; rm: [x]"?`,
		"All: Users":           `did you mean "All: Users"?`,
		"two  spaces":          `did you mean "two  spaces"?`,
		" Data":                `did you mean " Data"?`,
		`a "b"`:                `did you mean "a \"b\""?`,
		"All\u00a0Users":       `did you mean "All\u00a0Users"?`,
	} {
		if got := DidYouMean(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}
