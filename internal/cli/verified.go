package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/apply"
	"rollcall/plan/report"
	"rollcall/schema"
	"rollcall/state"
)

// verify reads what was done again. What cannot be read is not known to be
// right, and is said.
func (t *task) verify(ctx context.Context, o apply.Options) {
	if t.result == nil || t.result.Count(apply.Done) == 0 {
		return
	}
	if t.unverified = ctx.Err(); t.unverified == nil {
		t.differences, t.unverified = apply.Verify(ctx, t.client, t.org, t.result, o)
	}
	if t.unverified != nil && ctx.Err() != nil {
		t.unverified = errors.New("interrupted")
	}
}

// tellDifferences prints what JumpCloud keeps differently, with the line that
// makes the file want the same.
func (r *run) tellDifferences(w io.Writer, t *task) {
	for i := range t.differences {
		d := &t.differences[i]
		fmt.Fprintf(w, "  differs  %s: %s\n", changeText(&t.org.Changes[d.Change]), r.difference(d))
		if line := d.Line(); line != "" && r.shows(d) {
			fmt.Fprintf(w, "           %s: %s\n", report.Clean(t.place(d)), report.Clean(line))
		}
	}
}

// eventsOf prints the differences as lines of JSON, one a change.
func (r *run) eventsOf(t *task) {
	for i := 0; i < len(t.differences); {
		n := t.differences[i].Change
		var texts []string
		for ; i < len(t.differences) && t.differences[i].Change == n; i++ {
			d := &t.differences[i]
			text := r.difference(d)
			if line := d.Line(); line != "" && r.shows(d) {
				text += ": write " + t.place(d) + ": " + line
			}
			texts = append(texts, text)
		}
		_ = report.Event(r.out, t.org, string(apply.Failed), t.org.Changes[n], errors.New(strings.Join(texts, "; "))) // r.out remembers a failed write
	}
}

// eventOfFailed prints why a plan could not be applied, as a line of JSON.
func (r *run) eventOfFailed(t *task) {
	if t.failed == nil {
		return
	}
	org := *t.org
	org.Error, org.ErrorHint = t.failed.Error(), hintOf(t.failed)
	_ = report.OrgEvent(r.out, &org) // r.out remembers a failed write
}

// shows tells whether the values of a difference may be printed.
func (r *run) shows(d *apply.Difference) bool { return r.ShowPersonal || !d.Personal() }

// difference says in a sentence what JumpCloud keeps differently.
func (r *run) difference(d *apply.Difference) string {
	if d.Text != "" {
		return d.Text
	}
	if !r.shows(d) {
		return report.Clean(d.Fields()) + ": JumpCloud has another value than the one that was wanted (--show-personal shows both)"
	}
	var texts []string
	for i := range d.Wanted {
		texts = append(texts, report.Clean(fmt.Sprintf("%s: wanted %s, JumpCloud has %s", d.Wanted[i].Name(), jsonOf(d.Wanted[i]), jsonOf(d.Live[i]))))
	}
	return strings.Join(texts, "; ")
}

// jsonOf is a value for a sentence.
func jsonOf(v schema.Value) string {
	if text := string(v.JSON()); text != "null" {
		return text
	}
	return "nothing"
}

// place is the file and line that wants what differs: where the value is
// written at its person or group, else where they stand, else where the change
// comes from.
func (t *task) place(d *apply.Difference) string {
	c := &t.org.Changes[d.Change]
	key := c.Object.Name
	if c.Object.Kind == schema.User {
		key = state.Fold(key)
	}
	file, line := c.Source.File, c.Source.Line
	if i := t.desired.Find(c.Object.Kind, key); i >= 0 {
		pos := at(t.desired.Pos.Objects, i)
		v, ok := slices.BinarySearchFunc(t.desired.Objects[i].Values, d.Wanted[0], schema.Compare)
		if written := at(at(t.desired.Pos.Values, i), v); ok && written.File == pos.File && written.Line > pos.Line {
			pos = written // and not in defaults
		}
		if n := int(pos.File); n > 0 && n <= len(t.desired.Pos.Files) {
			file, line = t.desired.Pos.Files[n-1], int(pos.Line)
		}
	}
	if file == "" {
		return "in the file"
	}
	return fmt.Sprintf("%s:%d", file, line)
}
