package cli

import (
	"bufio"
	"fmt"
	"io"
	"sync"
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

// shared is a stream that several goroutines write to, each Write whole.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(p)
}

func sinkError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write standard output: %w", err)
}
