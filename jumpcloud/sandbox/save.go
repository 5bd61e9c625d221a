package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// disk keeps a server's state in a file. One goroutine writes at a time;
// writes that come meanwhile share the next one.
type disk struct {
	file string
	data *data

	mu      sync.Mutex
	saving  bool
	pending *batch
	good    []byte // what the file holds
}

// batch are the writes that one save makes last.
type batch struct {
	done       chan struct{}
	generation int // of the data that was saved
	err        error
}

// newDisk is the file that holds what data has now.
func newDisk(file string, d *data) *disk {
	return &disk{file: file, data: d, good: d.encode(false)}
}

// commit waits until a save that began after the call has ended. generation
// is that of the data it saved: a write of an earlier one was taken back.
func (d *disk) commit() (generation int, err error) {
	d.mu.Lock()
	if d.pending == nil {
		d.pending = &batch{done: make(chan struct{})}
	}
	b := d.pending
	if !d.saving {
		d.saving = true
		go d.run()
	}
	d.mu.Unlock()
	<-b.done
	return b.generation, b.err
}

// run saves until nobody waits.
func (d *disk) run() {
	for {
		d.mu.Lock()
		b := d.pending
		d.pending = nil
		if b == nil {
			d.saving = false
			d.mu.Unlock()
			return
		}
		d.mu.Unlock()
		b.generation, b.err = d.save()
		close(b.done)
	}
}

// save writes the file. When that fails memory goes back to what the file
// holds, and the data has another generation.
func (d *disk) save() (generation int, err error) {
	generation = d.data.generation()
	raw := d.data.encode(false)
	if bytes.Equal(raw, d.good) {
		if _, err := os.Stat(d.file); err == nil {
			return generation, nil
		}
	}
	if err := replaceFile(d.file, raw); err != nil {
		d.data.restore(d.good)
		return generation, fmt.Errorf("save sandbox state: %w", err)
	}
	d.good = raw
	return generation, nil
}

// replaceFile writes a file so that it has either its old or its new
// content, whatever happens.
func replaceFile(file string, raw []byte) error {
	dir := filepath.Dir(file)
	f, err := os.CreateTemp(dir, "."+filepath.Base(file)+".*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}

// syncDir makes a rename last. Where directories cannot be synced the
// rename is done all the same.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	f.Sync()
	return f.Close()
}

// generation counts the saves that failed.
func (d *data) generation() int {
	if len(d.orgs) == 0 {
		return 0
	}
	d.orgs[0].mu.RLock()
	defer d.orgs[0].mu.RUnlock()
	return d.orgs[0].generation
}

// restore puts all organizations back to what a file holds.
func (d *data) restore(good []byte) {
	old, err := parse(good, d.o)
	if err != nil {
		panic(fmt.Sprintf("sandbox: %v", err)) // encode wrote what parse reads
	}
	for _, o := range d.orgs {
		o.mu.Lock()
		defer o.mu.Unlock()
	}
	for i, o := range d.orgs {
		o.content = old.orgs[i].content
		o.saved = nil
		o.generation++
	}
}

// encode is the state as its file has it. whole writes all fields of each
// record, else what a fresh record has too is left out.
func (d *data) encode(whole bool) []byte {
	var b bytes.Buffer
	b.WriteString("{\"organizations\":[")
	var mails []Mail
	for i, o := range d.orgs {
		if i > 0 {
			b.WriteByte(',')
		}
		raw, sent := o.encode(whole)
		b.Write(raw)
		mails = append(mails, sent...)
	}
	b.WriteString("],\n\"keys\":")
	b.Write(mustJSON(d.keys))
	if len(d.accounts) > 0 {
		b.WriteString(",\n\"service_accounts\":")
		b.Write(mustJSON(d.accounts))
	}
	b.WriteString(",\n\"provider\":")
	b.Write(mustJSON(d.provider))
	if len(mails) > 0 {
		b.WriteString(",\n\"mails\":")
		writeLines(&b, len(mails), func(dst []byte, i int) []byte { return append(dst, mustJSON(mails[i])...) })
	}
	if faults := mustJSON(d.faults); string(faults) != "{}" {
		b.WriteString(",\n\"faults\":")
		b.Write(faults)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// encode is the organization and its mails.
func (o *org) encode(whole bool) ([]byte, []Mail) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if whole {
		return o.encodeContent(true), o.mails
	}
	if o.saved == nil {
		o.saved = o.encodeContent(false)
	}
	return o.saved, o.mails
}

// encodeContent is the organization as JSON, a line for each record.
func (o *org) encodeContent(whole bool) []byte {
	var b bytes.Buffer
	head := mustJSON(Organization{ID: o.id, Name: o.name, LogoURL: o.logo, Created: o.created, Settings: o.settings, Deleted: sortedKeys(o.deleted)})
	b.WriteByte('\n')
	b.Write(head[:len(head)-1])
	b.WriteString(",\n\"users\":")
	writeLines(&b, len(o.list), func(dst []byte, i int) []byte { return o.list[i].appendFile(dst, whole) })
	b.WriteString(",\n\"groups\":")
	writeLines(&b, len(o.groups), func(dst []byte, i int) []byte { return o.appendGroup(dst, o.groups[i], whole) })
	b.WriteByte('}')
	return b.Bytes()
}

// writeLines writes a JSON array of n lines.
func writeLines(b *bytes.Buffer, n int, line func(dst []byte, i int) []byte) {
	b.WriteByte('[')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(line(b.AvailableBuffer(), i))
	}
	b.WriteByte(']')
}

// appendFile is the user as a state file has it.
func (u *user) appendFile(dst []byte, whole bool) []byte {
	dst = u.appendJSON(dst, nil, !whole)
	if u.bindings == 0 {
		return dst
	}
	dst = append(dst[:len(dst)-1], `,"bindings":`...)
	return append(append(dst, mustJSON(u.bindings)...), '}')
}

// appendGroup is a group as a state file has it, members by username.
func (o *org) appendGroup(dst []byte, g *group, whole bool) []byte {
	dst = g.appendJSON(dst, nil, !whole)
	members := make([]string, len(g.members))
	for i, id := range g.members {
		members[i] = id
		if u := o.byID[id]; u != nil {
			members[i] = u.text("username")
		}
	}
	dst = append(dst[:len(dst)-1], `,"members":`...)
	dst = append(dst, mustJSON(members)...)
	if len(g.associations) > 0 {
		dst = append(dst, `,"associations":`...)
		dst = append(dst, mustJSON(g.associations)...)
	}
	return append(dst, '}')
}
