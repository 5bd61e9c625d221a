package sandbox

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// controlRoot is where the sandbox's own API begins. It needs no key and
// answers on loopback only:
//
//	GET    /sandbox/faults    what goes wrong
//	PUT    /sandbox/faults    replaces it with the JSON of Faults
//	DELETE /sandbox/faults    lets everything go well
//	GET    /sandbox/requests  what was asked, and what befell it
//	DELETE /sandbox/requests  forgets that
const controlRoot = "/sandbox/"

// maxFaults is the largest body of a PUT /sandbox/faults.
const maxFaults = 1 << 20

// control serves the sandbox's own API.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	switch {
	case !isLoopback(r.RemoteAddr) || !isLoopback(r.Host):
		fail(http.StatusForbidden, "%s is for loopback only", controlRoot).write(w)
	case r.URL.Path == "/sandbox/faults":
		s.controlFaults(r).write(w)
	case r.URL.Path == "/sandbox/requests":
		s.controlRequests(r).write(w)
	default:
		fail(http.StatusNotFound, "There are /sandbox/faults and /sandbox/requests").write(w)
	}
}

// isLoopback tells whether a host, with or without a port, is this machine.
// That of a request is checked because a name of somebody else's could lead
// a browser here.
func isLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

// controlFaults is /sandbox/faults. All but DELETE answer what is in force.
func (s *Server) controlFaults(r *http.Request) answer {
	switch r.Method {
	case http.MethodGet:
	case http.MethodPut:
		raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxFaults))
		if err != nil {
			return *bad("The body could not be read, or is larger than %d bytes", maxFaults)
		}
		f, err := ParseFaults(raw)
		if err == nil {
			err = s.SetFaults(f)
		}
		if err != nil {
			return *bad("%v", err)
		}
	case http.MethodDelete:
		_ = s.SetFaults(Faults{}) // in which nothing can be wrong
		return noContent()
	default:
		return notAllowed("GET, PUT, DELETE")
	}
	return encoded(http.StatusOK, s.Faults())
}

// controlRequests is /sandbox/requests.
func (s *Server) controlRequests(r *http.Request) answer {
	switch r.Method {
	case http.MethodGet:
		return encoded(http.StatusOK, append([]Request{}, s.Requests()...))
	case http.MethodDelete:
		s.ResetRequests()
		return noContent()
	}
	return notAllowed("GET, DELETE")
}

// notAllowed is a 405 that says what is.
func notAllowed(methods string) answer {
	return fail(http.StatusMethodNotAllowed, "Method Not Allowed").with(http.Header{"Allow": {methods}})
}

// readable is a body to be read.
func readable(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }
