package jumpcloud

import (
	"net/http"
	"strings"
)

// orgHeader adds x-org-id to the routes that take it.
type orgHeader struct {
	next http.RoundTripper
	id   string
}

func (o orgHeader) RoundTrip(req *http.Request) (*http.Response, error) {
	if o.id == "" || !takesOrg(req.URL.Path) {
		return o.next.RoundTrip(req)
	}
	return o.next.RoundTrip(withHeader(req, "x-org-id", o.id))
}

// withoutOrg are the routes above any organization: they refuse x-org-id
// with 403 (facts.md section 1).
var withoutOrg = [...]string{
	"/api/organizations", "/api/search/organizations", "/api/users",
	"/api/v2/organizations", "/api/v2/administrators", "/api/v2/providers",
}

func takesOrg(path string) bool {
	for _, route := range withoutOrg {
		if rest, ok := strings.CutPrefix(path, route); ok && (rest == "" || rest[0] == '/') {
			return false
		}
	}
	return true
}

// withHeader is a copy of a request with one header more: a RoundTripper
// does not change what it is given.
func withHeader(req *http.Request, name, value string) *http.Request {
	req = req.Clone(req.Context())
	req.Header.Set(name, value)
	return req
}
