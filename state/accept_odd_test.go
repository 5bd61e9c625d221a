package state_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/state"
)

// Columns count characters, and what YAML takes for the end of a line is one,
// whatever it looks like.
func TestAcceptOddBreaks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, before, after string }{
		{"wide characters", "users: {\"é😀\": {jobTitle: Zoë}, a: {location: \"ü\", jobTitle: x}}\n", "users: {\"é😀\": {jobTitle: Zoë}, a: {location: \"ü\", jobTitle: \"y\"}}\n"},
		{"a next line in a comment", "users:\n  # one\u0085  a: {jobTitle: x}\n", "users:\n  # one\u0085  a: {jobTitle: \"y\"}\n"},
		{"a line separator in quotes", "users:\n  a: {location: \"o\u2028  ne\", jobTitle: x}\n", "users:\n  a: {location: \"o\u2028  ne\", jobTitle: \"y\"}\n"},
		{"a paragraph separator in a block", "users:\n  a:\n    location: |\n      one\u2029      two\n    jobTitle: x # z\n", "users:\n  a:\n    location: |\n      one\u2029      two\n    jobTitle: \"y\" # z\n"},
		{"returns alone", "users:\r  a:\r    jobTitle: x\r    location: z\r", "users:\r  a:\r    jobTitle: \"y\"\r    location: z\r"},
		{"a tab in front of a comment", "users:\t# all\n  a:\t{jobTitle: x\t}\t# a\n", "users:\t# all\n  a:\t{jobTitle: \"y\"\t}\t# a\n"},
		{"no text at all below a key", "users:\n  a:\n    # nothing yet\n    {jobTitle: x}\n", "users:\n  a:\n    # nothing yet\n    {jobTitle: \"y\"}\n"},
		{"a question mark", "users:\n  ? a\n  : jobTitle: x\n", "users:\n  ? a\n  : jobTitle: \"y\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "rollcall.yaml")
			write(t, file, "version: 1\n"+c.before)
			d := load(t, file, "")
			live := liveOf(d)
			l := live.Find(0, "a")
			for i, v := range live.Objects[l].Values {
				if v.Name() == "jobTitle" {
					live.Objects[l].Values[i].Text = "y"
				}
			}
			got, err := state.Accept(d, live, "", os.ReadFile, "user:a")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("version: 1\n"+c.after, string(got.Files[file])); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
