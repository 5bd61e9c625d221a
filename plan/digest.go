package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"

	"rollcall/state"
)

// digest is over what apply would send to one organization: id, actions,
// names, ids and fields with canonical old and new. Who caused a change,
// where it is written and what it risks are not in it.
func digest(o *Org) string {
	h := sha256.New()
	write(h, "rollcall.plan/1", o.ID)
	for i := range o.Changes {
		c := &o.Changes[i]
		write(h, "change", string(c.Action), c.Object.Kind.String(), c.Object.Name, c.Object.ID, c.To.Name, c.To.ID, c.Mail)
		for _, f := range c.Fields {
			write(h, "field", f.Name(), f.Old, f.Text, f.RefID, secret(f.Secret))
		}
	}
	return sum(h)
}

// secret is the whole reference of a password as JSON, "" for none.
func secret(r state.Reference) string {
	if r.IsZero() {
		return ""
	}
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts are always JSON
	}
	return string(text)
}

// write adds a list of texts that no other list is written like.
func write(h hash.Hash, texts ...string) {
	for i, text := range texts {
		texts[i] = string([]rune(text)) // bytes that are no text as a saved plan has them
	}
	line, err := json.Marshal(texts)
	if err != nil {
		panic(err) // texts are always JSON
	}
	h.Write(append(line, '\n'))
}

func sum(h hash.Hash) string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }
