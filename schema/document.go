package schema

import (
	"fmt"
	"slices"
	"strings"
)

// Shapes of texts in a document.
const (
	idPattern    = "^[0-9a-fA-F]{24}$"
	datePattern  = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
	limitPattern = `^[0-9]+(\.\.[0-9]+(\.[0-9]+)?%\.\.[0-9]+)?$`
)

// documentNode is the JSON Schema of a desired-state file: the fixed part,
// and what the table says about fields. A file without version is a
// fragment and has none of the keys that need one.
func documentNode() *node {
	root := mapping(
		property{"version", (&node{Type: []string{"integer"}, Const: 1}).doc("Version of this format; a file without it is a fragment that another file includes.")},
		property{"org", orgNode()},
		property{"sources", listOf(tableNode()).is("a list of CSV files").doc("CSV files whose people and columns belong to the desired state; what YAML says of a person wins.")},
		property{"include", listOf(plain()).is("a list of file patterns").doc("Fragments with more defaults, users and groups: paths or globs relative to this file.")},
		property{"defaults", defaultsNode()},
		property{"policy", policyNode()},
		property{"users", mappingOf(ref("user")).is("a mapping of usernames").doc("The people, by username.")},
		property{"groups", mappingOf(ref("group")).is("a mapping of group names").doc("The user groups, by name.")},
	).is("a mapping with version, org, users and groups")
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.ID = documentID
	root.Description = "Desired state of a JumpCloud organization, for rollcall."
	root.DependentRequired = map[string][]string{"org": {"version"}, "include": {"version"}, "sources": {"version"}, "policy": {"version"}}
	root.Defs = properties{
		{"document", (&node{Ref: "#"}).must("version")},
		{"fragment", fragmentNode(root.Properties)},
		{"user", userNode()},
		{"group", groupNode()},
		{"reference", referenceNode("env", "file")},
		{"password", passwordNode()},
	}
	return root
}

// fragmentNode is the schema of a file without version.
func fragmentNode(document properties) *node {
	n := mapping()
	for _, name := range []string{"defaults", "users", "groups"} {
		n.Properties = append(n.Properties, property{name, document.get(name)})
	}
	return n.is("a mapping with defaults, users and groups")
}

func orgNode() *node {
	account := mapping(
		property{"client_id", ref("reference")},
		property{"client_secret", ref("reference")},
	).must("client_id", "client_secret")
	return mapping(
		property{"id", idNode().doc("JumpCloud's organization id.")},
		property{"name", plain().doc("The organization's name; must be the live one, and is what --org takes.")},
		property{"region", oneWord("us", "eu", "in").doc("Where the organization lives; us by default.")},
		property{"timezone", plain().doc("Time zone of dates in this document, such as Europe/Berlin; UTC by default.")},
		property{"api_key", ref("reference").doc("Where the API key is; {env: JUMPCLOUD_API_KEY} by default.")},
		property{"service_account", account.doc("Where the client id and secret of a service account are; instead of api_key.")},
	).doc("The organization, and how to sign in to it.")
}

// tableNode is the schema of a CSV file with people.
func tableNode() *node {
	column := plain()
	column.Type = append(column.Type, "object")
	column.Properties = properties{
		{"column", plain().doc("The heading of the column, or a text with {column}s in it.")},
		{"by", plain().doc("Of manager: employeeIdentifier, email or username, by which the manager is found.")},
		{"values", mappingOf(plain()).is("a mapping of texts").doc("What texts of the column are in JumpCloud; others are taken as they are, with a warning.")},
	}
	column.Additional = false
	column.must("column").is("a column, or {column: NAME, ...}")
	several := &node{Type: append(slices.Clone(column.Type), "array"), Properties: column.Properties, Additional: false, Required: column.Required, Items: column}
	several.is("a column, {column: NAME, ...}, or for groups a list of them")
	return mapping(
		property{"csv", plain().is("the path of a CSV file").doc("Path of the file, relative to this one: .csv, .tsv or .txt. Delimiter and encoding are found out.")},
		property{"key", plain().doc("The column by which people are found: one that is mapped to employeeIdentifier, email, username or attributes.NAME. Without it the first of these that there is.")},
		property{"map", mappingOf(several).is("a mapping of fields to columns").doc("What columns are for: FIELD: COLUMN, FIELD.PART as in phoneNumbers.work or addresses.work.locality, username, groups, start, end. Without it the headings of JumpCloud's CSV import template and the names of fields.")},
		property{"username", plain().doc("Username of somebody new, with {column}s: \"{given}.{family}\". Accents are left out. Somebody live keeps theirs.")},
		property{"blank", oneWord("keep", "clear").doc("A blank cell: keep (the default) leaves the field alone, clear empties it.")},
		property{"may_shrink", (&node{Type: []string{"integer", "string"}, Pattern: `^[0-9]+(\.[0-9]+)?%?$`, Minimum: new(int)}).is("a number of people, or a percentage as in 3%").doc("How many people fewer than in the base, or than are live with the key, the file may have; more is refused as a file that was cut off. With a base 10% (at least 3) when it is not written.")},
	).must("csv").is("a mapping with csv, key and map")
}

