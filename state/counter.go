package state

import "sync"

// Counter counts the requests of a reading. A nil one counts nothing.
type Counter struct {
	// Tell is told how many requests of those known to come are done, as soon as
	// either changes. Neither number ever falls, and done is never the higher.
	// It is never called twice at once. Nil is nobody.
	Tell func(done, total int)

	mu          sync.Mutex
	done, total int
}

// Expect announces n requests.
func (c *Counter) Expect(n int) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total += n
	c.tell()
}

// Step says that a request is done.
func (c *Counter) Step() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.total = max(c.total, c.done)
	c.tell()
}

// End says that nothing more comes.
func (c *Counter) End() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = c.total
	c.tell()
}

func (c *Counter) tell() {
	if c.Tell != nil {
		c.Tell(c.done, c.total)
	}
}
