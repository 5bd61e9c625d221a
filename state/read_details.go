package state

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"rollcall/jumpcloud"
	"rollcall/schema"
)

// details reads what the lists do not say, and then how many members there
// are in groups that only a person's groups have shown to matter.
func (r *reader) details(ctx context.Context, o ReadOptions) error {
	edges := make([][]Edge, len(r.live.Objects))
	notes := make([]string, len(r.live.Objects))
	if err := r.do(ctx, r.jobs(needsOf(r.live, o), edges, notes)); err != nil {
		return err
	}
	r.live.Edges = slices.Concat(edges...)
	r.live.Notes = append(r.live.Notes, slices.DeleteFunc(notes, func(s string) bool { return s == "" })...)
	if o.Desired == nil {
		return nil
	}
	return r.do(ctx, r.jobs(countsOf(r.live, o.Desired), nil, nil))
}

// do does jobs side by side; of several errors the first job's counts.
func (r *reader) do(ctx context.Context, jobs []func(context.Context) error) error {
	r.progress.Expect(len(jobs))
	return jumpcloud.SideBySide(ctx, len(jobs), r.client.Parallel(), func(ctx context.Context, i int) error {
		defer r.progress.Step()
		return jobs[i](ctx)
	})
}

// jobs are the reads that needs ask for. Each fills the slots of its object
// only: its Fact, its Values, its edges and its note.
func (r *reader) jobs(n needs, edges [][]Edge, notes []string) (jobs []func(context.Context) error) {
	for l, need := range n.groups {
		if need&MembersOf != 0 {
			jobs = append(jobs, func(ctx context.Context) (err error) {
				edges[l], notes[l], err = r.members(ctx, l)
				return err
			})
		}
		if need&MemberCount != 0 && need&MembersOf == 0 {
			jobs = append(jobs, func(ctx context.Context) error { return r.count(ctx, l) })
		}
		if need&GroupRecord != 0 {
			jobs = append(jobs, func(ctx context.Context) error { return r.record(ctx, l) })
		}
	}
	for _, l := range n.people {
		jobs = append(jobs, func(ctx context.Context) (err error) {
			edges[l], notes[l], err = r.memberOf(ctx, l)
			return err
		})
	}
	return jobs
}

// members reads the members of a group.
func (r *reader) members(ctx context.Context, l int) (edges []Edge, note string, err error) {
	o, fact := &r.live.Objects[l], &r.live.Facts[l]
	pages, total, err := jumpcloud.List(ctx, r.client, jumpcloud.Members(o.ID), memberIDs)
	if err != nil {
		return nil, "", r.unlessGone(o, "members of", err)
	}
	ids := distinctIDs(pages)
	unread := max(0, total-len(ids))
	for _, id := range ids {
		key, known := r.users[id]
		if !known {
			key = "#" + id
			unread++
		}
		edges = append(edges, Edge{Group: o.Key, User: key})
	}
	fact.MembersRead, fact.Members, fact.Uncounted = true, max(total, len(ids)), uncounted(total, ids)
	switch {
	case fact.Uncounted:
		note = fmt.Sprintf("group %q: JumpCloud does not say how many members there are and lists none; nobody is removed", o.Name)
	case unread > 0:
		note = fmt.Sprintf("group %q: %d of %d members found among the users; the others stay as they are", o.Name, fact.Members-unread, fact.Members)
	}
	return edges, note, nil
}

// memberIDs are the users of a page of {"to": {"id", "type"}}; edges that
// lead nowhere are left out (facts.md section 8).
func memberIDs(records []jumpcloud.Record) ([]string, error) {
	ids := make([]string, 0, len(records))
	for _, record := range records {
		to := struct{ ID, Type string }{record.TextIn("to", "id"), record.TextIn("to", "type")}
		if (to.ID == "" || to.Type == "") && says(record["to"]) {
			if err := json.Unmarshal(record["to"], &to); err != nil {
				return nil, fmt.Errorf("read a member: %w", jumpcloud.PlainJSON(err))
			}
		}
		if to.ID != "" && cmp.Or(to.Type, "user") == "user" {
			ids = append(ids, to.ID)
		}
	}
	return ids, nil
}

