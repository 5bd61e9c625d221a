package cli

import (
	"bufio"
	"fmt"
	"io"
)

// sink buffers standard output and remembers that a write failed, so that a
// full disk is never taken for success.
type sink struct {
	to  io.Writer
	buf *bufio.Writer
}

func newSink(w io.Writer) *sink { return &sink{to: w, buf: bufio.NewWriter(w)} }

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.buf.Write(p)
	return n, sinkError(err)
}

// Flush writes what is buffered; its error is also that of earlier writes.
func (s *sink) Flush() error { return sinkError(s.buf.Flush()) }

func sinkError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write standard output: %w", err)
}
