package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
	"rollcall/state"
)

type explainCmd struct {
	Kind    string   `arg:"" enum:"user,group" help:"user or group."`
	Name    string   `arg:"" help:"A username, or a group's name."`
	Paths   []string `arg:"" optional:"" name:"path" help:"Files or folders; rollcall.yaml by default." predictor:"yaml"`
	Offline bool     `help:"Do not ask JumpCloud: without live values."`
}

// Help says what the marks mean.
func (*explainCmd) Help() string {
	return "Lines that differ are marked as in a plan: ! is changed, + added, - removed."
}

// Run prints one person or group of every organization that has it.
func (e *explainCmd) Run(ctx context.Context, r *run) error {
	who := plan.Name{Kind: schema.User, Name: e.Name}
	if e.Kind == "group" {
		who.Kind = schema.Group
	}
	return r.connect(func(c *connections) error {
		all, err := c.load(e.Paths, state.LoadOptions{Online: !e.Offline}, " Nothing was sent to JumpCloud.")
		if err != nil {
			return err
		}
		sessions := make([]*session, len(all))
		for i, d := range all {
			sessions[i] = &session{desired: d}
		}
		if !e.Offline {
			sessions, err = c.read(ctx, all, func(i int) state.ReadOptions { return state.ReadOptions{Desired: all[i], More: wholeOf(who)} })
		}
		if err != nil {
			return err
		}
		return c.explain(sessions, who)
	})
}

// wholeOf reads all of one person or group.
func wholeOf(who plan.Name) func(*state.Object) state.Detail {
	return func(o *state.Object) state.Detail {
		if o.Kind != who.Kind || !strings.EqualFold(o.Name, who.Name) {
			return 0
		}
		return state.MembersOf | state.GroupRecord | state.GroupsOfUser
	}
}

func (r *run) explain(sessions []*session, who plan.Name) error {
	p := r.diff(sessions, plan.Options{})
	r.explainErrors(sessions)
	failed, found := exitOK, false
	var names []string
	for i, s := range sessions {
		if s.err != nil {
			failed = exitError
		}
		x := explained{run: r, s: s, org: &p.Orgs[i], key: who.Name, kind: who.Kind}
		if x.find() {
			found = true
			x.print()
		}
		names = append(names, x.names()...)
	}
	if !found && failed == exitOK {
		return hinted("", "no %s %q in the files or in JumpCloud%s", who.Kind, who.Name, didYouMean(who.Name, names))
	}
	return exit(failed)
}

// explained is one person or group in one organization.
type explained struct {
	*run
	s    *session
	org  *plan.Org
	kind schema.Kind
	key  string
	want int // index in desired, -1 for not in the file
	live int // index in live, -1 for not live

	pairs    *state.Pairs                             // nil if live was not read
	headings map[string]func(line, column int) string // of CSV files, as they are asked for
}

// find looks for the object in file and live by any of its names: a
// declared rename makes several of them.
func (x *explained) find() bool {
	if x.kind == schema.User {
		x.key = state.Fold(x.key)
	}
	d := x.s.desired
	x.want, x.live = d.Find(x.kind, x.key), -1
	for i := range d.Objects {
		if x.want < 0 && d.Objects[i].Kind == x.kind && slices.Contains(d.Intents[i].Was, x.key) {
			x.want = i
		}
	}
	if x.s.live == nil {
		return x.want >= 0
	}
	x.pairs = state.Pair(d, x.s.live)
	if x.want < 0 {
		x.live = x.s.live.Find(x.kind, x.key)
	} else {
		x.live = int(x.pairs.Live[x.want])
	}
	return x.want >= 0 || x.live >= 0
}

func (x *explained) names() []string {
	names := namesOf(&x.s.desired.Org, x.kind)
	if x.s.live != nil {
		names = append(names, namesOf(&x.s.live.Org, x.kind)...)
	}
	return names
}

