package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// mostPlan is the largest plan that is loaded, in bytes: one of 100,000
// changes has about 60 MB.
const mostPlan = 512 << 20

// Load reads a plan that Save has written, whole and unchanged. What it
// refuses is an error that says what to do: a plan that is cut short, was
// edited, masks personal values, or is of another format.
func Load(r io.Reader) (*plan.Plan, error) {
	document, err := io.ReadAll(io.LimitReader(r, mostPlan+1))
	switch {
	case err != nil:
		return nil, err
	case len(document) > mostPlan:
		return nil, fmt.Errorf("a plan of more than %d MiB is not read", mostPlan>>20)
	}
	if err := checkFormat(document); err != nil {
		return nil, err
	}
	if err := checkSum(document); err != nil {
		return nil, err
	}
	var w wirePlan
	d := json.NewDecoder(bytes.NewReader(document))
	if err := d.Decode(&w); err != nil {
		return nil, fmt.Errorf("this is no plan: %w", err)
	}
	p, err := w.plan()
	if err != nil {
		return nil, fmt.Errorf("this is no plan that can be applied: %w", err)
	}
	if digest := plan.Digest(p); digest != w.Digest {
		return nil, fmt.Errorf("the plan was edited: its changes have the digest %s, it says %s; make it again", digest, w.Digest)
	}
	return p, nil
}

// checkFormat tells other documents from plans.
func checkFormat(document []byte) error {
	var head struct {
		Format string `json:"format"`
		Masked bool   `json:"masked"`
	}
	err := json.Unmarshal(document, &head)
	switch {
	case len(bytes.TrimSpace(document)) == 0:
		return errors.New("the file is empty: rollcall plan --out FILE writes a plan")
	case err != nil && bytes.Contains(document, []byte(`"rollcall.plan/`)):
		return fmt.Errorf("the plan is cut short or was edited: %w", err)
	case err != nil, head.Format == "":
		return errors.New("this is no plan: rollcall plan --out FILE writes one")
	case head.Format != planFormat:
		return fmt.Errorf("the plan has the format %q, and this rollcall reads %q: make it again", head.Format, planFormat)
	case head.Masked:
		return errors.New("this plan was printed for reading and masks personal values: rollcall plan --out FILE writes one that can be applied")
	}
	return nil
}

var sumLine = regexp.MustCompile(`,\n  "checksum": "sha256:([0-9a-f]{64})"\n}\n$`)

// checkSum holds the document against the checksum at its end.
func checkSum(document []byte) error {
	at := sumLine.FindSubmatchIndex(document)
	if at == nil {
		return errors.New("the plan has no checksum at its end: it was printed for reading, cut short or edited; rollcall plan --out FILE writes one that can be applied")
	}
	h := sha256.New()
	h.Write(document[:at[0]])
	h.Write([]byte("\n}\n"))
	if hex.EncodeToString(h.Sum(nil)) != string(document[at[2]:at[3]]) {
		return errors.New("the plan was edited since it was made: its checksum is another; make it again")
	}
	return nil
}

// plan is the way back of wire.plan.
func (w *wirePlan) plan() (*plan.Plan, error) {
	p := &plan.Plan{AsOf: w.AsOf, AsOfGiven: w.Given, Base: value(w.Base), Tool: w.Tool, Digest: w.Digest}
	if w.Fleet != nil {
		p.Shard = value(w.Fleet.Shard)
	}
	if w.Created != "" {
		var err error
		if p.Created, err = time.Parse(time.RFC3339Nano, w.Created); err != nil {
			return nil, fmt.Errorf("created: %w", err)
		}
	}
	for _, a := range w.Allow {
		p.Allow = append(p.Allow, plan.Allow(a))
	}
	for i := range w.Orgs {
		o, err := w.Orgs[i].org()
		if err != nil {
			return nil, fmt.Errorf("organization %q: %w", w.Orgs[i].Name, err)
		}
		p.Orgs = append(p.Orgs, *o)
	}
	return p, nil
}

// org is the way back of wire.org, for what apply needs: the changes, by what
// they are limited, and what of that they spend.
func (w *wireOrg) org() (*plan.Org, error) {
	o := &plan.Org{ID: w.ID, Name: w.Name, Region: w.Region, Timezone: w.Timezone, Digest: w.Digest, Error: w.Error, ErrorKind: plan.ErrorKind(w.Kind), ErrorHint: w.Hint, Loosened: w.Loosened}
	if c := w.Credential; c != nil {
		o.Credential = state.Credential{APIKey: value(c.APIKey), ClientID: value(c.ClientID), ClientSecret: value(c.ClientSecret)}
	}
	var err error
	if w.Policy != nil {
		if o.Policy, err = w.Policy.policy(); err != nil {
			return nil, err
		}
	}
	for _, l := range w.Limits {
		o.Limits = append(o.Limits, plan.LimitUse{Name: l.Name, Object: value(l.Group), Count: l.Count, Of: l.Of, Limit: l.Limit, Exceeded: l.Exceeded})
	}
	for n := range w.Changes {
		c, err := w.Changes[n].change(n)
		if err != nil {
			return nil, fmt.Errorf("change %d: %w", n, err)
		}
		o.Changes = append(o.Changes, c)
	}
	return o, nil
}

