package plan

import (
	"rollcall/schema"
)

// pageSize is how many records a list has at most (facts.md section 2).
const pageSize = 100

// looks is how many requests it costs apply to read again what the plan
// changes, if JumpCloud shows all of it at once: people and groups by id or with
// their list, memberships from the groups or from the people, whichever is
// fewer.
func (d *differ) looks() int {
	touched := [2]map[string]bool{{}, {}} // by kind: keys of objects
	people, groups := map[string]bool{}, map[Name]int{}
	for n := range d.out.Changes {
		c := &d.out.Changes[n]
		switch c.Action {
		case Add:
			people[c.To.key()] = true
			groups[c.Object]++
		case Remove:
			people[c.To.key()] = true
			groups[c.Object]--
		default:
			touched[c.Object.Kind][c.Object.key()] = true
		}
	}
	lists := 0
	for group, change := range groups {
		lists += pages(d.liveMembers(group) + change)
	}
	return byIDOrList(len(touched[schema.User]), d.live.Totals.Users) + byIDOrList(len(touched[schema.Group]), d.live.Totals.Groups) + min(len(people), lists)
}

// byIDOrList is what it costs to read some of all.
func byIDOrList(some, all int) int { return min(some, pages(max(some, all))) }

// pages is how many requests a list takes; an empty one takes one.
func pages(records int) int { return max(1, (records+pageSize-1)/pageSize) }
