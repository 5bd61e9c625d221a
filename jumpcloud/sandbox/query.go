package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxLimit is the largest page (openapi-v1.json and -v2.json, limit).
const maxLimit = 100

// defaultLimit is the page of a request that names no limit.
const defaultLimit = 10

// query is what a list is asked for.
type query struct {
	skip, limit int
	sort        []order // none: by id
	only        []bool  // fields of the table; nil: all
	match       func(record) bool
}

// order is a field to sort by.
type order struct {
	index int
	down  bool
}

// queryV1 reads the parameters of a V1 list: separated by spaces, operators
// with a dollar sign.
func (c *call) queryV1(t *table) (query, *answer) {
	q, problem := c.page(c.query.Get("skip"), c.query.Get("limit"))
	if problem != nil {
		return q, problem
	}
	q.sort = t.orders(strings.Fields(c.query.Get("sort")))
	q.only = t.only(strings.Fields(c.query.Get("fields")), "_id", "id")
	q.match, problem = filtersV1(c.query)
	return q, problem
}

// queryV2 reads the parameters of a V2 list: separated by commas, operators
// without a dollar sign.
func (c *call) queryV2(t *table) (query, *answer) {
	q, problem := c.page(c.query.Get("skip"), c.query.Get("limit"))
	if problem != nil {
		return q, problem
	}
	q.sort = t.orders(commas(c.query["sort"]))
	q.only = t.only(commas(c.query["fields"]), "id")
	q.match, problem = filtersV2(c.query["filter"])
	return q, problem
}

// page reads skip and limit.
func (c *call) page(skip, limit string) (query, *answer) {
	q := query{limit: c.o.DefaultLimit}
	if q.limit == 0 {
		q.limit = defaultLimit
	}
	var err error
	if skip != "" {
		if q.skip, err = strconv.Atoi(skip); err != nil || q.skip < 0 {
			return q, bad("skip must be an integer of at least 0")
		}
	}
	if limit != "" {
		if q.limit, err = strconv.Atoi(limit); err != nil || q.limit < 1 {
			return q, bad("limit must be an integer of at least 1")
		}
	}
	if q.limit > maxLimit && c.o.RejectLargeLimit {
		return q, bad("limit must be at most %d", maxLimit)
	}
	q.limit = min(q.limit, maxLimit)
	if q.skip > 0 {
		q.skip = max(0, q.skip+c.fault.Shift)
	}
	return q, nil
}

// commas splits values of a V2 array parameter.
func commas(values []string) []string {
	var parts []string
	for _, v := range values {
		parts = append(parts, strings.Split(v, ",")...)
	}
	return parts
}

// orders finds the fields to sort by; unknown ones are ignored, as a wrong
// separator is (facts.md section 2).
func (t *table) orders(names []string) []order {
	var orders []order
	for _, name := range names {
		name, down := strings.CutPrefix(name, "-")
		if i, known := t.index[name]; known {
			orders = append(orders, order{i, down})
		}
	}
	if len(orders) == 1 && !orders[0].down && orders[0].index == t.key() {
		return nil // lists are kept in this order
	}
	return orders
}

// key is the index of the field that lists are sorted by.
func (t *table) key() int {
	if i, ok := t.index["_id"]; ok {
		return i
	}
	return t.index["id"]
}

// only marks the named fields and those that are always returned; nil is
// all, for no names.
func (t *table) only(names []string, always ...string) []bool {
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	if len(names) == 0 {
		return nil
	}
	marks := make([]bool, len(t.fields))
	for _, name := range append(names, always...) {
		if i, known := t.index[name]; known {
			marks[i] = true
		}
	}
	return marks
}

// recorder is what has a record: a user, a group, an organization.
type recorder interface{ rec() record }

func (r record) rec() record { return r }

