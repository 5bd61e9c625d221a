package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// epoch is when what a hand-written file does not date was created.
var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

var objectID = regexp.MustCompile(`^[0-9a-f]{24}$`)

// makeID is an object id as JumpCloud's look: eight hex digits of the time,
// so that younger objects sort last, and sixteen that depend only on the
// names given.
func makeID(at time.Time, names ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return fmt.Sprintf("%08x%s", uint32(at.Unix()), hex.EncodeToString(sum[:8]))
}

// timestamp is a time as JumpCloud writes it.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// parseTime reads a timestamp, or a plain day.
func parseTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}
