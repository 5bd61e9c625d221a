package schema

import "strings"

// planID is the identity of the plan schema; it is no address.
const planID = "urn:rollcall:plan:1"

// planNode is the JSON Schema of a plan in JSON: plan.schema.json is made
// from it.
func planNode() *node {
	root := closed(
		property{"format", constant("rollcall.plan/1")},
		property{"digest", ref("digest").doc("Of all organizations together: what --expect takes.")},
		property{"masked", boolean().doc("Whether personal values are left out; apply refuses such a plan.")},
		property{"as_of", ref("day").doc("The day that the plan was made for.")},
		property{"base", str().orNull().doc("The base revision, null for none.")},
		property{"tool", str().doc("rollcall and its version.")},
		property{"orgs", listOf(ref("org"))},
		property{"refused", listOf(ref("refusal")).doc("Why apply would write nothing: one entry a limit.")},
	)
	root.Properties = append(root.Properties,
		property{"fleet", closed(
			property{"organizations", integer(0)}, property{"shard", str().orNull().doc("Which part of the organizations this is, such as 1/4; null for all.")},
			property{"to_change", integer(0)}, property{"unchanged", integer(0)}, property{"refused", integer(0)}, property{"failed", integer(0).doc("Organizations without a plan.")},
			property{"held", integer(0)}, property{"changes", integer(0).doc("Those that apply would make; of refused organizations only where all that would change is refused.")},
			property{"summary", summaryNode()},
		).doc("Of several organizations: how they fare.")},
		property{"as_of_given", boolean().doc("true if somebody asked for that day (--as-of) instead of the one on which the plan was made.")},
		property{"created", str().doc("Of a saved plan: when it was made, RFC 3339.")},
		property{"allow", listOf(closed(property{"org", str()}, property{"name", str()}, property{"n", integer(0)}, property{"value", str()})).doc("Of a saved plan: the --allow that it was made with.")},
	)
	root.Properties = append(root.Properties, property{"checksum", ref("digest").doc("Of a saved plan: over its bytes without this key.")})
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.ID = planID
	root.Title = "a plan of rollcall"
	root.Defs = properties{
		{"digest", matching("^(sha256:[0-9a-f]{64})?$")},
		{"day", matching(`^([0-9]{4}-[0-9]{2}-[0-9]{2})?$`)},
		{"org", planOrgNode()},
		{"change", mapping(changeProperties()...).must(changeRequired...)},
		{"held", heldNode()},
		{"name", nameNode()},
		{"source", sourceNode()},
		{"origin", oneWord("conflict", "change", "dropped", "date", "drift", "unknown")},
		{"refusal", refusalNode()},
	}
	return root
}

func planOrgNode() *node {
	n := closed(
		property{"id", str()},
		property{"name", str()},
		property{"region", str()},
		property{"digest", ref("digest").doc("Over what apply would send.")},
		property{"read", closed(
			property{"users", integer(0)}, property{"groups", integer(0)}, property{"memberships", integer(0)},
			property{"complete", boolean().doc("Whether the read of users and groups can be trusted.")},
		)},
		property{"changes", listOf(ref("change")).doc("In the order of apply; each is one request.")},
		property{"held", listOf(ref("held")).doc("What is not done without being allowed.")},
		property{"summary", summaryNode()},
		property{"limits", listOf(limitUseNode())},
		property{"unlisted", closed(
			property{"users", listOf(str())}, property{"groups", listOf(str())},
			property{"memberships", listOf(closed(property{"group", str()}, property{"user", str()}))},
		).doc("What live has and the file does not name.")},
		property{"dropped", closed(property{"users", listOf(str())}).doc("What the base revision has and the file no longer names.")},
		property{"notes", listOf(planNoteNode())},
		property{"error", str().doc("Why there is no plan; empty if there is one.")},
	)
	n.Properties = append(n.Properties,
		property{"error_kind", oneWord("credential", "unauthorized", "forbidden", "organization", "input", "network", "server", "other").doc("Of what kind error is; left out if there is none.")},
		property{"error_hint", str().doc("What to do about error; left out if nobody knows.")},
		property{"timezone", str().doc("In which the organization has its days, such as Europe/Berlin; left out for UTC.")},
		property{"policy_loosened", listOf(str()).doc("How the revision weakens what its base protects or limits, a sentence each.")},
		property{"offline", boolean().doc("Whether two revisions were compared without JumpCloud: nothing was read, and objects have no ids.")},
		property{"policy", savedPolicyNode().doc("Of a saved plan: what limits and protects when it is applied.")},
		property{"credential", mapping(
			property{"api_key", savedSecretNode()}, property{"client_id", savedSecretNode()}, property{"client_secret", savedSecretNode()},
		).doc("Of a saved plan: where the credential comes from; without it from the environment.")},
	)
	return n
}

func savedPolicyNode() *node {
	return closed(
		property{"protect_users", listOf(str())},
		property{"protect_groups", listOf(str())},
		property{"limits", listOf(closed(property{"name", str()}, property{"min", integer(0)}, property{"percent", &node{Type: []string{"number"}}}, property{"max", integer(0)}))},
		property{"allow", listOf(closed(property{"limit", str()}, property{"n", integer(0)}, property{"name", str()}, property{"until", ref("day")}))},
	)
}

var changeRequired = []string{"action", "object", "to", "fields", "needs", "origin", "reason", "hazards", "source", "mail"}

