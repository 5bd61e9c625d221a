package cli

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile writes a file of mode 0600 as a whole or not at all: beside it
// first, then renamed. What exists and is no regular file (a pipe, a device)
// is written to directly.
func writeFile(path string, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, write)
	}
	return writeBeside(path, 0o600, write)
}

// writeBeside writes a new file beside another, which it then replaces.
func writeBeside(path string, mode fs.FileMode, write func(io.Writer) error) error {
	temp, err := beside(path, mode, write)
	if err != nil {
		return err
	}
	return replace(path, temp)
}

// beside writes a new file in the folder of another and is its path.
func beside(path string, mode fs.FileMode, write func(io.Writer) error) (temp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, cause(err))
	}
	if err = f.Chmod(mode); err == nil {
		err = fill(f, write)
	}
	if err != nil {
		os.Remove(f.Name()) // what is left of it; the error says enough
		return "", fmt.Errorf("write %s: %w", path, cause(err))
	}
	return f.Name(), nil
}

// replace makes a new file take the place of another.
func replace(path, temp string) error {
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp) // the error says enough
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	return nil
}

func writeInto(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		err = fill(f, write)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	return nil
}

// fill writes, syncs where that is possible, and closes.
func fill(f *os.File, write func(io.Writer) error) error {
	defer f.Close()
	buf := bufio.NewWriter(f)
	if err := write(buf); err != nil {
		return err
	}
	if err := buf.Flush(); err != nil {
		return err
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return f.Close()
}

// cause is an error without the temporary path that it happened at.
func cause(err error) error {
	if p, ok := err.(*fs.PathError); ok {
		return p.Err
	}
	if l, ok := err.(*os.LinkError); ok {
		return l.Err
	}
	return err
}
