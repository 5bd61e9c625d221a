package cli

import (
	"text/tabwriter"

	"rollcall/schema"
	"rollcall/state"
)

// dates are a line for each date of a person, with what it says of the day of
// the run. One that the plan acts upon is marked, with the state as it is.
func (x *explained) dates(w *tabwriter.Writer) {
	in := &x.s.desired.On(x.day(x.s.desired)).Intents[x.want]
	pos := at(x.s.desired.Pos.Intents, x.want)
	for _, row := range []struct {
		name, day string
		pos       state.Pos
		due       state.Due
		gives     string
	}{
		{"start", in.Start, pos.Start, state.Started, state.Activated},
		{"end", in.End, pos.End, state.Ended, state.Suspended},
	} {
		if row.day == "" {
			continue
		}
		mark, live := " ", ""
		if old, changes := x.changed(schema.Value{Field: schema.State, Text: row.gives}); changes && in.Due == row.due {
			mark, live = "!", x.shown(schema.Value{Field: schema.State}, old)
		}
		says := dueWords[row.due][in.Due]
		if row.due == state.Started && in.Due == state.Started && x.liveState() == state.Suspended {
			says = " (has come: lets nobody in who is suspended)"
		}
		x.line(w, mark, row.name, row.day+says, live, row.pos)
	}
}

// dueWords say behind a date what it makes of the day.
var dueWords = map[state.Due]map[state.Due]string{
	state.Started: {state.Waiting: " (to come: not let in)", state.Started: " (has come: let in)"},
	state.Ended:   {state.Ended: " (over: suspended)"},
}
