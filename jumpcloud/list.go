package jumpcloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	pageSize   = 100        // what the API serves at most (facts.md section 2)
	maxRecords = 10_000_000 // a server that claims more is not believed
)

// Listing is a list that can be read in pages.
type Listing struct {
	request
	unit   string // what it lists, for messages
	shape  shape
	search Record      // a search is asked for its pages in the body; nil for lists
	pages  func(n int) // told how many there are; nil is nobody
}

// Telling is the listing that tells, once the first page is there, how many
// pages it has. Where the server gives no total nobody is told.
func (l Listing) Telling(pages func(n int)) Listing {
	l.pages = pages
	return l
}

// shape is how a list says its records and their total.
type shape uint8

const (
	bare2    shape = iota // V2: an array, and the header x-total-count
	envelope              // V1: {"totalCount": n, "results": [...]}
)

// Users are an organization's users in a stable order (facts.md section 2).
// Fields are JumpCloud's names, nil for all; filters are written
// "field:$op:value" and all must hold. How JumpCloud reads more than one
// filter is open (facts.md section 13), so whoever sends several checks the
// records again.
func Users(fields, filters []string) Listing {
	l := list(envelope, "users", v1+"/systemusers")
	l.query.Set("sort", "_id")
	if len(fields) > 0 {
		l.query.Set("fields", strings.Join(fields, " "))
	}
	for _, f := range filters {
		l.query.Add("filter", f)
	}
	return l
}

// Groups are an organization's user groups by name; no fields are all that
// the list carries, which does not include attributes (facts.md section 7).
func Groups(fields ...string) Listing {
	l := list(bare2, "groups", v2+"/usergroups")
	l.query.Set("sort", "name")
	if len(fields) > 0 {
		l.query.Set("fields", strings.Join(fields, ","))
	}
	return l
}

// Members are the direct members of a group: {"to": {"id", "type"}} each,
// where "to" may be null (facts.md section 8).
func Members(groupID string) Listing {
	return list(bare2, "members", v2+"/usergroups/%s/members", groupID)
}

// MemberOf are the groups of a user: {"id", "type", "paths"} each.
func MemberOf(userID string) Listing {
	return list(bare2, "groups of a user", v2+"/users/%s/memberof", userID)
}

// Organizations are those that the credential can see: "id", "displayName".
func Organizations() Listing {
	l := list(envelope, "organizations", v1+"/organizations")
	l.query.Set("sort", "_id")
	return l
}

func list(s shape, unit, format string, ids ...string) Listing {
	r := route(http.MethodGet, format, ids...)
	r.query = url.Values{}
	return Listing{request: r, unit: unit, shape: s}
}

// page is one page as it came.
type page struct {
	records []Record // null entries left out
	served  int      // entries, null ones too
	total   int      // -1 if the server gave none
	body    []byte
}

