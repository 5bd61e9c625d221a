package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Wrap is a handler that fails the test when a request to h or an answer of
// h is not what the official documents and the overlay say. It is strict
// beyond them: body members and query parameters that they do not name are
// errors, and so is a successful status that the operation does not list.
// What is not under /api, such as the token host, passes unchecked.
func Wrap(t testing.TB, h http.Handler) http.Handler {
	return handler(t, h, true)
}

// Responses is Wrap for tests that send bad requests on purpose: only the
// answers are checked, and paths that no document has pass.
func Responses(t testing.TB, h http.Handler) http.Handler {
	return handler(t, h, false)
}

// handler checks answers and, if asked to, requests.
func handler(t testing.TB, h http.Handler, requests bool) http.Handler {
	docs, err := documents()
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			h.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("%s %s: read body: %v", r.Method, r.URL, err)
		}
		e, err := newExchange(docs, r, body)
		if err != nil && requests {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		for _, problem := range e.request(requests) {
			t.Errorf("%s %s: request: %s", r.Method, r.URL, problem)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorded := httptest.NewRecorder()
		h.ServeHTTP(recorded, r)
		for _, problem := range e.response(recorded) {
			t.Errorf("%s %s: answer %d: %s\n%s", r.Method, r.URL, recorded.Code, problem, beginning(recorded.Body.String()))
		}
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorded.Code)
		w.Write(recorded.Body.Bytes()) // a client that left is no failure
	})
}

// beginning is as much of a body as a message needs.
func beginning(body string) string {
	const enough = 2000
	if len(body) <= enough {
		return body
	}
	return body[:enough] + " ..."
}

// exchange is a request with the operation that it asks for. A nil exchange
// has nothing to check.
type exchange struct {
	input *openapi3filter.RequestValidationInput
	body  []byte
}

// newExchange finds the operation of a request.
func newExchange(docs [2]routers.Router, r *http.Request, body []byte) (*exchange, error) {
	router := docs[0]
	if strings.HasPrefix(r.URL.Path, "/api/v2/") {
		router = docs[1]
	}
	asked := r.Clone(r.Context())
	asked.Body = io.NopCloser(bytes.NewReader(body))
	asked.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	route, params, err := router.FindRoute(asked)
	if err != nil {
		return nil, err
	}
	return &exchange{body: body, input: &openapi3filter.RequestValidationInput{
		Request: asked, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, SkipSettingDefaults: true, IncludeResponseStatus: true,
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}}, nil
}

// request lists what is wrong with the request.
func (e *exchange) request(asked bool) []string {
	if e == nil || !asked {
		return nil
	}
	var problems []string
	if err := openapi3filter.ValidateRequest(e.input.Request.Context(), e.input); err != nil {
		problems = append(problems, err.Error())
	}
	problems = append(problems, e.unknownParameters()...)
	if ref := e.input.Route.Operation.RequestBody; ref != nil {
		problems = append(problems, unknownIn(ref.Value.Content, e.body)...)
	} else if len(e.body) > 0 {
		problems = append(problems, "the operation has no body")
	}
	return problems
}

// unknownParameters lists query parameters that the operation has not. The
// description of V1's filter parameter has filter[0], filter[or][0] too.
func (e *exchange) unknownParameters() []string {
	known := map[string]bool{}
	for _, list := range []openapi3.Parameters{e.input.Route.Operation.Parameters, e.input.Route.PathItem.Parameters} {
		for _, p := range list {
			known[p.Value.Name] = known[p.Value.Name] || p.Value.In == openapi3.ParameterInQuery
		}
	}
	var problems []string
	for name := range e.input.Request.URL.Query() {
		bare, _, _ := strings.Cut(name, "[")
		if !known[name] && !(bare == "filter" && known["filter"]) {
			problems = append(problems, fmt.Sprintf("the operation has no query parameter %q", name))
		}
	}
	return problems
}

// response lists what is wrong with the answer.
func (e *exchange) response(w *httptest.ResponseRecorder) []string {
	if e == nil {
		return nil
	}
	documented := e.input.Route.Operation.Responses.Status(w.Code)
	if documented == nil && w.Code < http.StatusMultipleChoices {
		return []string{"the operation does not list this status"}
	}
	if documented == nil {
		documented = e.input.Route.Operation.Responses.Default()
	}
	if w.Body.Len() == 0 && (w.Code >= http.StatusMultipleChoices && w.Code < http.StatusBadRequest || documented.Value.Content == nil) {
		return nil
	}
	return e.responseBody(w, documented.Value)
}

// responseBody lists what is wrong with the body of an answer.
func (e *exchange) responseBody(w *httptest.ResponseRecorder, documented *openapi3.Response) []string {
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: e.input, Status: w.Code, Header: w.Header(), Options: e.input.Options,
		Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
	}
	var problems []string
	if err := openapi3filter.ValidateResponse(e.input.Request.Context(), input); err != nil {
		problems = append(problems, err.Error())
	}
	return append(problems, unknownIn(documented.Content, w.Body.Bytes())...)
}

// unknownIn lists the members of a JSON body that its schema does not name.
func unknownIn(content openapi3.Content, body []byte) []string {
	media := content.Get("application/json")
	if media == nil || media.Schema == nil || len(body) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return []string{err.Error()}
	}
	return unknown(media.Schema, v, "body")
}

// unknown lists the members of a value that its schema does not name. A
// schema that names none takes any.
func unknown(ref *openapi3.SchemaRef, v any, at string) []string {
	switch v := v.(type) {
	case []any:
		return unknownItems(ref, v, at)
	case map[string]any:
		named, open := members(ref)
		if open || len(named) == 0 {
			return nil
		}
		var problems []string
		for name, value := range v {
			if named[name] == nil {
				problems = append(problems, fmt.Sprintf("%s.%s is not in the schema", at, name))
				continue
			}
			problems = append(problems, unknown(named[name], value, at+"."+name)...)
		}
		return problems
	}
	return nil
}

// unknownItems is unknown for the entries of an array.
func unknownItems(ref *openapi3.SchemaRef, v []any, at string) []string {
	items := ref.Value.Items
	if items == nil {
		return nil
	}
	var problems []string
	for i, item := range v {
		problems = append(problems, unknown(items, item, fmt.Sprintf("%s[%d]", at, i))...)
	}
	return problems
}

// members are the properties that a schema names, those of its allOf too;
// open says that it takes others.
func members(ref *openapi3.SchemaRef) (named map[string]*openapi3.SchemaRef, open bool) {
	named = map[string]*openapi3.SchemaRef{}
	if more := ref.Value.AdditionalProperties; more.Schema != nil || more.Has != nil && *more.Has {
		open = true
	}
	for name, p := range ref.Value.Properties {
		named[name] = p
	}
	for _, part := range ref.Value.AllOf {
		inner, innerOpen := members(part)
		open = open || innerOpen
		for name, p := range inner {
			named[name] = p
		}
	}
	return named, open
}
