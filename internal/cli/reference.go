package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Reference writes the commands and their flags as Markdown, from the
// grammar that the program parses with.
func Reference(w io.Writer) error {
	parser, err := newParser(&grammar{}, kong.Exit(func(int) {}), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("## Commands\n\n")
	for _, command := range parser.Model.Leaves(true) {
		writeCommand(&b, command)
	}
	b.WriteString("### Flags of every command\n\n")
	writeFlags(&b, parser.Model.Flags)
	b.WriteString(environment)
	b.WriteString(requests)
	b.WriteString(exitCodes)
	_, err = io.WriteString(w, b.String())
	return err
}

func writeCommand(b *strings.Builder, command *kong.Node) {
	fmt.Fprintf(b, "### rollcall %s\n\n%s\n\n```\nrollcall %s\n```\n\n", command.Name, command.Help, strings.TrimSuffix(command.Summary(), " [flags]"))
	for _, arg := range command.Positional {
		fmt.Fprintf(b, "- `%s`: %s\n", arg.Summary(), arg.Help)
	}
	if len(command.Positional) > 0 {
		b.WriteString("\n")
	}
	if len(command.Flags) > 0 {
		writeFlags(b, command.Flags)
	}
	if command.Detail != "" {
		fmt.Fprintf(b, "%s\n\n", command.Detail)
	}
}

func writeFlags(b *strings.Builder, flags []*kong.Flag) {
	b.WriteString("| flag | meaning | default |\n| --- | --- | --- |\n")
	for _, f := range flags {
		name := "`--" + f.Name
		if !f.IsBool() {
			name += " " + strings.Trim(f.FormatPlaceHolder(), `"`)
		}
		value := ""
		if f.HasDefault {
			value = "`" + f.Default + "`"
		}
		fmt.Fprintf(b, "| %s` | %s | %s |\n", strings.ReplaceAll(name, "|", `\|`), strings.ReplaceAll(f.Help, "|", `\|`), value)
	}
	b.WriteString("\n")
}

const environment = `### Environment

| variable | meaning |
| --- | --- |
| JUMPCLOUD_API_KEY | API key of documents that name no credential |
| JUMPCLOUD_CLIENT_ID, JUMPCLOUD_CLIENT_SECRET | a service account, where JUMPCLOUD_API_KEY is not set |
| JUMPCLOUD_ORG_ID | organization of a document without org.id |
| JUMPCLOUD_API_URL | host root of another JumpCloud; tokens of service accounts come from its /oauth2/token |
| NO_COLOR | no colour, unless --color always |

`

const requests = `### Requests

What a plan reads; a list is a request for each hundred, and at least one:

| requests | for |
| --- | --- |
| 1 for each hundred users, and 1 for each hundred groups | the organization |
| 1 for each hundred members | each group whose members matter: the file names some or all of them, or it is protected and somebody may be deleted |
| 1 | each group entry that names attributes, which the list of groups omits |
| 1 for each hundred groups of the person | each person with groups: [] or to be reactivated |
| 1 | each group to be deleted, each of which only the rule changes, and others of which a limit must know the number of members |
| 1 for each hundred organizations | the check of the organization, once for each credential |

An apply sends one request a change, one more just before each suspend, delete and change of a group, and reads again what it changed.

`

const exitCodes = `### Exit codes

| code | meaning, the same in every format |
| --- | --- |
| 0 | done, or nothing to do |
| 1 | error: bad input, cannot read, cannot write |
| 2 | changes pending (plan --exit-code); drift |
| 3 | refused, nothing written: a limit, a protected name, an incomplete read, a wrong organization, an interrupt, an answer other than yes |
| 4 | something was written and something was not |
| 80 | usage; also apply without a terminal and without --yes, --plan or --expect |
| 130, 143 | a second interrupt or SIGTERM has ended the process by that signal, at once: what was in flight may be made or not, and a plan shows it |

Over several organizations: 4 if anything was written and anything was not, else the first of 1, 3, 2, 0.
`
