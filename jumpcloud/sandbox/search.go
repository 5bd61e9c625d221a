package sandbox

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// searchBody is the body of POST /search/systemusers. limit, skip and sort
// are read here and not from the query (facts.md section 2).
type searchBody struct {
	Filter       json.RawMessage `json:"filter"`
	SearchFilter *struct {
		SearchTerm json.RawMessage `json:"searchTerm"`
		Fields     []string        `json:"fields"`
	} `json:"searchFilter"`
	Fields json.RawMessage `json:"fields"`
	Limit  json.Number     `json:"limit"`
	Skip   json.Number     `json:"skip"`
	Sort   string          `json:"sort"`
}

// searchUsers is POST /search/systemusers.
func searchUsers(c *call) answer {
	body, q, problem := c.searchQuery()
	if problem != nil {
		return *problem
	}
	filter, problem := parseSearch(body.Filter)
	if problem != nil {
		return *problem
	}
	terms, ok := stringOrStrings(body.searchTerm())
	if !ok {
		return *bad("searchTerm must be a string or an array of strings")
	}
	q.match = func(r record) bool { return filter(r) && body.found(r, terms) }
	page, total := selectPage(c.org.shownUsers(), q)
	return listV1(page, total, q.only)
}

// searchQuery reads the body but for its filters.
func (c *call) searchQuery() (body searchBody, q query, problem *answer) {
	m, problem := c.object()
	if problem != nil {
		return body, q, problem
	}
	for _, name := range sortedKeys(m) {
		if !slices.Contains([]string{"filter", "searchFilter", "fields", "limit", "skip", "sort"}, name) {
			return body, q, bad("%s is not a known field", name)
		}
	}
	if m != nil {
		if err := json.Unmarshal(c.body, &body); err != nil {
			return body, q, bad("The body is not a valid search")
		}
	}
	fields, ok := stringOrStrings(body.Fields)
	if !ok {
		return body, q, bad("fields must be a string or an array of strings")
	}
	if q, problem = c.page(body.Skip.String(), body.Limit.String()); problem != nil {
		return body, q, problem
	}
	q.sort = userTable.orders(strings.Fields(body.Sort))
	q.only = userTable.only(strings.Fields(strings.Join(fields, " ")), "_id", "id")
	return body, q, nil
}

// searchTerm is the text to look for, nil if there is none.
func (b searchBody) searchTerm() json.RawMessage {
	if b.SearchFilter == nil {
		return nil
	}
	return b.SearchFilter.SearchTerm
}

// found tells whether a searched field has one of the terms in it, in any case.
func (b searchBody) found(r record, terms []string) bool {
	if len(terms) == 0 {
		return true
	}
	for _, field := range b.SearchFilter.Fields {
		for _, text := range r.texts(strings.Split(field, ".")) {
			if slices.ContainsFunc(terms, func(t string) bool {
				return strings.Contains(strings.ToLower(text), strings.ToLower(t))
			}) {
				return true
			}
		}
	}
	return false
}

// stringOrStrings reads a JSON string or array of strings; absent is none.
func stringOrStrings(raw json.RawMessage) (texts []string, ok bool) {
	if raw == nil {
		return nil, true
	}
	if raw[0] == '"' {
		return []string{stringOf(raw)}, true
	}
	err := json.Unmarshal(raw, &texts)
	return texts, err == nil
}

// parseSearch reads a filter: {"and":[…]}, {"or":[…]}, or a bare array or
// object, of which all must hold.
func parseSearch(raw json.RawMessage) (func(record) bool, *answer) {
	switch {
	case raw == nil:
		return func(record) bool { return true }, nil
	case raw[0] == '[':
		return parseTerms(raw, true)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, bad("filter must be an object or an array")
	}
	if len(m) == 1 && m["and"] != nil {
		return parseTerms(m["and"], true)
	}
	if len(m) == 1 && m["or"] != nil {
		return parseTerms(m["or"], false)
	}
	return parseTerm(raw)
}

// parseTerms reads an array of terms, of which all or one must hold.
func parseTerms(raw json.RawMessage, all bool) (func(record) bool, *answer) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, bad("filter must hold an array")
	}
	terms := make([]func(record) bool, len(items))
	for i, item := range items {
		var problem *answer
		if terms[i], problem = parseTerm(item); problem != nil {
			return nil, problem
		}
	}
	return func(r record) bool {
		for _, term := range terms {
			if term(r) != all {
				return !all
			}
		}
		return all
	}, nil
}

// parseTerm reads one term: {"field":value}, {"field":{"$operator":value}}
// or "field:$operator:value".
func parseTerm(raw json.RawMessage) (func(record) bool, *answer) {
	if raw[0] == '"' {
		cond, problem := parseCondition(stringOf(raw))
		return cond.holds, problem
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, bad("a filter term must be an object")
	}
	var all []func(record) bool
	for _, field := range sortedKeys(m) {
		match, problem := parseValue(strings.Split(field, "."), m[field])
		if problem != nil {
			return nil, problem
		}
		all = append(all, match)
	}
	return func(r record) bool {
		return !slices.ContainsFunc(all, func(f func(record) bool) bool { return !f(r) })
	}, nil
}

// parseValue reads what a field must be: a value, or operators with values.
func parseValue(path []string, v any) (func(record) bool, *answer) {
	operators, ok := v.(map[string]any)
	if !ok {
		operators = map[string]any{"$eq": v}
	}
	var all []func(record) bool
	for _, op := range sortedKeys(operators) {
		match, problem := parseOperator(path, op, operators[op])
		if problem != nil {
			return nil, problem
		}
		all = append(all, match)
	}
	return func(r record) bool {
		return !slices.ContainsFunc(all, func(f func(record) bool) bool { return !f(r) })
	}, nil
}

// parseOperator reads one operator with its value.
func parseOperator(path []string, op string, v any) (func(record) bool, *answer) {
	if op == "$regex" {
		text, _ := v.(string)
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, bad("$regex %q is not valid", text)
		}
		return func(r record) bool { return slices.ContainsFunc(r.texts(path), re.MatchString) }, nil
	}
	if !slices.Contains(operatorsV1, op) {
		return nil, bad("%s is not a known operator", op)
	}
	c := condition{path: path, op: op}
	values, ok := v.([]any)
	if !ok {
		values = []any{v}
	}
	for _, value := range values {
		c.values = append(c.values, scalar(mustJSON(value)))
	}
	if len(c.values) == 0 {
		return func(record) bool { return op == "$nin" }, nil
	}
	return c.holds, nil
}
