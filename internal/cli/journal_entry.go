package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/user"
	"strings"

	"rollcall/apply"
	"rollcall/plan"
	"rollcall/schema"
)

// journalFormat names the format of a journal and its version.
const journalFormat = "rollcall.journal/1"

// The events of a journal.
const (
	eventRun     = "run"     // a run begins
	eventRefused = "refused" // an organization is refused, or has no plan
	eventBegin   = "begin"   // a change is about to be sent
	eventEnd     = "end"     // what became of it
	eventDiffers = "differs" // JumpCloud keeps it differently
	eventTotal   = "total"   // the run has ended
)

// journalEntry is one line. Which members it has depends on the event.
type journalEntry struct {
	Format string `json:"format,omitempty"` // of run
	Event  string `json:"event"`
	Time   string `json:"time"` // UTC, with milliseconds
	Run    string `json:"run"`  // the same in all lines of a run

	Tool  string         `json:"tool,omitempty"`  // of run, as those up to Orgs
	Plan  string         `json:"plan,omitempty"`  // its digest
	Saved string         `json:"saved,omitempty"` // the file of --plan
	Base  string         `json:"base,omitempty"`
	Allow []string       `json:"allow,omitempty"`
	By    *journalAuthor `json:"by,omitempty"`
	Orgs  []journalOrg   `json:"orgs,omitempty"`

	Org    *journalOrg    `json:"org,omitempty"` // of refused, begin, end and differs; with all but refused as those up to Mail
	Change *int           `json:"change,omitempty"`
	Action string         `json:"action,omitempty"`
	Object *journalName   `json:"object,omitempty"`
	To     *journalName   `json:"to,omitempty"`
	Fields []journalField `json:"fields,omitempty"` // of begin and differs
	Mail   string         `json:"mail,omitempty"`   // of begin

	Status  string `json:"status,omitempty"` // of end, as those up to Error
	Written *bool  `json:"written,omitempty"`
	Created string `json:"created,omitempty"` // the id
	Error   string `json:"error,omitempty"`   // of refused, differs and total too

	Totals *journalTotals `json:"totals,omitempty"` // of total
}

// journalAuthor is who runs rollcall, and where.
type journalAuthor struct {
	User     string `json:"user"`
	Host     string `json:"host"`
	Process  int    `json:"process"`
	Actor    string `json:"actor,omitempty"`    // whom CI names
	Job      string `json:"job,omitempty"`      // the URL of the CI run
	Revision string `json:"revision,omitempty"` // the commit that CI runs on
}

// journalOrg is an organization; all but its names is of the run's line.
type journalOrg struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Digest  string   `json:"digest,omitempty"`
	Changes int      `json:"changes,omitempty"`
	API     string   `json:"api,omitempty"`      // the host root that requests go to
	SignsIn []string `json:"signs_in,omitempty"` // references of the credential
}

type journalName struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	ID   string `json:"id,omitempty"` // none of what is to be created
}

// journalField is a field or part: what it was and will be, or what was
// wanted and what JumpCloud has. A secret is its reference.
type journalField struct {
	Name   string          `json:"name"`
	Old    json.RawMessage `json:"old,omitempty"`
	New    json.RawMessage `json:"new,omitempty"`
	Wanted json.RawMessage `json:"wanted,omitempty"`
	Live   json.RawMessage `json:"live,omitempty"`
}

type journalTotals struct {
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	Blocked int `json:"blocked"`
	Stale   int `json:"stale"`
	Skipped int `json:"skipped"`
	Written int `json:"written"`
	Differs int `json:"differs"`
}

func (s *journalTotals) add(t *task) {
	s.Differs += len(t.differences)
	if t.result == nil {
		return
	}
	s.Done += t.result.Count(apply.Done)
	s.Failed += t.result.Count(apply.Failed)
	s.Blocked += t.result.Count(apply.Blocked)
	s.Stale += t.result.Count(apply.Stale)
	s.Skipped += t.result.Count(apply.Skipped)
	s.Written += t.result.Written
}

