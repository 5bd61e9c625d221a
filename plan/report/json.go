package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
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
// {"status":"failed","change":{...},"error":"..."}. Status is done, failed,
// blocked, held or stale; error is "" without one. Personal fields are masked.
func Event(w io.Writer, status string, c plan.Change, failure error) error {
	event := wireEvent{Status: status, Change: wire{}.change(&c)}
	if failure != nil {
		event.Error = failure.Error()
	}
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
