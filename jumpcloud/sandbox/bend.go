package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// change is the sandbox's own answer as a fault lets it look.
func (f *Fault) change(a answer, q *asked) answer {
	form := q.form()
	if a.status != http.StatusOK || !form.lists() || !f.onLists(q.skip) && !(form == edges && f.onEdges()) {
		return a
	}
	p := readPage(a, form)
	if form == edges {
		p.loseMembers(f.NullMembers, f.LostMembers)
	}
	if q.skip > 0 {
		p.total -= f.Shift
	}
	p.total = max(0, p.total+f.Total)
	if f.Empty {
		p = listPage{entries: []json.RawMessage{}}
	}
	return p.write(a, form, f.NoTotal)
}

// listPage is a page of a list, whatever its form.
type listPage struct {
	entries []json.RawMessage
	total   int
}

// readPage reads an answer of the sandbox's own.
func readPage(a answer, form form) (p listPage) {
	if form != envelope {
		p.total, _ = strconv.Atoi(a.header.Get("x-total-count"))
		p.entries = splitList(a.body)
		return p
	}
	var e struct {
		TotalCount int
		Results    []json.RawMessage
	}
	json.Unmarshal(a.body, &e) // listV1 wrote it
	return listPage{e.Results, e.TotalCount}
}

// loseMembers makes nothing of the first edges, and takes the next ones out.
func (p *listPage) loseMembers(null, lost int) {
	null = min(null, len(p.entries))
	for i := range null {
		p.entries[i] = json.RawMessage(`{"to":null}`)
	}
	p.entries = slices.Delete(p.entries, null, min(null+lost, len(p.entries)))
}

// write puts the page into the answer that it was read from.
func (p listPage) write(a answer, form form, noTotal bool) answer {
	list := joinList(p.entries)
	if form != envelope {
		a = a.with(http.Header{"X-Total-Count": {strconv.Itoa(p.total)}})
		if noTotal {
			a.header.Del("X-Total-Count")
		}
		a.body = list
		return a
	}
	body := append([]byte(`{"totalCount":`), strconv.Itoa(p.total)+","...)
	if noTotal {
		body = []byte{'{'}
	}
	a.body = append(append(append(body, `"results":`...), list...), '}')
	return a
}

// rewrite is the body of a write as it is stored.
func (f *Fault) rewrite(q *asked) []byte {
	var m map[string]json.RawMessage
	if q.form() != stored || !f.rewrites() || json.Unmarshal(q.body, &m) != nil {
		return q.body
	}
	for _, name := range f.Ignore {
		delete(m, name)
	}
	for _, name := range f.Lower {
		if raw, ok := m[name]; ok {
			m[name] = mapTexts(raw, strings.ToLower)
		}
	}
	if raw, ok := m["phoneNumbers"]; ok && f.Phone {
		m["phoneNumbers"] = dialled(raw)
	}
	for name, raw := range m {
		if f.Trim && name != "password" {
			m[name] = mapTexts(raw, strings.TrimSpace)
		}
	}
	return mustJSON(m)
}

// mapTexts changes all strings in a JSON value but the names of members.
func mapTexts(raw json.RawMessage, to func(string) string) json.RawMessage {
	var list []json.RawMessage
	var object map[string]json.RawMessage
	switch raw[0] {
	case '"':
		return mustJSON(to(stringOf(raw)))
	case '[':
		json.Unmarshal(raw, &list)
		for i := range list {
			list[i] = mapTexts(list[i], to)
		}
		return mustJSON(list)
	case '{':
		json.Unmarshal(raw, &object)
		for name := range object {
			object[name] = mapTexts(object[name], to)
		}
		return mustJSON(object)
	}
	return raw
}

// dialled is phoneNumbers with numbers as one dials them.
func dialled(raw json.RawMessage) json.RawMessage {
	var list []map[string]json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return raw
	}
	for _, entry := range list {
		if n, ok := entry["number"]; ok {
			entry["number"] = mapTexts(n, digits)
		}
	}
	return mustJSON(list)
}

// digits are a leading + and the digits of a text.
func digits(s string) string {
	s = strings.TrimSpace(s)
	only := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	if strings.HasPrefix(s, "+") {
		return "+" + only
	}
	return only
}
