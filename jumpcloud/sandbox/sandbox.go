// Package sandbox is an embedded JumpCloud: the part of its API that
// rollcall uses, over HTTP, with several organizations, API keys and service
// accounts. It backs tests, `rollcall sandbox` and `--sandbox FILE`.
//
// Where JumpCloud's documentation is silent the sandbox takes the strict
// reading, so that what passes here has a margin on the real one; each such
// choice is a member of Options (facts.md section 15). Ids are hashes of
// names and time comes from Options.Now, so the same requests give the same
// state in whatever order they arrive; only unix_uid, unix_guid and the
// order of mails depend on it.
//
// A Server made by Open or Create keeps its state in a file: a write is
// answered when the file holds it, and writes that come while the file is
// being written share the next save. When a save fails the writes that
// waited for it get a 500 and memory goes back to what the file holds.
package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// Options are the sandbox's choices. The zero value is the strict default.
type Options struct {
	Addr   string                                     // where Start listens; "" is 127.0.0.1:0
	Now    func() time.Time                           // the clock; nil is time.Now
	Sleep  func(context.Context, time.Duration) error // of faults that wait, until the client has left; nil really sleeps
	Faults *Faults                                    // what goes wrong; nil is what the state says
	Before func(*http.Request) *Fault                 // asked for each request, before Faults; nil: Faults decide; the body may be read

	RejectLargeLimit     bool          // a limit above 100 is a 400 (default: served as 100)
	DefaultLimit         int           // records of a list without limit; 0 is 10
	CaseSensitiveUsers   bool          // usernames and e-mails are unique with case (default: without)
	FoldGroupNames       bool          // group names are unique without case (default: with)
	DuplicateUserStatus  int           // 0 is 400
	DuplicateGroupStatus int           // 0 is 409
	IgnoreUnknownFields  bool          // unknown body fields are dropped (default: 400)
	IgnoreReadOnlyFields bool          // read-only fields in a write are dropped (default: 400)
	IgnoreLockedFields   bool          // fields locked by restrictedFields are dropped (default: 400)
	DefaultOrganization  bool          // without x-org-id a multi-tenant credential acts on its first organization (default: 401)
	AnonymousStatus      int           // for a request without a credential; 0 is 302 to /login
	MergeGroupPut        bool          // a group PUT keeps omitted keys (default: resets them)
	ListGroupAttributes  bool          // lists of groups carry attributes (default: null)
	AcceptUnknownManager bool          // a manager id that does not exist is stored (default: 400)
	DeleteManagers       bool          // DELETE of a person with reports clears their manager (default: 409)
	StageAgain           bool          // PUT state STAGED works (default: 400)
	IdempotentMembers    bool          // adding a member twice and removing nobody are 204 (default: 409 and 404)
	RefuseDynamicMembers bool          // writes to members of a dynamic group are 400 (default: 204 and ignored)
	KeepEmailCase        bool          // e-mails are stored as written (default: lower-case)
	NoEntryIDs           bool          // entries of addresses and phoneNumbers get no id
	KeepOrder            bool          // arrays come back in the order written (default: reversed)
	KeepPasswordDate     bool          // a password write leaves password_date alone
	DanglingMembers      bool          // edges to deleted users are counted in x-total-count though no page shows them (default: gone)
	GroupDeleteNoContent bool          // DELETE of a group is a bare 204 (default: 200 with the group)
	TokenLifetime        time.Duration // of a service account's token; 0 is an hour
}

// Request is one request as it was served.
type Request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"` // as it was sent, encoded
	Org    string `json:"org,omitempty"`   // the x-org-id header
	Status int    `json:"status"`          // of the answer; 0 if the connection was reset
	Fault  *Fault `json:"fault,omitempty"` // what befell it; nil is nothing
}

// Server is an embedded JumpCloud. It is an http.Handler; Start serves it
// on a port of its own. Its methods may be used side by side.
type Server struct {
	o    Options
	data *data
	disk *disk // nil: in memory only

	mu       sync.Mutex // of what follows
	requests []Request
	dice     *dice
	tokens   map[string]token
	issued   int
}

// New is a server in memory. It panics when the state does not make sense,
// which in a test is a mistake of the test; ParseState tells without panic.
func New(st State, o Options) *Server {
	raw, err := json.Marshal(st)
	if err == nil {
		var s *Server
		if s, err = newServer(raw, o); err == nil {
			return s
		}
	}
	panic(fmt.Sprintf("sandbox.New: %v", err))
}

