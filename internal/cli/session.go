package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"rollcall/jumpcloud"
	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
	"rollcall/state"
)

// session is one document and the organization that it describes.
type session struct {
	desired *state.Desired
	account *account          // nil if there is no credential
	found   state.Visible     // the organization
	client  *jumpcloud.Client // of the organization
	warning string            // of the organization check, "" for none
	live    *state.Live       // nil if it was not read
	base    *state.Desired    // the same document at the base revision; nil for none
	saved   *plan.Rechecked   // what live leaves of a saved plan; nil if there is none
	err     error             // why there is no plan
	twin    bool              // another organization of the run has its name
}

// label is the organization as messages name it.
func (s *session) label() string {
	o := &state.Org{ID: cmp.Or(s.desired.ID, s.found.ID), Name: cmp.Or(s.desired.Name, s.found.Name)}
	if files := s.desired.Pos.Files; o.ID == "" && o.Name == "" && len(files) > 0 {
		return "the organization of " + report.Clean(files[0])
	}
	if s.twin && o.ID != "" {
		return orgLabel(o) + " (" + report.Clean(o.ID) + ")"
	}
	return orgLabel(o)
}

// markTwins finds the organizations of one name.
func markTwins(sessions []*session) {
	named := map[string]int{}
	for _, s := range sessions {
		named[state.Fold(s.desired.Name)]++
	}
	for _, s := range sessions {
		s.twin = s.desired.Name != "" && named[state.Fold(s.desired.Name)] > 1
	}
}

// read reads the organizations of documents side by side. What fails is the
// err of its session and stops no other; the error is that of ctx.
//
// How says what is read of each.
func (c *connections) read(ctx context.Context, all []*state.Desired, how func(i int) state.ReadOptions) ([]*session, error) {
	c.sayUnused(all)
	sessions := make([]*session, len(all))
	for i, d := range all {
		sessions[i] = &session{desired: d}
		sessions[i].account, sessions[i].err = c.account(ctx, d)
	}
	markTwins(sessions)
	defer c.nameCredentials(sessions)
	c.sideBySide(sessions, func(_ int, s *session) { s.err = s.find(ctx, c.fallback()) })
	onceEach(sessions, c.fleet)
	c.readAll(ctx, sessions, how)
	for _, s := range sessions {
		c.bind(s)
	}
	return sessions, ctx.Err()
}

// readAll reads what sessions are about that have not failed.
func (c *connections) readAll(ctx context.Context, sessions []*session, how func(i int) state.ReadOptions) {
	p := c.progress(reading, sessions)
	defer p.clear()
	c.sideBySide(sessions, func(i int, s *session) {
		o := how(i)
		o.Progress = p.of(reading, i)
		s.live, s.err = s.readLive(ctx, o)
		p.end(reading, i)
	})
}

// bind finds who of live the people of a document's sources are.
func (r *run) bind(s *session) {
	if s.err != nil {
		return
	}
	bound, notes, err := s.desired.WithLive(s.live)
	if err != nil {
		s.err = err
		return
	}
	s.desired = bound
	r.problems(notes)
}

// sideBySide does something for each session that has not failed, a few at
// once.
func (r *run) sideBySide(sessions []*session, do func(i int, s *session)) {
	var g errgroup.Group
	g.SetLimit(max(r.OrgsParallel, 1))
	for i, s := range sessions {
		if s.err == nil {
			g.Go(func() error {
				do(i, s)
				return nil
			})
		}
	}
	_ = g.Wait() // each error is in its session
}

// fallback is the organization of documents that name none.
func (c *connections) fallback() string {
	if c.local.url != "" {
		return ""
	}
	return c.env("JUMPCLOUD_ORG_ID")
}

// find decides which organization a document is about.
func (s *session) find(ctx context.Context, fallback string) (err error) {
	seen, listErr := s.account.organizations(ctx)
	s.found, s.warning, err = state.FindOrg(&s.desired.Org, fallback, seen, listErr)
	s.client = s.account.client.WithOrg(s.found.ID)
	return err
}

