package sandbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"
)

// SetFaults replaces what goes wrong, and begins to count anew. Errors name
// the rule, and what is in force stays.
func (s *Server) SetFaults(f Faults) error {
	if err := f.check(s.data); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dice = newDice(f)
	return nil
}

// Faults are what goes wrong, as it was given.
func (s *Server) Faults() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dice.faults
}

// befall decides what befalls a request, nil for nothing.
func (s *Server) befall(r *http.Request, body []byte) *Fault {
	if s.o.Before != nil {
		r.Body = readable(body)
		if f := s.o.Before(r); f != nil {
			return f
		}
	}
	s.mu.Lock()
	d := s.dice
	s.mu.Unlock()
	if len(d.rules) == 0 {
		return nil
	}
	return d.decide(s.ask(r, body), s.o.Now())
}

// suffer serves a request with a fault.
func (s *Server) suffer(w http.ResponseWriter, r *http.Request, body []byte, logged Request) {
	f, asked := logged.Fault, s.ask(r, body)
	if f.Delay+f.Stall+f.Slow > 0 {
		waitLong(w)
	}
	s.pause(r, f.Delay)
	var a answer
	if !f.answers() || f.After {
		a = f.change(s.answer(r, f.rewrite(asked), f), asked)
	}
	if f.Drop || f.Stall > 0 {
		s.log(logged)
		s.pause(r, f.Stall)
		reset(w)
		return
	}
	if f.Status != 0 {
		a = f.instead()
	}
	a = a.with(f.Header)
	logged.Status = a.status
	s.log(logged)
	s.send(w, r, a, f)
}

// pause waits, unless the client or the server has gone. The request is
// served all the same: a server does not know.
func (s *Server) pause(r *http.Request, d Duration) {
	if d > 0 {
		_ = s.o.Sleep(r.Context(), time.Duration(d))
	}
}

// sleep is the Sleep of real time.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// waitLong lifts the server's own limits of time from one request.
func waitLong(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_ = errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{})) // a recorder has none
}

// reset ends the connection as a crash does. Where there is no connection of
// its own the handler is aborted.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // else the end is an orderly one
	}
	_ = conn.Close() // there is nobody to tell
}

// pieces is how many a slow body comes in.
const pieces = 8

// send writes the answer, slowly or not to its end.
func (s *Server) send(w http.ResponseWriter, r *http.Request, a answer, f *Fault) {
	if len(a.body) == 0 || !f.Cut && f.Slow == 0 {
		a.write(w)
		return
	}
	rest := a.body
	if f.Cut {
		rest = rest[:len(rest)/2]
	}
	a.with(http.Header{"Content-Length": {strconv.Itoa(len(a.body))}}).writeHead(w)
	size := (len(rest) + pieces - 1) / pieces
	for ; len(rest) > 0; rest = rest[min(size, len(rest)):] {
		s.pause(r, f.Slow/pieces)
		w.Write(rest[:min(size, len(rest))]) // a client that left is not the sandbox's concern
		_ = http.NewResponseController(w).Flush()
	}
	if f.Cut {
		panic(http.ErrAbortHandler)
	}
}

// with is the answer with more headers.
func (a answer) with(more http.Header) answer {
	if len(more) == 0 {
		return a
	}
	h := a.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	for name, values := range more {
		h[http.CanonicalHeaderKey(name)] = values
	}
	a.header = h
	return a
}
