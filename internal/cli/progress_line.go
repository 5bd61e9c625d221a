package cli

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// Columns of what is on the line.
const (
	widestBar    = 20 // inside of the bar
	narrowestBar = 5
	widestName   = 24 // of an organization
	readable     = 6  // of a name that still says something
	keptFree     = 3  // at the end of a terminal: the ^C of an interrupt, and the cursor
)

// texts are the texts of the line.
type texts struct {
	head   string // what is done with whom
	counts string
	pace   string // begins with a comma; "" if nobody can tell
}

func (p *progress) texts() texts {
	about, begun := stages[p.shown], len(p.parts[p.shown])
	waiting := begun < p.tasks
	done, total := p.sum(p.shown)
	t := texts{counts: fmt.Sprintf("%d/%d %s", done, total, about.unit), pace: p.paces[p.shown].text(p.now(), done, total, waiting)}
	switch {
	case p.only != "":
		t.head = about.verb + " " + p.only
	case waiting:
		t.head = fmt.Sprintf("%s %d of %s", about.verb, begun, counted(p.tasks, "organization"))
	default:
		t.head = about.verb + " " + counted(p.tasks, "organization")
	}
	return t
}

// line is the line for a terminal of so many columns. What has no room is left
// out: the bar first, then the name of the task, then the pace.
func (p *progress) line(columns int) string {
	t := p.texts()
	done, total := p.sum(p.shown)
	counts := "  " + t.counts
	room := columns - keptFree - len(counts) - len(fmt.Sprint(total)) + len(fmt.Sprint(done)) // they grow
	t.head = clip(t.head, room)
	room -= uniseg.StringWidth(t.head)
	if taken := max(len(", 1234.5/s, 59m59s left"), len(t.pace)); taken <= room {
		room -= taken
	} else {
		t.pace = ""
	}
	name, taken := p.nameFor(room)
	return clip(t.head+name+counts+t.pace+gauge(done, total, room-taken), columns-keptFree)
}

// nameFor is the name of the task behind a colon, and the room that is taken
// for it, which is the same for each name.
func (p *progress) nameFor(room int) (name string, taken int) {
	if p.widest == 0 || room < len(": ")+min(p.widest, readable) {
		return "", 0
	}
	taken = min(len(": ")+p.widest, room)
	if p.name == "" {
		return "", taken
	}
	return clip(": "+p.name, taken), taken
}

// gauge is how much is done as a number and a picture, "" if there is no room.
func gauge(done, total, room int) string {
	width := min(room-len(" 100% ||"), widestBar)
	if width < narrowestBar || total == 0 {
		return ""
	}
	full := width * done / total
	return fmt.Sprintf(" %3d%% |%s%s|", 100*done/total, strings.Repeat("█", full), strings.Repeat(" ", width-full))
}

// clip shortens a text to a number of columns.
func clip(text string, to int) string {
	if uniseg.StringWidth(text) <= to {
		return text
	}
	end, used := 0, 0
	for g := uniseg.NewGraphemes(text); g.Next() && used+g.Width() < to; used += g.Width() {
		_, end = g.Positions()
	}
	return text[:end] + "…"
}

// Sequences that terminals understand (ECMA-48).
const (
	eraseRight = "\x1b[K"
	eraseBelow = "\x1b[J"
	rowsUp     = "\x1b[%dA"
)

// draw draws the line over the one that stands there.
func (p *progress) draw() {
	home := p.home()
	line := p.line(p.width)
	fmt.Fprint(p.to, home+line+eraseRight)
	p.drawn = uniseg.StringWidth(line)
}

// erase takes the line that stands there away.
func (p *progress) erase() {
	if p.drawn > 0 {
		fmt.Fprint(p.to, p.home()+eraseRight)
		p.drawn = 0
	}
}

// home moves to where the line begins. A terminal that has become narrower
// has broken the line into several rows.
func (p *progress) home() string {
	if columns := p.columns(); columns > 0 {
		p.width = columns
	}
	if more := (p.drawn - 1) / p.width; more > 0 {
		return "\r" + fmt.Sprintf(rowsUp, more) + eraseBelow
	}
	return "\r"
}
