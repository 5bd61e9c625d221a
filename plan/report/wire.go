package report

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// planFormat names the format and its version.
const planFormat = "rollcall.plan/1"

type (
	wirePlan struct {
		Format  string        `json:"format"`
		Digest  string        `json:"digest"`
		Masked  bool          `json:"masked"`
		AsOf    string        `json:"as_of"`
		Given   bool          `json:"as_of_given,omitempty"`
		Base    *string       `json:"base"`
		Tool    string        `json:"tool"`
		Orgs    []wireOrg     `json:"orgs"`
		Refused []wireRefusal `json:"refused"`
		Fleet   *wireFleet    `json:"fleet,omitempty"`   // of several organizations or a shard
		Created string        `json:"created,omitempty"` // saved plans only, RFC 3339
		Allow   []wireAllowed `json:"allow,omitempty"`   // saved plans only
	}
	wireFleet struct {
		Organizations int         `json:"organizations"`
		Shard         *string     `json:"shard"`
		ToChange      int         `json:"to_change"`
		Unchanged     int         `json:"unchanged"`
		Refused       int         `json:"refused"`
		Failed        int         `json:"failed"`
		Held          int         `json:"held"`
		Changes       int         `json:"changes"`
		Summary       wireSummary `json:"summary"`
	}
	wireOrg struct {
		ID       string       `json:"id"`
		Name     string       `json:"name"`
		Region   string       `json:"region"`
		Timezone string       `json:"timezone,omitempty"`
		Digest   string       `json:"digest"`
		Read     wireRead     `json:"read"`
		Offline  bool         `json:"offline,omitempty"`
		Loosened []string     `json:"policy_loosened"`
		Changes  []wireChange `json:"changes"`
		Held     []wireHeld   `json:"held"`
		Summary  wireSummary  `json:"summary"`
		Limits   []wireLimit  `json:"limits"`
		Unlisted wireUnlisted `json:"unlisted"`
		Dropped  wireDropped  `json:"dropped"`
		Notes    []wireNote   `json:"notes"`
		Error    string       `json:"error"`
		Kind     string       `json:"error_kind,omitempty"`
		Hint     string       `json:"error_hint,omitempty"`

		Policy     *wirePolicy     `json:"policy,omitempty"`     // saved plans only
		Credential *wireCredential `json:"credential,omitempty"` // saved plans only
	}
	wireRead struct {
		Users       int  `json:"users"`
		Groups      int  `json:"groups"`
		Memberships int  `json:"memberships"`
		Complete    bool `json:"complete"`
	}
	wireName struct {
		Kind string  `json:"kind"`
		Name string  `json:"name"`
		ID   *string `json:"id"`
	}
	wireChange struct {
		Action  string          `json:"action"`
		Object  wireName        `json:"object"`
		To      *wireName       `json:"to"`
		Fields  []wireField     `json:"fields"`
		Needs   []int           `json:"needs"`
		Origin  string          `json:"origin"`
		Reason  string          `json:"reason"`
		Until   string          `json:"until,omitempty"`
		Hazards []schema.Hazard `json:"hazards"`
		Reports []string        `json:"reports,omitempty"` // of suspensions
		Source  *wireSource     `json:"source"`
		Mail    *string         `json:"mail"`           // of activations
		Keep    []wireArray     `json:"keep,omitempty"` // saved plans only
	}
	wireField struct {
		Name   string           `json:"name"`
		Old    json.RawMessage  `json:"old"`
		New    json.RawMessage  `json:"new"`
		Origin string           `json:"origin"`
		Base   json.RawMessage  `json:"base,omitempty"`   // of a conflict: the value at the base revision
		Secret *state.Reference `json:"secret,omitempty"` // saved plans only, of a password
		Since  string           `json:"since,omitempty"`  // saved plans only, of a live person's password, RFC 3339
		NewID  string           `json:"new_id,omitempty"` // saved plans only, of a manager who is live
	}
	wireSource struct {
		File   string `json:"file"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
	}
	wireArray struct {
		Name    string            `json:"name"`
		Entries []json.RawMessage `json:"entries"`
	}
	wireHeld struct {
		wireChange
		Allow *string `json:"allow"`
	}
	wireSummary struct {
		User       wireUserCounts  `json:"user"`
		Group      wireGroupCounts `json:"group"`
		Membership wireEdgeCounts  `json:"membership"`
		Mails      int             `json:"mails"`
		Requests   int             `json:"requests"`
		Verify     int             `json:"verify"`
	}
	wireUserCounts struct {
		Create     int `json:"create"`
		Update     int `json:"update"`
		Activate   int `json:"activate"`
		Reactivate int `json:"reactivate"`
		Suspend    int `json:"suspend"`
		Delete     int `json:"delete"`
	}
	wireGroupCounts struct {
		Create int `json:"create"`
		Update int `json:"update"`
		Delete int `json:"delete"`
	}
	wireEdgeCounts struct {
		Add    int `json:"add"`
		Remove int `json:"remove"`
	}
	wireLimit struct {
		Name     string  `json:"name"`
		Group    *string `json:"group"` // of limits for any one group
		Count    int     `json:"count"`
		Of       int     `json:"of"`
		Limit    int     `json:"limit"`
		Exceeded bool    `json:"exceeded"`
	}
	wireUnlisted struct {
		Users       []string   `json:"users"`
		Groups      []string   `json:"groups"`
		Memberships []wireEdge `json:"memberships"`
	}
	wireEdge struct {
		Group string `json:"group"`
		User  string `json:"user"`
	}
	wireDropped struct {
		Users []string `json:"users"`
	}
	wireNote struct {
		Severity string      `json:"severity"`
		Text     string      `json:"text"`
		Source   *wireSource `json:"source"`
	}
	wireRefusal struct {
		Org    string  `json:"org"`
		Reason string  `json:"reason"`
		Hint   string  `json:"hint,omitempty"`
		Allow  *string `json:"allow"`
	}
	wireAllowed struct {
		Org   string `json:"org"`
		Name  string `json:"name"`
		N     int    `json:"n"`
		Value string `json:"value"`
	}
	wirePolicy struct {
		ProtectUsers  []string        `json:"protect_users"`
		ProtectGroups []string        `json:"protect_groups"`
		Limits        []wireCeiling   `json:"limits"`
		Allow         []wireException `json:"allow"`
	}
	wireCeiling struct {
		Name    string  `json:"name"`
		Min     int     `json:"min"`
		Percent float64 `json:"percent"`
		Max     int     `json:"max"`
	}
	wireException struct {
		Limit string `json:"limit"`
		N     int    `json:"n"`
		Name  string `json:"name"`
		Until string `json:"until"` // a day, "" for no end
	}
	wireCredential struct {
		APIKey       *state.Reference `json:"api_key,omitempty"`
		ClientID     *state.Reference `json:"client_id,omitempty"`
		ClientSecret *state.Reference `json:"client_secret,omitempty"`
	}
	wireEvent struct {
		Status  string        `json:"status"`
		Org     wireEventOrg  `json:"org"`
		Change  *wireChange   `json:"change"`            // null of an organization as a whole
		Refused []wireRefusal `json:"refused,omitempty"` // why an organization is refused
		Kind    string        `json:"error_kind,omitempty"`
		Hint    string        `json:"error_hint,omitempty"`
		Error   string        `json:"error"`
	}
	wireEventOrg struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
)

// wire turns a plan into what is printed as JSON.
type wire struct {
	values
	complete bool // with what only apply needs
}

func (x wire) plan(p *plan.Plan) wirePlan {
	out := wirePlan{
		Format: planFormat, Digest: p.Digest, Masked: !x.personal, AsOf: p.AsOf, Given: p.AsOfGiven, Base: orNull(p.Base), Tool: p.Tool,
		Orgs:    each(p.Orgs, x.org),
		Refused: each(p.Refused, refusedFor),
	}
	if p.Several() {
		out.Fleet = fleet(p)
	}
	if x.complete {
		out.Created = moment(p.Created)
		out.Allow = each(p.Allow, func(a *plan.Allow) wireAllowed { return wireAllowed(*a) })
	}
	return out
}

// fleet is how the organizations of a run fare, and what apply would change in
// those that it does not refuse.
func fleet(p *plan.Plan) *wireFleet {
	n := sum(p.Orgs, false)
	return &wireFleet{
		Organizations: len(p.Orgs), Shard: orNull(p.Shard), ToChange: n.toChange, Unchanged: n.same + n.noted, Refused: n.refused, Failed: n.broken,
		Held: n.held, Changes: n.changes, Summary: summary(n.Summary),
	}
}

// zone is a time zone as plans have it, "" for UTC.
func zone(name string) string {
	if name == "UTC" {
		return ""
	}
	return name
}

// moment is a time in UTC as saved plans have it, "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func (x wire) org(o *plan.Org) wireOrg {
	out := wireOrg{
		ID: o.ID, Name: o.Name, Region: o.Region, Timezone: zone(o.Timezone), Digest: o.Digest,
		Read:    wireRead{o.Read.Users, o.Read.Groups, o.Read.Memberships, o.Read.Incomplete == "" && o.Error == "" && !o.Offline},
		Offline: o.Offline, Loosened: all(o.Loosened),
		Changes: each(o.Changes, x.change),
		Held:    each(o.Held, func(h *plan.Held) wireHeld { return wireHeld{x.change(&h.Change), orNull(h.Allow)} }),
		Summary: summary(o.Summary),
		Limits: each(o.Limits, func(l *plan.LimitUse) wireLimit {
			return wireLimit{l.Name, orNull(l.Object), l.Count, l.Of, l.Limit, l.Exceeded}
		}),
		Unlisted: wireUnlisted{
			Users: all(o.Unlisted.Users), Groups: all(o.Unlisted.Groups),
			Memberships: each(o.Unlisted.Memberships, func(e *state.Edge) wireEdge { return wireEdge{e.Group, e.User} }),
		},
		Dropped: wireDropped{all(o.Dropped)},
		Notes: each(o.Notes, func(n *plan.Note) wireNote {
			return wireNote{n.Severity.String(), n.Text, source(n.Source)}
		}),
		Error: o.Error, Kind: string(o.ErrorKind), Hint: o.ErrorHint,
	}
	if x.complete {
		out.Policy, out.Credential = policy(&o.Policy), credential(o.Credential)
	}
	return out
}

// policy is what a saved plan is limited and protected by when it is applied.
func policy(p *state.Policy) *wirePolicy {
	out := &wirePolicy{ProtectUsers: all(p.Protect.Users), ProtectGroups: all(p.Protect.Groups), Limits: []wireCeiling{}}
	for _, name := range slices.Sorted(maps.Keys(p.Limits)) {
		l := p.Limits[name]
		out.Limits = append(out.Limits, wireCeiling{name, l.Min, l.Percent, l.Max})
	}
	out.Allow = each(p.Allow, func(a *state.Allow) wireException {
		until := ""
		if !a.Until.IsZero() {
			until = a.Until.Format(time.DateOnly)
		}
		return wireException{a.Limit, a.N, a.Name, until}
	})
	return out
}

// credential is nil for the environment's.
func credential(c state.Credential) *wireCredential {
	reference := func(r state.Reference) *state.Reference {
		if r.IsZero() {
			return nil
		}
		return &r
	}
	out := wireCredential{reference(c.APIKey), reference(c.ClientID), reference(c.ClientSecret)}
	if out == (wireCredential{}) {
		return nil
	}
	return &out
}

func (x wire) change(c *plan.Change) wireChange {
	out := wireChange{
		Action: string(c.Action), Object: name(c.Object), Fields: each(c.Fields, x.field), Needs: all(c.Needs),
		Origin: string(c.Origin), Reason: c.Reason, Until: c.Until, Hazards: all(c.Hazards), Reports: c.Reports, Source: source(c.Source), Mail: orNull(x.mail(c.Mail)),
	}
	if c.Action == plan.Add || c.Action == plan.Remove {
		to := name(c.To)
		out.To = &to
	}
	if x.complete {
		out.Keep = each(c.Keep, array)
	}
	return out
}

func (x wire) field(d *plan.Delta) wireField {
	before := schema.Value{Field: d.Field, Part: d.Part, Text: d.Old}
	f := wireField{Name: d.Name(), Old: x.json(before), New: x.json(d.Value), Origin: string(d.Origin)}
	if d.Origin == plan.Conflict {
		f.Base = x.json(schema.Value{Field: d.Field, Part: d.Part, Text: d.Base})
	}
	if x.complete && !d.Secret.IsZero() {
		f.Secret = &d.Secret
	}
	if x.complete {
		f.NewID, f.Since = d.RefID, moment(d.Since)
	}
	return f
}

func array(a *state.Array) wireArray {
	return wireArray{schema.Of(a.Field).Name, each(a.Entries, func(e *[]byte) json.RawMessage { return *e })}
}

func summary(s plan.Summary) wireSummary {
	u, g := s.Users, s.Groups
	return wireSummary{
		User:       wireUserCounts{u.Create, u.Update, u.Activate, u.Reactivate, u.Suspend, u.Delete},
		Group:      wireGroupCounts{g.Create, g.Update, g.Delete},
		Membership: wireEdgeCounts{s.Added, s.Removed},
		Mails:      s.Mails, Requests: s.Requests, Verify: s.Verify,
	}
}

func name(n plan.Name) wireName { return wireName{n.Kind.String(), n.Name, orNull(n.ID)} }

func source(s plan.Source) *wireSource {
	if s == (plan.Source{}) {
		return nil
	}
	return &wireSource{s.File, s.Line, s.Column}
}

// refusedFor is one reason why nothing is applied to an organization.
func refusedFor(r *plan.Refusal) wireRefusal {
	return wireRefusal{r.Org, r.Reason, r.Hint, orNull(r.Allow)}
}

// orNull is nil for the empty text.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// all is a list that is never null in JSON.
func all[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// each is the list of what f makes of each element, never null in JSON.
func each[T, U any](list []T, f func(*T) U) []U {
	out := make([]U, len(list))
	for i := range list {
		out[i] = f(&list[i])
	}
	return out
}
