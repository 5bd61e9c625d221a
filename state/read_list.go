package state

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/jumpcloud"
	"rollcall/schema"
)

// rereads is how often a list is read again that does not have what the
// server counts: somebody was writing while it was read.
const rereads = 3

// entry is one record of a list in the form of the model.
type entry struct {
	Object
	Fact
}

// list reads all users or all groups, sorted by key, each once. A list that
// stays incomplete is recorded as a doubt, not an error.
func (r *reader) list(ctx context.Context, k schema.Kind, l jumpcloud.Listing) ([]entry, error) {
	var entries []entry
	var why string
	for range 1 + rereads {
		pages, total, err := jumpcloud.List(ctx, r.client, l.Telling(r.more), func(records []jumpcloud.Record) ([]entry, error) {
			defer r.progress.Step()
			return convert(k, records)
		})
		if err != nil {
			return nil, fmt.Errorf("read %ss: %w", k, err)
		}
		if entries, why = complete(k, pages, total); why == "" {
			return entries, nil
		}
	}
	r.doubt(why)
	return entries, nil
}

// more announces the pages of a list besides the first.
func (r *reader) more(pages int) { r.progress.Expect(pages - 1) }

// convert turns a page of records into entries. A record without id or name
// becomes an empty entry, so that it is counted.
func convert(k schema.Kind, records []jumpcloud.Record) ([]entry, error) {
	entries := make([]entry, len(records))
	var scratch []schema.Value
	for i, record := range records {
		e := &entries[i]
		e.Object = Object{Kind: k, ID: record.ID(), Name: record.Text(keyField[k].Name)}
		if e.ID == "" || e.Name == "" {
			continue
		}
		e.Key = e.Name
		if k == schema.User {
			e.Key = Fold(e.Name)
		}
		var err error
		if scratch, err = values(k, record, false, scratch[:0]); err != nil {
			return nil, fmt.Errorf("%s %q (%s): %w", k, e.Name, e.ID, err)
		}
		e.Values = slices.Clone(scratch)
		e.Fact = factOf(k, record)
	}
	return entries, nil
}

// keyField is the field that names an object, by kind.
var keyField = [...]*schema.Field{schema.User: schema.Of(schema.Username), schema.Group: schema.Of(schema.GroupName)}

// complete is the distinct entries of all pages, sorted by key, and why they
// cannot be all; "" if they are. Total is the server's count, -1 for none:
// users are always counted, and groups that are read to an end that is not
// their beginning are taken without it.
func complete(k schema.Kind, pages [][]entry, total int) (entries []entry, why string) {
	n := 0
	for _, p := range pages {
		n += len(p)
	}
	entries = make([]entry, 0, n)
	seen := make(map[string]bool, n)
	for _, p := range pages {
		for i := range p {
			if e := &p[i]; e.Key != "" && !seen[e.ID] {
				seen[e.ID] = true
				entries = append(entries, *e)
			}
		}
	}
	counted := total >= 0
	if !counted {
		total = n
	}
	switch {
	case !counted && (k == schema.User || n == 0):
		why = fmt.Sprintf("%ss: %d read, and JumpCloud gives no total", k, n)
	case len(entries) < total:
		why = fmt.Sprintf("%ss: %d of %d read", k, len(entries), total)
	case len(entries) > total:
		why = fmt.Sprintf("%ss: %d read, but JumpCloud counts %d", k, len(entries), total)
	}
	return distinct(entries), why
}

// distinct sorts entries by key. Of several with one key, the one with the
// smallest id keeps it and the others get their id added to it; each knows
// the others.
func distinct(entries []entry) []entry {
	order := func(a, b entry) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.ID, b.ID))
	}
	slices.SortFunc(entries, order)
	several := false
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && entries[to].Key == entries[from].Key {
			to++
		}
		if same := entries[from:to]; len(same) > 1 {
			several = true
			twins(same)
		}
		from = to
	}
	if several {
		slices.SortFunc(entries, order)
	}
	return entries
}

// twins makes entries of one key know each other, and their keys differ.
func twins(same []entry) {
	all := make([]string, len(same))
	for i := range same {
		all[i] = same[i].ID
	}
	for i := range same {
		same[i].Twins = all
		if i > 0 {
			same[i].Key += "#" + same[i].ID
		}
	}
}

// noteTwins tells of the objects that share a name.
func (r *reader) noteTwins() {
	for l := range r.live.Objects {
		o, ids := &r.live.Objects[l], r.live.Facts[l].Twins
		if len(ids) > 0 && ids[0] == o.ID {
			r.live.Notes = append(r.live.Notes, fmt.Sprintf("%ss: %d are named %q (%s), so none of them is touched; rename or delete all but one in JumpCloud",
				o.Kind, len(ids), o.Name, strings.Join(ids, ", ")))
		}
	}
}
