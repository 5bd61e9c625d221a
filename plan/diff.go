package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/schema"
	"rollcall/state"
)

// Diff is what must change to make live as desired. Base is the desired
// state of another revision, nil for none and desired itself for drift. What only live can show to be
// wrong in the file (a manager nobody is, a group that does not exist) is
// returned as state.Problems, all of it at once; what may be right but is
// not done without being allowed is in Org.Refused and Org.Held. Of a read
// that is incomplete problems are only notes: apply refuses it anyway.
func Diff(base *state.Desired, live *state.Live, desired *state.Desired, o Options) (*Org, error) {
	drift := base != nil && base == desired
	base, desired = base.On(o.AsOf), desired.On(o.AsOf)
	d := &differ{base: base, drift: drift, live: live, want: desired, opt: o}
	d.out = &Org{
		ID: cmp.Or(desired.ID, live.ID), Name: cmp.Or(live.Name, desired.Name), Region: desired.Region, AsOf: o.AsOf,
		Policy: desired.Policy, Credential: desired.Credential,
		Read: Read{live.Totals.Users, live.Totals.Groups, live.Totals.Memberships, live.Incomplete},
	}
	d.match()
	d.remember()
	d.tighten()
	d.collectRules()
	for i := range desired.Objects {
		d.object(i)
	}
	d.unlisted()
	d.ended()
	d.memberships()
	d.droppedEdges()
	d.holdProtected()
	d.reports()
	d.settle()
	d.waits()
	d.recreations()
	d.managers()
	d.uniques()
	if len(d.problems) > 0 && live.Incomplete == "" {
		return nil, d.sorted()
	}
	d.doubt()
	d.reactivations()
	d.hold()
	d.onlyChanges()
	d.withoutRemovals()
	d.protect()
	d.order()
	d.summarize()
	d.limits()
	d.shrunk()
	d.complete()
	d.vanished()
	d.offline()
	d.notes()
	d.out.Digest = digest(d.out)
	return d.out, nil
}

// differ gathers the plan of one organization. Changes are in the order of
// their making, and Needs index that, until order sorts them.
type differ struct {
	base  *state.Desired
	past  *past // nil without a base
	drift bool  // the file is its own base
	live  *state.Live
	want  *state.Desired
	opt   Options
	out   *Org

	saved *Org // of Recheck: the plan that is held against live; else nil

	pairs *state.Pairs
	pair  []int32      // of desired objects: the live object it is, -1 for none
	twin  []int32      // of live objects: the desired object that names it, -1 for none
	edges []state.Edge // of the file, by the names that its groups have there
	at    []state.Pos  // of edges, by index

	changes        []Change
	byObject       map[objectID][]int   // indexes in changes of what is done to a live object
	made           map[objectAction]int // index in changes of what is done to an object
	rules          map[string]bool      // fields that rules of dynamic groups read
	dropped        map[int]bool         // changes that are not made after all
	problems       state.Problems
	waitsFor       []wait
	deferred       []deferred
	deferredDrops  []state.Edge        // memberships that the file dropped and that end with the members, by live keys
	removed        map[state.Edge]bool // memberships that end, by live keys
	endsByDate     map[state.Edge]bool // memberships whose last day is over, by the keys of today
	lastDays       map[state.Edge]state.Until
	stillStaged    []int               // desired people whom only the state of defaults would activate
	stillActive    []int               // desired people whom only the state in a source would suspend
	stillSuspended []int               // desired people whom only dates or the state in a source would let in again
	tooLate        []string            // people of the file whose last day is over and who are not live
	passwords      []string            // live people whose password the file gives for their creation alone
	mentions       map[int]string      // live people whom the file names, and as what; nil until asked for
	left           map[string][]string // what NoRemovals leaves out, by action

	groupCases map[string][]int    // lower-case names -> live groups; nil until asked for
	namesakes  map[[2]string][]int // first and last names -> live users; nil until asked for
}

type objectID struct {
	kind schema.Kind
	id   string
}

type objectAction struct {
	kind   schema.Kind
	key    string // of the live object, of one to be created the desired one
	action Action
}

// object plans one entry of the file, without its memberships.
func (d *differ) object(i int) {
	o := &d.want.Objects[i]
	l := d.pair[i]
	switch {
	case d.want.Intents[i].Absent:
		if l >= 0 {
			d.tombstone(i)
		}
	case d.neverIn(i):
		d.tooLate = append(d.tooLate, o.Name)
	case o.Kind == schema.User && l < 0:
		d.createUser(i)
	case o.Kind == schema.User:
		d.updateUser(i)
	case l < 0:
		d.createGroup(i)
	default:
		d.updateGroup(i)
	}
}

// add completes and records a change, and is its index.
func (d *differ) add(c Change) int {
	if c.Object.ID != "" {
		c.Hazards = append(c.Hazards, d.hazards(c.Object.Kind, c.Fields)...)
	}
	c.Hazards = unique(c.Hazards)
	d.trace(&c)
	slices.SortFunc(c.Fields, func(a, b Delta) int { return schema.Compare(a.Value, b.Value) })
	return d.record(c)
}

// record appends a change and is its index.
func (d *differ) record(c Change) int {
	n := len(d.changes)
	d.changes = append(d.changes, c)
	if c.Object.ID != "" && c.Action != Add && c.Action != Remove {
		if d.byObject == nil {
			d.byObject = map[objectID][]int{}
		}
		o := objectID{c.Object.Kind, c.Object.ID}
		d.byObject[o] = append(d.byObject[o], n)
	}
	return n
}

// changesOf are the indexes of what is done to a live object itself.
func (d *differ) changesOf(n Name) []int { return d.byObject[objectID{n.Kind, n.ID}] }

