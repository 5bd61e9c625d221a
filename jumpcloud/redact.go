package jumpcloud

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// redacted stands for a secret in a message.
const redacted = "[redacted]"

// secrets are the texts that no message may hold.
type secrets struct {
	mu     sync.RWMutex
	known  []secret
	recent []secret // passwords of the last requests
}

// secret is a text in pieces, and what finds each however it is quoted,
// made when it is needed first.
type secret struct {
	text   string
	pieces []string
	forms  []func() *regexp.Regexp
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
	if text != "" && !slices.ContainsFunc(s.known, func(k secret) bool { return k.text == text }) {
		s.known = append(s.known, newSecret(text))
	}
}

// mostRemembered is how many passwords of the last requests are looked for in
// what the server says later.
const mostRemembered = 256

// remember makes a password one that nothing may show, for the next requests
// too: whoever looks a person up may be told what another request has sent.
func (s *secrets) remember(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if password == "" || slices.ContainsFunc(s.recent, func(k secret) bool { return k.text == password }) {
		return
	}
	if len(s.recent) == mostRemembered {
		s.recent = slices.Delete(s.recent, 0, 1)
	}
	s.recent = append(s.recent, newSecret(password))
}

func newSecret(text string) secret {
	s := secret{text: text, pieces: pieces(text)}
	for _, piece := range s.pieces {
		s.forms = append(s.forms, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(anyForm(piece)) }))
	}
	return s
}

// pieceLength is how many characters of a secret one expression looks for.
const pieceLength = 64

// pieces cuts a long secret into parts that are secrets each, none of them
// short.
func pieces(text string) (parts []string) {
	runes := []rune(text)
	for len(runes) >= 2*pieceLength {
		parts = append(parts, string(runes[:pieceLength]))
		runes = runes[pieceLength:]
	}
	return append(parts, string(runes))
}

// with are the known secrets and more.
func (s *secrets) with(more []secret) []secret {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Concat(s.known, s.recent, more)
}

// secretsOf are texts as secrets; "" is none.
func secretsOf(texts []string) (list []secret) {
	for _, text := range texts {
		if text != "" {
			list = append(list, newSecret(text))
		}
	}
	return list
}

// span is a part of a text: [from, to).
type span struct{ from, to int }

// redact replaces every known secret, and the extra ones of one request, in
// whatever way a server may have quoted them, and what is a credential by
// its look: a JumpCloud API key, user and password in a URL.
func (s *secrets) redact(text string, extra ...string) string {
	return hide(text, s.with(secretsOf(extra)))
}

// hide is redact of a list of secrets.
func hide(text string, all []secret) string {
	found := looks(text)
	for _, k := range all {
		found = append(found, k.in(text)...)
	}
	return without(text, append(found, encoded(text, all)...))
}

// in is where a text has a secret.
func (s *secret) in(text string) (found []span) {
	quoted := strings.ContainsAny(text, `\%&+`)
	for i, form := range s.forms {
		find := literally(s.pieces[i])
		if quoted {
			find = form().FindStringIndex
		}
		found = append(found, everywhere(text, find)...)
	}
	return found
}

// literally finds a piece as it is.
func literally(piece string) func(string) []int {
	return func(text string) []int {
		at := strings.Index(text, piece)
		if at < 0 {
			return nil
		}
		return []int{at, at + len(piece)}
	}
}

// everywhere is where something is found, overlaps too: of "aaa" the secret
// "aa" leaves nothing.
func everywhere(text string, find func(string) []int) (found []span) {
	for from := 0; ; {
		m := find(text[from:])
		if m == nil {
			return found
		}
		found = append(found, span{from + m[0], from + m[1]})
		from += m[0] + 1
	}
}

// apiKeyLook is an API key by its prefix (facts.md section 1), userinfo what
// a URL has before its host.
var (
	apiKeyLook = regexp.MustCompile(`jca_[0-9A-Za-z]{8,}`)
	userinfo   = regexp.MustCompile(`://([^\s/@"'<>]+)@`)
)

func looks(text string) (found []span) {
	if strings.Contains(text, "jca_") {
		for _, m := range apiKeyLook.FindAllStringIndex(text, -1) {
			found = append(found, span{m[0], m[1]})
		}
	}
	if strings.Contains(text, "://") {
		for _, m := range userinfo.FindAllStringSubmatchIndex(text, -1) {
			found = append(found, span{m[2], m[3]})
		}
	}
	return found
}

// base64Run is base64 of either alphabet, which standardBase64 makes one.
var (
	base64Run      = regexp.MustCompile(`[A-Za-z0-9+/_-]{2,}={0,2}`)
	standardBase64 = strings.NewReplacer("-", "+", "_", "/")
)

// encoded are the runs of base64 that hold a secret, such as what basic
// authentication sends.
func encoded(text string, all []secret) (found []span) {
	shortest := math.MaxInt
	for i := range all {
		shortest = min(shortest, base64.RawStdEncoding.EncodedLen(len(all[i].text)))
	}
	if len(text) < shortest {
		return nil
	}
	for _, m := range base64Run.FindAllStringIndex(text, -1) {
		if m[1]-m[0] < shortest {
			continue
		}
		run := standardBase64.Replace(strings.TrimRight(text[m[0]:m[1]], "="))
		// It may begin before what was encoded does.
		for from := range min(4, len(run)) {
			if holds(run[from:], all) {
				found = append(found, span{m[0], m[1]})
				break
			}
		}
	}
	return found
}

// holds tells whether base64 decodes to a text with a secret in it.
func holds(run string, all []secret) bool {
	if len(run)%4 == 1 {
		run = run[:len(run)-1]
	}
	plain, err := base64.RawStdEncoding.DecodeString(run)
	return err == nil && slices.ContainsFunc(all, func(s secret) bool { return strings.Contains(string(plain), s.text) })
}

// without is a text in which each span is redacted; spans may overlap.
func without(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	var b strings.Builder
	end := 0 // of what is dealt with
	for _, s := range spans {
		if s.from >= end {
			b.WriteString(text[end:s.from])
			b.WriteString(redacted)
		}
		end = max(end, s.to)
	}
	b.WriteString(text[end:])
	return b.String()
}

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