// List reads a whole list and converts it page by page: the first alone, the
// others side by side. pages[i] is page i; an empty list is one empty page.
//
// It goes by the total and never by a short page, because JumpCloud drops
// dangling records from pages. So records may be fewer than total or, while
// somebody writes, come twice or be missed: whoever needs all compares unique
// ids with total, which is the highest that the server gave, so that a record
// that went away between two pages, and moved the others, shows. Where the server gives
// no total, pages are read until one is empty and total is -1.
//
// Errors are an *Error, or convert's own; one ends the reading, and of several
// it is that of the first page. Convert is called from several goroutines.
func List[T any](ctx context.Context, c *Client, l Listing, convert func([]Record) (T, error)) (pages []T, total int, err error) {
	first, err := c.page(ctx, l, 0, pageSize)
	if err != nil {
		return nil, 0, err
	}
	if first.total < 0 {
		pages, err = listToEnd(ctx, c, l, first, convert)
		return pages, -1, err
	}
	step := l.step(first)
	pages = make([]T, max(1, (first.total+step-1)/step))
	if l.pages != nil {
		l.pages(len(pages))
	}
	totals := make([]int, len(pages))
	totals[0] = first.total
	if pages[0], err = convert(first.records); err != nil {
		return nil, 0, err
	}
	err = SideBySide(ctx, len(pages)-1, c.parallel, func(ctx context.Context, i int) error {
		p, err := c.page(ctx, l, (i+1)*step, pageSize)
		if err != nil {
			return err
		}
		totals[i+1] = p.total
		pages[i+1], err = convert(p.records)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return pages, slices.Max(totals), nil
}

// step is how far one page is from the next. A V1 server that serves fewer
// than asked has a smaller page; a V2 server has dropped dangling records.
func (l *Listing) step(first *page) int {
	if l.shape == envelope && first.served > 0 && first.served < min(pageSize, first.total) {
		return first.served
	}
	return pageSize
}

// listToEnd reads page after page until one is empty; p is the first.
func listToEnd[T any](ctx context.Context, c *Client, l Listing, p *page, convert func([]Record) (T, error)) ([]T, error) {
	var pages []T
	for skip := 0; ; {
		t, err := convert(p.records)
		if err != nil {
			return nil, err
		}
		pages = append(pages, t)
		if p.served == 0 {
			return pages, nil
		}
		if l.shape == envelope {
			skip += p.served
		} else {
			skip += pageSize
		}
		next, err := c.page(ctx, l, skip, pageSize)
		if err != nil {
			return nil, err
		}
		if next.served == 0 {
			return pages, nil
		}
		if bytes.Equal(next.body, p.body) || skip > maxRecords {
			return nil, &Error{Method: l.method, Path: l.path, Status: http.StatusOK, Message: "the server sends the same page of " + l.unit + " again"}
		}
		p = next
	}
}

// at is the request for some of the records.
func (l *Listing) at(skip, limit int) request {
	r := l.request
	if l.search != nil {
		body := maps.Clone(l.search)
		body["limit"], body["skip"] = json.RawMessage(strconv.Itoa(limit)), json.RawMessage(strconv.Itoa(skip))
		body["sort"] = json.RawMessage(`"_id"`)
		return r.with(body)
	}
	r.query = maps.Clone(l.query)
	r.query.Set("limit", strconv.Itoa(limit))
	r.query.Set("skip", strconv.Itoa(skip))
	return r
}

// page reads one page.
func (c *Client) page(ctx context.Context, l Listing, skip, limit int) (*page, error) {
	a, err := c.send(ctx, l.at(skip, limit))
	if err != nil {
		return nil, err
	}
	p, err := l.shape.parse(a.header, a.body)
	if err != nil {
		return nil, a.refuse(c, fmt.Sprintf("read a page of %s: %v", l.unit, PlainJSON(err)))
	}
	return p, nil
}

// parse reads a page's body and total. A body without a list is an error
// unless it says that there is nothing: never an empty list by mistake.
func (s shape) parse(header http.Header, body []byte) (*page, error) {
	if !json.Valid(body) {
		return nil, json.Unmarshal(body, new(json.RawMessage))
	}
	total, list := header.Get("x-total-count"), body
	if s == envelope {
		var err error
		if total, list, err = open(body); err != nil {
			return nil, err
		}
	}
	p := &page{body: body}
	var err error
	if p.records, err = records(list); err != nil {
		return nil, err
	}
	if p.total, err = parseTotal(total); err != nil {
		return nil, err
	}
	if p.records == nil && p.total != 0 {
		return nil, errors.New("no list in it")
	}
	p.served = len(p.records)
	p.records = withoutNull(p.records)
	return p, nil
}

// open is the total and the list of an envelope; null where there is none.
func open(body []byte) (total string, list []byte, err error) {
	list = []byte("null")
	if begin(body) != '{' {
		return "", list, json.Unmarshal(body, new(struct{}))
	}
	for name, value := range members(body) {
		switch unquoted(name) {
		case "totalCount":
			total = string(value)
		case "results":
			list = value
		}
	}
	return total, list, nil
}

func withoutNull(records []Record) []Record {
	kept := records[:0]
	for _, r := range records {
		if r != nil {
			kept = append(kept, r)
		}
	}
	return kept
}

// parseTotal is -1 for no total.
func parseTotal(text string) (int, error) {
	n, err := strconv.Atoi(strings.Trim(text, `" `))
	if err != nil || n < 0 {
		return -1, nil
	}
	if n > maxRecords {
		return 0, fmt.Errorf("a total of %d cannot be right", n)
	}
	return n, nil
}

// all reads a list as one slice of records.
func (c *Client) all(ctx context.Context, l Listing) ([]Record, error) {
	pages, _, err := List(ctx, c, l, func(r []Record) ([]Record, error) { return r, nil })
	if err != nil {
		return nil, err
	}
	var records []Record
	for _, p := range pages {
		records = append(records, p...)
	}
	return records, nil
}
