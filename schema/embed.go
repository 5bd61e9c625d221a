package schema

import _ "embed"

// documentID is the identity of the document schema; it is no address.
const documentID = "urn:rollcall:document:1"

//go:embed rollcall.schema.json
var documentSchema []byte

//go:embed plan.schema.json
var planSchema []byte

// Document is the JSON Schema of a desired-state file, draft 2020-12.
func Document() []byte { return documentSchema }

// Plan is the JSON Schema of a plan in JSON, draft 2020-12.
func Plan() []byte { return planSchema }