// selectPage is the page that a query asks for, and how many there are.
func selectPage[T recorder](all []T, q query) (page []T, total int) {
	if q.match != nil {
		matching := make([]T, 0, min(len(all), maxLimit))
		for _, x := range all {
			if q.match(x.rec()) {
				matching = append(matching, x)
			}
		}
		all = matching
	}
	if len(q.sort) > 0 {
		all = slices.Clone(all)
		slices.SortStableFunc(all, func(a, b T) int { return compareRecords(a.rec(), b.rec(), q.sort) })
	}
	from := min(q.skip, len(all))
	return all[from:min(from+q.limit, len(all))], len(all)
}

// shown is a list less what is not to be seen yet. The list is not changed.
func shown[T any](all []T, o *org, visible func(T) time.Time) []T {
	now := o.o.Now()
	if !now.Before(o.visible) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(x T) bool { return now.Before(visible(x)) })
}

// compareRecords orders two records.
func compareRecords(a, b record, orders []order) int {
	for _, o := range orders {
		n := compareValues(a.values[o.index], b.values[o.index])
		if n != 0 && o.down {
			return -n
		}
		if n != 0 {
			return n
		}
	}
	return 0
}

// compareValues orders two JSON values: nothing first, numbers as numbers.
func compareValues(a, b json.RawMessage) int {
	return compareTexts(scalar(a), scalar(b))
}

// compareTexts orders numbers as numbers and other texts by their bytes.
func compareTexts(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// scalar is the text of a JSON scalar: a string itself, "" for null and absent.
func scalar(raw json.RawMessage) string {
	switch {
	case raw == nil || string(raw) == "null":
		return ""
	case raw[0] == '"':
		return stringOf(raw)
	}
	return string(raw)
}

// listV1 answers a page in the envelope of V1.
func listV1[T recorder](page []T, total int, only []bool) answer {
	b := append([]byte(`{"totalCount":`), strconv.Itoa(total)...)
	b = append(b, `,"results":`...)
	b = appendList(b, page, only)
	return ok(append(b, '}'))
}

// listV2 answers a page as V2 does: a bare array, the total in a header.
func listV2[T recorder](page []T, total int, only []bool) answer {
	return counted(appendList(nil, page, only), total)
}

// counted is an answer with its total in x-total-count.
func counted(body []byte, total int) answer {
	a := ok(body)
	a.header = http.Header{http.CanonicalHeaderKey("x-total-count"): {strconv.Itoa(total)}}
	return a
}

// appendList is records as a JSON array.
func appendList[T recorder](dst []byte, page []T, only []bool) []byte {
	dst = append(dst, '[')
	for i, x := range page {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = x.rec().appendJSON(dst, only, false)
	}
	return append(dst, ']')
}

// condition is one term of a filter.
type condition struct {
	path   []string // a field, and members inside it
	op     string   // as V1 writes it, with a dollar sign
	values []string
}

// filtersV1 reads filter=, filter[N]= and filter[and][N]= (all must hold)
// and filter[or][N]= (one must hold). It is nil if there is none.
func filtersV1(values url.Values) (func(record) bool, *answer) {
	var all, any []condition
	for _, key := range sortedKeys(values) {
		if key != "filter" && !strings.HasPrefix(key, "filter[") {
			continue
		}
		for _, text := range values[key] {
			cond, problem := parseCondition(text)
			if problem != nil {
				return nil, problem
			}
			if strings.HasPrefix(key, "filter[or]") {
				any = append(any, cond)
			} else {
				all = append(all, cond)
			}
		}
	}
	if all == nil && any == nil {
		return nil, nil
	}
	return func(r record) bool { return holdAll(r, all) && (any == nil || holdAny(r, any)) }, nil
}

// operatorsV1 are the operators of openapi-v1.json that work without the
// x-eventually-consistent header.
var operatorsV1 = []string{"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$sw"}

// parseCondition reads field:$operator:value.
func parseCondition(text string) (condition, *answer) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 || !slices.Contains(operatorsV1, parts[1]) {
		return condition{}, bad("filter %q must be field:operator:value, with one of %v", text, operatorsV1)
	}
	c := condition{path: strings.Split(parts[0], "."), op: parts[1], values: []string{parts[2]}}
	switch c.op {
	case "$in", "$nin":
		c.values = splitTerms(parts[2])
	case "$sw":
		c.values[0] = strings.ReplaceAll(parts[2], `\|`, "|")
	}
	return c, nil
}

