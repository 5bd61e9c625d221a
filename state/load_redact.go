package state

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// hiddenText stands where a secret may have been.
const hiddenText = "***"

// longestLine is the longest line that problems show, in bytes.
const longestLine = 1 << 14

// shades are the parts of a file that are not shown: literal secrets, of
// which each begins at a column of its first line and hides what follows.
type shades struct {
	found  bool
	nodes  map[*yaml.Node]bool
	keys   map[string]bool // names of keys: whether a secret may stand behind them
	from   map[int]int     // line -> first column that is hidden
	opened string          // the last line that was asked for, and as it is shown
	line   int
}

// secretWords are the last words of a key or a heading for secrets.
const secretWords = `passw(or)?d|passphrase|api[-_ ]?key|secret|token|private[-_ ]?key`

// secretKey is a key behind which a secret may stand.
var secretKey = regexp.MustCompile(`(?i)(` + secretWords + `)$`)

// secretKeys are keys of files behind which a reference to a secret stands.
var secretKeys = []string{"password", "api_key", "client_secret", "service_account"}

// keyText is a key and its colon in a line of a file.
var keyText = regexp.MustCompile(`([\pL\pN_-]+)["']?[ \t]*[:=][ \t]*`)

// isSecretKey tells whether a secret may stand behind a key, which may be
// misspelled.
func (s *shades) isSecretKey(key string) bool {
	is, known := s.keys[key]
	if known {
		return is
	}
	if s.keys == nil {
		s.keys = map[string]bool{}
	}
	is = secretKey.MatchString(key) || slices.Contains(secretKeys, key) || schema.Near(key, secretKeys) != ""
	s.keys[key] = is
	return is
}

// token is what looks like a key itself, wherever it stands: JumpCloud's
// (facts.md section 1), GitHub's, Slack's, AWS's, and private keys.
var token = regexp.MustCompile(`jca_[0-9A-Za-z]{16,}|gh[pousr]_[0-9A-Za-z]{30,}|xox[abpr]-[0-9A-Za-z-]{10,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----`)

