package cli

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"
	"github.com/posener/complete"
	"github.com/willabides/kongplete"

	"rollcall/plan/report"
)

// completeLine answers a shell that asks by COMP_LINE how to go on.
func completeLine(parser *kong.Kong) {
	kongplete.Complete(parser, kongplete.WithPredictors(map[string]complete.Predictor{
		"file":   complete.PredictFiles("*"),
		"yaml":   complete.PredictOr(complete.PredictFiles("*.yaml"), complete.PredictFiles("*.yml"), complete.PredictDirs("*")),
		"folder": complete.PredictDirs("*"),
	}))
}

// shellCode is what makes each shell ask rollcall, with a %s for the path of
// the program. Bash and zsh fall back to file names where rollcall has no
// answer.
var shellCode = map[string]string{
	"bash": `complete -o default -o bashdefault -C %s rollcall
`,
	"zsh": `autoload -U +X bashcompinit && bashcompinit
complete -o default -o bashdefault -C %s rollcall
`,
	"fish": `function __complete_rollcall
    set -lx COMP_LINE (commandline -cp)
    test -z (commandline -ct)
    and set COMP_LINE "$COMP_LINE "
    %s
end
complete -f -c rollcall -a "(__complete_rollcall)"
`,
}

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help says what to do with what is printed.
func (c *completionCmd) Help() string {
	return `Put this into the shell's start file:

  bash (~/.bashrc):                   source <(rollcall completion bash)
  zsh (~/.zshrc):                     source <(rollcall completion zsh)
  fish (~/.config/fish/config.fish):  rollcall completion fish | source`
}

// Run prints the code with the path of this program.
func (c *completionCmd) Run(r *run) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	word := quote(program)
	if c.Shell != "fish" {
		word = quote(word) // bash takes the argument of -C apart once more
	}
	_, err = fmt.Fprintf(r.out, shellCode[c.Shell], word)
	return err
}

// quote makes one word of a shell out of any text.
func quote(word string) string { return report.Quote(word) }