func changeProperties() []property {
	return []property{
		{"action", oneWord("create", "update", "activate", "reactivate", "suspend", "delete", "add", "remove").doc("Of memberships add and remove: object is the group, to the user.")},
		{"object", ref("name")},
		{"to", orNothing("name")},
		{"fields", listOf(deltaNode())},
		{"needs", listOf(integer(0)).doc("Indexes in changes of what must be done first.")},
		{"origin", ref("origin").doc("The first of these that a field has.")},
		{"reason", str()},
		{"until", ref("day").doc("The last day on which this may be made, by the dates of the person or the membership; absent if there is none.")},
		{"hazards", listOf(oneWord("takeover", "sudo", "mfa-off", "rule-change", "newly-exact", "loses-bindings", "may-move-groups", "last-group", "policy-loosened"))},
		{"reports", listOf(str()).doc("Of suspensions: those who keep this person as their manager; absent if there are none.")},
		{"source", orNothing("source")},
		{"mail", str().orNull().doc("Of activations: send, none or an address; else null.")},
		{"keep", listOf(closed(property{"name", str()}, property{"entries", listOf(&node{})})).doc("Of a saved plan: live entries that the request carries too.")},
	}
}

func heldNode() *node {
	p := append(changeProperties(), property{"allow", str().orNull().doc("What --allow takes to plan it; null if nothing does.")})
	return mapping(p...).must(append([]string{"allow"}, changeRequired...)...)
}

func deltaNode() *node {
	var names []string
	for i := range table {
		names = append(names, Of(FieldID(i)).Name)
	}
	n := closed(
		property{"name", matching("^(" + strings.Join(names, "|") + `)(\..*)?$`).doc("JumpCloud's name of the field; of a part attributes.badge, phoneNumbers.work, addresses.home.")},
		property{"old", (&node{}).doc("A JSON value, null where unset; a manager is a username.")},
		property{"new", (&node{}).doc("A JSON value, null where unset; a manager is a username, a password its reference.")},
		property{"origin", ref("origin")},
	)
	n.Properties = append(n.Properties,
		property{"base", (&node{}).doc("Of a conflict: the value at the base revision, a JSON value, null where unset.")},
		property{"secret", savedSecretNode().doc("Of a saved plan: where a password comes from.")},
		property{"since", str().doc("Of a saved plan and a live person's password: one set at this time or later is as good.")},
		property{"new_id", str().doc("Of a saved plan: the id of a manager who is live.")},
	)
	return n
}

// savedSecretNode is the reference that a saved plan keeps.
func savedSecretNode() *node {
	return mapping(property{"env", str()}, property{"file", str()}, property{"command", listOf(str())})
}

func nameNode() *node {
	return closed(
		property{"kind", oneWord(User.String(), Group.String())},
		property{"name", str().doc("The live name; of an object to be created the wanted one.")},
		property{"id", str().orNull().doc("JumpCloud's id; null if it is to be created, or nothing was read.")},
	)
}

func sourceNode() *node {
	return closed(property{"file", str()}, property{"line", integer(0)}, property{"column", integer(0)})
}

func summaryNode() *node {
	counts := func(names ...string) *node {
		n := mapping().must(names...)
		for _, name := range names {
			n.Properties = append(n.Properties, property{name, integer(0)})
		}
		return n
	}
	n := counts("mails", "requests")
	n.Properties = append(n.Properties, property{"verify", integer(0).doc("Requests that read again what was changed.")})
	n.Properties = append(properties{
		{"user", counts("create", "update", "activate", "reactivate", "suspend", "delete")},
		{"group", counts("create", "update", "delete")},
		{"membership", counts("add", "remove")},
	}, n.Properties...)
	return n.must("user", "group", "membership", "mails", "requests")
}

func limitUseNode() *node {
	words := make([]string, len(limits))
	for i, l := range limits {
		words[i] = l.name
	}
	return closed(
		property{"name", oneWord(words...)},
		property{"group", str().orNull().doc("Of limits for any one group: the group; else null.")},
		property{"count", integer(0).doc("What the plan spends.")},
		property{"of", integer(0).doc("What was read.")},
		property{"limit", integer(-1).doc("-1 where there is none.")},
		property{"exceeded", boolean()},
	)
}

func planNoteNode() *node {
	return closed(property{"severity", oneWord("note", "warning", "error")}, property{"text", str()}, property{"source", orNothing("source")})
}

// closed is a mapping that has all of these keys and no others.
func closed(p ...property) *node {
	n := mapping(p...)
	for _, m := range p {
		n.Required = append(n.Required, m.name)
	}
	return n
}

func refusalNode() *node {
	n := closed(property{"org", str()}, property{"reason", str()}, property{"allow", str().orNull().doc("What --allow takes to let it pass; null if nothing does.")})
	n.Properties = append(n.Properties, property{"hint", str().doc("What to do about it; left out if reason or allow says so.")})
	return n
}

func str() *node { return &node{Type: []string{"string"}} }

func constant(word string) *node { return &node{Type: []string{"string"}, Const: word} }

func matching(pattern string) *node { return &node{Type: []string{"string"}, Pattern: pattern} }

// orNothing is a definition or null.
func orNothing(def string) *node {
	return &node{AnyOf: []*node{{Type: []string{"null"}}, ref(def)}}
}
