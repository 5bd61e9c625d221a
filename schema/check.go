package schema

import "gopkg.in/yaml.v3"

// Check tells what is wrong with the shape of a document, a fragment if it
// is one without version.
func Check(doc *yaml.Node, fragment bool) []NodeProblem { return nil }
