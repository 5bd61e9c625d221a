// Package cli is the command line of rollcall: the grammar, one file a
// command, and the wiring between files, JumpCloud, plan and apply. It is
// the only package that prints.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alecthomas/kong"

	"rollcall/state"
)

// Version is what --version prints and plans carry.
const Version = "0.1.0"

const tool = "rollcall " + Version

// grammar is the whole command line.
type grammar struct {
	Global
	Version kong.VersionFlag `help:"Print the version and exit."`

	Validate   validateCmd   `cmd:"" help:"Check files without asking JumpCloud: all problems at once."`
	Plan       planCmd       `cmd:"" help:"Show what apply would change."`
	Apply      applyCmd      `cmd:"" help:"Plan, ask, and make JumpCloud equal to the files."`
	Drift      driftCmd      `cmd:"" help:"Show what was changed in JumpCloud behind the files' back."`
	Export     exportCmd     `cmd:"" help:"Write live organizations as YAML."`
	Access     accessCmd     `cmd:"" help:"List who is in what, for access reviews."`
	Import     importCmd     `cmd:"" help:"Turn a CSV file of people into YAML, or add them to a file."`
	Orgs       orgsCmd       `cmd:"" help:"List the organizations that the credential can see."`
	Explain    explainCmd    `cmd:"" help:"Show where each value of a person or group comes from, and the live value."`
	Schema     schemaCmd     `cmd:"" help:"Print a JSON Schema."`
	Sandbox    sandboxCmd    `cmd:"" help:"Serve an embedded JumpCloud on loopback, kept in a file."`
	Completion completionCmd `cmd:"" help:"Print the code that makes a shell complete rollcall's commands."`
}

// run is one invocation: what every command needs besides its own flags.
type run struct {
	*Global
	in       io.Reader
	out      *sink // data
	err      io.Writer
	env      func(string) string
	now      func() time.Time
	began    time.Time                                  // the moment by which the run judges all days: midnight passes between two runs, not in one
	sleep    func(context.Context, time.Duration) error // of back-off and of what JumpCloud shows late; nil really sleeps
	color    colors                                     // of out
	errColor colors                                     // of err
	writing  atomic.Bool                                // JumpCloud is being changed
	fleet    []*state.Desired                           // the documents that were loaded, of all shards
	left     []state.Org                                // the organizations of the files or of a saved plan that --org leaves out
	annotate bool                                       // problems of files are printed as annotations of a GitHub workflow too
	columns  func() int                                 // of err; 0 if it is no terminal, or one that draws nothing
	line     atomic.Pointer[progress]                   // the one that is shown; nil for none
	waits    waits
	warned   sync.Map // of files that others can read, by path
}

// Main runs rollcall with its arguments (without the program's name) and
// returns the exit code of the table in the reference: 0 done, 1 error, 2
// changes pending, 3 refused, 4 partial, 80 usage. It never exits itself,
// but for a second interrupt, which ends the process.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	collectAt(heapGrowth, env)
	return MainSleeping(args, stdin, stdout, stderr, env, nil)
}

// MainSleeping is Main that waits for JumpCloud as sleep does, for tests; nil
// really sleeps.
func MainSleeping(args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string, sleep func(context.Context, time.Duration) error) int {
	var g grammar
	r := &run{Global: &g.Global, in: stdin, out: newSink(stdout), err: &shared{to: stderr}, env: env, now: time.Now, sleep: sleep}
	r.began = r.now()
	r.errColor = colorsFor(colorNever, stderr, env)
	r.columns = func() int { return drawable(stderr, env) }
	ctx, stop := interruptible(r.interrupted, r.stoppedAtOnce)
	defer stop()
	return r.finish(ctx, r.flushed(r.main(ctx, &g, args)))
}

// flushed is the error of a run once all its output is written. What could
// not be written counts more than any code or error, which is printed here.
func (r *run) flushed(err error) error {
	lost := r.out.Flush()
	if lost == nil || errors.Is(err, errors.Unwrap(lost)) {
		return err
	}
	var f *failure
	if err != nil && (!errors.As(err, &f) || f.err != nil) {
		r.complain("", err)
	}
	return lost
}

// interrupted is called at the first interrupt.
func (r *run) interrupted() {
	line := r.line.Load()
	if _, tty := terminal(r.err); tty && !line.standing() {
		fmt.Fprintln(r.err) // the terminal shows ^C where the cursor is
	}
	if !r.writing.Load() {
		line.clear()
		return
	}
	line.print(func() {
		fmt.Fprintln(r.err, "rollcall: stopping after what is in flight; interrupt again to stop at once")
	})
}

// stoppedAtOnce is called at the second interrupt, before the process ends.
func (r *run) stoppedAtOnce() {
	r.line.Load().clear()
	if r.writing.Load() {
		fmt.Fprintln(r.err, "rollcall: stopped at once; rollcall plan shows what is left")
	}
}

// main parses the arguments and runs the command that they name.
func (r *run) main(ctx context.Context, g *grammar, args []string) error {
	left := -1 // what kong wants to exit with, after --help and --version
	parser, err := newParser(g, kong.Exit(func(code int) { left = code }), kong.Writers(r.out, r.err))
	if err != nil {
		return err
	}
	if r.env("COMP_LINE") != "" {
		completeLine(parser)
		return nil
	}
	command, err := parser.Parse(asFlags(args))
	switch {
	case left >= 0:
		return nil
	case err != nil:
		return &failure{code: exitUsage, err: err, hint: "rollcall --help lists commands and flags"}
	}
	r.color, r.errColor = colorsFor(g.Color, r.out.to, r.env), colorsFor(g.Color, r.err, r.env)
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(r)
}

// asFlags are arguments in which the commands that people expect are the flags
// that do the same: help [COMMAND] and version.
func asFlags(args []string) []string {
	switch {
	case len(args) > 0 && args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	case len(args) == 1 && args[0] == "version":
		return []string{"--version"}
	}
	return args
}

// newParser builds the grammar; it fails only if the grammar is wrong.
func newParser(g *grammar, more ...kong.Option) (*kong.Kong, error) {
	return kong.New(g, append([]kong.Option{
		kong.Name("rollcall"),
		kong.Description("Keeps JumpCloud organizations equal to a YAML file of users, their managers and their group memberships."),
		kong.Vars{"version": tool},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{{Key: globalGroup, Title: "Flags of every command"}}),
	}, more...)...)
}
