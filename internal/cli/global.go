package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rollcall/plan"
	"rollcall/schema"
)

const globalGroup = "global"

// Global are the flags that stand before or after any command.
type Global struct {
	Org          []string      `help:"Only this organization (repeatable)." placeholder:"NAME|ID" sep:"none" group:"global"`
	Target       string        `help:"Keep only the changes of this user or group and what they need; the whole plan is still checked." placeholder:"user:NAME|group:NAME" group:"global"`
	AsOf         string        `help:"Plan for this day instead of today: dates of people and memberships, exceptions and passwords are judged by it. apply takes only today." placeholder:"DATE" group:"global"`
	Allow        []string      `help:"Let a plan pass a limit, or touch a protected name: suspend_users=12, protected=NAME, group=NAME (repeatable; ORG: is needed with several organizations)." placeholder:"[ORG:]NAME=N" sep:"none" group:"global"`
	ShowPersonal bool          `help:"Show personal fields, which are masked otherwise." group:"global"`
	Parallel     int           `help:"Requests at once, per credential." default:"8" placeholder:"N" group:"global"`
	Rate         int           `help:"Requests a minute, per credential." default:"600" placeholder:"N" group:"global"`
	OrgsParallel int           `help:"Organizations at once." default:"4" placeholder:"N" group:"global"`
	Shard        string        `help:"Only every N-th organization, from the I-th on: 1/4 to 4/4 are all of them, spread over four machines." placeholder:"I/N" group:"global"`
	Timeout      time.Duration `help:"How long to wait for the answer to one request." default:"1m" placeholder:"DURATION" group:"global"`
	Sandbox      string        `help:"Run against the embedded JumpCloud kept in this file; no account needed." placeholder:"FILE" predictor:"file" xor:"server" group:"global"`
	APIURL       string        `name:"api-url" help:"Host root of another JumpCloud: https://console.jumpcloud.com. Also JUMPCLOUD_API_URL." placeholder:"URL" xor:"server" group:"global"`
	Color        string        `help:"Colour: auto, always or never." enum:"auto,always,never" default:"auto" placeholder:"auto|always|never" group:"global"`
	Quiet        bool          `short:"q" help:"Print only data, warnings and errors." group:"global"`
	Debug        bool          `help:"Print each request and its answer on standard error: headers and bodies, without credentials and passwords." group:"global"`
}

// Validate is called by kong after parsing; its errors are usage errors.
func (g *Global) Validate() error {
	if g.Parallel < 1 || g.Rate < 1 || g.OrgsParallel < 1 {
		return errors.New("--parallel, --rate and --orgs-parallel need a number of at least 1")
	}
	if _, _, err := g.shard(); err != nil {
		return err
	}
	if g.Timeout <= 0 {
		return errors.New("--timeout needs a duration of more than 0, such as 90s or 5m")
	}
	if _, err := time.Parse(time.DateOnly, g.AsOf); g.AsOf != "" && err != nil {
		return fmt.Errorf("--as-of takes a day such as 2026-12-31, not %q", g.AsOf)
	}
	if _, err := g.target(); err != nil {
		return err
	}
	_, err := g.allowed()
	return err
}

// shard is --shard taken apart: the I-th of n, from 1; 1 of 1 without it.
func (g *Global) shard() (i, n int, err error) {
	if g.Shard == "" {
		return 1, 1, nil
	}
	first, all, _ := strings.Cut(g.Shard, "/")
	i, errI := strconv.Atoi(first)
	n, errN := strconv.Atoi(all)
	if errI != nil || errN != nil || i < 1 || i > n {
		return 0, 0, fmt.Errorf("--shard is I/N with I from 1 to N, such as 1/4, not %q", g.Shard)
	}
	return i, n, nil
}

// mine are those of a list that belong to the shard.
func mine[T any](g *Global, all []T) (some []T) {
	i, n, err := g.shard()
	if err != nil || n == 1 {
		return all // Validate has refused what is wrong
	}
	for at := i - 1; at < len(all); at += n {
		some = append(some, all[at])
	}
	return some
}

// target is --target taken apart; its Name is "" if there is none.
func (g *Global) target() (plan.Name, error) {
	if g.Target == "" {
		return plan.Name{}, nil
	}
	kind, name, _ := strings.Cut(g.Target, ":")
	switch {
	case name == "":
	case kind == "user":
		return plan.Name{Kind: schema.User, Name: name}, nil
	case kind == "group":
		return plan.Name{Kind: schema.Group, Name: name}, nil
	}
	return plan.Name{}, fmt.Errorf("--target is user:NAME or group:NAME, not %q", g.Target)
}

// allowed is every --allow taken apart.
func (g *Global) allowed() ([]plan.Allow, error) {
	all := make([]plan.Allow, len(g.Allow))
	for i, text := range g.Allow {
		a, err := parseAllow(text)
		if err != nil {
			return nil, err
		}
		all[i] = a
	}
	return all, nil
}
