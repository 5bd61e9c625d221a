// Package report shows a plan.Plan to people and machines: as text and as
// JSON, and what became of its changes while it was applied. Names and
// values from files and from JumpCloud go through Clean.
package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/plan"
	"rollcall/schema"
)

// TextOptions say how a plan is printed as text. The zero value is text
// without colour, in lines of any length, with personal fields masked.
type TextOptions struct {
	Color        bool   // ANSI colours; without them the bytes are the same but for the escapes
	Width        int    // columns to fit into; 0 for lines of any length
	ShowPersonal bool   // show personal fields and mail addresses instead of masking them
	Rate         int    // requests a minute at most of each credential; 0 is 600
	Parallel     int    // requests at once at most of each credential; 0 is 8
	OrgsParallel int    // organizations at once at most; 0 is 4
	Next         string // the command that applies the plan; "" is rollcall apply
	Drift        bool   // the plan is drift: who is not in the files is part of it
	Applying     bool   // the plan is applied now: Next is printed only for what is refused
}

// nameFew is how many names stand for a longer list that is told in JSON.
const nameFew = 8

// Text prints a plan for people. The first column of each line is the sign
// of a diff (+ added, - removed, ! modified), so that a diff fence colours
// it. Of each organization: why it is refused, what is held, hazards and
// losses, all else, then what is not done, limits and costs.
func Text(w io.Writer, p *plan.Plan, o TextOptions) error {
	t := &text{printer: printer{color: o.Color, width: o.Width}, values: values{o.ShowPersonal}, pace: pace{o.Rate, o.Parallel, o.OrgsParallel}, plan: p, options: o}
	calm := folded(p, o.Drift)
	for i := range p.Orgs {
		if !slices.Contains(calm, &p.Orgs[i]) {
			t.org(&p.Orgs[i])
		}
	}
	t.fold(calm)
	t.fleet(calm)
	t.end()
	if _, err := w.Write(t.Bytes()); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// text is a plan while it is printed.
type text struct {
	printer
	values
	pace    pace
	plan    *plan.Plan
	options TextOptions
	brief   bool // the organization before was one line
}

// org prints one organization.
func (t *text) org(o *plan.Org) {
	if o.Error != "" {
		t.broken(sameFailure(t.plan, o))
		return
	}
	if brief := isBrief(o); !brief || !t.brief {
		t.gap()
		t.brief = brief
	}
	v := t.regroup(o)
	t.column = v.column()
	t.heading(o)
	t.refusals(o)
	t.heldBlocks(o, v.held)
	t.blocks("Conflicts: changed in JumpCloud and in the file, and the file wins", v.conflicts)
	t.first(&v)
	t.blocks(t.restTitle(&v), v.rest)
	t.drift(o, v.drift)
	t.notDone(o)
	t.limits(o)
	if len(o.Changes) > 0 && len(t.plan.Orgs) > 1 {
		t.title(plain, "Cost: "+t.pace.cost(&o.Summary))
	}
}

// isBrief tells whether there is one line to say of an organization.
func isBrief(o *plan.Org) bool {
	u := &o.Unlisted
	return o.Error == "" && o.Read.Incomplete == "" && len(o.Loosened) == 0 &&
		len(o.Changes)+len(o.Refused)+len(o.Held)+len(o.Notes)+len(o.Dropped)+len(u.Users)+len(u.Groups)+len(u.Memberships) == 0
}

// gap leaves a line empty, but not two.
func (t *text) gap() {
	if t.Len() > 0 && !bytes.HasSuffix(t.Bytes(), []byte("\n\n")) {
		t.row("")
	}
}

// broken prints organizations that have no plan for the same reason, and what
// to do about it.
func (t *text) broken(orgs []*plan.Org) {
	if len(orgs) == 0 {
		return
	}
	t.gap()
	t.brief = false
	o := orgs[0]
	if len(orgs) == 1 {
		t.say(alarm, 0, sentence(label(o)+": no plan")...)
	} else {
		t.say(alarm, 0, sentence(count(len(orgs), "organization")+": no plan")...)
		t.say(bold, headAt, list(orgNames(t.plan, orgs))...)
	}
	for _, l := range strings.Split(strings.TrimRight(o.Error, "\n"), "\n") {
		t.say(plain, headAt, sentence(Clean(l))...)
	}
	if o.ErrorHint != "" {
		t.say(plain, headAt, sentence("hint: "+Clean(o.ErrorHint))...)
	}
}

// heading names the organization and says how much was read; one without
// changes gets one line.
func (t *text) heading(o *plan.Org) {
	read := readOf(o)
	if len(o.Changes)+len(o.Refused) == 0 {
		t.say(bold, 0, sentence(label(o)+": no change; "+read)...)
	} else {
		t.say(bold, 0, sentence(label(o))...)
		t.say(dim, 0, sentence(read+dated(asOf(t.plan, o)))...)
	}
	if o.Read.Incomplete != "" {
		t.say(alarm, 0, sentence("INCOMPLETE READ, so apply refuses: "+Clean(o.Read.Incomplete)+".")...)
	}
}

// readOf is how much was read of an organization.
func readOf(o *plan.Org) string {
	if o.Offline {
		return "compared with the base revision, nothing read from JumpCloud"
	}
	return fmt.Sprintf("%s, %s, %s read", count(o.Read.Users, "user"), count(o.Read.Groups, "group"), count(o.Read.Memberships, "membership"))
}

// dated is the end of a sentence about a read: of drift, which is the same
// on any day, "".
func dated(day string) string {
	if day == "" {
		return ""
	}
	return ", as of " + day
}

// asOf is the day by which an organization's plan was made: its own, which
// may be another one than the run's.
func asOf(p *plan.Plan, o *plan.Org) string { return cmp.Or(o.AsOf, p.AsOf) }

// label is how an organization is called: name and id, and its region if it
// is not the usual one.
func label(o *plan.Org) string {
	name := cmp.Or(Clean(o.Name), Clean(o.ID), "the organization of the key")
	var more []string
	if o.ID != "" && o.Name != "" {
		more = append(more, Clean(o.ID))
	}
	if o.Region != "" && o.Region != "us" {
		more = append(more, Clean(o.Region))
	}
	if len(more) == 0 {
		return "Organization " + name
	}
	return "Organization " + name + " (" + strings.Join(more, ", ") + ")"
}

// refusals say why apply would write nothing.
func (t *text) refusals(o *plan.Org) {
	if len(o.Refused) == 0 {
		return
	}
	t.title(alarm, "REFUSED: apply would write nothing to this organization")
	for _, r := range o.Refused {
		t.say(plain, headAt, t.passing(sentence(Clean(r.Reason)), r.Org, r.Allow)...)
		if r.Hint != "" {
			t.say(plain, headAt, sentence("hint: "+Clean(r.Hint))...)
		}
	}
}

// passing appends to a text how to let pass what is refused or held.
func (t *text) passing(words []string, org, allow string) []string {
	if allow == "" {
		return words
	}
	words[len(words)-1] += ";"
	return append(words, "to", "allow", "it:", flag(t.plan, org, allow))
}

// flag is --allow and its value, with the organization where the plan has
// several, as a shell takes it.
func flag(p *plan.Plan, org, allow string) string {
	if p.Several() {
		allow = org + ":" + allow
	}
	return "--allow " + Quote(Clean(allow))
}

// Quote makes one word of a shell out of any text.
func Quote(word string) string {
	if word != "" && strings.Trim(word, shellSafe) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// shellSafe are the characters that need no quotes in a shell.
const shellSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.=:@%+,/"

func (t *text) heldBlocks(o *plan.Org, held []block) {
	if len(held) == 0 {
		return
	}
	t.title(heed, heldTitle(t.options.Drift))
	for i := range held {
		b := &held[i]
		t.print(line{at: headAt, label: b.title(), style: bold, words: t.passing(sentence(b.verbs[0]), cmp.Or(o.ID, o.Name), b.allow)})
	}
}

// heldTitle is the title of what is held. Drift decides nothing: some of it is
// held by apply too, and each says so.
func heldTitle(drift bool) string {
	if drift {
		return "Held: not counted as changes"
	}
	return "Held: not done unless it is allowed"
}

// your is the title of a section of what is not drift: with a base it says
// who causes that.
func (t *text) your(v *view, title string) string {
	if t.plan.Base != "" {
		return v.yours() + ": " + title
	}
	return capital(title)
}

// first prints what must be looked at: policy that is weakened, hazards and
// losses.
func (t *text) first(v *view) {
	if len(v.first)+len(v.loosened) == 0 {
		return
	}
	t.title(heed, t.your(v, "look at these first: hazards and losses"))
	for _, what := range v.loosened {
		t.print(line{sign: modify, at: headAt, label: "policy", style: bold, words: sentence(what)})
	}
	for i := range v.first {
		t.block(&v.first[i])
	}
}

// restTitle is the title of the harmless changes: they need one only below
// others, or where there may be changes that are not yours.
func (t *text) restTitle(v *view) string {
	above := len(v.held)+len(v.conflicts)+len(v.first)+len(v.loosened) > 0
	switch {
	case t.plan.Base != "" && len(v.conflicts)+len(v.first)+len(v.loosened) == 0:
		return v.yours()
	case !above:
		return ""
	case t.plan.Base == "":
		return "Other changes"
	}
	return t.your(v, "all else")
}

// drift shows apart what nobody asked for who wrote the file.
func (t *text) drift(o *plan.Org, blocks []block) {
	if len(blocks) == 0 {
		return
	}
	t.title(heed, "Drift: changed in JumpCloud, would be set back")
	_, drift := byCause(o.Changes)
	t.say(plain, headAt, sentence(effectsOf(drift).drifted())...)
	for i := range blocks {
		t.block(&blocks[i])
	}
}

func (t *text) blocks(title string, blocks []block) {
	if len(blocks) == 0 {
		return
	}
	t.title(heed, title)
	for i := range blocks {
		t.block(&blocks[i])
	}
}

// title begins a section.
func (t *text) title(s style, title string) {
	t.gap()
	if title != "" {
		t.say(s, 0, sentence(title)...)
	}
}

// block prints one person or group. What is one line goes beside the name.
func (t *text) block(b *block) {
	lines := b.lines()
	head := line{sign: b.sign, at: headAt, label: b.title(), style: bold}
	if len(lines) == 1 || len(b.verbs) > 0 {
		first := lines[0]
		if first.label != "" {
			first.words = append([]string{first.label}, first.words...)
		}
		head.words, head.text, lines = first.words, first.text, lines[1:]
	}
	t.print(head)
	for _, l := range lines {
		l.at = labelAt
		t.print(l)
	}
	if len(b.names) > 1 {
		t.print(line{sign: b.sign, at: labelAt, words: b.everybody(), text: dim})
	}
}

// title is whom a block is about.
func (b *block) title() string {
	switch {
	case len(b.names) > 1:
		return fmt.Sprintf("%d people", len(b.names))
	case b.kind == schema.Group:
		return "group " + b.names[0]
	}
	return b.names[0]
}

// everybody is who the people of a block are: all of them where access is
// given or taken, else a few.
func (b *block) everybody() []string {
	if len(b.gained)+len(b.lost)+len(b.verbs) > 0 {
		return list(b.names)
	}
	return few(b.names)
}

// few is a list of names, cut to a few with the number of the others.
func few(names []string) []string {
	if len(names) <= nameFew+1 {
		return list(names)
	}
	words := list(names[:nameFew+1])[:nameFew]
	return append(words, fmt.Sprintf("and %d more", len(names)-nameFew))
}

// lines are what a block says: the verbs first, hazards, values, then the
// groups gained and lost, one line each.
func (b *block) lines() []line {
	var lines []line
	for _, verb := range b.verbs {
		lines = append(lines, line{sign: b.sign, words: sentence(verb)})
	}
	for _, h := range b.hazards {
		lines = append(lines, line{sign: b.sign, label: "hazard", style: heed, words: sentence(string(h) + ": " + b.risk(h))})
	}
	for _, c := range b.conflicts {
		lines = append(lines, line{sign: modify, label: "conflict", style: heed, words: sentence(c.text())})
	}
	lines = append(lines, b.changed()...)
	for _, reason := range b.reasons {
		lines = append(lines, line{sign: b.sign, label: "because", words: sentence(reason), text: dim})
	}
	for _, m := range b.gained {
		lines = append(lines, line{sign: add, label: b.agree(b.joins()), words: m.words()})
	}
	for _, m := range b.lost {
		lines = append(lines, line{sign: remove, label: b.agree("leaves"), words: m.words()})
	}
	return lines
}

// words are the groups, and the note in brackets.
func (m *moves) words() []string {
	words := list(quotedAll(m.groups))
	if m.note != "" {
		words = append(words, "("+m.note+")")
	}
	return words
}

// joins is the verb for groups gained: what live lost is granted again.
func (b *block) joins() string {
	if b.drift {
		return "re-grants"
	}
	return "joins"
}

// agree is a verb in the number of the people.
func (b *block) agree(verb string) string {
	if len(b.names) > 1 {
		return strings.TrimSuffix(verb, "s")
	}
	return verb
}

// changed are the lines of values: old -> new one each, of somebody to be
// created all in one.
func (b *block) changed() []line {
	if !b.created {
		lines := make([]line, len(b.deltas))
		for i, d := range b.deltas {
			lines[i] = line{sign: d.sign, label: d.name, words: []string{d.text()}}
		}
		return lines
	}
	if len(b.deltas) == 0 {
		return nil
	}
	texts := make([]string, len(b.deltas))
	for i, d := range b.deltas {
		texts[i] = d.name + " " + d.text()
	}
	return []line{{sign: add, label: "with", words: list(texts)}}
}

// column is where the texts of an organization's blocks begin: behind the
// longest label, within bounds.
func (v *view) column() int {
	column := minColumn
	for _, section := range v.sections() {
		for i := range section {
			b := &section[i]
			column = max(column, headAt+columns(b.title())+2)
			for _, l := range b.lines() {
				column = max(column, labelAt+columns(l.label)+2)
			}
		}
	}
	return min(column, maxColumn)
}
