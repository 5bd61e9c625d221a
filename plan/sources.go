package plan

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"rollcall/schema"
	"rollcall/state"
)

// What a source may lose against its base when the file does not say:
// mayShrinkPercent of its people, at least mayShrinkLeast.
const (
	mayShrinkPercent = 10
	mayShrinkLeast   = 3
)

// shrunk refuses sources that have lost more people than they may: a file that
// was cut off says nothing of those who are not in it.
func (d *differ) shrunk() {
	for i := range d.want.Sources {
		s := &d.want.Sources[i]
		was, what := d.peopleBefore(s)
		if was == 0 || s.People >= was {
			continue
		}
		if lost, most := was-s.People, d.mayShrink(s, was); lost > most {
			d.refuseWith(Refusal{
				Reason: fmt.Sprintf("%s has %s, %d fewer than %s: may_shrink allows %d", s.File, numberOf(s.People), lost, what, most),
				Hint:   "is it cut off? If they have left, raise may_shrink in the same change",
			})
		}
	}
}

// peopleBefore is how many people a source had, in words where: in the base,
// or where that has no such source live, as far as may_shrink asks for that.
func (d *differ) peopleBefore(s *state.Source) (people int, what string) {
	if d.base != nil {
		for i := range d.base.Sources {
			if b := &d.base.Sources[i]; filepath.Clean(b.File) == filepath.Clean(s.File) {
				return b.People, fmt.Sprintf("the %d of the base", b.People)
			}
		}
	}
	if s.MayShrink == "" || d.opt.Offline {
		return 0, ""
	}
	users, first := d.live.OfKind(schema.User)
	for j := range users {
		if now, _ := users[j].Get(schema.State, ""); now != suspended && s.Has(&users[j]) && !d.ignored(first+j) && d.inScope(first+j) {
			people++
		}
	}
	return people, fmt.Sprintf("the %d in JumpCloud who have %s and are not suspended", people, s.Key)
}

// skippedNotes tell of whom sources say too little to make somebody of them: who
// reads the plan does not see what loading has warned of.
func (d *differ) skippedNotes() {
	for i := range d.want.Sources {
		s := &d.want.Sources[i]
		for _, k := range s.Skipped {
			who := numberOf(k.People)
			if k.Rows > 0 {
				who = counted(k.Rows, "row")
			}
			d.note(state.Warning, s.Pos, "skipped: %s of %s (%s)", who, s.File, k.Why)
		}
	}
}

// numberOf is a number of people in words.
func numberOf(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

// mayShrink is how many people of was a source may lose.
func (d *differ) mayShrink(s *state.Source, was int) int {
	switch percent, is := strings.CutSuffix(s.MayShrink, "%"); {
	case s.MayShrink == "":
		return max(mayShrinkLeast, was*mayShrinkPercent/100)
	case is:
		p, _ := strconv.ParseFloat(percent, 64) // the schema has looked at it
		return state.Limit{Percent: p, Max: was}.Of(was)
	}
	n, _ := strconv.Atoi(s.MayShrink)
	return n
}