// tokenStarts are what every token contains.
var tokenStarts = []string{"jca_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "xox", "AKIA", "PRIVATE KEY-----"}

// withoutTokens is a text in which tokens are hidden.
func withoutTokens(text string) string {
	for _, start := range tokenStarts {
		if strings.Contains(text, start) {
			return token.ReplaceAllString(text, hiddenText)
		}
	}
	return text
}

// tokens finds keys and private keys that are written out anywhere.
func (l *loader) tokens(src *source) {
	for _, start := range tokenStarts {
		if bytes.Contains(src.text, []byte(start)) {
			for _, root := range src.docs {
				l.tokensIn(src, root)
			}
			return
		}
	}
}

func (l *loader) tokensIn(src *source, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && token.MatchString(n.Value) {
		l.secretf(place{src, n}, "write where it is: {env: NAME} or {file: PATH}", "this looks like a key or token itself; no secret belongs in a file")
	}
	for _, c := range n.Content {
		l.tokensIn(src, c)
	}
}

// isSecret tells whether a node may be a literal secret.
func (s *source) isSecret(n *yaml.Node) bool {
	s.findSecrets()
	return s.shades.nodes[n]
}

// shown is a line as problems show it, "" if it is too long for that.
func (s *source) shown(line int) string {
	s.findSecrets()
	if s.shades.line == line {
		return s.shades.opened
	}
	text := s.line(line)
	switch at, hidden := s.shades.from[line]; {
	case hidden:
		text = cut(text, at)
	case s.docs == nil && s.belowSecret(line):
		text = hiddenText
	}
	text = withoutTokens(s.withoutKeys(text))
	s.shades.line, s.shades.opened = line, text
	return text
}

// cut is a line up to a column, which counts characters from 1.
func cut(line string, column int) string {
	for i := range line {
		if column--; column == 0 {
			return line[:i] + hiddenText
		}
	}
	return line
}

// withoutKeys hides what a line says behind a key of a secret. In a file
// that could be parsed, lists and mappings are left to findSecrets.
func (s *source) withoutKeys(line string) string {
	for _, m := range keyText.FindAllStringSubmatchIndex(line, -1) {
		rest := line[m[1]:]
		if !s.shades.isSecretKey(line[m[2]:m[3]]) || rest == "" || s.docs != nil && strings.ContainsAny(rest[:1], "{[|>#") {
			continue
		}
		return line[:m[1]] + hiddenText
	}
	return line
}

// belowSecret tells whether a line of a file that is no YAML is indented
// below a key of a secret.
func (s *source) belowSecret(n int) bool {
	const far = 1000
	indent := indentOf(s.line(n))
	for at := n - 1; at > 0 && at > n-far && indent > 0; at-- {
		line := s.line(at)
		if strings.TrimSpace(line) == "" || indentOf(line) >= indent {
			continue
		}
		for _, m := range keyText.FindAllStringSubmatch(line, -1) {
			if s.shades.isSecretKey(m[1]) {
				return true
			}
		}
		indent = indentOf(line)
	}
	return false
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// findSecrets finds what stands behind keys of secrets and is no reference.
func (s *source) findSecrets() {
	if s.shades.found {
		return
	}
	s.shades.found = true
	for i, root := range s.docs {
		last := len(s.text) // more lines than there are
		if i+1 < len(s.docs) {
			last = s.docs[i+1].Line - 1
		}
		s.secretsIn(root, last)
	}
}

// secretsIn looks through a node whose text ends at a line.
func (s *source) secretsIn(n *yaml.Node, last int) {
	for i, c := range n.Content {
		end := last
		if i+1 < len(n.Content) {
			end = max(c.Line, n.Content[i+1].Line-1)
		}
		if n.Kind == yaml.MappingNode && i%2 == 1 && s.shades.isSecretKey(n.Content[i-1].Value) {
			s.hide(c, end)
			continue
		}
		s.secretsIn(c, end)
	}
}

// hide hides all of a value but references.
func (s *source) hide(n *yaml.Node, last int) {
	if n.Kind != yaml.MappingNode {
		s.shade(n, last)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		end := last
		if i+2 < len(n.Content) {
			end = max(n.Content[i+1].Line, n.Content[i+2].Line-1)
		}
		switch key, v := n.Content[i], n.Content[i+1]; {
		case key.Value == "since", (key.Value == "env" || key.Value == "file") && v.Kind == yaml.ScalarNode && v.Anchor == "":
		case key.Value == "from", key.Value == "client_id", key.Value == "client_secret":
			s.hide(v, end)
		case key.Value == "command" && v.Kind == yaml.SequenceNode && len(v.Content) > 0:
			s.shadeRest(v, end)
		default:
			s.shade(key, end)
			s.shade(v, end)
		}
	}
}

// shadeRest hides a command's arguments.
func (s *source) shadeRest(command *yaml.Node, last int) {
	for i, arg := range command.Content[1:] {
		s.shade(arg, arg.Line)
		if i == 0 {
			s.shadeLines(arg.Line+1, last)
		}
	}
}

// shade hides a node and what follows it up to a line.
func (s *source) shade(n *yaml.Node, last int) {
	s.shades.add(n)
	for _, c := range n.Content {
		s.shade(c, c.Line)
	}
	s.shadeLines(n.Line+1, last)
}

func (s *source) shadeLines(first, last int) {
	for line := first; line <= min(last, s.count()); line++ {
		s.shades.from[line] = 1
	}
}

// add hides a node, and its line from there on.
func (s *shades) add(n *yaml.Node) {
	if s.from == nil {
		s.from, s.nodes = map[int]int{}, map[*yaml.Node]bool{}
	}
	s.nodes[n] = true
	if at, ok := s.from[n.Line]; !ok || n.Column < at {
		s.from[n.Line] = n.Column
	}
	s.line = 0
}

// line is a line of the file, without its end; "" if there is none, or if
// it is too long to be shown.
func (s *source) line(n int) string {
	if n < 1 || n > s.count() || len(s.lines[n-1]) > longestLine {
		return ""
	}
	return s.lines[n-1]
}

// count is how many lines the file has.
func (s *source) count() int {
	if s.lines == nil {
		s.lines = splitLines(s.text)
	}
	return len(s.lines)
}

// lineBreaks are what YAML takes for the end of a line.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// splitLines is a text by lines as YAML counts them.
func splitLines(text []byte) []string { return strings.Split(lineBreaks.Replace(string(text)), "\n") }
