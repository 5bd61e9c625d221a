package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// replaceFiles gives files other contents, if they still hold the old ones:
// all of them, or none if one cannot be written. Modes stay.
func replaceFiles(old, files map[string][]byte) error {
	names := slices.Sorted(maps.Keys(files))
	temps := map[string]string{}
	defer func() {
		for _, temp := range temps {
			os.Remove(temp) // what is left of a failure
		}
	}()
	for _, name := range names {
		temp, err := instead(name, old[name], files[name])
		if err != nil {
			return err
		}
		temps[name] = temp
	}
	for i, name := range names {
		err := holds(name, old[name])
		if err == nil {
			err = replace(realPath(name), temps[name])
		}
		if err != nil {
			return errors.Join(err, putBack(old, names[:i]))
		}
		delete(temps, name)
	}
	return nil
}

// instead writes what a file is to hold beside it.
func instead(name string, old, text []byte) (temp string, err error) {
	if err := holds(name, old); err != nil {
		return "", err
	}
	path := realPath(name)
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", name, cause(err))
	}
	return beside(path, info.Mode().Perm(), func(w io.Writer) error { _, err := w.Write(text); return err })
}

// holds refuses a file that holds something else than it did.
func holds(name string, old []byte) error {
	text, err := os.ReadFile(name)
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", name, cause(err))
	case !bytes.Equal(text, old):
		return hinted("run again", "%s has changed in the meantime; no file is changed", name)
	}
	return nil
}

// realPath is a file with links followed.
func realPath(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return name
}

// putBack writes what files held before one could not be written.
func putBack(old map[string][]byte, names []string) (all error) {
	for _, name := range names {
		if err := os.WriteFile(name, old[name], 0o600); err != nil { // the mode is that of the file
			all = errors.Join(all, fmt.Errorf("%s is changed and cannot be put back: %w", name, cause(err)))
		}
	}
	return all
}
