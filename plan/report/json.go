package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"rollcall/plan"
)

// JSONOptions say how a plan is printed as JSON.
type JSONOptions struct {
	Masked bool // mask personal fields and mail addresses
}

// JSON prints a plan in the format that schema/plan.schema.json describes:
// indented, keys in a fixed order, null for what is not set, arrays never
// null. Characters that Clean shows escaped are JSON escapes. A plan that is
// printed like this is for reading: only one written by Save can be applied.
func JSON(w io.Writer, p *plan.Plan, o JSONOptions) error {
	document, err := encode(wire{values: values{personal: !o.Masked}}.plan(p), "  ")
	if err != nil {
		return err
	}
	if _, err := w.Write(document); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// Save writes a plan so that it can be applied later: the format of JSON,
// unmasked and with what only apply needs (where secrets come from, the ids
// of managers, live array entries to be kept). Its last key, checksum, is
// "sha256:" and the hex sum of the document as it is without that key.
func Save(w io.Writer, p *plan.Plan) error {
	document, err := encode(wire{values: values{personal: true}, complete: true}.plan(p), "  ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(document)
	open := bytes.TrimSuffix(document, []byte("\n}\n"))
	if _, err := fmt.Fprintf(w, "%s,\n  \"checksum\": \"sha256:%s\"\n}\n", open, hex.EncodeToString(sum[:])); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// Event prints what became of a change as one JSON line, in one Write:
// {"status":"failed","org":{...},"change":{...},"error":"..."}. Status is done,
// failed, blocked, stale or skipped; error is "" without one. Personal fields are
// masked.
func Event(w io.Writer, o *plan.Org, status string, c plan.Change, failure error) error {
	change := wire{}.change(&c)
	event := wireEvent{Status: status, Org: wireEventOrg{o.ID, o.Name}, Change: &change}
	if failure != nil {
		event.Error = failure.Error()
	}
	return printEvent(w, event)
}

// OrgEvent prints why nothing is applied to an organization as one JSON line, in
// one Write, in the words of a plan in JSON. Status is failed of one with an
// Error, refused of one that is Refused. There is none for others.
func OrgEvent(w io.Writer, o *plan.Org) error {
	event := wireEvent{Status: "failed", Org: wireEventOrg{o.ID, o.Name}, Error: o.Error, Kind: string(o.ErrorKind), Hint: o.ErrorHint}
	switch {
	case o.Error == "" && len(o.Refused) == 0:
		return nil
	case o.Error == "":
		event.Status, event.Refused = "refused", each(o.Refused, refusedFor)
		event.Error = strings.Join(each(o.Refused, func(r *plan.Refusal) string { return r.Reason }), "; ")
	}
	return printEvent(w, event)
}

func printEvent(w io.Writer, event wireEvent) error {
	line, err := encode(event, "")
	if err != nil {
		return err
	}
	if _, err := w.Write(line); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	return nil
}

// Encode writes a document as indented JSON that is safe to print:
// characters that Clean shows escaped are JSON escapes.
func Encode(w io.Writer, document any) error {
	text, err := encode(document, "  ")
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

// encode is the JSON of a document and a newline, safe to print.
func encode(document any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(document); err != nil {
		return nil, fmt.Errorf("encode JSON: %w", err)
	}
	return escape(b.Bytes()), nil
}

// escape turns unsafe characters of a JSON text into JSON escapes. They
// stand in strings only; the newlines of the layout stay.
func escape(document []byte) []byte {
	safe := make([]byte, 0, len(document))
	for len(document) > 0 {
		r, size := utf8.DecodeRune(document)
		switch {
		case r == utf8.RuneError && size == 1:
			safe = append(safe, `\ufffd`...)
		case r == '\n' || !isUnsafe(r):
			safe = append(safe, document[:size]...)
		case r > 0xffff:
			r -= 0x10000
			safe = fmt.Appendf(safe, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			safe = fmt.Appendf(safe, `\u%04x`, r)
		}
		document = document[size:]
	}
	return safe
}
