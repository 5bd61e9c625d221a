package report

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
)

// pageBlock is one person or group on a page, or several people of whom the
// same is told.
type pageBlock struct {
	Tags      string // what a filter looks at: see tagsOf
	Sign      pageSign
	Group     bool
	Title     string
	Origins   string   // who caused it, if that is not simply the file
	People    []string // of several
	Fold      bool     // there are too many of them to be shown at once
	Verbs     []string
	Allow     string
	Hazards   []pageHazard
	Conflicts []pageConflict
	Rows      []pageRow
	Because   []string
	Joins     string // the verb
	Gained    []pageMoves
	Leaves    string
	Lost      []pageMoves
}

// pageSign is a sign of a diff. It knows its class and its word.
type pageSign byte

func (s pageSign) String() string { return string(rune(s)) }

// Class is one letter: p, m or c, n for no sign.
func (s pageSign) Class() string {
	return cmp.Or(map[pageSign]string{add: "p", remove: "m", modify: "c"}[s], "n")
}

// Word is what the sign says to who does not see it.
func (s pageSign) Word() string {
	return map[pageSign]string{add: "added", remove: "removed", modify: "changed"}[s]
}

type pageHazard struct{ Name, Risk string }

type pageConflict struct{ What, Base, Live, File string }

type pageMoves struct {
	Groups []string
	Note   string
}

// pageRow is a value before and after. Only says that there is one text: of
// what is created, of an entry that comes or goes, of a password.
type pageRow struct {
	Sign          pageSign
	Name          string
	Before, After string // "" for not set
	Only          bool
}

// foldNames is how many names are shown unfolded.
const foldNames = 12

func (m *pages) block(o *plan.Org, b *block, tags tagSet) pageBlock {
	out := pageBlock{
		Tags: tags.of(b.changes), Sign: pageSign(b.sign), Group: b.kind == schema.Group, Title: b.names[0], Origins: m.origins(b),
		Verbs: b.verbs, Allow: m.flag(cmp.Or(o.ID, o.Name), b.allow), Because: b.reasons,
		Joins: b.agree(b.joins()), Gained: pageMovesOf(b.gained), Leaves: b.agree("leaves"), Lost: pageMovesOf(b.lost),
	}
	if len(b.names) > 1 {
		out.Title, out.People, out.Fold = b.title(), b.names, len(b.names) > foldNames
	}
	for _, h := range b.hazards {
		out.Hazards = append(out.Hazards, pageHazard{string(h), b.risk(h)})
	}
	for _, c := range b.conflicts {
		out.Conflicts = append(out.Conflicts, pageConflict{c.what, c.base, c.live, c.file})
	}
	for _, d := range b.deltas {
		out.Rows = append(out.Rows, rowOf(d, b.created))
	}
	return out
}

func pageMovesOf(all []moves) (out []pageMoves) {
	for _, m := range all {
		out = append(out, pageMoves{cleanAll(m.groups), m.note})
	}
	return out
}

// rowOf is a difference as a row.
func rowOf(d delta, created bool) pageRow {
	r := pageRow{Sign: pageSign(d.sign), Name: d.name, Before: unset(d.old), After: unset(d.new)}
	switch {
	case d.entry && d.sign == remove:
		r.Before, r.After, r.Only = r.After, "", true
	case d.entry, created && d.sign == add, d.old == "" && d.sign == modify:
		r.Before, r.Only = "", true
	}
	return r
}

// unset is a value, "" for none.
func unset(text string) string {
	if text == nothing {
		return ""
	}
	return text
}

// origins say who caused what happens, where that is not simply the file
// and not said by the section.
func (m *pages) origins(b *block) string {
	var all []string
	for _, c := range b.changes {
		for _, origin := range originsOf(c) {
			if (origin == plan.Dropped || origin == plan.Date) && !slices.Contains(all, string(origin)) {
				all = append(all, string(origin))
			}
		}
	}
	return strings.Join(all, ", ")
}

// originsOf are the origins of a change and its fields, each once.
func originsOf(c *plan.Change) []plan.Origin {
	all := []plan.Origin{c.Origin}
	for _, d := range c.Fields {
		if d.Origin != "" && !slices.Contains(all, d.Origin) {
			all = append(all, d.Origin)
		}
	}
	return all
}
