//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"gopkg.in/yaml.v3"

	"rollcall/jumpcloud"
	"rollcall/state"
)

// pagesFile holds the bodies that rollcall reads for a plan, each after a
// byte that says its shape and eight with its length.
const pagesFile = "pages"

const (
	envelopeShape = 'e' // {"totalCount": n, "results": [...]}
	arrayShape    = 'a' // [...]
)

// record makes the requests of a plan of the files in a folder and keeps the
// pages that answer them.
func record(folder, url, key string) error {
	docs, _, err := state.Load([]string{filepath.Join(folder, "rollcall.yaml")}, state.LoadOptions{Online: true})
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(folder, pagesFile))
	if err != nil {
		return err
	}
	pages := &recorder{to: bufio.NewWriter(file)}
	c, err := jumpcloud.New(jumpcloud.Options{URL: url, APIKey: key, OrgID: companyID, Rate: -1, Transport: pages})
	if err == nil {
		_, err = state.Read(context.Background(), c, state.ReadOptions{Desired: docs[0]})
	}
	return errors.Join(err, pages.to.Flush(), file.Close())
}

// recorder keeps the bodies of answers.
type recorder struct {
	mu sync.Mutex
	to *bufio.Writer
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	shape := byte(arrayShape)
	if body[0] == '{' {
		shape = envelopeShape
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to.WriteByte(shape)
	binary.Write(r.to, binary.LittleEndian, uint64(len(body)))
	r.to.Write(body) // an error is Flush's too
	return resp, nil
}

// floors are the least processor time that a plan can take.
type floors struct{ JSON, YAML time.Duration }

func (f floors) sum() time.Duration { return f.JSON + f.YAML }

// floor decodes what record has kept with encoding/json into the client's
// types, and the YAML files into nodes, and prints the processor time of both.
// Nothing that was decoded is kept.
func floor(folder string, out io.Writer) error {
	begin, err := processorTime()
	if err != nil {
		return err
	}
	if err := decodePages(filepath.Join(folder, pagesFile)); err != nil {
		return err
	}
	between, err := processorTime()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := decodeYAML(name); err != nil {
			return err
		}
	}
	end, err := processorTime()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(floors{JSON: between - begin, YAML: end - between})
}

func decodePages(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	var body []byte
	for {
		shape, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var size uint64
		if err := binary.Read(r, binary.LittleEndian, &size); err != nil {
			return err
		}
		body = append(body[:0], make([]byte, size)...)
		if _, err := io.ReadFull(r, body); err != nil {
			return err
		}
		if err := decodePage(shape, body); err != nil {
			return err
		}
	}
}

func decodePage(shape byte, body []byte) error {
	if shape == arrayShape {
		var records []jumpcloud.Record
		return json.Unmarshal(body, &records)
	}
	var page struct {
		TotalCount int
		Results    []jumpcloud.Record
	}
	return json.Unmarshal(body, &page)
}

func decodeYAML(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var doc yaml.Node
	return yaml.Unmarshal(text, &doc)
}

// processorTime is what this process took so far.
func processorTime() (time.Duration, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), nil
}
