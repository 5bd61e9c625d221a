package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

// BenchmarkListUsers reads all of 20,000 users, a page of 100 at a time.
func BenchmarkListUsers(b *testing.B) {
	for name, query := range map[string]string{
		"whole":    "sort=_id",
		"fields":   "sort=_id&fields=username+email+manager",
		"filtered": "sort=_id&filter=state:$eq:ACTIVATED",
	} {
		b.Run(name, func(b *testing.B) {
			s := sandbox.New(people(20000), sandbox.Options{})
			org := s.Snapshot().Organizations[0].ID
			b.ReportAllocs()
			for b.Loop() {
				for skip := 0; skip < 20000; skip += 100 {
					r := httptest.NewRequest("GET", fmt.Sprintf("/api/systemusers?limit=100&skip=%d&%s", skip, query), nil)
					r.Header.Set("x-api-key", s.Key())
					r.Header.Set("x-org-id", org)
					w := httptest.NewRecorder()
					s.ServeHTTP(w, r)
					if w.Code != 200 {
						b.Fatal(w.Code, w.Body)
					}
				}
				s.ResetRequests()
			}
		})
	}
}

// BenchmarkOpen loads a file of 20,000 users.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state.json")
	raw := marshal(b, sandbox.New(people(20000), sandbox.Options{}).Snapshot())
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sandbox.Open(path); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSavedWrite changes one of 20,000 users in a file.
func BenchmarkSavedWrite(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state.json")
	if err := os.WriteFile(path, marshal(b, people(20000)), 0o600); err != nil {
		b.Fatal(err)
	}
	s, err := sandbox.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	o := s.Snapshot().Organizations[0]
	url := "/api/systemusers/" + o.Users[0]["_id"].(string)
	n := 0
	for b.Loop() {
		n++
		r := httptest.NewRequest("PUT", url, strings.NewReader(fmt.Sprintf(`{"jobTitle":"%d"}`, n)))
		r.Header.Set("x-api-key", s.Key())
		r.Header.Set("x-org-id", o.ID)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Code, w.Body)
		}
	}
}

// marshal is a state as a file.
func marshal(b *testing.B, st sandbox.State) []byte {
	b.Helper()
	raw, err := json.Marshal(st)
	if err != nil {
		b.Fatal(err)
	}
	return raw
}