// entryOf is an entry about a change.
func entryOf(event string, o *plan.Org, n int, c *plan.Change) journalEntry {
	e := journalEntry{Event: event, Org: &journalOrg{ID: o.ID, Name: o.Name}, Change: &n, Action: string(c.Action), Object: nameIn(c.Object)}
	if c.Action == plan.Add || c.Action == plan.Remove {
		e.To = nameIn(c.To)
	}
	return e
}

func nameIn(n plan.Name) *journalName { return &journalName{n.Kind.String(), n.Name, n.ID} }

func fieldsOf(c *plan.Change) (fields []journalField) {
	for _, d := range c.Fields {
		old := schema.Value{Field: d.Field, Part: d.Part, Text: d.Old}
		fields = append(fields, journalField{Name: d.Name(), Old: old.JSON(), New: d.JSON()})
	}
	return fields
}

// text is the change of an entry in a few words.
func (e *journalEntry) text() string {
	if e.Object == nil {
		return e.Event
	}
	words := []string{e.Action, e.Object.Kind, e.Object.Name}
	if e.To != nil {
		way := "to"
		if e.Action == string(plan.Remove) {
			way = "from"
		}
		words = []string{e.Action, e.To.Name, way, e.Object.Name}
	}
	if e.Org != nil {
		words = append(words, "in", e.Org.Name)
	}
	return strings.Join(words, " ")
}

// author is who runs rollcall: the user of the operating system, and whom
// GitHub or GitLab name.
func (r *run) author() *journalAuthor {
	a := &journalAuthor{User: r.env("USER"), Process: os.Getpid()}
	if u, err := user.Current(); err == nil {
		a.User = u.Username
	}
	a.Host, _ = os.Hostname() // "" is nobody's
	switch {
	case r.env("GITHUB_ACTIONS") != "" || r.env("GITHUB_RUN_ID") != "":
		a.Actor, a.Revision = r.env("GITHUB_ACTOR"), r.env("GITHUB_SHA")
		if id := r.env("GITHUB_RUN_ID"); id != "" {
			a.Job = r.env("GITHUB_SERVER_URL") + "/" + r.env("GITHUB_REPOSITORY") + "/actions/runs/" + id
		}
	case r.env("GITLAB_CI") != "" || r.env("GITLAB_USER_LOGIN") != "":
		a.Actor, a.Job, a.Revision = r.env("GITLAB_USER_LOGIN"), r.env("CI_JOB_URL"), r.env("CI_COMMIT_SHA")
	}
	return a
}

// journalLog is what a journal says.
type journalLog struct {
	Entries []journalEntry
	Cut     int // lines that say nothing: a run that was killed may leave one
}

// readJournal reads a journal. Lines that are no entries are counted and
// left out, so that a torn line hides nothing but itself.
func readJournal(from io.Reader) (*journalLog, error) {
	log := &journalLog{}
	for b := bufio.NewReader(from); ; {
		line, err := b.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return log, err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var e journalEntry
			if json.Unmarshal(line, &e) != nil || e.Event == "" {
				log.Cut++
			} else {
				log.Entries = append(log.Entries, e)
			}
		}
		if err != nil {
			return log, nil
		}
	}
}

// began is when a run began: the time of its line, else of its first one.
func (l *journalLog) began(run string) string {
	for i := range l.Entries {
		if l.Entries[i].Run == run {
			return l.Entries[i].Time
		}
	}
	return ""
}

// inFlight are the entries of changes that have begun and not ended.
func (l *journalLog) inFlight() (open []journalEntry) {
	type change struct {
		run, org string
		n        int
	}
	at := func(e *journalEntry) (c change, ok bool) {
		if e.Org == nil || e.Change == nil {
			return c, false
		}
		return change{e.Run, e.Org.ID, *e.Change}, true
	}
	ended := map[change]bool{}
	for i := range l.Entries {
		if c, ok := at(&l.Entries[i]); ok && l.Entries[i].Event == eventEnd {
			ended[c] = true
		}
	}
	for i := range l.Entries {
		if c, ok := at(&l.Entries[i]); ok && l.Entries[i].Event == eventBegin && !ended[c] {
			open = append(open, l.Entries[i])
		}
	}
	return open
}
