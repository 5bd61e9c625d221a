package plan

import (
	"slices"

	"rollcall/schema"
)

// promised is the ceiling of a limit of growth. What is left of a saved plan
// keeps that of the whole plan if it is higher: what the plan itself has made
// of an organization without users, or of a new group, must not stop the rest
// of it. Now is the ceiling by what is live.
func (d *differ) promised(name string, now int) int {
	if d.saved == nil || len(d.saved.Limits) == 0 {
		return now
	}
	i := slices.IndexFunc(d.saved.Limits, func(u LimitUse) bool { return u.Name == name })
	switch {
	case i < 0 && name == addMembers: // there was no live group to add to, or nobody live
		return NoLimit
	case i < 0:
		return now
	case d.saved.Limits[i].Limit == NoLimit:
		return NoLimit
	}
	return max(now, d.saved.Limits[i].Limit)
}

// savedMemberships is how many memberships a saved plan was measured by, 0
// without one: for it only the groups that it changes are read again.
func (d *differ) savedMemberships() int {
	if d.saved == nil {
		return 0
	}
	i := slices.IndexFunc(d.saved.Limits, func(u LimitUse) bool { return u.Name == "remove_members" })
	if i < 0 {
		return 0
	}
	return d.saved.Limits[i].Of
}

// savedCreates tells whether a live group was made by an earlier run of the
// saved plan that is applied.
func (d *differ) savedCreates(group string) bool {
	return d.saved != nil && slices.ContainsFunc(d.saved.Changes, func(c Change) bool {
		return c.Action == Create && c.Object.Kind == schema.Group && c.Object.Name == group
	})
}
