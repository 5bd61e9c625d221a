package state

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// Acceptance is what Accept makes of files.
type Acceptance struct {
	Files map[string][]byte // the new contents of the files that change, by their names in Positions
	Read  map[string][]byte // what those files held
	Done  []Accepted
	Notes []string // where there was nothing to accept
}

// Accepted is something that the files now say as live does.
type Accepted struct {
	Kind schema.Kind
	Name string
	What string // jobTitle, phoneNumbers.work, in Data, not in Data, added, removed
	File string // the file that says it
}

// Accept makes the files of a document say what live says of some people and
// groups: user:NAME, user:NAME.FIELD, group:NAME or group:NAME.FIELD. All of
// one is every value that the file manages and that differs, and the
// memberships; one that no file has gets an entry, that of one who is gone
// goes. Defaults are not changed: what they gave otherwise is written at the
// entry. Bytes that need not change stay, comments and layout among them.
//
// Day is the one by which the file's dates count, 2026-11-26; "" for none.
// Read gives the files that want was loaded from; Accept itself reads and
// writes nothing. The new contents are loaded again: they are the result
// only if nothing of what was named differs from live any more, and nothing
// else of the files means anything else. Errors are *AcceptError, but for
// those of read.
func Accept(want *Desired, live *Live, day string, read func(name string) ([]byte, error), who ...string) (*Acceptance, error) {
	if live.Incomplete != "" {
		return nil, cannotAccept("run again", "the read is incomplete: %s", live.Incomplete)
	}
	texts := map[string][]byte{}
	for _, name := range want.Pos.Files {
		text, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		texts[name] = text
	}
	b, err := reopen(want, live, texts, -1)
	if err != nil || !b.sameAs(want) {
		return nil, cannotAccept("run again", "the files have changed since they were loaded")
	}
	a := &acceptor{book: b, live: live, day: day, files: texts, out: &Acceptance{Files: map[string][]byte{}, Read: map[string][]byte{}}, touched: touched{}}
	if err := a.run(who); err != nil {
		return nil, err
	}
	for name, text := range a.files {
		if !bytes.Equal(text, texts[name]) {
			a.out.Files[name], a.out.Read[name] = text, texts[name]
		}
	}
	return a.out, nil
}

// acceptor edits the files of a document in rounds: what an edit brings
// along, such as defaults for a new entry, is for the next one.
type acceptor struct {
	*book
	live    *Live
	day     string
	files   map[string][]byte // as they are by now
	out     *Acceptance
	touched touched
	removed []*Object // entries that are taken out
	again   bool      // not the first round
	round
}

// round is what one round finds and changes.
type round struct {
	pairs  *Pairs
	said   []saidEdge                // Edges of the files, by index
	wanted map[membership]bool       // the same
	due    *Desired                  // the files on the day
	over   map[membership]bool       // memberships of the files whose last day is over
	edits  map[*source]*splicer      // by file
	lists  map[*yaml.Node]*yaml.Node // new lists of memberships, by entry
	ends   map[membership]bool       // memberships that the files no longer say
	begins map[membership]bool       // those that they say from now on
	busy   touched                   // an entry that one target edits is not for another
	former map[string]int            // e-mails and numbers that go, folded -> whose they were
}

// beginRound finds whom and what the files mean by now.
func (a *acceptor) beginRound() {
	a.round = round{
		pairs: Pair(a.Desired, a.live), due: a.Desired.On(a.day), over: map[membership]bool{}, said: make([]saidEdge, len(a.Edges)), wanted: map[membership]bool{},
		edits: map[*source]*splicer{}, lists: map[*yaml.Node]*yaml.Node{},
		ends: map[membership]bool{}, begins: map[membership]bool{}, busy: touched{}, former: map[string]int{},
	}
	for _, u := range a.due.Ended {
		_, group := a.groupOf(u.Group)
		_, user := a.userOf(u.User)
		a.over[membership{group, user}] = true
	}
	for i, e := range a.Edges {
		s := &a.said[i]
		s.g, s.group = a.groupOf(e.Group)
		s.u, s.user = a.userOf(e.User)
		a.wanted[s.membership] = true
	}
}

// mostRounds are enough for one target: the first one makes entries, the
// second one takes defaults back. Several of one entry take turns.
const mostRounds = 4

func (a *acceptor) run(who []string) error {
	for range mostRounds + len(who) {
		a.beginRound()
		targets, err := a.targets(who)
		for _, t := range targets {
			if err == nil {
				err = a.accept(t)
			}
		}
		if err != nil {
			return err
		}
		if len(a.edits) == 0 {
			return a.mentions()
		}
		a.rename()
		a.tidy()
		if err := a.splice(); err != nil {
			return err
		}
		a.again = true
	}
	return &AcceptError{Text: "what was written does not come out as JumpCloud has it; nothing is changed", Hint: "edit the file by hand"}
}

// targets are what is to be accepted, without entries that were taken out;
// new ones first, since they say what groups they are in.
func (a *acceptor) targets(who []string) (targets []*target, err error) {
	for _, text := range who {
		t, err := findTarget(a.pairs, text)
		switch unknown := (*AcceptError)(nil); {
		case err == nil:
			targets = append(targets, t)
		case !errors.As(err, &unknown) || !unknown.Unknown || !a.isRemoved(text):
			return nil, err
		}
	}
	slices.SortStableFunc(targets, func(x, y *target) int { return min(x.want, 0) - min(y.want, 0) })
	return targets, nil
}

