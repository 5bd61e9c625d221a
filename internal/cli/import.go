package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"rollcall/state"
)

type importCmd struct {
	File     string   `arg:"" name:"file.csv" help:"The CSV file; delimiter and encoding are found out." predictor:"file"`
	Into     string   `help:"Add the people to this YAML file, comments and layout kept, instead of printing them." placeholder:"FILE" predictor:"yaml"`
	Like     string   `help:"Give everybody the groups and the department of this colleague, of --into or rollcall.yaml." placeholder:"USER"`
	Map      []string `help:"What a column is for: email=work_mail, phoneNumbers.work=tel, manager=boss_no:employeeIdentifier (repeatable). Without it the headings of JumpCloud's CSV import template and the names of fields count." placeholder:"FIELD=COLUMN" sep:"none"`
	Key      string   `help:"The column that tells one person from another; employeeIdentifier, email or username if it is not given." placeholder:"COLUMN"`
	Username string   `help:"What usernames are made of: \"{given}.{family}\". Without it the column username, else first and last name, else the e-mail." placeholder:"TEMPLATE"`
	Blank    string   `help:"What a blank cell says: keep (nothing) or clear (null)." enum:"keep,clear" default:"keep" placeholder:"keep|clear"`
}

// Help says where to go on.
func (*importCmd) Help() string {
	return "Asks nobody and needs no credential. People who are in the file already, by username, e-mail or employeeIdentifier, are left as they are; of a fragment that means in all documents that include it. A CSV file that comes again and again is better written as one of sources in the YAML file."
}

// Run prints the people as YAML, or adds them to a file.
func (cmd *importCmd) Run(r *run) error {
	o := state.ImportOptions{
		Key: cmd.Key, Map: cmd.Map, Username: cmd.Username, Clear: cmd.Blank == "clear",
		Into: cmd.Into, Like: cmd.Like, Add: cmd.Into != "",
	}
	if err := checkMap(cmd.Map); err != nil {
		return err
	}
	if _, err := os.Stat(defaultPath); o.Into == "" && o.Like != "" && err == nil {
		o.Into = defaultPath
	}
	im, notes, err := state.Import(cmd.File, o)
	var wrong state.Problems
	var accept *state.AcceptError
	switch {
	case errors.As(err, &wrong):
		r.problems(wrong)
		r.totals(wrong, " Nothing was written.")
		return exit(exitError)
	case errors.As(err, &accept):
		return hinted(accept.Hint, "%s; nothing was written", accept.Text)
	case err != nil:
		return err
	}
	r.problems(notes)
	return cmd.finish(r, im)
}

// checkMap refuses words that are no FIELD=COLUMN, and a second column for a
// field: only groups come from several.
func checkMap(words []string) error {
	first := map[string]string{}
	for _, word := range words {
		field, column, ok := strings.Cut(word, "=")
		field, column = strings.TrimSpace(field), strings.TrimSpace(column)
		switch other := first[field]; {
		case !ok || field == "" || column == "":
			return usage("", "--map takes FIELD=COLUMN, not %q", word)
		case other != "" && field != "groups":
			return usage("", "--map gives %s two columns, %q and %q; only groups can have several", field, other, column)
		}
		first[field] = column
	}
	return nil
}

// finish writes the people where they go, and says how many they are.
func (cmd *importCmd) finish(r *run, im *state.Imported) error {
	if n := len(im.Known); n > 0 {
		r.say("%s already in %s and left alone: %s", people(n), cmd.where(im), some(im.Known))
	}
	if im.Alone {
		r.say("no document that includes %s was found: who else is in the organization is not known; run rollcall validate on the whole", cmd.Into)
	}
	switch {
	case len(im.People) == 0:
		r.say("nobody to add")
		return nil
	case cmd.Into == "":
		_, err := im.WriteTo(r.out)
		return err
	}
	if err := replaceFiles(map[string][]byte{cmd.Into: im.Read}, map[string][]byte{cmd.Into: im.Text}); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "%s: %s added: %s\n", cmd.Into, people(len(im.People)), some(im.People))
	return nil
}

// where are the files in which people are known.
func (cmd *importCmd) where(im *state.Imported) string {
	switch n := len(im.Documents); {
	case n == 1:
		return im.Documents[0]
	case n > 1:
		return fmt.Sprintf("one of the %d files that include %s", n, cmd.Into)
	}
	return cmp.Or(cmd.Into, defaultPath)
}

// some are the first of many names.
func some(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}
