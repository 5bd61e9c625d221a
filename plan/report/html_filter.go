package report

import (
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
)

// filter is something to choose by: one character of the tags of a block.
type filter struct {
	ID, Name string
	Options  []filterOption
}

type filterOption struct{ Code, Name string }

// filterTable are the filters and what stands for their values in a tag, in
// the order of its characters.
var filterTable = []filter{
	{"kind", "Kind", []filterOption{{"u", "people"}, {"g", "groups"}, {"m", "memberships"}}},
	{"action", "Action", []filterOption{
		{"c", "created"}, {"w", "updated"}, {"a", "activated"}, {"r", "reactivated"}, {"s", "suspended"}, {"d", "deleted"}, {"j", "joined"}, {"l", "left"},
	}},
	{"origin", "Origin", []filterOption{
		{"f", "change of the file"}, {"x", "conflict"}, {"o", "dropped from the file"}, {"t", "a date"}, {"i", "drift"}, {"n", "unknown"},
	}},
}

// Characters of tags.
var (
	actionCodes = map[plan.Action]string{
		plan.Create: "c", plan.Update: "w", plan.Activate: "a", plan.Reactivate: "r", plan.Suspend: "s", plan.Delete: "d", plan.Add: "j", plan.Remove: "l",
	}
	originCodes = map[plan.Origin]string{
		plan.Changed: "f", plan.Conflict: "x", plan.Dropped: "o", plan.Date: "t", plan.Drift: "i", plan.Unknown: "n",
	}
)

// tagSet are the tags that occur on a page.
type tagSet map[string]bool

// of are the tags of changes, and adds them to the set.
func (t tagSet) of(changes []*plan.Change) string {
	var all []string
	for _, c := range changes {
		for _, tag := range tagsOf(c) {
			if !slices.Contains(all, tag) {
				all = append(all, tag)
				t[tag] = true
			}
		}
	}
	return strings.Join(all, " ")
}

// tagsOf are words of three characters: kind, action and origin of a
// change, one for each origin of its values.
func tagsOf(c *plan.Change) (tags []string) {
	what := "u"
	switch {
	case c.Action == plan.Add || c.Action == plan.Remove:
		what = "m"
	case c.Object.Kind == schema.Group:
		what = "g"
	}
	for _, origin := range originsOf(c) {
		if code := originCodes[origin]; code != "" {
			tags = append(tags, what+actionCodes[c.Action]+code)
		}
	}
	return tags
}

// filters are those between whose options there is a choice.
func (t tagSet) filters() (all []filter) {
	for at, f := range filterTable {
		var options []filterOption
		for _, o := range f.Options {
			for tag := range t {
				if tag[at:at+1] == o.Code {
					options = append(options, o)
					break
				}
			}
		}
		if len(options) > 1 {
			all = append(all, filter{f.ID, f.Name, options})
		}
	}
	return all
}