// splitTerms splits at | but not at \|.
func splitTerms(s string) []string {
	const mark = "\x00"
	terms := strings.Split(strings.ReplaceAll(s, `\|`, mark), "|")
	for i, t := range terms {
		terms[i] = strings.ReplaceAll(t, mark, "|")
	}
	return terms
}

// operatorsV2 are the operators of openapi-v2.json that the sandbox has, as
// those of V1.
var operatorsV2 = map[string]string{
	"eq": "$eq", "ne": "$ne", "gt": "$gt", "ge": "$gte", "lt": "$lt", "le": "$lte", "in": "$in", "search": "$search",
}

// filtersV2 reads field:operator:value; all must hold. It is nil for none.
func filtersV2(texts []string) (func(record) bool, *answer) {
	var all []condition
	for _, text := range texts {
		parts := strings.SplitN(text, ":", 3)
		if len(parts) != 3 || operatorsV2[parts[1]] == "" {
			return nil, bad("filter %q must be field:operator:value", text)
		}
		cond := condition{path: strings.Split(parts[0], "."), op: operatorsV2[parts[1]], values: []string{parts[2]}}
		if cond.op == "$in" {
			cond.values = splitTerms(parts[2])
		}
		all = append(all, cond)
	}
	if all == nil {
		return nil, nil
	}
	return func(r record) bool { return holdAll(r, all) }, nil
}

// holdAll tells whether all conditions hold.
func holdAll(r record, all []condition) bool {
	return !slices.ContainsFunc(all, func(c condition) bool { return !c.holds(r) })
}

// holdAny tells whether one condition holds.
func holdAny(r record, any []condition) bool {
	return slices.ContainsFunc(any, func(c condition) bool { return c.holds(r) })
}

// holds tells whether a record meets the condition. In arrays one entry is
// enough, but for $ne and $nin, which no entry may contradict.
func (c condition) holds(r record) bool {
	not := c.op == "$ne" || c.op == "$nin"
	i, known := r.table.index[c.path[0]]
	if !known || r.values[i] == nil {
		return not
	}
	raw := r.values[i]
	if len(c.path) == 1 && raw[0] != '[' && raw[0] != '{' {
		return c.meets(scalar(raw)) != not
	}
	return slices.ContainsFunc(scalarsAt(decode(raw), c.path[1:], nil), c.meets) != not
}

// meets tells whether one text meets the condition; of $ne and $nin,
// whether it contradicts it.
func (c condition) meets(text string) bool {
	v := c.values[0]
	switch c.op {
	case "$gt":
		return compareTexts(text, v) > 0
	case "$gte":
		return compareTexts(text, v) >= 0
	case "$lt":
		return compareTexts(text, v) < 0
	case "$lte":
		return compareTexts(text, v) <= 0
	case "$sw":
		return strings.HasPrefix(text, v)
	case "$search":
		return strings.Contains(strings.ToLower(text), strings.ToLower(v))
	}
	return slices.Contains(c.values, text)
}

// texts are the scalars at a path, none if it is absent.
func (r record) texts(path []string) []string {
	i, known := r.table.index[path[0]]
	if !known || r.values[i] == nil {
		return nil
	}
	return scalarsAt(decode(r.values[i]), path[1:], nil)
}

// scalarsAt collects the scalars at a path in a decoded value, through arrays.
func scalarsAt(v any, path []string, found []string) []string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			found = scalarsAt(item, path, found)
		}
		return found
	case map[string]any:
		if len(path) == 0 {
			return found
		}
		if member, ok := v[path[0]]; ok {
			return scalarsAt(member, path[1:], found)
		}
		return found
	}
	if len(path) > 0 {
		return found
	}
	return append(found, scalar(mustJSON(v)))
}
