// Package openapitest holds HTTP requests and answers against JumpCloud's
// official OpenAPI documents, so that a test fails on anything that neither
// they nor the overlay with its sources has.
package openapitest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"rollcall/testdata/openapi"
)

// deviation sets one value of a document.
type deviation struct {
	Document string // v1 or v2
	At       string // a JSON pointer; the segment * is every object's members
	Value    json.RawMessage
	Why      string
	Source   string
}

// overlay are the deviations that testdata/openapi/overlay.json lists.
func overlay() ([]deviation, error) {
	var o struct{ Deviations []deviation }
	if err := json.Unmarshal(openapi.Overlay, &o); err != nil {
		return nil, fmt.Errorf("overlay.json: %w", err)
	}
	return o.Deviations, nil
}

// documents are the routers of V1 and V2, made once.
var documents = sync.OnceValues(func() (v [2]routers.Router, err error) {
	deviations, err := overlay()
	if err != nil {
		return v, err
	}
	for i, raw := range [][]byte{openapi.V1, openapi.V2} {
		if v[i], err = newRouter(raw, fmt.Sprintf("v%d", i+1), deviations); err != nil {
			return v, fmt.Errorf("openapi-v%d.json: %w", i+1, err)
		}
	}
	return v, nil
})

// newRouter is the router of a document with the deviations laid over it.
func newRouter(raw []byte, name string, deviations []deviation) (routers.Router, error) {
	doc, err := document(raw, name, deviations)
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc, openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation())
}

// traitName is a component's name that OpenAPI 3 does not allow.
var traitName = regexp.MustCompile(`trait:(\w+):([\w-]+)`)

// document is an official document, with the deviations laid over it, as
// OpenAPI 3. It serves under the base path on any host.
func document(raw []byte, name string, deviations []deviation) (*openapi3.T, error) {
	raw, err := lay(raw, name, deviations)
	if err != nil {
		return nil, err
	}
	var v2 openapi2.T
	if err := json.Unmarshal(traitName.ReplaceAll(raw, []byte("trait.$1.$2")), &v2); err != nil {
		return nil, err
	}
	base := v2.BasePath
	doc, err := openapi2conv.ToV3(&v2)
	if err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: base}}
	separateByCommas(doc)
	return doc, openapi3.NewLoader().ResolveRefsIn(doc, nil)
}

// separateByCommas gives query parameters that are arrays the format that
// Swagger 2.0 gives them without a collectionFormat.
func separateByCommas(doc *openapi3.T) {
	apart := false
	for _, p := range doc.Components.Parameters {
		if v := p.Value; v.In == openapi3.ParameterInQuery && v.Schema.Value.Type.Is("array") && v.Explode == nil {
			v.Explode = &apart
		}
	}
}

// lay sets the values of a document's deviations.
func lay(raw []byte, name string, deviations []deviation) ([]byte, error) {
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	for _, d := range deviations {
		if d.Document != name {
			continue
		}
		if n := set(doc, strings.Split(d.At, "/")[1:], d.Value); n == 0 {
			return nil, fmt.Errorf("overlay: %s is not in the document", d.At)
		}
	}
	return json.Marshal(doc)
}

// set puts a value at a path and counts the places.
func set(node any, path []string, value json.RawMessage) int {
	key := strings.NewReplacer("~1", "/", "~0", "~").Replace(path[0])
	switch node := node.(type) {
	case []any:
		var i int
		if _, err := fmt.Sscan(key, &i); err != nil || i >= len(node) || len(path) == 1 {
			return 0
		}
		return set(node[i], path[1:], value)
	case map[string]any:
		if len(path) == 1 {
			node[key] = value
			return 1
		}
		n := 0
		for _, k := range slices.Sorted(maps.Keys(node)) {
			if k == key || key == "*" {
				n += set(node[k], path[1:], value)
			}
		}
		return n
	}
	return 0
}

// check validates the document itself.
func check(doc *openapi3.T) error {
	return doc.Validate(context.Background(), openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation())
}
