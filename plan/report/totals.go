package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/plan"
	"rollcall/schema"
)

// totals are the sums over the organizations of a run.
type totals struct {
	plan.Summary
	changes, held                   int
	toChange, same, refused, broken int // organizations
	unlisted                        int // those with nothing to change, but of drift: people or groups that the file does not name
	noted                           int // others with nothing to change, but with something to be looked at
	offline                         int // of those to change
	drift, dated                    effects
	conflicts                       int
	personal                        bool           // personal values are among the changes
	bySignIn                        map[string]int // requests to apply, by credential
}

// sum counts organizations, and the changes that apply would make: those of
// refused ones only where all that would change is refused.
func sum(orgs []plan.Org, drift bool) (n totals) {
	n.bySignIn = map[string]int{}
	for i := range orgs {
		o := &orgs[i]
		switch {
		case o.Error != "":
			n.broken++
		case len(o.Refused) > 0:
			n.refused++
		case len(o.Changes) > 0:
			n.toChange++
			if o.Offline {
				n.offline++
			}
		case drift && hasUnlisted(o):
			n.unlisted++
		case classOf(o, drift) != quiet:
			n.noted++
		default:
			n.same++
		}
		n.held += len(o.Held)
		n.personal = n.personal || slices.ContainsFunc(o.Changes, isPersonal)
	}
	for i := range orgs {
		if o := &orgs[i]; len(o.Refused) == 0 || n.toChange == 0 {
			n.addChanges(o)
		}
	}
	return n
}

// hasUnlisted tells whether live has people or groups that the file does not name.
func hasUnlisted(o *plan.Org) bool { return len(o.Unlisted.Users)+len(o.Unlisted.Groups) > 0 }

func (n *totals) addChanges(o *plan.Org) {
	n.changes += len(o.Changes)
	_, drift := byCause(o.Changes)
	n.drift.addAll(drift)
	n.dated.addAll(byDate(o.Changes))
	n.conflicts += conflicts(o.Changes)
	n.addSummary(&o.Summary)
	n.bySignIn[signIn(o)] += requests(&o.Summary)
}

func (n *totals) addSummary(s *plan.Summary) {
	n.Users, n.Groups = plus(n.Users, s.Users), plus(n.Groups, s.Groups)
	n.Added, n.Removed = n.Added+s.Added, n.Removed+s.Removed
	n.Mails, n.Requests, n.Verify = n.Mails+s.Mails, n.Requests+s.Requests, n.Verify+s.Verify
}

// conflicts are how many values file and JumpCloud both changed.
func conflicts(changes []plan.Change) (n int) {
	for i := range changes {
		n += len(disputes(values{}, &changes[i]))
	}
	return n
}

func plus(a, b plan.Counts) plan.Counts {
	return plan.Counts{
		Create: a.Create + b.Create, Update: a.Update + b.Update, Activate: a.Activate + b.Activate,
		Reactivate: a.Reactivate + b.Reactivate, Suspend: a.Suspend + b.Suspend, Delete: a.Delete + b.Delete,
	}
}

// isPersonal tells whether something of a change is masked.
func isPersonal(c plan.Change) bool {
	return strings.Contains(c.Mail, "@") || slices.ContainsFunc(c.Fields, func(d plan.Delta) bool { return schema.Of(d.Field).Personal })
}

// end prints what the run adds up to, and what to type next.
func (t *text) end() {
	n := sum(t.plan.Orgs, t.options.Drift)
	t.hints(n)
	switch len(t.plan.Orgs) {
	case 0:
		t.say(bold, 0, sentence("No organization"+ofShard(t.plan)+".")...)
	case 1:
	default:
		t.say(bold, 0, sentence(n.organizations())...)
	}
	if n.changes > 0 {
		t.say(bold, 0, sentence(n.counts())...)
		t.apart(n)
		t.say(plain, 0, sentence("Takes "+t.pace.costAll(&n)+".")...)
		t.say(dim, 0, "Digest", Clean(t.plan.Digest))
	}
	t.next(n)
}

// apart counts what stands in the plan and is not simply asked for.
func (t *text) apart(n totals) {
	if drift := n.drift.drifted(); drift != "" {
		t.say(plain, 0, sentence("Of these is drift: "+drift+".")...)
	}
	if dated := n.dated.dated(); dated != "" {
		t.say(plain, 0, sentence("Of these by date: "+dated+".")...)
	}
	if n.conflicts > 0 {
		t.say(plain, 0, sentence(fmt.Sprintf("Conflicts: %d, see above.", n.conflicts))...)
	}
}

// hints are about the plan as a whole.
func (t *text) hints(n totals) {
	t.gap()
	if n.personal && !t.personal {
		t.say(dim, 0, sentence("Personal fields are masked; --show-personal shows them.")...)
	}
	if t.plan.Base == "" && len(t.plan.Orgs) > n.broken {
		t.say(dim, 0, sentence("No base revision: nothing counts as dropped from the file.")...)
	}
}

