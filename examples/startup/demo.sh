#!/bin/sh
# The main job on the embedded JumpCloud, no account needed: plan, apply, and
# the plan after it, which is empty. The live state is a copy of live.json.
set -eu
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go build -o "$tmp/rollcall" .
cp examples/startup/live.json "$tmp/live.json"

run() {
	printf '\n$ rollcall %s\n' "$*"
	"$tmp/rollcall" "$@" --sandbox "$tmp/live.json"
}
run plan examples/startup
run apply examples/startup --yes
run plan examples/startup --exit-code
