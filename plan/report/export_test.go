package report

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// WithChecksum is a document with the checksum that it should have.
func WithChecksum(document []byte) []byte {
	open := sumLine.ReplaceAll(document, nil)
	open = bytes.TrimSuffix(open, []byte("\n}\n"))
	sum := sha256.Sum256(append(bytes.Clone(open), "\n}\n"...))
	return fmt.Appendf(bytes.Clone(open), ",\n  \"checksum\": \"sha256:%x\"\n}\n", sum)
}
