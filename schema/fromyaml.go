package schema

import "gopkg.in/yaml.v3"

// FromYAML appends to dst the canonical values that a file's node gives a
// field, and tells what is wrong or was corrected.
func (f *Field) FromYAML(n *yaml.Node, dst []Value) ([]Value, []NodeProblem) {
	return dst, nil
}