func defaultsNode() *node {
	user := mapping(
		property{"activation_email", activationNode()},
		property{"groups", groupsNode()},
	)
	for _, f := range Fields(User) {
		if !f.Key && f.Type != Secret {
			user.Properties = append(user.Properties, property{f.Name, ref("user/properties/" + f.Name)})
		}
	}
	group := mapping(property{"exact", exactNode()})
	for _, f := range Fields(Group) {
		if !f.Key {
			group.Properties = append(group.Properties, property{f.Name, ref("group/properties/" + f.Name)})
		}
	}
	return mapping(
		property{"user", user.doc(`What every person of this file has who says nothing else; "{username}" in a text is the username. groups and attributes add up. state decides only how a person is created.`)},
		property{"group", group.doc("What every group of this file has that says nothing else.")},
	).doc("What people and groups have who say nothing else.")
}

func policyNode() *node {
	filter := mapping(
		property{"field", plain().doc("JumpCloud's name of a user field.")},
		property{"operator", oneWord("$eq", "$ne", "$in", "$nin", "$gt", "$gte", "$lt", "$lte", "$sw").doc("How the field is compared with the value.")},
		property{"value", plain()},
	).must("field", "operator", "value")
	return mapping(
		property{"unlisted_users", oneWord("ignore", "report", "suspend", "delete").doc("What happens to live users, in scope, whom the file does not name; report by default.")},
		property{"dropped_users", oneWord("report", "suspend", "delete").doc("What happens to users of the base revision whom the file no longer names; report by default.")},
		property{"unlisted_groups", oneWord("ignore", "report").doc("What happens to live groups that the file does not name; report by default.")},
		property{"scope", listOf(filter).doc("Which live users count as unlisted at all: those for whom all filters hold.")},
		property{"ignore", namesNode().doc("Never listed and never touched; to name one in the file is an error.")},
		property{"protect", namesNode().doc("Never suspended, deleted or emptied, no one added, and no change of e-mail, recovery, password or keys, without --allow protected=NAME.")},
		property{"limits", limitsNode().doc("How much one plan may change before apply refuses it: a number, or N..P%..M: P percent of what was read, at least N, at most M. What is lost is never more than half of what there is, at least 1 (of all memberships: from 10 on); what is gained has no limit in an organization without users.")},
		property{"allow", listOf(allowNode()).doc("Reviewed exceptions from limits and protection.")},
	).doc("What rollcall may do beyond what the file names, and how much of it.")
}

func namesNode() *node {
	return mapping(
		property{"users", listOf(plain()).doc("Globs of usernames.")},
		property{"groups", listOf(plain()).doc("Globs of group names.")},
	)
}

// limits are the names of the limits, in the order of the reference, with
// what is allowed without being written; package plan has the numbers.
var limits = []struct{ name, doc, without string }{
	{"suspend_users", "People suspended.", "3..5%..50 of the users"},
	{"delete_users", "People deleted.", "1..1%..5 of the users"},
	{"delete_groups", "Groups deleted.", "1"},
	{"remove_members", "Memberships removed.", "10..5%..500 of the memberships"},
	{"shrink_group", "Members that any one group loses.", "half of the members, any part of a group of fewer than 5"},
	{"create_users", "People created.", "50..20%..500 of the users"},
	{"activate_users", "People activated.", "50..20%..500 of the users"},
	{"mails", "Mails that JumpCloud sends.", "50..20%..500 of the users"},
	{"add_members", "Members that any one live group gains.", "20..50%..500 of the users"},
	{"reset_passwords", "Passwords set for people who exist.", "3"},
}

func limitsNode() *node {
	n := mapping()
	for _, l := range limits {
		value := &node{Type: []string{"integer", "string"}, Pattern: limitPattern, Minimum: new(int)}
		n.Properties = append(n.Properties, property{l.name, value.is("a number, or N..P%..M as in 10..5%..200").doc(l.doc + " Default: " + l.without + ".")})
	}
	return n
}

