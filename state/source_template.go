package state

import (
	"regexp"
	"slices"
	"strings"

	"rollcall/schema"
)

// templateColumns are headings of JumpCloud's own CSV template and of what
// people write for the same, in lower case, and what they give. Others are
// looked for among the names of fields.
var templateColumns = map[string]string{
	"username": "username", "email": "email", "firstname": "firstname", "lastname": "lastname",
	"home_number": "phoneNumbers.home", "mobile_number": "phoneNumbers.mobile", "work_number": "phoneNumbers.work",
	"work_mobile_number": "phoneNumbers.work_mobile", "work_fax_number": "phoneNumbers.work_fax",
	"start": "start", "end": "end", "groups": "groups", "activation_email": "activation_email",
}

// addressColumns are the parts of an address in that template, behind home_
// and work_.
var addressColumns = map[string]string{
	"streetaddress": "streetAddress", "pobox": "poBox", "city": "locality", "locality": "locality",
	"state": "region", "region": "region", "postalcode": "postalCode", "country": "country",
}

var (
	groupColumn     = regexp.MustCompile(`^group(\d+)$`)
	attributeColumn = regexp.MustCompile(`^attribute(\d+)_name$`)
	attributeValue  = regexp.MustCompile(`^attribute(\d+)_value$`)
)

// byHeadings finds what columns give by their headings alone.
func (s *tableSource) byHeadings(a *assembly) {
	var others []string
	for i, h := range s.sheet.Headings {
		heading := strings.ToLower(h.Text)
		at := lineOf(s.file, h.Line, h.Column)
		switch name := templateAim(heading); {
		case heading == "":
		case passwordHeading.MatchString(heading):
			s.noPasswords(a, i)
		case name != "":
			t := aimAt(name)
			t.at, t.column = at, i
			s.aims = append(s.aims, t)
		case attributeColumn.MatchString(heading):
			s.namedByCells(a, i, attributeColumn.FindStringSubmatch(heading)[1])
		case attributeValue.MatchString(heading) && s.sheet.Index(strings.TrimSuffix(heading, "value")+"name") >= 0:
		default:
			others = append(others, h.Text)
		}
	}
	if len(others) > 0 {
		a.add(Warning, lineOf(s.file, 1, 1), "map says what a column is for", "columns that nothing is made of: %s", strings.Join(others, ", "))
	}
}

// templateAim is what a heading in lower case gives, "" for nothing known.
func templateAim(heading string) string {
	if name := templateColumns[heading]; name != "" {
		return name
	}
	if groupColumn.MatchString(heading) {
		return "groups"
	}
	if kind, part, ok := strings.Cut(heading, "_"); ok && (kind == "home" || kind == "work") && addressColumns[part] != "" {
		return "addresses." + kind + "." + addressColumns[part]
	}
	for _, f := range schema.Fields(schema.User) {
		if strings.EqualFold(f.Name, heading) && aimAt(f.Name) != nil {
			return f.Name
		}
	}
	return ""
}

// namedByCells reads a pair of columns of which one has the names of
// attributes and the other their values: one aim a name.
func (s *tableSource) namedByCells(a *assembly, names int, number string) {
	values := s.sheet.Index("attribute" + number + "_value")
	if values < 0 {
		a.errorf(lineOf(s.file, s.sheet.Headings[names].Line, s.sheet.Headings[names].Column), "there is no column Attribute%s_value for the names in %s", number, s.sheet.Headings[names].Text)
		return
	}
	var seen []string
	for _, c := range s.sheet.Column(names) {
		if c.Text != "" && !slices.Contains(seen, c.Text) {
			seen = append(seen, c.Text)
		}
	}
	s.nameless(a, names, values)
	h := s.sheet.Headings[values]
	for _, name := range seen {
		if secretHeading.MatchString(name) {
			a.add(Error, lineOf(s.file, h.Line, h.Column), noSecretsHint, "attribute %q looks like one of passwords or keys; rollcall takes none from a table", name)
			continue
		}
		s.aims = append(s.aims, &aim{at: lineOf(s.file, h.Line, h.Column), name: "attributes." + name, field: schema.Of(schema.Attributes), part: name, column: values, named: &namedBy{names, name}})
	}
}

// nameless warns of values of attributes that have no name.
func (s *tableSource) nameless(a *assembly, names, values int) {
	var found []place
	for r, row := range s.sheet.Rows {
		if row[names].Text == "" && row[values].Text != "" {
			found = append(found, s.place(values, r))
		}
	}
	if len(found) > 0 {
		a.add(Warning, found[0], "write the name of the attribute", "column %q: the value here has no name in column %q and is not read%s", s.sheet.Headings[values].Text, s.sheet.Headings[names].Text, asIn(len(found)-1))
	}
}

const noPasswordsHint = "take the column out: JumpCloud mails people a link to set their own (activation_email), or write password: {from: {env: NAME}} at the person in YAML"

const noSecretsHint = "take it out: JumpCloud mails people a link to set a password of their own (activation_email); if there is no secret in it, give it another name"

// passwordWords are the last words of a heading for passwords.
const passwordWords = `passw(or)?d|passphrase|passcode|passwort|kennwort|mot de passe|contrase[ñn]a|wachtwoord|(^|[^\pL])pwd`

// secretHeading is the heading of a column of secrets, which must not be mapped:
// Initial password, API key (old), Passwort 2. One of passwords, passwordHeading,
// must not be in the table: of other secrets the word alone is no proof, as in
// Hardware token.
var (
	secretHeading   = headingEnding(secretWords + "|" + passwordWords)
	passwordHeading = headingEnding(passwordWords)
)

// headingEnding is a heading with one of some words at its end, but for what
// is no letter and a remark in parentheses.
func headingEnding(words string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(` + words + `)[^\pL]*(\(.*)?$`)
}

// answer is a cell that is no password but says something about one: whether
// there is one, or since when.
var answer = regexp.MustCompile(`(?i)^(yes|no|y|n|x|true|false|0|1|ja|nein|oui|non|s[ií]|\d{1,4}[-./]\d{1,2}[-./]\d{1,4})$`)

// noPasswords refuses the passwords of a column, and never shows them.
func (s *tableSource) noPasswords(a *assembly, column int) {
	plain := Fold(s.sheet.Headings[column].Text) == "password"
	for _, c := range s.sheet.Column(column) {
		if c.Text != "" && (plain || !answer.MatchString(c.Text)) {
			a.add(Error, lineOf(s.file, c.Line, c.Column), noPasswordsHint, "column %q has a password; rollcall takes no passwords from files that are checked in or mailed", s.sheet.Headings[column].Text)
			return
		}
	}
}
