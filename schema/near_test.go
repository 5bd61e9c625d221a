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
