package jumpcloud

import (
	"strings"
	"testing"
)

// A page of users as --debug looks through it.
func BenchmarkMask(b *testing.B) {
	user := `{"_id":"5f3c0a1b9d2e4c0001a7b9e1","username":"mira.voss","email":"mira@kelp.example","jobTitle":"CEO","attributes":[{"name":"badge","value":"1234"}]},`
	page := []byte(`{"results":[` + strings.TrimSuffix(strings.Repeat(user, 100), ",") + `]}`)
	s := newSecrets("jca_0123456789abcdefghij0123456789abcdef")
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		m := s.mask(nil)
		m.bodyText("application/json", page)
	}
}