// organizations is how many fare how.
func (n totals) organizations() string {
	parts := counted([]tally{{n.toChange, "to change"}, {n.unlisted, "with people or groups that no file names"}, {n.noted, "to look at"}, {n.same, "unchanged"}, {n.refused, "refused"}, {n.broken, "without a plan"}})
	return strings.TrimSuffix(count(n.all(), "organization")+": "+parts, ": ") + "."
}

// all is how many organizations there are.
func (n *totals) all() int { return n.toChange + n.unlisted + n.noted + n.same + n.refused + n.broken }

// counts is what the changes do, by kind.
func (n totals) counts() string {
	kinds := effects{Summary: n.Summary}.kinds("added", "removed")
	text := count(n.changes, "change") + ": " + strings.Join(kinds, "; ") + "."
	if n.held > 0 {
		text += fmt.Sprintf(" %d held.", n.held)
	}
	return text
}

// tally is a number of things that something is done to.
type tally struct {
	n    int
	done string
}

func tallies(c plan.Counts) []tally {
	return []tally{
		{c.Create, "created"}, {c.Update, "updated"}, {c.Activate, "activated"},
		{c.Reactivate, "reactivated"}, {c.Suspend, "suspended"}, {c.Delete, "deleted"},
	}
}

// counted is "1 created, 2 updated", without what does not occur.
func counted(tallies []tally) string {
	var parts []string
	for _, t := range tallies {
		if t.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", t.n, t.done))
		}
	}
	return strings.Join(parts, ", ")
}

// count is "1 user", "2 users".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// persons is "the 2 people".
func persons(n int) string {
	if n == 1 {
		return "the 1 person"
	}
	return fmt.Sprintf("the %d people", n)
}

// next prints the command to type, and why it would not do it all.
func (t *text) next(n totals) {
	command := cmp.Or(t.options.Next, "rollcall apply")
	if n.refused > 0 {
		t.say(alarm, 0, sentence(t.refusal(n))...)
	}
	missing := 0
	if t.options.Drift {
		missing = t.plan.Recreated()
	}
	if missing > 0 {
		t.say(plain, 0, sentence("Apply without --base also creates "+persons(missing)+" held here and does what waits for them, mails included.")...)
	}
	if (missing > 0 || n.toChange > n.offline) && !t.options.Applying && !isOver(t.plan) {
		t.say(plain, 0, t.when()+command)
	}
	if flags := t.flags(); len(flags) > 0 {
		t.say(plain, 0, sentence("If all that is refused is meant:")...)
		t.command(append([]string{command}, flags...))
	}
}

// when introduces the command that applies the plan. One for a day that was
// asked for is applied on that day.
func (t *text) when() string {
	if t.plan.AsOfGiven {
		return "Next, on " + t.plan.AsOf + ": "
	}
	return "Next: "
}

// isOver tells whether a plan is for a day that was over everywhere when it was
// made, so that nothing applies it.
func isOver(p *plan.Plan) bool {
	return p.AsOfGiven && !p.Created.IsZero() && p.AsOf < p.Created.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
}

func (t *text) refusal(n totals) string {
	switch all := count(len(t.plan.Orgs), "organization"); {
	case len(t.plan.Orgs) == 1:
		return "Apply would refuse this plan: see REFUSED above."
	case n.toChange == 0:
		return fmt.Sprintf("Apply would refuse %d of %s: see REFUSED above.", n.refused, all)
	default:
		return fmt.Sprintf("Apply would refuse %s and change only the others, which are counted here: see REFUSED above.", t.refusedNames())
	}
}

// refusedNames are the refused organizations, the first few by name.
func (t *text) refusedNames() string {
	var names []string
	for i := range t.plan.Orgs {
		if o := &t.plan.Orgs[i]; len(o.Refused) > 0 {
			names = append(names, cmp.Or(Clean(o.Name), Clean(o.ID)))
		}
	}
	if more := len(names) - nameFew; more > 0 {
		names = append(names[:nameFew], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// flags are the --allow that let everything pass, none if something is
// refused that no flag allows.
func (t *text) flags() []string {
	var flags []string
	for i := range t.plan.Orgs {
		for _, r := range t.plan.Orgs[i].Refused {
			if r.Allow == "" {
				return nil
			}
			if flag := flag(t.plan, r.Org, r.Allow); !slices.Contains(flags, flag) {
				flags = append(flags, flag)
			}
		}
	}
	return flags
}

// command prints a command so that it can be copied, broken as a shell
// takes it.
func (t *text) command(words []string) {
	const end = ` \`
	rows := t.wrap(words, t.width-headAt-len(end), t.width-labelAt-len(end))
	for i, row := range rows {
		indent := labelAt
		if i == 0 {
			indent = headAt
		}
		if i < len(rows)-1 {
			row += end
		}
		t.row(strings.Repeat(" ", indent) + row)
	}
}
