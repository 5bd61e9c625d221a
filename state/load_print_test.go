package state

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// printDesired prints everything that a document wants, with places.
func printDesired(b *bytes.Buffer, d *Desired) {
	at := func(p Pos) string {
		if p == (Pos{}) {
			return ""
		}
		return fmt.Sprintf("  @%s:%d:%d", d.Pos.Files[p.File-1], p.Line, p.Column)
	}
	fmt.Fprintf(b, "organization %q %q %s %s%s\n", d.ID, d.Name, d.Region, d.Timezone, at(d.Pos.Org))
	printCredential(b, d.Credential)
	printPolicy(b, &d.Policy, at)
	for i, o := range d.Objects {
		fmt.Fprintf(b, "%s %q%s\n", o.Kind, o.Name, at(d.Pos.Objects[i]))
		if o.ID != "" {
			fmt.Fprintf(b, "  id %s\n", o.ID)
		}
		for j, v := range o.Values {
			fmt.Fprintf(b, "  %s = %s%s\n", v.Name(), v.Text, at(d.Pos.Values[i][j]))
		}
		printIntent(b, &d.Intents[i], d.Pos.Intents[i], at)
	}
	for i, e := range d.Edges {
		fmt.Fprintf(b, "member %q of %q%s%s\n", e.User, e.Group, at(d.Pos.Edges[i]), [...]string{AtUser: " (groups)", AtGroup: " (members)", AtUser | AtGroup: " (both)"}[d.Sides[i]])
	}
}

func printCredential(b *bytes.Buffer, c Credential) {
	for _, r := range []struct {
		what string
		from Reference
	}{{"api_key", c.APIKey}, {"client_id", c.ClientID}, {"client_secret", c.ClientSecret}} {
		if !r.from.IsZero() {
			fmt.Fprintf(b, "  %s %s\n", r.what, r.from)
		}
	}
}

func printPolicy(b *bytes.Buffer, p *Policy, at func(Pos) string) {
	if words := [3]string{p.UnlistedUsers, p.DroppedUsers, p.UnlistedGroups}; words != [3]string{"report", "report", "report"} {
		fmt.Fprintf(b, "  unlisted users, dropped users, unlisted groups %q\n", words)
	}
	for _, f := range p.Scope {
		fmt.Fprintf(b, "  scope %s %s %q%s\n", f.Field, f.Operator, f.Value, at(f.Pos))
	}
	if len(p.Ignore.Users)+len(p.Ignore.Groups) > 0 {
		fmt.Fprintf(b, "  ignore %q\n", p.Ignore)
	}
	if len(p.Protect.Users)+len(p.Protect.Groups) > 0 {
		fmt.Fprintf(b, "  protect %q\n", p.Protect)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Limits)) {
		l := p.Limits[name]
		fmt.Fprintf(b, "  limit %s %d..%g%%..%d%s\n", name, l.Min, l.Percent, l.Max, at(l.Pos))
	}
	for _, a := range p.Allow {
		fmt.Fprintf(b, "  allow %s %d %q %s%s\n", a.Limit, a.N, a.Name, day(a.Until), at(a.Pos))
	}
}

// day is a moment as tests print it, "-" for none.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.RFC3339)
}

func printIntent(b *bytes.Buffer, in *Intent, pos IntentPos, at func(Pos) string) {
	line := func(said bool, p Pos, format string, args ...any) {
		if said || p != (Pos{}) {
			fmt.Fprintf(b, "  "+format+at(p)+"\n", args...)
		}
	}
	line(len(in.Was) > 0, pos.Was, "was %q", in.Was)
	line(in.New, Pos{}, "new")
	line(in.Absent, pos.Absent, "absent %v", in.Absent)
	if in.ReportsTo != nil {
		line(true, in.ReportsTo.Pos, "reports to %q", in.ReportsTo.Text)
	}
	line(in.CreateState != "", Pos{}, "created %s", in.CreateState)
	line(in.SourceState != "", pos.SourceState, strings.ToLower(in.SourceState)+" by a source")
	line(in.ActivationEmail != "", Pos{}, "activation mail %s", in.ActivationEmail)
	line(!in.Password.From.IsZero(), pos.Password, "password %s %s %s", in.Password.From, strings.Join(in.Password.From.Command, " "), day(in.Password.Since))
	line(in.Start != "", pos.Start, "start %s", in.Start)
	line(in.End != "", pos.End, "end %s", in.End)
	line(in.NoGroups, pos.NoGroups, "in no group: %v", in.NoGroups)
	line(in.Exact, pos.Exact, "exact %v", in.Exact)
	line(in.NoMembers, pos.NoMembers, "no members: %v", in.NoMembers)
}