// addTo records a change of an object, by which needs find it.
func (d *differ) addTo(key string, c Change) int {
	n := d.add(c)
	if d.made == nil {
		d.made = map[objectAction]int{}
	}
	d.made[objectAction{c.Object.Kind, key, c.Action}] = n
	return n
}

// done is the change that does one of actions to an object, and whether
// there is one.
func (d *differ) done(k schema.Kind, key string, actions ...Action) (int, bool) {
	for _, a := range actions {
		if n, ok := d.made[objectAction{k, key, a}]; ok {
			return n, true
		}
	}
	return 0, false
}

// need makes change n wait for what is done to an object, if anything is.
func (d *differ) need(n int, k schema.Kind, key string, actions ...Action) {
	if m, ok := d.done(k, key, actions...); ok && m != n {
		d.needChange(n, m)
	}
}

// needChange makes change n wait for change m.
func (d *differ) needChange(n, m int) {
	if !slices.Contains(d.changes[n].Needs, m) {
		d.changes[n].Needs = append(d.changes[n].Needs, m)
	}
}

// key is the key of a desired object among live ones, its own if it is to
// be created.
func (d *differ) key(i int) string {
	if l := d.pair[i]; l >= 0 {
		return d.live.Objects[l].Key
	}
	return d.want.Objects[i].Key
}

// liveName is a live object as plans name it.
func (d *differ) liveName(l int) Name {
	o := &d.live.Objects[l]
	return Name{Kind: o.Kind, Name: o.Name, ID: o.ID}
}

// name is a desired object as plans name it: by its live name and id.
func (d *differ) name(i int) Name {
	if l := d.pair[i]; l >= 0 {
		return d.liveName(int(l))
	}
	return Name{Kind: d.want.Objects[i].Kind, Name: d.want.Objects[i].Name}
}

// ignored tells whether a live object is left alone whatever the file says:
// policy.ignore names it, or another has the same name.
func (d *differ) ignored(l int) bool {
	return len(d.live.Facts[l].Twins) > 0 || d.want.Policy.Ignores(&d.live.Objects[l])
}

// inScope tells whether a live user may count as unlisted.
func (d *differ) inScope(l int) bool { return d.want.Policy.InScope(&d.live.Objects[l]) }

func (d *differ) problem(at state.Pos, hint, format string, args ...any) {
	s := d.source(at)
	d.problems = append(d.problems, state.Problem{
		Severity: state.Error, File: s.File, Line: s.Line, Column: s.Column,
		Text: fmt.Sprintf(format, args...), Hint: hint,
	})
}

func (d *differ) refuse(allow, format string, args ...any) {
	d.refuseWith(Refusal{Reason: fmt.Sprintf(format, args...), Allow: allow})
}

// refuseWith records a refusal once.
func (d *differ) refuseWith(r Refusal) {
	r.Org = cmp.Or(d.out.ID, d.out.Name)
	if !slices.Contains(d.out.Refused, r) {
		d.out.Refused = append(d.out.Refused, r)
	}
}

func (d *differ) note(severity state.Severity, at state.Pos, format string, args ...any) {
	d.out.Notes = append(d.out.Notes, Note{severity, fmt.Sprintf(format, args...), d.source(at)})
}

// source turns a position into a place of a file.
func (d *differ) source(at state.Pos) Source {
	if at.File <= 0 || int(at.File) > len(d.want.Pos.Files) {
		return Source{}
	}
	return Source{d.want.Pos.Files[at.File-1], int(at.Line), int(at.Column)}
}

// objectPos, valuePos and intentPos are zero where a Desired has no positions.
func (d *differ) objectPos(i int) state.Pos { return at(d.want.Pos.Objects, i) }

func (d *differ) valuePos(i, j int) state.Pos { return at(at(d.want.Pos.Values, i), j) }

func (d *differ) intentPos(i int) state.IntentPos { return at(d.want.Pos.Intents, i) }

func at[T any](s []T, i int) (zero T) {
	if i < 0 || i >= len(s) {
		return zero
	}
	return s[i]
}

// sorted is all problems by place.
func (d *differ) sorted() state.Problems {
	slices.SortStableFunc(d.problems, func(a, b state.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(d.problems)
}

// doubt makes notes of what looks wrong in the file, perhaps only because
// the read is incomplete.
func (d *differ) doubt() {
	for _, p := range d.sorted() {
		d.out.Notes = append(d.out.Notes, Note{state.Warning, "perhaps only because the read is incomplete: " + p.Text, Source{p.File, p.Line, p.Column}})
	}
}

// complete refuses to act on a read that may not be the whole truth.
func (d *differ) complete() {
	if d.live.Incomplete != "" {
		d.refuse("", "the read is incomplete: %s; nothing is written on such a basis, run again", d.live.Incomplete)
	}
}

// notes orders the notes and adds those of the read.
func (d *differ) notes() {
	d.skippedNotes()
	d.stagedNote()
	d.activeNote()
	d.suspendedNote()
	d.tooLateNote()
	d.emptyingNotes()
	d.passwordNote()
	for _, n := range d.live.Notes {
		d.out.Notes = append(d.out.Notes, Note{Severity: state.Warning, Text: n})
	}
	slices.SortStableFunc(d.out.Notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Text, b.Text))
	})
	d.out.Notes = slices.Compact(d.out.Notes)
}

// today is the midnight with which the plan's day begins for the
// organization, zero if the day is not given.
func (d *differ) today() time.Time {
	zone := d.want.Timezone
	if zone == nil {
		zone = time.UTC
	}
	t, err := time.ParseInLocation(time.DateOnly, d.opt.AsOf, zone)
	if err != nil {
		return time.Time{}
	}
	return t
}
