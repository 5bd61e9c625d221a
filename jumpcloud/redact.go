package jumpcloud

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// redacted stands for a secret in a message.
const redacted = "[redacted]"

// secrets are the texts that no message may hold.
type secrets struct {
	mu    sync.RWMutex
	known []string
}

func newSecrets(known ...string) *secrets {
	s := &secrets{}
	for _, k := range known {
		s.add(k)
	}
	return s
}

// add makes a text known; "" is none.
func (s *secrets) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text != "" && !slices.Contains(s.known, text) {
		s.known = append(s.known, text)
	}
}

// redact replaces every known secret, and the extra ones of one request, in
// whatever way a server may have quoted them.
func (s *secrets) redact(text string, extra ...string) string {
	s.mu.RLock()
	all := append(slices.Clone(s.known), extra...)
	s.mu.RUnlock()
	var forms []string
	for _, secret := range all {
		forms = append(forms, quotings(secret)...)
	}
	// The longest first: one secret may begin with another.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range forms {
		pairs = append(pairs, f, redacted)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// quotings are a secret as it is, in JSON, in a URL and in HTML.
func quotings(secret string) []string {
	if secret == "" {
		return nil
	}
	var plain strings.Builder
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret)}
	if enc.Encode(secret) == nil {
		forms = append(forms, inside(strings.TrimSpace(plain.String())))
	}
	if escaped, err := json.Marshal(secret); err == nil {
		forms = append(forms, inside(string(escaped)))
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// inside is a JSON string without its quotes.
func inside(quoted string) string { return quoted[1 : len(quoted)-1] }

// passwordIn is the password that a request body sends, "" if there is none.
func passwordIn(body []byte) string {
	var b struct {
		Password string `json:"password"`
	}
	if json.Unmarshal(body, &b) != nil {
		return ""
	}
	return b.Password
}
