package state

import (
	"fmt"

	"rollcall/schema"
)

// byDate refuses to accept what live has only because a date of the file was
// not applied yet: the date says when it ends or begins, and only it can say
// otherwise.
func (a *acceptor) byDate(t *target) error {
	if t.kind == schema.User && !t.edges && (t.whole() || t.field != nil && t.field.ID == schema.State) {
		in, pos := &a.due.Intents[t.want], a.due.intentPos(t.want)
		now, _ := a.live.Objects[t.live].Get(schema.State, "")
		switch {
		case in.Due == Ended && now == Activated:
			return a.datedOtherwise(fmt.Sprintf("%s is activated", a.pairs.nameOf(t)), "end: "+in.End, pos.End)
		case in.Due == Started && now == Staged:
			return a.datedOtherwise(fmt.Sprintf("%s is staged", a.pairs.nameOf(t)), "start: "+in.Start, pos.Start)
		}
	}
	if !t.whole() && !t.edges {
		return nil
	}
	self := who(Match{Desired: t.want, Live: t.live})
	for _, u := range a.due.Ended {
		g, group := a.groupOf(u.Group)
		p, user := a.userOf(u.User)
		if !t.names(self, membership{group, user}, u.Group, u.User) {
			continue
		}
		if has, err := a.isMember(t, g, p, u.Edge); err == nil && has {
			return a.datedOtherwise(fmt.Sprintf("%s is in %q", u.User, u.Group), "until: "+u.Day, u.Pos)
		}
	}
	return nil
}

func (a *acceptor) datedOtherwise(live, date string, at Pos) error {
	return cannotAccept("write a later day there, or take it out", "%s in JumpCloud, although %s at %s is over or has come", live, date, a.place(at))
}
