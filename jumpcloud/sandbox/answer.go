package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// answer is what a handler says: a status, headers and a JSON body.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// write sends the answer.
func (a answer) write(w http.ResponseWriter) {
	a.writeHead(w)
	w.Write(a.body) // a client that left is not the sandbox's concern
}

// writeHead sends all but the body.
func (a answer) writeHead(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if len(a.body) > 0 && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(a.status)
}

// ok answers 200 with a body.
func ok(body []byte) answer { return answer{status: http.StatusOK, body: body} }

// done answers 200 with the string that actions give (openapi-v1.json).
func done() answer { return ok([]byte(`"OK"`)) }

// encoded answers with a value as JSON.
func encoded(status int, v any) answer { return answer{status: status, body: mustJSON(v)} }

// mustJSON encodes what is known to encode.
func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sandbox: %v", err))
	}
	return raw
}

// fail answers with an error in the form of the specification: code,
// message and status (openapi-v1.json and -v2.json, Error).
func fail(status int, format string, args ...any) *answer {
	a := encoded(status, struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Status  string `json:"status"`
	}{status, fmt.Sprintf(format, args...), statusName(status)})
	return &a
}

// bad is a 400.
func bad(format string, args ...any) *answer { return fail(http.StatusBadRequest, format, args...) }

// notFound is a 404.
func notFound() *answer { return fail(http.StatusNotFound, "Not Found") }

// statusName is a status in the words of google.rpc.Code.
func statusName(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "INVALID_ARGUMENT"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusConflict:
		return "ALREADY_EXISTS"
	case http.StatusInternalServerError:
		return "INTERNAL"
	}
	return strings.ToUpper(strings.ReplaceAll(http.StatusText(status), " ", "_"))
}

// alreadyExists is the 409 of V2, word for word (facts.md section 10).
func alreadyExists(status int) *answer {
	return &answer{status: status, body: []byte(`{"message":"Already Exists"}`)}
}

// unauthorized is a 401, word for word (facts.md section 10).
func unauthorized(reason string) *answer {
	a := encoded(http.StatusUnauthorized, map[string]string{"error": "Unauthorized", "message": "Unauthorized: " + reason})
	return &a
}
