package plan

// AllowNames are what --allow takes with a number, in the order in which
// plans list limits.
func AllowNames() []string {
	names := make([]string, 0, len(limitTable)+4)
	for i := range limitTable {
		names = append(names, limitTable[i].name)
	}
	return append(names, shrinkGroup, addMembers, "reactivate_users", "recreate_users")
}
