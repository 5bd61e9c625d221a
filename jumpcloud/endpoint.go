package jumpcloud

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// region is where an organization lives (facts.md section 1).
type region struct{ name, url, tokenURL string }

var regions = [...]region{
	{"us", "https://console.jumpcloud.com", "https://admin-oauth.id.jumpcloud.com/oauth2/token"},
	{"eu", "https://console.eu.jumpcloud.com", "https://admin-oauth.id.eu.jumpcloud.com/oauth2/token"},
	{"in", "https://console.in.jumpcloud.com", "https://admin-oauth.id.in.jumpcloud.com/oauth2/token"},
}

// RegionURL is the host root of us, eu or in.
func RegionURL(name string) (string, bool) {
	for _, r := range regions {
		if r.name == name {
			return r.url, true
		}
	}
	return "", false
}

// endpoints checks and completes the two addresses of a client.
func endpoints(host, token string) (root, tokenURL string, err error) {
	if host == "" {
		host = regions[0].url
	}
	u, err := parseURL("URL", host)
	if err != nil {
		return "", "", err
	}
	if u.Path != "" && u.Path != "/" {
		return "", "", fmt.Errorf("URL %s has the path %s: give the host root, such as %s", u, u.Path, regions[0].url)
	}
	root = u.Scheme + "://" + strings.ToLower(u.Host)
	if token == "" {
		return root, defaultTokenURL(root), nil
	}
	t, err := parseURL("token URL", token)
	if err != nil {
		return "", "", err
	}
	return root, t.String(), nil
}

func defaultTokenURL(root string) string {
	for _, r := range regions {
		if r.url == root {
			return r.tokenURL
		}
	}
	return root + "/oauth2/token"
}

// parseURL takes https, and http on loopback: a credential never crosses a
// network in the clear. What it refuses because of a password in it, it does
// not repeat.
func parseURL(what, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		var cause *url.Error
		if errors.As(err, &cause) {
			err = cause.Err // without the text, which may hold a password
		}
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	switch {
	case u.User != nil || strings.Contains(text, "@"):
		return nil, fmt.Errorf("%s holds a user name or password: remove it", what)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%s %q has no host: write it as %s", what, text, regions[0].url)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("%s %q has a query or fragment: remove it", what, text)
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("%s %q: only https, or http on loopback", what, text)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
