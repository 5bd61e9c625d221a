package state

import (
	"fmt"
	"strings"
)

// BadUsername is why JumpCloud or a device may not take a username, "" if
// it is fine: it starts with a letter, and has only letters, digits, dots,
// underscores and hyphens (facts.md section 3, JumpCloud's naming convention).
func BadUsername(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case len(name) > 1024:
		return "it has more than 1024 characters"
	case strings.Contains(name, "@"):
		return "a username has no @; write the e-mail as email"
	case !isLetter(name[0]):
		return "it does not start with a letter"
	}
	for _, r := range name {
		if r > 127 || !isLetter(byte(r)) && !strings.ContainsRune("0123456789._-", r) {
			return fmt.Sprintf("%q is not a letter from a to z, a digit, a dot, an underscore or a hyphen", r)
		}
	}
	return ""
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// BadEmail is why a text is no e-mail address, "" if it is one.
func BadEmail(text string) string {
	local, domain, ok := strings.Cut(text, "@")
	switch {
	case !ok || local == "" || domain == "":
		return "it needs a name, an @ and a domain"
	case strings.Contains(domain, "@"):
		return "it has more than one @"
	case strings.ContainsAny(text, " \t\n\r\u00a0,;<>()[]\\\""):
		return "it has a space or a sign that addresses do not have"
	case strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, ".."):
		return "its domain has an empty part"
	}
	return ""
}