// isRemoved tells whether a target is an entry that was taken out.
func (a *acceptor) isRemoved(text string) bool {
	kind, name, _ := strings.Cut(text, ":")
	return slices.ContainsFunc(a.removed, func(o *Object) bool { return kind == o.Kind.String() && o.isNamed(strings.TrimSpace(name)) })
}

// splice makes the edits of a round and loads the files again.
func (a *acceptor) splice() error {
	files := maps.Clone(a.files)
	for src, e := range a.edits {
		text, ok := e.result()
		if !ok {
			return cannotAccept("edit the file by hand", "%s: what is to be changed is written in a way that is not known here", src.name)
		}
		if bytes.HasPrefix(files[src.name], bom) {
			text = append(slices.Clone(bom), text...)
		}
		files[src.name] = text
	}
	b, err := reopen(a.Desired, a.live, files, a.number)
	var wrong Problems
	switch {
	case errors.As(err, &wrong):
		at := slices.IndexFunc(wrong, func(p Problem) bool { return p.Severity == Error })
		return cannotAccept(wrong[at].Hint, "the files would not load with what JumpCloud has: %s", a.withoutPersonal(wrong[at].Text))
	case err != nil:
		return cannotAccept("edit the file by hand", "the files would not load with what JumpCloud has: %v", err)
	}
	if what := b.changed(a.book, a.touched); what != "" {
		return cannotAccept("edit the file by hand", "the edit would change %s too; nothing is changed", what)
	}
	a.book, a.files = b, files
	return nil
}

// withoutPersonal is a text without the live personal values of whom the
// edits are about, in quotes as messages have them.
func (a *acceptor) withoutPersonal(text string) string {
	for l := range a.live.Objects {
		o := &a.live.Objects[l]
		if _, is := a.touched[objectKey{o.Kind, o.Key}]; !is {
			continue
		}
		for _, v := range o.Values {
			if schema.Of(v.Field).Personal {
				text = strings.ReplaceAll(text, strconv.Quote(v.Text), "(personal)")
			}
		}
	}
	return text
}

// on is the splicer of a file.
func (a *acceptor) on(src *source) *splicer {
	if a.edits[src] == nil {
		a.edits[src] = newSplicer(src.text)
	}
	return a.edits[src]
}

// touch notes that an object's entry changes: in a field, or with nil only in
// its memberships.
func (a *acceptor) touch(o *Object, f *schema.Field) {
	key := objectKey{o.Kind, o.Key}
	a.touched.add(key)
	if f == nil {
		return
	}
	a.busy.add(key)
	for _, t := range []touched{a.touched, a.busy} {
		if t[key] != nil {
			t[key][f.ID] = true
		}
	}
}

// add notes an entry of which no field changes yet.
func (t touched) add(key objectKey) {
	if _, is := t[key]; !is {
		t[key] = map[schema.FieldID]bool{}
	}
}

// touchAll notes that an object's entry comes or goes.
func (a *acceptor) touchAll(o *Object) {
	key := objectKey{o.Kind, o.Key}
	a.touched[key], a.busy[key] = nil, nil
}

// did records what is accepted, once; of an entry that comes, no more than that.
func (a *acceptor) did(o *Object, file, format string, args ...any) {
	done := Accepted{o.Kind, o.Name, fmt.Sprintf(format, args...), file}
	if !slices.ContainsFunc(a.out.Done, func(d Accepted) bool {
		return d == done || d.Kind == o.Kind && keyOf(o.Kind, d.Name) == o.Key && d.What == addedEntry
	}) {
		a.out.Done = append(a.out.Done, done)
	}
}

// What is said of entries as a whole.
const addedEntry, removedEntry = "added", "removed"

// nothing notes that live says what the files say.
func (a *acceptor) nothing(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !a.again {
		a.out.Notes = append(a.out.Notes, note)
	}
}

// accept edits the files for one target.
func (a *acceptor) accept(t *target) error {
	if _, busy := a.busy[objectKey{t.kind, keyOf(t.kind, a.pairs.nameOf(t))}]; busy {
		return nil // for the next round
	}
	switch {
	case t.want < 0:
		return a.newcomer(t)
	case a.of(t.want) == nil:
		return a.ofSource(t)
	case t.live < 0 && a.Intents[t.want].Absent:
		a.nothing("%s %q: JumpCloud has none, as the file wants", t.kind, a.pairs.nameOf(t))
		return nil
	case t.live < 0:
		return a.gone(t)
	case a.Intents[t.want].Absent:
		return cannotAccept("take that entry out first", "%s %q is in JumpCloud, and %s wants it deleted (ensure: absent)", t.kind, a.pairs.nameOf(t), a.place(a.Pos.Intents[t.want].Absent))
	}
	if err := a.byDate(t); err != nil {
		return err
	}
	return a.differences(t)
}

// place is the file and line of a place.
func (b *book) place(p Pos) string {
	if p.File < 1 || int(p.File) > len(b.Pos.Files) {
		return b.Pos.Files[0]
	}
	return fmt.Sprintf("%s:%d", b.Pos.Files[p.File-1], p.Line)
}