// onceEach refuses documents that turn out to be about one organization. Of
// the others of a fleet, which are read in other shards, only what they write
// is known.
func onceEach(sessions []*session, fleet []*state.Desired) {
	first := map[string]*session{}
	for _, s := range sessions {
		if s.err != nil {
			continue
		}
		other := first[s.found.ID]
		if first[s.found.ID] = s; other == nil {
			continue
		}
		s.err = hinted("write org.id in both", "two documents are about organization %s", s.found.ID)
		other.err = s.err
	}
	for _, d := range fleet {
		elsewhere := !slices.ContainsFunc(sessions, func(s *session) bool { return s.desired == d })
		for _, s := range sessions {
			if elsewhere && s.err == nil && s.describedBy(d) {
				s.err = hinted("write org.id in both", "another document, of another shard, is about organization %s too", s.found.ID)
			}
		}
	}
}

// describedBy tells whether a document writes the id of a session's
// organization, or without an id its name.
func (s *session) describedBy(d *state.Desired) bool {
	if d.ID != "" {
		return d.ID == s.found.ID
	}
	return d.Name != "" && state.Fold(d.Name) == state.Fold(s.found.Name)
}

// readLive reads the organization and checks that its people belong to it.
func (s *session) readLive(ctx context.Context, o state.ReadOptions) (*state.Live, error) {
	o.ID, o.Name, o.Region = s.found.ID, s.found.Name, s.desired.Region
	live, err := state.Read(ctx, s.client, o)
	if err == nil {
		err = state.CheckOrg(live)
	}
	if err != nil {
		return nil, err
	}
	if s.warning != "" {
		live.Notes = append(live.Notes, s.warning)
	}
	return live, nil
}

// among is the label of one of several sessions, "" of the only one.
func among(all []*session, s *session) string {
	if len(all) == 1 {
		return ""
	}
	return s.label()
}

// diff is the plan of a run over sessions, in their order. An organization
// without a plan is in it with its error, one that was not read without changes.
func (r *run) diff(sessions []*session, o plan.Options) *plan.Plan {
	o.AsOf, o.Shard = cmp.Or(r.AsOf, r.today(time.UTC)), r.Shard
	orgs := make([]plan.Org, len(sessions))
	for i, s := range sessions {
		if s.err == nil && s.live != nil {
			day := o
			day.AsOf = r.day(s.desired)
			var org *plan.Org
			if org, s.err = plan.Diff(s.base, s.live, s.desired, day); s.err == nil {
				orgs[i] = *org
				orgs[i].Timezone = s.desired.Timezone.String()
			}
		}
		if s.err != nil {
			orgs[i] = s.broken()
		}
	}
	p := plan.New(orgs, o.AsOf, tool, o)
	p.Created, p.AsOfGiven = r.began, r.AsOf != ""
	return p
}

// day is the day that an organization is planned for: that of --as-of, or
// today in its time zone.
func (r *run) day(d *state.Desired) string { return cmp.Or(r.AsOf, r.today(d.Timezone)) }

// today is the day in a time zone on which the run began: the same however
// long it takes.
func (r *run) today(zone *time.Location) string { return r.began.In(zone).Format(time.DateOnly) }

// wish is what a plan is made of.
type wish struct {
	paths []string
	base  baseFlags
	drift bool // the file is its own base: all that differs is drift
	today bool // --as-of may only be today
	plan.Options
}

// planned loads, reads and compares: what plan, apply and drift have in
// common. Why organizations have no plan is in their sessions and not printed
// yet.
func (c *connections) planned(ctx context.Context, w wish) ([]*session, *plan.Plan, error) {
	all, err := c.loadShard(w.paths, state.LoadOptions{Online: true}, " Nothing was sent to JumpCloud.")
	if err != nil {
		return nil, nil, err
	}
	if w.today {
		if err := c.onlyToday(all); err != nil {
			return nil, nil, err
		}
	}
	if w.Allow, err = c.allowed(); err == nil {
		err = checkAllowed(w.Allow, c.fleet, c.left)
	}
	if err != nil {
		return nil, nil, err
	}
	bases, err := w.bases(ctx, c.run, all)
	if err != nil {
		return nil, nil, err
	}
	sessions, err := c.read(ctx, all, func(i int) state.ReadOptions {
		return state.ReadOptions{Desired: all[i], More: plan.BaseDetails(bases[i], all[i])}
	})
	if err == nil && c.Shard == "" {
		err = checkFound(w.Allow, sessions, c.left)
	}
	if err != nil {
		return nil, nil, err
	}
	for i, s := range sessions {
		s.bindBase(bases[i], w.drift)
	}
	p, err := c.targeted(w.named(c.diff(sessions, w.Options)), sessions)
	return sessions, p, err
}