// uncounted tells whether nothing was listed and nothing was counted: there
// may be members, of whom the server has dropped the first page.
func uncounted(total int, ids []string) bool { return total < 0 && len(ids) == 0 }

func distinctIDs(pages [][]string) []string {
	ids := slices.Concat(pages...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// memberOf reads the groups of a user.
func (r *reader) memberOf(ctx context.Context, l int) (edges []Edge, note string, err error) {
	o := &r.live.Objects[l]
	pages, total, err := jumpcloud.List(ctx, r.client, jumpcloud.MemberOf(o.ID), groupIDs)
	if err != nil {
		return nil, "", r.unlessGone(o, "groups of", err)
	}
	unknown, ids := 0, distinctIDs(pages)
	for _, id := range ids {
		if key, known := r.groups[id]; known {
			edges = append(edges, Edge{Group: key, User: o.Key})
		} else {
			unknown++
		}
	}
	r.live.Facts[l].GroupsRead = true
	switch {
	case uncounted(total, ids):
		note = fmt.Sprintf("user %q: JumpCloud does not say how many groups there are and lists none; there may be some", o.Name)
	case unknown > 0:
		note = fmt.Sprintf("user %q: %d of %d groups found among the groups; the others stay as they are", o.Name, len(edges), len(edges)+unknown)
	}
	return edges, note, nil
}

// groupIDs are the user groups of a page of {"id", "type", "paths"} that a
// person is in directly.
func groupIDs(records []jumpcloud.Record) ([]string, error) {
	var ids []string
	for _, record := range records {
		var paths [][]json.RawMessage
		if says(record["paths"]) {
			if err := json.Unmarshal(record["paths"], &paths); err != nil {
				return nil, fmt.Errorf("read the paths to a group: %w", jumpcloud.PlainJSON(err))
			}
		}
		direct := len(paths) == 0 || slices.ContainsFunc(paths, func(p []json.RawMessage) bool { return len(p) <= 1 })
		if id := record.ID(); id != "" && direct && cmp.Or(record.Text("type"), "user_group") == "user_group" {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// count asks how many members a group has.
func (r *reader) count(ctx context.Context, l int) error {
	o := &r.live.Objects[l]
	n, err := r.client.MemberCount(ctx, o.ID)
	if err != nil {
		return r.unlessGone(o, "members of", err)
	}
	r.live.Facts[l].Members = n
	return nil
}

// record reads a group by id: all its values, and the record for a PUT.
func (r *reader) record(ctx context.Context, l int) error {
	o, fact := &r.live.Objects[l], &r.live.Facts[l]
	record, err := r.client.GetGroup(ctx, o.ID)
	if err != nil {
		return r.unlessGone(o, "", err)
	}
	if name := record.Text(keyField[schema.Group].Name); name != o.Name {
		r.doubt(fmt.Sprintf("group %q was renamed to %q while it was read", o.Name, name))
		return nil
	}
	if o.Values, err = values(schema.Group, record, true, nil); err != nil {
		return fmt.Errorf("group %q (%s): %w", o.Name, o.ID, err)
	}
	if fact.Record, err = json.Marshal(record); err != nil {
		return fmt.Errorf("group %q (%s): %w", o.Name, o.ID, err)
	}
	fact.Dynamic = factOf(schema.Group, record).Dynamic
	return nil
}

// unlessGone is the error of reading a part of an object. What the list had
// and is not there any more makes the read incomplete, and is no error.
func (r *reader) unlessGone(o *Object, part string, err error) error {
	if jumpcloud.IsStatus(err, http.StatusNotFound) {
		r.doubt(fmt.Sprintf("%s %q was deleted while it was read", o.Kind, o.Name))
		return nil
	}
	if part != "" {
		part += " "
	}
	return fmt.Errorf("read %s%s %q: %w", part, o.Kind, o.Name, err)
}
