package jumpcloud

import (
	"bytes"
	"encoding/json"
	"io"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// mask hides secrets in what --debug shows of one request: those that are
// known, those that the request sends, and what stands at a name of secrets.
type mask struct{ hidden []secret }

// mask is that of a request with this body.
func (s *secrets) mask(body []byte) mask {
	v, _ := parsed(string(body))
	return mask{s.with(secretsOf(secretsIn(v, false, nil)))}
}

func (m *mask) redact(text string) string { return hide(text, m.hidden) }

// secretName is a member, parameter or header that holds a secret. Public
// keys, and what is only about a secret, are none.
var secretName = regexp.MustCompile(`(?i)passw(or)?d|passwd|passphrase|secret|token|credential|assertion|cookie|session|api[-_]?key|private[-_]?key|connect[-_]?key|signature`)

// aboutSecret is the name of something that is only about one.
var aboutSecret = regexp.MustCompile(`(?i)(date|expires|expires_in|expiration|expired|type|policy)$`)

func isSecretName(name string) bool {
	return secretName.MatchString(name) && !aboutSecret.MatchString(name)
}

func secretHeader(name string) bool {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Authorization", "Proxy-Authorization", "Authentication-Info":
		return true
	}
	return isSecretName(name)
}

// query is a query with what is secret in it redacted.
func (m *mask) query(raw string) string {
	parts := strings.Split(raw, "&")
	for i, part := range parts {
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil && isSecretName(plain) {
			parts[i] = name + "=" + redacted
		}
	}
	return strings.Join(parts, "&")
}

// bodyText is a body as it is shown: JSON on one line without escapes in
// which a secret could hide, anything else as it is.
func (m *mask) bodyText(contentType string, body []byte) string {
	text := string(body)
	if v, ok := parsed(text); ok {
		return compact(m.value(v, false))
	}
	if strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		return m.redact(m.query(text))
	}
	if len(text) <= maxFailure {
		return m.redact(pairs(text))
	}
	text = m.redact(pairs(text[:maxFailure]))
	return text[:max(0, len(text)-maxSecret)] // a secret that is cut is not found
}

// parsed is a text that is a JSON object or array.
func parsed(text string) (v any, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || text[0] != '{' && text[0] != '[' {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	_, err := d.Token()
	return v, err == io.EOF
}

func compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return redacted
	}
	return strings.TrimSpace(b.String())
}

// value is a JSON value without secrets; secret tells that it stands at a
// name of one. A text that is JSON itself is looked through, too.
func (m *mask) value(v any, secret bool) any {
	switch v := v.(type) {
	case map[string]any:
		clean := make(map[string]any, len(v))
		for name, member := range v {
			clean[m.redact(name)] = m.value(member, secret || isSecretName(name))
		}
		return clean
	case []any:
		clean := slices.Clone(v)
		for i := range clean {
			clean[i] = m.value(clean[i], secret)
		}
		return clean
	case string:
		return m.text(v, secret)
	case json.Number:
		if secret {
			return redacted
		}
		if text := m.redact(v.String()); text != v.String() {
			return text
		}
	}
	return v
}

func (m *mask) text(text string, secret bool) string {
	if secret && text != "" {
		return redacted
	}
	if inner, ok := parsed(text); ok {
		text = compact(m.value(inner, false))
	}
	return m.redact(pairs(text))
}

// secretsIn appends the texts that stand at names of secrets.
func secretsIn(v any, secret bool, found []string) []string {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			found = secretsIn(member, secret || isSecretName(name), found)
		}
	case []any:
		for _, member := range v {
			found = secretsIn(member, secret, found)
		}
	case string:
		if secret {
			found = append(found, v)
		}
	}
	return found
}

// pair is a name of secrets and its value in a text that is no JSON.
var pair = regexp.MustCompile(`(?i)((?:passw(?:or)?d|passwd|passphrase|secret|token|api[-_]?key|private[-_]?key)\\*["']?\s*[:=]\s*)(\\*"(?:[^"\\]|\\.)*\\*"?|\\*'[^']*'?|[^\s"'&<>,;}]+)`)

// plainEscape is an escape of an ASCII character that needs none.
var plainEscape = regexp.MustCompile(`\\u00[2-7][0-9a-fA-F]`)

// pairs redacts values behind names of secrets.
func pairs(text string) string {
	if !strings.ContainsAny(text, ":=") {
		return text
	}
	text = plainEscape.ReplaceAllStringFunc(text, func(escape string) string {
		var c string
		if json.Unmarshal([]byte(`"`+escape+`"`), &c) != nil || c == `"` || c == `\` {
			return escape
		}
		return c
	})
	return pair.ReplaceAllString(text, "${1}"+redacted)
}
