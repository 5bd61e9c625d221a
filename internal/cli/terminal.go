package cli

import (
	"io"
	"os"

	"github.com/fatih/color"
	"golang.org/x/term"
)

const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

// terminal is the file descriptor of a reader or writer that is a terminal.
func terminal(stream any) (fd int, ok bool) {
	if s, ok := stream.(*shared); ok {
		stream = s.to
	}
	f, isFile := stream.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	return int(f.Fd()), true
}

// width is the number of columns of a terminal, 0 if it is none.
func width(stream any) int {
	fd, ok := terminal(stream)
	if !ok {
		return 0
	}
	w, _, err := term.GetSize(fd)
	if err != nil {
		return 0
	}
	return w
}

// drawable is the width of a terminal that can draw a line over again, 0 if
// it is none.
func drawable(stream any, env func(string) string) int {
	if env("TERM") == "dumb" {
		return 0
	}
	return width(stream)
}

// colors paint text for one stream, or leave it as it is.
type colors struct{ on bool }

// colorsFor decides by --color, and for auto by the stream, TERM and
// NO_COLOR (https://no-color.org).
func colorsFor(when string, stream io.Writer, env func(string) string) colors {
	if when != colorAuto {
		return colors{on: when == colorAlways}
	}
	_, tty := terminal(stream)
	return colors{on: tty && env("NO_COLOR") == "" && env("TERM") != "dumb"}
}

func (c colors) paint(text string, attributes ...color.Attribute) string {
	p := color.New(attributes...)
	if !c.on {
		p.DisableColor()
	} else {
		p.EnableColor()
	}
	return p.Sprint(text)
}

func (c colors) bad(text string) string   { return c.paint(text, color.FgRed, color.Bold) }
func (c colors) warn(text string) string  { return c.paint(text, color.FgYellow, color.Bold) }
func (c colors) good(text string) string  { return c.paint(text, color.FgGreen) }
func (c colors) faint(text string) string { return c.paint(text, color.Faint) }
func (c colors) bold(text string) string  { return c.paint(text, color.Bold) }