// onlyToday refuses a day of --as-of that is another one than today.
func (r *run) onlyToday(all []*state.Desired) error {
	for _, d := range all {
		if today := r.today(d.Timezone); r.AsOf != "" && r.AsOf != today {
			return usage("rollcall plan --as-of "+r.AsOf+" shows that day", "apply takes only today as --as-of, which is %s in %s, not %s", today, d.Timezone, r.AsOf)
		}
	}
	return nil
}

// bindBase is bind for the base; of drift that is the file itself.
func (s *session) bindBase(base *state.Desired, drift bool) {
	switch {
	case s.err != nil:
	case drift:
		s.base = s.desired
	default:
		var err error
		if s.base, _, err = base.WithLive(s.live); err != nil {
			s.err = fmt.Errorf("base: %w", err)
		}
	}
}

// targeted is the plan that --target leaves.
func (r *run) targeted(p *plan.Plan, sessions []*session) (*plan.Plan, error) {
	who, err := r.target()
	if err != nil || who.Name == "" {
		return p, err
	}
	if err := r.knowsTarget(sessions); err != nil {
		return p, err
	}
	return plan.Target(p, who), nil
}

// knowsTarget is an error if nobody knows what --target names.
func (r *run) knowsTarget(sessions []*session) error {
	who, err := r.target()
	if err != nil || who.Name == "" {
		return err
	}
	if known, near := r.knows(who, sessions); !known {
		return hinted("", "--target: no %s %q in the files or in JumpCloud%s", who.Kind, who.Name, near)
	}
	return nil
}

// knows tells whether a person or group is in a file or live, or could not
// be looked for; near is a near miss if not.
func (r *run) knows(who plan.Name, sessions []*session) (known bool, near string) {
	key := who.Name
	if who.Kind == schema.User {
		key = state.Fold(key)
	}
	if len(sessions) == 0 {
		return true, "" // of a shard without organizations
	}
	var names []string
	for _, s := range sessions {
		if s.live == nil || s.live.Find(who.Kind, key) >= 0 || s.desired.Find(who.Kind, key) >= 0 {
			return true, ""
		}
		names = append(names, namesOf(&s.live.Org, who.Kind)...)
		names = append(names, namesOf(&s.desired.Org, who.Kind)...)
	}
	return false, didYouMean(who.Name, names)
}

func namesOf(o *state.Org, k schema.Kind) []string {
	objects, _ := o.OfKind(k)
	names := make([]string, len(objects))
	for i := range objects {
		names[i] = objects[i].Name
	}
	return names
}

// planCode is the exit code that a plan leads to; without changes it is 0,
// with them pending.
func planCode(sessions []*session, p *plan.Plan, pending int) int {
	codes := make([]int, 0, len(sessions))
	for i, s := range sessions {
		codes = append(codes, orgCode(s, &p.Orgs[i], pending))
	}
	return worst(codes...)
}

func orgCode(s *session, o *plan.Org, pending int) int {
	switch {
	case s.err != nil:
		return codeOf(s.err)
	case len(o.Refused) > 0, s.saved != nil && len(s.saved.Stale) > 0:
		return exitRefused
	case len(o.Changes) > 0:
		return pending
	}
	return exitOK
}

// codeOf is the exit code of an error.
func codeOf(err error) int {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f.code
	case errors.Is(err, state.ErrWrongOrg):
		return exitRefused
	}
	return exitError
}
