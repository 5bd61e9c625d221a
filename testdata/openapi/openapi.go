// Package openapi holds JumpCloud's official API documents, as published,
// and the overlay that lists where JumpCloud is known to deviate from them.
package openapi

import _ "embed"

// V1 and V2 are Swagger 2.0 documents, cut from
// TheJumpCloud/jumpcloud-docs-public and otherwise unchanged.
var (
	//go:embed openapi-v1.json
	V1 []byte
	//go:embed openapi-v2.json
	V2 []byte
)

// Overlay is a JSON object with one member, deviations: an array of objects
// that set a value in a document, with the reason and its source.
//
//go:embed overlay.json
var Overlay []byte
