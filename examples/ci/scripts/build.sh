#!/usr/bin/env bash
# Builds rollcall from the checkout that this script is in, into the folder
# $ROLLCALL_INSTALL, and tells the steps after it where it is.
set -euo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
into=${ROLLCALL_INSTALL:?the folder to build into}
mkdir -p "$into"
(cd "$source_dir" && CGO_ENABLED=0 go build -trimpath -o "$into/rollcall" .)
if [[ -n ${GITHUB_OUTPUT:-} ]]; then
	printf 'binary=%s\n' "$into/rollcall" >>"$GITHUB_OUTPUT"
fi
"$into/rollcall" --version
