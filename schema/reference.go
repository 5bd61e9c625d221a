package schema

import "io"

// Reference writes the Markdown reference of every key of a desired-state file.
func Reference(w io.Writer) error { _, err := io.WriteString(w, ""); return err }