func (w *wirePolicy) policy() (p state.Policy, err error) {
	p.Protect = state.Names{Users: w.ProtectUsers, Groups: w.ProtectGroups}
	p.Limits = map[string]state.Limit{}
	for _, l := range w.Limits {
		p.Limits[l.Name] = state.Limit{Min: l.Min, Percent: l.Percent, Max: l.Max}
	}
	for _, a := range w.Allow {
		x := state.Allow{Limit: a.Limit, N: a.N, Name: a.Name}
		if a.Until != "" {
			if x.Until, err = time.Parse(time.DateOnly, a.Until); err != nil {
				return p, fmt.Errorf("policy: until: %w", err)
			}
		}
		p.Allow = append(p.Allow, x)
	}
	return p, nil
}

var actions = map[plan.Action]bool{
	plan.Create: true, plan.Update: true, plan.Activate: true, plan.Reactivate: true,
	plan.Suspend: true, plan.Delete: true, plan.Add: true, plan.Remove: true,
}

// change is the way back of wire.change, for the n-th change.
func (w *wireChange) change(n int) (c plan.Change, err error) {
	c = plan.Change{
		Action: plan.Action(w.Action), Origin: plan.Origin(w.Origin), Needs: w.Needs,
		Reason: w.Reason, Until: w.Until, Hazards: w.Hazards, Reports: w.Reports, Mail: value(w.Mail),
	}
	if !actions[c.Action] {
		return c, fmt.Errorf("there is no action %q", w.Action)
	}
	if _, err := time.Parse(time.DateOnly, w.Until); w.Until != "" && err != nil {
		return c, fmt.Errorf("until: %w", err)
	}
	for _, m := range w.Needs {
		if m < 0 || m >= n {
			return c, fmt.Errorf("it needs change %d, which does not come before it", m)
		}
	}
	if c.Object, err = w.Object.name(); err != nil {
		return c, err
	}
	member := c.Action == plan.Add || c.Action == plan.Remove
	if member != (w.To != nil) || member && c.Object.Kind != schema.Group {
		return c, fmt.Errorf("a change of action %q goes from a group to a user, others have no second name", w.Action)
	}
	if member {
		if c.To, err = w.To.name(); err != nil {
			return c, err
		}
	}
	if s := w.Source; s != nil {
		c.Source = plan.Source(*s)
	}
	return c, w.fill(&c)
}

// fill adds the fields and what is kept beside them.
func (w *wireChange) fill(c *plan.Change) error {
	for i := range w.Fields {
		d, err := w.Fields[i].delta(c.Object.Kind)
		if err != nil {
			return err
		}
		if c.Object.ID == "" && string(w.Fields[i].Old) == "null" {
			d.Old = "" // of what is created there is no old value, not even the default
		}
		c.Fields = append(c.Fields, d)
	}
	for _, a := range w.Keep {
		f := schema.Lookup(c.Object.Kind, a.Name)
		if f == nil {
			return fmt.Errorf("a %s has no field %q", c.Object.Kind, a.Name)
		}
		kept := state.Array{Field: f.ID}
		for _, e := range a.Entries {
			var plain bytes.Buffer // without the layout of the file
			if err := json.Compact(&plain, e); err != nil {
				return err
			}
			kept.Entries = append(kept.Entries, plain.Bytes())
		}
		c.Keep = append(c.Keep, kept)
	}
	return nil
}

func (w *wireField) delta(k schema.Kind) (d plan.Delta, err error) {
	if d.Value, err = schema.FromPlan(k, w.Name, w.New); err != nil {
		return d, err
	}
	old, err := schema.FromPlan(k, w.Name, w.Old)
	if err != nil {
		return d, err
	}
	d.Old, d.Origin, d.Secret, d.RefID = old.Text, plan.Origin(w.Origin), value(w.Secret), w.NewID
	if len(w.Base) > 0 {
		base, err := schema.FromPlan(k, w.Name, w.Base)
		if err != nil {
			return d, err
		}
		d.Base = base.Text
	}
	if w.Since != "" {
		d.Since, err = time.Parse(time.RFC3339Nano, w.Since)
	}
	if secret := schema.Of(d.Field).Type == schema.Secret; secret == d.Secret.IsZero() || secret && d.Text != d.Secret.String() {
		return d, fmt.Errorf("%s: only a password has a reference, and it has one", w.Name)
	}
	return d, err
}

func (w *wireName) name() (n plan.Name, err error) {
	n = plan.Name{Name: w.Name, ID: value(w.ID)}
	switch w.Kind {
	case schema.User.String():
		n.Kind = schema.User
	case schema.Group.String():
		n.Kind = schema.Group
	default:
		return n, fmt.Errorf("there is no kind %q", w.Kind)
	}
	if n.Name == "" {
		return n, errors.New("a name is empty")
	}
	return n, nil
}

// value is the zero value for null.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