// Open is a server that keeps its state in a file. Errors name the file; a
// missing one wraps fs.ErrNotExist. The file is left as it is until the
// first write.
func Open(file string) (*Server, error) { return OpenWith(file, Options{}) }

// OpenWith is Open with other choices than the strict ones.
func OpenWith(file string, o Options) (*Server, error) {
	raw, err := readOrdinary(file)
	if err != nil {
		return nil, fmt.Errorf("read sandbox state: %w", err)
	}
	s, err := newServer(raw, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	s.disk = newDisk(file, s.data)
	return s, nil
}

// readOrdinary is the content of a file that has an end.
func readOrdinary(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not an ordinary file", file)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// Create makes a state file with one empty organization, "Sandbox", and
// opens it. A file that is already there is an error that wraps fs.ErrExist
// and is left alone.
func Create(file string) (*Server, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create sandbox state: %w", err)
	}
	raw := New(State{Organizations: []Organization{{Name: "Sandbox"}}}, Options{}).data.encode(false)
	if err := errors.Join(f.Close(), replaceFile(file, raw)); err != nil {
		return nil, errors.Join(fmt.Errorf("create sandbox state: %w", err), os.Remove(file))
	}
	return Open(file)
}

// newServer is a server of a state file's bytes.
func newServer(raw []byte, o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	s := &Server{o: o, tokens: map[string]token{}}
	var err error
	if s.data, err = parse(raw, &s.o); err != nil {
		return nil, err
	}
	faults := s.data.faults
	if o.Faults != nil {
		faults = *o.Faults
	}
	if err := s.SetFaults(faults); err != nil {
		return nil, fmt.Errorf("faults: %w", err)
	}
	return s, nil
}

// Limits of the HTTP server that Start runs.
const (
	readTimeout  = 30 * time.Second
	writeTimeout = 60 * time.Second
	stopTimeout  = 5 * time.Second
)

// Start serves on Options.Addr and returns the host root, for example
// http://127.0.0.1:40123, and what ends it: stop finishes the requests under
// way and saves the state.
func (s *Server) Start() (url string, stop func() error, err error) {
	addr := s.o.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("start sandbox: %w", err)
	}
	var idle unused
	serving, end := context.WithCancel(context.Background()) // ends what faults wait for
	h := &http.Server{
		Handler: s, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, ConnState: idle.note,
		BaseContext: func(net.Listener) context.Context { return serving },
	}
	served := make(chan error, 1)
	go func() { served <- h.Serve(l) }()
	stop = func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		end()
		idle.close()
		err := h.Shutdown(ctx)
		if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
			err = errors.Join(err, serveErr)
		}
		return errors.Join(err, s.Flush())
	}
	return "http://" + l.Addr().String(), sync.OnceValue(stop), nil
}

// unused are the connections that carried no request yet. Clients open some
// in advance, and http.Server.Shutdown would wait for them.
type unused struct {
	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

// note is an http.Server's ConnState.
func (u *unused) note(c net.Conn, s http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case s != http.StateNew:
		delete(u.conns, c)
	case u.closed:
		_ = c.Close() // nobody waits for it
	case u.conns == nil:
		u.conns = map[net.Conn]bool{c: true}
	default:
		u.conns[c] = true
	}
}

// close closes them all, and those that are still to come.
func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for c := range u.conns {
		_ = c.Close() // nobody waits for it
	}
}

// Key is a multi-tenant key that sees all organizations. Every state has one.
func (s *Server) Key() string {
	i := slices.IndexFunc(s.data.keys, func(k Key) bool { return slices.Contains(k.Organizations, "*") })
	return s.data.keys[i].Key
}

// Snapshot is a deep copy of the state, with whole records.
func (s *Server) Snapshot() State {
	st, err := decodeState(s.data.encode(true))
	if err != nil {
		panic(fmt.Sprintf("sandbox.Snapshot: %v", err)) // encode wrote what decodeState reads
	}
	return st
}

// Flush saves the state now. In memory it does nothing.
func (s *Server) Flush() error {
	if s.disk == nil {
		return nil
	}
	_, err := s.disk.commit()
	return err
}

// Requests are all requests served so far, in the order of their answers.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ResetRequests forgets the requests served so far.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}