func (x *explained) print() {
	fmt.Fprintf(x.out, "%s %s in %s: %s\n", x.kind, x.color.bold(report.Clean(x.name())), x.s.label(), strings.Join(x.where(), ", "))
	w := tabwriter.NewWriter(x.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  FIELD\tFILE\tLIVE\tWRITTEN AT")
	x.values(w)
	x.intents(w)
	x.edges(w)
	w.Flush() // x.out remembers a failed write
}

// name is the live name, else that of the file.
func (x *explained) name() string {
	if x.live >= 0 {
		return x.s.live.Objects[x.live].Name
	}
	return x.s.desired.Objects[x.want].Name
}

// where says on which sides the object is.
func (x *explained) where() (sides []string) {
	switch {
	case x.want < 0:
		sides = append(sides, "not in the files")
	default:
		sides = append(sides, x.place(at(x.s.desired.Pos.Objects, x.want)))
	}
	switch {
	case x.s.live == nil:
		sides = append(sides, "live not asked")
	case x.live < 0:
		sides = append(sides, "not in JumpCloud")
	default:
		sides = append(sides, "id "+report.Clean(x.s.live.Objects[x.live].ID))
	}
	return sides
}

// values are a line for each value of the file.
func (x *explained) values(w *tabwriter.Writer) {
	if x.want < 0 {
		x.liveValues(w)
		return
	}
	for i, v := range x.s.desired.Objects[x.want].Values {
		live := "-"
		if x.live >= 0 {
			live = x.shown(v, x.liveText(v))
		}
		mark := " "
		if old, changes := x.changed(v); changes {
			mark, live = "!", x.shown(v, old)
		}
		x.line(w, mark, v.Name(), x.shown(v, v.Text), live, at(at(x.s.desired.Pos.Values, x.want), i))
	}
}

// liveValues are a line for each live value of an object that no file has.
func (x *explained) liveValues(w *tabwriter.Writer) {
	for _, v := range x.s.live.Objects[x.live].Values {
		x.line(w, " ", v.Name(), "", x.shown(v, v.Text), state.Pos{})
	}
}

func (x *explained) liveText(v schema.Value) string {
	text, ok := x.s.live.Objects[x.live].Get(v.Field, v.Part)
	if !ok && v.Part == "" {
		return schema.Of(v.Field).Unset
	}
	return text
}

// changed tells whether the plan changes a value, or holds its change, and
// what it is now.
func (x *explained) changed(v schema.Value) (old string, changes bool) {
	for i := range x.org.Changes {
		if old, changes = x.changedBy(&x.org.Changes[i], v); changes {
			return old, true
		}
	}
	for i := range x.org.Held {
		if old, changes = x.changedBy(&x.org.Held[i].Change, v); changes {
			return old, true
		}
	}
	return "", false
}

func (x *explained) changedBy(c *plan.Change, v schema.Value) (old string, changes bool) {
	if c.To.Name != "" || !x.is(c.Object) {
		return "", false
	}
	for _, f := range c.Fields {
		if f.Field == v.Field && f.Part == v.Part && (f.Field != schema.State || f.Text == v.Text) { // a date may give another state
			return f.Old, true
		}
	}
	return "", false
}

// is tells whether a plan's name is this object.
func (x *explained) is(n plan.Name) bool {
	return n.Kind == x.kind && n.Name == x.name()
}

// shown is a value as it is printed: personal ones only if asked for.
func (x *explained) shown(v schema.Value, text string) string {
	switch {
	case text == "":
		return "-"
	case schema.Of(v.Field).Personal && !x.ShowPersonal:
		return "(personal)"
	}
	return report.Clean(text)
}

// intents are what a file says of an object besides values.
func (x *explained) intents(w *tabwriter.Writer) {
	if x.want < 0 {
		return
	}
	in, pos := &x.s.desired.Intents[x.want], at(x.s.desired.Pos.Intents, x.want)
	x.dates(w)
	if x.stateOfDefaults() {
		x.line(w, " ", "state", strings.ToLower(in.CreateState)+" (only when created)", x.liveState(), state.Pos{})
	}
	to := in.ReportsTo
	if to == nil {
		to = &state.Written{}
	}
	for _, row := range []struct {
		name, text string
		said       bool
		pos        state.Pos
	}{
		{"was", strings.Join(in.Was, ", "), len(in.Was) > 0, pos.Was},
		{"new", "true", in.New, state.Pos{}},
		{"ensure", "absent", in.Absent, pos.Absent},
		{"reports_to", cmp.Or(to.Text, "null"), in.ReportsTo != nil, to.Pos},
		{"password", in.Password.From.String(), !in.Password.From.IsZero(), pos.Password},
		{"activation_email", x.mailTo(in.ActivationEmail), in.ActivationEmail != "", state.Pos{}},
		{"groups", "[]", in.NoGroups, pos.NoGroups},
		{"exact", "true", in.Exact, pos.Exact},
		{"members", "[]", in.NoMembers, pos.NoMembers},
	} {
		if row.said {
			x.line(w, " ", row.name, report.Clean(row.text), "", row.pos)
		}
	}
}

// stateOfDefaults tells whether the file says how the person is created, and
// nothing about the state of one who is there.
func (x *explained) stateOfDefaults() bool {
	_, own := x.s.desired.Objects[x.want].Get(schema.State, "")
	return !own && x.s.desired.Intents[x.want].CreateState != ""
}

// liveState is the state of a person, "" of somebody who is not there, or if
// nobody was asked.
func (x *explained) liveState() string {
	if x.live < 0 || x.s.live == nil {
		return ""
	}
	text, _ := x.s.live.Objects[x.live].Get(schema.State, "")
	return text
}

// mailTo is where an activation mail goes; an address is personal.
func (x *explained) mailTo(text string) string {
	if strings.Contains(text, "@") && !x.ShowPersonal {
		return "(personal)"
	}
	return text
}

func (x *explained) line(w *tabwriter.Writer, mark, field, want, live string, pos state.Pos) {
	if x.s.live == nil {
		live = ""
	}
	fmt.Fprintf(w, "%s %s\t%s\t%s\t%s\n", mark, report.Clean(field), want, live, x.place(pos))
}

// place is file:line:column, of a cell with its column; "" for none.
func (x *explained) place(p state.Pos) string {
	files := x.s.desired.Pos.Files
	if p.File <= 0 || int(p.File) > len(files) {
		return ""
	}
	name := files[p.File-1]
	text := fmt.Sprintf("%s:%d:%d", report.Clean(name), p.Line, p.Column)
	if column := x.heading(name, p); column != "" {
		text += " (" + report.Clean(column) + ")"
	}
	return text
}

// heading is the column of a place in a CSV file, "" of one in another file.
func (x *explained) heading(name string, p state.Pos) string {
	if x.headings[name] == nil {
		if x.headings == nil {
			x.headings = map[string]func(line, column int) string{}
		}
		x.headings[name] = state.Headings(name)
	}
	return x.headings[name](int(p.Line), int(p.Column))
}

func at[T any](list []T, i int) (zero T) {
	if i < 0 || i >= len(list) {
		return zero
	}
	return list[i]
}
