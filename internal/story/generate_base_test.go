package story_test

import (
	"maps"
	"slices"
)

// blank is an organization as it is live, of which a file says nothing yet.
func (r *random) blank() *random {
	out := &random{services: r.services}
	for _, s := range r.people {
		out.people = append(out.people, &somebody{name: s.name, called: s.name, live: s.live, state: s.state, has: s.has})
	}
	for _, b := range r.bands {
		out.bands = append(out.bands, &band{name: b.name, called: b.name, live: b.live, has: b.has, dynamic: b.live["memberQuery"] != nil})
	}
	return out
}

// base draws a revision from before a file: some entries are the same, some
// differ in a few values, some are others and some are not there. The file says
// what becomes of the people whom it no longer has.
func (m *maker) base(r *random) *random {
	was := r.blank()
	m.file(was)
	r.policy["dropped_users"] = pick(m, "dropped", "report", "report", "suspend", "delete")
	if m.chance(80, "same defaults") {
		was.template, was.lets = r.template, r.lets
	}
	if m.chance(60, "same policy") {
		was.policy = r.policy
	}
	for i, s := range r.people {
		old := was.people[i]
		switch how := m.int(0, 9, "entry of the base"); {
		case how < 2:
			old.entry, old.groups = nil, nil
		case how < 7 && s.entry != nil:
			entry := m.mixed(old.entry, s.entry, s.absent == old.absent)
			old.entry, old.called, old.absent = entry, s.called, s.absent
			old.groups = m.eitherList(old.groups, s.groups)
			if s.absent || s.bare {
				old.groups = nil
			}
		}
	}
	for i, b := range r.bands {
		old := was.bands[i]
		switch how := m.int(0, 9, "entry of the base"); {
		case how < 2:
			old.entry, old.members = nil, nil
		case how < 7 && b.entry != nil:
			entry := m.mixed(old.entry, b.entry, b.absent == old.absent && b.dynamic == old.dynamic)
			old.entry, old.called, old.absent = entry, b.called, b.absent
			old.members = m.eitherList(old.members, b.members)
			if b.absent || b.dynamic {
				old.members = nil
			}
		}
	}
	return was
}

// mixed is an entry with some keys left out and, if it may, some of another.
func (m *maker) mixed(other, entry map[string]any, may bool) map[string]any {
	out := maps.Clone(entry)
	for _, key := range sortedKeys(entry) {
		_, has := other[key]
		switch {
		case slices.Contains([]string{"ensure", "was", "groups", "memberQuery", "membershipMethod"}, key):
		case may && has && m.chance(30, "other value"):
			out[key] = other[key]
		case m.chance(15, "unmanaged"):
			delete(out, key)
		}
	}
	for _, key := range sortedKeys(other) {
		if _, has := entry[key]; !has && may && !slices.Contains([]string{"ensure", "was", "groups", "memberQuery", "membershipMethod"}, key) && m.chance(30, "managed once") {
			out[key] = other[key]
		}
	}
	return out
}

// eitherList is one of two lists, or what is in both.
func (m *maker) eitherList(other, list []string) []string {
	switch {
	case m.chance(50, "the same list"):
		return list
	case m.chance(50, "another list"):
		return other
	}
	return append(slices.Clone(list), slices.DeleteFunc(slices.Clone(other), func(x string) bool { return slices.Contains(list, x) })...)
}
