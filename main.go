// Command rollcall keeps JumpCloud organizations equal to a YAML file of
// users, their managers and their group memberships.
package main

import (
	"os"

	"rollcall/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}