func allowNode() *node {
	n := mapping()
	for _, l := range limits {
		n.Properties = append(n.Properties, property{l.name, integer(0).doc(l.doc)})
	}
	n.Properties = append(n.Properties,
		property{"reactivate_users", integer(0).doc("Suspended people activated again.")},
		property{"recreate_users", integer(0).doc("People created again whom somebody deleted.")},
		property{"protected", plain().doc("A protected user or group that may be changed.")},
		property{"group", plain().doc("A group that may be deleted, or whose rule may change.")},
		property{"until", dateNode().doc("The last day of the exception.")},
	)
	n.MinProperties = 1
	return n.is("a mapping such as {suspend_users: 12, until: 2026-12-01}")
}

func userNode() *node {
	n := mapping(
		property{"was", wasNode().doc("Former username, or a list of them: renames the live person, as long as nobody has the new name.")},
		property{"new", boolean().doc("true: not the same person as a live one with the same e-mail or number.")},
		property{"ensure", oneWord("absent").doc("absent: deletes the person, once suspended or staged.")},
		property{"id", idNode().doc("With ensure: only the person with this id is deleted.")},
		property{"reports_to", plain().orNull().doc("With ensure: who becomes the manager of the deleted person's reports; null: nobody.")},
		property{"activation_email", activationNode()},
		property{"groups", groupsNode()},
		property{"start", dateNode().doc("First day, in org.timezone: until then a new person is staged, from then on a staged one is activated.")},
		property{"end", dateNode().doc("Last day: from the day after it an activated person is suspended, and nobody is created.")},
	)
	for _, f := range Fields(User) {
		if !f.Key {
			n.Properties = append(n.Properties, property{f.Name, f.node()})
		}
	}
	return n.is("a mapping of a person's fields, {} if there are none")
}

func groupNode() *node {
	n := mapping(
		property{"was", wasNode().doc("Former name, or a list of them: renames the live group, as long as none has the new name.")},
		property{"ensure", oneWord("absent").doc("absent: deletes the group.")},
		property{"exact", exactNode()},
		property{"members", listOf(plain()).is("a list of usernames").doc("Usernames to add; [] with exact empties the group.")},
	)
	for _, f := range Fields(Group) {
		if !f.Key {
			n.Properties = append(n.Properties, property{f.Name, f.node()})
		}
	}
	return n.is("a mapping of a group's fields, {} if there are none")
}

func wasNode() *node {
	return (&node{Type: []string{"string", "number", "boolean", "array"}, Items: plain()}).is("a name or a list of names")
}

func idNode() *node {
	n := plain().is("an id of 24 hexadecimal digits")
	n.Pattern = idPattern
	return n
}

func dateNode() *node {
	n := (&node{Type: []string{"string"}}).is("a date such as 2026-12-31")
	n.Pattern = datePattern
	return n
}

func activationNode() *node {
	return plain().is("send, none or an e-mail address").doc("Where the mail of an activation goes: send (the default), none, or an address.")
}

func groupsNode() *node {
	name := plain()
	item := &node{Type: append(name.Type, "object"), Additional: false, Properties: properties{
		{"group", plain()},
		{"until", dateNode().doc("Last day of the membership; from the day after it the person must not be in the group, until the entry is deleted.")},
	}}
	item.must("group", "until")
	item.is("a group name, or {group: NAME, until: DATE}")
	return listOf(item).is("a list of group names").doc("Names of groups to be in, or {group: NAME, until: DATE}; on a person [] is: in no static group.")
}

func exactNode() *node {
	return boolean().doc("true: members whom the file does not name are removed; false by default.")
}

func referenceNode(kinds ...string) *node {
	n := mapping()
	for _, kind := range kinds {
		value := plain()
		if kind == "command" {
			value = listOf(plain()).is("a list: a program and its arguments")
			value.Description = "A program that prints it; needs --allow-commands."
		}
		n.Properties = append(n.Properties, property{kind, value})
	}
	n.Properties.get("env").doc("Name of the environment variable that holds it.")
	n.Properties.get("file").doc("Path of the file that holds it, relative to this one.")
	n.MinProperties, n.MaxProperties = 1, 1
	return n.is("a reference such as {env: NAME} or {file: PATH}, never the secret itself")
}

func passwordNode() *node {
	return mapping(
		property{"from", referenceNode("env", "file", "command").doc("Where the password is that a person gets who is created.")},
		property{"since", dateNode().doc("Sets the password of a person who exists, too, if the live one is older than this day; without it from is used only when a person is created.")},
	).must("from").is("a reference such as {from: {env: NAME}}, never the password itself")
}

