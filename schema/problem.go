package schema

import "gopkg.in/yaml.v3"

// Severity grades a NodeProblem, as state.Severity does, in the same order.
type Severity uint8

const (
	Note Severity = iota
	Warning
	Error
)

// NodeProblem is something wrong or remarkable at a node of a YAML document.
type NodeProblem struct {
	Node     *yaml.Node // never nil; its Line and Column are the place
	Severity Severity
	Text     string // what, and what to do; one line
	Hint     string // "did you mean jobTitle?", "" if there is none
	Secret   bool   // the node may hold a literal password or key: show neither its value nor its line
}