// node is the schema of a field's value.
func (f *Field) node() *node {
	n := f.shape()
	if f.canClear() && f.Type != Map {
		n.orNull()
	}
	return n.doc(f.Doc)
}

// shape is node without null and the description.
func (f *Field) shape() *node {
	switch f.Type {
	case Bool:
		return boolean()
	case Int:
		return integer(f.Min)
	case Enum:
		return enumNode(f.Values)
	case ByType, List:
		n := listOf(f.entryNode())
		if f.ID == MemberQueryExemptions {
			n.Items = openNode("id", "type").must("id", "type")
		}
		return n
	case Map:
		return f.mapNode()
	case Object:
		return f.objectNode()
	case Secret:
		return ref("password")
	}
	n := f.textNode()
	if f.Wrap != "" {
		n = &node{Type: append(n.Type, "object"), MaxLength: n.MaxLength, Properties: properties{{f.Wrap, f.textNode().orNull()}}, Additional: false, Required: []string{f.Wrap}}
		n.is(fmt.Sprintf("a text or {%s: ...}", f.Wrap))
	}
	return n
}

func (f *Field) textNode() *node {
	n := plain()
	n.MaxLength = f.Max
	return n
}

// enumNode takes the words in any case; editors offer them in lower case.
func enumNode(words []string) *node {
	lower := make([]string, len(words))
	var pattern strings.Builder
	for i, w := range words {
		lower[i] = strings.ToLower(w)
		if i > 0 {
			pattern.WriteByte('|')
		}
		for _, r := range w {
			if up, low := strings.ToUpper(string(r)), strings.ToLower(string(r)); up != low {
				pattern.WriteString("[" + up + low + "]")
			} else {
				pattern.WriteRune(r)
			}
		}
	}
	return &node{Type: []string{"string"}, AnyOf: []*node{{Enum: lower}, {Pattern: "^(" + pattern.String() + ")$"}}}
}

// entryNode is the schema of an entry of a ByType or List field.
func (f *Field) entryNode() *node {
	if f.Members == nil {
		return f.textNode()
	}
	n := mapping()
	if f.Type == ByType {
		n.Properties = properties{{"type", f.textNode().orNull()}}
	}
	for _, m := range f.Members {
		member := f.textNode()
		if f.Type == ByType {
			member.orNull()
		} else {
			n.Required = append(n.Required, m)
		}
		n.Properties = append(n.Properties, property{m, member})
	}
	return n
}

// openNode is a mapping in which some members are text, and which may have
// others.
func openNode(texts ...string) *node {
	n := &node{Type: []string{"object"}}
	for _, t := range texts {
		n.Properties = append(n.Properties, property{t, plain()})
	}
	return n
}

func (f *Field) mapNode() *node {
	if f.Kind == User {
		n := mappingOf(f.textNode().orNull()).is("a mapping of attribute names")
		n.MinProperties = 1
		return n
	}
	// openapi-v2.json, GroupAttributes-UserGroup.
	sudo := (&node{Type: []string{"object"}, Properties: properties{{"enabled", boolean()}, {"withoutPassword", boolean()}}}).must("enabled", "withoutPassword")
	posix := (&node{Type: []string{"object"}, Properties: properties{{"id", integer(1)}, {"name", plain()}}}).must("id", "name")
	reply := listOf(openNode("name", "value").must("name", "value"))
	n := &node{Type: []string{"object"}, MinProperties: 1, Properties: properties{
		{"sudo", sudo.orNull().doc("Administrator rights on devices for members.")},
		{"ldapGroups", listOf(openNode("name").must("name")).orNull().doc("LDAP groups that members are in.")},
		{"posixGroups", listOf(posix).orNull().doc("POSIX groups of members; only the first counts.")},
		{"radius", (&node{Type: []string{"object"}, Properties: properties{{"reply", reply}}}).orNull().doc("RADIUS reply attributes.")},
		{"sambaEnabled", boolean().orNull().doc("Whether members may use Samba over LDAP.")},
	}}
	return n.is("a mapping of attribute names")
}

func (f *Field) objectNode() *node {
	if f.ID == MFA {
		return mapping(
			property{"exclusion", boolean().doc("true: not asked for a second factor.")},
			property{"exclusionUntil", plain().doc("When the exclusion ends.")},
			property{"exclusionDays", integer(1).doc("Days until it ends, for staged people.")},
		)
	}
	n := openNode("queryType")
	n.Properties = append(n.Properties, property{"filters", listOf(openNode("field", "operator", "operation"))})
	return n
}
